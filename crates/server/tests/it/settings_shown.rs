//! How the server is set up, and what it holds.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn keys_are_shown_without_secrets_and_with_their_state() {
    let shown = World::new().get("/api/v1/settings", &[]).await.json();
    let states: Vec<_> = shown["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            (key["name"].as_str().unwrap(), key["kind"].as_str().unwrap(), key["state"].as_str().unwrap())
        })
        .collect();
    for expected in [
        (ADMIN, "admin", "usable"),
        (VIEWER, "viewer", "usable"),
        (REVOKED, "admin", "revoked"),
        (EXPIRED, "admin", "expired"),
    ] {
        assert!(states.contains(&expected), "{states:?}");
    }
}

#[tokio::test]
async fn models_are_shown_with_what_a_million_tokens_cost() {
    let world = World::new();
    let mut unknown = usage_of("mira@example.org", "2026-11-20T09:00:00Z", 70);
    unknown.model = "claude-new-9".into();
    unknown.team = "platform".into();
    unknown.measures.unpriced_tokens = 70;
    world.post([usage_of("bob@example.org", "2026-11-19T08:00:00Z", 5), unknown]).await;
    let shown = world.get("/api/v1/settings", &[]).await.json();
    let opus = json!({
        "input": 4_000_000, "output": 20_000_000, "cache_read": 200_000,
        "cache_write_5m": 5_000_000, "cache_write_1h": 8_000_000
    });
    assert_eq!(
        shown["prices"],
        json!([
            { "model": "claude-new-9", "requests": 1, "unpriced_tokens": 70, "price": null },
            { "model": "claude-opus-5-5", "requests": 1, "unpriced_tokens": 0, "price": opus }
        ])
    );
    let contents = &shown["contents"];
    assert_eq!((&contents["sessions"], &contents["people"]), (&1.into(), &2.into()));
    assert_eq!(contents["first_at"], "2026-11-19T08:00:00Z");
    assert_eq!(
        contents["teams"],
        json!([{ "team": "platform", "people": 1, "last_at": "2026-11-20T09:00:00Z" }])
    );
}

#[tokio::test]
async fn an_empty_ledger_begins_nowhere() {
    let contents = World::new().get("/api/v1/settings", &[]).await.json()["contents"].clone();
    assert_eq!((&contents["first_at"], &contents["sessions"]), (&serde_json::Value::Null, &0.into()));
}

#[tokio::test]
async fn settings_to_copy_say_team_and_person() {
    let world = World::new();
    let connect = world.get("/api/v1/connect?team=R%26D&person=mira@example.org", &[]).await.json();
    let settings: serde_json::Value =
        serde_json::from_str(connect["settings"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(settings["env"]["OTEL_RESOURCE_ATTRIBUTES"], "team.id=R%26D,person=mira@example.org");
    let kinds: Vec<_> = connect["settings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|setting| setting["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["user_settings", "shell", "powershell", "managed_settings"]);
    let plain = world.get("/api/v1/connect?team=", &[]).await.body;
    assert!(!plain.contains("OTEL_RESOURCE_ATTRIBUTES"));
    let long = "x".repeat(101);
    assert_eq!(world.get(&format!("/api/v1/connect?team={long}"), &[]).await.api_error().0, 400);
}

#[tokio::test]
async fn whoever_has_just_connected_can_ask_whether_anything_arrived() {
    let world = World::new();
    let arrivals = world.get("/api/v1/connect/arrivals?since=2026-11-22T11:59:00Z", &[]).await.json();
    assert_eq!(arrivals, json!({ "sessions": 0, "newest": [] }));
    let (status, _, message) = world.get("/api/v1/connect/arrivals?since=yesterday", &[]).await.api_error();
    assert_eq!(status, 400);
    assert!(message.starts_with("since: must be a time"), "{message}");
}
