//! How records arrive: in what order, how often, in which batches.

use std::collections::BTreeMap;

use ledger::{PriceBook, Rules, Settlement, settle};
use model::{EvidenceBatch, Record, RecordKey, Timestamp};
use proptest::test_runner::{Config, RngSeed};

/// Half a minute, as the program has it unless told otherwise.
pub(crate) const QUIET_MICROS: i64 = 30_000_000;

/// A set number of cases from a set seed, so that every run checks the same. `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` look further.
pub(crate) fn cases(cases: u32) -> Config {
    let told = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { told.cases } else { cases };
    let rng_seed = match told.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_122),
        fixed => fixed,
    };
    Config { cases, rng_seed, failure_persistence: None, ..told }
}

/// The records as `seed` has them arrive: in any order, about a third of them twice.
pub(crate) fn shuffled(records: &[Record], seed: u64) -> Vec<Record> {
    let repeated = records.iter().filter(|record| lot(record, seed, 1).is_multiple_of(3));
    let mut arrivals: Vec<(u128, &Record)> =
        records.iter().map(|record| (lot(record, seed, 2), record)).collect();
    arrivals.extend(repeated.map(|record| (lot(record, seed, 3), record)));
    arrivals.sort_by_key(|(lot, _)| *lot);
    arrivals.into_iter().map(|(_, record)| record.clone()).collect()
}

/// The records cut into pieces of about `size`.
pub(crate) fn pieces(records: &[Record], seed: u64, size: u128) -> Vec<Vec<Record>> {
    let mut pieces = vec![Vec::new()];
    for record in records {
        if lot(record, seed, 4).is_multiple_of(size) {
            pieces.push(Vec::new());
        }
        pieces.last_mut().unwrap().push(record.clone());
    }
    pieces
}

/// What falls to a record, the same for every copy of it.
fn lot(record: &Record, seed: u64, purpose: u8) -> u128 {
    let (key, session) = (record.key.as_u128().to_le_bytes(), record.session.as_str().as_bytes());
    RecordKey::of(&[&seed.to_le_bytes(), &[purpose], &key, session]).as_u128()
}

/// Whether a record is among the `percent` that were not lost. Copies of a line are lost together.
pub(crate) fn keeps(record: &Record, seed: u64, percent: u128) -> bool {
    let key = record.key.as_u128().to_le_bytes();
    RecordKey::of(&[&seed.to_le_bytes(), &key]).as_u128() % 100 < percent
}

/// One batch for each session and source, as a transaction keeps them.
pub(crate) fn batches(records: &[Record]) -> Vec<EvidenceBatch> {
    let mut batches: BTreeMap<_, Vec<Record>> = BTreeMap::new();
    for record in records {
        batches.entry((record.session.clone(), record.source)).or_default().push(record.clone());
    }
    let batches = batches.into_iter();
    batches.map(|((session, source), records)| EvidenceBatch { session, source, records }).collect()
}

pub(crate) fn settled_at(now: Timestamp, evidence: &[EvidenceBatch]) -> Settlement {
    let prices = PriceBook::embedded().unwrap();
    settle(evidence, Rules { prices: &prices, now, quiet_micros: QUIET_MICROS })
}

/// Settled when all of it is old.
pub(crate) fn settled(records: &[Record]) -> Settlement {
    settled_at(crate::telling::time(10_000_000), &batches(records))
}
