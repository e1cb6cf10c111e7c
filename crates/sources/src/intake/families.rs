//! The families of sessions that the writer has at hand: their evidence, and what is posted for them.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{EvidenceBatch, LedgerLine, Posting, RecordKey, SessionId, Timestamp};
use store::{Store, StoreError, net};

/// A family of sessions, as the store has it, and what has come in since.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) evidence: Vec<EvidenceBatch>,
    pub(super) posted: Vec<Posting>,
    /// How many of the batches the store has.
    stored: usize,
    known: Known,
    used: u64,
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

    /// Takes a batch of new records in.
    pub(super) fn take_in(&mut self, batch: EvidenceBatch) {
        self.evidence.push(batch);
    }

    /// Whether more is to be expected: something new that is younger than `since`, or something new once
    /// more.
    pub(super) fn goes_on(&self, since: Timestamp) -> bool {
        self.stored > 0 || self.new_batches().iter().any(|batch| batch.newest_at() >= since)
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
    fn is_stored(&mut self) {
        for batch in self.evidence.get(self.stored..).unwrap_or_default() {
            self.known.note(batch);
        }
        self.stored = self.evidence.len();
    }

    /// How many records there are, those that have come in since included.
    pub(super) fn records(&self) -> usize {
        self.evidence.iter().map(|batch| batch.records.len()).sum()
    }

    /// Joins two families of which nothing has come in since.
    fn absorb(&mut self, other: Self) {
        self.sessions.extend(other.sessions);
        self.evidence.extend(other.evidence);
        self.posted.extend(other.posted);
        self.stored += other.stored;
        self.known.0.extend(other.known.0);
        self.used = self.used.max(other.used);
    }
}

/// Families by session, bounded by the records they hold; the longest unused go first.
#[derive(Debug)]
pub(super) struct Families {
    capacity: usize,
    clock: u64,
    next: u64,
    by_id: HashMap<u64, Family>,
    of_session: HashMap<SessionId, u64>,
}

impl Families {
    /// Keeps families with about `capacity` records in all between transactions.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { capacity, clock: 0, next: 0, by_id: HashMap::new(), of_session: HashMap::new() }
    }

    /// Takes the families of the sessions out, loading those that are not at hand. Each session is in
    /// exactly one of the families returned.
    pub(super) async fn take(
        &mut self,
        store: &dyn Store,
        sessions: BTreeSet<SessionId>,
    ) -> Result<Vec<Family>, StoreError> {
        let mut taken = Vec::new();
        let mut unknown = BTreeSet::new();
        for session in sessions {
            match self.remove(&session) {
                Some(family) => taken.push(family),
                None => {
                    unknown.insert(session);
                }
            }
        }
        unknown.retain(|session| !taken.iter().any(|family| family.sessions.contains(session)));
        taken.extend(load(store, unknown).await?);
        Ok(taken)
    }

    /// Puts families back whose new records are written by now, and lets go of the longest unused beyond
    /// the capacity.
    pub(super) fn put(&mut self, families: Vec<Family>) {
        self.clock += 1;
        for mut family in families {
            family.is_stored();
            family.used = self.clock;
            let id = self.next;
            self.next += 1;
            self.of_session.extend(family.sessions.iter().map(|session| (session.clone(), id)));
            self.by_id.insert(id, family);
        }
        let mut records: usize = self.by_id.values().map(Family::records).sum();
        if records <= self.capacity {
            return;
        }
        let mut ages: Vec<(u64, u64)> = self.by_id.iter().map(|(id, family)| (family.used, *id)).collect();
        ages.sort_unstable();
        for (_, id) in ages {
            if records <= self.capacity {
                break;
            }
            if let Some(family) = self.by_id.remove(&id) {
                records -= family.records();
                self.of_session.retain(|_, of| *of != id);
            }
        }
    }

    fn remove(&mut self, session: &SessionId) -> Option<Family> {
        let id = self.of_session.get(session).copied()?;
        let family = self.by_id.remove(&id)?;
        for session in &family.sessions {
            self.of_session.remove(session);
        }
        Some(family)
    }
}

/// Joins the families that a pair of kin connects.
pub(super) fn join(families: &mut Vec<Family>, left: &SessionId, right: &SessionId) {
    let place =
        |families: &[Family], session| families.iter().position(|family| family.sessions.contains(session));
    let (Some(left), Some(right)) = (place(families, left), place(families, right)) else { return };
    if left != right {
        let absorbed = families.swap_remove(left.max(right));
        if let Some(family) = families.get_mut(left.min(right)) {
            family.absorb(absorbed);
        }
    }
}

/// Reads the families of sessions from the store: their kin, evidence and postings.
async fn load(store: &dyn Store, sessions: BTreeSet<SessionId>) -> Result<Vec<Family>, StoreError> {
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
    let mut place = HashMap::new();
    for (index, family) in families.iter().enumerate() {
        place.extend(family.sessions.iter().map(|session| (session.clone(), index)));
    }
    for batch in store.evidence(&known).await? {
        if let Some(family) = place.get(&batch.session).and_then(|index| families.get_mut(*index)) {
            family.take_in(batch);
        }
    }
    families.iter_mut().for_each(Family::is_stored);
    // Nothing is posted without evidence for it, in the session or in its kin: a new session need not be
    // looked for among all lines there are.
    let with_evidence = families.iter().filter(|family| !family.evidence.is_empty());
    let posted: Vec<SessionId> = with_evidence.flat_map(|family| family.sessions.iter().cloned()).collect();
    let mut lines: HashMap<usize, Vec<LedgerLine>> = HashMap::new();
    for line in store.session_lines(&posted).await? {
        if let Some(index) = place.get(&line.posting.session) {
            lines.entry(*index).or_default().push(line);
        }
    }
    for (index, lines) in lines {
        if let Some(family) = families.get_mut(index) {
            family.posted = net(lines);
        }
    }
    Ok(families)
}

/// A family of one session of which nothing is known.
fn lone(session: SessionId) -> Family {
    Family { sessions: BTreeSet::from([session]), ..Family::default() }
}
