//! A large generated Claude directory against its truth: `PITWALL_CORPUS` names it, with `truth.json`
//! inside. Run with `cargo test --release -p sources corpus -- --ignored --nocapture`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::harness::{Facts, Harness};
use crate::transcripts::{FileRole, FileState, LineParser};

fn corpus() -> PathBuf {
    PathBuf::from(
        std::env::var_os("PITWALL_CORPUS").expect("set PITWALL_CORPUS to a generated Claude directory"),
    )
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a generated corpus"]
async fn totals_equal_the_truth() {
    let truth = fs::read_to_string(corpus().join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let harness = Harness::reading(&corpus()).await;
    let began = Instant::now();
    let progress = harness.scan().await;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{:.0} MB/s on all the way, {} records",
        progress.bytes_done as f64 / 1e6 / seconds,
        progress.records
    );
    let began = Instant::now();
    assert_eq!(harness.scan().await.lines_read, 0);
    println!("{:.1} ms when nothing has changed", began.elapsed().as_secs_f64() * 1e3);

    let facts = Facts::of(&harness.records());
    let total = &truth["total"];
    assert_eq!(progress.files_done, truth["written"]["files"]);
    assert_eq!(progress.lines_read, truth["written"]["lines"]);
    assert_eq!(progress.lines_skipped, 0);
    assert_eq!(facts.requests as u64, total["requests"]);
    assert_eq!(facts.web_searches, total["web_searches"]);
    assert_eq!(facts.prompts as u64, total["prompts"]);
    assert_eq!(facts.added, total["lines"]["added"]);
    assert_eq!(facts.removed, total["lines"]["removed"]);
    assert_eq!(facts.commits as u64, total["commits"]);
    assert_eq!(facts.pull_requests as u64, total["pull_requests"]);
    assert_eq!(facts.api_errors as u64, total["api_errors"]);
    let started = |kind: &str| facts.starts.get(kind).copied().unwrap_or(0) as u64;
    assert_eq!(started("fresh") + started("continue"), total["started"]);
    assert_eq!(started("resume"), total["resumed"]);

    let mut decisions: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (tool, counts) in total["decisions"].as_object().unwrap() {
        let tool = if tool.starts_with("mcp__") { "mcp_tool" } else { tool };
        for (decided, count) in counts.as_object().unwrap() {
            *decisions.entry(tool.into()).or_default().entry(decided.clone()).or_default() +=
                count.as_u64().unwrap();
        }
    }
    let found = facts.decisions.iter().map(|(tool, counts)| {
        (tool.clone(), counts.iter().map(|(decided, count)| ((*decided).to_owned(), *count)).collect())
    });
    assert_eq!(found.collect::<BTreeMap<_, BTreeMap<_, _>>>(), decisions);
    for (model, view) in truth["by_model"].as_object().unwrap() {
        let tokens = facts.tokens[model];
        let kinds = [
            ("input", tokens.input),
            ("output", tokens.output),
            ("cacheRead", tokens.cache_read),
            ("cacheCreation", tokens.cache_creation),
            ("cacheCreation5m", tokens.cache_creation_5m),
            ("cacheCreation1h", tokens.cache_creation_1h),
        ];
        for (kind, count) in kinds {
            assert_eq!(count, view["tokens"][kind], "{model}: {kind}");
        }
    }
}

#[test]
#[ignore = "needs a generated corpus"]
fn parsing_is_fast() {
    let mut files = Vec::new();
    let mut directories = vec![corpus().join("projects")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(fs::read(path).unwrap());
            }
        }
    }
    let bytes: usize = files.iter().map(Vec::len).sum();
    for _ in 0..5 {
        let began = Instant::now();
        let mut records = Vec::new();
        for file in &files {
            let mut parser = LineParser::new(FileState::new(FileRole::default()), Arc::default());
            for line in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                parser.read(line, &mut records).unwrap();
            }
        }
        let rate = bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
        println!("{rate:.0} MB/s on one core, {} records", records.len());
    }
}
