//! Lines made by hand, and what they come to.

use std::sync::Arc;

use model::{Decision, Observation, Prompt, Record, RequestSeen, ToolOutcome};
use serde_json::{Value, json};

use crate::transcripts::{FileRole, FileState, LineParser};

pub(super) const SESSION: &str = "5e551074-0000-4000-8000-000000000001";

pub(super) fn merge(line: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("{more} is no object") };
    line.as_object_mut().unwrap().extend(more);
}

/// A line of the session's file: `more` over what every line has.
pub(super) fn line(number: u32, more: Value) -> Value {
    let mut line = json!({
        "uuid": format!("00000000-0000-4000-8000-{number:012}"),
        "timestamp": format!("2026-11-22T08:00:{:02}.000Z", number % 60),
        "sessionId": SESSION, "cwd": "/w", "gitBranch": "main", "version": "2.1.330", "entrypoint": "cli",
        "isSidechain": false,
    });
    merge(&mut line, more);
    line
}

/// An answer with the given content blocks.
pub(super) fn answer(number: u32, message: &str, output: i64, content: Value) -> Value {
    let mut answer = line(
        number,
        json!({"type": "assistant", "requestId": format!("req_{message}"), "message": {
        "id": message, "model": "claude-opus-5-5", "role": "assistant", "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": output}}}),
    );
    answer["message"]["content"] = content;
    answer
}

pub(super) fn prompt(number: u32, text: &str) -> Value {
    line(
        number,
        json!({"type": "user", "promptId": format!("prompt-{number}"),
        "message": {"role": "user", "content": text}}),
    )
}

pub(super) fn call(number: u32, tool: &str, input: Value) -> Value {
    let mut call = json!({"type": "tool_use", "id": "toolu_1", "name": tool});
    call["input"] = input;
    answer(number, &format!("msg_{number}"), 1, Value::Array(vec![call]))
}

pub(super) fn result(number: u32, text: &str, failed: bool, more: Value) -> Value {
    let content =
        json!([{"type": "tool_result", "tool_use_id": "toolu_1", "content": text, "is_error": failed}]);
    let mut line = line(number, json!({"type": "user", "message": {"role": "user", "content": content}}));
    merge(&mut line, more);
    line
}

pub(super) fn parser(role: FileRole) -> LineParser {
    LineParser::new(FileState::new(role), Arc::default())
}

pub(super) fn read_as(role: FileRole, lines: &[Value]) -> Vec<Record> {
    let mut parser = parser(role);
    let mut records = Vec::new();
    for line in lines {
        parser.read(line.to_string().as_bytes(), &mut records).unwrap();
    }
    records
}

pub(super) fn read(lines: &[Value]) -> Vec<Record> {
    read_as(FileRole::default(), lines)
}

pub(super) fn requests(records: &[Record]) -> Vec<&RequestSeen> {
    let request = |record| match record {
        &Record { observation: Observation::Request(ref request), .. } => Some(request),
        _ => None,
    };
    records.iter().filter_map(request).collect()
}

pub(super) fn calls(records: &[Record]) -> (Option<&Decision>, Option<&ToolOutcome>) {
    let decision = records.iter().find_map(|record| match &record.observation {
        Observation::Decision(decision) => Some(decision),
        _ => None,
    });
    let outcome = records.iter().find_map(|record| match &record.observation {
        Observation::ToolResult(outcome) => Some(outcome),
        _ => None,
    });
    (decision, outcome)
}

pub(super) fn prompts(records: &[Record]) -> Vec<&Prompt> {
    let prompt = |record| match record {
        &Record { observation: Observation::Prompt(ref prompt), .. } => Some(prompt),
        _ => None,
    };
    records.iter().filter_map(prompt).collect()
}
