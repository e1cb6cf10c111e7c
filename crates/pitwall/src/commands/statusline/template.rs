//! A status line's format: text with fields, and parts that are left out when a field in them is not known.
//!
//! `{name}` stands for a field, `[…]` around text and fields for a part that is shown only if all of its
//! fields are known, and a backslash takes the meaning from the character behind it.

use anyhow::{Context, Result, ensure};

/// What stands between parts; dropped at the line's ends.
const SEPARATORS: [char; 3] = ['·', '|', '•'];

/// A format, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(String),
    /// Shown only if every field is known.
    Optional(Vec<Piece>),
}

impl Template {
    /// Reads a format.
    ///
    /// # Errors
    /// A brace or bracket without its partner, or a part within a part.
    pub(super) fn parse(format: &str) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut part: Option<Vec<Piece>> = None;
        let mut rest = format;
        while let Some(character) = rest.chars().next() {
            let into = part.as_mut().unwrap_or(&mut pieces);
            rest = &rest[character.len_utf8()..];
            match character {
                '{' => {
                    let (name, after) = rest.split_once('}').context("the format has a { without }")?;
                    into.push(Piece::Field(name.trim().to_owned()));
                    rest = after;
                }
                '[' => {
                    ensure!(part.is_none(), "the format has a [ inside of [ ]");
                    part = Some(Vec::new());
                }
                ']' => {
                    let part = part.take().context("the format has a ] without [")?;
                    pieces.push(Piece::Optional(part));
                }
                '\\' => {
                    let escaped = rest.chars().next().unwrap_or('\\');
                    push_text(into, escaped);
                    rest = rest.strip_prefix(escaped).unwrap_or(rest);
                }
                other => push_text(into, other),
            }
        }
        ensure!(part.is_none(), "the format has a [ without ]");
        Ok(Self(pieces))
    }

    /// The names of all fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        fn of(pieces: &[Piece]) -> Vec<&str> {
            let fields = pieces.iter().flat_map(|piece| match piece {
                Piece::Text(_) => Vec::new(),
                Piece::Field(name) => vec![name.as_str()],
                Piece::Optional(part) => of(part),
            });
            fields.collect()
        }
        of(&self.0).into_iter()
    }

    /// The line. `value` tells a field's text, or that it is not known.
    pub(super) fn fill(&self, value: &dyn Fn(&str) -> Option<String>) -> String {
        let (line, _) = fill(&self.0, value);
        let ends = |character: char| character.is_whitespace() || SEPARATORS.contains(&character);
        line.trim_matches(ends).to_owned()
    }
}

/// The text of some pieces, and whether every field was known.
fn fill(pieces: &[Piece], value: &dyn Fn(&str) -> Option<String>) -> (String, bool) {
    let (mut line, mut complete) = (String::new(), true);
    for piece in pieces {
        match piece {
            Piece::Text(text) => line += text,
            Piece::Field(name) => match value(name) {
                Some(text) => line += &text,
                None => complete = false,
            },
            Piece::Optional(part) => {
                if let (text, true) = fill(part, value) {
                    line += &text;
                }
            }
        }
    }
    (line, complete)
}

fn push_text(pieces: &mut Vec<Piece>, character: char) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(character),
        _ => pieces.push(Piece::Text(character.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(format: &str) -> String {
        let value = |name: &str| match name {
            "model" => Some("Opus".to_owned()),
            "today" => Some("$1.20".to_owned()),
            _ => None,
        };
        Template::parse(format).unwrap().fill(&value)
    }

    #[test]
    fn fields_are_filled_and_unknown_ones_take_their_part_along() {
        for (format, line) in [
            ("{model}", "Opus"),
            ("{model}[ · {today} today][ · {block} block]", "Opus · $1.20 today"),
            ("[{block} block] · {model}", "Opus"),
            ("{ model } {block} left", "Opus  left"),
            ("\\[{model}\\] \\{x\\} 100\\\\", "[Opus] {x} 100\\"),
            ("größe {today}", "größe $1.20"),
            ("[{model} {block}]", ""),
            ("", ""),
        ] {
            assert_eq!(filled(format), line, "{format}");
        }
    }

    #[test]
    fn a_format_that_cannot_be_meant_is_refused() {
        for format in ["{model", "[{model}", "{model}]", "[a [b] c]"] {
            assert!(Template::parse(format).is_err(), "{format}");
        }
    }
}
