//! Pages of other sites reach nothing.

use axum::Router;
use axum::routing::post;
use server::Access;

use crate::world::*;

#[tokio::test]
async fn a_loopback_listener_answers_under_its_own_names_only() {
    let world = World::with_settings(|settings| {
        settings.allowed_hosts = vec!["pitwall.internal".into()];
        settings.public_url = Some("https://pitwall.example.org".into());
    });
    for host in [
        "127.0.0.1:4318",
        "127.0.0.1",
        "127.8.8.8:80",
        "localhost:4318",
        "LOCALHOST:4318",
        "pitwall.localhost:4318",
        "[::1]:4318",
        "host.docker.internal:4318",
        "pitwall.internal",
        "pitwall.internal:8443",
        "pitwall.example.org",
    ] {
        assert_eq!(world.get("/api/v1/status", &[("host", host)]).await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:4318",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evillocalhost",
        "other.internal",
        "10.0.0.1:4318",
        "0.0.0.0:4318",
        "[::2]:4318",
        "user@evil.example",
        "",
        "a b",
    ] {
        for path in ["/", "/api/v1/status", "/healthz", "/assets/index-4fd2.js"] {
            assert_eq!(world.get(path, &[("host", host)]).await.status, 403, "{host} {path}");
        }
        let (_, error_type, message) = world.get(USAGE, &[("host", host)]).await.analytics_error();
        assert_eq!(error_type, "permission_error");
        assert!(message.contains("http://127.0.0.1:4318"), "{message}");
        assert_eq!(world.get("/api/v1/status", &[("host", host)]).await.api_error().1, "forbidden");
    }
}

#[tokio::test]
async fn where_keys_are_required_any_name_will_do() {
    let world = World::with_settings(|settings| settings.access = Access::KeysRequired);
    let answer = world.get("/api/v1/status", &[("host", "any.example"), ("x-api-key", VIEWER)]).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn only_the_servers_own_pages_change_something() {
    let world = World::new();
    let own = ("host", "127.0.0.1:4318");
    for (headers, status) in [
        (vec![own], 202),
        (vec![own, ("origin", "http://127.0.0.1:4318")], 202),
        (vec![own, ("origin", "http://127.0.0.1:4318"), ("sec-fetch-site", "same-origin")], 202),
        (vec![own, ("sec-fetch-site", "none")], 202),
        (vec![own, ("origin", "http://evil.example")], 403),
        (vec![own, ("origin", "http://127.0.0.1:9999")], 403),
        (vec![own, ("origin", "null")], 403),
        (vec![own, ("sec-fetch-site", "cross-site")], 403),
        (vec![own, ("sec-fetch-site", "same-site")], 403),
        (vec![("origin", "http://127.0.0.1:4318")], 403),
    ] {
        let answer = world.send(request("POST", "/api/v1/demo", &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
    let reading = [own, ("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    let answer = world.get("/api/v1/status", &reading).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "", "no other site may read it");
}

#[tokio::test]
async fn every_answer_forbids_what_no_page_needs() {
    let world = World::new();
    for path in ["/", "/assets/index-4fd2.js", "/api/v1/status", "/api/nowhere", USAGE, "/healthz"] {
        let answer = world.get(path, &[]).await;
        let policy = answer.header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "connect-src 'self'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' 'unsafe-inline'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
    }
    let refused = world.get("/", &[("host", "evil.example")]).await;
    assert_eq!(refused.header("x-frame-options"), "DENY");
    assert!(refused.header("request-id").starts_with("req_"));
}

#[tokio::test]
async fn further_routes_are_guarded_as_well() {
    let mut world = World::new();
    world.add(Router::new().route("/v1/metrics", post(async || "taken")));
    let answer = world.send(request("POST", "/v1/metrics", &[("host", "127.0.0.1:4318")])).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "taken"));
    assert!(answer.header("request-id").starts_with("req_"));
    let rebound = world.send(request("POST", "/v1/metrics", &[("host", "evil.example")])).await;
    assert_eq!(rebound.status, 403);
    let foreign = [("host", "127.0.0.1:4318"), ("origin", "http://evil.example")];
    assert_eq!(world.send(request("POST", "/v1/metrics", &foreign)).await.status, 403);
    assert_eq!(world.get("/v1/nowhere", &[]).await.analytics_error().0, 404);
    assert_eq!(world.get("/overview", &[]).await.status, 200);
}
