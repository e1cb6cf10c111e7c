//! Separates what is new from what is known.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::LiveSession;
use model::{EvidenceBatch, Record, RecordKey, SessionId, Source, Timestamp};

use super::Receipt;
use super::families::{Family, Known};
use super::settling::Work;

/// The records that a session is known to hold.
#[derive(Clone, Copy)]
enum Held<'w> {
    Live(&'w LiveSession),
    Whole(&'w Family, Option<&'w HashSet<RecordKey>>),
    Nothing,
    /// It was forgotten: nothing of it is new.
    Everything,
}

impl Held<'_> {
    fn has(self, record: &Record) -> bool {
        match self {
            Self::Live(live) => live.knows(record),
            Self::Whole(family, known) => {
                family.gave_up(record.at) || known.is_some_and(|known| known.contains(&record.key))
            }
            Self::Nothing => false,
            Self::Everything => true,
        }
    }
}

/// Group by group, with a receipt for each; batches the new by session and source.
pub(super) fn sort_out(
    work: &Work,
    forgotten: &[SessionId],
    groups: Vec<Vec<Record>>,
) -> (Vec<EvidenceBatch>, Vec<Receipt>) {
    let mut held: HashMap<&SessionId, Held<'_>> = HashMap::new();
    held.extend(work.live.iter().map(|(live, _)| (live.session(), Held::Live(live))));
    for family in &work.whole {
        let known = |session| Held::Whole(family, family.known(session));
        held.extend(family.sessions.iter().map(|session| (session, known(session))));
    }
    held.extend(forgotten.iter().map(|session| (session, Held::Everything)));
    let mut seen = Known::default();
    let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
    let mut receipts = Vec::with_capacity(groups.len());
    for group in groups {
        let total = group.len();
        let mut fresh = 0;
        let mut records = group.into_iter();
        // In pieces of one session each, as sources hand them over.
        while let Some(first) = records.as_slice().first() {
            let (session, source) = (first.session.clone(), first.source);
            let alike = |record: &&Record| record.session == session && record.source == source;
            let piece = records.as_slice().iter().take_while(alike).count();
            let held = held.get(&session).copied().unwrap_or(Held::Nothing);
            let seen = seen.of_mut(&session);
            let is_new = |record: &Record| !held.has(record) && seen.insert(record.key);
            let batch = batches.entry((session.clone(), source)).or_default();
            let before = batch.len();
            batch.reserve(piece);
            batch.extend(records.by_ref().take(piece).filter(is_new));
            fresh += batch.len() - before;
        }
        receipts.push(Receipt { fresh, repeated: total - fresh, boundary: Timestamp::MIN });
    }
    let batches = batches.into_iter().filter(|(_, records)| !records.is_empty());
    let batches = batches.map(|((session, source), records)| EvidenceBatch { session, source, records });
    (batches.collect(), receipts)
}
