//! Files as they are found on real machines.

use std::fs;

use model::{Observation, TokenUsage};
use serde_json::{Value, json};
use state::Files;
use tokio_util::sync::CancellationToken;

use super::harness::{Facts, Harness};
use super::makers::{answer, line, prompt};
use crate::transcripts::TranscriptError;

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A prompt and its answer; `number` keeps them apart from others.
fn turn(number: u32) -> String {
    text(&[prompt(number, "Hello"), answer(number + 1, &format!("msg_{number}"), 10, json!([]))])
}

async fn requests(harness: &Harness) -> usize {
    harness.scan().await;
    Facts::of(&harness.records()).requests
}

#[tokio::test]
async fn byte_order_mark_crlf_and_blank_lines() {
    let harness = Harness::new().await;
    let windows = turn(1).replace('\n', "\r\n");
    harness.write("s.jsonl", format!("\u{feff}{windows}\r\n\n   \n{}", turn(3)));
    let progress = harness.scan().await;
    let facts = Facts::of(&harness.records());
    assert_eq!((facts.requests, facts.prompts, progress.lines_skipped), (2, 2, 0));
}

#[tokio::test]
async fn lines_that_cannot_be_read_are_skipped_alone_and_counted() {
    let harness = Harness::new().await;
    let mut bytes = turn(1).into_bytes();
    bytes.extend(b"{\"message\":{\"content\":\"cut off\n");
    bytes.extend(b"not json at all\n");
    bytes.extend(turn(3).into_bytes());
    harness.write("s.jsonl", bytes);
    let progress = harness.scan().await;
    assert_eq!((progress.lines_read, progress.lines_skipped), (6, 2));
    assert_eq!(Facts::of(&harness.records()).requests, 2);
    let rejections = harness.state.rejections().await.unwrap();
    let found: Vec<_> =
        rejections.iter().map(|rejection| (rejection.reason.as_str(), rejection.count)).collect();
    assert_eq!(found, [("not valid json", 2)]);
    assert!(rejections[0].place.ends_with("s.jsonl:4"), "{}", rejections[0].place);
    assert_eq!(rejections[0].source, "transcripts");
    // They are not met again.
    harness.scan().await;
    assert_eq!(harness.state.rejections().await.unwrap(), rejections);
}

#[tokio::test]
async fn broken_characters_do_not_cost_the_line() {
    let harness = Harness::new().await;
    let said = |number: u32, text: &str| {
        let content = json!([{"type": "text", "text": text}]);
        answer(number, &format!("msg_{number}"), 10, content).to_string()
    };
    // What is left of an emoji where the client cut a text, and bytes that are no UTF-8.
    let cut = said(1, "half").replace("half", "\\ud83d");
    let mut bytes = format!("{cut}\n{}\n", said(2, "broken")).into_bytes();
    let place = bytes.windows(6).position(|window| window == b"broken").unwrap();
    bytes[place..place + 2].copy_from_slice(b"\xff\xfe");
    let asked = prompt(3, "two??").to_string().into_bytes();
    let place = asked.windows(2).position(|window| window == b"??").unwrap();
    bytes.extend(&asked[..place]);
    bytes.extend(b"\xff\xfe");
    bytes.extend(&asked[place + 2..]);
    bytes.push(b'\n');
    harness.write("s.jsonl", bytes);
    let progress = harness.scan().await;
    let records = harness.records();
    let facts = Facts::of(&records);
    assert_eq!((progress.lines_read, progress.lines_skipped), (3, 0));
    assert_eq!((facts.requests, facts.tokens["claude-opus-5-5"].output, facts.prompts), (2, 20, 1));
    let length = records.iter().find_map(|record| match &record.observation {
        Observation::Prompt(prompt) => prompt.length,
        _ => None,
    });
    assert_eq!(length, Some(5));
}

#[tokio::test]
async fn very_long_lines() {
    let harness = Harness::new().await;
    let image = "A".repeat(50_000_000);
    let with_image = line(
        1,
        json!({"type": "user", "promptId": "p", "message": {"content": [
        {"type": "image", "source": {"type": "base64", "data": image}}, {"type": "text", "text": "What is it?"}]}}),
    );
    let snapshot = format!("{{\"type\":\"file-history-snapshot\",\"snapshot\":\"{image}{image}\"}}\n");
    let too_long = format!("{{\"message\":{{\"content\":\"{image}{image}\"}},\"type\":\"user\"}}\n");
    harness.write("s.jsonl", [format!("{with_image}\n"), snapshot, too_long, turn(3)].concat());
    let progress = harness.scan().await;
    let facts = Facts::of(&harness.records());
    assert_eq!((facts.prompts, facts.requests), (2, 1));
    assert_eq!((progress.lines_read, progress.lines_skipped), (5, 1));
    assert_eq!(harness.state.rejections().await.unwrap()[0].reason, "line too long");
}

#[tokio::test]
async fn a_half_written_last_line_waits_for_its_rest() {
    let harness = Harness::new().await;
    let whole = turn(1);
    let (now, later) = whole.split_at(whole.len() - 30);
    harness.write("s.jsonl", now);
    assert_eq!(requests(&harness).await, 0);
    harness.append("s.jsonl", later);
    assert_eq!(requests(&harness).await, 1);
    assert_eq!(harness.cursor("s.jsonl").await.lines_read, 2);
}

#[tokio::test]
async fn the_last_line_needs_no_line_break_once_it_is_whole() {
    let harness = Harness::new().await;
    harness.write("s.jsonl", turn(1).trim_end());
    assert_eq!(requests(&harness).await, 1);
    harness.append("s.jsonl", format!("\n{}", turn(3)));
    assert_eq!(requests(&harness).await, 2);
}

#[tokio::test]
async fn shortened_rewritten_and_replaced_files_are_read_again() {
    let harness = Harness::new().await;
    harness.write("s.jsonl", [turn(1), turn(3), turn(5)].concat());
    assert_eq!(requests(&harness).await, 3);
    // Shorter than what was read.
    harness.write("s.jsonl", [turn(1), turn(7)].concat());
    assert_eq!(requests(&harness).await, 4);
    // As long as before, with another end.
    harness.write("s.jsonl", [turn(1), turn(9)].concat());
    assert_eq!(requests(&harness).await, 5);
    // Longer than before, with another beginning.
    harness.write("s.jsonl", [turn(11), turn(13), turn(15)].concat());
    assert_eq!(requests(&harness).await, 8);
    // Another file under the same name.
    fs::rename(harness.path("s.jsonl"), harness.path("old.txt")).unwrap();
    harness.write("s.jsonl", [turn(11), turn(13), turn(15), turn(17)].concat());
    assert_eq!(requests(&harness).await, 9);
    assert_eq!(harness.cursor("s.jsonl").await.lines_read, 8);
}

#[tokio::test]
async fn moved_and_repeated_files_add_nothing() {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("projects/-w");
    fs::create_dir_all(&copy).unwrap();
    fs::write(copy.join("s.jsonl"), turn(1)).unwrap();
    let harness = Harness::new().await.also_reading(elsewhere.path());
    harness.write("s.jsonl", turn(1));
    let progress = harness.scan().await;
    assert_eq!(progress.files_done, 2);
    let records = harness.records();
    assert_eq!(progress.fresh, records.len() as u64);
    assert_eq!(progress.records, 2 * progress.fresh);
    fs::rename(harness.path("s.jsonl").parent().unwrap(), harness.claude.path().join("projects/-moved"))
        .unwrap();
    assert_eq!(harness.scan().await.fresh, 0);
    // The old place is forgotten, the new one known.
    assert_eq!(harness.state.file_cursors().await.unwrap().len(), 2);
    assert_eq!(harness.scan().await.files_total, 0);
}

#[tokio::test]
async fn subagents_at_any_depth_belong_to_the_session() {
    let harness = Harness::new().await;
    let sidechain = |number| {
        let mut answer = answer(number, &format!("msg_{number}"), 10, json!([]));
        answer["isSidechain"] = json!(true);
        answer["cwd"] = json!("/w/deep");
        let mut asked = prompt(number + 1, "Search");
        asked["isSidechain"] = json!(true);
        asked["cwd"] = json!("/w/deep");
        text(&[asked, answer])
    };
    harness.write("s.jsonl", [turn(1), sidechain(11)].concat());
    harness.write("s/subagents/agent-1.jsonl", sidechain(21));
    harness.write("s/subagents/more/agent-2.jsonl", sidechain(31));
    harness.write("agent-3.jsonl", sidechain(41));
    harness.scan().await;
    let records = harness.records();
    let facts = Facts::of(&records);
    assert_eq!((facts.requests, facts.prompts), (5, 1));
    assert_eq!(facts.starts.values().sum::<usize>(), 1);
    let sessions: std::collections::HashSet<_> =
        records.iter().map(|record| record.session.as_str()).collect();
    assert_eq!(sessions.len(), 1);
    let mut projects: Vec<_> =
        records.iter().filter_map(|record| record.context.project.as_deref()).collect();
    projects.sort_unstable();
    projects.dedup();
    // Beside the session's file nothing says which session it was.
    assert_eq!(projects, ["/w", "/w/deep"]);
}

#[tokio::test]
async fn usage_that_is_only_repeated_is_no_request() {
    let harness = Harness::new().await;
    let quoted = answer(90, "msg_quoted", 1_000, json!([])).to_string();
    let usage = json!({"input_tokens": 500, "output_tokens": 500});
    let call = json!([{"type": "tool_use", "id": "toolu_1", "name": "Agent", "input": {"prompt": quoted}}]);
    let lines = [
        prompt(1, &quoted),
        answer(2, "msg_1", 10, call),
        line(
            3,
            json!({"type": "progress", "data": {"type": "agent_progress", "message": {"type": "assistant",
            "message": {"id": "msg_2", "model": "m", "usage": usage}}}}),
        ),
        line(
            4,
            json!({"type": "user", "message": {"content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": quoted}]},
            "toolUseResult": {"content": [{"type": "text", "text": quoted}], "usage": usage, "totalTokens": 1_000}}),
        ),
        line(
            5,
            json!({"type": "attachment", "attachment": {"type": "assistant", "message": {"usage": usage}}}),
        ),
    ];
    harness.write("s.jsonl", text(&lines));
    harness.scan().await;
    let facts = Facts::of(&harness.records());
    let usage = TokenUsage { input: 3, output: 10, ..TokenUsage::default() };
    assert_eq!(facts.tokens, [("claude-opus-5-5".to_owned(), usage)].into());
    assert_eq!((facts.requests, facts.prompts), (1, 1));
}

#[tokio::test]
async fn interleaved_messages_and_a_retry_before_the_answer() {
    let harness = Harness::new().await;
    let growing = |number, message, output, finished: bool| {
        let mut line = answer(number, message, output, json!([]));
        if !finished {
            line["message"]["stop_reason"] = Value::Null;
        }
        line
    };
    let lines = [
        prompt(1, "Hello"),
        growing(2, "msg_a", 1, false),
        line(3, json!({"type": "system", "subtype": "api_error", "error": {"status": 529}})),
        growing(4, "msg_b", 2, false),
        growing(5, "msg_a", 100, true),
        growing(6, "msg_b", 200, true),
    ];
    harness.write("s.jsonl", text(&lines));
    harness.scan().await;
    let facts = Facts::of(&harness.records());
    assert_eq!((facts.requests, facts.tokens["claude-opus-5-5"].output, facts.api_errors), (2, 300, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_looked_at_is_reported_and_the_rest_is_read() {
    let harness = Harness::new().await;
    harness.write("s.jsonl", turn(1));
    let circle = harness.path("circle.jsonl");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let mut transcripts = harness.transcripts();
    for _ in 0..2 {
        transcripts.scan_once(&CancellationToken::new()).await.unwrap();
    }
    let progress = transcripts.progress().borrow().clone();
    assert_eq!((progress.problem_count, progress.files_done), (1, 1));
    assert!(progress.problems[0].path.ends_with("circle.jsonl"));
    // A lasting problem counts once.
    let rejections = harness.state.rejections().await.unwrap();
    assert_eq!((rejections.len(), rejections[0].count), (1, 1));
}

#[tokio::test]
async fn a_failure_to_store_loses_nothing() {
    let harness = Harness::new().await;
    harness.write("s.jsonl", turn(1));
    harness.ledger.lock().unwrap().refuses = true;
    let mut transcripts = harness.transcripts();
    let failed = transcripts.scan_once(&CancellationToken::new()).await;
    assert!(matches!(failed, Err(TranscriptError::Intake(_))), "{failed:?}");
    assert_eq!(harness.state.file_cursors().await.unwrap(), []);
    harness.ledger.lock().unwrap().refuses = false;
    transcripts.scan_once(&CancellationToken::new()).await.unwrap();
    assert_eq!(Facts::of(&harness.records()).requests, 1);
}

#[tokio::test]
async fn reading_can_be_stopped_and_gone_on_with() {
    let harness = Harness::new().await;
    harness.write("s.jsonl", turn(1));
    let stopped = CancellationToken::new();
    stopped.cancel();
    harness.transcripts().scan_once(&stopped).await.unwrap();
    assert_eq!(harness.records(), []);
    assert_eq!(requests(&harness).await, 1);
}

#[tokio::test]
async fn only_a_very_long_session_is_cut_into_batches() {
    let answers = |numbers: std::ops::Range<u32>| -> String {
        let answer = |number: u32| answer(number, &format!("msg_{number}"), 1, json!([]));
        numbers.map(|number| format!("{}\n", answer(number))).collect()
    };
    let harness = Harness::new().await;
    harness.write("s.jsonl", answers(0..10_000));
    harness.write("s/subagents/agent-1.jsonl", answers(10_000..20_000));
    for number in 0..50 {
        harness.write(&format!("other-{number}.jsonl"), turn(100_000 + 2 * number));
    }
    let progress = harness.scan().await;
    assert_eq!((progress.files_done, progress.bytes_done), (52, progress.bytes_total));
    assert_eq!(Facts::of(&harness.records()).requests, 20_050);
    let largest = harness.ledger.lock().unwrap().largest;
    assert!((20_000..21_000).contains(&largest), "{largest}");

    harness.write("t.jsonl", answers(200_000..240_000));
    harness.scan().await;
    assert_eq!(Facts::of(&harness.records()).requests, 60_050);
    let largest = harness.ledger.lock().unwrap().largest;
    assert!((32_000..33_000).contains(&largest), "{largest}");
}

#[tokio::test]
async fn identity_comes_from_the_directory() {
    let harness = Harness::new().await;
    let sign_in = json!({"oauthAccount": {"emailAddress": "Ann@Example.com"}, "userID": "c0ffee"});
    fs::write(harness.claude.path().join(".claude.json"), sign_in.to_string()).unwrap();
    harness.write("s.jsonl", turn(1));
    harness.scan().await;
    for record in harness.records() {
        assert_eq!(record.context.email.as_deref(), Some("ann@example.com"));
        assert_eq!(record.context.installation.as_deref(), Some("c0ffee"));
    }
}

#[tokio::test]
async fn lines_without_a_session_belong_to_the_file_s() {
    let harness = Harness::new().await;
    let mut nameless = answer(1, "msg_1", 1, json!([]));
    nameless.as_object_mut().unwrap().remove("sessionId");
    harness.write("0b1c.jsonl", text(&[nameless]));
    harness.scan().await;
    let records = harness.records();
    assert!(records.iter().all(|record| record.session.as_str() == "0b1c"));
    assert!(records.iter().any(|record| matches!(record.observation, Observation::Request(_))));
}
