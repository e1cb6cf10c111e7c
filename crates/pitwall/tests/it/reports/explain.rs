//! Explanations: down to the line of the transcript.

use serde_json::Value as Json;

use super::{home, place_with, truth};
use crate::program::Place;

fn explain(place: &Place, more: &[&str]) -> Json {
    let asked =
        ["explain", "--json", "--no-import", "--timezone", "UTC", "--date", "2026-11-22", "--limit", "1000"];
    place.json(&[&asked[..], more].concat())
}

#[test]
fn every_request_leads_to_a_line_that_names_it() {
    let place = place_with(&["subagent", "resume"]);
    let explanation = explain(&place, &[]);
    let postings = explanation["postings"].as_array().unwrap();
    let requests: Vec<&Json> = postings.iter().filter(|posting| posting["kind"] == "request").collect();
    let told = ["subagent", "resume"].map(|name| truth(name)["api_requests_ok"].as_u64().unwrap());
    assert_eq!(requests.len() as u64, told.iter().sum::<u64>());
    for posting in requests {
        let evidence = posting["evidence"].as_array().unwrap();
        let standing = evidence.iter().find(|witness| witness["counts"] == true).unwrap();
        let (file, line) = (standing["file"].as_str().unwrap(), standing["line"].as_u64().unwrap());
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.lines().nth(line as usize - 1).unwrap();
        let message = standing["message_id"].as_str().unwrap();
        assert!(text.contains(message), "{file}:{line} does not name {message}");
        assert_eq!(posting["price"]["as_posted"], true);
        assert_eq!(posting["price"]["total_micros"], posting["cost_micros"]["priced"]);
    }
    let tokens = truth("subagent")["tokens"]["claude-opus-5-5"]["input"].as_i64().unwrap()
        + truth("resume")["tokens"]["claude-opus-5-5"]["input"].as_i64().unwrap();
    assert_eq!(explanation["totals"]["tokens"]["input"], tokens);
}

#[tokio::test]
async fn a_server_explains_alike() {
    let place = place_with(&["subagent"]);
    let session = truth("subagent")["session_ids"][0].as_str().unwrap().to_owned();
    let asked = ["--session", &session, "--model", "opus"];
    let alone = explain(&place, &asked);
    let server = place.serve().start();
    assert_eq!(explain(&place, &asked), alone);
    let text = place
        .run(&["explain", "--date", "2026-11-22", "--timezone", "UTC", "--model", "opus"])
        .succeeded()
        .out;
    assert!(text.contains(".jsonl:") && text.contains("x $4/M"), "{text}");
    assert!(server.stop().success());
    assert!(
        alone["postings"].as_array().unwrap().iter().all(|posting| posting["session_id"] == session.as_str())
    );
}

#[test]
fn a_day_without_anything_is_said_to_be_one() {
    let place = place_with(&["subagent"]);
    let text = place.run(&["explain", "--date", "2026-11-23", "--no-import"]).succeeded().out;
    assert!(text.contains("Nothing was posted"), "{text}");
    place.run(&["explain"]).failed(&["--date"]);
    place.run(&["explain", "--against", &home("subagent")]).failed(&["cannot read"]);
}
