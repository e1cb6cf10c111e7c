//! Metrics beside requests: what they hold beyond them is posted, per session, model and kind of token.

use model::{Kind, Measures, Money, Record, TokenKind};

use super::harness::{figures, of_kind, only, requests, settled, sum, unattributed};
use super::makers::{
    HAIKU, OPUS, OPUS_OUTPUT, answer, client_totals, cost, delta, installation, opus_output, request,
    seconds, tokens,
};

/// Seconds from the story's start to 2026-11-21T00:00:00Z.
const MIDNIGHT: i64 = 14 * 3_600;

#[test]
fn metrics_alone_are_posted_per_model_and_interval() {
    let kinds = [
        (TokenKind::Input, 1.0),
        (TokenKind::Output, 20.0),
        (TokenKind::CacheRead, 300.0),
        (TokenKind::CacheCreation, 4_000.0),
    ];
    let points = |model: &'static str, interval: (i64, i64)| {
        let of_kind = move |(kind, value)| delta("s", interval, &tokens(model, kind), value);
        kinds.into_iter().map(of_kind).collect::<Vec<Record>>()
    };
    let records = [points(OPUS, (0, 60)), points(HAIKU, (0, 60)), points(OPUS, (60, 120))].concat();
    let postings = settled(&records);
    let seen = of_kind(&postings, Kind::Unattributed).into_iter().map(|posting| {
        let usage = posting.measures.tokens;
        let all = (usage.input, usage.output, usage.cache_read, usage.cache_creation);
        (posting.model.as_str(), seconds(posting.at), all)
    });
    let all = (1, 20, 300, 4_000);
    assert_eq!(seen.collect::<Vec<_>>(), [(HAIKU, 60, all), (OPUS, 60, all), (OPUS, 120, all)]);
    assert_eq!(sum(&postings, |measures| measures.requests), 0);
}

#[test]
fn metrics_that_requests_explain_add_nothing() {
    let records = [
        request("s", 10, "r1", 40),
        request("s", 70, "r2", 50),
        delta("s", (0, 60), &opus_output(), 40.0),
        delta("s", (0, 60), &cost(OPUS), 40.0 * 20e-6),
        delta("s", (60, 120), &opus_output(), 50.0),
        delta("s", (60, 120), &cost(OPUS), 50.0 * 20e-6),
    ];
    let postings = settled(&records);
    assert_eq!(unattributed(&postings), []);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 90);
    assert_eq!(sum(&postings, |measures| measures.cost_settled), 90 * OPUS_OUTPUT);
}

#[test]
fn what_requests_lack_is_posted_where_it_was_counted() {
    let records = [
        request("s", 10, "r1", 40),
        delta("s", (0, 60), &opus_output(), 40.0),
        // A title and a compaction, say.
        delta("s", (60, 120), &opus_output(), 7.0),
        request("s", 130, "r2", 50),
        delta("s", (120, 180), &opus_output(), 51.0),
    ];
    assert_eq!(unattributed(&settled(&records)), [("s", 120, 7), ("s", 180, 1)]);
}

#[test]
fn requests_beyond_the_metrics_are_not_taken_away() {
    // The process was killed before the last export.
    let records =
        [request("s", 10, "r1", 40), request("s", 90, "r2", 50), delta("s", (0, 60), &opus_output(), 40.0)];
    let postings = settled(&records);
    assert_eq!((unattributed(&postings), requests(&postings).len()), (vec![], 2));
}

#[test]
fn a_surplus_of_one_kind_or_model_makes_up_for_no_other() {
    let records = [
        request("s", 10, "r1", 40),
        delta("s", (0, 60), &opus_output(), 10.0),
        delta("s", (0, 60), &tokens(OPUS, TokenKind::Input), 5.0),
        delta("s", (0, 60), &tokens(HAIKU, TokenKind::Output), 6.0),
    ];
    let postings = settled(&records);
    let rest = of_kind(&postings, Kind::Unattributed);
    let rest = rest.iter().map(|posting| {
        (posting.model.as_str(), posting.measures.tokens.input, posting.measures.tokens.output)
    });
    assert_eq!(rest.collect::<Vec<_>>(), [(HAIKU, 0, 6), (OPUS, 5, 0)]);
}

#[test]
fn an_interval_over_midnight_repeats_nothing_on_the_new_day() {
    let requests_of_both_days =
        [request("s", MIDNIGHT - 10, "r1", 40), request("s", MIDNIGHT + 20, "r2", 15)];
    let metered = |value| delta("s", (MIDNIGHT - 30, MIDNIGHT + 30), &opus_output(), value);
    let exact = [&requests_of_both_days[..], &[metered(55.0)]].concat();
    assert_eq!(unattributed(&settled(&exact)), []);
    let beyond = [&requests_of_both_days[..], &[metered(60.0)]].concat();
    assert_eq!(unattributed(&settled(&beyond)), [("s", MIDNIGHT + 30, 5)], "on the day the interval ends");
    assert_eq!(unattributed(&settled(&[metered(60.0)])), [("s", MIDNIGHT + 30, 60)]);
}

#[test]
fn the_day_before_does_not_lend_its_surplus_to_the_next() {
    // Of the first day's two requests the metric lost one; on the second it knows of more.
    let records = [
        request("s", 10, "r1", 40),
        request("s", 20, "r2", 50),
        delta("s", (0, 60), &opus_output(), 40.0),
        request("s", MIDNIGHT + 10, "r3", 60),
        delta("s", (MIDNIGHT, MIDNIGHT + 60), &opus_output(), 60.0),
        client_totals("s", MIDNIGHT + 60, 170),
    ];
    // 150 are requests; the client says 170.
    assert_eq!(unattributed(&settled(&records)), [("s", MIDNIGHT + 60, 20)]);
}

#[test]
fn a_request_may_be_dated_just_after_the_point_that_counts_it() {
    let records = [request("s", 61, "r1", 40), delta("s", (0, 60), &opus_output(), 40.0)];
    assert_eq!(unattributed(&settled(&records)), []);
}

#[test]
fn a_request_that_is_dated_later_is_set_off_by_the_next_point() {
    let records = [
        request("s", 75, "r1", 40),
        delta("s", (0, 60), &opus_output(), 40.0),
        request("s", 110, "r2", 3),
        delta("s", (60, 120), &opus_output(), 3.0),
    ];
    assert_eq!(unattributed(&settled(&records)), []);
}

#[test]
fn two_processes_of_one_session_count_together() {
    let records = [
        delta("s", (0, 60), &opus_output(), 40.0),
        delta("s", (5, 60), &opus_output(), 50.0),
        request("s", 10, "r1", 40),
        request("s", 20, "r2", 50),
    ];
    assert_eq!(unattributed(&settled(&records[..2])), [("s", 60, 90)]);
    assert_eq!(unattributed(&settled(&records)), []);
}

#[test]
fn a_total_is_never_below_a_source_and_never_the_sum_of_two() {
    let known = [request("s", 10, "r1", 90)];
    let metered = delta("s", (0, 60), &opus_output(), 100.0);
    let told = client_totals("s", 70, 120);
    let total = |more: &[Record]| sum(&settled(&[&known[..], more].concat()), |m| m.tokens.output);
    assert_eq!(total(&[]), 90);
    assert_eq!(total(std::slice::from_ref(&metered)), 100);
    assert_eq!(total(std::slice::from_ref(&told)), 120);
    assert_eq!(total(&[metered, told]), 120);
    assert_eq!(total(&[delta("s", (0, 60), &opus_output(), 130.0), client_totals("s", 70, 120)]), 130);
}

#[test]
fn requests_that_tell_no_cost_leave_what_the_client_reckoned_to_the_metric() {
    let records = [answer("s", 10, "m1", 40), delta("s", (0, 60), &cost(OPUS), 40.0 * 20e-6)];
    let postings = settled(&records);
    // The book's price of the request and the metric agree, so nothing is left to settle.
    assert_eq!(sum(&postings, |measures| measures.cost_settled), 40 * OPUS_OUTPUT);
    assert_eq!(sum(&postings, |measures| measures.cost_reported), 40 * OPUS_OUTPUT);
    assert_eq!(sum(&postings, |measures| measures.cost_priced), 40 * OPUS_OUTPUT);
    let rest = only(&postings, Kind::Unattributed).measures;
    assert_eq!(rest, Measures { cost_reported: 40 * OPUS_OUTPUT, ..Measures::default() });
}

#[test]
fn a_cost_beyond_the_requests_is_posted_unless_it_is_rounding() {
    let with_cost = |dollars: f64| {
        let records = [
            request("s", 10, "r1", 40),
            request("s", 20, "r2", 50),
            delta("s", (0, 60), &cost(OPUS), dollars),
        ];
        sum(&settled(&records), |measures| measures.cost_settled)
    };
    let exact = 90 * OPUS_OUTPUT;
    assert_eq!(with_cost(90.0 * 20e-6 + 2e-6), exact, "a micro-dollar for each request");
    assert_eq!(with_cost(90.0 * 20e-6 + 3e-6), exact + Money::from_micros(3).as_picos());
}

#[test]
fn small_costs_beyond_the_requests_add_up() {
    let mut records = vec![request("s", 10, "r1", 40), delta("s", (0, 60), &cost(OPUS), 40.0 * 20e-6)];
    // Half a micro-dollar a minute is no rounding after an hour.
    records.extend((1..=60).map(|minute| delta("s", (60 * minute, 60 * minute + 60), &cost(OPUS), 0.5e-6)));
    let expected = 40 * OPUS_OUTPUT + Money::from_micros(30).as_picos();
    assert_eq!(sum(&settled(&records), |measures| measures.cost_settled), expected);
}

#[test]
fn metrics_without_session_ids_are_compared_with_all_that_the_installation_did() {
    let unnamed = installation();
    let records = [
        answer("a", 10, "m1", 40),
        answer("b", 20, "m2", 50),
        request(&unnamed, 11, "m1", 40),
        request(&unnamed, 21, "m2", 50),
        delta(&unnamed, (0, 60), &opus_output(), 97.0),
    ];
    let postings = settled(&records);
    assert_eq!(requests(&postings), [("a", 11, 40), ("b", 21, 50)]);
    assert_eq!(unattributed(&postings), [(unnamed.as_str(), 60, 7)]);
    let telemetry = settled(&records[2..]);
    assert_eq!(requests(&telemetry), [(unnamed.as_str(), 11, 40), (unnamed.as_str(), 21, 50)]);
    assert_eq!(unattributed(&telemetry), [(unnamed.as_str(), 60, 7)]);
}

#[test]
fn sessions_are_not_compared_with_each_other() {
    let records = [
        request("a", 10, "proxy", 90),
        request("b", 11, "proxy", 10),
        delta("a", (0, 60), &opus_output(), 40.0),
        delta("b", (0, 60), &opus_output(), 40.0),
    ];
    assert_eq!(unattributed(&settled(&records)), [("b", 60, 30)]);
}

#[test]
fn active_time_is_known_from_metrics_alone() {
    let records = [
        delta("s", (0, 60), &model::Counter::ActiveUserSeconds, 1.5),
        delta("s", (0, 60), &model::Counter::ActiveCliSeconds, 2.25),
        request("s", 10, "r1", 40),
    ];
    let postings = settled(&records);
    let both = |measures: &Measures| measures.active_user_ms * 10_000 + measures.active_cli_ms;
    assert_eq!(figures(&postings, Kind::ActiveTime, both), [("s", 60, 2_250), ("s", 60, 15_000_000)]);
}
