//! The commands that say how things stand or show what could be: `connect`, `doctor`, `demo`, `openapi`.

use std::fs;

use serde_json::Value as Json;

use crate::program::{Outcome, Place, Server, fixture, repository};

/// What `doctor` finds at a hop.
fn finding<'f>(findings: &'f Json, hop: &str) -> (&'f str, &'f str) {
    let findings = findings.as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["hop"] == hop);
    let finding = finding.unwrap_or_else(|| panic!("nothing about {hop}: {findings:?}"));
    (finding["verdict"].as_str().unwrap(), finding["finding"].as_str().unwrap())
}

#[test]
fn connect_prints_settings_that_claude_code_understands() {
    let place = Place::new();
    let printed = place.run(&["connect"]).succeeded().out;
    assert!(printed.contains("export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318"), "{printed}");
    assert!(!place.data().exists(), "showing settings makes no data");
    let elsewhere = place.json(&["connect", "--json", "--endpoint", "https://pitwall.example.org"]);
    let text = elsewhere["settings"][0]["text"].as_str().unwrap();
    let settings: Json = serde_json::from_str(text).unwrap();
    assert_eq!(settings["env"]["CLAUDE_CODE_ENABLE_TELEMETRY"], "1");
    assert_eq!(settings["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"], "https://pitwall.example.org");
    // A server on another machine asks for a key.
    assert!(settings["env"]["OTEL_EXPORTER_OTLP_HEADERS"].is_string());
}

#[test]
fn doctor_finds_nothing_broken_where_nothing_has_begun() {
    let place = Place::new();
    let findings = place.json(&["doctor", "--json"]);
    assert_eq!(finding(&findings, "Configuration").0, "good");
    for hop in ["Claude Code's settings", "Server", "Data"] {
        assert_eq!(finding(&findings, hop).0, "attention", "{hop}");
    }
    assert!(!place.data().exists(), "looking makes no data");
    let printed = place.run(&["doctor"]).succeeded().out;
    assert!(printed.contains("pitwall serve"), "{printed}");
}

#[tokio::test]
async fn doctor_tells_what_a_running_server_holds_and_what_it_refused() {
    let place = Place::new();
    let server = place.serve().transcripts(fixture("claude-home/text-answer")).start();
    server.has_read(1).await;
    let refused = server.post("/v1/logs", &[("content-type", "application/json")], "{").await;
    assert_eq!(refused.status, 400);
    let findings = place.json(&["doctor", "--json"]);
    assert!(finding(&findings, "Server").1.contains(&server.address));
    assert!(finding(&findings, "Transcripts read").1.contains("1 files"));
    assert_eq!(finding(&findings, "Ledger").0, "good");
    // What was refused is noted when the server stops at the latest.
    assert!(server.stop().success());
    let findings = place.json(&["doctor", "--json"]);
    assert!(finding(&findings, "Rejected").1.contains("cannot be read"));
    assert!(finding(&findings, "Ledger").1.contains("transcripts"));
}

#[test]
fn doctor_fails_when_a_hop_is_broken() {
    let place = Place::new();
    let mut command = place.pitwall(&["doctor", "--json"]);
    // Telemetry is switched on, but goes nowhere; and a setting is misspelt.
    command.env("CLAUDE_CODE_ENABLE_TELEMETRY", "1").env("OTEL_METRICS_EXPORTER", "console");
    command.env("PITWALL_ANALYTICS_FRESHNES", "0s");
    let outcome = Outcome::of(&mut command);
    assert!(!outcome.status.success());
    let findings = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(finding(&findings, "Claude Code's settings").0, "broken");
    let (verdict, told) = finding(&findings, "Configuration");
    assert_eq!(verdict, "broken");
    assert!(told.to_lowercase().contains("freshnes"), "{told}");
}

#[tokio::test]
async fn the_demo_fills_a_directory_of_its_own_and_serves_it() {
    let place = Place::new();
    let demo = place.path("demo").display().to_string();
    let size = ["--developers", "2", "--days", "2", "--data", &demo];
    let filled = place.run(&[&["demo", "--fill-only"][..], &size].concat()).succeeded();
    assert!(filled.out.contains(&demo), "{}", filled.out);
    assert!(!place.data().exists(), "the demo has touched other data");
    // Another company does not come into the same directory.
    let other = place.run(&["demo", "--fill-only", "--developers", "3", "--days", "2", "--data", &demo]);
    other.failed(&["2 developers", "--data"]);

    let command = place.pitwall(&[&["demo", "--http", "127.0.0.1:0"][..], &size].concat());
    let server = Server::spawn(command, &place.path("demo.log")).unwrap();
    assert_eq!(server.json("/api/v1/status").await["data"], "demo");
    let overview = server.json("/api/v1/overview").await;
    assert!(overview["totals"]["requests"].as_i64().unwrap() > 0, "{}", overview["totals"]);
    assert!(server.stop().success());
}

#[test]
fn openapi_prints_what_the_dashboard_is_made_from() {
    let printed = Place::new().run(&["openapi"]).succeeded().out;
    assert_eq!(printed, fs::read_to_string(repository().join("web/openapi.json")).unwrap());
}
