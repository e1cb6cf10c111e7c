//! Tool calls: what was decided about them, how they ended, what they changed.
//!
//! Events and transcripts name a call by the same id. Older events carry none; those are set against the
//! transcript's calls one by one, so that neither source hides or repeats the other's.

use std::collections::{BTreeMap, HashMap};

use model::{
    Decision, ItemKey, Kind, Measures, Observation, Posting, Record, SessionId, Source, ToolOutcome,
};

use super::family::Family;
use super::requests::Request;

/// A call as one source saw it.
trait Call {
    fn id(&self) -> Option<&str>;
    fn tool(&self) -> &str;
    fn went_well(&self) -> bool;
}

impl Call for Decision {
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

impl Call for ToolOutcome {
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

pub(super) fn settle<'a>(family: &Family<'a>, requests: &[Request<'a>]) -> Vec<Posting> {
    let owners = owners_of_calls(requests);
    let decisions = family.pick(|record| match &record.observation {
        Observation::Decision(decision) => Some(decision),
        _ => None,
    });
    let outcomes = family.pick(|record| match &record.observation {
        Observation::ToolResult(outcome) => Some(outcome),
        _ => None,
    });
    let mut postings = Vec::new();
    for (id, sightings) in calls(decisions) {
        postings.push(decision_posting(family, &owners, &id, &sightings));
    }
    for (id, sightings) in calls(outcomes) {
        postings.extend(outcome_postings(family, &owners, &id, &sightings));
    }
    postings
}

/// A tool call belongs to the session that owns the answer it stands in.
fn owners_of_calls<'r>(requests: &'r [Request<'_>]) -> HashMap<&'r str, &'r SessionId> {
    let calls = requests.iter().flat_map(|request| {
        let session = &request.posting.session;
        request.tool_uses.iter().map(move |id| (*id, session))
    });
    calls.collect()
}

type Sightings<'a, T> = Vec<(&'a Record, &'a T)>;

/// All sightings of each call, by id or, for a call without one, by record. Events come first.
fn calls<'a, T: Call>(seen: Sightings<'a, T>) -> BTreeMap<String, Sightings<'a, T>> {
    let mut by_call: BTreeMap<String, Sightings<'a, T>> = BTreeMap::new();
    let mut nameless = Vec::new();
    for (record, call) in seen {
        match call.id() {
            Some(id) => by_call.entry(id.to_owned()).or_default().push((record, call)),
            None => nameless.push((record, call)),
        }
    }
    adopt_nameless(&mut by_call, nameless);
    for sightings in by_call.values_mut() {
        sightings.sort_by_key(|(record, _)| (record.source, record.at, record.key));
    }
    by_call
}

/// Gives each event without an id to the oldest call of its session, tool and outcome that only
/// transcripts know; what is left stands for itself.
fn adopt_nameless<'a, T: Call>(by_call: &mut BTreeMap<String, Sightings<'a, T>>, nameless: Sightings<'a, T>) {
    if nameless.is_empty() {
        return;
    }
    let mut adopters: BTreeMap<(SessionId, String, bool), Vec<(model::Timestamp, String)>> = BTreeMap::new();
    for (id, sightings) in by_call.iter() {
        let Some((record, call)) = sightings.first() else { continue };
        if sightings.iter().all(|(record, _)| record.source == Source::Transcripts) {
            let alike = (record.session.clone(), call.tool().to_owned(), call.went_well());
            adopters.entry(alike).or_default().push((record.at, id.clone()));
        }
    }
    for waiting in adopters.values_mut() {
        waiting.sort_by(|a, b| b.cmp(a));
    }
    for (record, call) in nameless {
        let alike = (record.session.clone(), call.tool().to_owned(), call.went_well());
        let adopter = adopters.get_mut(&alike).and_then(Vec::pop).map(|(_, id)| id);
        by_call.entry(adopter.unwrap_or_else(|| record.key.to_string())).or_default().push((record, call));
    }
}

/// A posting for a call: when its first teller saw it, for the session that owns it.
fn call_posting<T: Call>(
    family: &Family<'_>,
    owners: &HashMap<&str, &SessionId>,
    kind: Kind,
    id: &str,
    sightings: &Sightings<'_, T>,
) -> Posting {
    let told_by: Vec<&Record> = sightings.iter().map(|(record, _)| *record).collect();
    let event = told_by.iter().find(|record| record.source != Source::Transcripts);
    let holder =
        || told_by.iter().map(|record| &record.session).min_by_key(|session| family.precedence(session));
    let session = event.map(|record| &record.session).or_else(|| owners.get(id).copied()).or_else(holder);
    let at = told_by.first().map_or(model::Timestamp::MIN, |record| record.at);
    let session = session.cloned().unwrap_or_default();
    let item = ItemKey::of(kind.as_str(), id);
    let mut posting = family.posting(kind, at, &session, item, &told_by);
    posting.subject = sightings.first().map(|(_, call)| call.tool().to_owned()).unwrap_or_default();
    posting
}

fn decision_posting(
    family: &Family<'_>,
    owners: &HashMap<&str, &SessionId>,
    id: &str,
    sightings: &Sightings<'_, Decision>,
) -> Posting {
    let mut posting = call_posting(family, owners, Kind::Decision, id, sightings);
    let accepted = sightings.first().is_some_and(|(_, decision)| decision.accepted);
    let told = |field: fn(&Decision) -> &Option<String>| {
        sightings.iter().find_map(|(_, decision)| field(decision).clone()).unwrap_or_default()
    };
    posting.decided_by = told(|decision| &decision.decided_by);
    posting.language = told(|decision| &decision.language);
    posting.measures =
        Measures { accepted: i64::from(accepted), rejected: i64::from(!accepted), ..Measures::default() };
    posting
}

/// The result, and what the call provably did: lines, a commit, a pull request.
fn outcome_postings(
    family: &Family<'_>,
    owners: &HashMap<&str, &SessionId>,
    id: &str,
    sightings: &Sightings<'_, ToolOutcome>,
) -> Vec<Posting> {
    let posting = |kind| call_posting(family, owners, kind, id, sightings);
    let mut result = posting(Kind::ToolResult);
    let succeeded = sightings.first().is_some_and(|(_, outcome)| outcome.succeeded);
    result.outcome = sightings.iter().find_map(|(_, outcome)| outcome.error.clone()).unwrap_or_default();
    let duration = sightings.iter().find_map(|(_, outcome)| outcome.duration_ms).unwrap_or(0);
    result.measures = Measures {
        succeeded: i64::from(succeeded),
        failed: i64::from(!succeeded),
        duration_ms: duration,
        ..Measures::default()
    };
    let most = |field: fn(&ToolOutcome) -> i64| {
        sightings.iter().map(|(_, outcome)| field(outcome)).max().unwrap_or(0)
    };
    let changes = [
        (
            Kind::Lines,
            Measures {
                lines_added: most(|outcome| outcome.lines_added),
                lines_removed: most(|outcome| outcome.lines_removed),
                ..Measures::default()
            },
        ),
        (
            Kind::Commit,
            Measures { commits: most(|outcome| i64::from(outcome.committed)), ..Measures::default() },
        ),
        (
            Kind::PullRequest,
            Measures {
                pull_requests: most(|outcome| i64::from(outcome.opened_pull_request)),
                ..Measures::default()
            },
        ),
    ];
    let changed = changes.into_iter().filter(|(_, measures)| *measures != Measures::default());
    let changed = changed.map(|(kind, measures)| Posting { measures, ..posting(kind) });
    std::iter::once(result).chain(changed).collect()
}
