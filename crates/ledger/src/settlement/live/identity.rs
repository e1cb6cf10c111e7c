//! What a record tells of, by the identity that all records of the same thing share.

use model::{ItemKey, Observation};

/// The identity; `None` for what is counted record by record, or not at all.
pub(super) fn identity(observation: &Observation) -> Option<i64> {
    let (what, id) = match observation {
        Observation::Request(request) => ("request", request.request_id.as_deref()?),
        Observation::Decision(decision) => ("decision", decision.tool_use_id.as_deref()?),
        Observation::ToolResult(outcome) => ("outcome", outcome.tool_use_id.as_deref()?),
        Observation::Prompt(prompt) => ("prompt", prompt.prompt_id.as_deref()?),
        Observation::ApiError(error) => ("error", error.request_id.as_deref()?),
        Observation::Occurrence(occurrence) => {
            let identity = occurrence.identity.as_deref()?;
            return Some(ItemKey::of(&occurrence.name, identity).as_i64());
        }
        Observation::ProcessStart(_)
        | Observation::Counter(_)
        | Observation::Totals(_)
        | Observation::Span(_)
        | Observation::Unknown { .. } => return None,
    };
    Some(ItemKey::of(what, id).as_i64())
}
