//! Events: one log record, one [`Record`].

use model::{
    ApiError, Decision, Money, Observation, Prompt, Record, RequestSeen, Source, Timestamp, TokenUsage,
    ToolOutcome,
};

use super::names::{self, event, value};
use super::{Outcome, Reading, Unusable, content, keys, occurrences, short_name};
use crate::otlp::{Attributes, LogRecord, Value, hexadecimal};

/// Reads a log record.
pub(super) fn record(mut item: LogRecord, reading: &mut Reading<'_>) -> Outcome {
    let sent_name = take_name(&mut item);
    let name = short_name(&sent_name);
    let prefixed = name.len() < sent_name.len()
        || item.event_name.starts_with(names::PREFIX)
        || matches!(&item.body, Value::Text(body) if body.starts_with(names::PREFIX));
    if !(reading.from_claude_code || prefixed) {
        return Err((Unusable::Foreign, sent_name));
    }
    match read(name, item, reading) {
        Ok(record) => Ok(Some(record)),
        Err(unusable) => Err((unusable, sent_name)),
    }
}

/// The event's name: its attribute, else OTLP's own field, else the body, which repeats it.
fn take_name(item: &mut LogRecord) -> String {
    if let Some(name) = item.attributes.take_text(names::EVENT_NAME) {
        return name;
    }
    match &item.body {
        _ if !item.event_name.is_empty() => item.event_name.clone(),
        Value::Text(body) if body.starts_with(names::PREFIX) => body.clone(),
        _ => String::new(),
    }
}

fn read(name: &str, item: LogRecord, reading: &mut Reading<'_>) -> Result<Record, Unusable> {
    let at = take_time(&item).ok_or(Unusable::NoTime)?;
    let mut attributes = item.attributes;
    let sender = reading.senders.take_sender(&mut attributes);
    let session = reading.senders.session_of(&sender).ok_or(Unusable::NoSession)?;
    let key = keys::event(&session, sender.installation.as_deref(), name, at, &attributes);
    let observation = observation(name, &mut attributes)?;
    drop_repeated_time(&mut attributes, at);
    for (kept, id) in [(names::kept::TRACE_ID, &item.trace_id), (names::kept::SPAN_ID, &item.span_id)] {
        if !id.is_empty() {
            attributes.push(kept, hexadecimal(id));
        }
    }
    let context = reading.senders.context(sender);
    let extra = content::extra(attributes, reading.senders.own_attributes(), reading.config.keep_content);
    Ok(Record { key, session, at, source: Source::Events, context, observation, extra })
}

fn take_time(item: &LogRecord) -> Option<Timestamp> {
    let nanos = [item.time_unix_nanos, item.observed_unix_nanos].into_iter().find(|&nanos| nanos != 0);
    nanos.map(Timestamp::from_unix_nanos).or_else(|| match item.attributes.get(names::EVENT_TIMESTAMP) {
        Some(Value::Text(text)) => Timestamp::parse_rfc3339(text),
        _ => None,
    })
}

/// The time as text says nothing that the record's time does not, unless they differ.
fn drop_repeated_time(attributes: &mut Attributes, at: Timestamp) {
    let repeated = match attributes.get(names::EVENT_TIMESTAMP) {
        Some(Value::Text(text)) => Timestamp::parse_rfc3339(text).is_some_and(|told| told == at),
        _ => false,
    };
    if repeated {
        attributes.take(names::EVENT_TIMESTAMP);
    }
}

fn observation(name: &str, attributes: &mut Attributes) -> Result<Observation, Unusable> {
    let known = match name {
        event::API_REQUEST => Some(Observation::Request(request(attributes)?)),
        event::TOOL_DECISION => decision(attributes).map(Observation::Decision),
        event::TOOL_RESULT => Some(Observation::ToolResult(tool_result(attributes))),
        event::USER_PROMPT => Some(Observation::Prompt(prompt(attributes))),
        event::API_ERROR => Some(Observation::ApiError(api_error(attributes))),
        _ => occurrences::read(name, attributes).map(Observation::Occurrence),
    };
    Ok(known.unwrap_or_else(|| Observation::Unknown { name: name.into() }))
}

fn request(attributes: &mut Attributes) -> Result<RequestSeen, Unusable> {
    let usage = TokenUsage {
        input: take_count(attributes, names::INPUT_TOKENS)?,
        output: take_count(attributes, names::OUTPUT_TOKENS)?,
        cache_read: take_count(attributes, names::CACHE_READ_TOKENS)?,
        cache_creation: take_count(attributes, names::CACHE_CREATION_TOKENS)?,
        cache_creation_5m: take_count(attributes, names::CACHE_CREATION_5M_TOKENS)?,
        cache_creation_1h: take_count(attributes, names::CACHE_CREATION_1H_TOKENS)?,
    };
    Ok(RequestSeen {
        request_id: attributes.take_text(names::REQUEST_ID),
        message_id: attributes.take_text(names::MESSAGE_ID),
        model: attributes.take_text(names::MODEL).unwrap_or_else(|| value::UNKNOWN.to_owned()).into(),
        usage,
        finished: true,
        cost: take_cost(attributes),
        fast: take_fast(attributes),
        query_source: attributes.take_text(names::QUERY_SOURCE),
        agent: attributes.take_text(names::AGENT_NAME),
        skill: attributes.take_text(names::SKILL_NAME),
        mcp_server: attributes.take_text(names::MCP_SERVER_NAME),
        effort: attributes.take_text(names::EFFORT),
        duration_ms: attributes.take_int(names::DURATION_MS),
        ttft_ms: attributes.take_int(names::TTFT_MS),
        ..RequestSeen::default()
    })
}

/// A number of tokens; none when absent. One that cannot be read spoils the record, since a request with
/// too few tokens is worse than one that is told to be missing.
fn take_count(attributes: &mut Attributes, name: &'static str) -> Result<i64, Unusable> {
    match attributes.take(name) {
        None | Some(Value::Empty) => Ok(0),
        Some(value) => value.as_int().filter(|&count| count >= 0).ok_or(Unusable::BadCount(name)),
    }
}

/// The cost in full precision; the rounded one where an old client sends no other.
fn take_cost(attributes: &mut Attributes) -> Option<Money> {
    let exact = attributes.get(names::COST_USD).and_then(Value::as_double).and_then(Money::from_dollars);
    let rounded =
        attributes.get(names::COST_USD_MICROS).and_then(Value::as_int).filter(|&micros| micros >= 0);
    let cost = exact.or(rounded.map(Money::from_micros));
    if cost.is_some() {
        attributes.take(names::COST_USD);
        attributes.take(names::COST_USD_MICROS);
    }
    cost
}

fn take_fast(attributes: &mut Attributes) -> bool {
    let fast = match attributes.get(names::SPEED) {
        Some(Value::Text(speed)) if speed == value::FAST => true,
        Some(Value::Text(speed)) if speed == value::NORMAL => false,
        _ => return false,
    };
    attributes.take(names::SPEED);
    fast
}

/// Whether a decision says yes; `None` for one that is neither, which stays.
pub(super) fn take_accepted(attributes: &mut Attributes) -> Option<bool> {
    let accepted = match attributes.get(names::DECISION) {
        Some(Value::Text(decision)) if decision == value::ACCEPT => true,
        Some(Value::Text(decision)) if decision == value::REJECT => false,
        _ => return None,
    };
    attributes.take(names::DECISION);
    Some(accepted)
}

/// The tool's name, under its present or its former attribute.
pub(super) fn take_tool(attributes: &mut Attributes) -> String {
    attributes
        .take_text(names::TOOL_NAME)
        .or_else(|| attributes.take_text(names::TOOL))
        .unwrap_or_else(|| value::UNKNOWN.to_owned())
}

fn decision(attributes: &mut Attributes) -> Option<Decision> {
    let accepted = take_accepted(attributes)?;
    Some(Decision {
        tool_use_id: attributes.take_text(names::TOOL_USE_ID),
        tool: take_tool(attributes).into(),
        accepted,
        decided_by: attributes.take_text(names::SOURCE),
        language: attributes.take_text(names::LANGUAGE),
    })
}

fn tool_result(attributes: &mut Attributes) -> ToolOutcome {
    let error = attributes.take_text(names::ERROR_TYPE).or_else(|| attributes.take_text(names::ERROR_CLASS));
    ToolOutcome {
        tool_use_id: attributes.take_text(names::TOOL_USE_ID),
        tool: take_tool(attributes).into(),
        succeeded: attributes.take_bool(names::SUCCESS).unwrap_or(error.is_none()),
        error,
        duration_ms: attributes.take_int(names::DURATION_MS),
        ..ToolOutcome::default()
    }
}

fn prompt(attributes: &mut Attributes) -> Prompt {
    Prompt {
        prompt_id: attributes.take_text(names::PROMPT_ID),
        command: attributes.take_text(names::COMMAND_NAME),
        length: attributes.take_int(names::PROMPT_LENGTH),
    }
}

fn api_error(attributes: &mut Attributes) -> ApiError {
    let status = attributes.take_int(names::STATUS_CODE);
    let kind = match attributes.get(names::ERROR) {
        Some(Value::Text(text)) => content::api_error_kind(Some(text), status),
        _ => content::api_error_kind(None, status),
    };
    ApiError {
        request_id: attributes.take_text(names::REQUEST_ID),
        model: attributes.take_text(names::MODEL),
        status,
        error: kind.map(Into::into),
        attempts: attributes.take_int(names::ATTEMPT),
    }
}
