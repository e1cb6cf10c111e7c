//! Settles a story in many ways and looks at what came out.

use std::collections::BTreeMap;

use model::{EvidenceBatch, Kind, Measures, Posting, Record};

use super::makers::{at, seconds};
use crate::settlement::{Rules, Settlement, settle};
use crate::{PriceBook, amend};

/// Long after every story.
const LATER: i64 = 1_000_000;

/// What the records amount to when all of them are old.
pub(super) fn settled(records: &[Record]) -> Vec<Posting> {
    let settlement = settled_at(LATER, records);
    assert_eq!(settlement.matures_at, None, "nothing waits for ever");
    settlement.postings
}

/// What the records amount to at a time, with totals that wait for 30 seconds.
///
/// Neither order nor repetition nor the split into batches may make a difference.
pub(super) fn settled_at(now: i64, records: &[Record]) -> Settlement {
    let prices = PriceBook::embedded().unwrap();
    let rules = Rules { prices: &prices, now: at(now), quiet_micros: 30_000_000 };
    let settlement = settle(&batches(records.to_vec()), rules);
    for arranged in arrangements(records) {
        assert_eq!(settle(&batches(arranged.clone()), rules), settlement);
        let singles: Vec<_> = arranged.into_iter().map(|record| batches(vec![record])).collect();
        assert_eq!(settle(&singles.concat(), rules), settlement);
    }
    assert_eq!(amend(&settlement.postings, &settlement.postings), vec![]);
    settlement
}

/// The records in other orders, some of them more than once.
fn arrangements(records: &[Record]) -> Vec<Vec<Record>> {
    let backwards: Vec<Record> = records.iter().rev().cloned().collect();
    let mut by_key = records.to_vec();
    by_key.sort_by_key(|record| record.key);
    let mut half_again = by_key.clone();
    half_again.extend(records.iter().step_by(2).cloned());
    vec![[&backwards, records].concat(), backwards, by_key, half_again]
}

fn batches(records: Vec<Record>) -> Vec<EvidenceBatch> {
    let mut batches: BTreeMap<_, Vec<Record>> = BTreeMap::new();
    for record in records {
        batches.entry((record.session.clone(), record.source)).or_default().push(record);
    }
    let batches = batches.into_iter();
    batches.map(|((session, source), records)| EvidenceBatch { session, source, records }).collect()
}

pub(super) fn of_kind(postings: &[Posting], kind: Kind) -> Vec<&Posting> {
    postings.iter().filter(|posting| posting.kind == kind).collect()
}

/// The only posting of its kind.
pub(super) fn only(postings: &[Posting], kind: Kind) -> &Posting {
    let found = of_kind(postings, kind);
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0]
}

/// Of each posting of a kind its session, second, and one figure; oldest first.
pub(super) fn figures(
    postings: &[Posting],
    kind: Kind,
    figure: fn(&Measures) -> i64,
) -> Vec<(&str, i64, i64)> {
    let of_kind = of_kind(postings, kind).into_iter();
    of_kind
        .map(|posting| (posting.session.as_str(), seconds(posting.at), figure(&posting.measures)))
        .collect()
}

/// Output tokens of each request.
pub(super) fn requests(postings: &[Posting]) -> Vec<(&str, i64, i64)> {
    figures(postings, Kind::Request, |measures| measures.tokens.output)
}

/// Output tokens that only totals know.
pub(super) fn unattributed(postings: &[Posting]) -> Vec<(&str, i64, i64)> {
    let mut tokens = figures(postings, Kind::Unattributed, |measures| measures.tokens.output);
    tokens.retain(|(_, _, tokens)| *tokens != 0);
    tokens
}

/// Sum over all postings.
pub(super) fn sum(postings: &[Posting], figure: fn(&Measures) -> i64) -> i64 {
    postings.iter().map(|posting| figure(&posting.measures)).sum()
}
