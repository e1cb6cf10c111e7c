//! Who may ask what, with which key.

use http::StatusCode;
use server::Access;
use state::{KeyKind, KeyPresence};

use crate::world::*;

const DAY: &str = "?starting_at=2026-11-20";

#[tokio::test]
async fn the_analytics_api_always_asks_for_an_admin_key() {
    let world = World::new();
    let path = format!("{USAGE}{DAY}");
    let unusable = (401, "authentication_error");
    let wrong = (403, "permission_error");
    for (headers, expected) in [
        (vec![], unusable),
        (vec![("x-api-key", "")], unusable),
        (vec![("x-api-key", "sk-ant-admin01-nonsense")], unusable),
        (vec![("x-api-key", REVOKED)], unusable),
        (vec![("x-api-key", EXPIRED)], unusable),
        (vec![("authorization", "Bearer")], unusable),
        (vec![("authorization", "Basic YWRtaW46")], unusable),
        (vec![("authorization", "Bearer unknown")], unusable),
        (vec![("x-api-key", "unknown"), ("authorization", "Bearer admin")], unusable),
        (vec![("x-api-key", VIEWER)], wrong),
        (vec![("x-api-key", INGEST)], wrong),
        (vec![("authorization", "Bearer viewer")], wrong),
    ] {
        let answer = world.get(&path, &headers).await;
        let (status, error_type, _) = answer.analytics_error();
        assert_eq!((status, error_type.as_str()), expected, "{headers:?}");
        // The organization of the credential, as soon as there is one.
        let organization = if status == 403 { HOME } else { "" };
        assert_eq!(answer.header("anthropic-organization-id"), organization, "{headers:?}");
    }
    for headers in [
        vec![("x-api-key", ADMIN)],
        vec![("authorization", "Bearer admin")],
        vec![("authorization", "bearer admin")],
        vec![("x-api-key", ADMIN), ("authorization", "Bearer unknown")],
    ] {
        assert_eq!(world.get(&path, &headers).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn refusals_say_why() {
    let world = World::new();
    for (key, message) in [
        (REVOKED, "the key has been revoked"),
        (EXPIRED, "the key has expired"),
        ("unknown", "the key is not known here"),
        (VIEWER, "this needs an admin key, the key sent is of kind viewer"),
    ] {
        let answer = world.get(&format!("{USAGE}{DAY}"), &[("x-api-key", key)]).await;
        assert_eq!(answer.analytics_error().2, message);
        assert!(!answer.body.contains(&format!("\"{key}\"")), "the key itself is not repeated");
    }
    let nothing = world.get(&format!("{USAGE}{DAY}"), &[]).await.analytics_error().2;
    assert_eq!(nothing, "a key is needed: send it as x-api-key or as authorization: bearer");
}

#[tokio::test]
async fn use_of_a_key_is_noted() {
    let world = World::new();
    world.usage(&DAY[1..]).await;
    world.get(USAGE, &[("x-api-key", REVOKED)]).await;
    let touched: Vec<_> = world.keys.touched.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(touched, [ADMIN]);
}

/// Status of the dashboard's API with no key, then with one of each kind.
async fn dashboard_with(world: &World) -> [u16; 6] {
    let mut answers = [0; 6];
    let keys = [None, Some(VIEWER), Some(ADMIN), Some(INGEST), Some(REVOKED), Some("unknown")];
    for (answer, key) in answers.iter_mut().zip(keys) {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        *answer = world.get("/api/v1/overview", &headers).await.status.as_u16();
    }
    answers
}

#[tokio::test]
async fn the_dashboard_is_open_on_loopback_until_the_first_viewer_key() {
    let world = World::new();
    assert_eq!(dashboard_with(&world).await, [200; 6]);

    world.keys.presence.lock().unwrap().insert(KeyKind::Admin, KeyPresence::Usable);
    world.keys.presence.lock().unwrap().insert(KeyKind::Ingest, KeyPresence::Usable);
    assert_eq!(dashboard_with(&world).await, [200; 6], "other kinds of keys close nothing here");

    for presence in [KeyPresence::Usable, KeyPresence::Lapsed] {
        world.keys.presence.lock().unwrap().insert(KeyKind::Viewer, presence);
        assert_eq!(dashboard_with(&world).await, [401, 200, 200, 403, 401, 401], "{presence:?}");
    }
    let refused = world.get("/api/v1/live", &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"pitwall\"");
    let (_, code, message) = refused.api_error();
    assert_eq!(code, "unauthorized");
    assert_eq!(message, "a key is needed: send it as x-api-key or as authorization: bearer");
}

#[tokio::test]
async fn elsewhere_everything_asks_for_a_key_but_the_page_itself() {
    let world = World::with_settings(|settings| settings.access = Access::KeysRequired);
    assert_eq!(dashboard_with(&world).await, [401, 200, 200, 403, 401, 401]);
    for path in ["/api/v1/requests/recent", "/api/v1/live", "/api/v1/status", "/api/v1/connect", "/metrics"] {
        assert_eq!(world.get(path, &[]).await.status, 401, "{path}");
    }
    assert_eq!(world.send(request("POST", "/api/v1/demo", &[])).await.status, 401);
    for path in ["/", "/overview", "/icon.svg", "/api/openapi.json", "/healthz", "/readyz"] {
        assert_eq!(world.get(path, &[]).await.status, 200, "{path}");
    }
}
