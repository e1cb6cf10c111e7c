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
    let mut sorted = Sorted { held, seen: Known::default(), batches: BTreeMap::new() };
    let mut receipts = Vec::with_capacity(groups.len());
    for group in groups {
        let total = group.len();
        let fresh = match group.first() {
            Some(first) if group.iter().all(|record| is_alike(record, first)) => sorted.take(group),
            _ => sorted.take_apart(group),
        };
        receipts.push(Receipt { fresh, repeated: total - fresh, boundary: Timestamp::MIN });
    }
    let batches = sorted.batches.into_iter().filter(|(_, records)| !records.is_empty());
    let batches = batches.map(|((session, source), records)| EvidenceBatch { session, source, records });
    (batches.collect(), receipts)
}

fn is_alike(record: &Record, other: &Record) -> bool {
    record.session == other.session && record.source == other.source
}

struct Sorted<'w> {
    held: HashMap<&'w SessionId, Held<'w>>,
    /// What was new so far.
    seen: Known,
    batches: BTreeMap<(SessionId, Source), Vec<Record>>,
}

impl Sorted<'_> {
    /// Records of one session and source, as files are read; how many are new. Records are large, so the list stays what
    /// it is where it can.
    fn take(&mut self, mut records: Vec<Record>) -> usize {
        let Some(first) = records.first() else { return 0 };
        let (session, source) = (first.session.clone(), first.source);
        let held = self.held.get(&session).copied().unwrap_or(Held::Nothing);
        let seen = self.seen.of_mut(&session);
        records.retain(|record| !held.has(record) && seen.insert(record.key));
        let fresh = records.len();
        let batch = self.batches.entry((session, source)).or_default();
        if batch.is_empty() {
            *batch = records;
        } else {
            batch.append(&mut records);
        }
        fresh
    }

    /// Records of several, in pieces of one session each, as telemetry hands them over; how many are new.
    fn take_apart(&mut self, records: Vec<Record>) -> usize {
        let mut fresh = 0;
        let mut records = records.into_iter();
        while let Some(first) = records.as_slice().first() {
            let piece = records.as_slice().iter().take_while(|record| is_alike(record, first)).count();
            let (session, source) = (first.session.clone(), first.source);
            let held = self.held.get(&session).copied().unwrap_or(Held::Nothing);
            let seen = self.seen.of_mut(&session);
            let is_new = |record: &Record| !held.has(record) && seen.insert(record.key);
            let batch = self.batches.entry((session, source)).or_default();
            let before = batch.len();
            batch.reserve(piece);
            batch.extend(records.by_ref().take(piece).filter(is_new));
            fresh += batch.len() - before;
        }
        fresh
    }
}
