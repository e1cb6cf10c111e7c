//! Cards for other pages.

use model::{Kind, Posting};
use state::{KeyKind, KeyPresence};

use crate::world::*;

fn locked() -> World {
    let world = World::new();
    world.keys.presence.lock().unwrap().insert(KeyKind::Viewer, KeyPresence::Usable);
    world
}

/// It is Sunday, 22 November 2026: 2 cents today, 3 this week, 4 this month.
async fn fill(world: &World) {
    let lines = Posting {
        kind: Kind::Lines,
        measures: model::Measures { lines_added: 1_234, lines_removed: 56, ..model::Measures::default() },
        ..usage_of("ann@example.org", "2026-11-22T09:00:00Z", 9)
    };
    world
        .post([
            usage_of("ann@example.org", "2026-11-22T08:00:00Z", 600_000),
            usage_of("bob@example.org", "2026-11-22T08:00:00Z", 640_000),
            usage_of("ann@example.org", "2026-11-16T08:00:00Z", 1),
            usage_of("ann@example.org", "2026-11-01T08:00:00Z", 2),
            lines,
        ])
        .await;
}

#[tokio::test]
async fn figures_are_those_of_the_span() {
    let world = World::new();
    fill(&world).await;
    for (path, label) in [
        ("cost.svg?span=today", "Claude Code: $0.02 cost today"),
        ("cost.svg?span=week", "Claude Code: $0.03 cost this week"),
        ("cost.svg", "Claude Code: $0.04 cost this month"),
        ("tokens.svg", "Claude Code: 1.2M tokens this month"),
        ("lines.svg", "Claude Code: +1.2k lines this month"),
        ("cost.svg?person=bob%40example.org", "Claude Code, bob@example.org: $0.01 cost this month"),
        ("cost.svg?title=Ours", "Ours: $0.04 cost this month"),
        ("summary.svg", "Claude Code, this month: $0.04 cost, 1.2M tokens, 0 sessions, 1,234 lines added"),
    ] {
        let answer = world.get(&format!("/widget/{path}"), &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "image/svg+xml; charset=utf-8");
        assert!(answer.body.contains(&format!("aria-label=\"{label}\"")), "{path}: {}", answer.body);
    }
    let json = world.get("/widget/summary.json", &[]).await.json();
    assert_eq!(json["today"]["cost_micros"]["settled"], 20_000);
    assert_eq!(json["week"]["cost_micros"]["settled"], 30_000);
    assert_eq!(json["month"]["cost_micros"]["settled"], 40_000);
    assert_eq!(json["month"]["lines"]["added"], 1_234);
}

#[tokio::test]
async fn pages_of_other_sites_may_show_pictures_and_nothing_else() {
    let world = World::new();
    let picture = world.get("/widget/cost.svg", &[]).await;
    assert_eq!(picture.header("cross-origin-resource-policy"), "cross-origin");
    for path in ["/widget/summary.json", "/api/v1/status", "/"] {
        assert_eq!(
            world.get(path, &[]).await.header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_the_address_says_cannot_break_out_of_the_picture() {
    let world = World::new();
    let attack = "%3C%2Ftitle%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%22";
    let answer = world.get(&format!("/widget/cost.svg?title={attack}&person={attack}"), &[]).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("<script"), "{}", answer.body);
    assert_eq!(answer.body.matches("</title>").count(), 1);
    for query in ["accent=red%7D", "theme=sepia", "span=year", "timezone=Mars/Base", "background=url(x)"] {
        let (status, code, _) = world.get(&format!("/widget/cost.svg?{query}"), &[]).await.api_error();
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{query}");
    }
    for path in ["/widget/nothing.svg", "/widget/cost.png", "/widget", "/widget/"] {
        assert_eq!(world.get(path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_token_opens_cards_and_nothing_else() {
    let world = locked();
    fill(&world).await;
    for path in ["/widget/cost.svg", "/widget/summary.json"] {
        assert_eq!(world.get(path, &[]).await.status, 401, "{path}");
        assert_eq!(world.get(path, &[("x-api-key", VIEWER)]).await.status, 200, "{path}");
        assert_eq!(world.get(&format!("{path}?token=viewer"), &[]).await.status, 401, "a key is no token");
    }
    let widgets = world.get("/api/v1/widgets", &[("x-api-key", VIEWER)]).await.json();
    assert_eq!(
        (&widgets["token_needed"], &widgets["address"]),
        (&true.into(), &"http://127.0.0.1:4318".into())
    );
    let token = widgets["token"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/widget/cost.svg?token={token}"), &[]).await.status, 200);
    assert_eq!(world.get(&format!("/widget/summary.json?token={token}"), &[]).await.status, 200);
    let as_a_key: [(&str, &str); 1] = [("x-api-key", &token)];
    assert_eq!(world.get("/api/v1/overview", &as_a_key).await.status, 401);
    assert_eq!(world.get(&format!("/api/v1/overview?token={token}"), &[]).await.status, 401);
    let changed = token.replace('a', "b");
    assert_eq!(world.get(&format!("/widget/cost.svg?token={changed}"), &[]).await.status, 401);
}

#[tokio::test]
async fn a_token_ends_with_its_key() {
    let world = locked();
    let widgets = world.get("/api/v1/widgets", &[("x-api-key", VIEWER)]).await.json();
    let path = format!("/widget/cost.svg?token={}", widgets["token"].as_str().unwrap());
    assert_eq!(world.get(&path, &[]).await.status, 200);
    world.keys.revoke(VIEWER);
    let (status, _, message) = world.get(&path, &[]).await.api_error();
    assert_eq!((status, message.as_str()), (401, "the key has been revoked"));
}

#[tokio::test]
async fn where_everything_is_open_no_token_is_needed() {
    let widgets = World::new().get("/api/v1/widgets", &[]).await.json();
    assert_eq!((&widgets["token_needed"], &widgets["token"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(widgets["cards"], serde_json::json!(["cost", "tokens", "sessions", "lines", "summary"]));
}
