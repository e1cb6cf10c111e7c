//! `GET /api/analytics`: records, totals, filters, tables.

use std::time::Duration;

use model::{Actor, Kind, Posting, Sign};
use serde_json::{Value, json};
use state::{KeyKind, KeyPresence};

use crate::world::*;

const PATH: &str = "/api/analytics";

async fn ask(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("{PATH}?{query}"), &[]).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

async fn csv(world: &World, query: &str) -> Vec<String> {
    let answer = world.get(&format!("{PATH}?{query}&format=csv"), &[]).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    answer.body.lines().map(str::to_owned).collect()
}

/// One request and one decision of Mira's on the 20th, one request of the pipeline's on the 21st.
async fn small_world() -> World {
    let world = World::new();
    let mut request = usage_of("mira@example.org", "2026-11-20T08:00:00Z", 120);
    request.team = "search".into();
    request.measures.cost_settled = 12_345 * model::Money::PICOS_PER_MICRO;
    let mut decision = Posting { kind: Kind::Decision, subject: "Edit".into(), ..request.clone() };
    decision.measures = Default::default();
    decision.measures.accepted = 3;
    decision.measures.rejected = 1;
    let mut start = Posting { kind: Kind::SessionStart, ..request.clone() };
    start.measures = Default::default();
    let mut pipeline = usage_of("", "2026-11-21T08:00:00Z", 7);
    pipeline.actor = Actor::Api { name: "=pipeline".into() };
    pipeline.model = "claude-haiku-5-5".into();
    pipeline.terminal = "".into();
    world.post([request, decision, start, pipeline]).await;
    world
}

#[tokio::test]
async fn a_day_is_told_record_by_record_with_exact_cost() {
    let world = small_world().await;
    let nothing = json!({ "accepted": 0, "rejected": 0 });
    let tokens = json!({ "input": 120, "output": 0, "cache_read": 0, "cache_creation": 0 });
    let cost = json!({ "settled": 12_345, "reported": 0, "priced": 0 });
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
                "edit_tool": { "accepted": 3, "rejected": 1 }, "multi_edit_tool": nothing,
                "notebook_edit_tool": nothing, "write_tool": nothing
            },
            "model_breakdown": [{
                "model": "claude-opus-5-5", "tokens": tokens,
                "estimated_cost": { "currency": "USD", "amount": 1 }, "cost_micros": cost
            }],
            "tokens": tokens,
            "cost_micros": cost
        }],
        "has_more": false,
        "next_page": null
    });
    assert_eq!(ask(&world, "date=2026-11-20").await, expected);
    assert_eq!(ask(&world, "date=2026-11-20&aggregate=false").await, expected);
    let nothing = json!({ "data": [], "has_more": false, "next_page": null });
    assert_eq!(ask(&world, "date=2026-11-19").await, nothing);
    assert_eq!(ask(&world, "date=9999-12-31").await, nothing);
}

#[tokio::test]
async fn days_are_added_up() {
    let world = small_world().await;
    let day = ask(&world, "date=2026-11-20&aggregate=true").await;
    assert_eq!(day["range"], json!({ "start": "2026-11-20", "end": "2026-11-20", "timezone": "UTC" }));
    assert_eq!(day["totals"]["sessions"], 1);
    assert_eq!(day["totals"]["active_users"], 1);
    assert_eq!(day["totals"]["cost_micros"]["settled"], 12_345);
    assert_eq!(day["totals"]["decisions"], json!({ "accepted": 3, "rejected": 1, "acceptance_rate": 0.75 }));
    assert_eq!(day["totals"]["tool_actions"]["write_tool"]["acceptance_rate"], Value::Null);
    assert!(day.get("users").is_none());

    let range = ask(&world, "start_date=2026-11-20&end_date=2026-11-21&users=true").await;
    assert_eq!(range["totals"]["active_users"], 2);
    assert_eq!(range["totals"]["tokens"]["input"], 127);
    let of_days: Vec<_> =
        range["days"].as_array().unwrap().iter().map(|day| &day["tokens"]["input"]).collect();
    assert_eq!(of_days, [120, 7]);
    assert_eq!(range["users"].as_array().unwrap().len(), 2);
    assert_eq!(range["days"][1]["users"][0]["actor"]["api_key_name"], "=pipeline");
}

#[tokio::test]
async fn filters_narrow_both() {
    let world = small_world().await;
    let records = async |query: &str| {
        ask(&world, &format!("date=2026-11-20{query}")).await["data"].as_array().unwrap().len()
    };
    let input = async |query: &str| {
        let query = format!("start_date=2026-11-20&end_date=2026-11-21{query}");
        ask(&world, &query).await["totals"]["tokens"]["input"].as_i64().unwrap()
    };
    for (query, found, tokens) in [
        ("", 1, 127),
        ("&team=search", 1, 120),
        ("&team=infra", 0, 0),
        ("&team=unknown", 0, 7),
        ("&team=search&team=unknown", 1, 127),
        ("&terminal=vscode", 1, 120),
        ("&terminal=unknown", 0, 7),
        ("&model=claude-opus-5-5", 1, 120),
        ("&model=claude-haiku-5-5", 0, 7),
        ("&model=claude-opus-5-5&model=claude-haiku-5-5", 1, 127),
        ("&model=claude", 0, 0),
    ] {
        assert_eq!((records(query).await, input(query).await), (found, tokens), "{query}");
    }
    let of_model = ask(&world, "date=2026-11-20&aggregate=true&model=claude-opus-5-5").await;
    assert_eq!((&of_model["totals"]["sessions"], &of_model["totals"]["lines"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let world = World::new();
    for (query, message) in [
        ("", "date: is required, or start_date and end_date"),
        ("date=2026-11-31", "date: must be a date in the form YYYY-MM-DD, such as 2026-11-20"),
        (
            "date=2026-11-20&start_date=2026-11-20",
            "date: cannot be given together with start_date and end_date",
        ),
        (
            "date=2026-11-20&end_date=2026-11-20",
            "date: cannot be given together with start_date and end_date",
        ),
        ("start_date=2026-11-20", "end_date: is required with start_date"),
        ("end_date=2026-11-20", "start_date: is required with end_date"),
        (
            "start_date=2026-11-01&end_date=2026-12-01",
            "the range from 2026-11-01 to 2026-12-01 is too long: at most 30 days, in the years 1970 to 9998",
        ),
        (
            "start_date=2026-11-02&end_date=2026-11-01",
            "the range ends on 2026-11-01, before it starts on 2026-11-02",
        ),
        (
            "start_date=2026-11-01&end_date=2026-11-02&aggregate=false",
            "aggregate: several days are always added up",
        ),
        ("date=2026-11-20&aggregate=yes", "aggregate: must be true or false"),
        ("date=2026-11-20&users=true", "users: needs aggregate=true"),
        ("date=2026-11-20&users=1", "users: must be true or false"),
        ("date=2026-11-20&limit=0", "limit: must be a whole number from 1 to 1000"),
        (
            "date=2026-11-20&aggregate=true&limit=5",
            "limit: is for records; days that are added up come in one piece",
        ),
        (
            "date=2026-11-20&aggregate=true&page=x",
            "page: is for records; days that are added up come in one piece",
        ),
        ("date=2026-11-20&page=x", "page: is not a cursor of this server: start again without it"),
        ("date=2026-11-20&format=xml", "format: must be json or csv"),
        ("date=2026-11-20&modle=x", "there is no parameter \"modle\" here"),
        ("date=2026-11-20&date=2026-11-20", "date: is given more than once"),
    ] {
        let error = world.get(&format!("{PATH}?{query}"), &[]).await.api_error();
        assert_eq!(error, (400, "invalid_request".into(), message.to_owned()), "?{query}");
    }
    let thirty = world.get(&format!("{PATH}?start_date=2026-11-01&end_date=2026-11-30"), &[]).await;
    assert_eq!(thirty.status, 200);
}

#[tokio::test]
async fn freshness_does_not_hold_it_back() {
    let hour = Duration::from_secs(60 * 60);
    let world = World::with_settings(|settings| settings.analytics.freshness = hour);
    world.post([usage_of("a@example.org", "2026-11-22T11:59:59Z", 5)]).await;
    assert_eq!(world.usage("starting_at=2026-11-22").await.json()["data"], json!([]));
    assert_eq!(ask(&world, "date=2026-11-22").await["data"][0]["tokens"]["input"], 5);
}

fn person(number: usize) -> String {
    format!("person-{number:03}@example.org")
}

#[tokio::test]
async fn pages_are_the_first_moment_and_belong_to_their_filters() {
    let world = World::new();
    let of_team = |team: &str, number| Posting {
        team: team.into(),
        ..usage_of(&person(number), "2026-11-20T08:00:00Z", 1)
    };
    world.post((0..30).map(|number| of_team(if number % 3 == 0 { "search" } else { "" }, number))).await;
    for (filter, limit, expected) in [("", 7, 30), ("&team=search", 3, 10)] {
        let (mut seen, mut page) = (Vec::new(), String::new());
        for round in 0.. {
            let answer = ask(&world, &format!("date=2026-11-20&limit={limit}{filter}{page}")).await;
            seen.extend(
                answer["data"].as_array().unwrap().iter().map(|row| row["actor"]["email_address"].clone()),
            );
            let Some(next) = answer["next_page"].as_str() else { break };
            page = format!("&page={next}");
            world.post([of_team("search", 500 + round)]).await;
            world.append(vec![(Sign::Reversal, of_team("search", 500 + round))]).await;
        }
        assert_eq!(seen.len(), expected, "{filter}");
        assert!(seen.is_sorted_by(|a, b| a.as_str() < b.as_str()));
    }
    let page =
        ask(&world, "date=2026-11-20&limit=2&team=search").await["next_page"].as_str().unwrap().to_owned();
    let refused =
        async |query: &str| world.get(&format!("{PATH}?{query}&page={page}"), &[]).await.api_error().2;
    let other = "page: belongs to another question: repeat its parameters, or start again without it";
    assert_eq!(refused("date=2026-11-20").await, other);
    assert_eq!(refused("date=2026-11-20&team=search&terminal=vscode").await, other);
    let day = "page: belongs to another day: repeat the one of the first page, or start again without it";
    assert_eq!(refused("date=2026-11-21&team=search").await, day);
    // Nor is it one of the Analytics API, or the other way round.
    let theirs = world.usage(&format!("starting_at=2026-11-20&page={page}")).await.analytics_error();
    assert_eq!(theirs, (400, "invalid_request_error".into(), other.into()));
}

#[tokio::test]
async fn records_as_a_table() {
    let world = small_world().await;
    let lines = csv(&world, "date=2026-11-20").await;
    assert_eq!(lines, [
        "scope,date,actor_type,actor,organization_id,customer_type,subscription_type,terminal_type,is_remote,\
         model,sessions,lines_added,lines_removed,commits,pull_requests,edit_tool_accepted,edit_tool_rejected,\
         multi_edit_tool_accepted,multi_edit_tool_rejected,notebook_edit_tool_accepted,\
         notebook_edit_tool_rejected,write_tool_accepted,write_tool_rejected,input_tokens,output_tokens,\
         cache_read_tokens,cache_creation_tokens,cost_settled_micros,cost_reported_micros,cost_priced_micros".to_owned(),
        format!("record,2026-11-20,user_actor,mira@example.org,{HOME},api,,vscode,false,,1,0,0,0,0,3,1,0,0,0,0,0,0,120,0,0,0,12345,0,0"),
        format!("model,2026-11-20,user_actor,mira@example.org,{HOME},api,,vscode,false,claude-opus-5-5,,,,,,,,,,,,,,120,0,0,0,12345,0,0"),
    ]);
    let formula = csv(&world, "date=2026-11-21").await;
    assert!(formula[1].starts_with("record,2026-11-21,api_actor,\"'=pipeline\","), "{}", formula[1]);
}

#[tokio::test]
async fn totals_as_a_table() {
    let world = small_world().await;
    let lines = csv(&world, "start_date=2026-11-20&end_date=2026-11-21&users=true").await;
    let columns: Vec<_> = lines[0].split(',').collect();
    let row = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        assert_eq!(cells.len(), columns.len(), "{line}");
        let cell = |name: &str| cells[columns.iter().position(|column| *column == name).unwrap()].to_owned();
        let wanted = [
            "scope",
            "date",
            "actor",
            "model",
            "active_users",
            "sessions",
            "edit_tool_acceptance_rate",
            "accepted",
            "input_tokens",
            "cost_settled_micros",
        ];
        wanted.map(cell).join("|")
    };
    let rows: Vec<_> = lines[1..].iter().map(|line| row(line)).collect();
    assert_eq!(
        rows,
        [
            "range||||2|1|0.75|3|127|22345",
            "range_model|||claude-opus-5-5|||||120|12345",
            "range_model|||claude-haiku-5-5|||||7|10000",
            "day|2026-11-20|||1|1|0.75|3|120|12345",
            "day_model|2026-11-20||claude-opus-5-5|||||120|12345",
            "day_user|2026-11-20|mira@example.org|||1|0.75|3|120|12345",
            "day|2026-11-21|||1|0||0|7|10000",
            "day_model|2026-11-21||claude-haiku-5-5|||||7|10000",
            "day_user|2026-11-21|\"'=pipeline\"|||0||0|7|10000",
            "user||mira@example.org|||1|0.75|3|120|12345",
            "user||\"'=pipeline\"|||0||0|7|10000",
        ]
    );
}

#[tokio::test]
async fn a_table_is_for_those_who_ask_for_one() {
    let world = small_world().await;
    for (query, accept, media_type) in [
        ("", "application/json", "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/csv", "text/csv; charset=utf-8; header=present"),
        ("&format=json", "text/csv", "application/json"),
        ("&format=csv", "application/json", "text/csv; charset=utf-8; header=present"),
    ] {
        for aggregate in ["false", "true"] {
            let path = format!("{PATH}?date=2026-11-20&aggregate={aggregate}{query}");
            let answer = world.get(&path, &[("accept", accept)]).await;
            assert_eq!(answer.header("content-type"), media_type, "{path} {accept}");
            assert!(answer.headers.get_all("vary").iter().any(|value| value == "accept"));
        }
    }
}

#[tokio::test]
async fn the_link_leads_to_the_next_page() {
    let world = World::new();
    world.post((0..5).map(|number| usage_of(&person(number), "2026-11-20T08:00:00Z", 1))).await;
    let (mut path, mut lines) =
        (format!("{PATH}?date=2026-11-20&limit=2&format=csv&terminal=vscode"), Vec::new());
    for _ in 0..3 {
        let answer = world.get(&path, &[]).await;
        lines.extend(answer.body.lines().filter(|line| line.starts_with("record,")).map(str::to_owned));
        let link = answer.header("link");
        let Some((next, relation)) = link.strip_prefix('<').and_then(|link| link.split_once('>')) else {
            break;
        };
        assert_eq!(relation, "; rel=\"next\"");
        path = next.to_owned();
    }
    let people: Vec<_> = lines.iter().map(|line| line.split(',').nth(3).unwrap().to_owned()).collect();
    assert_eq!(people, (0..5).map(person).collect::<Vec<_>>());
}

#[tokio::test]
async fn it_asks_for_a_key_where_the_dashboard_does() {
    let world = World::new();
    let status = async |key: Option<&str>| {
        let headers: Vec<_> = key.iter().map(|key| ("x-api-key", *key)).collect();
        world.get(&format!("{PATH}?date=2026-11-20"), &headers).await.status.as_u16()
    };
    assert_eq!(status(None).await, 200);
    world.keys.presence.lock().unwrap().insert(KeyKind::Viewer, KeyPresence::Usable);
    let keys = [None, Some(VIEWER), Some(ADMIN), Some(INGEST), Some(EXPIRED)];
    let mut answers = Vec::new();
    for key in keys {
        answers.push(status(key).await);
    }
    assert_eq!(answers, [401, 200, 200, 403, 401]);
    let post = world.send(request("POST", PATH, &[("x-api-key", VIEWER)])).await;
    assert_eq!(post.status, 405);
}
