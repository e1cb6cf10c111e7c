//! What tool calls changed: lines, commits, pull requests; by metric, and proven by the transcript.

use model::{Counter, Kind, Measures, Observation, Record, ToolOutcome};

use super::harness::{figures, of_kind, only, settled, sum};
use super::makers::{delta, done, event, line};

fn result(second: i64, outcome: ToolOutcome) -> Record {
    let call = outcome.tool_use_id.clone().unwrap_or_default();
    line("s", second, &call, Observation::ToolResult(outcome))
}

fn edit(second: i64, call: &str, lines_added: i64, lines_removed: i64) -> Record {
    result(second, ToolOutcome { lines_added, lines_removed, ..done(Some(call), "Edit") })
}

fn commit(second: i64, call: &str) -> Record {
    result(second, ToolOutcome { committed: true, ..done(Some(call), "Bash") })
}

fn pull_request(second: i64, call: &str) -> Record {
    result(second, ToolOutcome { opened_pull_request: true, ..done(Some(call), "Bash") })
}

fn metered(counter: &Counter, value: f64) -> Record {
    delta("s", (0, 60), counter, value)
}

/// Lines added, removed, commits and pull requests.
fn changes(records: &[Record]) -> [i64; 4] {
    let postings = settled(records);
    [
        sum(&postings, |measures| measures.lines_added),
        sum(&postings, |measures| measures.lines_removed),
        sum(&postings, |measures| measures.commits),
        sum(&postings, |measures| measures.pull_requests),
    ]
}

#[test]
fn metrics_and_transcripts_count_the_same_alone_and_together() {
    let lines = [edit(10, "t1", 5, 2), edit(20, "t2", 1, 0), commit(30, "t3"), pull_request(40, "t4")];
    let metrics = [
        metered(&Counter::LinesAdded, 6.0),
        metered(&Counter::LinesRemoved, 2.0),
        metered(&Counter::Commits, 1.0),
        metered(&Counter::PullRequests, 1.0),
    ];
    assert_eq!(changes(&lines), [6, 2, 1, 1]);
    assert_eq!(changes(&metrics), [6, 2, 1, 1]);
    assert_eq!(changes(&[lines, metrics].concat()), [6, 2, 1, 1]);
}

#[test]
fn what_the_transcript_does_not_prove_is_the_metric_s() {
    // A new file that ends in a newline counts one line too many; a commit was made by a script.
    let records = [
        edit(10, "t1", 5, 0),
        metered(&Counter::LinesAdded, 6.0),
        commit(30, "t3"),
        metered(&Counter::Commits, 2.0),
        metered(&Counter::PullRequests, 1.0),
    ];
    assert_eq!(changes(&records), [6, 0, 2, 1]);
    let postings = settled(&records);
    assert_eq!(figures(&postings, Kind::Lines, |m| m.lines_added), [("s", 10, 5), ("s", 60, 1)]);
    assert_eq!(figures(&postings, Kind::Commit, |m| m.commits), [("s", 30, 1), ("s", 60, 1)]);
    assert_eq!(figures(&postings, Kind::PullRequest, |m| m.pull_requests), [("s", 60, 1)]);
}

#[test]
fn one_call_may_commit_and_open_a_pull_request() {
    let both = ToolOutcome { committed: true, opened_pull_request: true, ..done(Some("t1"), "Bash") };
    assert_eq!(changes(&[result(10, both)]), [0, 0, 1, 1]);
}

#[test]
fn events_know_how_a_call_ended_and_the_transcript_what_it_did() {
    let told = ToolOutcome { duration_ms: Some(120), ..done(Some("t1"), "Bash") };
    let records = [commit(9, "t1"), event("s", 10, Observation::ToolResult(told))];
    let postings = settled(&records);
    let end = only(&postings, Kind::ToolResult);
    assert_eq!((end.measures.succeeded, end.measures.failed, end.measures.duration_ms), (1, 0, 120));
    assert_eq!(end.subject, "Bash");
    // Both are of one moment, the event's.
    assert_eq!(figures(&postings, Kind::Commit, |measures| measures.commits), [("s", 10, 1)]);
    assert_eq!(changes(&records[1..]), [0; 4], "an event alone proves nothing");
}

#[test]
fn a_call_that_failed_says_how() {
    let failed =
        ToolOutcome { succeeded: false, error: Some("ShellError".into()), ..done(Some("t1"), "Bash") };
    let records = [event("s", 10, Observation::ToolResult(failed.clone())), result(9, failed)];
    let postings = settled(&records);
    let end = only(&postings, Kind::ToolResult);
    assert_eq!((end.measures.succeeded, end.measures.failed), (0, 1));
    assert_eq!(end.outcome, "ShellError");
}

#[test]
fn results_without_a_call_s_id_are_set_against_the_transcript_one_by_one() {
    let nameless = |second| event("s", second, Observation::ToolResult(done(None, "Edit")));
    let lines = [edit(10, "t1", 5, 2), edit(20, "t2", 1, 0)];
    let records = [&lines[..], &[nameless(10), nameless(20), nameless(30)]].concat();
    let postings = settled(&records);
    assert_eq!(sum(&postings, |measures| measures.succeeded), 3);
    assert_eq!(changes(&records), [6, 2, 0, 0]);
    let items: std::collections::BTreeSet<_> =
        of_kind(&postings, Kind::ToolResult).iter().map(|posting| posting.item).collect();
    assert_eq!(items.len(), 3);
}

#[test]
fn a_call_in_several_transcript_lines_is_one_call() {
    // The result was written again when the session was resumed, once in full and once in part.
    let again = |call, uuid, added, removed| Record {
        key: edit(1, uuid, 0, 0).key,
        ..edit(11, call, added, removed)
    };
    let lines = [edit(10, "t1", 5, 2), again("t1", "full", 5, 2), again("t1", "part", 5, 0)];
    assert_eq!(changes(&lines), [5, 2, 0, 0]);
    let both = |measures: &Measures| measures.succeeded + measures.failed;
    assert_eq!(sum(&settled(&lines), both), 1);
}
