//! Real transcripts against the truth that was noted when they were made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::{Observation, Record, TokenUsage};
use serde_json::Value;

use super::harness::{Facts, Harness};

fn home(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/claude-home").join(scenario)
}

async fn read(scenario: &str) -> (Vec<Record>, Facts, Value) {
    let expected = fs::read_to_string(home(scenario).join("expected.json")).unwrap();
    let harness = Harness::reading(&home(scenario)).await;
    let progress = harness.scan().await;
    assert_eq!((progress.lines_skipped, progress.problem_count), (0, 0), "{scenario}");
    assert_eq!(progress.bytes_done, progress.bytes_total, "{scenario}");
    let records = harness.records();
    let facts = Facts::of(&records);
    (records, facts, serde_json::from_str(&expected).unwrap())
}

fn scenarios() -> Vec<String> {
    let entries = fs::read_dir(home("")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 12, "{names:?}");
    names
}

fn counts(value: &Value) -> BTreeMap<String, BTreeMap<String, u64>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn named<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn owned(counts: &BTreeMap<String, BTreeMap<&'static str, u64>>) -> BTreeMap<String, BTreeMap<String, u64>> {
    let inner = |counts: &BTreeMap<&'static str, u64>| {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    counts.iter().map(|(tool, counts)| (tool.clone(), inner(counts))).collect()
}

#[tokio::test]
async fn what_lines_prove_equals_the_truth_of_every_scenario() {
    for scenario in scenarios() {
        let (_, facts, expected) = read(&scenario).await;
        assert_eq!(facts.prompts as u64, expected["prompts"], "{scenario}: prompts");
        // Nothing is written of the command that ends the client.
        let unwritten = u64::from(scenario == "interactive");
        assert_eq!(facts.commands as u64 + unwritten, expected["slash_commands"], "{scenario}: commands");
        assert_eq!(owned(&facts.decisions), counts(&expected["decisions"]), "{scenario}: decisions");
        assert_eq!(owned(&facts.results), counts(&expected["tool_results"]), "{scenario}: results");
        assert_eq!(facts.added, expected["lines"]["added"], "{scenario}: lines added");
        assert_eq!(facts.removed, expected["lines"]["removed"], "{scenario}: lines removed");
        assert_eq!(facts.commits as u64, expected["commits"], "{scenario}: commits");
        assert_eq!(facts.pull_requests as u64, expected["pull_requests"], "{scenario}: pull requests");
        assert_eq!(facts.api_errors as u64, expected["api_error_events"], "{scenario}: errors");
        let started: usize = facts.starts.values().sum();
        assert_eq!(started as u64, expected["sessions_started"], "{scenario}: processes");
        if let Some(sources) = expected.get("decision_sources") {
            let sources: BTreeMap<String, u64> = serde_json::from_value(sources.clone()).unwrap();
            assert_eq!(facts.decision_sources, sources, "{scenario}: decision sources");
        }
    }
}

#[tokio::test]
async fn tokens_of_answers_equal_the_truth_where_nothing_else_was_asked() {
    for scenario in scenarios() {
        let (_, facts, expected) = read(&scenario).await;
        // The request that compacts a conversation is in no line.
        if scenario == "interactive" {
            assert_eq!(facts.requests as u64 + 1, expected["api_requests_ok"]);
            continue;
        }
        assert_eq!(facts.requests as u64, expected["api_requests_ok"], "{scenario}: requests");
        let tokens = expected["tokens"].as_object().unwrap().iter().map(|(model, tokens)| {
            let tokens = TokenUsage {
                input: tokens["input"].as_i64().unwrap(),
                output: tokens["output"].as_i64().unwrap(),
                cache_read: tokens["cacheRead"].as_i64().unwrap(),
                cache_creation: tokens["cacheCreation"].as_i64().unwrap(),
                cache_creation_5m: tokens["cacheCreation5m"].as_i64().unwrap(),
                cache_creation_1h: tokens["cacheCreation1h"].as_i64().unwrap(),
            };
            (model.clone(), tokens)
        });
        assert_eq!(facts.tokens, tokens.collect(), "{scenario}: tokens");
    }
}

#[tokio::test]
async fn the_client_s_last_totals_equal_its_reported_cost() {
    for scenario in scenarios() {
        let (records, _, expected) = read(&scenario).await;
        let mut reported: BTreeMap<&str, i128> = BTreeMap::new();
        for record in &records {
            if let Observation::Totals(totals) = &record.observation {
                let cost: i128 = totals.models.iter().map(|(_, _, cost)| i128::from(cost.as_picos())).sum();
                let highest = reported.entry(record.session.as_str()).or_default();
                *highest = cost.max(*highest);
            }
        }
        for (session, dollars) in expected["cost_reported_by_client"].as_object().unwrap() {
            let picos = (dollars.as_f64().unwrap() * 1e12).round() as i128;
            assert_eq!(reported.get(session.as_str()), Some(&picos), "{scenario}: {session}");
        }
    }
}

#[tokio::test]
async fn processes_are_told_apart() {
    let (_, facts, _) = read("resume").await;
    // Lines do not tell whether a session was continued or resumed by its id.
    assert_eq!(facts.starts, named([("fresh", 2), ("resume", 2)]));
    let (_, facts, _) = read("extras").await;
    assert_eq!(facts.starts, named([("continue", 1), ("fresh", 3)]));
}

#[tokio::test]
async fn notes_of_the_client_are_kept_by_name() {
    let (records, facts, _) = read("interactive").await;
    assert_eq!(facts.occurrences, named([("compaction", 1)]));
    let compaction = records.iter().find_map(|record| match &record.observation {
        Observation::Occurrence(occurrence) => Some(occurrence),
        _ => None,
    });
    let compaction = compaction.unwrap();
    assert_eq!((compaction.outcome.as_deref(), compaction.duration_ms), (Some("manual"), Some(128)));
    let (_, facts, _) = read("api-errors").await;
    assert_eq!(facts.occurrences, named([("api_retry", 3)]));
    let (_, facts, _) = read("commit-and-pr").await;
    assert_eq!(facts.occurrences, named([("pr_link", 1)]));
}

#[tokio::test]
async fn a_subagent_s_records_belong_to_its_session_and_project() {
    let (records, _, expected) = read("subagent").await;
    let session = expected["session_ids"][0].as_str().unwrap();
    let mut agents = BTreeMap::new();
    for record in &records {
        assert_eq!(record.session.as_str(), session);
        assert_eq!(record.context.project.as_deref(), Some("/tmp/pitwall/subagent/workspace"));
        assert_eq!(record.context.branch.as_deref(), Some("main"));
        assert_eq!(record.context.client_version.as_deref(), Some("2.1.330"));
        assert_eq!(record.context.entrypoint.as_deref(), Some("sdk-cli"));
        assert_eq!(record.context.login.as_deref(), Some("ann@laptop"));
        if let Observation::Request(request) = &record.observation {
            *agents.entry(request.agent.clone().unwrap_or_default()).or_insert(0) += 1;
        }
    }
    assert_eq!(agents, BTreeMap::from([("".into(), 3), ("general-purpose".into(), 5)]));
}

#[tokio::test]
async fn copies_in_a_fork_name_the_session_they_come_from() {
    let (records, _, _) = read("extras").await;
    let fork = "3f7eee0e-2213-4313-aad6-39de20f9fa97";
    let requests = records.iter().filter(|record| record.session.as_str() == fork).filter_map(|record| {
        let Observation::Request(request) = &record.observation else { return None };
        Some(request.origin_session.as_ref().map(|origin| origin.as_str().to_owned()))
    });
    let requests: Vec<Option<String>> = requests.collect();
    assert_eq!(requests.len(), 7);
    let original = Some("318379ef-75d9-4900-bbee-1cf91740c94e".to_owned());
    assert_eq!(requests.iter().filter(|origin| **origin == original).count(), 6);
    let prompts: Vec<&Record> =
        records.iter().filter(|record| matches!(record.observation, Observation::Prompt(_))).collect();
    // The copied prompt has one key in both sessions, although the fork gave it another id.
    assert_eq!(prompts.len(), 5);
    assert_eq!(Facts::of(&records).prompts, 4);
}
