//! The content of messages: texts, tool calls and their results.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

use super::changed_lines::Patch;
use super::json::RawText;
use super::lenient::{Flag, Object, Text, absent, anything};
use super::tool_input::ToolInput;

/// Blocks of one message that are kept; a message has a handful.
const MAX_BLOCKS: usize = 1_000;

/// One content block of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    input: Object<ToolInput>,
    #[serde(borrow)]
    tool_use_id: Text<'a>,
    is_error: Flag,
    #[serde(borrow)]
    content: ResultText<'a>,
    #[serde(borrow)]
    text: RawText<'a>,
}

/// A tool call.
#[derive(Debug)]
pub(super) struct ToolUse<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) input: ToolInput,
}

/// The answer to a tool call.
#[derive(Debug)]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: Text<'a>,
    pub(super) failed: bool,
    /// Its text, or the first of several.
    pub(super) text: RawText<'a>,
}

/// A message's content: text, tool calls and their results.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    /// What was said, in parts.
    pub(super) texts: Vec<RawText<'a>>,
    pub(super) tool_uses: Vec<ToolUse<'a>>,
    pub(super) tool_results: Vec<ToolResult<'a>>,
}

impl<'a> Content<'a> {
    fn add(&mut self, block: Block<'a>) {
        match block.kind.get() {
            Some("text") if self.texts.len() < MAX_BLOCKS => self.texts.push(block.text),
            Some("tool_use") if self.tool_uses.len() < MAX_BLOCKS => {
                let input = block.input.0.unwrap_or_default();
                self.tool_uses.push(ToolUse { id: block.id, name: block.name, input });
            }
            Some("tool_result") if self.tool_results.len() < MAX_BLOCKS => {
                self.tool_results.push(ToolResult {
                    tool_use_id: block.tool_use_id,
                    failed: block.is_error.0,
                    text: block.content.0,
                });
            }
            _ => {}
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_borrowed_bytes<E>(self, raw: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Content { texts: vec![RawText(Some(raw))], ..Content::default() })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<Self::Value, A::Error> {
                let mut content = Content::default();
                while let Some(block) = blocks.next_element::<Object<Block<'de>>>()? {
                    content.add(block.0.unwrap_or_default());
                }
                Ok(content)
            }
            absent!(bool number null object);
        }
        deserializer.deserialize_bytes(ContentVisitor)
    }
}

/// A result's text: the text itself, or its first text block.
#[derive(Debug, Default)]
struct ResultText<'a>(RawText<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for ResultText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct TextBlock<'a> {
            #[serde(borrow)]
            text: RawText<'a>,
        }
        struct ResultTextVisitor;
        impl<'de> Visitor<'de> for ResultTextVisitor {
            type Value = ResultText<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_borrowed_bytes<E>(self, raw: &'de [u8]) -> Result<Self::Value, E> {
                Ok(ResultText(RawText(Some(raw))))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<Self::Value, A::Error> {
                let first = blocks.next_element::<Object<TextBlock<'de>>>()?;
                while blocks.next_element::<IgnoredAny>()?.is_some() {}
                Ok(ResultText(first.and_then(|block| block.0).unwrap_or_default().text))
            }
            absent!(bool number null object);
        }
        deserializer.deserialize_bytes(ResultTextVisitor)
    }
}

/// `toolUseResult`: an object where the tool ran, a text where it did not.
#[derive(Debug, Default)]
pub(super) struct ToolUseResult<'a> {
    pub(super) text: RawText<'a>,
    pub(super) details: Option<ToolUseDetails<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for ToolUseResult<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ToolUseResultVisitor;
        impl<'de> Visitor<'de> for ToolUseResultVisitor {
            type Value = ToolUseResult<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_borrowed_bytes<E>(self, raw: &'de [u8]) -> Result<Self::Value, E> {
                Ok(ToolUseResult { text: RawText(Some(raw)), details: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                let details = ToolUseDetails::deserialize(MapAccessDeserializer::new(object))?;
                Ok(ToolUseResult { text: RawText::default(), details: Some(details) })
            }
            absent!(bool number null list);
        }
        deserializer.deserialize_bytes(ToolUseResultVisitor)
    }
}

/// What the client knows of a tool's result beyond its text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ToolUseDetails<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) structured_patch: Patch,
    /// The text of a file that was written.
    #[serde(borrow)]
    pub(super) content: RawText<'a>,
    pub(super) git_operation: Object<GitOperation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GitOperation {
    pub(super) commit: Object<Ignored>,
    pub(super) pr: Object<Ignored>,
}

/// An object of which only the presence counts.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ignored {}
