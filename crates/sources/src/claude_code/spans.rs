//! Spans: evidence that counts nothing.

use model::{Observation, Occurrence, Record, Source, Timestamp};
use serde_json::json;

use super::names;
use super::{Outcome, Reading, Unusable, content, keys, outcome_of, short_name};
use crate::otlp::{Attributes, Span, SpanEvent, hexadecimal};

/// What a span was about: the first of these that it has.
const SUBJECTS: [&str; 4] = [names::TOOL_NAME, names::MODEL, names::HOOK_NAME, names::AGENT_TYPE];

/// Reads a span.
pub(super) fn record(item: Span, reading: &mut Reading<'_>) -> Outcome {
    if !(reading.from_claude_code || item.name.starts_with(names::PREFIX)) {
        return Err((Unusable::Foreign, item.name));
    }
    let name = item.name.clone();
    match read(item, reading) {
        Ok(record) => Ok(Some(record)),
        Err(unusable) => Err((unusable, name)),
    }
}

fn read(mut item: Span, reading: &mut Reading<'_>) -> Result<Record, Unusable> {
    if item.start_unix_nanos == 0 {
        return Err(Unusable::NoTime);
    }
    if item.span_id.is_empty() {
        return Err(Unusable::NoSpanId);
    }
    let at = Timestamp::from_unix_nanos(item.start_unix_nanos);
    let mut attributes = std::mem::take(&mut item.attributes);
    let sender = reading.senders.take_sender(&mut attributes);
    let session = reading.senders.session_of(&sender).ok_or(Unusable::NoSession)?;
    let key = keys::span(&session, &item);
    let observation = Observation::Span(occurrence(&item, at, &mut attributes));
    for (kept, id) in [
        (names::kept::TRACE_ID, &item.trace_id),
        (names::kept::SPAN_ID, &item.span_id),
        (names::kept::PARENT_SPAN_ID, &item.parent_span_id),
    ] {
        if !id.is_empty() {
            attributes.push(kept, hexadecimal(id));
        }
    }
    if !item.events.is_empty() {
        attributes.push(names::kept::SPAN_EVENTS, events_as_json(item.events, reading.config.keep_content));
    }
    let context = reading.senders.context(sender);
    let extra = content::extra(attributes, reading.senders.own_attributes(), reading.config.keep_content);
    Ok(Record { key, session, at, source: Source::Traces, context, observation, extra })
}

fn occurrence(item: &Span, at: Timestamp, attributes: &mut Attributes) -> Occurrence {
    let told_ms = attributes
        .take_int(names::DURATION_MS)
        .or_else(|| attributes.take_int(names::INTERACTION_DURATION_MS));
    let ended = (item.end_unix_nanos != 0).then(|| Timestamp::from_unix_nanos(item.end_unix_nanos));
    let measured_ms = ended.map(|ended| ended.micros_since(at) / 1_000);
    let outcome = match attributes.take_bool(names::SUCCESS) {
        _ if item.failed => Some(outcome_of(false)),
        Some(succeeded) => Some(outcome_of(succeeded)),
        None => attributes.take_text(names::DECISION),
    };
    Occurrence {
        name: short_name(&item.name).into(),
        subject: SUBJECTS.into_iter().find_map(|name| attributes.take_text(name)),
        outcome,
        duration_ms: told_ms.or(measured_ms),
        identity: Some(hexadecimal(&item.span_id)),
    }
}

/// What happened within the span, as JSON text.
fn events_as_json(events: Vec<SpanEvent>, keep_content: bool) -> String {
    let events: Vec<_> = events
        .into_iter()
        .map(|event| {
            let kept: serde_json::Map<_, _> = event
                .attributes
                .0
                .into_iter()
                .filter(|(name, _)| keep_content || !content::is_content(name))
                .map(|(name, value)| (name, value.to_json()))
                .collect();
            json!({
                "name": event.name,
                "at": Timestamp::from_unix_nanos(event.time_unix_nanos).to_rfc3339(),
                "attributes": kept,
            })
        })
        .collect();
    serde_json::Value::Array(events).to_string()
}
