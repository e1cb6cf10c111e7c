//! Sessions, one by one.

use model::Actor;
use report::asked::{Asked, RowOrder};
use report::sessions;
use serde_json::json;

use crate::ledger::*;

async fn three_sessions() -> Ledger {
    let mut first = request("a", "2026-11-18T10:00:00Z", "claude-opus-5-5", 10, 5);
    first.project = "/work/shop".into();
    let mut by_key = request("c", "2026-11-20T08:00:00Z", "claude-opus-5-5", 30, 1);
    by_key.actor = Actor::Api { name: "ci".into() };
    let mut by_agent = request("a", "2026-11-19T00:30:00Z", "claude-sonnet-5-5", 20, 50);
    by_agent.agent = "Explore".into();
    Ledger::of([
        start("a", "2026-11-18T09:59:00Z"),
        prompt("a", "2026-11-18T09:59:30Z"),
        first,
        by_agent,
        lines("a", "2026-11-19T00:31:00Z", 3, 1),
        start("b", "2026-11-17T10:00:00Z"),
        by_key,
    ])
    .await
}

#[tokio::test]
async fn a_session_is_told_whole() {
    let answer = sessions::ask(&three_sessions().await.store, &everything()).await.unwrap();
    let ids: Vec<_> = answer.sessions.iter().map(|session| session.session_id.as_str()).collect();
    assert_eq!(ids, ["c", "a", "b"]);
    let tokens = |input: i64, output: i64| {
        json!({
            "input": input, "output": output, "cache_read": 0,
            "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
        })
    };
    let cost = |settled: i64| json!({ "settled": settled, "reported": 0, "priced": settled });
    let expected = json!({
        "session_id": "a", "actor": "mira@example.org", "project": "/work/shop",
        "started_at": "2026-11-18T09:59:00Z", "ended_at": "2026-11-19T00:31:00Z",
        "requests": 2, "prompts": 1, "tokens": tokens(30, 3), "cost_micros": cost(55), "unpriced_models": [],
        "lines": { "added": 3, "removed": 1 }, "commits": 0, "pull_requests": 0,
        "models": [
            { "model": "claude-sonnet-5-5", "requests": 1, "tokens": tokens(20, 2), "cost_micros": cost(50) },
            { "model": "claude-opus-5-5", "requests": 1, "tokens": tokens(10, 1), "cost_micros": cost(5) }
        ],
        "agents": [
            { "agent": "Explore", "requests": 1, "tokens": tokens(20, 2), "cost_micros": cost(50) }
        ]
    });
    assert_eq!(serde_json::to_value(&answer.sessions[1]).unwrap(), expected);
    assert_eq!((answer.sessions[0].actor.as_str(), answer.sessions[0].project.as_deref()), ("ci", None));
}

#[tokio::test]
async fn a_range_and_a_limit_cut_what_is_told() {
    let ledger = three_sessions().await;
    let asked = Asked { since: Some("2026-11-19".parse().unwrap()), limit: Some(5), ..everything() };
    let answer = sessions::ask(&ledger.store, &asked).await.unwrap();
    let seen: Vec<_> =
        answer.sessions.iter().map(|session| (session.session_id.as_str(), session.requests)).collect();
    assert_eq!(seen, [("c", 1), ("a", 1)]);
    // Neither began or was taken up again on these days.
    assert_eq!((answer.totals.sessions, answer.totals.requests, answer.totals.tokens.input), (0, 2, 50));
    let newest = sessions::ask(&ledger.store, &Asked { limit: Some(1), ..everything() }).await.unwrap();
    assert_eq!(newest.sessions.len(), 1);
    assert_eq!(newest.sessions[0].models[0].tokens.input, 30);
    assert_eq!((newest.totals.sessions, newest.totals.tokens.input), (2, 60));
    let oldest = Asked { limit: Some(2), order: Some(RowOrder::Ascending), ..everything() };
    let oldest = sessions::ask(&ledger.store, &oldest).await.unwrap();
    let ids: Vec<_> = oldest.sessions.iter().map(|session| session.session_id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
}
