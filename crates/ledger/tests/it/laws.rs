//! What holds for every life, whoever tells of it and however it arrives.

use std::collections::BTreeSet;

use model::{Observation, Record, Source};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::arrival::{batches, cases, keeps, pieces, settled, settled_at, shuffled};
use crate::figures::{Figures, figures, truth};
use crate::life::{Life, clear_lives, lives};
use crate::telling::{Tellers, time, told};

fn tellers() -> impl Strategy<Value = Tellers> {
    select(Tellers::combinations())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn whoever_tells_of_it_the_figures_are_true(life in lives()) {
        for by in Tellers::combinations() {
            prop_assert_eq!(figures(&settled(&told(&life, by)).postings), truth(&life, by), "{:?}", by);
        }
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn order_repetition_and_batches_change_nothing(
        life in lives(), by in tellers(), seed: u64, now in 0..20_000i64,
    ) {
        let records = told(&life, by);
        let settlement = settled_at(time(now), &batches(&records));
        let arrived = shuffled(&records, seed);
        let arrived: Vec<_> = pieces(&arrived, seed, 5).iter().flat_map(|piece| batches(piece)).collect();
        prop_assert_eq!(settled_at(time(now), &arrived), settlement);
    }

    /// Where one source is complete, the others may lack what they will.
    #[test]
    fn no_loss_elsewhere_spoils_what_a_complete_source_knows(
        life in clear_lives(),
        complete in select(complete_sources()),
        seed: u64,
        percent in 0..100u128,
        last_totals in 0..10_000i64,
    ) {
        let remains = |record: &Record| match record.observation {
            // A fork's totals say nothing without the lines that show that it is one, nor without what
            // they began with.
            Observation::Totals(_) => complete.lines && record.at < time(last_totals),
            _ => keeps(record, seed, percent),
        };
        let mut records = told(&life, Tellers::ALL);
        records.retain(|record| belongs_to(record, complete) || remains(record));
        let found = figures(&settled(&records).postings);
        let (least, most) = (truth(&life, complete), truth(&life, Tellers::ALL));
        prop_assert_eq!(outside(&found, &least, &most), Vec::<String>::new());
    }

    /// While sources report one after the other, nothing is counted that was not done.
    #[test]
    fn nothing_is_ever_counted_twice_meanwhile(
        life in clear_lives().prop_map(Life::with_every_id), seed: u64, percent in 0..100u128,
    ) {
        let by = Tellers { totals: false, ..Tellers::ALL };
        let mut records = told(&life, by);
        records.retain(|record| is_marked(record) || keeps(record, seed, percent));
        let found = figures(&settled(&records).postings);
        prop_assert_eq!(outside(&found, &Figures::new(), &truth(&life, by)), Vec::<String>::new());
    }

    #[test]
    fn without_new_records_nothing_changes_before_it_is_due(
        life in lives(), by in tellers(), now in 0..5_000i64, later in 0..100i64,
    ) {
        let records: Vec<Record> =
            told(&life, by).into_iter().filter(|record| record.at <= time(now)).collect();
        let evidence = batches(&records);
        let settlement = settled_at(time(now), &evidence);
        let again = settled_at(time(now + later), &evidence);
        if settlement.matures_at.is_none_or(|due| time(now + later) < due) {
            prop_assert_eq!(again, settlement);
        }
    }
}

fn complete_sources() -> Vec<Tellers> {
    let nobody = Tellers { events: false, lines: false, totals: false, metrics: false };
    vec![
        Tellers { events: true, ..nobody },
        Tellers { lines: true, ..nobody },
        Tellers { lines: true, totals: true, ..nobody },
        Tellers { metrics: true, ..nobody },
    ]
}

fn belongs_to(record: &Record, tellers: Tellers) -> bool {
    match (record.source, &record.observation) {
        (Source::Events, _) => tellers.events,
        (Source::Metrics, _) => tellers.metrics,
        (Source::Transcripts, Observation::Totals(_)) => tellers.totals,
        _ => tellers.lines,
    }
}

/// Without the answers that name it, the origin of the copied lines around them cannot be told.
fn is_marked(record: &Record) -> bool {
    matches!(&record.observation, Observation::Request(seen) if seen.origin_session.is_some())
}

/// Picodollars that are left out as rounding where a cost and its tokens were told at different times: far
/// less than any request costs.
const ROUNDING: i64 = 10_000_000;

/// What was found that is less than `least` or more than `most`.
fn outside(found: &Figures, least: &Figures, most: &Figures) -> Vec<String> {
    let value = |figures: &Figures, name| figures.get(name).copied().unwrap_or(0);
    let names: BTreeSet<_> = found.keys().chain(least.keys()).collect();
    let told = names.into_iter().filter_map(|name| {
        let [found, least, most] = [found, least, most].map(|figures| value(figures, name));
        let lacking = if name.1.starts_with("cost") { ROUNDING } else { 0 };
        let inside = (least - lacking..=most).contains(&found);
        (!inside).then(|| format!("{name:?}: {found}, not within {least} and {most}"))
    });
    told.collect()
}

#[test]
fn lives_hold_what_the_laws_are_about() {
    // A generator that never makes a fork, say, would let every law about forks hold.
    let mut runner = TestRunner::new(cases(60));
    let mut seen = [0; 6];
    for _ in 0..60 {
        let life: Life = lives().new_tree(&mut runner).unwrap().current();
        let origins = || life.sessions.iter().filter_map(|session| session.origin);
        let asks = || life.asks().map(|(_, _, ask)| ask);
        let found = [
            origins().any(|origin| origin.marked),
            origins().any(|origin| !origin.marked),
            life.sessions.iter().any(|session| session.processes.len() > 1),
            asks().any(|ask| ask.beside),
            asks().any(|ask| ask.lines > 1),
            asks().any(|ask| ask.call.as_ref().is_some_and(|call| call.accepted && !call.named)),
        ];
        for (count, found) in seen.iter_mut().zip(found) {
            *count += usize::from(found);
        }
    }
    assert!(seen.iter().all(|count| *count >= 5), "{seen:?}");
}
