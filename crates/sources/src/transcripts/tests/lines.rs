//! What holds for lines of every kind.

use std::sync::Arc;

use model::TokenUsage;
use serde_json::json;

use super::makers::{answer, call, line, parser, prompt, read, requests, result};
use super::sessions::totals;
use crate::transcripts::{FileRole, FileState, LineError, LineParser};

#[test]
fn lines_that_cannot_be_understood_tell_nothing() {
    let mut parser = parser(FileRole::default());
    let mut records = Vec::new();
    let whole = answer(1, "msg_1", 1, json!([{"type": "text", "text": "x"}])).to_string();
    assert_eq!(parser.read(&whole.as_bytes()[..whole.len() / 2], &mut records), Err(LineError::Syntax));
    assert_eq!(parser.read(format!("{whole}{whole}").as_bytes(), &mut records), Err(LineError::Syntax));
    for text in ["not json", "[1]", "7", "\"assistant\""] {
        assert_eq!(parser.read(text.as_bytes(), &mut records), Err(LineError::Syntax), "{text}");
    }
    let timeless = r#"{"type":"user","message":{"content":"x"}}"#;
    assert_eq!(parser.read(timeless.as_bytes(), &mut records), Err(LineError::NoTime));
    assert_eq!(records, []);
    assert_eq!(parser.read(whole.as_bytes(), &mut records), Ok(()));
    assert_eq!(parser.read(timeless.as_bytes(), &mut records), Ok(()));
}

#[test]
fn strange_shapes_do_not_cost_the_line() {
    let records = read(&[line(
        1,
        json!({"type": "assistant", "requestId": 7, "error": [1], "cwd": {"a": 1},
        "permissionDecision": "yes", "toolUseResult": [{"x": 1}], "compactMetadata": 3, "modelUsage": "none",
        "message": {"id": "msg_1", "model": "claude-opus-5-5", "content": {"type": "text"}, "stop_reason": ["end_turn"],
            "usage": {"input_tokens": "3", "output_tokens": 2.0, "cache_read_input_tokens": -5, "cache_creation": []}}}),
    )]);
    let requests = requests(&records);
    assert_eq!(requests[0].usage, TokenUsage { output: 2, ..TokenUsage::default() });
    assert_eq!(read(&[line(2, json!({"type": "user", "message": "hello"}))]), []);
    assert_eq!(
        read(&[line(3, json!({"type": "user", "message": {"content": [null, 7, "x", {"type": "text"}]}}))])
            .len(),
        1
    );
}

#[test]
fn contexts_are_shared_while_they_are_equal() {
    let mut moved = prompt(3, "z");
    moved["cwd"] = json!("/w/sub");
    moved["gitBranch"] = json!("fix");
    let records = read(&[prompt(1, "x"), prompt(2, "y"), moved]);
    assert!(Arc::ptr_eq(&records[0].context, &records[1].context));
    assert_eq!(records[2].context.branch.as_deref(), Some("fix"));
    // The project is where the session was started, wherever it goes.
    assert_eq!(records[2].context.project.as_deref(), Some("/w"));
}

#[test]
fn reading_goes_on_from_a_saved_state() {
    let lines = [
        prompt(1, "x"),
        call(2, "Bash", json!({"command": "git commit"})),
        result(3, "done", false, json!({})),
        totals(json!({})),
        prompt(30, "y"),
    ];
    let whole = read(&lines);
    for stop in 0..=lines.len() {
        let mut records = Vec::new();
        let mut first = parser(FileRole::default());
        for line in &lines[..stop] {
            first.read(line.to_string().as_bytes(), &mut records).unwrap();
        }
        let state = FileState::from_json(&first.state().to_json()).unwrap();
        let mut second = LineParser::new(state, Arc::default());
        for line in &lines[stop..] {
            second.read(line.to_string().as_bytes(), &mut records).unwrap();
        }
        assert_eq!(records, whole, "stopped after {stop}");
    }
}
