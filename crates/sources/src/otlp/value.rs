//! Attribute values and lists of attributes, whatever they were encoded in.

use std::fmt::Write as _;

use model::AttributeValue;
use serde_json::Value as Json;

/// The value of an attribute or of a log record's body.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value at all, which OTLP allows.
    #[default]
    Empty,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; may be infinite or not a number.
    Double(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// Named values, in the order they were sent.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value as text; numbers and booleans are written out. `None` for nothing, empty text, lists and maps.
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => (!text.is_empty()).then_some(text),
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Double(value) => Some(value.to_string()),
            Self::Empty | Self::Bytes(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The value as a whole number: numbers and numeric text, rounded to the nearest.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Text(text) => match text.trim().parse() {
                Ok(value) => Some(value),
                Err(_) => nearest_int(text.trim().parse().ok()?),
            },
            Self::Double(value) => nearest_int(*value),
            _ => None,
        }
    }

    /// The value as a finite number: numbers and numeric text.
    pub fn as_double(&self) -> Option<f64> {
        let value = match self {
            Self::Int(value) => *value as f64,
            Self::Double(value) => *value,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }

    /// The value as a boolean: booleans and the texts `true` and `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The form that records keep; lists, maps and bytes become JSON text. `None` for no value.
    pub fn into_attribute_value(self) -> Option<AttributeValue> {
        Some(match self {
            Self::Empty => return None,
            Self::Bool(value) => AttributeValue::Bool(value),
            Self::Int(value) => AttributeValue::Int(value),
            // JSON, which records are kept in, has no other numbers.
            Self::Double(value) if !value.is_finite() => AttributeValue::Text(value.to_string()),
            Self::Double(value) => AttributeValue::Double(value),
            Self::Text(text) => AttributeValue::Text(text),
            nested => AttributeValue::Text(nested.to_json().to_string()),
        })
    }

    /// The value as JSON; bytes as hexadecimal text, numbers that JSON lacks as text.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Double(value) if !value.is_finite() => Json::String(value.to_string()),
            Self::Double(value) => Json::from(*value),
            Self::Text(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(hexadecimal(bytes)),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                Json::Object(entries.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }

    /// Appends bytes that are equal exactly for equal values, for hashing.
    pub fn append_identity(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Empty => bytes.push(0),
            Self::Bool(value) => bytes.extend([1, u8::from(*value)]),
            Self::Int(value) => {
                bytes.push(2);
                bytes.extend(value.to_le_bytes());
            }
            Self::Double(value) => {
                bytes.push(3);
                bytes.extend(value.to_bits().to_le_bytes());
            }
            Self::Text(text) => append_sized(4, text.as_bytes(), bytes),
            Self::Bytes(value) => append_sized(5, value, bytes),
            Self::List(values) => {
                append_sized(6, &(values.len() as u64).to_le_bytes(), bytes);
                values.iter().for_each(|value| value.append_identity(bytes));
            }
            Self::Map(entries) => {
                append_sized(7, &(entries.len() as u64).to_le_bytes(), bytes);
                for (name, value) in entries {
                    append_sized(4, name.as_bytes(), bytes);
                    value.append_identity(bytes);
                }
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

fn append_sized(kind: u8, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(kind);
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
}

fn nearest_int(value: f64) -> Option<i64> {
    // Beyond 2^53 a double does not tell whole numbers apart any more.
    (value.abs() <= 9_007_199_254_740_992.0).then(|| value.round() as i64)
}

/// Lower-case hexadecimal digits of some bytes.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Attributes in the order they were sent. Names are unique when the sender keeps to the specification;
/// otherwise the first one of a name counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(pub Vec<(String, Value)>);

impl Attributes {
    /// Looks a value up.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Takes an attribute out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// Takes an attribute out as text (see [`Value::into_text`]). One that is not text stays.
    pub fn take_text<T: From<String>>(&mut self, name: &str) -> Option<T> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        match self.0[index].1 {
            Value::Bytes(_) | Value::List(_) | Value::Map(_) => None,
            _ => self.0.remove(index).1.into_text().map(T::from),
        }
    }

    /// Takes an attribute out as a whole number (see [`Value::as_int`]). One that is not a number stays.
    pub fn take_int(&mut self, name: &str) -> Option<i64> {
        self.take_as(name, Value::as_int)
    }

    /// Takes an attribute out as a finite number (see [`Value::as_double`]). One that is not a number stays.
    pub fn take_double(&mut self, name: &str) -> Option<f64> {
        self.take_as(name, Value::as_double)
    }

    /// Takes an attribute out as a boolean (see [`Value::as_bool`]). One that is not a boolean stays.
    pub fn take_bool(&mut self, name: &str) -> Option<bool> {
        self.take_as(name, Value::as_bool)
    }

    fn take_as<T>(&mut self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        let value = read(&self.0[index].1)?;
        self.0.remove(index);
        Some(value)
    }

    /// Adds an attribute at the end.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// Bytes that are equal exactly for equal attributes, in whatever order they were sent.
    pub fn identity(&self) -> Vec<u8> {
        let mut sorted: Vec<&(String, Value)> = self.0.iter().collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        let mut bytes = Vec::with_capacity(sorted.len() * 64);
        for (name, value) in sorted {
            append_sized(4, name.as_bytes(), &mut bytes);
            value.append_identity(&mut bytes);
        }
        bytes
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_every_form_they_are_sent_in() {
        for value in [Value::Int(42), Value::Double(42.0), Value::from("42"), Value::from(" 42.0 ")] {
            assert_eq!(value.as_int(), Some(42), "{value:?}");
            assert_eq!(value.as_double(), Some(42.0), "{value:?}");
        }
        for value in [Value::from("many"), Value::Bool(true), Value::Double(f64::NAN), Value::Double(1e300)] {
            assert_eq!(value.as_int(), None, "{value:?}");
        }
        assert_eq!(Value::from("True").as_bool(), Some(true));
        assert_eq!(Value::Int(1).as_bool(), None);
    }

    #[test]
    fn what_cannot_be_read_stays() {
        let mut attributes: Attributes = [("n", "many")].into_iter().collect();
        assert_eq!(attributes.take_int("n"), None);
        assert_eq!(attributes.take_text::<String>("n").as_deref(), Some("many"));
        assert!(attributes.0.is_empty());
    }

    #[test]
    fn identity_ignores_order_and_nothing_else() {
        let of = |entries: &[(&str, Value)]| {
            entries.iter().map(|(name, value)| (*name, value.clone())).collect::<Attributes>().identity()
        };
        let one = ("a", Value::Int(1));
        let two = ("b", Value::from("1"));
        assert_eq!(of(&[one.clone(), two.clone()]), of(&[two.clone(), one.clone()]));
        assert_ne!(of(std::slice::from_ref(&one)), of(&[("a", Value::from("1"))]));
        assert_ne!(of(&[one]), of(&[two]));
    }
}
