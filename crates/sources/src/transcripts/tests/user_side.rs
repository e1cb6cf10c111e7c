//! Prompts, decisions and results, rule by rule.

use model::{AttributeValue, Prompt};
use serde_json::{Value, json};

use super::makers::{answer, call, calls, line, prompt, prompts, read, read_as, result};
use crate::transcripts::FileRole;

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
        command: command.map(Into::into),
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
    let accepted = |by: &str| Some((true, by.into()));
    let rejected = |by: &str| Some((false, by.into()));
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
    let user = Some((false, Some("user_reject".into())));
    let settings = Some((false, Some("config".into())));
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
