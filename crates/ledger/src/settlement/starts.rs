//! Sessions: when each began, and each time it was taken up again.

use std::collections::BTreeMap;

use model::{Counter, ItemKey, Kind, Observation, Posting, Record, SessionId, Temporality, Timestamp};

use super::counters::point_of;
use super::family::Family;

/// A process of the client that only shows other sessions; it is none itself.
const AGENTS_VIEW: &str = "agents_view";

/// A process that goes on with an earlier session. It begins under an id of its own, until it has read which session
/// that is; a fork keeps its own.
const CONTINUE: &str = "continue";

/// How a session begins whose process did not say.
const FRESH: &str = "fresh";

/// Sources date a process's start a little differently; within this many microseconds it is the same one.
const SAME_START_MICROS: i64 = 2 * 60 * 1_000_000;

/// A start: when, of which type if told, and by which record.
#[derive(Clone, Copy)]
struct Start<'f> {
    at: Timestamp,
    start_type: Option<&'f str>,
    told_by: &'f Record,
}

/// What is known of when a session began and was taken up again.
#[derive(Default)]
struct Made<'f> {
    /// Its oldest record.
    first: Option<&'f Record>,
    /// The records that may tell of a start, oldest first.
    starts: Vec<&'f Record>,
    /// Whether anything was asked for or came of it.
    did_something: bool,
}

/// One posting for the moment a session begins and for each time a process takes it up again.
pub(super) fn settle(family: &Family<'_>) -> Vec<Posting> {
    let mut postings = Vec::new();
    let mut known = Vec::new();
    let (installations, sessions): (Vec<_>, Vec<_>) =
        made_by_session(family).into_iter().partition(|(session, _)| session.is_installation());
    for (session, made) in &sessions {
        let starts = made.starts_of_session();
        known.extend(starts.iter().map(|start| start.at));
        let item = ItemKey::of("session", session.as_str());
        postings.extend(starts.iter().map(|start| start.posting(family, session, item)));
    }
    for (session, made) in &installations {
        let starts = made.starts_of_installation(&mut known);
        postings.extend(starts.iter().map(|start| {
            let process = format!("{session} {}", start.told_by.key);
            start.posting(family, session, ItemKey::of("session", &process))
        }));
    }
    postings
}

fn made_by_session<'f>(family: &'f Family<'f>) -> BTreeMap<&'f SessionId, Made<'f>> {
    let mut made: BTreeMap<&SessionId, Made<'_>> = BTreeMap::new();
    for (session, records) in family.by_session() {
        let mut own = Made::default();
        for record in records {
            // Where copies are not marked, a transcript seems to begin with the original's process.
            let is_start = matches!(record.observation, Observation::ProcessStart(_));
            if is_start && family.is_of_copied_time(record) {
                continue;
            }
            match family.maker(record) {
                maker if maker == session => own.add(record),
                maker => made.entry(maker).or_default().add(record),
            }
        }
        made.entry(session).or_default().absorb(own);
    }
    made.retain(|_, made| made.first.is_some());
    made
}

impl<'f> Made<'f> {
    fn add(&mut self, record: &'f Record) {
        self.begins_with(record);
        match &record.observation {
            Observation::ProcessStart(_) => self.starts.push(record),
            Observation::Counter(point) if matches!(point.counter, Counter::Sessions(_)) => {
                self.starts.push(record);
            }
            Observation::Request(_) | Observation::Prompt(_) => self.did_something = true,
            Observation::Counter(point) => self.did_something |= is_of_work(&point.counter),
            _ => {}
        }
    }

    fn begins_with(&mut self, record: &'f Record) {
        let first = self.first.get_or_insert(record);
        if (record.at, record.key) < (first.at, first.key) {
            *first = record;
        }
    }

    fn absorb(&mut self, other: Self) {
        if let Some(first) = other.first {
            self.begins_with(first);
        }
        self.starts.extend(other.starts);
        self.did_something |= other.did_something;
    }

    /// A session begins with its first record, unless a start is told that lies before it; each start that
    /// is told after that takes it up again.
    fn starts_of_session(&self) -> Vec<Start<'f>> {
        let told = told_starts(&self.starts);
        let is_view = |start: &Start<'_>| start.start_type == Some(AGENTS_VIEW);
        let is_no_session = |start: &Start<'_>| is_view(start) || start.is_provisional();
        if !told.is_empty() && told.iter().all(is_no_session) && !self.did_something {
            return Vec::new();
        }
        let mut starts: Vec<Start<'_>> = told.into_iter().filter(|start| !is_view(start)).collect();
        // A process that is heard of late, by a running count, was not started then.
        let first = self.first.filter(|first| starts.iter().all(|start| first.at <= start.at));
        starts.extend(first.map(|first| Start { at: first.at, start_type: None, told_by: first }));
        starts.sort_by_key(|start| (start.at, start.told_by.key));
        let mut distinct: Vec<Start<'_>> = Vec::new();
        let mut last = None;
        for start in starts {
            match distinct.last_mut() {
                Some(same) if last.is_some_and(|last| start.at.micros_since(last) <= SAME_START_MICROS) => {
                    same.start_type = same.start_type.or(start.start_type);
                }
                _ => distinct.push(start),
            }
            last = Some(start.at);
        }
        distinct
    }

    /// Without session ids only the count of processes is left to go by, less those whose sessions are
    /// known from transcripts: `known` are the starts of the family's sessions.
    fn starts_of_installation(&self, known: &mut Vec<Timestamp>) -> Vec<Start<'f>> {
        let mut starts = told_starts(&self.starts);
        if starts.is_empty() && known.is_empty() {
            starts.extend(self.first.map(|first| Start { at: first.at, start_type: None, told_by: first }));
        }
        starts.retain(|start| {
            let is_same =
                |at: &Timestamp| at.micros_since(start.at).unsigned_abs() <= SAME_START_MICROS.unsigned_abs();
            let same = known.iter().position(is_same).map(|place| known.swap_remove(place));
            same.is_none() && start.start_type != Some(AGENTS_VIEW)
        });
        starts
    }
}

/// The starts that records tell of, oldest first.
fn told_starts<'f>(records: &[&'f Record]) -> Vec<Start<'f>> {
    let mut running: BTreeMap<(ItemKey, Option<Timestamp>), f64> = BTreeMap::new();
    let mut starts: Vec<Start<'_>> = Vec::new();
    for record in records.iter().copied() {
        if let Observation::ProcessStart(start) = &record.observation {
            starts.push(Start { at: record.at, start_type: Some(&start.start_type), told_by: record });
        }
        let Some((point, start_type)) = point_of(record).and_then(|point| match &point.counter {
            Counter::Sessions(start_type) => Some((point, start_type)),
            _ => None,
        }) else {
            continue;
        };
        // A cumulative counter repeats itself for as long as the process lives.
        let before = match point.temporality {
            Temporality::Delta => 0.0,
            Temporality::Cumulative => {
                running.insert((point.series, point.start), point.value).unwrap_or(0.0)
            }
        };
        if point.value > before {
            // The interval starts with the counter's first value, which is the process's start.
            let at = point.start.unwrap_or(record.at).min(record.at);
            starts.push(Start { at, start_type: Some(start_type), told_by: record });
        }
    }
    starts.sort_by_key(|start| (start.at, start.told_by.key));
    starts
}

/// Whether a counter counts work, and not that a process runs.
const fn is_of_work(counter: &Counter) -> bool {
    !matches!(counter, Counter::Sessions(_) | Counter::ActiveUserSeconds | Counter::ActiveCliSeconds)
}

impl Start<'_> {
    /// Whether it may stand under the id that a process had before it took another session up. Only telemetry tells
    /// of that; transcripts know no such id.
    fn is_provisional(&self) -> bool {
        self.start_type == Some(CONTINUE) && matches!(self.told_by.observation, Observation::Counter(_))
    }

    fn posting(&self, family: &Family<'_>, session: &SessionId, item: ItemKey) -> Posting {
        let mut posting = family.posting(Kind::SessionStart, self.at, session, item, &[self.told_by]);
        posting.subject = self.start_type.unwrap_or(FRESH).into();
        posting
    }
}
