//! Counters as they arrive: intervals or running values, restarts, gaps, fractions.

use model::{Counter, CounterPoint, Kind, Observation, Record, Temporality};

use super::harness::{figures, of_kind, settled, sum, unattributed};
use super::makers::{OPUS, cost, cumulative, delta, opus_output, request};

#[test]
fn intervals_are_added_and_running_values_are_not() {
    let output = opus_output();
    let intervals = [delta("s", (0, 60), &output, 10.0), delta("s", (60, 120), &output, 15.0)];
    let running = [cumulative("s", (0, 60), &output, 10.0), cumulative("s", (0, 120), &output, 25.0)];
    let expected = [("s", 60, 10), ("s", 120, 15)];
    assert_eq!(unattributed(&settled(&intervals)), expected);
    assert_eq!(unattributed(&settled(&running)), expected);
}

#[test]
fn a_running_value_that_stands_still_adds_nothing() {
    let output = opus_output();
    let points = [60, 120, 180].map(|second| cumulative("s", (0, second), &output, 10.0));
    assert_eq!(unattributed(&settled(&points)), [("s", 60, 10)]);
}

#[test]
fn a_running_value_makes_up_for_points_that_were_lost() {
    let output = opus_output();
    let points = [cumulative("s", (0, 60), &output, 10.0), cumulative("s", (0, 240), &output, 40.0)];
    assert_eq!(unattributed(&settled(&points)), [("s", 60, 10), ("s", 240, 30)]);
}

#[test]
fn a_process_that_starts_anew_counts_from_zero() {
    let output = opus_output();
    // The second process has counted more than the first when it is first heard of.
    let points = [
        cumulative("s", (0, 60), &output, 10.0),
        cumulative("s", (100, 160), &output, 25.0),
        cumulative("s", (100, 220), &output, 27.0),
    ];
    assert_eq!(unattributed(&settled(&points)), [("s", 60, 10), ("s", 160, 25), ("s", 220, 2)]);
}

#[test]
fn a_running_value_that_falls_has_started_anew_without_saying_so() {
    let output = opus_output();
    let values = [(60, 10.0), (120, 25.0), (180, 4.0), (240, 9.0)];
    let points = values.map(|(second, value)| cumulative("s", (0, second), &output, value));
    assert_eq!(
        unattributed(&settled(&points)),
        [("s", 60, 10), ("s", 120, 15), ("s", 180, 4), ("s", 240, 5)]
    );
}

#[test]
fn two_processes_at_once_are_followed_each_by_itself() {
    let output = opus_output();
    let points = [
        cumulative("s", (0, 60), &output, 10.0),
        cumulative("s", (5, 62), &output, 100.0),
        cumulative("s", (0, 120), &output, 12.0),
        cumulative("s", (5, 122), &output, 130.0),
    ];
    assert_eq!(
        unattributed(&settled(&points)),
        [("s", 60, 10), ("s", 62, 100), ("s", 120, 2), ("s", 122, 30)]
    );
}

#[test]
fn a_sender_may_leave_the_start_out() {
    let without_start = |mut record: Record| {
        if let Observation::Counter(point) = &mut record.observation {
            point.start = None;
        }
        record
    };
    let output = opus_output();
    let points = [cumulative("s", (0, 60), &output, 10.0), cumulative("s", (0, 120), &output, 25.0)];
    assert_eq!(unattributed(&settled(&points.map(without_start))), [("s", 60, 10), ("s", 120, 15)]);
}

#[test]
fn series_of_one_counter_are_added_up() {
    // The same model, asked by the main thread and by a subagent: told apart by attributes only.
    let of_series = |series: &str, second, value| {
        let mut record = cumulative(series, (0, second), &opus_output(), value);
        if let Observation::Counter(CounterPoint { series: id, .. }) = &mut record.observation {
            *id = model::ItemKey::of("series", series);
        }
        Record { session: "s".into(), ..record }
    };
    let points = [of_series("main", 60, 10.0), of_series("subagent", 60, 3.0), of_series("main", 120, 12.0)];
    assert_eq!(unattributed(&settled(&points)), [("s", 60, 13), ("s", 120, 2)]);
    // One total, compared as a whole: 13 are known of the 13.
    let known = [&points[..2], &[request("s", 10, "r1", 13)]].concat();
    assert_eq!(unattributed(&settled(&known)), []);
}

#[test]
fn fractions_are_carried_until_they_make_a_whole() {
    let seconds = Counter::ActiveCliSeconds;
    // A third of a millisecond each: what is posted is the rounded sum, not the sum of rounded parts.
    let points: Vec<Record> =
        (0..9).map(|minute| delta("s", (60 * minute, 60 * minute + 60), &seconds, 0.001 / 3.0)).collect();
    let postings = settled(&points);
    assert_eq!(sum(&postings, |measures| measures.active_cli_ms), 3);
    assert_eq!(of_kind(&postings, Kind::ActiveTime).len(), 3);
}

#[test]
fn dollars_become_picodollars_without_drift() {
    let dollars = cost(OPUS);
    let points: Vec<Record> =
        (0..100).map(|minute| delta("s", (60 * minute, 60 * minute + 60), &dollars, 0.1)).collect();
    assert_eq!(sum(&settled(&points), |measures| measures.cost_settled), 10_000_000_000_000);
}

#[test]
fn values_that_no_counter_can_have_add_nothing() {
    let output = opus_output();
    let values = [f64::NAN, f64::INFINITY, -5.0, 7.0];
    let points: Vec<Record> = values
        .into_iter()
        .zip([60, 120, 180, 240])
        .map(|(value, second)| delta("s", (second - 60, second), &output, value))
        .collect();
    assert_eq!(unattributed(&settled(&points)), [("s", 240, 7)]);
}

#[test]
fn a_process_may_change_from_intervals_to_running_values() {
    let output = opus_output();
    // The session was resumed with another setting.
    let points = [
        delta("s", (0, 60), &output, 10.0),
        cumulative("s", (100, 160), &output, 5.0),
        cumulative("s", (100, 220), &output, 8.0),
    ];
    assert_eq!(unattributed(&settled(&points)), [("s", 60, 10), ("s", 160, 5), ("s", 220, 3)]);
}

#[test]
fn unknown_counters_and_counts_of_processes_are_no_amounts() {
    let unknown = Counter::Unknown("haikus.count".into());
    let sessions = Counter::Sessions("fresh".into());
    let records = [
        super::makers::point("s", (0, 60), Temporality::Delta, &unknown, 3.0),
        delta("s", (0, 60), &sessions, 1.0),
    ];
    let postings = settled(&records);
    assert_eq!(figures(&postings, Kind::SessionStart, |_| 0), [("s", 0, 0)]);
    assert_eq!(postings.len(), 1);
}
