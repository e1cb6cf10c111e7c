//! Tool calls: what was decided about them, how they ended, what they changed.
//!
//! Events and transcripts name a call by the same id. Older events carry none; those are set against the
//! transcript's calls one by one, so that neither source hides or repeats the other's.

use std::collections::HashMap;

use model::{
    Decision, ItemKey, Kind, Measures, Observation, Posting, Record, SessionId, Source, Text, Timestamp,
    ToolOutcome,
};

use super::family::Family;
use super::requests::Request;
use super::waiting::Waiting;

/// What is posted for one call, and which other sessions' transcripts hold a copy of it.
pub(super) struct Call<'f> {
    pub postings: Vec<Posting>,
    pub held_by: Vec<&'f SessionId>,
}

/// A call as one source saw it.
trait Seen {
    fn id(&self) -> Option<&str>;
    fn tool(&self) -> &str;
    fn went_well(&self) -> bool;
}

impl Seen for Decision {
    fn id(&self) -> Option<&str> {
        self.tool_use_id.as_deref()
    }

    fn tool(&self) -> &str {
        &self.tool
    }

    fn went_well(&self) -> bool {
        self.accepted
    }
}

impl Seen for ToolOutcome {
    fn id(&self) -> Option<&str> {
        self.tool_use_id.as_deref()
    }

    fn tool(&self) -> &str {
        &self.tool
    }

    fn went_well(&self) -> bool {
        self.succeeded
    }
}

pub(super) fn settle<'f>(family: &'f Family<'f>, requests: &[Request<'f>]) -> Vec<Call<'f>> {
    let settling = Settling { family, owners: owners_of_calls(requests) };
    let decisions = family.pick(|record| match &record.observation {
        Observation::Decision(decision) => Some(decision),
        _ => None,
    });
    let outcomes = family.pick(|record| match &record.observation {
        Observation::ToolResult(outcome) => Some(outcome),
        _ => None,
    });
    let decisions = sightings_by_call(family, decisions);
    let outcomes = sightings_by_call(family, outcomes);
    let decisions = decisions.iter().map(|sightings| settling.call(sightings, Settling::decision));
    let outcomes = outcomes.iter().map(|sightings| settling.call(sightings, Settling::outcome));
    decisions.chain(outcomes).collect()
}

/// A tool call belongs to the session that owns the answer it stands in.
fn owners_of_calls<'f>(requests: &[Request<'f>]) -> HashMap<&'f str, SessionId> {
    let mut owners = HashMap::new();
    for request in requests {
        for id in &request.tool_uses {
            owners.entry(*id).or_insert_with(|| request.posting.session.clone());
        }
    }
    owners
}

/// All sightings of one call: events first, then transcripts, each oldest first; never empty.
type Sightings<'f, T> = Vec<(&'f Record, &'f T)>;

/// Sightings by the call's id or, for a call without one, each alone; in the order of the oldest.
fn sightings_by_call<'f, T: Seen>(
    family: &'f Family<'f>,
    seen: Vec<(&'f Record, &'f T)>,
) -> Vec<Sightings<'f, T>> {
    let mut calls: Vec<Sightings<'f, T>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut nameless = Vec::new();
    for (record, call) in seen {
        let Some(id) = call.id() else {
            nameless.push((record, call));
            continue;
        };
        let place = *places.entry(id).or_insert(calls.len());
        match calls.get_mut(place) {
            Some(sightings) => sightings.push((record, call)),
            None => calls.push(vec![(record, call)]),
        }
    }
    adopt_nameless(family, &mut calls, nameless);
    for sightings in &mut calls {
        sightings.sort_by_key(|(record, _)| record.source);
    }
    calls
}

/// Gives each event without an id to a call of its session, tool and outcome that only transcripts know,
/// the nearest in time; what is left stands for itself.
fn adopt_nameless<'f, T: Seen>(
    family: &'f Family<'f>,
    calls: &mut Vec<Sightings<'f, T>>,
    nameless: Sightings<'f, T>,
) {
    if nameless.is_empty() {
        return;
    }
    let alike = |(record, call): (&'f Record, &'f T)| {
        (family.account(family.maker(record)), call.tool(), call.went_well())
    };
    let mut adopters: HashMap<_, Waiting> = HashMap::new();
    for (place, sightings) in calls.iter().enumerate() {
        let only_transcripts = sightings.iter().all(|(record, _)| record.source == Source::Transcripts);
        if let Some(first) = sightings.first().filter(|_| only_transcripts) {
            adopters.entry(alike(*first)).or_default().push(first.0.at, place);
        }
    }
    for sighting in nameless {
        let alike = adopters.get_mut(&alike(sighting));
        let adopter = alike.and_then(|waiting| waiting.take_nearest(sighting.0.at));
        match adopter.and_then(|place| calls.get_mut(place)) {
            Some(sightings) => sightings.push(sighting),
            None => calls.push(vec![sighting]),
        }
    }
}

struct Settling<'f> {
    family: &'f Family<'f>,
    owners: HashMap<&'f str, SessionId>,
}

impl<'f> Settling<'f> {
    /// Everything posted for a call; `postings` is given what all of its postings have in common.
    fn call<T: Seen>(
        &self,
        sightings: &Sightings<'f, T>,
        postings: fn(&Common<'_, 'f>, &Sightings<'f, T>) -> Vec<Posting>,
    ) -> Call<'f> {
        let told_by: Vec<&Record> = sightings.iter().map(|(record, _)| *record).collect();
        let id = sightings.iter().find_map(|(_, call)| call.id());
        let session = self.owner(&told_by, id);
        let own_key = told_by.first().map(|record| record.key.to_string());
        let common = Common {
            family: self.family,
            session: &session,
            id: id.map(str::to_owned).or(own_key).unwrap_or_default(),
            at: told_by.first().map_or(Timestamp::MIN, |record| record.at),
            tool: sightings.first().map_or("", |(_, call)| call.tool()),
            told_by: &told_by,
        };
        Call { postings: postings(&common, sightings), held_by: self.family.holders(&told_by, &session) }
    }

    fn owner(&self, told_by: &[&'f Record], id: Option<&str>) -> SessionId {
        let knows =
            |record: &&Record| record.source != Source::Transcripts && !record.session.is_installation();
        let by_answer = || id.and_then(|id| self.owners.get(id));
        let owner = if told_by.iter().any(knows) { None } else { by_answer() };
        owner.or_else(|| self.family.owner(told_by)).cloned().unwrap_or_default()
    }

    fn decision(common: &Common<'_, 'f>, sightings: &Sightings<'f, Decision>) -> Vec<Posting> {
        let mut posting = common.posting(Kind::Decision);
        let accepted = sightings.first().is_some_and(|(_, decision)| decision.accepted);
        let told = |field: fn(&Decision) -> &Option<Text>| {
            sightings.iter().find_map(|(_, decision)| field(decision).clone()).unwrap_or_default()
        };
        posting.decided_by = told(|decision| &decision.decided_by);
        posting.language = told(|decision| &decision.language);
        posting.measures =
            Measures { accepted: i64::from(accepted), rejected: i64::from(!accepted), ..Measures::default() };
        vec![posting]
    }

    /// The result, and what the call provably did: lines, a commit, a pull request.
    fn outcome(common: &Common<'_, 'f>, sightings: &Sightings<'f, ToolOutcome>) -> Vec<Posting> {
        let mut result = common.posting(Kind::ToolResult);
        let succeeded = sightings.first().is_some_and(|(_, outcome)| outcome.succeeded);
        result.outcome = sightings.iter().find_map(|(_, outcome)| outcome.error.clone()).unwrap_or_default();
        result.measures = Measures {
            succeeded: i64::from(succeeded),
            failed: i64::from(!succeeded),
            duration_ms: sightings.iter().find_map(|(_, outcome)| outcome.duration_ms).unwrap_or(0),
            ..Measures::default()
        };
        let most = |field: fn(&ToolOutcome) -> i64| {
            sightings.iter().map(|(_, outcome)| field(outcome)).max().unwrap_or(0)
        };
        let lines = Measures {
            lines_added: most(|outcome| outcome.lines_added),
            lines_removed: most(|outcome| outcome.lines_removed),
            ..Measures::default()
        };
        let commits =
            Measures { commits: most(|outcome| i64::from(outcome.committed)), ..Measures::default() };
        let pull_requests = Measures {
            pull_requests: most(|outcome| i64::from(outcome.opened_pull_request)),
            ..Measures::default()
        };
        let changes = [(Kind::Lines, lines), (Kind::Commit, commits), (Kind::PullRequest, pull_requests)];
        let changed = changes.into_iter().filter(|(_, measures)| *measures != Measures::default());
        let changed = changed.map(|(kind, measures)| Posting { measures, ..common.posting(kind) });
        std::iter::once(result).chain(changed).collect()
    }
}

/// What all postings of a call have in common.
struct Common<'c, 'f> {
    family: &'f Family<'f>,
    session: &'c SessionId,
    id: String,
    /// When its first teller saw it.
    at: Timestamp,
    tool: &'f str,
    told_by: &'c [&'f Record],
}

impl Common<'_, '_> {
    fn posting(&self, kind: Kind) -> Posting {
        let item = ItemKey::of(kind.as_str(), &self.id);
        let mut posting = self.family.posting(kind, self.at, self.session, item, self.told_by);
        posting.subject = self.tool.into();
        posting
    }
}
