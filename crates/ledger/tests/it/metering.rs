//! What metrics tell of a life.

use std::collections::BTreeMap;

use model::{
    Counter, CounterPoint, ItemKey, Money, Observation, Record, Source, Temporality, TokenKind, TokenUsage,
};

use crate::life::{Ask, Deed, Process, Seconds, Session, What};
use crate::telling::{record, time};

/// Seconds from one collection of all counters to the next.
const INTERVAL: Seconds = 60;
/// Seconds that the client works for a request.
pub(crate) const SECONDS_PER_REQUEST: f64 = 1.5;

/// A counter, and what tells its series from others of the same counter.
type Series = (Counter, &'static str);

/// What a process added to its counters, and when.
type Additions = Vec<(Seconds, Series, f64)>;

pub(crate) fn metrics(session: &Session) -> Vec<Record> {
    session
        .processes
        .iter()
        .enumerate()
        .flat_map(|(number, process)| points(session, number, process))
        .collect()
}

fn points(session: &Session, number: usize, process: &Process) -> Vec<Record> {
    let start_type = match (number, session.origin) {
        (0, None) => "fresh",
        (0, Some(_)) => "continue",
        _ => "resume",
    };
    let mut additions: Additions = vec![(process.start, (Counter::Sessions(start_type.into()), ""), 1.0)];
    for deed in &process.deeds {
        if let What::Ask(ask) = &deed.what {
            additions.extend(added_by(deed, ask));
        }
    }
    let mut points = Vec::new();
    // Of each series: when its interval or its process began, the value collected last, and the value now.
    let mut counters: BTreeMap<Series, (Seconds, f64, f64)> = BTreeMap::new();
    let mut additions = additions.into_iter().peekable();
    let mut tick = process.start;
    while tick < process.end {
        tick = (tick + INTERVAL).min(process.end);
        let mut changed = false;
        while let Some((at, series, value)) = additions.next_if(|(at, _, _)| *at <= tick) {
            counters.entry(series).or_insert((at, 0.0, 0.0)).2 += value;
            changed = true;
        }
        if !changed {
            continue;
        }
        for (series, (began, collected, value)) in &mut counters {
            if process.cumulative {
                points.push(point(session, series, (*began, tick), Temporality::Cumulative, *value));
            } else if *value > *collected {
                points.push(point(session, series, (*began, tick), Temporality::Delta, *value - *collected));
                *began = tick;
            }
            *collected = *value;
        }
    }
    points
}

fn point(
    session: &Session,
    (counter, of): &Series,
    (start, at): (Seconds, Seconds),
    temporality: Temporality,
    value: f64,
) -> Record {
    let series = format!("{counter:?} {of}");
    let identity = [session.name.as_str(), &series, &start.to_string(), &at.to_string()];
    let point = CounterPoint {
        counter: counter.clone(),
        series: ItemKey::of("series", &series),
        start: Some(time(start)),
        temporality,
        value,
    };
    record(Source::Metrics, &session.name, time(at), &identity, Observation::Counter(point))
}

/// In order of time.
fn added_by(deed: &Deed, ask: &Ask) -> Additions {
    let query_source = if ask.beside { "auxiliary" } else { "main" };
    let tokens = |kind| Counter::Tokens { model: ask.model.into(), kind };
    let TokenUsage { input, output, cache_read, cache_creation, .. } = ask.usage;
    let dollars = ask.list_price().as_picos() as f64 / Money::PICOS_PER_DOLLAR as f64;
    let of_request = [
        (tokens(TokenKind::Input), input as f64),
        (tokens(TokenKind::Output), output as f64),
        (tokens(TokenKind::CacheRead), cache_read as f64),
        (tokens(TokenKind::CacheCreation), cache_creation as f64),
        (Counter::Cost { model: ask.model.into() }, dollars),
        (Counter::ActiveCliSeconds, SECONDS_PER_REQUEST),
    ];
    let mut additions: Additions =
        of_request.map(|(counter, value)| (deed.at, (counter, query_source), value)).into();
    let Some(call) = &ask.call else { return additions };
    if call.is_edit() {
        let decisions = Counter::EditDecisions {
            tool: call.tool.into(),
            accepted: call.accepted,
            decided_by: "config".into(),
            language: "Rust".into(),
        };
        additions.push((deed.at + 1, (decisions, ""), 1.0));
    }
    let of_result = [
        (Counter::LinesAdded, call.lines_added),
        (Counter::LinesRemoved, call.lines_removed),
        (Counter::Commits, i64::from(call.commits)),
        (Counter::PullRequests, i64::from(call.opens_pull_request)),
    ];
    let of_result = of_result.into_iter().filter(|_| call.accepted);
    additions.extend(of_result.map(|(counter, value)| (deed.at + 2, (counter, ""), value as f64)));
    additions
}
