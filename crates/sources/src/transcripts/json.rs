//! JSON, read without touching what nobody asks for.
//!
//! A transcript is mostly long texts of which nothing counts. A general parser looks at each of their bytes,
//! and copies those texts that hold an escape. This one finds a text's end by looking for quotes alone, and
//! decodes it only when somebody asks. What it gives up for that, and what it gains:
//!
//! - Inside values that are skipped only the nesting is checked, so a line can pass that a strict parser
//!   refuses. A line that was cut off or that ran into another one is still refused.
//! - Bytes that are no UTF-8, and halves of surrogate pairs, which the client writes where it cuts a text in
//!   the middle of an emoji, become U+FFFD where the text is asked for. They do not cost the line.
//! - [`RawText`] is a text that can be asked later, for its beginning or its lines, without being copied.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use thiserror::Error;

use super::lenient::{absent, anything};

/// How many times eight bytes are looked at for a text's end before it is searched for.
const CHUNKS_LOOKED_AT: usize = 3;

/// What replaces bytes and escapes that are no text.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// It was no JSON, or not the kind of value that was expected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not valid json")]
pub(super) struct Malformed;

impl serde::de::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads one value with nothing but white space around it.
pub(super) fn from_bytes<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, Malformed> {
    let mut reader = Reader { bytes: json, at: 0 };
    let value = T::deserialize(&mut reader)?;
    match reader.token() {
        None => Ok(value),
        Some(_) => Err(Malformed),
    }
}

/// Whether the bytes are one whole value, as far as its nesting tells.
pub(super) fn is_whole(json: &[u8]) -> bool {
    from_bytes::<IgnoredAny>(json).is_ok()
}

/// A text as it stands between its quotes, escapes and all; absent when there is no text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RawText<'a>(pub(super) Option<&'a [u8]>);

impl<'a> RawText<'a> {
    /// The text as a whole; nothing too where it holds an escape that JSON does not know.
    pub(super) fn whole(&self) -> Option<Cow<'a, str>> {
        decode(self.0?, usize::MAX).ok()
    }

    /// The beginning of the text: whole characters, about `limit` bytes of it when there is more.
    pub(super) fn head(&self, limit: usize) -> Cow<'a, str> {
        decode(self.0.unwrap_or_default(), limit).unwrap_or_default()
    }

    /// The text's length in characters.
    pub(super) fn chars(&self) -> usize {
        self.whole().unwrap_or_default().chars().count()
    }

    /// Its lines, counted as `text.split("\n")` counts them.
    pub(super) fn lines(&self) -> Option<i64> {
        let mut lines = 1;
        let mut rest = self.0?;
        while let Some(escape) = memchr::memchr(b'\\', rest) {
            lines += i64::from(rest.get(escape + 1) == Some(&b'n'));
            rest = rest.get(escape + 2..).unwrap_or_default();
        }
        Some(lines)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawTextVisitor;
        impl<'de> Visitor<'de> for RawTextVisitor {
            type Value = RawText<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_borrowed_bytes<E>(self, raw: &'de [u8]) -> Result<Self::Value, E> {
                Ok(RawText(Some(raw)))
            }
            absent!(bool number null list object);
        }
        deserializer.deserialize_bytes(RawTextVisitor)
    }
}

/// Decodes what stands between quotes, until about `limit` bytes are decoded. Fails on an escape that JSON
/// does not know.
pub(super) fn decode(raw: &[u8], limit: usize) -> Result<Cow<'_, str>, Malformed> {
    let Some(first) = memchr::memchr(b'\\', raw) else {
        let end = if raw.len() > limit { char_boundary(raw, limit) } else { raw.len() };
        return Ok(text_of(&raw[..end]));
    };
    let mut text = String::with_capacity(raw.len().min(limit));
    let (mut plain, mut rest) = raw.split_at(first);
    loop {
        if text.len() + plain.len() >= limit {
            let end = char_boundary(plain, limit.saturating_sub(text.len()));
            text += &text_of(&plain[..end]);
            return Ok(text.into());
        }
        text += &text_of(plain);
        if rest.is_empty() {
            return Ok(text.into());
        }
        rest = unescape(rest, &mut text)?;
        (plain, rest) = rest.split_at(memchr::memchr(b'\\', rest).unwrap_or(rest.len()));
    }
}

fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    // Tried first because it is several times faster, and nearly always all there is to do.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The last place at or before `index` where no character is cut in two.
fn char_boundary(bytes: &[u8], index: usize) -> usize {
    let is_boundary = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    (0..=index.min(bytes.len())).rev().find(is_boundary).unwrap_or(0)
}

/// Decodes the escape at the beginning; returns what stands behind it.
fn unescape<'a>(raw: &'a [u8], text: &mut String) -> Result<&'a [u8], Malformed> {
    let (&kind, rest) = raw.get(1..).and_then(<[u8]>::split_first).ok_or(Malformed)?;
    text.push(match kind {
        b'"' | b'\\' | b'/' => kind.into(),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let (unit, rest) = code_unit(rest).ok_or(Malformed)?;
            let pair = rest.strip_prefix(b"\\u").and_then(code_unit);
            let joined = pair.and_then(|(low, rest)| Some((join(unit, low)?, rest)));
            let (character, rest) = joined.unwrap_or((char::from_u32(unit).unwrap_or(REPLACEMENT), rest));
            text.push(character);
            return Ok(rest);
        }
        _ => return Err(Malformed),
    });
    Ok(rest)
}

/// Four hexadecimal digits, and what stands behind them.
fn code_unit(raw: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = raw.split_at_checked(4)?;
    let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?));
    value.map(|value| (value, rest))
}

/// The character of a surrogate pair.
fn join(high: u32, low: u32) -> Option<char> {
    let is_pair = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
    is_pair.then(|| char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))).flatten()
}

/// Stands before the next value, or white space before it.
struct Reader<'de> {
    bytes: &'de [u8],
    at: usize,
}

impl<'de> Reader<'de> {
    fn rest(&self) -> &'de [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space, without passing it.
    fn token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.token() != Some(byte) {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a text; returns what stands between its quotes.
    fn text(&mut self) -> Result<&'de [u8], Malformed> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            self.at += quote(self.rest()).ok_or(Malformed)? + 1;
            let raw = &self.bytes[start..self.at - 1];
            // A quote is part of the text if an odd number of backslashes stands before it.
            let backslashes = raw.iter().rev().take_while(|byte| **byte == b'\\').count();
            if backslashes.is_multiple_of(2) {
                return Ok(raw);
            }
        }
    }

    /// Passes a number or a word; returns it.
    fn scalar(&mut self) -> Result<&'de str, Malformed> {
        self.token();
        let start = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        self.at += self.rest().iter().take_while(|byte| is_part(byte)).count();
        let scalar = std::str::from_utf8(&self.bytes[start..self.at]).map_err(|_| Malformed)?;
        if scalar.is_empty() { Err(Malformed) } else { Ok(scalar) }
    }

    fn skip(&mut self) -> Result<(), Malformed> {
        match self.token() {
            Some(b'"') => self.text().map(drop),
            Some(b'{' | b'[') => self.skip_nested(),
            _ => self.scalar().map(drop),
        }
    }

    /// Passes an object or a list, however deep it is.
    fn skip_nested(&mut self) -> Result<(), Malformed> {
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at).ok_or(Malformed)? {
                b'"' => {
                    self.text()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// Where the first quote is. Most texts are names and words: to call a search costs more than to look at a few bytes here.
#[inline]
fn quote(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    let (chunks, _) = bytes.as_chunks::<8>();
    for (number, chunk) in chunks.iter().take(CHUNKS_LOOKED_AT).enumerate() {
        let others = u64::from_le_bytes(*chunk) ^ QUOTES;
        // The lowest bit that is set belongs to the first byte that was a quote.
        let found = others.wrapping_sub(ONES) & !others & (ONES << 7);
        if found != 0 {
            return Some(8 * number + (found.trailing_zeros() / 8) as usize);
        }
    }
    let looked_at = 8 * chunks.len().min(CHUNKS_LOOKED_AT);
    Some(looked_at + memchr::memchr(b'"', bytes.get(looked_at..)?)?)
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.token().ok_or(Malformed)? {
            b'"' => match decode(self.text()?, usize::MAX)? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            b'{' => {
                self.at += 1;
                visitor.visit_map(Members { reader: self, first: true })
            }
            b'[' => {
                self.at += 1;
                visitor.visit_seq(Members { reader: self, first: true })
            }
            _ => match self.scalar()? {
                "null" => visitor.visit_unit(),
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                number => visit_number(number, visitor),
            },
        }
    }

    /// Hands out a text as it stands between its quotes.
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.token() {
            Some(b'"') => visitor.visit_borrowed_bytes(self.text()?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, Malformed> {
    if let Ok(value) = number.parse::<i64>() {
        return visitor.visit_i64(value);
    }
    // Rust reads words such as `infinity` as numbers too.
    let is_number = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    match number.parse::<f64>() {
        Ok(value) if is_number => visitor.visit_f64(value),
        _ => Err(Malformed),
    }
}

/// Stands inside an object or a list, before its first or behind one of its members.
struct Members<'r, 'de> {
    reader: &'r mut Reader<'de>,
    first: bool,
}

impl Members<'_, '_> {
    /// Goes to the next member, or behind the closing bracket.
    fn advance(&mut self, close: u8) -> Result<bool, Malformed> {
        let token = self.reader.token().ok_or(Malformed)?;
        if token == close {
            self.reader.at += 1;
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        if !self.advance(b'}')? {
            return Ok(None);
        }
        match self.reader.token() {
            Some(b'"') => seed.deserialize(&mut *self.reader).map(Some),
            _ => Err(Malformed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Malformed> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> SeqAccess<'de> for Members<'_, 'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        if !self.advance(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn raw(json: &str) -> RawText<'_> {
        from_bytes(json.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_quote_is_found_wherever_it_is() {
        for length in 0..60 {
            let mut bytes = vec![b'!'; length];
            assert_eq!(quote(&bytes), None, "{length}");
            bytes.extend(*b"\"\"#\"");
            assert_eq!(quote(&bytes), Some(length));
            bytes[..length].fill(0xa2);
            assert_eq!(quote(&bytes), Some(length), "bytes with the highest bit are others");
        }
    }

    #[test]
    fn texts_are_decoded_when_asked_for() {
        let text = raw(r#""a\"b\\\n\u00e9\ud83d\ude00\/é""#);
        assert_eq!(text.head(usize::MAX), "a\"b\\\né😀/é");
        assert_eq!((text.chars(), text.lines()), (9, Some(2)));
        assert_eq!(text.head(6), "a\"b\\\né");
        assert_eq!(raw("\"éé\"").head(3), "é");
        for (json, lines) in [(r#""""#, 1), (r#""a\n""#, 2), (r#""\\n\\\n""#, 2), ("\"a\\nb\\n\"", 3)] {
            assert_eq!(raw(json).lines(), Some(lines), "{json}");
        }
        for json in ["null", "7", "[\"a\"]", "{\"a\":\"b\"}"] {
            assert!(raw(json).0.is_none(), "{json}");
        }
    }

    #[test]
    fn broken_characters_are_replaced() {
        assert_eq!(raw(r#""cut \ud83d off""#).head(usize::MAX), "cut \u{fffd} off");
        assert_eq!(raw(r#""\ud83dx\ude00\ud83d\u0041""#).head(usize::MAX), "\u{fffd}x\u{fffd}\u{fffd}A");
        let bytes: RawText<'_> = from_bytes(b"\"a\xff\xfeb\"").unwrap();
        assert_eq!(bytes.head(usize::MAX), "a\u{fffd}\u{fffd}b");
        assert_eq!(from_bytes::<String>(b"\"a\xff\\n\""), Ok("a\u{fffd}\n".into()));
        for json in [r#""\x""#, r#""\u12""#, r#""\u12g4""#] {
            assert_eq!(from_bytes::<String>(json.as_bytes()), Err(Malformed), "{json}");
        }
    }

    #[test]
    fn what_is_cut_off_or_runs_on_is_refused() {
        let whole = r#"{"a":[1,{"b":"x\\"}],"c":null}"#;
        assert!(is_whole(whole.as_bytes()) && is_whole(format!(" {whole}\r\n").as_bytes()));
        for length in 0..whole.len() {
            assert!(!is_whole(&whole.as_bytes()[..length]), "{}", &whole[..length]);
            let typed = from_bytes::<BTreeMap<String, Value>>(&whole.as_bytes()[..length]);
            assert_eq!(typed, Err(Malformed), "{}", &whole[..length]);
        }
        for json in ["{}{}", "{} x", "[1]]", "\"a\"b", "", "}", ",", r#""\""#] {
            assert!(!is_whole(json.as_bytes()), "{json}");
        }
        for json in ["{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{\"a\":infinity}", "{,}"] {
            assert!(from_bytes::<BTreeMap<String, Value>>(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn nesting_without_end_needs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert!(!is_whole(deep.as_bytes()));
        assert!(is_whole(format!("{deep}{}", "]".repeat(1_000_000)).as_bytes()));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|object| Value::Object(object.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_that_is_json_is_read_as_it_is(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.unwrap();
            prop_assert_eq!(from_bytes::<Value>(text.as_bytes()), Ok(value));
            prop_assert!(is_whole(text.as_bytes()));
        }

        #[test]
        fn nothing_makes_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _any = from_bytes::<Value>(&bytes);
            let raw = RawText(Some(&bytes));
            let _texts = (raw.head(7), raw.chars(), raw.lines());
        }
    }
}
