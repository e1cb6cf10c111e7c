//! Separates what is new from what is known.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::LiveSession;
use model::{EvidenceBatch, Record, SessionId, Source, Timestamp};

use super::Receipt;
use super::at_hand::Taken;
use super::families::Family;

enum Known<'t> {
    Live(&'t LiveSession),
    Whole(&'t Family),
}

/// Group by group, with a receipt for each; batches the new by session and source.
pub(super) fn sort_out(taken: &Taken, groups: Vec<Vec<Record>>) -> (Vec<EvidenceBatch>, Vec<Receipt>) {
    let mut known_of: HashMap<&SessionId, Known<'_>> = HashMap::new();
    known_of.extend(taken.live.iter().map(|live| (live.session(), Known::Live(live))));
    for family in &taken.whole {
        known_of.extend(family.sessions.iter().map(|session| (session, Known::Whole(family))));
    }
    let mut seen = HashSet::new();
    let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
    let mut receipts = Vec::with_capacity(groups.len());
    for group in groups {
        let mut receipt = Receipt { fresh: 0, repeated: 0, boundary: Timestamp::MIN };
        for record in group {
            let is_known = known_of.get(&record.session).is_some_and(|known| match known {
                Known::Live(live) => live.knows(&record),
                Known::Whole(family) => family.knows(&record),
            });
            if is_known || !seen.insert((record.session.clone(), record.key)) {
                receipt.repeated += 1;
                continue;
            }
            receipt.fresh += 1;
            batches.entry((record.session.clone(), record.source)).or_default().push(record);
        }
        receipts.push(receipt);
    }
    let batches = batches.into_iter();
    let batches = batches.map(|((session, source), records)| EvidenceBatch { session, source, records });
    (batches.collect(), receipts)
}
