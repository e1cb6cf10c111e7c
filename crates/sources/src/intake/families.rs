//! Families of sessions with all their records, and what is posted for them.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::try_join3;
use model::{EvidenceBatch, LedgerLine, Posting, Record, RecordKey, SessionId, Timestamp};
use store::{Seal, Store, StoreError, balance};

/// A family of sessions, as the store has it, and what has come in since.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) evidence: Vec<EvidenceBatch>,
    pub(super) posted: Vec<Posting>,
    /// What was taken back without having been entered, by some fault.
    pub(super) overdrawn: Vec<Posting>,
    /// How many of the batches the store has.
    stored: usize,
    known: Known,
    /// Records that are not newer were given up, or may be copies of such; see [`store::Maintenance::seal`].
    sealed_until: Option<Timestamp>,
}

/// The keys of records, by session.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(HashMap<SessionId, HashSet<RecordKey>>);

impl Known {
    /// Of one session.
    pub(super) fn of(&self, session: &SessionId) -> Option<&HashSet<RecordKey>> {
        self.0.get(session)
    }

    /// Of one session, which may have none so far.
    pub(super) fn of_mut(&mut self, session: &SessionId) -> &mut HashSet<RecordKey> {
        self.0.entry(session.clone()).or_default()
    }

    fn note(&mut self, batch: &EvidenceBatch) {
        self.of_mut(&batch.session).extend(batch.records.iter().map(|record| record.key));
    }
}

impl Family {
    /// The keys of the session's records that the store has.
    pub(super) fn known(&self, session: &SessionId) -> Option<&HashSet<RecordKey>> {
        self.known.of(session)
    }

    /// The only session, if nothing is known of it.
    pub(super) fn new_session(&self) -> Option<&SessionId> {
        let is_new = self.sessions.len() == 1
            && self.evidence.is_empty()
            && self.posted.is_empty()
            && !self.is_sealed();
        self.sessions.first().filter(|_| is_new)
    }

    /// Whether records of it were given up.
    pub(super) const fn is_sealed(&self) -> bool {
        self.sealed_until.is_some()
    }

    /// Whether a record of this time may be one that was given up.
    pub(super) fn gave_up(&self, at: Timestamp) -> bool {
        self.sealed_until.is_some_and(|until| at <= until)
    }

    /// Takes a batch of new records in.
    pub(super) fn take_in(&mut self, batch: EvidenceBatch) {
        self.evidence.push(batch);
    }

    /// Whether more is to be expected: something new that is younger than `since`, or something new once
    /// more.
    pub(super) fn goes_on(&self, since: Timestamp) -> bool {
        self.stored > 0
            || !self.posted.is_empty()
            || self.new_batches().iter().any(|batch| batch.newest_at() >= since)
    }

    fn new_batches(&self) -> &[EvidenceBatch] {
        self.evidence.get(self.stored..).unwrap_or_default()
    }

    /// How many records have come in since.
    pub(super) fn new_records(&self) -> usize {
        self.new_batches().iter().map(|batch| batch.records.len()).sum()
    }

    /// What has come in since, to be written. The family keeps it too.
    pub(super) fn share_new(&self) -> Vec<EvidenceBatch> {
        self.new_batches().to_vec()
    }

    /// What has come in since, to be written. The family is of no use afterwards.
    pub(super) fn give_new(mut self) -> Vec<EvidenceBatch> {
        self.evidence.split_off(self.stored.min(self.evidence.len()))
    }

    /// All that has come in is written.
    pub(super) fn is_stored(&mut self) {
        for batch in self.evidence.get(self.stored..).unwrap_or_default() {
            self.known.note(batch);
        }
        self.stored = self.evidence.len();
    }

    /// How many records there are, those that have come in since included.
    pub(super) fn records(&self) -> usize {
        self.evidence.iter().map(|batch| batch.records.len()).sum()
    }

    /// About how many bytes it takes up.
    pub(super) fn bytes(&self) -> usize {
        /// The texts of a record or a posting, as they mostly are.
        const TEXTS: usize = 250;
        const RECORD: usize = size_of::<Record>() + 2 * size_of::<RecordKey>() + TEXTS;
        const POSTING: usize = size_of::<Posting>() + TEXTS;
        size_of::<Self>() + RECORD * self.records() + POSTING * self.posted.len()
    }

    /// Joins two families of which nothing has come in since.
    fn absorb(&mut self, other: Self) {
        self.sessions.extend(other.sessions);
        self.evidence.extend(other.evidence);
        self.posted.extend(other.posted);
        self.overdrawn.extend(other.overdrawn);
        self.stored += other.stored;
        self.known.0.extend(other.known.0);
        self.sealed_until = self.sealed_until.max(other.sealed_until);
    }
}

/// Joins the families that a pair of kin connects; whether they were two.
pub(super) fn join(families: &mut Vec<Family>, left: &SessionId, right: &SessionId) -> bool {
    let place =
        |families: &[Family], session| families.iter().position(|family| family.sessions.contains(session));
    let (Some(left), Some(right)) = (place(families, left), place(families, right)) else { return false };
    if left == right {
        return false;
    }
    let absorbed = families.swap_remove(left.max(right));
    if let Some(family) = families.get_mut(left.min(right)) {
        family.absorb(absorbed);
    }
    true
}

/// Reads the families of sessions from the store: their kin, evidence and postings.
pub(super) async fn load(
    store: &dyn Store,
    sessions: BTreeSet<SessionId>,
) -> Result<Vec<Family>, StoreError> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let mut families: Vec<Family> = sessions.iter().cloned().map(lone).collect();
    let mut known = sessions.clone();
    let mut asked: Vec<SessionId> = sessions.into_iter().collect();
    while !asked.is_empty() {
        let mut found = Vec::new();
        for (session, relative) in store.kin(&asked).await? {
            if known.insert(relative.clone()) {
                families.push(lone(relative.clone()));
                found.push(relative.clone());
            }
            join(&mut families, &session, &relative);
        }
        asked = found;
    }
    let known: Vec<SessionId> = known.into_iter().collect();
    let (seals, evidence, lines) =
        try_join3(store.seals(&known), store.evidence(&known), store.session_lines(&known)).await?;
    let seals: HashMap<&SessionId, &Seal> = seals.iter().map(|seal| (&seal.session, seal)).collect();
    for family in &mut families {
        let own = family.sessions.iter().filter_map(|session| seals.get(session));
        family.sealed_until = own.map(|seal| seal.newest_at).max();
    }
    let mut place = HashMap::new();
    for (index, family) in families.iter().enumerate() {
        place.extend(family.sessions.iter().map(|session| (session.clone(), index)));
    }
    for batch in evidence {
        if let Some(family) = place.get(&batch.session).and_then(|index| families.get_mut(*index)) {
            family.take_in(batch);
        }
    }
    families.iter_mut().for_each(Family::is_stored);
    let mut posted: HashMap<usize, Vec<LedgerLine>> = HashMap::new();
    for line in lines {
        // What was posted from records that were given up stands for good.
        if seals.get(&line.posting.session).is_some_and(|seal| line.posted_at <= seal.posted_at) {
            continue;
        }
        // Nothing is posted without evidence for it, in the session or in its kin.
        let index = place.get(&line.posting.session);
        let index =
            index.filter(|index| families.get(**index).is_some_and(|family| !family.evidence.is_empty()));
        if let Some(index) = index {
            posted.entry(*index).or_default().push(line);
        }
    }
    for (index, lines) in posted {
        if let Some(family) = families.get_mut(index) {
            (family.posted, family.overdrawn) = balance(lines);
        }
    }
    Ok(families)
}

/// A family of one session of which nothing is known.
fn lone(session: SessionId) -> Family {
    Family { sessions: BTreeSet::from([session]), ..Family::default() }
}
