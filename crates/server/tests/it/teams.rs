//! Teams of the configuration: wherever a team is shown, chosen or told apart by, it is theirs.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Kind, Measures, Posting, TeamBook};
use serde_json::{Value, json};

use crate::world::*;

const DAYS: &str = "start=2026-11-19&end=2026-11-20";
const CENT: i64 = 10_000;

/// Mira is told to be of two teams in turn, Ann of the team web, Noah of none. By the book Mira is of platform and
/// whoever is at infra.example.org of infra.
async fn world() -> World {
    let members = [("platform", "Mira@example.org"), ("infra", "*@infra.example.org")];
    let members: BTreeMap<_, _> =
        members.map(|(team, member)| (team.to_owned(), vec![member.to_owned()])).into();
    let world = World::with_settings(|settings| {
        settings.teams = Arc::new(TeamBook::new(members).unwrap());
    });
    let of_team = |team: &str, session: &str, posting: Posting| Posting {
        team: team.into(),
        session: session.into(),
        project: format!("/work/{session}").into(),
        ..posting
    };
    let mira = |at: &str, input| usage_of("mira@example.org", at, input);
    let commits = |commits, posting: Posting| Posting {
        kind: Kind::Commit,
        measures: Measures { commits, ..Measures::default() },
        ..posting
    };
    world
        .post([
            of_team("web", "s1", mira("2026-11-19T08:00:00Z", 1)),
            of_team("search", "s2", mira("2026-11-20T08:00:00Z", 10)),
            of_team("search", "s2", commits(3, mira("2026-11-20T08:10:00Z", 10))),
            of_team("", "s3", usage_of("noah@infra.example.org", "2026-11-20T09:00:00Z", 100)),
            of_team("web", "s4", usage_of("ann@example.org", "2026-11-20T10:00:00Z", 1_000)),
            of_team("web", "s4", commits(5, usage_of("ann@example.org", "2026-11-20T10:10:00Z", 1_000))),
        ])
        .await;
    world
}

/// The named parts of each row of a list in the answer.
async fn ask(world: &World, question: &str, list: &str, parts: &[&str]) -> Value {
    let answer = world.get(&format!("/api/v1/{question}"), &[]).await;
    assert_eq!(answer.status, 200, "{question}: {}", answer.body);
    let answer = answer.json();
    let rows = answer.pointer(list).unwrap().as_array().unwrap();
    let part = |row: &Value, part: &str| row.pointer(part).unwrap_or(&Value::Null).clone();
    rows.iter().map(|row| Value::from_iter(parts.iter().map(|name| part(row, name)))).collect()
}

#[tokio::test]
async fn figures_are_told_apart_by_the_teams_of_the_book() {
    let world = world().await;
    let teams = ask(
        &world,
        &format!("teams?{DAYS}"),
        "/teams",
        &["/team", "/active_people", "/requests", "/tokens/input", "/cost_micros/settled", "/commits"],
    )
    .await;
    assert_eq!(
        teams,
        json!([
            ["infra", 1, 1, 100, CENT, 0],
            ["platform", 1, 2, 11, 2 * CENT, 3],
            ["web", 1, 1, 1_000, CENT, 5]
        ])
    );
    let cost =
        ask(&world, &format!("cost/breakdown?{DAYS}&by=team"), "/rows", &["/value", "/requests"]).await;
    assert_eq!(cost, json!([["platform", 2], ["infra", 1], ["web", 1]]));
    let output = ask(&world, &format!("productivity?{DAYS}"), "/teams", &["/value", "/output/commits"]).await;
    let names: Vec<_> = output.as_array().unwrap().iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, ["infra", "platform", "web"], "{output}");
}

#[tokio::test]
async fn a_team_chosen_is_the_books() {
    let world = world().await;
    for (team, person, sessions) in [
        ("platform", Some("mira@example.org"), 2),
        ("infra", Some("noah@infra.example.org"), 1),
        ("web", Some("ann@example.org"), 1),
        ("search", None, 0),
        ("unknown", None, 0),
    ] {
        let asked = format!("{DAYS}&team={team}");
        let cost = ask(&world, &format!("cost/breakdown?{asked}&by=person"), "/rows", &["/value"]).await;
        assert_eq!(cost, Value::from_iter(person.map(|person| json!([person]))), "{team}");
        let own = Value::from_iter(vec![json!([person, team]); sessions]);
        assert_eq!(ask(&world, &format!("sessions?{asked}"), "/sessions", &["/actor", "/team"]).await, own);
        // Everybody made one request a session.
        let postings = format!("postings?{asked}&figure=requests");
        assert_eq!(ask(&world, &postings, "/postings", &["/actor", "/team"]).await, own);
    }
    let answer = world.get(&format!("/api/v1/filters?{DAYS}"), &[]).await.json();
    assert_eq!(answer["teams"]["values"], json!(["infra", "platform", "web"]));
    let key = ("x-api-key", VIEWER);
    let days =
        world.get("/api/analytics?start_date=2026-11-19&end_date=2026-11-20&team=platform", &[key]).await;
    let total = days.json();
    assert_eq!(total["totals"]["tokens"]["input"].as_i64().unwrap_or_default(), 11, "{total}");
}

#[tokio::test]
async fn people_are_shown_in_the_books_team() {
    let world = world().await;
    let people = ask(&world, &format!("people?{DAYS}"), "/people", &["/actor", "/team"]).await;
    assert_eq!(
        people,
        json!([
            ["ann@example.org", "web"],
            ["mira@example.org", "platform"],
            ["noah@infra.example.org", "infra"]
        ])
    );
    let found = ask(&world, &format!("people?{DAYS}&search=platf"), "/people", &["/actor"]).await;
    assert_eq!(found, json!([["mira@example.org"]]));
    let person = world.get(&format!("/api/v1/person?{DAYS}&name=mira@example.org"), &[]).await.json();
    assert_eq!(person["teams"], json!(["platform"]));
}

#[tokio::test]
async fn the_book_is_shown_to_those_whose_server_it_is_and_changes_what_answers_are_kept_by() {
    let world = world().await;
    let shown = world.get("/api/v1/settings", &[]).await.json();
    assert_eq!(
        shown["team_members"],
        json!([
            { "team": "infra", "members": ["*@infra.example.org"] },
            { "team": "platform", "members": ["Mira@example.org"] }
        ])
    );
    let teams: Vec<_> =
        shown["contents"]["teams"].as_array().unwrap().iter().map(|row| &row["team"]).collect();
    assert_eq!(teams, ["infra", "platform", "web"]);

    let path = format!("/api/v1/teams?{DAYS}");
    let tag = world.get(&path, &[]).await.header("etag").to_owned();
    let without_book = World::new();
    without_book.post([usage_of("mira@example.org", "2026-11-20T08:00:00Z", 1)]).await;
    let other = without_book.get(&path, &[]).await.header("etag").to_owned();
    let (same_boundary, book) = tag.split_at(tag.find('-').unwrap());
    assert!(other.starts_with(same_boundary) && !other.ends_with(book), "{tag} and {other}");
}
