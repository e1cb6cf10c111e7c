//! Records as their sources would make them: copies of a line share a key, so do retries.

use std::sync::Arc;

use model::{
    ClientTotals, Context, Counter, CounterPoint, Decision, ItemKey, Money, Observation, ProcessStart,
    Prompt, Record, RecordKey, RequestSeen, SessionId, Source, Temporality, Text, Timestamp, TokenKind,
    TokenUsage, ToolOutcome,
};

/// 2026-11-20T10:00:00Z.
const START: i64 = 1_795_168_800;

pub(super) const OPUS: &str = "claude-opus-5-5";
pub(super) const HAIKU: &str = "claude-haiku-5-5";

/// Picodollars that an output token of [`OPUS`] costs.
pub(super) const OPUS_OUTPUT: i64 = 20_000_000;

/// Seconds into the story.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

/// The inverse of [`at`].
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.micros_since(Timestamp::from_seconds(START)) / 1_000_000
}

fn record(
    source: Source,
    session: &str,
    seconds: i64,
    key: &[impl AsRef<str>],
    observation: Observation,
) -> Record {
    let mut parts = vec![source.as_str().as_bytes()];
    parts.extend(key.iter().map(|part| part.as_ref().as_bytes()));
    Record {
        key: RecordKey::of(&parts),
        session: session.into(),
        at: at(seconds),
        source,
        context: Arc::new(Context::default()),
        observation,
        extra: Vec::new(),
    }
}

/// An event. What it says is part of its identity, as for clients that do not number their events.
pub(super) fn event(session: &str, seconds: i64, observation: Observation) -> Record {
    let identity = [session.to_owned(), seconds.to_string(), format!("{observation:?}")];
    record(Source::Events, session, seconds, &identity, observation)
}

/// What the line `uuid` tells, as it stands in the file of `session`.
pub(super) fn line(session: &str, seconds: i64, uuid: &str, observation: Observation) -> Record {
    let part = match &observation {
        Observation::Request(seen) => format!("{:?} {}", seen.usage, seen.finished),
        Observation::Decision(_) => "decision".to_owned(),
        Observation::ToolResult(_) => "result".to_owned(),
        _ => String::new(),
    };
    record(Source::Transcripts, session, seconds, &[uuid, &part], observation)
}

/// The record with another context.
pub(super) fn with_context(mut record: Record, context: &Context) -> Record {
    record.context = Arc::new(context.clone());
    record
}

pub(super) fn output(output: i64) -> TokenUsage {
    TokenUsage { output, ..TokenUsage::default() }
}

/// A finished request as an event tells of it; its cost is what the price list says.
pub(super) fn asked(request_id: &str, tokens: i64) -> RequestSeen {
    RequestSeen {
        request_id: Some(request_id.into()),
        model: OPUS.into(),
        usage: output(tokens),
        finished: true,
        cost: Some(Money::from_picos(tokens.saturating_mul(OPUS_OUTPUT))),
        ..RequestSeen::default()
    }
}

/// A finished request as a line of its answer tells of it.
pub(super) fn answered(message_id: &str, request_id: &str, tokens: i64) -> RequestSeen {
    RequestSeen { message_id: Some(message_id.into()), cost: None, ..asked(request_id, tokens) }
}

/// A line of an answer that has a line, message and request of the same name.
pub(super) fn answer(session: &str, seconds: i64, name: &str, tokens: i64) -> Record {
    line(session, seconds, name, Observation::Request(answered(name, name, tokens)))
}

/// The event of the request that [`answer`] answers.
pub(super) fn request(session: &str, seconds: i64, name: &str, tokens: i64) -> Record {
    event(session, seconds, Observation::Request(asked(name, tokens)))
}

/// The same line in the file of a session that was forked from `origin`, which says so.
pub(super) fn marked_copy(original: &Record, fork: &str) -> Record {
    let mut copy = copy(original, fork);
    if let Observation::Request(seen) = &mut copy.observation {
        let first = seen.origin_session.clone().unwrap_or_else(|| original.session.clone());
        seen.origin_session = Some(first);
    }
    copy
}

/// The same line in another session's file, which does not say that it is a copy.
pub(super) fn copy(original: &Record, session: &str) -> Record {
    Record { session: session.into(), ..original.clone() }
}

pub(super) fn tokens(model: &str, kind: TokenKind) -> Counter {
    Counter::Tokens { model: model.into(), kind }
}

/// The counter of [`OPUS`]'s output tokens.
pub(super) fn opus_output() -> Counter {
    tokens(OPUS, TokenKind::Output)
}

pub(super) fn cost(model: &str) -> Counter {
    Counter::Cost { model: model.into() }
}

/// A point of a counter whose interval, or process, started at `start`.
pub(super) fn point(
    session: &str,
    (start, seconds): (i64, i64),
    temporality: Temporality,
    counter: &Counter,
    value: f64,
) -> Record {
    let name = format!("{counter:?}");
    let point = CounterPoint {
        counter: counter.clone(),
        series: ItemKey::of("series", &name),
        start: Some(at(start)),
        temporality,
        value,
    };
    let identity = [session.to_owned(), name, start.to_string(), seconds.to_string()];
    record(Source::Metrics, session, seconds, &identity, Observation::Counter(point))
}

/// What a counter grew by in an interval.
pub(super) fn delta(session: &str, interval: (i64, i64), counter: &Counter, value: f64) -> Record {
    point(session, interval, Temporality::Delta, counter, value)
}

/// What a counter stood at since its process started.
pub(super) fn cumulative(session: &str, life: (i64, i64), counter: &Counter, value: f64) -> Record {
    point(session, life, Temporality::Cumulative, counter, value)
}

/// The client's own totals: output tokens of [`OPUS`] at list price.
pub(super) fn client_totals(session: &str, seconds: i64, tokens: i64) -> Record {
    let cost = Money::from_picos(tokens * OPUS_OUTPUT);
    totals_of(session, seconds, vec![(OPUS.into(), output(tokens), cost)], (0, 0))
}

pub(super) fn totals_of(
    session: &str,
    seconds: i64,
    models: Vec<(Text, TokenUsage, Money)>,
    (lines_added, lines_removed): (i64, i64),
) -> Record {
    let totals = ClientTotals { models, lines_added, lines_removed };
    let uuid = format!("{session} {totals:?}");
    line(session, seconds, &uuid, Observation::Totals(totals))
}

pub(super) fn process_start(session: &str, seconds: i64, start_type: &str) -> Record {
    let start = ProcessStart { start_type: start_type.into() };
    line(session, seconds, &format!("{session} {seconds}"), Observation::ProcessStart(start))
}

pub(super) fn decided(call: Option<&str>, tool: &str, accepted: bool) -> Observation {
    Observation::Decision(Decision {
        tool_use_id: call.map(Into::into),
        tool: tool.into(),
        accepted,
        ..Decision::default()
    })
}

/// The end of a call that succeeded.
pub(super) fn done(call: Option<&str>, tool: &str) -> ToolOutcome {
    ToolOutcome {
        tool_use_id: call.map(Into::into),
        tool: tool.into(),
        succeeded: true,
        ..ToolOutcome::default()
    }
}

pub(super) fn prompted(prompt_id: Option<&str>) -> Observation {
    Observation::Prompt(Prompt { prompt_id: prompt_id.map(Into::into), ..Prompt::default() })
}

/// The session of an installation that sends no session ids.
pub(super) fn installation() -> String {
    SessionId::of_installation("i").as_str().to_owned()
}
