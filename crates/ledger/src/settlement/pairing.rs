//! Which event tells of which message.
//!
//! Both carry the API's request id, which settles nearly all of them. It may be missing on one side, and
//! a proxy may repeat it; then the figures decide.

use std::collections::HashMap;

use model::{CanonicalModel, SessionId, Timestamp, TokenUsage};

use super::family::Family;
use super::requests::{Gathered, Seen, best};
use super::waiting::Waiting;

/// What an event and a message are paired by, the surest first. Each pass takes what those before left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Request id, session and figures.
    IdAndFigures,
    /// Request id and session: lines that were never finished hold other figures.
    Id,
    /// Request id and figures, where one event and one message carry the id: the message's own session
    /// is not known, only one that copied it.
    IdAnywhere,
    /// The same without figures, for a message whose lines were never finished.
    UnfinishedAnywhere,
    /// Session and figures; neither has a request id.
    FiguresBothNameless,
    /// Session and figures; the event has no request id.
    FiguresNamelessEvent,
    /// Session and figures; the message has no request id.
    FiguresNamelessMessage,
}

const PASSES: [Pass; 7] = [
    Pass::IdAndFigures,
    Pass::Id,
    Pass::IdAnywhere,
    Pass::UnfinishedAnywhere,
    Pass::FiguresBothNameless,
    Pass::FiguresNamelessEvent,
    Pass::FiguresNamelessMessage,
];

impl Pass {
    const fn by_id(self) -> bool {
        matches!(self, Self::IdAndFigures | Self::Id | Self::IdAnywhere | Self::UnfinishedAnywhere)
    }

    const fn takes_event(self, has_id: bool) -> bool {
        match self {
            Self::IdAndFigures | Self::Id | Self::IdAnywhere | Self::UnfinishedAnywhere => has_id,
            Self::FiguresBothNameless | Self::FiguresNamelessEvent => !has_id,
            Self::FiguresNamelessMessage => true,
        }
    }

    const fn takes_message(self, has_id: bool, finished: bool) -> bool {
        match self {
            Self::IdAndFigures | Self::Id | Self::IdAnywhere => has_id,
            Self::UnfinishedAnywhere => has_id && !finished,
            Self::FiguresBothNameless | Self::FiguresNamelessMessage => !has_id,
            Self::FiguresNamelessEvent => true,
        }
    }
}

/// What must be equal in a pass; `None` where the pass does not ask.
#[derive(PartialEq, Eq, Hash)]
struct Clue<'f> {
    request_id: Option<&'f str>,
    account: Option<&'f SessionId>,
    figures: Option<(&'f CanonicalModel, [i64; 4])>,
}

/// Pairs messages with reports, each with at most one; what finds no partner stands alone.
pub(super) fn pair<'f>(
    family: &'f Family<'f>,
    messages: Vec<Vec<Seen<'f>>>,
    reports: Vec<Vec<Seen<'f>>>,
) -> Vec<Gathered<'f>> {
    let mut gathered: Vec<Gathered<'f>> =
        messages.into_iter().map(|lines| Gathered { events: Vec::new(), lines }).collect();
    let repeated = if family.is_single() { RequestIds::new() } else { request_ids(&gathered, &reports) };
    let mut waiting = reports;
    for pass in PASSES {
        if waiting.is_empty() || gathered.is_empty() {
            break;
        }
        let mut free = free_messages(family, &gathered, pass, &repeated);
        let mut unpaired = Vec::new();
        for events in waiting {
            let clue = clue_of_report(family, &events, pass, &repeated);
            let place = clue
                .zip(events.first())
                .and_then(|(clue, (event, _))| nearest_free(free.get_mut(&clue)?, event.at, &gathered));
            match place.and_then(|place| gathered.get_mut(place)) {
                Some(request) => request.events = events,
                None => unpaired.push(events),
            }
        }
        waiting = unpaired;
    }
    gathered.extend(waiting.into_iter().map(|events| Gathered { events, lines: Vec::new() }));
    gathered
}

/// How many messages and how many reports carry a request id.
type RequestIds<'f> = HashMap<&'f str, (usize, usize)>;

fn request_ids<'f>(messages: &[Gathered<'f>], reports: &[Vec<Seen<'f>>]) -> RequestIds<'f> {
    let mut ids = RequestIds::new();
    for id in messages.iter().flat_map(|message| distinct_ids(&message.lines)) {
        ids.entry(id).or_default().0 += 1;
    }
    for id in reports.iter().flat_map(|events| distinct_ids(events)) {
        ids.entry(id).or_default().1 += 1;
    }
    ids
}

/// The messages without an event, by what they offer in a pass.
fn free_messages<'f>(
    family: &'f Family<'f>,
    gathered: &[Gathered<'f>],
    pass: Pass,
    repeated: &RequestIds<'f>,
) -> HashMap<Clue<'f>, Waiting> {
    let mut free: HashMap<Clue<'_>, Waiting> = HashMap::new();
    for (place, message) in gathered.iter().enumerate().filter(|(_, message)| message.events.is_empty()) {
        let ids = distinct_ids(&message.lines);
        let Some(line) = best(message.lines.iter().copied()) else { continue };
        if !pass.takes_message(!ids.is_empty(), line.1.finished) {
            continue;
        }
        let ids = if pass.by_id() { ids.into_iter().map(Some).collect() } else { vec![None] };
        for clue in ids.into_iter().filter_map(|id| clue(family, line, id, pass, repeated)) {
            free.entry(clue).or_default().push(line.0.at, place);
        }
    }
    free
}

fn clue_of_report<'f>(
    family: &'f Family<'f>,
    events: &[Seen<'f>],
    pass: Pass,
    repeated: &RequestIds<'f>,
) -> Option<Clue<'f>> {
    let (record, event) = *events.first()?;
    let id = event.request_id.as_deref();
    let takes = pass.takes_event(id.is_some());
    takes.then(|| clue(family, (record, event), id, pass, repeated)).flatten()
}

fn clue<'f>(
    family: &'f Family<'f>,
    (record, seen): Seen<'f>,
    request_id: Option<&'f str>,
    pass: Pass,
    repeated: &RequestIds<'f>,
) -> Option<Clue<'f>> {
    let account = || Some(family.account(family.maker(record)));
    let figures = || Some((family.spellings.canonical(&seen.model), counts(&seen.usage)));
    match pass {
        Pass::IdAndFigures => Some(Clue { request_id, account: account(), figures: figures() }),
        Pass::Id => Some(Clue { request_id, account: account(), figures: None }),
        Pass::IdAnywhere | Pass::UnfinishedAnywhere => {
            let told_once = repeated.get(request_id?).is_some_and(|count| *count == (1, 1));
            let figures = if pass == Pass::IdAnywhere { figures() } else { None };
            told_once.then_some(Clue { request_id, account: None, figures })
        }
        Pass::FiguresBothNameless | Pass::FiguresNamelessEvent | Pass::FiguresNamelessMessage => {
            Some(Clue { request_id: None, account: account(), figures: figures() })
        }
    }
}

/// The message nearest in time that no event was given to meanwhile; one waits under each of its ids.
fn nearest_free(waiting: &mut Waiting, at: Timestamp, gathered: &[Gathered<'_>]) -> Option<usize> {
    while let Some(place) = waiting.take_nearest(at) {
        if gathered.get(place).is_some_and(|message| message.events.is_empty()) {
            return Some(place);
        }
    }
    None
}

fn distinct_ids<'f>(seen: &[Seen<'f>]) -> Vec<&'f str> {
    let mut ids: Vec<&str> = seen.iter().filter_map(|(_, seen)| seen.request_id.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The four counts that every source tells; the lifetimes of cache writes may be missing.
fn counts(usage: &TokenUsage) -> [i64; 4] {
    [usage.input, usage.output, usage.cache_read, usage.cache_creation]
}
