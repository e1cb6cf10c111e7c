//! Identities of records: equal for a retry, other batching, and another protocol.

use model::{ItemKey, RecordKey, SessionId, Timestamp};

use super::names;
use crate::otlp::{Attributes, Span, Value};

/// Ids that an event may carry; whatever of them is there is part of its identity.
const EVENT_IDS: [&str; 8] = [
    names::PROMPT_ID,
    names::REQUEST_ID,
    names::CLIENT_REQUEST_ID,
    names::REQUEST_BODY_ID,
    names::TOOL_USE_ID,
    names::MESSAGE_UUID,
    names::MESSAGE_ID,
    names::AGENT_ID,
];

/// The identity of an event. `attributes` are those it came with, less the sender's.
pub(super) fn event(
    session: &SessionId,
    installation: Option<&str>,
    name: &str,
    at: Timestamp,
    attributes: &Attributes,
) -> RecordKey {
    let sequence = attributes.get(names::EVENT_SEQUENCE).and_then(Value::as_int);
    let at = at.as_micros().to_le_bytes();
    // Clients that do not number their events can send two alike in one millisecond: then only all that
    // they say tells them apart.
    let sequence = match sequence {
        Some(sequence) => sequence.to_le_bytes().to_vec(),
        None => attributes.identity(),
    };
    let mut parts: Vec<&[u8]> = vec![
        b"event",
        session.as_str().as_bytes(),
        installation.unwrap_or_default().as_bytes(),
        name.as_bytes(),
        &at,
        &sequence,
    ];
    for id in EVENT_IDS {
        parts.push(match attributes.get(id) {
            Some(Value::Text(text)) => text.as_bytes(),
            _ => b"",
        });
    }
    RecordKey::of(&parts)
}

/// The identity of a metric's series: its name and attributes, without times.
pub(super) fn series(metric: &str, attributes: &Attributes) -> ItemKey {
    let mut identity = metric.as_bytes().to_vec();
    identity.push(0);
    identity.extend(attributes.identity());
    let hash = RecordKey::of(&[&identity]);
    ItemKey::of("series", &hash.to_string())
}

/// The identity of a metric point: its series, start and time. Two processes of one session send series
/// that differ in nothing but the start.
pub(super) fn point(
    session: &SessionId,
    metric: &str,
    series: ItemKey,
    start: Option<Timestamp>,
    at: Timestamp,
) -> RecordKey {
    RecordKey::of(&[
        b"point",
        session.as_str().as_bytes(),
        metric.as_bytes(),
        &series.as_i64().to_le_bytes(),
        &start.map_or(0, Timestamp::as_micros).to_le_bytes(),
        &at.as_micros().to_le_bytes(),
    ])
}

/// The identity of a span: the ids that tracing gave it.
pub(super) fn span(session: &SessionId, span: &Span) -> RecordKey {
    RecordKey::of(&[b"span", session.as_str().as_bytes(), &span.trace_id, &span.span_id])
}
