//! Totals that are seen before the items they count.

use model::Record;

use super::harness::{requests, settled_at, unattributed};
use super::makers::{at, client_totals, delta, opus_output, request, seconds};

fn metered(interval: (i64, i64), value: f64) -> Record {
    delta("s", interval, &opus_output(), value)
}

#[test]
fn a_point_waits_for_the_items_it_may_count() {
    let records = [request("s", 50, "r1", 5), metered((0, 60), 12.0)];
    let young = settled_at(89, &records);
    assert_eq!((requests(&young.postings), unattributed(&young.postings)), (vec![("s", 50, 5)], vec![]));
    assert_eq!(young.matures_at, Some(at(90)));
    let old = settled_at(90, &records);
    assert_eq!((unattributed(&old.postings), old.matures_at), (vec![("s", 60, 7)], None));
}

#[test]
fn while_one_point_waits_those_before_it_are_compared() {
    let records = [
        request("s", 50, "r1", 5),
        metered((0, 60), 12.0),
        metered((60, 120), 3.0),
        metered((120, 130), 4.0),
    ];
    let settlement = settled_at(100, &records);
    assert_eq!(unattributed(&settlement.postings), [("s", 60, 7)]);
    assert_eq!(settlement.matures_at.map(seconds), Some(150), "the first of those that wait");
}

#[test]
fn a_session_without_items_has_nothing_to_wait_for() {
    let settlement = settled_at(60, &[metered((0, 60), 12.0)]);
    assert_eq!((unattributed(&settlement.postings), settlement.matures_at), (vec![("s", 60, 12)], None));
}

#[test]
fn items_of_another_session_make_nobody_wait() {
    let records = [
        request("busy", 50, "proxy", 5),
        request("other", 51, "proxy", 5),
        delta("s", (0, 60), &opus_output(), 12.0),
    ];
    let settlement = settled_at(60, &records);
    assert_eq!((unattributed(&settlement.postings), settlement.matures_at), (vec![("s", 60, 12)], None));
}

#[test]
fn a_point_that_is_explained_waits_without_a_trace() {
    let records = [request("s", 50, "r1", 12), metered((0, 60), 12.0)];
    assert_eq!(settled_at(61, &records).postings, settled_at(10_000, &records).postings);
}

#[test]
fn an_event_that_comes_in_time_leaves_no_remainder() {
    let early = [request("s", 10, "r1", 5), metered((0, 60), 12.0)];
    assert_eq!(unattributed(&settled_at(61, &early).postings), []);
    let complete = [&early[..], &[request("s", 55, "r2", 7)]].concat();
    assert_eq!(unattributed(&settled_at(90, &complete).postings), []);
    // One that comes after all shrinks what was posted meanwhile.
    assert_eq!(unattributed(&settled_at(95, &early).postings), [("s", 60, 7)]);
    assert_eq!(unattributed(&settled_at(200, &complete).postings), []);
}

#[test]
fn a_clock_that_runs_far_ahead_is_not_waited_for() {
    let records = [request("s", 10, "r1", 5), metered((0, 3_600), 12.0)];
    let settlement = settled_at(60, &records);
    assert_eq!((unattributed(&settlement.postings), settlement.matures_at), (vec![("s", 3_600, 7)], None));
    let slightly = settled_at(3_580, &records);
    assert_eq!((unattributed(&slightly.postings), slightly.matures_at), (vec![], Some(at(3_630))));
}

#[test]
fn the_client_s_own_totals_wait_as_well() {
    let records = [request("s", 10, "r1", 5), client_totals("s", 20, 9)];
    let young = settled_at(49, &records);
    assert_eq!((unattributed(&young.postings), young.matures_at), (vec![], Some(at(50))));
    assert_eq!(unattributed(&settled_at(50, &records).postings), [("s", 20, 4)]);
}
