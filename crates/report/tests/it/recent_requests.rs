//! The newest requests.

use model::{ItemKey, Kind};
use report::recent_requests;
use serde_json::json;

use crate::ledger::*;

#[tokio::test]
async fn newest_first_with_corrections_applied() {
    let wrong = request("a", "2026-11-20T10:00:00Z", "claude-opus-5-5", 5, 9);
    let right = request("a", "2026-11-20T10:00:00Z", "claude-opus-5-5", 50, 8);
    let mut later = request("b", "2026-11-20T10:00:01Z", "", 7, 3);
    later.project = "/work/shop".into();
    later.query_source = "compact".into();
    later.agent = "Explore".into();
    later.measures.duration_ms = 1_234;
    let mut ledger = Ledger::of([wrong.clone(), later, prompt("b", "2026-11-20T10:00:02Z")]).await;
    ledger.correct(wrong, right).await;

    let answer = serde_json::to_value(recent_requests::ask(&ledger.store, 10).await.unwrap()).unwrap();
    let tokens = |input: i64, output: i64| {
        json!({
            "input": input, "output": output, "cache_read": 0,
            "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
        })
    };
    let expected = json!({ "requests": [
        {
            "at": "2026-11-20T10:00:01Z", "session_id": "b", "actor": "mira@example.org",
            "project": "/work/shop", "model": "unknown", "query_source": "compact", "agent": "Explore",
            "tokens": tokens(7, 0), "cost_micros": { "settled": 3, "reported": 0, "priced": 3 },
            "duration_ms": 1_234
        },
        {
            "at": "2026-11-20T10:00:00Z", "session_id": "a", "actor": "mira@example.org",
            "project": null, "model": "claude-opus-5-5", "query_source": null, "agent": null,
            "tokens": tokens(50, 5), "cost_micros": { "settled": 8, "reported": 0, "priced": 8 },
            "duration_ms": null
        }
    ] });
    assert_eq!(answer, expected);
}

/// A thousand requests, of which the newest nine hundred were taken back: the answer lies far below the
/// newest lines.
#[tokio::test]
async fn what_was_taken_back_does_not_crowd_out_what_stands() {
    let number = |number: i64| {
        let at = at("2026-11-20T00:00:00Z").plus_seconds(number).to_rfc3339();
        request(&format!("session-{number}"), &at, "claude-opus-5-5", number, 1)
    };
    let mut ledger = Ledger::of((0..1_000).map(number)).await;
    for taken_back in 100..1_000 {
        let mut moved = number(taken_back);
        moved.kind = Kind::Unattributed;
        moved.item = ItemKey::of("total", &taken_back.to_string());
        ledger.correct(number(taken_back), moved).await;
    }
    let answer = recent_requests::ask(&ledger.store, 3).await.unwrap();
    let sessions: Vec<_> = answer.requests.iter().map(|request| request.session_id.as_str()).collect();
    assert_eq!(sessions, ["session-99", "session-98", "session-97"]);
}
