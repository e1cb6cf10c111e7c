//! `pitwall key`: beside a running server and without one.

use serde_json::Value as Json;

use crate::program::{Place, Server};

const USAGE: &str = "/v1/organizations/usage_report/claude_code?starting_at=2026-11-22";

async fn admitted(server: &Server, key: &str) -> u16 {
    server.get(USAGE, &[("x-api-key", key)]).await.status
}

fn listed(place: &Place) -> Vec<Json> {
    place.json(&["key", "list", "--json"]).as_array().unwrap().clone()
}

#[test]
fn a_key_is_shown_once() {
    let place = Place::new();
    assert!(place.run(&["key", "list"]).succeeded().out.contains("No keys yet"));
    let created = place.json(&["key", "create", "--kind", "admin", "--name", "reports", "--json"]);
    let secret = created["key"].as_str().unwrap();
    // Clients of Anthropic's API look at how a key begins.
    assert!(secret.starts_with("sk-ant-admin01-"), "{secret}");
    assert_eq!((&created["kind"], &created["name"]), (&"admin".into(), &"reports".into()));

    let printed = place.run(&["key", "list"]).succeeded().out;
    assert!(printed.contains("reports") && printed.contains("usable"), "{printed}");
    assert!(!printed.contains(secret), "the list shows the secret");
    let [key] = &listed(&place)[..] else { panic!("not one key") };
    assert_eq!(key["id"], created["id"]);
    assert!(!key.to_string().contains(secret), "the list shows the secret");
    for file in std::fs::read_dir(place.data()).unwrap() {
        let file = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!file.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret is in a file");
    }
}

#[tokio::test]
async fn keys_made_and_revoked_beside_a_server_count_at_once() {
    let place = Place::new();
    let server = place.serve().start();
    assert_eq!(server.get(USAGE, &[]).await.status, 401);
    let created = place.json(&["key", "create", "--kind", "admin", "--name", "reports", "--json"]);
    let (id, secret) = (created["id"].as_str().unwrap(), created["key"].as_str().unwrap());
    assert_eq!(admitted(&server, secret).await, 200);
    assert_eq!(admitted(&server, "sk-ant-admin01-guessed").await, 401);
    assert!(place.run(&["key", "revoke", id]).succeeded().out.contains("reports"));
    assert_eq!(admitted(&server, secret).await, 401);
    assert!(listed(&place)[0]["revoked_at"].is_string());
}

#[tokio::test]
async fn keys_made_without_a_server_count_when_it_starts() {
    let place = Place::new();
    let (admin, viewer) = (place.key("admin"), place.key("viewer"));
    let server = place.serve().start();
    assert_eq!(admitted(&server, &admin).await, 200);
    assert_eq!(admitted(&server, &viewer).await, 403);
}

#[tokio::test]
async fn telemetry_is_open_until_the_first_ingest_key() {
    let place = Place::new();
    let server = place.serve().start();
    let json = ("content-type", "application/json");
    assert_eq!(server.post("/v1/metrics", &[json], "{}").await.status, 200);
    let key = place.key("ingest");
    let refused = server.post("/v1/metrics", &[json], "{}").await;
    assert_eq!((refused.status, &refused.headers["www-authenticate"]), (401, &"Bearer".parse().unwrap()));
    assert!(refused.json()["message"].as_str().unwrap().contains("pitwall key create"), "{refused:?}");
    let bearer = format!("Bearer {key}");
    for credential in [("authorization", bearer.as_str()), ("x-api-key", &key)] {
        assert_eq!(server.post("/v1/metrics", &[json, credential], "{}").await.status, 200);
    }
}
