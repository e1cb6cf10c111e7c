//! Sessions, people and data health, as the dashboard asks for them.

use model::{Posting, Timestamp};
use serde_json::json;
use state::RejectionSummary;

use crate::world::*;

fn of_session(session: &str, posting: Posting) -> Posting {
    Posting { session: session.into(), ..posting }
}

/// Three requests of Ann in two sessions and one of Bob, at one cent each.
async fn fill(world: &World) {
    world
        .post([
            of_session("a-1", usage_of("ann@example.org", "2026-11-20T08:00:00Z", 10)),
            of_session("a-1", usage_of("ann@example.org", "2026-11-20T09:00:00Z", 20)),
            of_session("a-2", usage_of("ann@example.org", "2026-11-21T09:00:00Z", 30)),
            of_session("b-1", usage_of("bob@example.org", "2026-11-21T10:00:00Z", 40)),
        ])
        .await;
}

const DAYS: &str = "start=2026-11-20&end=2026-11-22";

#[tokio::test]
async fn sessions_are_searched_sorted_and_paged() {
    let world = World::new();
    fill(&world).await;
    let ids = async |query: &str| {
        let list = world.get(&format!("/api/v1/sessions?{DAYS}&{query}"), &[]).await.json();
        let sessions = list["sessions"].as_array().unwrap().iter();
        let ids: Vec<_> =
            sessions.map(|session| session["session_id"].as_str().unwrap().to_owned()).collect();
        (list["found"].as_i64().unwrap(), ids.join(" "))
    };
    assert_eq!(ids("").await, (3, "b-1 a-2 a-1".into()));
    assert_eq!(ids("order=cost").await, (3, "a-1 a-2 b-1".into()));
    assert_eq!(ids("order=cost&offset=1&limit=1").await, (3, "a-2".into()));
    assert_eq!(ids("search=BOB").await, (1, "b-1".into()));
    assert_eq!(ids("person=ann@example.org&search=a-2").await, (1, "a-2".into()));
    for query in ["order=size", "limit=201", "limit=0", "offset=10001", "offset=-1"] {
        let (status, code, message) =
            world.get(&format!("/api/v1/sessions?{DAYS}&{query}"), &[]).await.api_error();
        let name = query.split('=').next().unwrap();
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{query}");
        assert!(message.starts_with(name), "{message}");
    }
}

#[tokio::test]
async fn a_session_is_told_or_not_there() {
    let world = World::new();
    fill(&world).await;
    let story = world.get("/api/v1/session?session=a-1", &[]).await.json();
    assert_eq!(story["session"]["requests"], 2);
    assert_eq!(story["session"]["duration_ms"], 3_600_000);
    assert_eq!(story["entries"].as_array().unwrap().len(), 2);
    assert_eq!(story["spending"][1], json!({ "at": "2026-11-20T09:00:00Z", "cost_micros": 20_000 }));
    assert_eq!(world.get("/api/v1/session?session=nobody", &[]).await.api_error().0, 404);
    assert_eq!(world.get("/api/v1/session", &[]).await.api_error().0, 400);
}

#[tokio::test]
async fn people_are_told_with_who_is_new() {
    let world = World::new();
    fill(&world).await;
    let people = world.get(&format!("/api/v1/people?{DAYS}&order=requests&limit=1"), &[]).await.json();
    assert_eq!((&people["found"], &people["people"][0]["actor"]), (&2.into(), &"ann@example.org".into()));
    assert_eq!(people["people"][0]["daily_cost_micros"], json!([20_000, 10_000, 0]));
    let adoption = world.get(&format!("/api/v1/adoption?{DAYS}"), &[]).await.json();
    assert_eq!((&adoption["active"], &adoption["new"]), (&2.into(), &2.into()));
    let daily: Vec<_> =
        adoption["days"].as_array().unwrap().iter().map(|day| day["daily"].as_i64().unwrap()).collect();
    assert_eq!(daily, [1, 2, 0]);
    let person = world.get(&format!("/api/v1/person?{DAYS}&name=bob@example.org"), &[]).await.json();
    assert_eq!((&person["active_days"], &person["hours"][5][10]), (&1.into(), &1.into()));
    assert_eq!(world.get("/api/v1/person?name=nobody", &[]).await.api_error().0, 404);
    assert_eq!(world.get("/api/v1/person", &[]).await.api_error().0, 400);
    let teams = world.get(&format!("/api/v1/teams?{DAYS}"), &[]).await.json();
    assert_eq!(teams["teams"][0]["active_people"], 2);
    assert_eq!(teams["teams"][0]["cost_per_person_micros"], 20_000);
}

#[tokio::test]
async fn data_health_tells_what_was_refused() {
    let world = World::new();
    fill(&world).await;
    let health = world.get(&format!("/api/v1/health/data?{DAYS}"), &[]).await.json();
    let sessions: Vec<_> =
        health["days"].as_array().unwrap().iter().map(|day| day["sessions"].as_i64().unwrap()).collect();
    assert_eq!((sessions, &health["price_book"]), (vec![1, 2, 0], &"2026-11-22".into()));
    let sources = world.get(&format!("/api/v1/health/sources?{DAYS}&offset=1"), &[]).await.json();
    assert_eq!((&sources["found"], &sources["people"][0]["actor"]), (&2.into(), &"bob@example.org".into()));

    assert_eq!(world.get("/api/v1/health/rejected", &[]).await.json(), json!({ "reasons": [] }));
    world.files.0.lock().unwrap().push(RejectionSummary {
        source: "events".into(),
        reason: "no session id".into(),
        place: "claude_code.tool_result".into(),
        count: 7,
        first_at: Timestamp::from_seconds(60),
        last_at: Timestamp::from_seconds(120),
    });
    let expected = json!({ "reasons": [{
        "source": "events", "reason": "no session id", "count": 7, "sample": "claude_code.tool_result",
        "first_at": "1970-01-01T00:01:00Z", "last_at": "1970-01-01T00:02:00Z"
    }] });
    assert_eq!(world.get("/api/v1/health/rejected", &[]).await.json(), expected);
}

#[tokio::test]
async fn an_unchanged_ledger_costs_nothing() {
    let world = World::new();
    fill(&world).await;
    for path in ["/api/v1/sessions", "/api/v1/session?session=a-1", "/api/v1/people", "/widget/cost.svg"] {
        let tag = world.get(path, &[]).await.header("etag").to_owned();
        let again = world.get(path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
    }
    let tag = world.get("/widget/cost.svg", &[]).await.header("etag").to_owned();
    world.post([usage_of("ann@example.org", "2026-11-22T08:00:00Z", 10)]).await;
    assert_eq!(world.get("/widget/cost.svg", &[("if-none-match", &tag)]).await.status, 200);
}

#[tokio::test]
async fn projects_are_listed_and_told_by_branch() {
    let world = World::new();
    let on = |posting: Posting, project: &str, branch: &str| Posting {
        project: project.into(),
        branch: branch.into(),
        ..posting
    };
    let worktree = "/work/shop/.claude/worktrees/fox";
    world
        .post([
            on(usage_of("ann@example.org", "2026-11-20T08:00:00Z", 10), "/work/shop", "main"),
            on(usage_of("bob@example.org", "2026-11-21T08:00:00Z", 10), worktree, "fix"),
        ])
        .await;
    let list = world.get(&format!("/api/v1/projects?{DAYS}"), &[]).await.json();
    assert_eq!((&list["found"], &list["projects"][0]["people"]), (&1.into(), &2.into()));
    let path = format!("/api/v1/project?{DAYS}&name=%2Fwork%2Fshop");
    let parts = world.get(&path, &[]).await.json();
    assert_eq!(parts["project"]["members"], json!(["/work/shop", worktree]));
    assert_eq!(
        (&parts["branches"][0]["branch"], &parts["branches"][1]["branch"]),
        (&"fix".into(), &"main".into())
    );
    assert_eq!(world.get("/api/v1/project?name=/work/nowhere", &[]).await.api_error().0, 404);
    assert_eq!(world.get("/api/v1/project", &[]).await.api_error().0, 400);
}
