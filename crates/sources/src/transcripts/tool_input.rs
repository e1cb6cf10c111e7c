//! What a tool call's input tells about what the call will do.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::changed_lines::ChangedLines;
use super::json::RawText;
use super::language::language_of;
use super::lenient::{Object, Text, absent, anything};
use super::shell::CommandFacts;

/// Facts about a call. The input itself is read and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ToolInput {
    /// Language of the file the call is about.
    pub(super) language: Option<&'static str>,
    /// What its command line runs.
    pub(super) command: CommandFacts,
    /// Lines it replaces, by its own account.
    pub(super) edit: Option<ChangedLines>,
    /// Lines of the file it writes.
    pub(super) written: Option<i64>,
}

impl<'de> Deserialize<'de> for ToolInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Input<'a> {
            #[serde(borrow)]
            file_path: Text<'a>,
            #[serde(borrow)]
            notebook_path: Text<'a>,
            #[serde(borrow)]
            command: RawText<'a>,
            #[serde(borrow)]
            old_string: RawText<'a>,
            #[serde(borrow)]
            new_string: RawText<'a>,
            edits: Edits,
            #[serde(borrow)]
            content: RawText<'a>,
        }
        let input = Input::deserialize(deserializer)?;
        let path = input.file_path.get().or(input.notebook_path.get());
        Ok(Self {
            language: path.map(language_of),
            command: input.command.whole().map_or_else(CommandFacts::default, |line| CommandFacts::of(&line)),
            edit: changed(input.old_string, input.new_string).or(input.edits.0),
            written: input.content.lines(),
        })
    }
}

fn changed(old: RawText<'_>, new: RawText<'_>) -> Option<ChangedLines> {
    Some(ChangedLines::between(&old.whole()?, &new.whole()?))
}

/// Several edits of one file, added up.
#[derive(Default)]
struct Edits(Option<ChangedLines>);

impl<'de> Deserialize<'de> for Edits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Edit<'a> {
            #[serde(borrow)]
            old_string: RawText<'a>,
            #[serde(borrow)]
            new_string: RawText<'a>,
        }
        struct EditsVisitor;
        impl<'de> Visitor<'de> for EditsVisitor {
            type Value = Edits;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut edits: A) -> Result<Edits, A::Error> {
                let mut sum = None;
                while let Some(edit) = edits.next_element::<Object<Edit<'de>>>()? {
                    let edit = edit.0.unwrap_or_default();
                    if let Some(lines) = changed(edit.old_string, edit.new_string) {
                        *sum.get_or_insert_default() += lines;
                    }
                }
                Ok(Edits(sum))
            }
            absent!(bool number text null object);
        }
        deserializer.deserialize_any(EditsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcripts::json::from_bytes;

    fn read(json: &str) -> ToolInput {
        from_bytes(json.as_bytes()).unwrap()
    }

    #[test]
    fn an_edit_tells_its_language_and_lines() {
        let input =
            read(r#"{"file_path":"/w/a.go","old_string":"var X = 1","new_string":"// X\nvar X = 1"}"#);
        assert_eq!(input.language, Some("Go"));
        assert_eq!(input.edit, Some(ChangedLines { added: 1, removed: 0 }));
    }

    #[test]
    fn several_edits_are_added_up() {
        let input = read(
            r#"{"file_path":"a.rs","edits":[{"old_string":"a","new_string":"b"},{"old_string":"c","new_string":"c\nd"}]}"#,
        );
        assert_eq!(input.edit, Some(ChangedLines { added: 2, removed: 1 }));
    }

    #[test]
    fn a_command_and_a_file_are_read_and_dropped() {
        assert!(read(r#"{"command":"git commit -m x"}"#).command.commits);
        assert_eq!(read(r#"{"file_path":"a.ts","content":"a\nb\n"}"#).written, Some(3));
        assert_eq!(read(r#"{"query":{"deep":[1]},"content":[{"text":"x"}]}"#), ToolInput::default());
    }
}
