//! Sessions, prompts, failed requests and everything counted by name.

use std::collections::BTreeMap;

use model::{
    ApiError, Counter, ItemKey, Kind, Measures, Observation, Occurrence, Posting, Prompt, Record, SessionId,
    Source, Timestamp,
};

use super::counters::point_of;
use super::family::Family;

/// A process of the client that only shows other sessions; it is none itself.
const AGENTS_VIEW: &str = "agents_view";

/// Sources date a process's start a little differently; within this many microseconds it is the same one.
const SAME_START_MICROS: i64 = 2 * 60 * 1_000_000;

pub(super) fn settle(family: &Family<'_>) -> Vec<Posting> {
    let mut postings = session_starts(family);
    postings.extend(prompts(family));
    postings.extend(api_errors(family));
    postings.extend(occurrences(family));
    postings
}

/// Things of one kind that sources may both tell of, by session and name: by their shared identity where
/// they have one; of the rest, the transcript's are taken only as far as they outnumber the events.
fn once<T>(
    seen: Vec<(&Record, T)>,
    identity: impl Fn(&T) -> Option<String>,
    name: impl Fn(&T) -> String,
) -> Vec<(String, Vec<(&Record, T)>)> {
    let mut things: BTreeMap<String, Vec<(&Record, T)>> = BTreeMap::new();
    for (record, thing) in seen {
        let identity = identity(&thing).unwrap_or_else(|| record.key.to_string());
        things.entry(identity).or_default().push((record, thing));
    }
    for tellers in things.values_mut() {
        tellers.sort_by_key(|(record, _)| (record.source, record.at, record.key));
    }
    let told_by_both = |tellers: &[(&Record, T)]| {
        tellers.iter().any(|(record, _)| record.source == Source::Transcripts)
            && tellers.iter().any(|(record, _)| record.source != Source::Transcripts)
    };
    let mut only_events: BTreeMap<(SessionId, String), usize> = BTreeMap::new();
    for tellers in things.values().filter(|tellers| !told_by_both(tellers)) {
        if let Some((record, thing)) =
            tellers.first().filter(|(record, _)| record.source != Source::Transcripts)
        {
            *only_events.entry((record.session.clone(), name(thing))).or_default() += 1;
        }
    }
    let mut things: Vec<_> = things.into_iter().collect();
    things.sort_by_key(|(_, tellers)| tellers.first().map(|(record, _)| (record.at, record.key)));
    things.retain(|(_, tellers)| {
        let Some((record, thing)) = tellers.first() else { return false };
        if record.source != Source::Transcripts {
            return true;
        }
        match only_events.get_mut(&(record.session.clone(), name(thing))) {
            Some(already_told) if *already_told > 0 => {
                *already_told -= 1;
                false
            }
            _ => true,
        }
    });
    things
}

fn posting_of<T>(family: &Family<'_>, kind: Kind, identity: &str, tellers: &[(&Record, T)]) -> Posting {
    let told_by: Vec<&Record> = tellers.iter().map(|(record, _)| *record).collect();
    let at = told_by.first().map_or(Timestamp::MIN, |record| record.at);
    let event =
        told_by.iter().find(|record| record.source != Source::Transcripts).map(|record| &record.session);
    let holder =
        || told_by.iter().map(|record| &record.session).min_by_key(|session| family.precedence(session));
    let session = event.or_else(holder).cloned().unwrap_or_default();
    family.posting(kind, at, &session, ItemKey::of(kind.as_str(), identity), &told_by)
}

fn prompts(family: &Family<'_>) -> Vec<Posting> {
    let seen = family.pick(|record| match &record.observation {
        Observation::Prompt(prompt) => Some(prompt),
        _ => None,
    });
    let name = |prompt: &&Prompt| if prompt.command.is_some() { "command".to_owned() } else { String::new() };
    let postings =
        once(seen, |prompt| prompt.prompt_id.clone(), name).into_iter().map(|(identity, tellers)| {
            let command = tellers.iter().find_map(|(_, prompt)| prompt.command.clone());
            let mut posting = posting_of(family, Kind::Prompt, &identity, &tellers);
            posting.measures.commands = i64::from(command.is_some());
            posting.measures.prompts = i64::from(command.is_none());
            posting.subject = command.unwrap_or_default();
            posting
        });
    postings.collect()
}

fn api_errors(family: &Family<'_>) -> Vec<Posting> {
    let seen = family.pick(|record| match &record.observation {
        Observation::ApiError(error) => Some(error),
        _ => None,
    });
    let postings = once(seen, |error: &&ApiError| error.request_id.clone(), |_| String::new());
    let postings = postings.into_iter().map(|(identity, tellers)| {
        let mut posting = posting_of(family, Kind::ApiError, &identity, &tellers);
        let status = tellers.iter().find_map(|(_, error)| error.status).map(|status| status.to_string());
        posting.subject = status.unwrap_or_default();
        posting.outcome = tellers.iter().find_map(|(_, error)| error.error.clone()).unwrap_or_default();
        let model = tellers.iter().find_map(|(_, error)| error.model.as_deref());
        posting.model = model.map(model::displayed_model).unwrap_or_default();
        posting.measures.api_errors = 1;
        posting
    });
    postings.collect()
}

fn occurrences(family: &Family<'_>) -> Vec<Posting> {
    let seen = family.pick(|record| match &record.observation {
        Observation::Occurrence(occurrence) => Some(occurrence),
        _ => None,
    });
    let identity = |occurrence: &&Occurrence| {
        occurrence.identity.as_ref().map(|identity| format!("{}\0{identity}", occurrence.name))
    };
    let things = once(seen, identity, |occurrence| occurrence.name.clone());
    let postings = things.into_iter().map(|(identity, tellers)| {
        let mut posting = posting_of(family, Kind::Occurrence, &identity, &tellers);
        let told = |field: fn(&Occurrence) -> &Option<String>| {
            tellers.iter().find_map(|(_, occurrence)| field(occurrence).clone()).unwrap_or_default()
        };
        posting.subject = tellers.first().map(|(_, occurrence)| occurrence.name.clone()).unwrap_or_default();
        posting.agent = told(|occurrence| &occurrence.subject);
        posting.outcome = told(|occurrence| &occurrence.outcome);
        posting.measures = Measures {
            occurrences: 1,
            duration_ms: tellers.iter().find_map(|(_, occurrence)| occurrence.duration_ms).unwrap_or(0),
            ..Measures::default()
        };
        posting
    });
    postings.collect()
}

/// A start: when, of which type, and by which record.
struct Start<'a> {
    at: Timestamp,
    start_type: &'a str,
    told_by: &'a Record,
}

/// One posting for the day a session begins and for each time a process takes it up again.
fn session_starts(family: &Family<'_>) -> Vec<Posting> {
    let mut own: BTreeMap<&SessionId, Vec<&Record>> = BTreeMap::new();
    for record in family.records.iter().filter(|record| Family::is_own(record)) {
        own.entry(&record.session).or_default().push(record);
    }
    let mut postings = Vec::new();
    for (session, records) in own {
        let starts: Vec<Start<'_>> = records.iter().filter_map(|record| start_of(record)).collect();
        if session.is_installation() {
            postings.extend(starts_of_installation(family, session, &records, &starts));
        } else {
            postings.extend(starts_of_session(family, session, &records, starts));
        }
    }
    postings
}

/// What a record says of a process's start. Counters are dated by the start of their interval, which is
/// the moment of the first value.
fn start_of(record: &Record) -> Option<Start<'_>> {
    if let Observation::ProcessStart(start) = &record.observation {
        return Some(Start { at: record.at, start_type: &start.start_type, told_by: record });
    }
    let point = point_of(record)?;
    match &point.counter {
        Counter::Sessions(start_type) if point.value > 0.0 => {
            Some(Start { at: point.start.unwrap_or(record.at).min(record.at), start_type, told_by: record })
        }
        _ => None,
    }
}

fn starts_of_session<'a>(
    family: &Family<'a>,
    session: &'a SessionId,
    records: &[&'a Record],
    mut starts: Vec<Start<'a>>,
) -> Vec<Posting> {
    let only_views = !starts.is_empty() && starts.iter().all(|start| start.start_type == AGENTS_VIEW);
    let did_something = records
        .iter()
        .any(|record| matches!(record.observation, Observation::Request(_) | Observation::Prompt(_)));
    if only_views && !did_something {
        return Vec::new();
    }
    starts.retain(|start| start.start_type != AGENTS_VIEW);
    if let Some(first) = records.first() {
        let begun =
            starts.iter().filter(|start| start.start_type != "resume").map(|start| start.start_type).min();
        starts.push(Start { at: first.at, start_type: begun.unwrap_or("fresh"), told_by: first });
    }
    starts.sort_by_key(|start| (start.at, start.told_by.key));
    let mut last: Option<Timestamp> = None;
    starts.retain(|start| {
        let is_new = last.is_none_or(|last| start.at.micros_since(last) > SAME_START_MICROS);
        last = Some(start.at);
        is_new
    });
    let item = ItemKey::of("session", session.as_str());
    starts.iter().map(|start| start_posting(family, session, item, start)).collect()
}

/// Without session ids only the count of processes is left to go by.
fn starts_of_installation<'a>(
    family: &Family<'a>,
    session: &'a SessionId,
    records: &[&'a Record],
    starts: &[Start<'a>],
) -> Vec<Posting> {
    let counted: Vec<&Start<'_>> = starts.iter().filter(|start| start.start_type != AGENTS_VIEW).collect();
    if counted.is_empty() {
        let first = records.first().map(|first| Start { at: first.at, start_type: "fresh", told_by: first });
        let item = ItemKey::of("session", session.as_str());
        return first.iter().map(|start| start_posting(family, session, item, start)).collect();
    }
    let postings = counted.into_iter().map(|start| {
        let process = format!("{session} {}", start.told_by.key);
        start_posting(family, session, ItemKey::of("session", &process), start)
    });
    postings.collect()
}

fn start_posting(family: &Family<'_>, session: &SessionId, item: ItemKey, start: &Start<'_>) -> Posting {
    let mut posting = family.posting(Kind::SessionStart, start.at, session, item, &[start.told_by]);
    start.start_type.clone_into(&mut posting.subject);
    posting
}
