//! What records keep under Claude Code's own names and reports look at.

use model::{AttributeValue, Record};

use super::names;

/// The number of an event. It counts from zero in each process of the client, over all its sessions.
pub fn sequence_of(record: &Record) -> Option<i64> {
    match kept(record, names::EVENT_SEQUENCE)? {
        AttributeValue::Int(number) => Some(*number),
        AttributeValue::Text(text) => text.parse().ok(),
        AttributeValue::Bool(_) | AttributeValue::Double(_) => None,
    }
}

/// The id of the subagent that did what the record tells of.
pub fn subagent_of(record: &Record) -> Option<&str> {
    match kept(record, names::AGENT_ID)? {
        AttributeValue::Text(id) if !id.is_empty() => Some(id),
        _ => None,
    }
}

fn kept<'r>(record: &'r Record, name: &str) -> Option<&'r AttributeValue> {
    record.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}
