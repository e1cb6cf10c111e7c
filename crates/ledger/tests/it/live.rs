//! A session settled piece by piece, against the same settled as a whole.

use std::collections::{BTreeMap, HashSet};

use ledger::{LiveSession, PriceBook, Rules, settle};
use model::{Posting, Record, Source, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::arrival::{QUIET_MICROS, batches, cases, keeps, pieces, shuffled};
use crate::life::{Life, lives};
use crate::telling::{Tellers, time, told};

/// What telemetry can tell.
fn telemetry() -> impl Strategy<Value = Tellers> {
    let by = |events, metrics| Tellers { events, metrics, lines: false, totals: false };
    select(vec![by(true, false), by(false, true), by(true, true)])
}

/// How often each posting stands.
type Standing = BTreeMap<Posting, i64>;

fn standing(postings: Vec<Posting>) -> Standing {
    let mut standing = Standing::new();
    for posting in postings {
        *standing.entry(posting).or_default() += 1;
    }
    standing
}

/// A session that is settled piece by piece, and everything that is known of it.
struct Followed {
    live: Option<LiveSession>,
    known: Vec<Record>,
    keys: HashSet<u128>,
    stands: Standing,
    /// How often all of it had to be looked at.
    wholes: usize,
    prices: PriceBook,
}

impl Followed {
    fn new() -> Self {
        let (known, keys, stands) = (Vec::new(), HashSet::new(), Standing::new());
        Self {
            live: Some(LiveSession::new("session-0".into())),
            known,
            keys,
            stands,
            wholes: 0,
            prices: PriceBook::embedded().unwrap(),
        }
    }

    /// Takes a piece in at a time, as the intake does, and compares with the whole settled at that time.
    fn take_in(&mut self, piece: Vec<Record>, now: Timestamp) {
        let fresh: Vec<Record> =
            piece.into_iter().filter(|record| self.keys.insert(record.key.as_u128())).collect();
        self.known.extend(fresh.iter().cloned());
        let prices = &self.prices;
        let rules = Rules { prices, now, quiet_micros: QUIET_MICROS };
        let whole = settle(&batches(&self.known), rules);
        let live =
            self.live.as_mut().map(|live| live.settle(&batches(&fresh).iter().collect::<Vec<_>>(), rules));
        if let Some(Ok(amendment)) = live {
            for (sign, posting) in amendment.lines {
                *self.stands.entry(posting).or_default() += sign.factor();
            }
            self.stands.retain(|_, count| *count != 0);
            assert_eq!(amendment.matures_at, whole.matures_at);
        } else {
            self.wholes += 1;
            self.stands = standing(whole.postings.clone());
            self.live =
                LiveSession::of("session-0".into(), &batches(&self.known).iter().collect::<Vec<_>>(), rules)
                    .ok();
        }
        assert_eq!(self.stands, standing(whole.postings));
        // Now and then it waits for long.
        if self.known.len().is_multiple_of(2) {
            self.live = self.live.take().map(|live| live.pack().unwrap().unpack().unwrap());
        }
        let live = self.live.as_ref();
        assert!(live.is_none_or(|live| self.known.iter().all(|record| live.knows(record))));
    }
}

fn first_session(life: &Life, by: Tellers) -> Vec<Record> {
    told(life, by).into_iter().filter(|record| record.session.as_str() == "session-0").collect()
}

/// The records in the order in which a client sends them, a piece for every five seconds of events and every
/// minute of metrics.
fn as_sent(records: &[Record]) -> Vec<(Timestamp, Vec<Record>)> {
    let mut sent: BTreeMap<i64, Vec<Record>> = BTreeMap::new();
    for record in records {
        let micros = record.at.as_micros();
        let every = if record.source == Source::Events { 5_000_000 } else { 1_000_000 };
        sent.entry((micros / every + 1) * every).or_default().push(record.clone());
    }
    sent.into_iter().map(|(at, records)| (Timestamp::from_micros(at), records)).collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn whatever_comes_when_the_pieces_amount_to_the_whole(
        life in lives(), by in telemetry(), seed: u64, size in 1..12u128, step in 1..120i64, percent in 30..=100u128,
    ) {
        let mut records = first_session(&life, by);
        records.retain(|record| keeps(record, seed, percent));
        let mut followed = Followed::new();
        let mut now = 0;
        for piece in pieces(&shuffled(&records, seed), seed, size) {
            now += step;
            followed.take_in(piece, time(now));
            followed.take_in(Vec::new(), time(now + step / 2));
        }
        followed.take_in(Vec::new(), time(10_000_000));
    }

    #[test]
    fn what_is_lost_on_the_way_is_missing_in_both(
        life in lives(), by in telemetry(), seed: u64, percent in 0..=100u128,
    ) {
        let mut records = first_session(&life, by);
        records.retain(|record| keeps(record, seed, percent));
        let mut followed = Followed::new();
        for (at, piece) in as_sent(&records) {
            followed.take_in(piece, at);
        }
        followed.take_in(Vec::new(), time(10_000_000));
    }

    /// Else it would all be true, and for nothing.
    #[test]
    fn a_session_that_names_what_it_tells_of_is_never_looked_at_as_a_whole(
        life in lives().prop_map(Life::with_every_id), by in telemetry(), delay in 0..20i64,
    ) {
        let mut followed = Followed::new();
        for (at, piece) in as_sent(&first_session(&life, by)) {
            followed.take_in(piece, at.plus_seconds(delay));
        }
        followed.take_in(Vec::new(), time(10_000_000));
        prop_assert_eq!(followed.wholes, 0);
    }

    #[test]
    fn a_session_looked_at_as_a_whole_is_followed_from_then_on(
        life in lives().prop_map(Life::with_every_id), by in telemetry(), lost_at in 0..40usize,
    ) {
        let mut followed = Followed::new();
        for (place, (at, piece)) in as_sent(&first_session(&life, by)).into_iter().enumerate() {
            if place == lost_at {
                followed.live = None;
            }
            followed.take_in(piece, at);
        }
        prop_assert!(followed.wholes <= 1);
    }
}
