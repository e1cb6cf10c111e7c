//! The records of a family, each once, and which session each belongs to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{EvidenceBatch, Kind, Observation, Posting, Record, RecordKey, SessionId, Timestamp};

use super::profile::Profile;

/// A family's records without repetitions, and what is known of its sessions.
pub(super) struct Family<'a> {
    /// One record per key, oldest first. Of a copied line's records the one observed where it was first
    /// written.
    pub(super) records: Vec<&'a Record>,
    /// What was observed where, copies included: needed to tell what a fork inherited.
    pub(super) observed: Vec<&'a Record>,
    ranks: BTreeMap<&'a SessionId, usize>,
    profiles: BTreeMap<&'a SessionId, Profile>,
}

impl<'a> Family<'a> {
    pub(super) fn new(evidence: &'a [EvidenceBatch]) -> Self {
        let observed: Vec<&Record> = evidence.iter().flat_map(|batch| &batch.records).collect();
        let ranks = fork_depths(&observed);
        let mut chosen: HashMap<RecordKey, &Record> = HashMap::with_capacity(observed.len());
        for record in &observed {
            let origin = chosen.entry(record.key).or_insert(record);
            if home(&ranks, record) < home(&ranks, origin) {
                *origin = record;
            }
        }
        let mut records: Vec<&Record> = chosen.into_values().collect();
        records.sort_by_key(|record| (record.at, record.key));
        let profiles = profiles(&records);
        Self { records, observed, ranks, profiles }
    }

    /// The records from telemetry or transcripts that hold what `pick` looks for, oldest first.
    pub(super) fn pick<T>(&self, pick: impl Fn(&'a Record) -> Option<T>) -> Vec<(&'a Record, T)> {
        self.records.iter().filter_map(|record| Some((*record, pick(record)?))).collect()
    }

    /// How far a session is from one that copied nothing. Of two sessions that hold the same thing, the
    /// one with the smaller depth had it first.
    pub(super) fn precedence(&self, session: &'a SessionId) -> (usize, &'a SessionId) {
        (self.ranks.get(session).copied().unwrap_or(0), session)
    }

    /// Whether the record was made by the session it was observed in, and not copied there.
    pub(super) fn is_own(record: &Record) -> bool {
        match &record.observation {
            Observation::Request(request) => {
                request.origin_session.as_ref().is_none_or(|origin| *origin == record.session)
            }
            _ => true,
        }
    }

    /// Every session that anything was observed in.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &'a SessionId> {
        self.profiles.keys().copied()
    }

    /// A posting for a session, with what is known of the session filled in, and over it what the
    /// records of the item itself say.
    pub(super) fn posting(
        &self,
        kind: Kind,
        at: Timestamp,
        session: &SessionId,
        item: model::ItemKey,
        told_by: &[&Record],
    ) -> Posting {
        let mut posting = Posting::new(kind, at, session.clone(), item);
        // A session whose own file is gone is known by what another one copied from it.
        let profile = self.profiles.get(session).or_else(|| self.profiles.values().next());
        if let Some(profile) = profile {
            profile.fill(&mut posting, told_by);
        }
        posting
    }
}

/// The session that a record was observed in, ordered by who had things first.
fn home<'a>(ranks: &BTreeMap<&'a SessionId, usize>, record: &'a Record) -> (usize, &'a SessionId) {
    (ranks.get(&record.session).copied().unwrap_or(0), &record.session)
}

/// For each session, the length of the longest chain of sessions it copied from.
fn fork_depths<'a>(observed: &[&'a Record]) -> BTreeMap<&'a SessionId, usize> {
    let mut origins: BTreeMap<&SessionId, BTreeSet<&SessionId>> = BTreeMap::new();
    for record in observed {
        let sources = origins.entry(&record.session).or_default();
        if let Observation::Request(request) = &record.observation
            && let Some(origin) = &request.origin_session
            && *origin != record.session
        {
            sources.insert(origin);
        }
    }
    let mut depths: BTreeMap<&SessionId, usize> = origins.keys().map(|session| (*session, 0)).collect();
    // Each round follows the chains one step further; a family has no chain longer than itself.
    for _ in 0..origins.len() {
        let mut changed = false;
        for (session, sources) in &origins {
            let deepest = sources.iter().map(|source| depths.get(source).map_or(1, |depth| depth + 1)).max();
            let depth = deepest.unwrap_or(0).min(origins.len());
            changed |= depths.insert(session, depth) != Some(depth);
        }
        if !changed {
            break;
        }
    }
    depths
}

fn profiles<'a>(records: &[&'a Record]) -> BTreeMap<&'a SessionId, Profile> {
    let mut by_session: BTreeMap<&SessionId, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_session.entry(&record.session).or_default().push(record);
    }
    by_session.into_iter().map(|(session, records)| (session, Profile::of(&records))).collect()
}
