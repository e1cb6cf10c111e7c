//! Metrics: one data point, one [`Record`].

use model::{Counter, CounterPoint, Observation, Record, Source, Temporality, Timestamp, TokenKind};

use super::events::{take_accepted, take_tool};
use super::names::{self, metric, value};
use super::{Outcome, Reading, Unusable, content, keys, short_name};
use crate::otlp::{Attributes, MetricKind, MetricPoint, Value};

/// Reads a data point.
pub(super) fn record(item: MetricPoint, reading: &mut Reading<'_>) -> Outcome {
    if !(reading.from_claude_code || item.metric.starts_with(names::PREFIX)) {
        return Err((Unusable::Foreign, item.metric));
    }
    // A point without a value only says that the series ended.
    let Some(value) = item.value else { return Ok(None) };
    let metric = item.metric.clone();
    match read(item, value, reading) {
        Ok(record) => Ok(Some(record)),
        Err(unusable) => Err((unusable, metric)),
    }
}

fn read(item: MetricPoint, value: f64, reading: &mut Reading<'_>) -> Result<Record, Unusable> {
    let at = timestamp(item.time_unix_nanos).ok_or(Unusable::NoTime)?;
    let start = timestamp(item.start_unix_nanos);
    let mut attributes = item.attributes;
    let series = keys::series(&item.metric, &attributes);
    let sender = reading.senders.take_sender(&mut attributes);
    let session = reading.senders.session_of(&sender).ok_or(Unusable::NoSession)?;
    let key = keys::point(&session, &item.metric, series, start, at);
    let observation = match item.kind {
        MetricKind::Sum { monotonic: true, cumulative } => {
            if !value.is_finite() || value < 0.0 {
                return Err(Unusable::BadValue);
            }
            let counter = counter(short_name(&item.metric), &mut attributes);
            let temporality = if cumulative { Temporality::Cumulative } else { Temporality::Delta };
            Observation::Counter(CounterPoint { counter, series, start, temporality, value })
        }
        // Claude Code documents counters only; anything else is kept as it came.
        MetricKind::Sum { monotonic: false, .. } | MetricKind::Gauge | MetricKind::Distribution => {
            attributes.push(names::kept::VALUE, value);
            Observation::Unknown { name: short_name(&item.metric).into() }
        }
    };
    let context = reading.senders.context(sender);
    let extra = content::extra(attributes, reading.senders.own_attributes(), reading.config.keep_content);
    Ok(Record { key, session, at, source: Source::Metrics, context, observation, extra })
}

fn timestamp(nanos: u64) -> Option<Timestamp> {
    (nanos != 0).then(|| Timestamp::from_unix_nanos(nanos))
}

fn counter(name: &str, attributes: &mut Attributes) -> Counter {
    let known = match name {
        metric::SESSIONS => {
            let start_type = attributes.take_text(names::START_TYPE);
            // Before clients told, every count was of a new session.
            Some(Counter::Sessions(start_type.unwrap_or_else(|| value::FRESH.to_owned())))
        }
        metric::COMMITS => Some(Counter::Commits),
        metric::PULL_REQUESTS => Some(Counter::PullRequests),
        metric::LINES => by_type(
            attributes,
            &[(value::ADDED, Counter::LinesAdded), (value::REMOVED, Counter::LinesRemoved)],
        ),
        metric::ACTIVE_TIME => by_type(
            attributes,
            &[(value::USER, Counter::ActiveUserSeconds), (value::CLI, Counter::ActiveCliSeconds)],
        ),
        metric::COST => Some(Counter::Cost { model: take_model(attributes).into() }),
        metric::TOKENS => {
            token_kind(attributes).map(|kind| Counter::Tokens { model: take_model(attributes).into(), kind })
        }
        metric::EDIT_DECISIONS => {
            take_accepted(attributes).map(|accepted| edit_decisions(attributes, accepted))
        }
        _ => None,
    };
    known.unwrap_or_else(|| Counter::Unknown(name.into()))
}

fn by_type(attributes: &mut Attributes, counters: &[(&str, Counter)]) -> Option<Counter> {
    let counter = match attributes.get(names::TYPE) {
        Some(Value::Text(told)) => {
            counters.iter().find(|(name, _)| name == told).map(|(_, known)| known.clone())
        }
        _ => None,
    }?;
    attributes.take(names::TYPE);
    Some(counter)
}

fn token_kind(attributes: &mut Attributes) -> Option<TokenKind> {
    let kind = match attributes.get(names::TYPE) {
        Some(Value::Text(told)) => match told.as_str() {
            value::INPUT => TokenKind::Input,
            value::OUTPUT => TokenKind::Output,
            value::CACHE_READ => TokenKind::CacheRead,
            value::CACHE_CREATION => TokenKind::CacheCreation,
            _ => return None,
        },
        _ => return None,
    };
    attributes.take(names::TYPE);
    Some(kind)
}

fn take_model(attributes: &mut Attributes) -> String {
    attributes.take_text(names::MODEL).unwrap_or_else(|| value::UNKNOWN.to_owned())
}

fn edit_decisions(attributes: &mut Attributes, accepted: bool) -> Counter {
    let unknown = || value::UNKNOWN.to_owned();
    Counter::EditDecisions {
        tool: take_tool(attributes).into(),
        accepted,
        decided_by: attributes.take_text(names::SOURCE).unwrap_or_else(unknown).into(),
        language: attributes.take_text(names::LANGUAGE).unwrap_or_else(unknown).into(),
    }
}
