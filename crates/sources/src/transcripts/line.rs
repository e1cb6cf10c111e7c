//! The shape of a transcript line, as far as anything in it counts.
//!
//! The field names are the client's. Nothing here is required: a line holds what its kind and the client's
//! version wrote, see the module documentation for what is read from which.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

use super::content::{Content, ToolUseResult};
use super::lenient::{Count, Flag, Number, Object, Text, absent, anything};

/// Models of one `cost-state` line that are kept.
const MAX_MODELS: usize = 200;

/// One line, whatever its kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) uuid: Text<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(borrow)]
    pub(super) session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) cwd: Text<'a>,
    #[serde(borrow)]
    pub(super) git_branch: Text<'a>,
    #[serde(borrow)]
    pub(super) version: Text<'a>,
    #[serde(borrow)]
    pub(super) entrypoint: Text<'a>,
    pub(super) is_sidechain: Flag,

    #[serde(borrow)]
    pub(super) message: Object<Message<'a>>,

    // Answers.
    #[serde(borrow)]
    pub(super) request_id: Text<'a>,
    #[serde(borrow)]
    pub(super) request_session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) effort: Text<'a>,
    #[serde(borrow)]
    pub(super) attribution_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) attribution_skill: Text<'a>,
    #[serde(borrow)]
    pub(super) attribution_mcp_server: Text<'a>,
    #[serde(rename = "costUSD")]
    pub(super) cost_usd: Number,
    pub(super) duration_ms: Number,
    pub(super) is_api_error_message: Flag,
    pub(super) api_error_status: Number,
    #[serde(borrow)]
    pub(super) api_error_type: Text<'a>,
    #[serde(borrow)]
    pub(super) error: ErrorField<'a>,

    // Prompts and results.
    #[serde(borrow)]
    pub(super) prompt_id: Text<'a>,
    pub(super) is_meta: Flag,
    pub(super) is_compact_summary: Flag,
    #[serde(borrow)]
    pub(super) permission_decision: Object<PermissionDecision<'a>>,
    #[serde(borrow)]
    pub(super) tool_denial_kind: Text<'a>,
    #[serde(borrow)]
    pub(super) tool_use_result: ToolUseResult<'a>,

    // Notes of the client.
    #[serde(borrow)]
    pub(super) subtype: Text<'a>,
    #[serde(borrow)]
    pub(super) compact_metadata: Object<CompactMetadata<'a>>,
    #[serde(borrow)]
    pub(super) pr_repository: Text<'a>,
    pub(super) pr_number: Number,
    #[serde(borrow)]
    pub(super) pr_url: Text<'a>,

    // Running totals.
    pub(super) model_usage: ModelUsage,
    pub(super) total_lines_added: Count,
    pub(super) total_lines_removed: Count,
    pub(super) start_time: Number,
    pub(super) total_duration: Number,
}

/// What was said, by the user or the model.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) stop_reason: Text<'a>,
    pub(super) usage: Object<Usage<'a>>,
    #[serde(borrow)]
    pub(super) content: Content<'a>,
}

/// Token counts of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage<'a> {
    pub(super) input_tokens: Count,
    pub(super) output_tokens: Count,
    pub(super) cache_read_input_tokens: Count,
    pub(super) cache_creation_input_tokens: Count,
    pub(super) cache_creation: Object<CacheCreation>,
    pub(super) server_tool_use: Object<ServerToolUse>,
    #[serde(borrow)]
    pub(super) service_tier: Text<'a>,
    #[serde(borrow)]
    pub(super) speed: Text<'a>,
    #[serde(borrow)]
    pub(super) inference_geo: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CacheCreation {
    pub(super) ephemeral_5m_input_tokens: Count,
    pub(super) ephemeral_1h_input_tokens: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ServerToolUse {
    pub(super) web_search_requests: Count,
}

/// What became of the question whether a tool may run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PermissionDecision<'a> {
    #[serde(borrow)]
    pub(super) decision: Text<'a>,
    #[serde(borrow)]
    pub(super) source: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CompactMetadata<'a> {
    #[serde(borrow)]
    pub(super) trigger: Text<'a>,
    pub(super) duration_ms: Number,
}

/// `error`: a word in answers, an object in the client's notes.
#[derive(Debug, Default)]
pub(super) struct ErrorField<'a> {
    pub(super) kind: Text<'a>,
    pub(super) status: Option<i64>,
}

impl<'de: 'a, 'a> Deserialize<'de> for ErrorField<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct ErrorObject {
            status: Number,
        }
        struct ErrorVisitor;
        impl<'de> Visitor<'de> for ErrorVisitor {
            type Value = ErrorField<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_borrowed_bytes<E>(self, raw: &'de [u8]) -> Result<Self::Value, E> {
                Ok(ErrorField { kind: Text::of_raw(raw), status: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                let error = ErrorObject::deserialize(MapAccessDeserializer::new(object))?;
                Ok(ErrorField { kind: Text::default(), status: error.status.0.map(|status| status as i64) })
            }
            absent!(bool number null list);
        }
        deserializer.deserialize_bytes(ErrorVisitor)
    }
}

/// Running totals of one model.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ModelTotals {
    pub(super) input_tokens: Count,
    pub(super) output_tokens: Count,
    pub(super) cache_read_input_tokens: Count,
    pub(super) cache_creation_input_tokens: Count,
    #[serde(rename = "cacheCreationEphemeral5mInputTokens")]
    pub(super) cache_creation_5m: Count,
    #[serde(rename = "cacheCreationEphemeral1hInputTokens")]
    pub(super) cache_creation_1h: Count,
    #[serde(rename = "costUSD")]
    pub(super) cost_usd: Number,
}

/// Running totals by model.
#[derive(Debug, Default)]
pub(super) struct ModelUsage(pub(super) BTreeMap<String, ModelTotals>);

impl<'de> Deserialize<'de> for ModelUsage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ModelUsageVisitor;
        impl<'de> Visitor<'de> for ModelUsageVisitor {
            type Value = ModelUsage;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut models = BTreeMap::new();
                while let Some((model, totals)) = object.next_entry::<Text<'de>, Object<ModelTotals>>()? {
                    if let (Some(model), Some(totals)) = (model.owned(), totals.0)
                        && models.len() < MAX_MODELS
                    {
                        models.insert(model, totals);
                    }
                }
                Ok(ModelUsage(models))
            }
            absent!(bool number text null list);
        }
        deserializer.deserialize_any(ModelUsageVisitor)
    }
}
