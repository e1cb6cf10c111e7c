//! Decisions on tool calls: by metric, by event, by transcript.

use model::{Counter, Decision, Kind, Measures, Observation, Record};

use super::harness::{figures, of_kind, only, settled, sum};
use super::makers::{decided, delta, event, installation, line, seconds};

fn both(measures: &Measures) -> i64 {
    10 * measures.accepted + measures.rejected
}

const ACCEPTED: i64 = 10;
const REJECTED: i64 = 1;

/// `call` as the event and as the transcript tell of it.
fn told(second: i64, call: &str, tool: &str, accepted: bool) -> [Record; 2] {
    [
        event("s", second, decided(Some(call), tool, accepted)),
        line("s", second + 1, call, decided(Some(call), tool, accepted)),
    ]
}

fn counter(tool: &str, accepted: bool, decided_by: &str, language: &str) -> Counter {
    Counter::EditDecisions {
        tool: tool.into(),
        accepted,
        decided_by: decided_by.into(),
        language: language.into(),
    }
}

fn metered(tool: &str, accepted: bool, interval: (i64, i64), value: f64) -> Record {
    delta("s", interval, &counter(tool, accepted, "config", "Rust"), value)
}

#[test]
fn each_source_alone_and_all_together_count_the_same() {
    let [event_1, line_1] = told(10, "t1", "Edit", true);
    let [event_2, line_2] = told(20, "t2", "Write", false);
    let events = vec![event_1, event_2];
    let lines = vec![line_1, line_2];
    let metrics = vec![metered("Edit", true, (0, 60), 1.0), metered("Write", false, (0, 60), 1.0)];
    for sources in 1..8 {
        let chosen = [&events, &lines, &metrics].into_iter().enumerate();
        let chosen = chosen.filter(|(place, _)| sources >> place & 1 == 1);
        let records: Vec<Record> = chosen.flat_map(|(_, records)| records.clone()).collect();
        let postings = settled(&records);
        let by_tool = of_kind(&postings, Kind::Decision);
        let mut by_tool: Vec<_> =
            by_tool.iter().map(|one| (one.subject.as_str(), both(&one.measures))).collect();
        by_tool.sort_unstable();
        assert_eq!(by_tool, [("Edit", ACCEPTED), ("Write", REJECTED)], "{sources:03b}");
    }
}

#[test]
fn the_event_s_word_stands_and_what_it_leaves_out_is_the_transcript_s() {
    let by = |decided_by: &str, language: Option<&str>, accepted| {
        Observation::Decision(Decision {
            tool_use_id: Some("t1".into()),
            tool: "Edit".into(),
            accepted,
            decided_by: Some(decided_by.into()),
            language: language.map(Into::into),
        })
    };
    let records =
        [line("s", 9, "t1", by("config", Some("Rust"), false)), event("s", 10, by("hook", None, true))];
    let postings = settled(&records);
    let decision = only(&postings, Kind::Decision);
    assert_eq!((both(&decision.measures), seconds(decision.at)), (ACCEPTED, 10));
    assert_eq!((decision.decided_by.as_str(), decision.language.as_str()), ("hook", "Rust"));
}

#[test]
fn metrics_count_edits_only_and_hide_no_other_tool() {
    let [event_1, _] = told(10, "t1", "Bash", true);
    let [event_2, _] = told(20, "t2", "Edit", true);
    let records = [event_1, event_2, metered("Edit", true, (0, 60), 1.0)];
    assert_eq!(figures(&settled(&records), Kind::Decision, both), [("s", 10, ACCEPTED), ("s", 20, ACCEPTED)]);
}

#[test]
fn edits_that_only_the_metric_knows_are_posted_with_all_it_says() {
    let [event_1, _] = told(10, "t1", "Edit", true);
    let metric = delta("s", (0, 60), &counter("Edit", true, "user_temporary", "Rust"), 3.0);
    let postings = settled(&[event_1, metric]);
    assert_eq!(figures(&postings, Kind::Decision, both), [("s", 10, ACCEPTED), ("s", 60, 2 * ACCEPTED)]);
    let rest = of_kind(&postings, Kind::Decision)[1];
    let words = [&rest.subject, &rest.decided_by, &rest.language];
    assert_eq!(words, ["Edit", "user_temporary", "Rust"]);
}

#[test]
fn where_series_differ_the_rest_is_nobody_s_word() {
    let records = [
        event("s", 10, decided(Some("t1"), "Edit", true)),
        delta("s", (0, 60), &counter("Edit", true, "config", "Rust"), 1.0),
        delta("s", (0, 60), &counter("Edit", true, "hook", "Go"), 1.0),
    ];
    let postings = settled(&records);
    assert_eq!(sum(&postings, both), 2 * ACCEPTED);
    let rest = of_kind(&postings, Kind::Decision)[1];
    assert_eq!((rest.decided_by.as_str(), rest.language.as_str()), ("", ""));
}

#[test]
fn accepted_and_rejected_are_compared_each_for_itself() {
    let [event_1, _] = told(10, "t1", "Edit", true);
    let records = [event_1, metered("Edit", false, (0, 60), 1.0)];
    assert_eq!(figures(&settled(&records), Kind::Decision, both), [("s", 10, ACCEPTED), ("s", 60, REJECTED)]);
}

#[test]
fn events_without_a_call_s_id_are_set_against_the_transcript_one_by_one() {
    let nameless = |second, tool, accepted| event("s", second, decided(None, tool, accepted));
    let [_, line_1] = told(10, "t1", "Edit", true);
    let [_, line_2] = told(20, "t2", "Edit", true);
    let [_, line_3] = told(30, "t3", "Edit", false);
    let lines = [line_1, line_2, line_3];
    let count = |events: &[Record]| sum(&settled(&[&lines[..], events].concat()), both);
    let known = 2 * ACCEPTED + REJECTED;
    assert_eq!(count(&[]), known);
    assert_eq!(count(&[nameless(10, "Edit", true)]), known);
    assert_eq!(count(&[nameless(10, "Edit", true), nameless(30, "Edit", false)]), known);
    assert_eq!(count(&[nameless(10, "Bash", true)]), known + ACCEPTED, "another tool");
    let three = [nameless(10, "Edit", true), nameless(20, "Edit", true), nameless(25, "Edit", true)];
    assert_eq!(count(&three), known + ACCEPTED, "one more than the transcript knows");
}

#[test]
fn telemetry_that_was_switched_on_late_leaves_earlier_calls_on_their_day() {
    const DAY: i64 = 86_400;
    let lines = [(10, "t1"), (20, "t2"), (DAY + 10, "t3"), (DAY + 20, "t4")]
        .map(|(second, call)| line("s", second, call, decided(Some(call), "Edit", true)));
    let events = [DAY + 9, DAY + 19].map(|second| event("s", second, decided(None, "Edit", true)));
    let when: Vec<i64> = figures(&settled(&[&lines[..], &events].concat()), Kind::Decision, both)
        .into_iter()
        .map(|(_, second, _)| second)
        .collect();
    assert_eq!(when, [10, 20, DAY + 9, DAY + 19]);
}

#[test]
fn a_nameless_event_takes_no_call_that_another_event_names() {
    let [event_1, line_1] = told(10, "t1", "Edit", true);
    let records = [event_1, line_1, event("s", 30, decided(None, "Edit", true))];
    assert_eq!(sum(&settled(&records), both), 2 * ACCEPTED);
}

#[test]
fn a_call_seen_without_session_ids_belongs_to_the_session_of_its_transcript() {
    let unnamed = installation();
    let [_, line_1] = told(10, "t1", "Edit", true);
    let records = [line_1, event(&unnamed, 10, decided(Some("t1"), "Edit", true))];
    assert_eq!(figures(&settled(&records), Kind::Decision, both), [("s", 10, ACCEPTED)]);
}
