//! The Claude Code Analytics API: every parameter, header and error.

use std::time::Duration;

use model::Kind;
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn a_day_has_the_documented_envelope_and_rows() {
    let world = World::new();
    let mut start = usage_of("mira@example.org", "2026-11-20T08:00:00Z", 0);
    start.kind = Kind::SessionStart;
    start.measures = Default::default();
    world.post([start, usage_of("mira@example.org", "2026-11-20T08:00:01Z", 120)]).await;
    let answer = world.usage("starting_at=2026-11-20").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("anthropic-organization-id"), HOME);
    let nothing = json!({ "accepted": 0, "rejected": 0 });
    let expected = json!({
        "data": [{
            "date": "2026-11-20T00:00:00Z",
            "actor": { "type": "user_actor", "email_address": "mira@example.org" },
            "organization_id": HOME,
            "customer_type": "api",
            "subscription_type": null,
            "terminal_type": "vscode",
            "is_remote": false,
            "core_metrics": {
                "num_sessions": 1, "lines_of_code": { "added": 0, "removed": 0 },
                "commits_by_claude_code": 0, "pull_requests_by_claude_code": 0
            },
            "tool_actions": {
                "edit_tool": nothing, "multi_edit_tool": nothing,
                "notebook_edit_tool": nothing, "write_tool": nothing
            },
            "model_breakdown": [{
                "model": "claude-opus-5-5",
                "tokens": { "input": 120, "output": 0, "cache_read": 0, "cache_creation": 0 },
                "estimated_cost": { "currency": "USD", "amount": 1 }
            }]
        }],
        "has_more": false,
        "next_page": null
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn parameters_that_cannot_be_used_are_named() {
    let world = World::new();
    let form = "must be a date in the form YYYY-MM-DD, such as 2026-11-20";
    let range = "must be a whole number from 1 to 1000";
    let cursor = "is not a cursor of this server: start again without it";
    for (query, parameter, problem) in [
        ("", "starting_at", "is required: a UTC date in the form YYYY-MM-DD, such as 2026-11-20"),
        ("limit=5", "starting_at", "is required: a UTC date in the form YYYY-MM-DD, such as 2026-11-20"),
        ("starting_at=", "starting_at", form),
        ("starting_at=2026-11-2", "starting_at", form),
        ("starting_at=2026-11-31", "starting_at", form),
        ("starting_at=20261120", "starting_at", form),
        ("starting_at=2026-11-20T00:00:00Z", "starting_at", form),
        ("starting_at=%2B02026-11-20", "starting_at", form),
        ("starting_at=today", "starting_at", form),
        ("starting_at=2026-11-20&starting_at=2026-11-21", "starting_at", "is given more than once"),
        ("starting_at=2026-11-20&limit=0", "limit", range),
        ("starting_at=2026-11-20&limit=1001", "limit", range),
        ("starting_at=2026-11-20&limit=-1", "limit", range),
        ("starting_at=2026-11-20&limit=", "limit", range),
        ("starting_at=2026-11-20&limit=ten", "limit", range),
        ("starting_at=2026-11-20&limit=1.5", "limit", range),
        ("starting_at=2026-11-20&limit=%2B5", "limit", range),
        ("starting_at=2026-11-20&limit=99999999999999999999", "limit", range),
        ("starting_at=2026-11-20&limit=5&limit=5", "limit", "is given more than once"),
        ("starting_at=2026-11-20&page=", "page", cursor),
        ("starting_at=2026-11-20&page=2", "page", cursor),
        ("starting_at=2026-11-20&page=page_MjAyNS0wNS0xNFQwMDowMDowMFo%3D", "page", cursor),
    ] {
        let error = world.usage(query).await.analytics_error();
        let message = format!("{parameter}: {problem}");
        assert_eq!(error, (400, "invalid_request_error".into(), message), "?{query}");
    }
}

#[tokio::test]
async fn parameters_that_can_be_used_are() {
    let world = World::new();
    for query in [
        "starting_at=2026-11-20",
        "starting_at=2026-11-20&limit=1",
        "starting_at=2026-11-20&limit=1000",
        "starting_at=2026-11-20&limit=0020",
        "starting_at=2024-02-29",
        "starting_at=2019-12-31",
        "starting_at=1969-07-20",
        "starting_at=0000-01-01",
        "starting_at=9999-12-31",
        // Unknown parameters are ignored.
        "starting_at=2026-11-20&ending_at=2026-11-21&group_by[]=model&x=%FF",
    ] {
        let answer = world.usage(query).await;
        assert_eq!(answer.status, 200, "?{query}: {}", answer.body);
        assert_eq!(answer.json(), json!({ "data": [], "has_more": false, "next_page": null }), "?{query}");
    }
}

#[tokio::test]
async fn twenty_rows_unless_told_otherwise() {
    let world = World::new();
    let people = |number| usage_of(&format!("person-{number:04}@example.org"), "2026-11-20T08:00:00Z", 1);
    world.post((0..1_200).map(people)).await;
    for (query, rows) in [("", 20), ("&limit=7", 7), ("&limit=1000", 1_000)] {
        let answer = world.usage(&format!("starting_at=2026-11-20{query}")).await.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), rows, "{query}");
        assert_eq!(answer["has_more"], true);
        assert!(answer["next_page"].as_str().unwrap().starts_with("page_"));
    }
}

#[tokio::test]
async fn versions_of_the_api() {
    let world = World::new();
    let path = format!("{USAGE}?starting_at=2026-11-20");
    for version in [None, Some("2023-06-01"), Some("2026-10-21")] {
        let headers = version.map(|version| ("anthropic-version", version));
        let headers: Vec<_> = [("x-api-key", ADMIN)].into_iter().chain(headers).collect();
        assert_eq!(world.get(&path, &headers).await.status, 200, "{version:?}");
    }
    for version in ["2023-01-01", "2027-01-01", "", "latest"] {
        let answer = world.get(&path, &[("x-api-key", ADMIN), ("anthropic-version", version)]).await;
        let message = "anthropic-version: must be 2023-06-01 or 2026-10-21, or be left out";
        assert_eq!(answer.analytics_error(), (400, "invalid_request_error".into(), message.into()));
        assert_eq!(answer.header("anthropic-organization-id"), HOME);
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let world = World::new();
    let missing = "there is nothing at this path";
    for path in [
        "/v1",
        "/v1/",
        "/v1/organizations",
        "/v1/organizations/",
        "/v1/organizations/usage_report/claude_codes",
        "/v1/organizations/usage_report/claude_code/",
        "/v1/organizations/usage_report/messages",
        "/v1/models",
    ] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.analytics_error(), (404, "not_found_error".into(), missing.into()), "{path}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = world.send(request(method, USAGE, &[("x-api-key", ADMIN)])).await;
        let (status, error_type, _) = answer.analytics_error();
        assert_eq!((status, error_type.as_str()), (405, "invalid_request_error"), "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
    let head = world
        .send(request("HEAD", &format!("{USAGE}?starting_at=2026-11-20"), &[("x-api-key", ADMIN)]))
        .await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn every_answer_has_its_own_request_id() {
    let world = World::new();
    let mut ids = std::collections::BTreeSet::new();
    for path in
        ["/", "/healthz", "/api/v1/status", "/api/nowhere", USAGE, "/v1/nowhere", "/assets/nothing.js"]
    {
        let answer = world.get(path, &[]).await;
        let id = answer.header("request-id");
        assert!(id.starts_with("req_") && id.len() == 28, "{path}: {id}");
        assert!(ids.insert(id.to_owned()), "{path}: {id}");
    }
}

/// Sum of input tokens over the day's rows.
async fn input(world: &World) -> i64 {
    let answer = world.usage("starting_at=2026-11-22").await.json();
    let rows = answer["data"].as_array().unwrap().clone();
    rows.iter().map(|row| row["model_breakdown"][0]["tokens"]["input"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn only_what_is_older_than_the_freshness_is_told() {
    let hour = Duration::from_secs(60 * 60);
    let world = World::with_settings(|settings| settings.analytics.freshness = hour);
    world
        .post([
            usage_of("a@example.org", "2026-11-22T10:59:59.999999Z", 1),
            usage_of("a@example.org", "2026-11-22T11:00:00Z", 10),
            // A clock that runs ahead.
            usage_of("a@example.org", "2026-11-22T12:00:05Z", 100),
        ])
        .await;
    assert_eq!(input(&world).await, 1);
    world.clock.set("2026-11-22T12:00:00.000001Z");
    assert_eq!(input(&world).await, 11);
    world.clock.set("2026-11-22T13:00:05.000001Z");
    assert_eq!(input(&world).await, 111);
}

#[tokio::test]
async fn without_freshness_everything_is_told_at_once() {
    let world = World::new();
    world.post([usage_of("a@example.org", "2026-11-22T12:00:05Z", 100)]).await;
    assert_eq!(input(&world).await, 100);
}
