//! Texts that were cut in the middle of a character.
//!
//! Clients cut long texts by UTF-16 units, which can leave half of a surrogate pair behind. JSON then holds
//! an escape that stands for no character, and some protobuf writers put out three bytes that are not UTF-8.
//! Strict decoders refuse the whole request for it; here the half character becomes U+FFFD in both
//! encodings, so that the same text stays the same. Everything else that is not UTF-8 becomes `?`.

use std::borrow::Cow;

use super::export::Signal;
use super::wire::{self, Content, Shape};

/// The UTF-8 of U+FFFD: as long as an encoded surrogate, so that lengths stay.
const REPLACEMENT: [u8; 3] = [0xEF, 0xBF, 0xBD];

/// A JSON text in which every string can be decoded.
pub(crate) fn json_text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let lone = lone_surrogates(text.as_bytes());
    if lone.is_empty() {
        return text;
    }
    let mut text = text.into_owned();
    for position in lone {
        // Both are six ASCII characters long.
        text.replace_range(position..position + 6, "\\uFFFD");
    }
    Cow::Owned(text)
}

/// Positions of escapes that are one half of a surrogate pair without the other.
fn lone_surrogates(text: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(offset) = text.get(position..).and_then(|rest| rest.iter().position(|&byte| byte == b'\\'))
    {
        position += offset;
        position += match escaped_unit(text, position) {
            Some(0xD800..=0xDBFF) => match escaped_unit(text, position + 6) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => {
                    found.push(position);
                    6
                }
            },
            Some(0xDC00..=0xDFFF) => {
                found.push(position);
                6
            }
            Some(_) => 6,
            // Another escape, perhaps of a backslash: the character after it is no start of one.
            None => 2,
        };
    }
    found
}

/// The UTF-16 unit of an escape such as `\uD83D` at a position.
fn escaped_unit(text: &[u8], position: usize) -> Option<u16> {
    let digits = text.get(position..position + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The same protobuf message with every text made UTF-8; `None` when it is no such message or nothing in
/// its texts needed repair.
pub(crate) fn protobuf_texts(signal: Signal, body: &[u8]) -> Option<Vec<u8>> {
    let mut broken = Vec::new();
    wire::walk(Shape::request(signal), body, &mut |content| {
        if let Content::Text { position, bytes } = content
            && std::str::from_utf8(bytes).is_err()
        {
            broken.push(position..position + bytes.len());
        }
    })
    .ok()?;
    if broken.is_empty() {
        return None;
    }
    let mut repaired = body.to_vec();
    for range in broken {
        repair_in_place(&mut repaired[range]);
    }
    Some(repaired)
}

fn repair_in_place(text: &mut [u8]) {
    let mut start = 0;
    while let Err(error) = std::str::from_utf8(&text[start..]) {
        let bad = start + error.valid_up_to();
        start = match &mut text[bad..] {
            [first @ 0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => {
                [*first, *second, *third] = REPLACEMENT;
                bad + 3
            }
            [first, ..] => {
                *first = b'?';
                bad + 1
            }
            [] => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_characters_in_json_are_replaced_and_whole_ones_kept() {
        for (sent, repaired) in [
            (r#""a\ud83d""#, r#""a\uFFFD""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\uFFFD\ud83d\ude00""#),
            (r#""\ude00x""#, r#""\uFFFDx""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\uFFFD""#),
            (r#""\ud83"#, r#""\ud83"#),
            ("\u{feff}{}", "{}"),
        ] {
            assert_eq!(json_text(sent.as_bytes()), repaired, "{sent}");
        }
        assert_eq!(json_text(b"\"\xFF\""), "\"\u{FFFD}\"");
    }

    #[test]
    fn repair_keeps_lengths_and_valid_text() {
        for (sent, repaired) in [
            (&b"a\xED\xA0\xBDb"[..], "a\u{FFFD}b"),
            (b"\xED\xA0", "??"),
            (b"\xFF\xC3\xA9", "?\u{e9}"),
            (b"plain", "plain"),
        ] {
            let mut text = sent.to_vec();
            repair_in_place(&mut text);
            assert_eq!(text, repaired.as_bytes());
        }
    }
}
