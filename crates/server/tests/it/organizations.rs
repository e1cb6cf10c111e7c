//! Several organizations in one Pitwall: each sees its own.

use model::{Kind, Posting};
use serde_json::Value;
use state::{KeyKind, KeyPresence};

use crate::world::*;

/// One request for each organization, with as many input tokens as stand beside it, and one of an
/// organization that nobody has configured.
const SENT: [(&str, &str, i64); 4] = [
    ("", "home@example.org", 1),
    ("org-a", "ann@a.example", 10),
    ("org-b", "bob@b.example", 100),
    ("gone", "old@example.org", 1_000),
];

async fn world() -> World {
    let world = World::new();
    world
        .post(SENT.iter().flat_map(|(tenant, email, input)| {
            let session = model::SessionId::new("s").within(&(*tenant).into());
            let request = usage_of(email, "2026-11-22T08:00:00Z", *input);
            // What a sign-in says of its organization decides nothing.
            let request =
                Posting { tenant: (*tenant).into(), organization: "org-b".into(), session, ..request };
            let mut start = Posting { kind: Kind::SessionStart, ..request.clone() };
            start.measures = Default::default();
            [request, start]
        }))
        .await;
    world
}

const DAY: &str = "?starting_at=2026-11-22";

#[tokio::test]
async fn an_admin_key_sees_its_own_organization_only() {
    let world = world().await;
    for (key, organization, input) in
        [(ADMIN, HOME, 1), (ADMIN_OF_A, "org-a", 10), (ADMIN_OF_B, "org-b", 100)]
    {
        let answer = world.get(&format!("{USAGE}{DAY}"), &[("x-api-key", key)]).await;
        assert_eq!(answer.header("anthropic-organization-id"), organization);
        let rows = answer.json()["data"].as_array().unwrap().clone();
        let [row] = rows.as_slice() else { panic!("{key}: {rows:?}") };
        assert_eq!(row["organization_id"], organization);
        assert_eq!(row["model_breakdown"][0]["tokens"]["input"], input);
        let users = world.get("/v1/organizations/users", &[("x-api-key", key)]).await.json();
        assert_eq!(users["data"].as_array().unwrap().len(), 1, "{key}");
    }
}

/// Input tokens that each part of the dashboard's API and `/api/analytics` shows.
async fn shown(world: &World, query: &str, key: Option<&str>) -> Vec<i64> {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let ask = async |path: &str| {
        let path = format!("{path}{}{query}", if path.contains('?') { "&" } else { "?" });
        let answer = world.get(&path, &headers).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    };
    let sum = |rows: &Value| {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["tokens"]["input"].as_i64().unwrap()).sum::<i64>()
    };
    let total = |answer: Value| answer["totals"]["tokens"]["input"].as_i64().unwrap();
    vec![
        total(ask("/api/v1/overview").await),
        total(ask("/api/v1/reports/daily").await),
        total(ask("/api/v1/reports/monthly").await),
        sum(&ask("/api/v1/reports/session").await["sessions"]),
        sum(&ask("/api/v1/requests/recent").await["requests"]),
        sum(&ask("/api/analytics?date=2026-11-22").await["data"]),
        total(ask("/api/analytics?date=2026-11-22&aggregate=true").await),
    ]
}

#[tokio::test]
async fn an_open_dashboard_shows_the_default_organization_unless_told() {
    let world = world().await;
    assert_eq!(shown(&world, "", None).await, [1; 7]);
    assert_eq!(shown(&world, "organization=org-a", None).await, [10; 7]);
    assert_eq!(shown(&world, &format!("organization={HOME}"), None).await, [1; 7]);
    let unknown = world.get("/api/v1/overview?organization=gone", &[]).await;
    let message = "organization: is not one that is configured here";
    assert_eq!(unknown.api_error(), (400, "invalid_request".into(), message.into()));
}

#[tokio::test]
async fn a_key_shows_its_own_organization_whatever_is_asked() {
    let world = world().await;
    // Also while the listener is still open to everybody.
    for presence in [KeyPresence::Never, KeyPresence::Usable] {
        world.keys.presence.lock().unwrap().insert(KeyKind::Viewer, presence);
        assert_eq!(shown(&world, "", Some(VIEWER)).await, [1; 7]);
        assert_eq!(shown(&world, "", Some(VIEWER_OF_A)).await, [10; 7]);
        assert_eq!(shown(&world, "organization=org-a", Some(ADMIN_OF_A)).await, [10; 7]);
        for path in ["/api/v1/overview", "/api/v1/live", "/api/analytics"] {
            let path = format!("{path}?organization=org-b&date=2026-11-22");
            let refused = world.get(&path, &[("x-api-key", VIEWER_OF_A)]).await;
            let message = "the key belongs to another organization";
            assert_eq!(refused.api_error(), (403, "forbidden".into(), message.into()), "{path}");
        }
    }
}

#[tokio::test]
async fn commands_on_the_machine_see_everything_unless_they_ask_for_one() {
    let world = world().await;
    assert_eq!(shown(&world, "", Some("local-token")).await, [1_111; 7]);
    assert_eq!(shown(&world, "organization=org-b", Some("local-token")).await, [100; 7]);
}
