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

/// A configuration with two organizations, one of them the default.
const ORGANIZATIONS: &str = r#"
[analytics]
organization = "acme"
[organizations.acme]
name = "Acme Ltd"
[organizations.labs]
subscription_type = "team"
"#;

#[tokio::test]
async fn a_key_belongs_to_the_organization_it_was_made_for() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("pitwall.toml"), ORGANIZATIONS).unwrap();
    let create = ["key", "create", "--kind", "admin", "--json", "--name"];
    let of_default = place.json(&[&create[..], &["of the default one"]].concat());
    let of_labs = place.json(&[&create[..], &["of labs", "--organization", "labs"]].concat());
    assert_eq!((of_default.get("organization"), &of_labs["organization"]), (None, &"labs".into()));
    let unknown = [&create[..], &["of nobody", "--organization", "lab"]].concat();
    place.run(&unknown).failed(&["[organizations.lab]", "known: acme, labs"]);

    let server = place.serve().start();
    for (key, id, name) in [(&of_default, "acme", "Acme Ltd"), (&of_labs, "labs", "labs")] {
        let secret = key["key"].as_str().unwrap();
        let me = server.get("/v1/organizations/me", &[("x-api-key", secret)]).await;
        assert_eq!(me.headers["anthropic-organization-id"], id);
        assert_eq!(me.json(), serde_json::json!({"id": id, "type": "organization", "name": name}));
    }
    let listed: Vec<_> = listed(&place).iter().map(|key| key["organization"].clone()).collect();
    assert_eq!(listed, [Json::Null, "labs".into()]);
}

#[tokio::test]
async fn a_key_expires_when_it_was_told_to() {
    let place = Place::new();
    let create = ["key", "create", "--kind", "admin", "--json", "--name"];
    let far = place.json(&[&create[..], &["far", "--expires", "2999-12-31"]].concat());
    assert_eq!(far["expires_at"], "3000-01-01T00:00:00Z");
    place.run(&[&create[..], &["past", "--expires", "2020-01-01"]].concat()).failed(&["past"]);
    place.run(&[&create[..], &["odd", "--expires", "soon"]].concat()).failed(&["--expires soon", "90d"]);
    // A second is over by the time the server has started.
    let near = place.json(&[&create[..], &["near", "--expires", "1s"]].concat());
    let server = place.serve().start();
    assert_eq!(admitted(&server, far["key"].as_str().unwrap()).await, 200);
    crate::program::until("the key has expired", async || {
        match admitted(&server, near["key"].as_str().unwrap()).await {
            401 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    let events = place.json(&["key", "audit", "--json"]);
    let expired: Vec<_> =
        events.as_array().unwrap().iter().filter(|event| event["action"] == "expired").collect();
    assert!(matches!(expired[..], [event] if event["id"] == near["id"]), "{events}");
    let printed = place.run(&["key", "list"]).succeeded().out;
    assert!(printed.contains("expired") && printed.contains("3000-01-01T00:00:00Z"), "{printed}");
}

#[tokio::test]
async fn everything_that_happens_to_a_key_is_written_down() {
    let place = Place::new();
    let server = place.serve().start();
    let created = place.json(&["key", "create", "--kind", "admin", "--name", "reports", "--json"]);
    assert_eq!(admitted(&server, created["key"].as_str().unwrap()).await, 200);
    place.run(&["key", "revoke", created["id"].as_str().unwrap()]).succeeded();
    let events = place.json(&["key", "audit", "--json"]);
    let actions: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["revoked", "first_used", "created"]);
    assert!(events.as_array().unwrap().iter().all(|event| event["id"] == created["id"]));
    let printed = place.run(&["key", "audit", "--limit", "1"]).succeeded().out;
    assert!(printed.contains("revoked") && !printed.contains("created"), "{printed}");
}
