//! Notes of the client, its totals, and the processes that wrote them, rule by rule.

use model::{ClientTotals, Money, Observation, Occurrence, Record, Timestamp, TokenUsage};
use serde_json::{Value, json};

use super::makers::{SESSION, answer, line, merge, parser, prompt, read, read_as};
use crate::transcripts::{FileRole, LineError};

#[test]
fn notes_of_the_client_are_occurrences() {
    let records = read(&[
        line(
            1,
            json!({"type": "system", "subtype": "api_error", "error": {"status": 529, "message": "secret"}}),
        ),
        line(
            2,
            json!({"type": "system", "subtype": "compact_boundary", "compactMetadata": {"trigger": "auto", "durationMs": 128}}),
        ),
        line(3, json!({"type": "system", "subtype": "turn_duration", "durationMs": 5})),
        json!({"type": "pr-link", "sessionId": SESSION, "timestamp": "2026-11-22T08:08:07.602Z", "prNumber": 7,
            "prUrl": "https://github.com/example/demo/pull/7", "prRepository": "example/demo"}),
    ]);
    let found: Vec<&Observation> = records.iter().map(|record| &record.observation).collect();
    let retry = Occurrence { name: "api_retry".into(), outcome: Some("529".into()), ..Occurrence::default() };
    let compaction = Occurrence {
        name: "compaction".into(),
        outcome: Some("auto".into()),
        duration_ms: Some(128),
        ..Occurrence::default()
    };
    let link = Occurrence {
        name: "pr_link".into(),
        subject: Some("example/demo#7".into()),
        identity: Some("https://github.com/example/demo/pull/7".into()),
        ..Occurrence::default()
    };
    let expected = [retry, compaction, link].map(Observation::Occurrence);
    assert_eq!(found, expected.iter().collect::<Vec<_>>());
}

pub(super) fn totals(more: Value) -> Value {
    let mut line = json!({"type": "cost-state", "sessionId": SESSION, "totalCostUSD": 0.5, "totalLinesAdded": 4,
        "totalLinesRemoved": 1, "modelUsage": {"claude-opus-5-5[1m]": {"inputTokens": 1, "outputTokens": 2,
        "cacheReadInputTokens": 3, "cacheCreationInputTokens": 9, "cacheCreationEphemeral5mInputTokens": 4,
        "cacheCreationEphemeral1hInputTokens": 5, "webSearchRequests": 1, "costUSD": 0.5}}});
    merge(&mut line, more);
    line
}

#[test]
fn totals_are_as_new_as_the_newest_line_before_them() {
    let records = read(&[prompt(9, "x"), prompt(8, "y"), totals(json!({}))]);
    let record = records.last().unwrap();
    assert_eq!(Some(record.at), Timestamp::parse_rfc3339("2026-11-22T08:00:09Z"));
    let usage = TokenUsage {
        input: 1,
        output: 2,
        cache_read: 3,
        cache_creation: 9,
        cache_creation_5m: 4,
        cache_creation_1h: 5,
    };
    let expected = ClientTotals {
        models: vec![("claude-opus-5-5[1m]".into(), usage, Money::from_micros(500_000))],
        lines_added: 4,
        lines_removed: 1,
    };
    assert_eq!(record.observation, Observation::Totals(expected));

    let alone = read(&[totals(json!({"startTime": 1_795_334_895_163_i64, "totalDuration": 1_396}))]);
    assert_eq!(alone.last().unwrap().at.as_millis(), 1_795_334_896_559);
    let nowhere = parser(FileRole::default()).read(totals(json!({})).to_string().as_bytes(), &mut Vec::new());
    assert_eq!(nowhere, Err(LineError::NoTime));
}

fn starts(records: &[Record]) -> Vec<(String, i64)> {
    let start = |record: &Record| match &record.observation {
        Observation::ProcessStart(start) => {
            Some((start.start_type.to_string(), record.at.as_millis() / 1000 % 60))
        }
        _ => None,
    };
    records.iter().filter_map(start).collect()
}

fn queued(number: u32) -> Value {
    json!({"type": "queue-operation", "operation": "enqueue", "sessionId": SESSION,
        "timestamp": format!("2026-11-22T08:00:{number:02}.000Z"), "content": "x"})
}

#[test]
fn a_process_starts_with_the_file_and_behind_totals() {
    let first = [queued(1), prompt(2, "x"), answer(3, "msg_1", 1, json!([])), totals(json!({}))];
    let mode = json!({"type": "mode", "mode": "normal", "sessionId": SESSION});
    let second = [
        mode,
        queued(30),
        prompt(31, "y"),
        answer(32, "msg_2", 1, json!([])),
        totals(json!({})),
        totals(json!({})),
    ];
    let records = read(&[&first[..], &second[..]].concat());
    assert_eq!(starts(&records), [("fresh".into(), 1), ("resume".into(), 30)]);
}

#[test]
fn another_version_of_the_client_is_another_process() {
    let mut newer = prompt(20, "y");
    newer["version"] = json!("2.2.0");
    let records = read(&[prompt(1, "x"), answer(2, "msg_1", 1, json!([])), newer]);
    assert_eq!(starts(&records), [("fresh".into(), 1), ("resume".into(), 20)]);
    let contexts: Vec<Option<&str>> =
        records.iter().map(|record| record.context.client_version.as_deref()).collect();
    assert_eq!(contexts.last(), Some(&Some("2.2.0")));
}

#[test]
fn a_fork_starts_behind_its_copies() {
    let mut copy = answer(3, "msg_1", 1, json!([]));
    copy["requestSessionId"] = json!("the-first");
    copy["version"] = json!("2.1.0");
    let lines = [prompt(2, "x"), copy, prompt(40, "Go on"), answer(41, "msg_2", 1, json!([]))];
    assert_eq!(starts(&read(&lines)), [("continue".into(), 40)]);
}

#[test]
fn a_subagent_s_file_starts_no_process() {
    let role = FileRole { subagent: true, ..FileRole::default() };
    assert_eq!(
        starts(&read_as(role, &[prompt(1, "x"), answer(2, "msg_1", 1, json!([])), totals(json!({}))])),
        []
    );
}
