//! What is content, and never leaves intake unless the operator wants it kept.

use std::collections::BTreeMap;

use model::{AttributeValue, Record};

use super::names;
use crate::otlp::{Attributes, Value};

/// The longest text kept from an attribute that is not known to be harmless, in bytes. Nothing that names a
/// thing is longer; content that a later client sends under a new name is.
const MAX_UNKNOWN_TEXT: usize = 1_024;

/// What of the attributes that nothing interpreted is kept with the record. The client copies the operator's
/// resource attributes onto everything; the copies are not kept, the context has them.
pub(super) fn extra(
    attributes: Attributes,
    resource: &BTreeMap<String, String>,
    keep_content: bool,
) -> Vec<(String, AttributeValue)> {
    let mut kept = Vec::with_capacity(attributes.0.len());
    for (name, value) in attributes.0 {
        if matches!(&value, Value::Text(text) if resource.get(&name) == Some(text)) {
            continue;
        }
        if !keep_content && is_content(&name) {
            if name == names::TOOL_PARAMETERS {
                kept.extend(value.into_attribute_value().iter().flat_map(harmless_parameters));
            }
            continue;
        }
        match value.into_attribute_value() {
            Some(AttributeValue::Text(text)) if !keep_content && text.len() > MAX_UNKNOWN_TEXT => {
                kept.push((name, left_out(&text)));
            }
            Some(value) => kept.push((name, value)),
            None => {}
        }
    }
    kept
}

/// Takes the content from a record that was kept with it: what remains is what would have been kept without.
pub fn drop_content(record: &mut Record) {
    let kept = std::mem::take(&mut record.extra);
    for (name, value) in kept {
        match value {
            value if is_content(&name) => {
                if name == names::TOOL_PARAMETERS {
                    record.extra.extend(harmless_parameters(&value));
                }
            }
            AttributeValue::Text(text) if text.len() > MAX_UNKNOWN_TEXT => {
                record.extra.push((name, left_out(&text)));
            }
            value => record.extra.push((name, value)),
        }
    }
}

fn left_out(text: &str) -> AttributeValue {
    AttributeValue::Text(format!("[{} bytes left out]", text.len()))
}

/// Whether an attribute holds content.
pub(super) fn is_content(name: &str) -> bool {
    names::CONTENT.contains(&name)
}

fn harmless_parameters(parameters: &AttributeValue) -> Vec<(String, AttributeValue)> {
    let AttributeValue::Text(json) = parameters else { return Vec::new() };
    let Ok(serde_json::Value::Object(parameters)) = serde_json::from_str(json) else { return Vec::new() };
    names::HARMLESS_PARAMETERS
        .into_iter()
        .filter_map(|name| {
            let text = parameters.get(name)?.as_str()?;
            (text.len() <= MAX_UNKNOWN_TEXT).then(|| (name.to_owned(), AttributeValue::Text(text.to_owned())))
        })
        .collect()
}

/// The kinds of errors that the API names, in error texts.
const API_ERROR_TYPES: [&str; 10] = [
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
    "rate_limit_error",
    "timeout_error",
    "overloaded_error",
    "api_error",
];

/// The kind of an API error, from its text and HTTP status; the text itself may quote content.
pub(super) fn api_error_kind(text: Option<&str>, status: Option<i64>) -> Option<String> {
    let text = text.unwrap_or_default();
    let named = API_ERROR_TYPES.into_iter().find(|kind| text.contains(kind));
    let by_status = || match status? {
        400 => Some("invalid_request_error"),
        401 => Some("authentication_error"),
        402 => Some("billing_error"),
        403 => Some("permission_error"),
        404 => Some("not_found_error"),
        413 => Some("request_too_large"),
        429 => Some("rate_limit_error"),
        504 => Some("timeout_error"),
        529 => Some("overloaded_error"),
        500..=599 => Some("api_error"),
        _ => None,
    };
    let by_words = || {
        let text = text.to_ascii_lowercase();
        if text.contains("timed out") || text.contains("timeout") {
            Some("timeout")
        } else if ["connection", "econn", "fetch failed", "network"].iter().any(|word| text.contains(word)) {
            Some("connection")
        } else if text.contains("abort") {
            Some("aborted")
        } else {
            None
        }
    };
    named.or_else(by_status).or_else(by_words).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_names(attributes: Attributes, keep_content: bool) -> Vec<String> {
        extra(attributes, &BTreeMap::new(), keep_content).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn content_is_dropped_unless_wanted() {
        let attributes: Attributes =
            [("prompt", "secret"), ("future_attribute", "kept"), ("tool_input", "{}")].into_iter().collect();
        assert_eq!(kept_names(attributes.clone(), false), ["future_attribute"]);
        assert_eq!(kept_names(attributes, true), ["prompt", "future_attribute", "tool_input"]);
    }

    #[test]
    fn content_that_is_dropped_later_leaves_what_would_have_been_kept_without() {
        let json = r#"{"bash_command":"git","git_commit_id":"abc","git_branch":"main"}"#;
        let long = "x".repeat(2_000);
        let attributes: Attributes =
            [("prompt", "secret"), ("tool_parameters", json), ("new", long.as_str()), ("own", "1")]
                .into_iter()
                .collect();
        let mut record = Record {
            key: model::RecordKey::of(&[]),
            session: "s".into(),
            at: model::Timestamp::default(),
            source: model::Source::Events,
            context: Default::default(),
            observation: model::Observation::Prompt(Default::default()),
            extra: extra(attributes.clone(), &BTreeMap::new(), true),
        };
        let never_kept = extra(attributes, &BTreeMap::new(), false);
        assert_ne!(record.extra, never_kept);
        for _ in 0..2 {
            drop_content(&mut record);
            assert_eq!(record.extra, never_kept);
        }
    }

    #[test]
    fn names_and_ids_survive_from_tool_parameters() {
        let json = r#"{"bash_command":"git","full_command":"git commit -m x","git_commit_id":"abc","git_branch":"main"}"#;
        let attributes: Attributes = [("tool_parameters", json)].into_iter().collect();
        assert_eq!(kept_names(attributes, false), ["git_commit_id", "git_branch"]);
        let broken: Attributes =
            [("tool_parameters", "{\"git_branch\":\"ma [TRUNCATED")].into_iter().collect();
        assert_eq!(extra(broken, &BTreeMap::new(), false), []);
    }

    #[test]
    fn copies_of_resource_attributes_are_not_kept() {
        let resource = BTreeMap::from([("team.id".to_owned(), "platform".to_owned())]);
        let attributes: Attributes = [("team.id", "platform")].into_iter().collect();
        assert_eq!(extra(attributes, &resource, false), []);
        let other: Attributes = [("team.id", "search")].into_iter().collect();
        assert_eq!(extra(other, &resource, false).len(), 1);
    }

    #[test]
    fn long_texts_under_unknown_names_are_taken_for_content() {
        let attributes: Attributes = [("new_thing", "x".repeat(2_000))].into_iter().collect();
        assert_eq!(
            extra(attributes, &BTreeMap::new(), false),
            [("new_thing".to_owned(), AttributeValue::Text("[2000 bytes left out]".into()))]
        );
    }

    #[test]
    fn an_api_error_is_classed_without_its_text() {
        for (text, status, kind) in [
            (Some(r#"529 {"type":"overloaded_error"}"#), Some(529), Some("overloaded_error")),
            (Some("prompt: this is not possible"), Some(400), Some("invalid_request_error")),
            (None, Some(503), Some("api_error")),
            (Some("Connection error."), None, Some("connection")),
            (Some("Request timed out."), None, Some("timeout")),
            (Some("my secret"), None, None),
        ] {
            assert_eq!(api_error_kind(text, status).as_deref(), kind, "{text:?}");
        }
    }
}
