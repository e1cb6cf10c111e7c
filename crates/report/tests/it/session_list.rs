//! Sessions to choose from.

use model::{Kind, Posting, Source};
use report::filter::Filter;
use report::session_list::{self, Parameters, Search, SessionOrder};
use serde_json::json;

use crate::ledger::*;

fn in_november() -> Parameters {
    Parameters {
        range: range("2026-11-01", "2026-11-30", "UTC"),
        filter: Filter::default(),
        search: None,
        order: SessionOrder::Newest,
        offset: 0,
        limit: 50,
    }
}

/// Three sessions in November and one in October. By newest activity: ann-2, bob-1, ann-1. By cost: ann-1
/// (900), bob-1 (70), ann-2 (30).
async fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    let place = |mut posting: Posting, project: &str, branch: &str, team: &str| {
        posting.project = project.into();
        posting.branch = branch.into();
        posting.team = team.into();
        posting
    };
    let ann = |posting| by("ann@example.org", posting);
    let bob = |posting| by("bob@example.org", posting);
    let mut error = request("bob-1", "2026-11-11T09:30:00Z", "claude-opus-5-5", 0, 0);
    error.kind = Kind::ApiError;
    error.measures = model::Measures { api_errors: 2, ..model::Measures::default() };
    ledger
        .post([
            ann(start("ann-1", "2026-11-02T08:00:00Z")),
            ann(place(
                request("ann-1", "2026-11-02T08:10:00Z", "claude-opus-5-5", 100, 400),
                "/work/shop",
                "main",
                "platform",
            )),
            ann(place(
                request("ann-1", "2026-11-03T07:30:00Z", "claude-sonnet-5-5", 50, 500),
                "/work/shop",
                "Checkout-Fix",
                "platform",
            )),
            ann(results("ann-1", "2026-11-02T08:11:00Z", "Bash", 3, 2)),
            ann(lines("ann-1", "2026-11-02T08:12:00Z", 12, 4)),
            ann(prompt("ann-1", "2026-11-02T08:09:00Z")),
            bob(place(
                request("bob-1", "2026-11-11T09:00:00Z", "claude-opus-5-5", 10, 70),
                "/work/api",
                "main",
                "search",
            )),
            bob(error),
            ann(place(
                request("ann-2", "2026-11-20T10:00:00Z", "claude-haiku-5-5", 7, 30),
                "/work/api",
                "main",
                "platform",
            )),
            ann(request("ann-0", "2026-10-31T23:59:59Z", "claude-opus-5-5", 1, 5_000)),
        ])
        .await;
    ledger.observe(Source::Events, &["ann-1", "bob-1"], at("2026-11-11T09:00:00Z")).await;
    ledger.observe(Source::Transcripts, &["ann-1"], at("2026-11-03T07:30:00Z")).await;
    ledger
}

async fn ids(ledger: &Ledger, parameters: &Parameters) -> (i64, Vec<String>) {
    let list = session_list::ask(&ledger.store, parameters).await.unwrap();
    (list.found, list.sessions.into_iter().map(|session| session.session_id).collect())
}

#[tokio::test]
async fn a_session_is_told_with_its_newest_place() {
    let list = session_list::ask(&ledger().await.store, &in_november()).await.unwrap();
    let expected = json!({
        "session_id": "ann-1", "actor": "ann@example.org", "team": "platform", "project": "/work/shop",
        "repository": null, "branch": "Checkout-Fix", "terminal": "vscode",
        "started_at": "2026-11-02T08:00:00Z", "ended_at": "2026-11-03T07:30:00Z", "duration_ms": 84_600_000,
        "requests": 2, "prompts": 1,
        "tokens": {
            "input": 150, "output": 15, "cache_read": 0,
            "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
        },
        "cost_micros": { "settled": 900, "reported": 0, "priced": 900 },
        "lines": { "added": 12, "removed": 4 }, "commits": 0, "pull_requests": 0,
        "tool_calls": 5, "tool_failures": 2, "api_errors": 0,
        "models": ["claude-sonnet-5-5", "claude-opus-5-5"], "sources": ["events", "transcripts"]
    });
    assert_eq!(serde_json::to_value(&list.sessions[2]).unwrap(), expected);
    assert_eq!(list.sessions[0].sources, []);
}

#[tokio::test]
async fn what_was_asked_for_comes_first() {
    let ledger = ledger().await;
    for (order, expected) in [
        (SessionOrder::Newest, ["ann-2", "bob-1", "ann-1"]),
        (SessionOrder::Cost, ["ann-1", "bob-1", "ann-2"]),
        (SessionOrder::Requests, ["ann-1", "ann-2", "bob-1"]),
        (SessionOrder::Prompts, ["ann-1", "ann-2", "bob-1"]),
        (SessionOrder::Lines, ["ann-1", "ann-2", "bob-1"]),
        (SessionOrder::Failures, ["ann-1", "ann-2", "bob-1"]),
        (SessionOrder::Errors, ["bob-1", "ann-1", "ann-2"]),
    ] {
        let (found, ids) = ids(&ledger, &Parameters { order, ..in_november() }).await;
        assert_eq!((found, ids.as_slice()), (3, expected.map(str::to_owned).as_slice()), "{order:?}");
    }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let ledger = ledger().await;
    let page = |offset, limit| Parameters { offset, limit, ..in_november() };
    assert_eq!(ids(&ledger, &page(0, 2)).await, (3, vec!["ann-2".into(), "bob-1".into()]));
    assert_eq!(ids(&ledger, &page(2, 2)).await, (3, vec!["ann-1".into()]));
    assert_eq!(ids(&ledger, &page(4, 2)).await, (3, vec![]));
}

fn search(text: &str) -> Search {
    Search { text: text.into(), sessions: vec![text.into()] }
}

#[tokio::test]
async fn a_text_finds_people_places_models_and_whole_ids() {
    let ledger = ledger().await;
    for (text, expected) in [
        ("ANN@", vec!["ann-2", "ann-1"]),
        ("checkout", vec!["ann-1"]),
        ("/work/api", vec!["ann-2", "bob-1"]),
        ("search", vec!["bob-1"]),
        ("sonnet", vec!["ann-1"]),
        ("bob-1", vec!["bob-1"]),
        ("  ", vec!["ann-2", "bob-1", "ann-1"]),
        // October's session is not of the range.
        ("ann-0", vec![]),
        ("nobody", vec![]),
    ] {
        let (found, ids) = ids(&ledger, &Parameters { search: Some(search(text)), ..in_november() }).await;
        assert_eq!(
            (found, ids),
            (expected.len() as i64, expected.iter().map(|id| (*id).to_owned()).collect()),
            "{text}"
        );
    }
    // What a search finds is told whole, not only the part that the text is in.
    let parameters = Parameters { search: Some(search("checkout")), ..in_november() };
    let list = session_list::ask(&ledger.store, &parameters).await.unwrap();
    assert_eq!(list.sessions[0].cost_micros.settled, 900);
}

#[tokio::test]
async fn a_filter_narrows_what_is_listed_and_what_is_told() {
    let ledger = ledger().await;
    let filter = Filter { projects: vec!["/work/api".into()], ..Filter::default() };
    assert_eq!(ids(&ledger, &Parameters { filter, ..in_november() }).await.1, ["ann-2", "bob-1"]);
    let filter = Filter { models: vec!["claude-sonnet-5-5".into()], ..Filter::default() };
    let list = session_list::ask(&ledger.store, &Parameters { filter, ..in_november() }).await.unwrap();
    assert_eq!((list.found, list.sessions[0].cost_micros.settled, list.sessions[0].tool_calls), (1, 500, 0));
    let filter = Filter { sources: vec![Source::Transcripts], ..Filter::default() };
    assert_eq!(ids(&ledger, &Parameters { filter, ..in_november() }).await.1, ["ann-1"]);
}
