//! JSON values read without insisting: what has another shape than expected counts as absent.
//!
//! Transcript lines change from one client version to the next. A field that became an object must not
//! cost the whole line, and a field nobody reads must not be copied, however large it is.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};

use super::json::{RawText, decode};

/// Names and ids longer than this, in bytes, are taken for absent: nothing legitimate is.
const MAX_TEXT_BYTES: usize = 1024;
/// Counts above this are taken for nonsense and clamped, so that sums cannot overflow.
const MAX_COUNT: i64 = 1 << 48;

/// The visitor methods for shapes that mean "absent".
macro_rules! absent {
    ($($shape:ident)*) => { $(absent!(@ $shape);)* };
    (@ bool) => { fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ number) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@ text) => { fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ null) => { fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ list) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@ object) => {
        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}
pub(super) use absent;

/// Says what a visitor expects; never shown, since every shape is accepted.
pub(super) fn anything(formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str("any value")
}

/// A short text; absent when it is empty, too long, or no text.
#[derive(Clone, Debug, Default)]
pub(super) struct Text<'a>(Option<Cow<'a, str>>);

impl Text<'_> {
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(super) fn owned<T: for<'t> From<&'t str>>(&self) -> Option<T> {
        self.get().map(T::from)
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.get() == Some(text)
    }
}

impl<'a> Text<'a> {
    /// From a text as it stands between its quotes.
    pub(super) fn of_raw(raw: &'a [u8]) -> Self {
        // No character takes more than six bytes there.
        let may_fit = raw.len() <= 6 * MAX_TEXT_BYTES;
        let text = may_fit.then(|| decode(raw, usize::MAX).ok()).flatten();
        Self(text.filter(|text| !text.is_empty() && text.len() <= MAX_TEXT_BYTES))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawText::deserialize(deserializer).map(|raw| raw.0.map(Text::of_raw).unwrap_or_default())
    }
}

/// A count: never negative, whatever the line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;
        impl<'de> Visitor<'de> for CountVisitor {
            type Value = Count;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_i64<E>(self, value: i64) -> Result<Count, E> {
                Ok(Count(value.clamp(0, MAX_COUNT)))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Count, E> {
                Ok(Count(i64::try_from(value).unwrap_or(MAX_COUNT).min(MAX_COUNT)))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Count, E> {
                Ok(Count((value as i64).clamp(0, MAX_COUNT)))
            }
            absent!(bool text null list object);
        }
        deserializer.deserialize_any(CountVisitor)
    }
}

/// A number, when it is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Number(pub(super) Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(Some(value)))
            }
            absent!(bool text null list object);
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// `true` and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl<'de> Visitor<'de> for FlagVisitor {
            type Value = Flag;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }
            absent!(number text null list object);
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// An object of a known kind; absent when there is something else in its place.
#[derive(Clone, Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(|value| Object(Some(value)))
            }
            absent!(bool number text null list);
        }
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcripts::json::from_bytes;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> T {
        from_bytes(json.as_bytes()).unwrap()
    }

    #[test]
    fn another_shape_is_absence() {
        for json in ["null", "true", "7", "7.5", "[1,{\"a\":[]}]", "{\"a\":{\"b\":1}}", "\"\""] {
            assert_eq!(read::<Text<'_>>(json).get(), None, "{json}");
        }
        assert_eq!(read::<Text<'_>>("\"a\\nb\"").get(), Some("a\nb"));
        assert_eq!(read::<Count>("\"5\""), Count(0));
        assert!(!read::<Flag>("\"true\"").0);
        assert!(read::<Object<Object<Flag>>>("[]").0.is_none());
    }

    #[test]
    fn counts_are_never_negative_nor_absurd() {
        for (json, expected) in
            [("-3", 0), ("12", 12), ("12.0", 12), ("1e300", MAX_COUNT), ("18446744073709551615", MAX_COUNT)]
        {
            assert_eq!(read::<Count>(json), Count(expected), "{json}");
        }
    }
}
