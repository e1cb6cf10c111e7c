//! The records of a family, each once, and which session each belongs to.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    EvidenceBatch, ItemKey, Kind, Observation, Posting, Record, RecordKey, SessionId, Source, Timestamp,
};

use super::key_map::KeyMap;
use super::profile::Profile;
use super::rank::{Rank, ranks};
use super::spelling::Spellings;

/// A family's records without repetitions, and what is known of its sessions.
pub(super) struct Family<'a> {
    /// One record per key, oldest first. Of a copied line's records the one observed where it was first
    /// written.
    pub(super) records: Vec<&'a Record>,
    /// Every spelling of a model's id.
    pub(super) spellings: Spellings<'a>,
    by_session: BTreeMap<&'a SessionId, Vec<&'a Record>>,
    ranks: BTreeMap<&'a SessionId, Rank<'a>>,
    marks: Marks<'a>,
    /// The other sessions that hold a copy of a record.
    copies: KeyMap<Vec<&'a SessionId>>,
    /// When the newest thing happened that a session copied.
    copied_until: BTreeMap<&'a SessionId, Timestamp>,
    profiles: BTreeMap<&'a SessionId, Profile>,
    installation: Option<&'a SessionId>,
}

/// For each session, when the requests it says it copied were made, and by whom; oldest first.
pub(super) type Marks<'a> = BTreeMap<&'a SessionId, Vec<(Timestamp, &'a SessionId)>>;

impl<'a> Family<'a> {
    pub(super) fn new(evidence: impl IntoIterator<Item = &'a EvidenceBatch>) -> Self {
        let observed: Vec<&Record> = evidence.into_iter().flat_map(|batch| &batch.records).collect();
        let sessions = sessions_of(&observed);
        let marks = marks_of(&observed);
        let ranks = ranks(&sessions, &marks, &observed);
        let (records, copies) = each_once(&observed, &ranks);
        let mut by_session: BTreeMap<&SessionId, Vec<&Record>> = BTreeMap::new();
        let mut copied_until = BTreeMap::new();
        for record in &records {
            for holder in copies.get(&record.key).into_iter().flatten() {
                // Records are in order of time, so the last one stays.
                copied_until.insert(*holder, record.at);
            }
            by_session.entry(&record.session).or_default().push(record);
        }
        let profiles = by_session.iter().map(|(session, records)| (*session, Profile::of(records))).collect();
        let spellings = Spellings::of(&records);
        let installation = sessions.iter().copied().find(|session| session.is_installation());
        Self { records, spellings, by_session, ranks, marks, copies, copied_until, profiles, installation }
    }

    /// Of one session that stands for itself and of which more is known than these records tell. None of them is
    /// a copy.
    pub(super) fn of_one(session: &'a SessionId, profile: Profile, mut records: Vec<&'a Record>) -> Self {
        records.sort_unstable_by_key(|record| (record.at, record.key));
        records.dedup_by_key(|record| record.key);
        let spellings = Spellings::of(&records);
        Self {
            by_session: BTreeMap::from([(session, records.clone())]),
            records,
            spellings,
            ranks: BTreeMap::new(),
            marks: Marks::new(),
            copies: KeyMap::default(),
            copied_until: BTreeMap::new(),
            profiles: BTreeMap::from([(session, profile)]),
            installation: None,
        }
    }

    /// The records that hold what `pick` looks for, oldest first.
    pub(super) fn pick<T>(&self, pick: impl Fn(&'a Record) -> Option<T>) -> Vec<(&'a Record, T)> {
        self.records.iter().filter_map(|record| Some((*record, pick(record)?))).collect()
    }

    /// Every session that anything was observed in, with its records, oldest first.
    pub(super) fn by_session(&self) -> impl Iterator<Item = (&'a SessionId, &[&'a Record])> {
        self.by_session.iter().map(|(session, records)| (*session, records.as_slice()))
    }

    /// What was observed in a session, oldest first.
    pub(super) fn records_of(&self, session: &SessionId) -> &[&'a Record] {
        self.by_session.get(session).map_or(&[], Vec::as_slice)
    }

    /// Whether there is only one session.
    pub(super) fn is_single(&self) -> bool {
        self.ranks.len() < 2
    }

    /// Of two sessions that hold the same thing, the one with the smaller rank had it first.
    pub(super) fn rank<'s>(&self, session: &'s SessionId) -> Rank<'s>
    where
        'a: 's,
    {
        self.ranks.get(session).copied().unwrap_or(Rank::of_unknown(session))
    }

    /// The session that made what a record tells of: where it was observed, unless that is a copy. A
    /// fork says so of the requests it copied, and whatever stands before them was copied with them.
    pub(super) fn maker(&self, record: &'a Record) -> &'a SessionId {
        if let Observation::Request(request) = &record.observation
            && let Some(origin) = &request.origin_session
        {
            return origin;
        }
        if record.source != Source::Transcripts || is_never_copied(&record.observation) {
            return &record.session;
        }
        let marks = self.marks.get(&record.session).map_or(&[][..], Vec::as_slice);
        let next = marks.partition_point(|(at, _)| *at < record.at);
        marks.get(next).map_or(&record.session, |(_, origin)| origin)
    }

    /// Whether a record is as old as what its session copied from another.
    pub(super) fn is_of_copied_time(&self, record: &Record) -> bool {
        self.copied_until.get(&record.session).is_some_and(|until| record.at <= *until)
    }

    /// The session that a thing belongs to: telemetry knows its own, unless it was sent without session
    /// ids; of transcripts' sessions the one that had it first.
    pub(super) fn owner(&self, told_by: &[&'a Record]) -> Option<&'a SessionId> {
        let telemetry = || told_by.iter().filter(|record| record.source != Source::Transcripts);
        let transcripts = told_by.iter().filter(|record| record.source == Source::Transcripts);
        let told = telemetry().map(|record| &record.session).filter(|session| !session.is_installation());
        let made = || transcripts.map(|record| self.maker(record)).min_by_key(|session| self.rank(session));
        told.min().or_else(made).or_else(|| telemetry().map(|record| &record.session).min())
    }

    /// The session whose totals a session's items are compared with: its own. Only telemetry without
    /// session ids tells one total for all that an installation did; then that is the family's.
    pub(super) fn account<'s>(&self, session: &'s SessionId) -> &'s SessionId
    where
        'a: 's,
    {
        self.installation.unwrap_or(session)
    }

    /// The sessions other than `owner` that copied what these records tell of.
    pub(super) fn holders(&self, told_by: &[&'a Record], owner: &SessionId) -> Vec<&'a SessionId> {
        let mut holders = BTreeSet::new();
        if self.marks.is_empty() && self.is_single() {
            return Vec::new();
        }
        for record in told_by.iter().filter(|record| record.source == Source::Transcripts) {
            holders.extend([&record.session, self.maker(record)]);
            holders.extend(self.copies.get(&record.key).into_iter().flatten().copied());
        }
        // In one transcript alone it is no copy, though telemetry may know it under another session.
        let copied = holders.len() > 1;
        holders.into_iter().filter(|session| copied && *session != owner).collect()
    }

    /// A posting for a session, with what is known of the session filled in, and over it what the
    /// records of the item itself say.
    pub(super) fn posting(
        &self,
        kind: Kind,
        at: Timestamp,
        session: &SessionId,
        item: ItemKey,
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

/// What a process writes about itself, for its own session alone.
fn is_never_copied(observation: &Observation) -> bool {
    matches!(observation, Observation::Totals(_) | Observation::ProcessStart(_))
}

fn sessions_of<'a>(observed: &[&'a Record]) -> BTreeSet<&'a SessionId> {
    let mut sessions = BTreeSet::new();
    let mut last = None;
    for record in observed {
        // Records come in batches of one session each.
        if last != Some(&record.session) {
            sessions.insert(&record.session);
            last = Some(&record.session);
        }
    }
    sessions
}

fn marks_of<'a>(observed: &[&'a Record]) -> Marks<'a> {
    let mut marks = Marks::new();
    for record in observed {
        if let Observation::Request(request) = &record.observation
            && let Some(origin) = &request.origin_session
            && *origin != record.session
        {
            marks.entry(&record.session).or_default().push((record.at, origin));
        }
    }
    for marks in marks.values_mut() {
        marks.sort_unstable();
        marks.dedup();
    }
    marks
}

/// One record per key, oldest first, and who else holds it.
fn each_once<'a>(
    observed: &[&'a Record],
    ranks: &BTreeMap<&'a SessionId, Rank<'a>>,
) -> (Vec<&'a Record>, KeyMap<Vec<&'a SessionId>>) {
    let mut chosen: KeyMap<&Record> = KeyMap::with_capacity_and_hasher(observed.len(), Default::default());
    let mut copies: KeyMap<Vec<&SessionId>> = KeyMap::default();
    for record in observed {
        let first = chosen.entry(record.key).or_insert(record);
        if std::ptr::eq(*first, *record) {
            continue;
        }
        if first.session != record.session {
            copies.entry(record.key).or_default().extend([&first.session, &record.session]);
        }
        if comes_before(record, first, ranks) {
            *first = record;
        }
    }
    for (key, holders) in &mut copies {
        let home = chosen.get(key).map(|record| &record.session);
        holders.retain(|holder| Some(*holder) != home);
        holders.sort_unstable();
        holders.dedup();
    }
    let mut dated: Vec<(Timestamp, RecordKey, &Record)> =
        chosen.into_iter().map(|(key, record)| (record.at, key, record)).collect();
    dated.sort_unstable_by_key(|(at, key, _)| (*at, *key));
    (dated.into_iter().map(|(_, _, record)| record).collect(), copies)
}

/// Which of two records with one key stands, whatever order they came in: that of the session that had
/// it first, then the older one.
fn comes_before(record: &Record, other: &Record, ranks: &BTreeMap<&SessionId, Rank<'_>>) -> bool {
    if record.session != other.session {
        return ranks.get(&record.session) < ranks.get(&other.session);
    }
    match record.at.cmp(&other.at) {
        std::cmp::Ordering::Equal => record != other && format!("{:?}", record) < format!("{:?}", other),
        order => order.is_lt(),
    }
}
