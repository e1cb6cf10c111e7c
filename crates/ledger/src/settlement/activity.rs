//! Prompts, failed requests and everything counted by name.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{
    ApiError, ItemKey, Kind, Measures, Observation, Occurrence, Posting, Prompt, Record, SessionId, Source,
    Timestamp,
};

use super::family::Family;
use super::waiting::Waiting;

pub(super) fn settle(family: &Family<'_>) -> Vec<Posting> {
    let mut postings = prompts(family);
    postings.extend(api_errors(family));
    postings.extend(occurrences(family));
    postings
}

/// One thing, and everything that tells of it: events first, then transcripts, each oldest first; never
/// empty.
struct Thing<'f, T> {
    identity: String,
    tellers: Vec<(&'f Record, &'f T)>,
}

impl<'f, T> Thing<'f, T> {
    fn only_event(&self) -> Option<(&'f Record, &'f T)> {
        let (first, last) = (self.tellers.first()?, self.tellers.last()?);
        (!is_transcript(first.0) && !is_transcript(last.0)).then_some(*first)
    }

    fn only_transcript(&self) -> Option<(&'f Record, &'f T)> {
        self.tellers.first().filter(|(record, _)| is_transcript(record)).copied()
    }

    /// What is told of it first.
    fn told<V>(&self, field: impl Fn(&'f T) -> Option<V>) -> Option<V> {
        self.tellers.iter().find_map(|(_, thing)| field(thing))
    }

    fn posting(&self, family: &'f Family<'f>, kind: Kind) -> Posting {
        let told_by: Vec<&Record> = self.tellers.iter().map(|(record, _)| *record).collect();
        let at = told_by.first().map_or(Timestamp::MIN, |record| record.at);
        let nowhere = SessionId::default();
        let session = family.owner(&told_by).unwrap_or(&nowhere);
        family.posting(kind, at, session, ItemKey::of(kind.as_str(), &self.identity), &told_by)
    }
}

fn is_transcript(record: &Record) -> bool {
    record.source == Source::Transcripts
}

/// Things of one kind that sources may both tell of, by session and name: by their shared identity where
/// they have one; of the rest, the transcript's are taken only as far as they outnumber the events.
fn once<'f, T>(
    family: &'f Family<'f>,
    seen: Vec<(&'f Record, &'f T)>,
    identity: impl Fn(&'f Record, &'f T) -> Option<String>,
    name: impl Fn(&'f T) -> &'f str,
) -> Vec<Thing<'f, T>> {
    let mut things: BTreeMap<String, Vec<(&Record, &T)>> = BTreeMap::new();
    for (record, thing) in seen {
        let identity = identity(record, thing).unwrap_or_else(|| record.key.to_string());
        things.entry(identity).or_default().push((record, thing));
    }
    let things = things.into_iter().map(|(identity, mut tellers)| {
        tellers.sort_by_key(|(record, _)| record.source);
        Thing { identity, tellers }
    });
    let mut things: Vec<Thing<'_, T>> = things.collect();
    things.sort_by_key(|thing| thing.tellers.first().map(|(record, _)| (record.at, record.key)));
    let already_told = already_told(family, &things, name);
    let mut place = 0..;
    things.retain(|_| place.next().is_none_or(|place| !already_told.contains(&place)));
    things
}

/// The places of those that only a transcript tells of and that an event without a shared identity is
/// taken to tell of as well, the nearest in time for each. `things` are in order of time.
fn already_told<'f, T>(
    family: &'f Family<'f>,
    things: &[Thing<'f, T>],
    name: impl Fn(&'f T) -> &'f str,
) -> HashSet<usize> {
    let alike = |(record, thing): (&'f Record, &'f T)| (family.account(family.maker(record)), name(thing));
    let mut only_lines: HashMap<_, Waiting> = HashMap::new();
    for (place, thing) in things.iter().enumerate() {
        if let Some(line) = thing.only_transcript() {
            only_lines.entry(alike(line)).or_default().push(line.0.at, place);
        }
    }
    let only_events = things.iter().filter_map(Thing::only_event);
    only_events.filter_map(|event| only_lines.get_mut(&alike(event))?.take_nearest(event.0.at)).collect()
}

fn prompts(family: &Family<'_>) -> Vec<Posting> {
    let seen = family.pick(|record| match &record.observation {
        Observation::Prompt(prompt) => Some(prompt),
        _ => None,
    });
    // The prompts that a fork copied all carry the id of the first one it was given itself.
    let identity = |record, prompt: &Prompt| {
        prompt.prompt_id.clone().filter(|_| *family.maker(record) == record.session)
    };
    let name = |prompt: &Prompt| if prompt.command.is_some() { "command" } else { "prompt" };
    let postings = once(family, seen, identity, name).into_iter().map(|thing| {
        let command = thing.told(|prompt| prompt.command.clone());
        let mut posting = thing.posting(family, Kind::Prompt);
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
    let things = once(family, seen, |_, error: &ApiError| error.request_id.clone(), |_| "error");
    let postings = things.into_iter().map(|thing| {
        let mut posting = thing.posting(family, Kind::ApiError);
        posting.subject =
            thing.told(|error| error.status).map(|status| status.to_string()).unwrap_or_default().into();
        posting.outcome = thing.told(|error| error.error.clone()).unwrap_or_default();
        let model = thing.told(|error| error.model.as_deref());
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
    let identity = |_, occurrence: &Occurrence| {
        occurrence.identity.as_ref().map(|identity| format!("{}\0{identity}", occurrence.name))
    };
    let things = once(family, seen, identity, |occurrence| &occurrence.name);
    let postings = things.into_iter().map(|thing| {
        let mut posting = thing.posting(family, Kind::Occurrence);
        posting.subject = thing.told(|occurrence| Some(occurrence.name.clone())).unwrap_or_default();
        posting.agent = thing.told(|occurrence| occurrence.subject.clone()).unwrap_or_default();
        posting.outcome = thing.told(|occurrence| occurrence.outcome.clone()).unwrap_or_default();
        posting.measures = Measures {
            occurrences: 1,
            duration_ms: thing.told(|occurrence| occurrence.duration_ms).unwrap_or(0),
            ..Measures::default()
        };
        posting
    });
    postings.collect()
}
