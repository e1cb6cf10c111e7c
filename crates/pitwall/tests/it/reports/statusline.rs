//! The status line: beside a server, without one, and with nonsense on its input.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value as Json;

use super::{home, place_with, truth};
use crate::program::{Outcome, Place};

const TOLD: &str = r#"{"session_id":"73c914c8-1f9d-4999-8f27-e8e750ba301d","model":{"display_name":"Opus 5.5"},
    "context_window":{"used_percentage":8}}"#;

/// The line that is printed for what the client tells.
fn line(place: &Place, told: &str, more: &[&str]) -> String {
    let mut command = place.pitwall(&[&["statusline"][..], more].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(told.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let line = String::from_utf8(output.stdout).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line.trim_end().to_owned()
}

#[test]
fn a_server_is_asked_for_what_the_client_does_not_tell() {
    let place = place_with(&["subagent"]);
    let server = place.serve().start();
    let format = ["--format", "{model} {session_cost} {session_tokens} {today_cost} {context}"];
    // A server that has no time is not waited for: then the next prompt asks again.
    let mut prompts = (0..50).map(|_| line(&place, TOLD, &format));
    let shown = prompts.find(|line| line != "Opus 5.5    8%");
    // 0.038298 dollars.
    assert_eq!(truth("subagent")["cost_usd"], Json::from(0.038298));
    assert_eq!(shown.as_deref(), Some("Opus 5.5 $0.04 42.5k $0.00 8%"));
    assert!(server.stop().success());
}

#[test]
fn without_a_server_the_figures_are_worked_out_for_the_next_prompt() {
    let place = place_with(&[]);
    // Figures that are old, so that they are worked out anew.
    assert_eq!(line(&place, TOLD, &["--format", "{model}[ {today_requests}]"]), "Opus 5.5");
    Outcome::of(place.pitwall(&["statusline", "--refresh"]).env("CLAUDE_CONFIG_DIR", home("subagent")))
        .succeeded();
    let remembered = std::fs::read(place.data().join("status-line.json")).unwrap();
    let remembered: Json = serde_json::from_slice(&remembered).unwrap();
    assert_eq!(remembered["zone"], "UTC");
    assert_eq!(remembered["figures"]["today"]["requests"], 0, "the scenario was played on another day");
    assert_eq!(line(&place, TOLD, &["--format", "{model}[ {today_requests}]"]), "Opus 5.5 0");
}

#[test]
fn whatever_goes_wrong_there_is_a_line() {
    let place = Place::new();
    for told in ["", "{", "[1]", "\u{0}"] {
        assert_eq!(line(&place, told, &[]), "pitwall: nothing known yet", "{told:?}");
    }
    assert_eq!(line(&place, TOLD, &[]), "Opus 5.5 · 8% context");
    assert!(
        line(&place, TOLD, &["--format", "{modle}"]).starts_with("Opus 5.5 · 8% context (the format has")
    );
    std::fs::create_dir_all(place.data()).unwrap();
    std::fs::write(place.data().join("pitwall.toml"), "nonsense").unwrap();
    assert!(line(&place, TOLD, &[]).starts_with("Opus 5.5 · 8% context ("));
    std::fs::remove_file(place.data().join("pitwall.toml")).unwrap();
    // A server that died without a word.
    let dead = r#"{"process":1,"address":"http://127.0.0.1:1","token":"x"}"#;
    std::fs::write(place.data().join("server.json"), dead).unwrap();
    assert_eq!(line(&place, TOLD, &[]), "Opus 5.5 · 8% context");
}

#[test]
fn connecting_changes_one_entry_and_can_be_taken_back() {
    let place = Place::new();
    let settings = place.claude().join("settings.json");
    let before = "{\n  \"env\": {\"B\": \"2\",   \"A\": \"1\"},\n  \"model\": \"opus\"\n}\n";
    std::fs::write(&settings, before).unwrap();
    place.run(&["connect", "statusline"]).succeeded();
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.starts_with(before.trim_end().trim_end_matches(['}', '\n'])), "{text}");
    let entry: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(entry["statusLine"]["type"], "command");
    let command = entry["statusLine"]["command"].as_str().unwrap();
    assert!(command.contains("statusline"), "{command}");

    // What was installed runs as the client runs it: in a shell, with JSON on its input.
    let mut shell = place.command("sh");
    let mut child = shell.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(TOLD.as_bytes()).unwrap();
    let shown = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(shown, "Opus 5.5 · 8% context\n");

    place.run(&["connect", "statusline", "--remove"]).succeeded();
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), before);
    std::fs::write(&settings, "{\"statusLine\": {\"type\": \"command\", \"command\": \"other\"}}").unwrap();
    place.run(&["connect", "statusline"]).failed(&["other", "--replace"]);
    place.run(&["connect", "statusline", "--remove"]).failed(&["not Pitwall's"]);
    place.run(&["connect", "statusline", "--replace"]).succeeded();
}
