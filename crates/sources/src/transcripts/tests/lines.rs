//! Each rule on a line or two.

use std::sync::Arc;

use model::{
    ApiError, AttributeValue, ClientTotals, Decision, Money, Observation, Occurrence, Prompt, Record,
    RequestSeen, Timestamp, TokenUsage, ToolOutcome,
};
use serde_json::{Value, json};

use crate::transcripts::{FileRole, FileState, LineError, LineParser};

const SESSION: &str = "5e551074-0000-4000-8000-000000000001";

fn merge(line: &mut Value, more: Value) {
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

fn call(number: u32, tool: &str, input: Value) -> Value {
    let mut call = json!({"type": "tool_use", "id": "toolu_1", "name": tool});
    call["input"] = input;
    answer(number, &format!("msg_{number}"), 1, Value::Array(vec![call]))
}

fn result(number: u32, text: &str, failed: bool, more: Value) -> Value {
    let content =
        json!([{"type": "tool_result", "tool_use_id": "toolu_1", "content": text, "is_error": failed}]);
    let mut line = line(number, json!({"type": "user", "message": {"role": "user", "content": content}}));
    merge(&mut line, more);
    line
}

fn parser(role: FileRole) -> LineParser {
    LineParser::new(FileState::new(role), Arc::default())
}

fn read_as(role: FileRole, lines: &[Value]) -> Vec<Record> {
    let mut parser = parser(role);
    let mut records = Vec::new();
    for line in lines {
        parser.read(line.to_string().as_bytes(), &mut records).unwrap();
    }
    records
}

fn read(lines: &[Value]) -> Vec<Record> {
    read_as(FileRole::default(), lines)
}

fn requests(records: &[Record]) -> Vec<&RequestSeen> {
    let request = |record| match record {
        &Record { observation: Observation::Request(ref request), .. } => Some(request),
        _ => None,
    };
    records.iter().filter_map(request).collect()
}

fn calls(records: &[Record]) -> (Option<&Decision>, Option<&ToolOutcome>) {
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

fn prompts(records: &[Record]) -> Vec<&Prompt> {
    let prompt = |record| match record {
        &Record { observation: Observation::Prompt(ref prompt), .. } => Some(prompt),
        _ => None,
    };
    records.iter().filter_map(prompt).collect()
}

#[test]
fn an_answer_is_a_request() {
    let records = read(&[line(
        7,
        json!({"type": "assistant", "requestId": "req_1", "effort": "high", "attributionSkill": "greet",
        "attributionMcpServer": "toy", "message": {"id": "msg_1", "model": "us.anthropic.claude-opus-5-5-v1:0",
        "stop_reason": "tool_use",
        "content": [{"type": "text", "text": "x"}, {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}],
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 9,
            "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5}, "service_tier": "batch",
            "server_tool_use": {"web_search_requests": 6}, "speed": "fast", "inference_geo": "us"}}}),
    )]);
    let record = records.last().unwrap();
    assert_eq!(record.session.as_str(), SESSION);
    assert_eq!(Some(record.at), Timestamp::parse_rfc3339("2026-11-22T08:00:07Z"));
    assert_eq!(record.context.branch.as_deref(), Some("main"));
    assert_eq!(record.extra, [("service_tier".to_owned(), AttributeValue::Text("batch".into()))]);
    let expected = RequestSeen {
        request_id: Some("req_1".into()),
        message_id: Some("msg_1".into()),
        model: "us.anthropic.claude-opus-5-5-v1:0".into(),
        usage: TokenUsage {
            input: 1,
            output: 2,
            cache_read: 3,
            cache_creation: 9,
            cache_creation_5m: 4,
            cache_creation_1h: 5,
        },
        finished: true,
        fast: true,
        us_inference: true,
        web_searches: 6,
        skill: Some("greet".into()),
        mcp_server: Some("toy".into()),
        effort: Some("high".into()),
        tool_uses: vec!["toolu_1".into()],
        ..RequestSeen::default()
    };
    assert_eq!(requests(&records), [&expected]);
}

#[test]
fn older_lines_tell_the_cost_and_may_lack_ids() {
    let records = read(&[line(
        1,
        json!({"type": "assistant", "costUSD": 0.012345, "durationMs": 900, "requestId": "",
        "message": {"id": "", "model": "claude-3-7-sonnet-20250219", "usage": {"input_tokens": 1, "output_tokens": 2}}}),
    )]);
    let requests = requests(&records);
    assert_eq!(requests[0].cost, Some(Money::from_micros(12_345)));
    assert_eq!(requests[0].duration_ms, Some(900));
    assert_eq!((&requests[0].request_id, &requests[0].message_id), (&None, &None));
    assert!(!requests[0].finished);
}

#[test]
fn a_copy_names_its_session_and_a_subagent_its_kind() {
    let mut copied = answer(1, "msg_1", 1, json!([]));
    copied["requestSessionId"] = json!("the-first");
    assert_eq!(requests(&read(&[copied.clone()]))[0].origin_session, Some("the-first".into()));
    copied["requestSessionId"] = json!(SESSION);
    assert_eq!(requests(&read(&[copied]))[0].origin_session, None);

    let mut sidechain = answer(1, "msg_1", 1, json!([]));
    sidechain["isSidechain"] = json!(true);
    assert_eq!(requests(&read(&[sidechain.clone()]))[0].agent.as_deref(), Some("subagent"));
    let role = FileRole { subagent: true, agent: Some("Explore".into()), ..FileRole::default() };
    let by_file = read_as(role.clone(), &[sidechain.clone()]);
    assert_eq!(requests(&by_file)[0].agent.as_deref(), Some("Explore"));
    sidechain["attributionAgent"] = json!("reviewer");
    assert_eq!(requests(&read_as(role, &[sidechain]))[0].agent.as_deref(), Some("reviewer"));
}

#[test]
fn the_growing_lines_of_one_message_are_different_records() {
    let mut first = answer(1, "msg_1", 1, json!([{"type": "text", "text": "a"}]));
    first["message"]["stop_reason"] = Value::Null;
    let mut last = answer(1, "msg_1", 250, json!([{"type": "text", "text": "a"}]));
    last["uuid"] = first["uuid"].clone();
    let records = read(&[first.clone(), last, first]);
    let requests: Vec<(bool, i64)> =
        requests(&records).iter().map(|request| (request.finished, request.usage.output)).collect();
    assert_eq!(requests, [(false, 1), (true, 250), (false, 1)]);
    assert_ne!(records[1].key, records[2].key);
    assert_eq!(records[1].key, records[3].key);
}

#[test]
fn synthetic_answers_cost_nothing_and_may_be_errors() {
    let synthetic = |more: Value| {
        let mut line = answer(1, "5f0e", 0, json!([{"type": "text", "text": "API Error: 529"}]));
        line["message"]["model"] = json!("<synthetic>");
        merge(&mut line, more);
        read(&[line])
    };
    let records = synthetic(json!({"isApiErrorMessage": true, "apiErrorStatus": 529,
        "apiErrorType": "overloaded_error", "error": "server_error"}));
    let error = ApiError {
        request_id: Some("req_5f0e".into()),
        status: Some(529),
        error: Some("overloaded_error".into()),
        ..ApiError::default()
    };
    assert_eq!(records.last().unwrap().observation, Observation::ApiError(error));
    let older = synthetic(json!({"isApiErrorMessage": true, "error": "server_error"}));
    assert!(matches!(&older.last().unwrap().observation,
        Observation::ApiError(error) if error.error.as_deref() == Some("server_error") && error.status.is_none()));
    let silent = synthetic(json!({}));
    assert!(silent.iter().all(|record| matches!(record.observation, Observation::ProcessStart(_))));
}

#[test]
fn what_the_user_wrote_is_a_prompt() {
    let records = read(&[
        prompt(1, "Fix the adder"),
        line(
            2,
            json!({"type": "user", "message": {"content": [
            {"type": "text", "text": "What is this?"}, {"type": "image", "source": {"data": "x"}}]}}),
        ),
        prompt(3, "<command-name>/compact</command-name>\n  <command-message>compact</command-message>"),
        prompt(
            4,
            "<command-message>review is running…</command-message>\n<command-name>/review</command-name>",
        ),
    ]);
    let named = |id: &str, command: Option<&str>, length| Prompt {
        prompt_id: Some(id.to_owned()),
        command: command.map(str::to_owned),
        length,
    };
    let expected = [
        named("prompt-1", None, Some(13)),
        named("00000000-0000-4000-8000-000000000002", None, Some(13)),
        named("prompt-3", Some("compact"), None),
        named("prompt-4", Some("review"), None),
    ];
    assert_eq!(prompts(&records), expected.iter().collect::<Vec<_>>());
}

#[test]
fn what_the_user_did_not_write_is_no_prompt() {
    let mut lines = vec![
        prompt(1, "[Request interrupted by user for tool use]"),
        prompt(2, "<local-command-stdout>Compacted</local-command-stdout>"),
        prompt(3, "<bash-stdout>x</bash-stdout><bash-stderr></bash-stderr>"),
        prompt(4, "<task-notification>done</task-notification>"),
    ];
    for (number, flag) in [(5, "isMeta"), (6, "isCompactSummary"), (7, "isSidechain")] {
        let mut line = prompt(number, "Hello");
        line[flag] = json!(true);
        lines.push(line);
    }
    assert_eq!(read(&lines), []);
    let role = FileRole { subagent: true, ..FileRole::default() };
    assert_eq!(read_as(role, &[prompt(1, "Search")]), []);
}

#[test]
fn a_prompt_id_that_returns_names_one_prompt() {
    let mut again = prompt(2, "Go on in a fork");
    again["promptId"] = json!("prompt-1");
    let records = read(&[prompt(1, "Begin"), again, prompt(3, "End")]);
    let ids: Vec<Option<&str>> = prompts(&records).iter().map(|prompt| prompt.prompt_id.as_deref()).collect();
    assert_eq!(ids, [Some("prompt-1"), None, Some("prompt-3")]);
}

#[test]
fn decisions_follow_what_the_client_says() {
    let decided = |text: &str, failed: bool, more: Value| {
        let records =
            read(&[call(1, "Edit", json!({"file_path": "/w/a.rs"})), result(2, text, failed, more)]);
        let (decision, outcome) = calls(&records);
        let decision =
            decision.map(|decision| (decision.accepted, decision.decided_by.clone().unwrap_or_default()));
        (decision, outcome.map(|outcome| outcome.succeeded))
    };
    let told = |decision: &str, source: &str| json!({"permissionDecision": {"decision": decision, "source": source}});
    let accepted = |by: &str| Some((true, by.to_owned()));
    let rejected = |by: &str| Some((false, by.to_owned()));
    assert_eq!(decided("ok", false, told("accept", "config")), (accepted("config"), Some(true)));
    assert_eq!(
        decided("Exit code 1", true, told("accept", "user_temporary")),
        (accepted("user_temporary"), Some(false))
    );
    assert_eq!(decided("PreToolUse hook error", true, told("reject", "hook")), (rejected("hook"), None));
    assert_eq!(decided("Permission denied", true, told("reject", "config")), (rejected("config"), None));
    // Refused by a rule on the path, or never valid: nobody was asked.
    assert_eq!(
        decided("<tool_use_error>denied</tool_use_error>", true, told("reject", "user_reject")),
        (None, None)
    );
    assert_eq!(decided("<tool_use_error>not found</tool_use_error>", true, json!({})), (None, None));
    let invalid_later = decided("<tool_use_error>gone</tool_use_error>", true, told("accept", "config"));
    assert_eq!(invalid_later, (accepted("config"), Some(false)));
}

#[test]
fn older_clients_say_it_in_words() {
    let decided = |text: &str, failed: bool, more: Value| {
        let records = read(&[call(1, "Bash", json!({"command": "ls"})), result(2, text, failed, more)]);
        calls(&records).0.map(|decision| (decision.accepted, decision.decided_by.clone()))
    };
    let user = Some((false, Some("user_reject".to_owned())));
    let settings = Some((false, Some("config".to_owned())));
    let refusal = "The user doesn't want to proceed with this tool use. The tool use was rejected";
    assert_eq!(decided(refusal, true, json!({})), user);
    assert_eq!(decided("x", true, json!({"toolUseResult": "User rejected tool use"})), user);
    assert_eq!(decided("x", true, json!({"toolDenialKind": "user-rejected"})), user);
    assert_eq!(decided("Permission to use Bash with command ls has been denied.", true, json!({})), settings);
    assert_eq!(decided("x", true, json!({"toolDenialKind": "permission-rule"})), settings);
    assert_eq!(decided("Exit code 2", true, json!({})), Some((true, None)));
    // A file that holds those words was read, not refused.
    assert_eq!(decided(refusal, false, json!({})), Some((true, None)));
}

#[test]
fn lines_are_counted_by_patch_or_written_file() {
    let lines = |tool: &str, input: Value, text: &str, more: Value| {
        let records = read(&[call(1, tool, input), result(2, text, false, more)]);
        let outcome = calls(&records).1.unwrap();
        (outcome.lines_added, outcome.lines_removed)
    };
    let patch = json!({"toolUseResult": {"filePath": "/w/a", "oldString": "a", "originalFile": "a\nb",
        "structuredPatch": [{"lines": ["-a", "+b", "+c", " d"]}, {"lines": ["+e"]}]}});
    let file = json!({"file_path": "/w/a.ts", "content": "a\nb\n"});
    let created = json!({"toolUseResult": {"type": "create", "content": "a\nb\n", "structuredPatch": [], "originalFile": null}});
    let edit = json!({"file_path": "/w/a", "old_string": "x = 1", "new_string": "// one\nx = 1"});
    assert_eq!(lines("Edit", json!({}), "ok", patch.clone()), (3, 1));
    assert_eq!(lines("Write", file.clone(), "ok", patch.clone()), (3, 1));
    assert_eq!(lines("Write", file.clone(), "File created successfully", created), (3, 0));
    assert_eq!(lines("NotebookEdit", json!({}), "ok", patch), (0, 0));
    // Results of subagents tell nothing more than their text.
    assert_eq!(lines("Edit", edit.clone(), "updated", json!({})), (1, 0));
    assert_eq!(lines("Write", file.clone(), "File created successfully at: /w/a.ts", json!({})), (3, 0));
    assert_eq!(lines("Write", file, "The file /w/a.ts has been updated", json!({})), (0, 0));
    assert_eq!(
        lines("Read", json!({"file_path": "/w/a"}), "a\nb", json!({"toolUseResult": {"content": "a\nb"}})),
        (0, 0)
    );

    let failed = read(&[call(1, "Edit", edit), result(2, "Exit code 1", true, json!({}))]);
    assert_eq!(calls(&failed).1.map(|outcome| outcome.lines_added), Some(0));
}

#[test]
fn commits_and_pull_requests_need_a_command_that_succeeded() {
    let facts = |tool: &str, command: &str, failed: bool| {
        let records = read(&[call(1, tool, json!({"command": command})), result(2, "x", failed, json!({}))]);
        let outcome = calls(&records).1.unwrap();
        (outcome.committed, outcome.opened_pull_request, outcome.error.clone())
    };
    assert_eq!(facts("Bash", "git commit -m x", false), (true, false, None));
    assert_eq!(facts("Bash", "git push && gh pr create --fill", false), (false, true, None));
    assert_eq!(facts("Bash", "git commit -m x", true), (false, false, Some("ShellError".into())));
    assert_eq!(facts("Bash", "echo git commit", false), (false, false, None));
    assert_eq!(facts("Run", "git commit -m x", false), (false, false, None));

    // The call is in a part of the conversation that is gone; the client has recognised it itself.
    let git = json!({"toolUseResult": {"stdout": "", "gitOperation": {"commit": {"sha": "735b8dd"}}}});
    assert_eq!(calls(&read(&[result(2, "x", false, git)])).1.map(|outcome| outcome.committed), Some(true));
}

#[test]
fn tools_of_servers_go_under_one_name_and_editing_tools_tell_the_language() {
    let records = read(&[call(1, "mcp__toy__echo", json!({})), result(2, "x", false, json!({}))]);
    let (decision, outcome) = calls(&records);
    assert_eq!((decision.unwrap().tool.as_str(), outcome.unwrap().tool.as_str()), ("mcp_tool", "mcp_tool"));
    let expected = [("mcp_server", "toy"), ("mcp_tool", "echo")];
    let expected = expected.map(|(key, value)| (key.to_owned(), AttributeValue::Text(value.to_owned())));
    assert_eq!(records.last().unwrap().extra, expected);

    let language = |tool: &str, path: &str| {
        let records = read(&[call(1, tool, json!({"file_path": path})), result(2, "x", false, json!({}))]);
        calls(&records).0.unwrap().language.clone()
    };
    assert_eq!(language("Edit", "/w/a.py").as_deref(), Some("Python"));
    assert_eq!(language("Write", "/w/a.xyz").as_deref(), Some("unknown"));
    assert_eq!(language("Read", "/w/a.py"), None);
}

#[test]
fn several_results_on_one_line_are_told_apart() {
    let uses = json!([{"type": "tool_use", "id": "a", "name": "Read", "input": {}},
        {"type": "tool_use", "id": "b", "name": "Bash", "input": {"command": "git commit"}}]);
    let results = json!([{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "x"}]},
        {"type": "tool_result", "tool_use_id": "b", "content": "x"}]);
    let records = read(&[
        answer(1, "msg_1", 1, uses),
        line(2, json!({"type": "user", "message": {"content": results}})),
    ]);
    let keys: std::collections::HashSet<_> = records.iter().map(|record| record.key).collect();
    assert_eq!((records.len(), keys.len()), (6, 6));
}

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

fn totals(more: Value) -> Value {
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
            Some((start.start_type.clone(), record.at.as_millis() / 1000 % 60))
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

#[test]
fn lines_that_cannot_be_understood_tell_nothing() {
    let mut parser = parser(FileRole::default());
    let mut records = Vec::new();
    let whole = answer(1, "msg_1", 1, json!([{"type": "text", "text": "x"}])).to_string();
    let mut broken = whole.clone().into_bytes();
    let position = whole.find("\"x\"").unwrap() + 1;
    broken[position] = 0xff;
    assert_eq!(parser.read(&broken, &mut records), Err(LineError::Encoding));
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
