//! The client's own totals in transcripts: they include what the lines leave out, and in a fork what its
//! origin did.

use model::{Kind, Measures, Money, Observation, Record, RequestSeen, TokenUsage};

use super::harness::{figures, requests, settled, sum, unattributed};
use super::makers::{
    OPUS, OPUS_OUTPUT, answer, answered, at, client_totals, copy, delta, done, event, line, marked_copy,
    opus_output, output, request, totals_of,
};

#[test]
fn what_the_lines_leave_out_is_posted() {
    // The compaction stands in no line.
    let records = [answer("s", 10, "m1", 40), answer("s", 20, "m2", 50), client_totals("s", 20, 97)];
    let postings = settled(&records);
    assert_eq!(unattributed(&postings), [("s", 20, 7)]);
    assert_eq!(sum(&postings, |measures| measures.cost_settled), 97 * OPUS_OUTPUT);
}

#[test]
fn totals_run_on_from_process_to_process() {
    let records = [
        answer("s", 10, "m1", 40),
        client_totals("s", 10, 41),
        // Written twice over when the process ends.
        client_totals("s", 11, 41),
        answer("s", 900, "m2", 50),
        client_totals("s", 900, 94),
    ];
    assert_eq!(unattributed(&settled(&records)), [("s", 10, 1), ("s", 900, 3)]);
    assert_eq!(sum(&settled(&records[1..2]), |measures| measures.tokens.output), 41);
}

#[test]
fn totals_that_fall_take_nothing_back() {
    let records = [client_totals("s", 10, 41), client_totals("s", 20, 5), client_totals("s", 30, 50)];
    assert_eq!(unattributed(&settled(&records)), [("s", 10, 41), ("s", 30, 9)]);
}

#[test]
fn an_event_dated_after_the_last_line_is_within_the_totals() {
    // The title's request ended when the line before the totals was long written.
    let records = [answer("s", 10, "m1", 40), client_totals("s", 10, 47), request("s", 500, "title", 7)];
    assert_eq!(unattributed(&settled(&records)), []);
    // With the transcript going on meanwhile, that event belongs to the next totals.
    let next = [&records[..], &[answer("s", 400, "m2", 50), client_totals("s", 500, 104)]].concat();
    let postings = settled(&next);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 104);
    assert_eq!(unattributed(&postings), [("s", 10, 7)]);
}

#[test]
fn models_are_compared_by_what_they_are_not_how_they_are_spelled() {
    let spelled = vec![("claude-opus-5-5[1m]".into(), output(40), Money::from_picos(40 * OPUS_OUTPUT))];
    assert_eq!(unattributed(&settled(&[answer("s", 10, "m1", 40), totals_of("s", 10, spelled, (0, 0))])), []);
    let twice =
        vec![("claude-opus-5-5[1m]".into(), output(30), Money::ZERO), (OPUS.into(), output(12), Money::ZERO)];
    let records = [answer("s", 10, "m1", 40), totals_of("s", 10, twice, (0, 0))];
    assert_eq!(unattributed(&settled(&records)), [("s", 10, 2)]);
}

#[test]
fn what_only_totals_know_is_priced_in_a_mode_that_the_session_used() {
    let ran = |seconds, name: &str, tokens, fast| {
        line("s", seconds, name, Observation::Request(RequestSeen { fast, ..answered(name, name, tokens) }))
    };
    let story = |modes: [bool; 2], cost: i64| {
        let told = vec![(OPUS.into(), output(97), Money::from_picos(cost * OPUS_OUTPUT))];
        let told = totals_of("s", 20, told, (0, 0));
        let postings = settled(&[ran(10, "m1", 40, modes[0]), ran(20, "m2", 50, modes[1]), told]);
        let rest = postings.iter().find(|posting| posting.kind == Kind::Unattributed).unwrap();
        (rest.fast, rest.measures.cost_priced / OPUS_OUTPUT)
    };
    // Fast mode costs twice as much.
    assert_eq!(story([true, true], 2 * 97), (true, 14));
    assert_eq!(story([true, true], 180 + 7), (false, 7));
    assert_eq!(story([false, false], 97), (false, 7));
    // Whatever else made the rest dear: it was not a mode that nothing ran in.
    assert_eq!(story([false, false], 90 + 14), (false, 7));
    // Some ran in either mode.
    assert_eq!(story([true, false], 80 + 50 + 14), (true, 14));
    assert_eq!(story([true, false], 80 + 50 + 7), (false, 7));
}

#[test]
fn what_only_totals_know_is_priced_as_of_when_its_cost_says() {
    // Reads of this model cost 0.20 dollars a million before 2026-10-07 (UTC), and 0.10 from then on; the session
    // began an hour before and ended an hour after.
    let model = "claude-sonnet-5-5";
    let midnight = -(44 * 24 + 10) * 3_600;
    assert_eq!(at(midnight).to_rfc3339(), "2026-10-07T00:00:00Z");
    let read = |tokens| TokenUsage { cache_read: tokens, ..TokenUsage::default() };
    let before = RequestSeen { model: model.into(), usage: read(1_000), ..answered("m1", "m1", 0) };
    let before = line("s", midnight - 3_600, "m1", Observation::Request(before));
    let story = |rest_picos: i64| {
        let told = vec![(model.into(), read(2_000), Money::from_picos(200_000_000 + rest_picos))];
        let told = totals_of("s", midnight + 3_600, told, (0, 0));
        let postings = settled(&[before.clone(), told]);
        let rest = postings.iter().find(|posting| posting.kind == Kind::Unattributed).unwrap();
        rest.measures.cost_priced
    };
    assert_eq!(story(200_000_000), 200_000_000);
    assert_eq!(story(100_000_000), 100_000_000);
}

#[test]
fn a_model_without_figures_is_not_posted() {
    let models = vec![("<synthetic>".into(), TokenUsage::default(), Money::ZERO)];
    let postings = settled(&[answer("s", 10, "m1", 40), totals_of("s", 10, models, (0, 0))]);
    assert_eq!(unattributed(&postings), []);
    assert_eq!(sum(&postings, |measures| measures.unpriced_tokens), 0);
}

#[test]
fn lines_changed_beyond_the_known_calls_are_posted() {
    let edit = model::ToolOutcome { lines_added: 5, lines_removed: 2, ..done(Some("t1"), "Edit") };
    let records =
        [line("s", 10, "result", Observation::ToolResult(edit)), totals_of("s", 10, vec![], (8, 2))];
    let postings = settled(&records);
    let both = |measures: &Measures| measures.lines_added * 100 + measures.lines_removed;
    assert_eq!(figures(&postings, Kind::Lines, both), [("s", 10, 300), ("s", 10, 502)]);
}

/// A session of 40 + 50 tokens in answers and 10 beside them.
fn first() -> Vec<Record> {
    vec![answer("first", 5, "m1", 40), answer("first", 310, "m2", 50), client_totals("first", 310, 100)]
}

/// What a fork of [`first`] copies; totals are never copied.
fn copied(by: fn(&Record, &str) -> Record) -> Vec<Record> {
    first()[..2].iter().map(|record| by(record, "fork")).collect()
}

#[test]
fn a_fork_s_totals_begin_with_those_of_its_origin() {
    for by in [marked_copy, copy] {
        // 100 inherited, 60 of its own and 5 beside.
        let own = [answer("fork", 1_010, "m3", 60), client_totals("fork", 1_010, 165)];
        let postings = settled(&[first(), copied(by), own.to_vec()].concat());
        assert_eq!(requests(&postings), [("first", 5, 40), ("first", 310, 50), ("fork", 1_010, 60)]);
        assert_eq!(unattributed(&postings), [("first", 310, 10), ("fork", 1_010, 5)]);
        assert_eq!(sum(&postings, |measures| measures.cost_settled), 165 * OPUS_OUTPUT);
    }
}

#[test]
fn without_the_origin_s_file_at_least_what_was_copied_is_inherited() {
    let own = [answer("fork", 1_010, "m3", 60), client_totals("fork", 1_010, 165)];
    let postings = settled(&[copied(marked_copy), own.to_vec()].concat());
    // The origin's 10 beside its answers cannot be told from the fork's 5.
    assert_eq!(unattributed(&postings), [("fork", 1_010, 15)]);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 165);
}

#[test]
fn what_the_origin_did_after_the_fork_is_not_inherited() {
    // Forked after the first answer; the original's second came later.
    let own = [answer("fork", 100, "m3", 60), client_totals("fork", 110, 105)];
    let copies = vec![marked_copy(&answer("first", 5, "m1", 40), "fork")];
    let postings = settled(&[first(), copies, own.to_vec()].concat());
    assert_eq!(unattributed(&postings), [("fork", 110, 5), ("first", 310, 10)]);
}

#[test]
fn a_fork_of_a_fork_inherits_from_both() {
    let fork = [copied(marked_copy), vec![answer("fork", 1_010, "m3", 60)]].concat();
    let second: Vec<Record> = fork.iter().map(|record| marked_copy(record, "second")).collect();
    let own = vec![
        client_totals("fork", 1_010, 165),
        answer("second", 2_000, "m4", 70),
        client_totals("second", 2_000, 237),
    ];
    let postings = settled(&[first(), fork, second, own].concat());
    assert_eq!(unattributed(&postings), [("first", 310, 10), ("fork", 1_010, 5), ("second", 2_000, 2)]);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 237);
}

#[test]
fn lines_changed_are_inherited_too() {
    let edit = model::ToolOutcome { lines_added: 5, lines_removed: 2, ..done(Some("t1"), "Edit") };
    let call = line("first", 6, "result", Observation::ToolResult(edit));
    let records = vec![
        answer("first", 5, "m1", 40),
        call.clone(),
        answer("first", 7, "m2", 50),
        marked_copy(&call, "fork"),
        marked_copy(&answer("first", 7, "m2", 50), "fork"),
        answer("fork", 1_000, "m3", 60),
        totals_of("fork", 1_000, vec![], (6, 2)),
    ];
    let postings = settled(&records);
    assert_eq!(sum(&postings, |measures| measures.lines_added), 6);
    assert_eq!(sum(&postings, |measures| measures.lines_removed), 2);
}

#[test]
fn metrics_of_a_fork_count_only_its_own_and_agree_with_its_totals() {
    let own = [answer("fork", 1_010, "m3", 60), client_totals("fork", 1_010, 165)];
    let metered = [
        delta("first", (0, 320), &opus_output(), 100.0),
        delta("fork", (1_000, 1_060), &opus_output(), 65.0),
    ];
    let told =
        [event("first", 6, request("first", 6, "m1", 40).observation), request("fork", 1_011, "m3", 60)];
    let records = [&first()[..], &copied(marked_copy), &own, &metered, &told].concat();
    let postings = settled(&records);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 165);
    let rest = unattributed(&postings);
    assert_eq!(
        rest.iter().map(|(session, _, rest)| (*session, *rest)).collect::<Vec<_>>(),
        [("first", 10), ("fork", 5)]
    );
}
