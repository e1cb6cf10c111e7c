//! The reports' shapes: JSON, tables, comma-separated values, and ccusage's.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{KINDS, place_with, report, truth};

const SCENARIOS: [&str; 4] = ["models", "subagent", "resume", "commit-and-pr"];

#[tokio::test]
async fn every_report_is_the_same_beside_a_server_and_without_one() {
    let place = place_with(&SCENARIOS);
    let printed = |kind: &str| {
        let asked = ["report", kind, "--timezone", "UTC", "--no-import", "--breakdown", "--cost", "now"];
        let forms = [&["--json"][..], &["--csv"], &[]];
        forms.map(|form| place.run(&[&asked[..], form].concat()).succeeded().out)
    };
    let alone = KINDS.map(printed);
    let server = place.serve().start();
    let beside = KINDS.map(printed);
    assert!(server.stop().success());
    for (kind, (alone, beside)) in KINDS.iter().zip(alone.iter().zip(&beside)) {
        assert_eq!(alone, beside, "{kind}");
        assert!(alone[2].lines().count() > 3, "{kind} has no table: {}", alone[2]);
    }
}

#[test]
fn totals_are_the_scenarios_truth_in_every_report() {
    let place = place_with(&["models"]);
    let truth = truth("models");
    let tokens = truth["tokens"].as_object().unwrap();
    let sum = |name: &str| -> i64 { tokens.values().map(|model| model[name].as_i64().unwrap()).sum() };
    for kind in KINDS.iter().filter(|kind| **kind != "tools") {
        let totals = &report(&place, kind, &[])["totals"];
        assert_eq!(totals["tokens"]["input"], sum("input"), "{kind}");
        assert_eq!(totals["tokens"]["output"], sum("output"), "{kind}");
        assert_eq!(totals["tokens"]["cache_creation"], sum("cacheCreation"), "{kind}");
        assert_eq!(totals["tokens"]["cache_creation_1h"], sum("cacheCreation1h"), "{kind}");
        assert_eq!(totals["unpriced_models"], serde_json::json!(["claude-unheard-9-9-20990101"]), "{kind}");
    }
}

#[test]
fn options_choose_sort_and_cut() {
    let place = place_with(&["models", "subagent"]);
    let models = |more: &[&str]| -> Vec<String> {
        let report = report(&place, "models", more);
        let rows = report["rows"].as_array().unwrap().iter();
        rows.map(|row| row["model"].as_str().unwrap().to_owned()).collect()
    };
    let all = models(&[]);
    assert_eq!(all.len(), 5);
    let mut backwards = models(&["--order", "asc"]);
    backwards.reverse();
    assert_eq!(backwards, all);
    assert_eq!(models(&["--limit", "2"]), all[..2]);
    assert_eq!(models(&["--model", "haiku", "--model", "claude-sonnet-4-5"]).len(), 2);
    let subagent = report(&place, "projects", &["--project", "subagent/workspace"]);
    assert_eq!(subagent["rows"].as_array().unwrap().len(), 1);
    assert_eq!(subagent["totals"]["requests"], truth("subagent")["api_requests_ok"]);
    assert_eq!(models(&["--since", "20990101"]), Vec::<String>::new());
    assert_eq!(models(&["--until", "2026-11-21"]), Vec::<String>::new());
}

#[test]
fn a_week_begins_where_it_is_told_to() {
    let place = place_with(&["models"]);
    let week =
        |more: &[&str]| report(&place, "weekly", more)["rows"][0]["period"].as_str().unwrap().to_owned();
    // 2026-11-22 is a Sunday.
    assert_eq!(week(&[]), "2026-11-16");
    assert_eq!(week(&["--start-of-week", "sunday"]), "2026-11-22");
    assert_eq!(week(&["-w", "saturday"]), "2026-11-21");
    std::fs::write(place.data().join("pitwall.toml"), "[reports]\nstart_of_week = \"sunday\"\n").unwrap();
    assert_eq!(week(&[]), "2026-11-22");
}

#[test]
fn comma_separated_values_have_a_line_of_names_and_one_for_each_row() {
    let place = place_with(&["models"]);
    let csv = |kind: &str, more: &[&str]| {
        let asked = ["report", kind, "--csv", "--no-import", "--timezone", "UTC"];
        place.run(&[&asked[..], more].concat()).succeeded().out
    };
    let daily = csv("daily", &[]);
    let lines: Vec<&str> = daily.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{daily}");
    assert!(lines[0].starts_with("period,sessions,requests,input_tokens,output_tokens"), "{daily}");
    // Four requests of 1,000 to 4,000 tokens of input.
    assert!(lines[1].starts_with("2026-11-22,4,4,10000,4000,3000,6000,"), "{daily}");
    let breakdown = csv("daily", &["--breakdown"]);
    assert_eq!(breakdown.split("\r\n").count(), 6, "{breakdown}");
    for kind in KINDS {
        let text = csv(kind, &[]);
        let columns: BTreeSet<usize> =
            text.trim_end().split("\r\n").map(|line| line.split(',').count()).collect();
        assert_eq!(columns.len(), 1, "{kind}: {text}");
    }
}

#[test]
fn colours_stay_out_of_files() {
    let place = place_with(&["models"]);
    for kind in KINDS {
        let table = place.run(&["report", kind, "--no-import"]).succeeded().out;
        assert!(!table.contains('\u{1b}'), "{kind}: {table}");
    }
}

/// What `ccusage claude NAME --json` and `ccusage NAME --json` print, version 20.0.24: the keys of the answer
/// and of a row.
const OF_CCUSAGE: [(&str, &[&str], &[&str]); 5] = [
    ("daily", &["daily", "totals"], &["date", "period", "agent", "metadata"]),
    ("weekly", &["weekly", "totals"], &["week", "period", "agent", "metadata"]),
    ("monthly", &["monthly", "totals"], &["month", "period", "agent", "metadata"]),
    (
        "session",
        &["session", "sessions", "totals"],
        &["sessionId", "projectPath", "firstActivity", "lastActivity", "period", "agent", "metadata"],
    ),
    ("blocks", &["blocks"], &[]),
];

/// The keys that every row and the totals have in common, and those of a row's models.
const SPENDING: [&str; 6] =
    ["inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "totalCost"];
const BREAKDOWN: [&str; 6] =
    ["modelName", "inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "cost"];
const BLOCK: [&str; 13] = [
    "id",
    "startTime",
    "endTime",
    "actualEndTime",
    "isActive",
    "isGap",
    "entries",
    "tokenCounts",
    "totalTokens",
    "costUSD",
    "models",
    "burnRate",
    "projection",
];

fn keys(value: &Json) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn all<'k>(parts: &[&[&'k str]]) -> BTreeSet<&'k str> {
    parts.concat().into_iter().collect()
}

#[test]
fn scripts_for_ccusage_find_its_keys() {
    let place = place_with(&["models", "resume"]);
    for (kind, answer_keys, row_keys) in OF_CCUSAGE {
        let asked = ["report", kind, "--json=ccusage", "--no-import", "--timezone", "UTC"];
        let answer = place.json(&asked);
        assert_eq!(keys(&answer), all(&[answer_keys]), "{kind}");
        let row = &answer[answer_keys[0]][0];
        if kind == "blocks" {
            assert_eq!(keys(row), all(&[&BLOCK]));
            let counts = ["inputTokens", "outputTokens", "cacheCreationInputTokens", "cacheReadInputTokens"];
            assert_eq!(keys(&row["tokenCounts"]), all(&[&counts]));
            continue;
        }
        assert_eq!(keys(row), all(&[&SPENDING, row_keys, &["modelsUsed", "modelBreakdowns"]]), "{kind}");
        assert_eq!(keys(&answer["totals"]), all(&[&SPENDING, &["unpricedModels"]]), "{kind}");
        let rows = answer[answer_keys[0]].as_array().unwrap().iter();
        let models: Vec<&Json> = rows.flat_map(|row| row["modelBreakdowns"].as_array().unwrap()).collect();
        let (unpriced, priced): (Vec<&Json>, Vec<&Json>) =
            models.into_iter().partition(|model| model["modelName"] == "claude-unheard-9-9-20990101");
        assert!(priced.iter().all(|model| keys(model) == all(&[&BREAKDOWN])), "{kind}");
        assert!(
            unpriced.iter().all(|model| keys(model) == all(&[&BREAKDOWN, &["missingPricing"]])),
            "{kind}"
        );
    }
    let refused = place.run(&["report", "tools", "--json=ccusage", "--no-import"]);
    refused.failed(&["ccusage has no such report"]);
}
