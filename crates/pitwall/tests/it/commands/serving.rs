//! `pitwall serve`, from its start to its end.

use std::fs;

use serde_json::Value as Json;

use crate::numbered;
use crate::program::{Place, Server, fixture, until};

#[tokio::test]
async fn the_address_is_told_once_the_server_answers() {
    let place = Place::new();
    let server = place.serve().start();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path, &[]).await.status, 200, "{path}");
    }
    let status = server.json("/api/v1/status").await;
    assert_eq!(format!("http://{}", status["http_address"].as_str().unwrap()), server.address);
    assert_eq!((&status["data"], &status["empty"]), (&"main".into(), &true.into()));
    // Commands find the server by what it leaves in the data directory.
    let told: Json = serde_json::from_slice(&fs::read(place.data().join("server.json")).unwrap()).unwrap();
    assert_eq!(told["address"], server.address.as_str());
    assert_eq!(told["process"], server.process_id());
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_leaves_its_data_whole_and_says_so() {
    let place = Place::new();
    let server = place.serve().transcripts(fixture("claude-home/text-answer")).start();
    server.has_read(1).await;
    assert!(server.stop().success());
    assert!(!place.data().join("server.json").exists(), "commands would look for a server that is gone");
    assert!(!place.data().join("ledger.duckdb.wal").exists(), "the log was not folded into the file");
    let server = place.serve().start();
    assert_eq!(server.json("/api/v1/status").await["empty"], false);
}

#[tokio::test]
async fn transcripts_are_found_where_claude_code_keeps_them_and_followed() {
    let place = Place::new();
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    let server = place.serve().setting("PITWALL_TRANSCRIPTS_ENABLED", "true").start();
    server.has_read(0).await;
    let fixture = fixture("claude-home/text-answer/projects/-tmp-pitwall-text-answer-workspace");
    for transcript in fs::read_dir(fixture).unwrap() {
        let transcript = transcript.unwrap();
        fs::copy(transcript.path(), project.join(transcript.file_name())).unwrap();
    }
    until("what was written is in the ledger", async || {
        let overview = server.json("/api/v1/overview?start=2026-11-20&end=2026-11-24&timezone=UTC").await;
        if overview["totals"]["requests"] == 1 { Ok(()) } else { Err(overview) }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_others_can_reach_needs_keys_and_then_asks_for_them() {
    let place = Place::new();
    let everywhere = || place.serve().setting("PITWALL_HTTP", "0.0.0.0:0");
    let refusal = everywhere().try_start().err().unwrap();
    for kind in ["ingest", "viewer"] {
        assert!(refusal.contains(kind), "{refusal}");
    }
    let (ingest, viewer) = (place.key("ingest"), place.key("viewer"));
    let server = everywhere().start();
    let json = ("content-type", "application/json");
    assert_eq!(server.post("/v1/logs", &[json], "{}").await.status, 401);
    assert_eq!(server.post("/v1/logs", &[json, ("x-api-key", &ingest)], "{}").await.status, 200);
    assert_eq!(server.get("/api/v1/status", &[]).await.status, 401);
    assert_eq!(server.get("/api/v1/status", &[("x-api-key", &viewer)]).await.status, 200);
    // Commands of the same user are let in by what the server left in the data directory.
    assert!(place.json(&["report", "daily", "--json"])["rows"].is_array());
}

#[tokio::test]
async fn flags_go_before_the_environment_and_that_before_the_file() {
    let place = Place::new();
    let file = place.path("pitwall.toml");
    fs::write(&file, "[server]\nhttp = \"127.0.0.1:1\"\ngrpc = \"127.0.0.1:0\"\n").unwrap();
    let mut command = place.pitwall(&["serve", "--no-transcripts", "--http", "127.0.0.1:0", "--config"]);
    command.arg(&file).env("PITWALL_SERVER_HTTP", "127.0.0.1:2");
    let server = Server::spawn(command, &place.path("server.log")).unwrap();
    assert_eq!(server.json("/api/v1/status").await["import"]["state"], "off");
    // Ports 1 and 2 are nobody's to take, so what said so was overruled.
    assert!(!server.address.ends_with(":1") && !server.address.ends_with(":2"), "{}", server.address);
}

#[tokio::test]
async fn a_server_tells_prometheus_what_came_in_and_logs_what_did_not() {
    let place = Place::new();
    let server = place.serve().setting("PITWALL_LOG_FORMAT", "json").start();
    let export = numbered::export(&numbered::of_sessions(0..1));
    let json = ("content-type", "application/json");
    for _ in 0..2 {
        assert_eq!(server.post("/v1/logs", &[json], export.clone()).await.status, 200);
    }
    assert_eq!(server.post("/v1/logs", &[json], "{").await.status, 400);
    let metrics = String::from_utf8(server.get("/metrics", &[]).await.body).unwrap();
    for line in [
        "pitwall_otlp_records_total{source=\"events\",kind=\"new\"} 8",
        "pitwall_otlp_records_total{source=\"events\",kind=\"repeated\"} 8",
        "pitwall_otlp_rejected_total{source=\"events\",reason=\"request that cannot be read\"} 1",
        "pitwall_ingest_records_total{kind=\"new\"} 8",
        "pitwall_ingest_transaction_seconds_count 2",
        "pitwall_ingest_queue_depth 0",
        "pitwall_ingest_submissions_refused_total{reason=\"full\"} 0",
    ] {
        assert!(metrics.lines().any(|told| told == line), "no {line} in\n{metrics}");
    }
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let rejected: Vec<Json> = lines.filter(|line| line["message"] == "rejected").collect();
    let [line] = rejected.as_slice() else { panic!("{log}") };
    assert_eq!(
        (&line["level"], &line["source"], &line["count"]),
        (&"WARN".into(), &"events".into(), &1.into())
    );
}
