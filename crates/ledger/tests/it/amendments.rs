//! The ledger over time: what is amended, and what was reported before.

use std::collections::BTreeMap;

use ledger::amend;
use model::{ItemKey, Kind, LedgerLine, Posting, Record, Sign, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::arrival::{batches, cases, pieces, settled_at, shuffled};
use crate::figures::{Figures, add, figures, of_posting};
use crate::life::lives;
use crate::telling::{Tellers, time, told};

/// How often each posting stands.
type Standing<'p> = BTreeMap<&'p Posting, i64>;

fn standing<'p>(lines: impl IntoIterator<Item = (Sign, &'p Posting)>) -> Standing<'p> {
    let mut standing = Standing::new();
    for (sign, posting) in lines {
        *standing.entry(posting).or_default() += sign.factor();
    }
    standing.retain(|_, count| *count != 0);
    standing
}

fn entries(postings: &[Posting]) -> impl Iterator<Item = (Sign, &Posting)> {
    postings.iter().map(|posting| (Sign::Entry, posting))
}

/// A ledger that is amended after every transaction, and what it reported then.
#[derive(Default)]
struct Ledger {
    lines: Vec<LedgerLine>,
    posted: Vec<Posting>,
    reported: Vec<(Timestamp, Figures, Vec<Posting>)>,
}

impl Ledger {
    fn take_in(&mut self, now: Timestamp, records: &[Record]) {
        let settled = settled_at(now, &batches(records)).postings;
        let lines = amend(&self.posted, &settled);
        self.lines.extend(lines.into_iter().map(|(sign, posting)| LedgerLine {
            posted_at: now,
            sign,
            posting,
        }));
        self.posted = settled;
        self.reported.push((now, figures(&self.posted), self.posted.clone()));
    }

    fn until(&self, boundary: Timestamp) -> impl Iterator<Item = (Sign, &Posting)> {
        let lines = self.lines.iter().filter(move |line| line.posted_at <= boundary);
        lines.map(|line| (line.sign, &line.posting))
    }

    /// Every figure is the sum of sign times measure.
    fn sums(&self, boundary: Timestamp) -> Figures {
        let mut sums = Figures::new();
        for (sign, posting) in self.until(boundary) {
            for (name, value) in of_posting(posting) {
                add(&mut sums, posting.session.as_str(), &name, sign.factor() * value);
            }
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn what_was_reported_at_a_boundary_stays(
        life in lives(), by in select(Tellers::combinations()), seed: u64, size in 2..20u128,
    ) {
        let arrived = shuffled(&told(&life, by), seed);
        let pieces = pieces(&arrived, seed, size);
        let mut ledger = Ledger::default();
        let mut known: Vec<Record> = Vec::new();
        let (mut now, step) = (0, 15_000 / pieces.len() as i64);
        for piece in pieces {
            known.extend(piece);
            now += step;
            ledger.take_in(time(now), &known);
        }
        let late = time(10_000_000);
        ledger.take_in(late, &known);

        for (boundary, sums, postings) in &ledger.reported {
            prop_assert_eq!(&ledger.sums(*boundary), sums);
            // Line by line: each reversal takes back one entry before it, and nothing else is left.
            prop_assert_eq!(standing(ledger.until(*boundary)), standing(entries(postings)));
        }
        let at_once = settled_at(late, &batches(&known)).postings;
        prop_assert_eq!(amend(&ledger.posted, &at_once), vec![]);
        prop_assert_eq!(ledger.posted, at_once);
    }
}

fn posting(number: i64) -> Posting {
    let item = ItemKey::of("prompt", "p");
    Posting::new(Kind::Prompt, Timestamp::from_seconds(number), "s".into(), item)
}

fn postings() -> impl Strategy<Value = Vec<Posting>> {
    prop::collection::vec((0..6i64).prop_map(posting), 0..12)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn an_amendment_brings_the_ledger_from_the_one_to_the_other(posted in postings(), settled in postings()) {
        let lines = amend(&posted, &settled);
        let amended = entries(&posted).chain(lines.iter().map(|(sign, posting)| (*sign, posting)));
        prop_assert_eq!(standing(amended), standing(entries(&settled)));
        // By the shortest way: nothing is both taken back and posted anew.
        let taken_back = lines.iter().filter(|(sign, _)| *sign == Sign::Reversal).map(|(_, posting)| posting);
        for posting in taken_back {
            prop_assert!(!lines.contains(&(Sign::Entry, posting.clone())));
        }
    }
}
