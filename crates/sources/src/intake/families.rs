//! Families of sessions with all their records, and what is posted for them.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{EvidenceBatch, LedgerLine, Posting, Record, RecordKey, SessionId};
use store::{Store, StoreError, net};

/// A family of sessions, as the store has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) evidence: Vec<EvidenceBatch>,
    pub(super) posted: Vec<Posting>,
    known: HashSet<(SessionId, RecordKey)>,
}

impl Family {
    /// Whether the session is known to hold the record.
    pub(super) fn knows(&self, record: &Record) -> bool {
        self.known.contains(&(record.session.clone(), record.key))
    }

    /// Whether nothing is known of it.
    pub(super) fn is_new(&self) -> bool {
        self.sessions.len() == 1 && self.evidence.is_empty() && self.posted.is_empty()
    }

    /// Takes new records in. The caller has asked [`Family::knows`] for each.
    pub(super) fn take_in(&mut self, batches: Vec<EvidenceBatch>) {
        let records = batches.iter().flat_map(|batch| &batch.records);
        self.known.extend(records.map(|record| (record.session.clone(), record.key)));
        self.evidence.extend(batches);
    }

    /// About how many bytes it takes up.
    pub(super) fn bytes(&self) -> usize {
        /// A record or posting with its texts, as they mostly are.
        const RECORD: usize = size_of::<Record>() + size_of::<(SessionId, RecordKey)>() + 250;
        const POSTING: usize = size_of::<Posting>() + 250;
        size_of::<Self>() + RECORD * self.known.len() + POSTING * self.posted.len()
    }

    fn absorb(&mut self, other: Self) {
        self.sessions.extend(other.sessions);
        self.evidence.extend(other.evidence);
        self.posted.extend(other.posted);
        self.known.extend(other.known);
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
    let mut place = HashMap::new();
    for (index, family) in families.iter().enumerate() {
        place.extend(family.sessions.iter().map(|session| (session.clone(), index)));
    }
    for batch in store.evidence(&known).await? {
        if let Some(family) = place.get(&batch.session).and_then(|index| families.get_mut(*index)) {
            family.take_in(vec![batch]);
        }
    }
    let mut lines: HashMap<usize, Vec<LedgerLine>> = HashMap::new();
    for line in store.session_lines(&known).await? {
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
