//! The scalars of protobuf's JSON form, in every spelling that senders use.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::value::{Attributes, Value};

/// A number or a text, before it is known which was meant.
enum Scalar {
    Whole(i64),
    /// Beyond the range of signed numbers.
    Large(u64),
    Double(f64),
    Text(String),
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number or a text")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(value).map_or(Scalar::Large(value), Scalar::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Double(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl Scalar {
    fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(value) => Some(*value),
            Self::Large(_) => None,
            Self::Double(value) => (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(*value as i64),
            Self::Text(text) => text.parse().ok(),
        }
    }

    fn nanos(&self) -> Option<u64> {
        match self {
            Self::Whole(value) => u64::try_from(*value).ok(),
            Self::Large(value) => Some(*value),
            Self::Double(value) => (*value >= 0.0 && *value < 1.8e19).then_some(*value as u64),
            Self::Text(text) => text.parse().ok(),
        }
    }

    fn double(&self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(*value as f64),
            Self::Large(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            // `NaN`, `Infinity` and `-Infinity` are read too, as protobuf's JSON form writes them.
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Default)]
pub(crate) struct Nanos(pub(crate) u64);

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = Scalar::deserialize(deserializer)?;
        scalar.nanos().map(Self).ok_or_else(|| D::Error::custom("not a time in nanoseconds"))
    }
}

/// A double.
pub(crate) struct Double(pub(crate) f64);

impl<'de> Deserialize<'de> for Double {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = Scalar::deserialize(deserializer)?;
        scalar.double().map(Self).ok_or_else(|| D::Error::custom("not a number"))
    }
}

/// A whole number, or the name of an enum's value.
pub(crate) enum Whole {
    Number(i64),
    Name(String),
}

impl Whole {
    /// The number; `None` for a name.
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(_) => None,
        }
    }

    /// Whether it is this value of an enum, by number or by name.
    pub(crate) fn is(&self, (number, name): (i64, &str)) -> bool {
        match self {
            Self::Number(own) => *own == number,
            Self::Name(own) => own == name,
        }
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = Scalar::deserialize(deserializer)?;
        match (scalar.whole(), scalar) {
            (Some(number), _) => Ok(Self::Number(number)),
            (None, Scalar::Text(name)) if name.starts_with(|first: char| first.is_ascii_uppercase()) => {
                Ok(Self::Name(name))
            }
            _ => Err(D::Error::custom("not a whole number")),
        }
    }
}

/// Bytes written in hexadecimal, as OTLP writes ids.
#[derive(Default)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        match digits {
            Some(digits) if digits.len() % 2 == 0 => {
                Ok(Self(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
            }
            _ => Err(D::Error::custom("not an id in hexadecimal")),
        }
    }
}

/// A list of `{"key": …, "value": …}`.
#[derive(Default)]
pub(crate) struct JsonAttributes(pub(crate) Attributes);

#[derive(Deserialize)]
struct JsonKeyValue {
    key: Option<String>,
    value: Option<Value>,
}

impl<'de> Deserialize<'de> for JsonAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;

        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Attributes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of attributes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Attributes, A::Error> {
                let mut attributes = Vec::new();
                while let Some(JsonKeyValue { key, value }) = list.next_element()? {
                    attributes.push((key.unwrap_or_default(), value.unwrap_or_default()));
                }
                Ok(Attributes(attributes))
            }
        }

        deserializer.deserialize_seq(ListVisitor).map(Self)
    }
}

/// An `AnyValue`: an object with one field that names the type. Without one that is known, no value.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value such as {\"stringValue\": \"text\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
                let mut value = Value::Empty;
                while let Some(field) = fields.next_key::<String>()? {
                    if let Some(found) = typed_value(&field, &mut fields)? {
                        value = found;
                    }
                }
                Ok(value)
            }
        }

        deserializer.deserialize_map(ValueVisitor)
    }
}

/// Reads the value of one field of an `AnyValue`; `None` for unknown fields and `null`.
fn typed_value<'de, A: MapAccess<'de>>(field: &str, fields: &mut A) -> Result<Option<Value>, A::Error> {
    #[derive(Deserialize)]
    struct JsonList {
        values: Option<Vec<Option<Value>>>,
    }
    #[derive(Deserialize)]
    struct JsonMap {
        values: Option<JsonAttributes>,
    }

    Ok(match field {
        "stringValue" => fields.next_value::<Option<String>>()?.map(Value::Text),
        "boolValue" => fields.next_value::<Option<bool>>()?.map(Value::Bool),
        "intValue" => match fields.next_value::<Option<Scalar>>()? {
            None => None,
            Some(scalar) => {
                let number =
                    scalar.whole().ok_or_else(|| A::Error::custom("intValue is not a whole number"))?;
                Some(Value::Int(number))
            }
        },
        "doubleValue" => fields.next_value::<Option<Double>>()?.map(|value| Value::Double(value.0)),
        "bytesValue" => match fields.next_value::<Option<String>>()? {
            None => None,
            Some(text) => Some(Value::Bytes(
                STANDARD.decode(text).map_err(|_| A::Error::custom("bytesValue is not base64"))?,
            )),
        },
        "arrayValue" => fields.next_value::<Option<JsonList>>()?.map(|list| {
            Value::List(list.values.unwrap_or_default().into_iter().map(Option::unwrap_or_default).collect())
        }),
        "kvlistValue" => {
            fields.next_value::<Option<JsonMap>>()?.map(|map| Value::Map(map.values.unwrap_or_default().0.0))
        }
        _ => {
            fields.next_value::<IgnoredAny>()?;
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Option<Value> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn whole_numbers_come_as_numbers_or_as_text() {
        for json in [r#"{"intValue":17}"#, r#"{"intValue":"17"}"#, r#"{"intValue":17.0}"#] {
            assert_eq!(value(json), Some(Value::Int(17)), "{json}");
        }
        assert_eq!(value(r#"{"intValue":"9007199254740993"}"#), Some(Value::Int(9_007_199_254_740_993)));
        assert_eq!(value(r#"{"intValue":"seventeen"}"#), None);
        assert_eq!(value(r#"{"intValue":1.5}"#), None);
    }

    #[test]
    fn doubles_come_with_or_without_a_point_or_as_text() {
        for json in [r#"{"doubleValue":2}"#, r#"{"doubleValue":2.0}"#, r#"{"doubleValue":"2"}"#] {
            assert_eq!(value(json), Some(Value::Double(2.0)), "{json}");
        }
        assert_eq!(value(r#"{"doubleValue":"-Infinity"}"#), Some(Value::Double(f64::NEG_INFINITY)));
    }

    #[test]
    fn unknown_fields_and_nulls_are_no_value() {
        for json in ["{}", r#"{"stringValue":null}"#, r#"{"futureValue":{"a":[1,2]}}"#] {
            assert_eq!(value(json), Some(Value::Empty), "{json}");
        }
        assert_eq!(value(r#"{"x":1,"stringValue":"a"}"#), Some(Value::from("a")));
    }

    #[test]
    fn nested_values_keep_their_shape() {
        let list = value(r#"{"arrayValue":{"values":[{"intValue":1},null]}}"#);
        assert_eq!(list, Some(Value::List(vec![Value::Int(1), Value::Empty])));
        let map = value(r#"{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}}"#);
        assert_eq!(map, Some(Value::Map(vec![("a".into(), Value::Bool(true))])));
        assert_eq!(value(r#"{"arrayValue":{}}"#), Some(Value::List(Vec::new())));
    }

    #[test]
    fn enums_come_as_numbers_or_names() {
        let delta = (1, "DELTA");
        for json in ["1", "\"1\"", "\"DELTA\""] {
            assert!(serde_json::from_str::<Whole>(json).unwrap().is(delta), "{json}");
        }
        assert!(!serde_json::from_str::<Whole>("2").unwrap().is(delta));
    }

    #[test]
    fn ids_are_hexadecimal() {
        assert_eq!(serde_json::from_str::<Hex>("\"0aF1\"").unwrap().0, [0x0A, 0xF1]);
        assert!(serde_json::from_str::<Hex>("\"0a1\"").is_err());
        assert!(serde_json::from_str::<Hex>("\"zz\"").is_err());
    }
}
