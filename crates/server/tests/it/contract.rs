//! `docs/analytics-api.md`, request by request: the tables are the test.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use serde_json::json;
use server::RateLimit;

use crate::world::*;

const PAGE: &str = include_str!("../../../../docs/analytics-api.md");

/// A row of a table: its cells.
type Row = Vec<&'static str>;

/// The rows of the table under a heading, without its head.
fn rows_under(heading: &str) -> Vec<Row> {
    let section = PAGE.split_once(&format!("\n### {heading}\n")).expect("the section is there").1;
    let section = section.split("\n### ").next().unwrap_or_default();
    let table = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rows = table.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect());
    rows.collect()
}

/// What stands between backticks.
fn spans(cell: &'static str) -> Vec<&'static str> {
    cell.split('`').skip(1).step_by(2).collect()
}

async fn world() -> World {
    let world = World::new();
    let people = ["ann@example.org", "bob@example.org", "cho@example.org"];
    let postings = people.iter().flat_map(|email| {
        let request = usage_of(email, "2026-11-20T08:00:00Z", 1);
        let mut start = request.clone();
        start.kind = model::Kind::SessionStart;
        start.measures = Default::default();
        [request, start]
    });
    world.post(postings).await;
    world
}

/// A cursor that leads to the second page.
async fn cursor_of(world: &World) -> String {
    let answer = world.usage("starting_at=2026-11-20&limit=1").await.json();
    answer["next_page"].as_str().unwrap().to_owned()
}

/// Puts in what the names on the page stand for.
struct Names {
    page: String,
    changed: String,
    old: String,
}

impl Names {
    async fn of(world: &World) -> Self {
        let page = cursor_of(world).await;
        let place = page.len() / 2;
        let other = if &page[place..=place] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &page[..place], &page[place + 1..]);
        let earlier = self::world().await;
        earlier.clock.set("2026-11-14T12:00:00Z");
        Self { page, changed, old: cursor_of(&earlier).await }
    }

    fn put_into(&self, text: &str) -> String {
        let cursors = [("=PAGE", &self.page), ("=CHANGED", &self.changed), ("=OLD", &self.old)];
        let keys = [
            ("ADMIN", ADMIN),
            ("VIEWER", VIEWER),
            ("INGEST", INGEST),
            ("REVOKED", REVOKED),
            ("EXPIRED", EXPIRED),
            ("OTHER", ADMIN_OF_A),
        ];
        let text = cursors
            .iter()
            .fold(text.to_owned(), |text, (name, cursor)| text.replace(name, &format!("={cursor}")));
        keys.iter().fold(text, |text, (name, key)| text.replace(name, key))
    }
}

/// Compares an answer with the cells of its status and body.
fn check(answer: &Answer, status: &str, body: &str, what: &str) {
    assert_eq!(answer.status.as_u16().to_string(), status, "{what}: {}", answer.body);
    assert!(answer.header("request-id").starts_with("req_"), "{what}");
    let rows = || answer.json()["data"].as_array().map(Vec::len);
    match body {
        "rows" => assert!(rows().is_some_and(|rows| rows > 0), "{what}: {}", answer.body),
        "nothing" => assert_eq!(rows(), Some(0), "{what}: {}", answer.body),
        "the organization" => assert_eq!(answer.json()["type"], "organization", "{what}"),
        error => {
            let (error_type, message) = error.split_once("`: ").expect("a type and a message");
            let (_, actual_type, actual_message) = answer.analytics_error();
            assert_eq!(
                (actual_type.as_str(), actual_message.as_str()),
                (&error_type[1..], message),
                "{what}"
            );
            let body = answer.json();
            let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["error", "request_id", "type"], "{what}");
        }
    }
}

#[tokio::test]
async fn every_parameter_is_answered_as_the_page_says() {
    let world = world().await;
    let names = Names::of(&world).await;
    let rows = rows_under("The usage report's parameters");
    assert!(rows.len() > 20);
    for row in rows {
        let [query, status, body] = row.as_slice() else { panic!("{row:?}") };
        let query = spans(query).first().map(|query| names.put_into(query)).unwrap_or_default();
        let answer = world.get(&format!("{USAGE}{query}"), &[("x-api-key", ADMIN)]).await;
        check(&answer, status, body, &query);
    }
}

#[tokio::test]
async fn every_header_is_answered_as_the_page_says() {
    let world = world().await;
    let names = Names::of(&world).await;
    let rows = rows_under("Headers");
    assert!(rows.len() > 10);
    for row in rows {
        let [headers, status, body] = row.as_slice() else { panic!("{row:?}") };
        let sent: Vec<_> = spans(headers).iter().map(|header| names.put_into(header)).collect();
        let sent: Vec<_> = sent.iter().map(|header| header.split_once(": ").expect("a header")).collect();
        let answer = world.get(&format!("{USAGE}?starting_at=2026-11-20"), &sent).await;
        check(&answer, status, body, headers);
    }
}

#[tokio::test]
async fn every_path_is_answered_as_the_page_says() {
    let world = world().await;
    let rows = rows_under("Paths and methods");
    assert!(rows.len() > 10);
    for row in rows {
        let [asked, status, body] = row.as_slice() else { panic!("{row:?}") };
        let (method, path) = spans(asked)[0].split_once(' ').expect("a method and a path");
        let answer = world.send(request(method, path, &[("x-api-key", ADMIN)])).await;
        check(&answer, status, body, asked);
    }
}

/// Answers the request as it is in the case of need that the page names.
async fn when(matter: &str) -> Answer {
    let ask = async |world: &World| world.usage("starting_at=2026-11-20").await;
    match matter {
        "the key has used up its burst" => {
            let limit = RateLimit::new(30, 1);
            let world = World::with_settings(|settings| settings.analytics.rate_limit = limit);
            ask(&world).await;
            ask(&world).await
        }
        "the ledger cannot be read" => ask(&World::with_broken_ledger()).await,
        "a bug makes the handler stop" => {
            let mut world = World::new();
            world.add(Router::new().route("/v1/organizations/bug", get(stop)));
            let request = Request::get("/v1/organizations/bug").body(Body::empty()).unwrap();
            world.send(request).await
        }
        other => panic!("the page names {other:?}, which nothing here makes happen"),
    }
}

async fn stop() {
    panic!("a bug");
}

#[tokio::test]
async fn needs_are_answered_as_the_page_says() {
    let rows = rows_under("When something is the matter");
    assert_eq!(rows.len(), 3);
    for row in rows {
        let [matter, status, body] = row.as_slice() else { panic!("{row:?}") };
        check(&when(matter).await, status, body, matter);
    }
}

#[tokio::test]
async fn a_bug_elsewhere_has_the_body_of_its_place() {
    let mut world = World::new();
    let bugs = ["/api/v1/bug", "/bug"];
    world.add(bugs.iter().fold(Router::new(), |router, path| router.route(path, get(stop))));
    let answer = world.get("/api/v1/bug", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].clone()), (500, json!("internal")));
    let answer = world.get("/bug", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (500, "something went wrong inside Pitwall\n")
    );
    assert!(answer.header("request-id").starts_with("req_"));
}
