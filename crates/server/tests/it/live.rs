//! Requests to models as they are committed.

use axum::body::Body;
use futures::FutureExt;
use http_body_util::BodyExt;
use model::{Kind, Measures, Sign};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::world::*;

/// What the stream has sent by now.
pub(crate) fn sent(body: &mut Body) -> String {
    let mut text = String::new();
    // Unconstrained, since a task is otherwise made to wait after reading much at once.
    while let Some(Some(frame)) = unconstrained(body.frame()).now_or_never() {
        text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
    }
    text
}

/// Name and data of each event in the text; comments are left out.
fn events(text: &str) -> Vec<(String, Value)> {
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    let event = |event: &str| {
        let data = field(event, "data:")?;
        Some((field(event, "event:").unwrap_or_default(), serde_json::from_str(&data).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

#[tokio::test]
async fn a_committed_request_is_sent_as_the_list_shows_it() {
    let world = World::new();
    let response = world.respond(request("GET", "/api/v1/live", &[("accept-encoding", "gzip")])).await;
    assert!(!response.headers().contains_key("content-encoding"), "compressing would hold events back");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    assert_eq!(sent(&mut body), ": open\n\n", "something comes at once");

    world.post([usage_of("mira@example.org", "2026-11-22T11:59:58Z", 70)]).await;
    let seen = events(&sent(&mut body));
    let listed = world.get("/api/v1/requests/recent?limit=1", &[]).await.json();
    assert_eq!(seen, [("request".to_owned(), listed["requests"][0].clone())]);
    let expected = json!({
        "at": "2026-11-22T11:59:58Z", "session_id": "session-1", "actor": "mira@example.org", "project": null,
        "model": "claude-opus-5-5", "query_source": null, "agent": null,
        "tokens": {
            "input": 70, "output": 0, "cache_read": 0,
            "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
        },
        "cost_micros": { "settled": 10_000, "reported": 0, "priced": 0 }, "duration_ms": null
    });
    assert_eq!(seen[0].1, expected);
    assert_eq!(sent(&mut body), "");
}

#[tokio::test]
async fn a_slow_reader_is_told_what_it_missed() {
    let world = World::new();
    let mut body = world.open("/api/v1/live").await.into_body();
    let one = |number| usage_of("mira@example.org", "2026-11-22T11:59:58Z", number);
    world.append((0..300).map(|number| (Sign::Entry, one(number))).collect()).await;
    let seen = events(&sent(&mut body));
    assert_eq!(seen[0], ("lagged".to_owned(), json!({ "skipped": 44 })));
    assert_eq!(seen.len(), 257);
}

#[tokio::test]
async fn a_shutdown_ends_the_stream() {
    let world = World::new();
    let mut body = world.open("/api/v1/live").await.into_body();
    sent(&mut body);
    world.live.close();
    assert!(matches!(body.frame().now_or_never(), Some(None)));
}

#[tokio::test]
async fn activity_is_sent_as_the_list_shows_it() {
    let world = World::new();
    let mut body = world.open("/api/v1/live/activity").await.into_body();
    sent(&mut body);
    let mut failed = usage_of("mira@example.org", "2026-11-22T11:59:59Z", 1);
    failed.kind = Kind::ToolResult;
    failed.subject = "Bash".into();
    failed.outcome = "Error".into();
    failed.measures = Measures { failed: 1, duration_ms: 1_200, ..Measures::default() };
    world.post([usage_of("mira@example.org", "2026-11-22T11:59:58Z", 70), failed]).await;
    let seen = events(&sent(&mut body));
    let listed = world.get("/api/v1/live/recent?limit=2", &[]).await.json();
    let activity = |place: usize| ("activity".to_owned(), listed["activities"][place].clone());
    assert_eq!(seen, [activity(1), activity(0)]);
    let expected = json!({
        "at": "2026-11-22T11:59:59Z", "kind": "tool", "session_id": "session-1", "actor": "mira@example.org",
        "project": null, "title": "Bash", "detail": "Error", "agent": null, "succeeded": false,
        "duration_ms": 1_200, "tokens": null, "cost_micros": null
    });
    assert_eq!(seen[1].1, expected);
    assert_eq!(seen[0].1["title"], "claude-opus-5-5");
}

#[tokio::test]
async fn what_goes_on_now_is_of_the_clocks_now() {
    let world = World::new();
    world
        .post([
            usage_of("mira@example.org", "2026-11-22T11:50:00Z", 70),
            usage_of("mira@example.org", "2026-11-22T11:20:00Z", 70),
        ])
        .await;
    let now = world.get("/api/v1/live/now", &[]).await.json();
    assert_eq!((&now["running"], &now["burn_micros_per_hour"]), (&1.into(), &40_000.into()));
    assert_eq!(now["sessions"][0]["cost_micros"]["settled"], 20_000);
    assert_eq!(now["last_hour"]["requests"], 2);
    world.clock.set("2026-11-22T12:05:01Z");
    assert_eq!(world.get("/api/v1/live/now", &[]).await.json()["running"], 0);
}
