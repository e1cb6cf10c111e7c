//! What clients of the Analytics API ask beside it.

use model::{Kind, Posting};
use serde_json::{Value, json};

use crate::world::*;

const V2026: (&str, &str) = ("anthropic-version", "2026-10-21");

#[tokio::test]
async fn the_organization_of_a_key() {
    let world = World::new();
    for (key, id, name) in
        [(ADMIN, HOME, "Example Ltd"), (ADMIN_OF_A, "org-a", "A & Co"), (ADMIN_OF_B, "org-b", "org-b")]
    {
        let answer = world.get("/v1/organizations/me", &[("x-api-key", key)]).await;
        assert_eq!(answer.json(), json!({ "id": id, "type": "organization", "name": name }));
    }
}

fn start(email: &str, at_text: &str) -> Posting {
    let mut start = usage_of(email, at_text, 0);
    start.kind = Kind::SessionStart;
    start.measures = Default::default();
    start
}

/// Five people, by their first session: e, d, c, b, a; and somebody without an address.
async fn five_people() -> World {
    let world = World::new();
    let mut nobody = start("pipeline", "2026-11-20T00:00:00Z");
    nobody.actor = model::Actor::Api { name: "pipeline".into() };
    let people = ["e", "d", "c", "b", "a"].into_iter().enumerate().flat_map(|(hour, name)| {
        let email = format!("{name}@example.org");
        [start(&email, &format!("2026-11-20T0{hour}:00:00Z")), start(&email, "2026-11-21T00:00:00Z")]
    });
    world.post(people.chain([nobody])).await;
    world
}

async fn users(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("/v1/organizations/users?{query}"), &[("x-api-key", ADMIN)]).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

/// The users' names without their domain, and whether there are more.
fn names(page: &Value) -> (String, bool) {
    let names = page["data"].as_array().unwrap().iter().map(|user| &user["email"].as_str().unwrap()[..1]);
    (names.collect(), page["has_more"].as_bool().unwrap())
}

#[tokio::test]
async fn users_are_those_who_signed_in() {
    let world = five_people().await;
    let all = users(&world, "").await;
    assert_eq!(names(&all), ("edcba".into(), false));
    let first = &all["data"][0];
    let id = first["id"].as_str().unwrap();
    assert!(id.starts_with("user_") && id.len() == 29, "{id}");
    let expected = json!({
        "id": id, "type": "user", "email": "e@example.org", "name": "e@example.org",
        "role": "claude_code_user", "added_at": "2026-11-20T00:00:00Z"
    });
    assert_eq!(*first, expected);
    assert_eq!((&all["first_id"], &all["last_id"]), (&first["id"], &all["data"][4]["id"]));

    let one = world.get(&format!("/v1/organizations/users/{id}"), &[("x-api-key", ADMIN)]).await;
    assert_eq!(one.json(), expected);
    for id in ["user_nobody", "e@example.org", "%FF", "user_"] {
        let answer = world.get(&format!("/v1/organizations/users/{id}"), &[("x-api-key", ADMIN)]).await;
        let message = "there is no user with this id";
        assert_eq!(answer.analytics_error(), (404, "not_found_error".into(), message.into()), "{id}");
    }
    // Another organization's key does not find them.
    let others = world.get(&format!("/v1/organizations/users/{id}"), &[("x-api-key", ADMIN_OF_A)]).await;
    assert_eq!(others.status, 404);
}

#[tokio::test]
async fn lists_are_paged_by_ids() {
    let world = five_people().await;
    let all = users(&world, "").await;
    let id = |place: usize| all["data"][place]["id"].as_str().unwrap().to_owned();
    for (query, expected, has_more) in [
        ("limit=2".to_owned(), "ed", true),
        (format!("limit=2&after_id={}", id(1)), "cb", true),
        (format!("limit=2&after_id={}", id(3)), "a", false),
        (format!("limit=2&after_id={}", id(4)), "", false),
        (format!("limit=2&before_id={}", id(4)), "cb", true),
        (format!("limit=2&before_id={}", id(2)), "ed", false),
        (format!("limit=2&before_id={}", id(0)), "", false),
        (format!("limit=1000&after_id={}", id(0)), "dcba", false),
        ("email=C@example.org".to_owned(), "c", false),
        ("email=nobody@example.org".to_owned(), "", false),
        ("roles[]=claude_code_user&roles[]=admin".to_owned(), "edcba", false),
        ("roles[]=admin".to_owned(), "", false),
        ("roles=billing".to_owned(), "", false),
    ] {
        let page = users(&world, &query).await;
        assert_eq!(names(&page), (expected.to_owned(), has_more), "{query}");
        let data = page["data"].as_array().unwrap();
        let ids = [data.first(), data.last()].map(|user| user.map_or(Value::Null, |user| user["id"].clone()));
        assert_eq!([page["first_id"].clone(), page["last_id"].clone()], ids, "{query}");
    }
    for (query, message) in [
        ("limit=0", "limit: must be a whole number from 1 to 1000"),
        ("limit=1001", "limit: must be a whole number from 1 to 1000"),
        ("after_id=user_x", "after_id: names nothing in this list"),
        ("before_id=", "before_id: names nothing in this list"),
        ("after_id=a&before_id=b", "before_id: cannot be given together with after_id"),
        ("roles[]=boss", "roles[]: knows no role \"boss\""),
    ] {
        let answer = world.get(&format!("/v1/organizations/users?{query}"), &[("x-api-key", ADMIN)]).await;
        assert_eq!(
            answer.analytics_error(),
            (400, "invalid_request_error".into(), message.into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_keys_of_an_organization() {
    let world = World::new();
    let ask = async |query: &str, headers: &[(&str, &str)]| {
        let headers = [&[("x-api-key", ADMIN)], headers].concat();
        world.get(&format!("/v1/organizations/api_keys?{query}"), &headers).await.json()
    };
    let all = ask("", &[]).await;
    let names = |page: &Value| {
        let keys = page["data"].as_array().unwrap().iter();
        let name =
            |key: &Value| format!("{} {}", key["name"].as_str().unwrap(), key["status"].as_str().unwrap());
        keys.map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&all),
        ["admin active", "expired expired", "ingest active", "revoked archived", "viewer active"]
    );
    let expected = json!({
        "id": "apikey_expired", "type": "api_key", "name": "expired", "status": "expired",
        "created_at": "1970-01-01T00:00:00Z", "created_by": null, "expires_at": "2026-11-01T00:00:00Z",
        "partial_key_hint": "expired...", "principal": null, "workspace_id": null
    });
    assert_eq!(all["data"][1], expected);
    let newer = ask("", &[V2026]).await["data"][1].clone();
    assert_eq!(newer["scope"], json!({ "type": "organization" }));
    assert!(newer.get("workspace_id").is_none());

    assert_eq!(names(&ask("status=archived", &[]).await), ["revoked archived"]);
    assert_eq!(names(&ask("status=inactive", &[]).await), [""; 0]);
    assert_eq!(names(&ask("workspace_id=wrkspc_1", &[]).await), [""; 0]);
    assert_eq!(names(&ask("created_by_user_id=user_1", &[]).await), [""; 0]);
    let page = ask("limit=2&after_id=apikey_admin", &[]).await;
    assert_eq!(
        (names(&page), &page["has_more"]),
        (vec!["expired expired".to_owned(), "ingest active".to_owned()], &json!(true))
    );
    let of_a = world.get("/v1/organizations/api_keys", &[("x-api-key", ADMIN_OF_A)]).await.json();
    assert_eq!(names(&of_a), ["admin of a active", "viewer of a active"]);
    let bad = world.get("/v1/organizations/api_keys?status=lost", &[("x-api-key", ADMIN)]).await;
    let message = "status: must be one of active, inactive, archived, expired";
    assert_eq!(bad.analytics_error(), (400, "invalid_request_error".into(), message.into()));
}

#[tokio::test]
async fn others_are_not_there() {
    let world = World::new();
    for path in [
        "workspaces",
        "invites",
        "cost_report",
        "usage_report/messages",
        "rate_limits",
        "analytics/users",
        "api_keys/apikey_1",
    ] {
        let answer = world.get(&format!("/v1/organizations/{path}"), &[("x-api-key", ADMIN)]).await;
        let message = "there is nothing at this path";
        assert_eq!(answer.analytics_error(), (404, "not_found_error".into(), message.into()), "{path}");
    }
    for path in ["me", "users", "users/user_1", "api_keys"] {
        let path = format!("/v1/organizations/{path}");
        assert_eq!(world.get(&path, &[]).await.analytics_error().0, 401, "{path}");
        assert_eq!(world.get(&path, &[("x-api-key", VIEWER)]).await.analytics_error().0, 403, "{path}");
        let post = world.send(request("POST", &path, &[("x-api-key", ADMIN)])).await;
        assert_eq!(post.analytics_error().0, 405, "{path}");
        let version = ("anthropic-version", "2020-01-01");
        assert_eq!(
            world.get(&path, &[("x-api-key", ADMIN), version]).await.analytics_error().0,
            400,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_our_fault() {
    let world = World::with_broken_ledger();
    for path in ["users", "users/user_1", "usage_report/claude_code?starting_at=2026-11-20"] {
        let answer = world.get(&format!("/v1/organizations/{path}"), &[("x-api-key", ADMIN)]).await;
        let (status, error_type, message) = answer.analytics_error();
        assert_eq!((status, error_type.as_str()), (500, "api_error"));
        assert!(!message.contains("secret"), "{message}");
    }
}
