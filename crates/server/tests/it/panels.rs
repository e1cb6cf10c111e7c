//! The questions of the dashboard's pages: what reaches them from the query, and what they answer.

use model::{Money, Posting};
use serde_json::{Value, json};

use crate::world::*;

const DAY: &str = "start=2026-11-20&end=2026-11-20";
const CENT: i64 = 10_000;

/// Mira explored for a cent, Noah worked for two in the team web; the day before, Mira for one.
async fn two_people() -> World {
    let world = World::new();
    let exploring = |posting: Posting| Posting { agent: "Explore".into(), ..posting };
    let for_two_cents = |mut posting: Posting| {
        posting.team = "web".into();
        posting.measures.cost_settled = 2 * Money::PICOS_PER_CENT;
        posting
    };
    world
        .post([
            exploring(usage_of("mira@example.org", "2026-11-20T08:00:00Z", 100)),
            for_two_cents(usage_of("noah@example.org", "2026-11-20T09:00:00Z", 50)),
            usage_of("mira@example.org", "2026-11-19T09:00:00Z", 7),
        ])
        .await;
    world
}

async fn ask(world: &World, question: &str) -> Value {
    let answer = world.get(&format!("/api/v1/{question}"), &[]).await;
    assert_eq!(answer.status, 200, "{question}: {}", answer.body);
    answer.json()
}

#[tokio::test]
async fn cost_is_broken_down_by_what_is_asked() {
    let world = two_people().await;
    let rows = async |by: &str| {
        let answer = ask(&world, &format!("cost/breakdown?{DAY}&by={by}")).await;
        let row = |row: &Value| json!([row["value"], row["cost_micros"]["settled"], row["previous_micros"]]);
        Value::from_iter(answer["rows"].as_array().unwrap().iter().map(row))
    };
    assert_eq!(
        rows("person").await,
        json!([["noah@example.org", 2 * CENT, 0], ["mira@example.org", CENT, CENT]])
    );
    assert_eq!(rows("agent").await, json!([["unknown", 2 * CENT, CENT], ["Explore", CENT, 0]]));
    assert_eq!(rows("team").await, json!([["web", 2 * CENT, 0], ["unknown", CENT, CENT]]));
    let web = ask(&world, &format!("cost/breakdown?{DAY}&by=person&team=web")).await;
    assert_eq!(
        (web["total"]["settled"].clone(), web["days"][0]["values"].clone()),
        (json!(2 * CENT), json!([2 * CENT]))
    );
}

#[tokio::test]
async fn a_figure_is_asked_for_its_postings() {
    let world = two_people().await;
    let behind = async |query: &str| {
        let answer = ask(&world, &format!("postings?{DAY}&{query}")).await;
        let actors = answer["postings"].as_array().unwrap().iter().map(|row| row["actor"].clone());
        (answer["total"].as_i64().unwrap(), answer["count"].as_i64().unwrap(), Value::from_iter(actors))
    };
    let both = json!(["noah@example.org", "mira@example.org"]);
    assert_eq!(behind("figure=cost").await, (3 * CENT, 2, both));
    assert_eq!(behind("figure=cost&limit=1").await, (3 * CENT, 2, json!(["noah@example.org"])));
    assert_eq!(behind("figure=input&agent=Explore").await, (100, 1, json!(["mira@example.org"])));
    assert_eq!(behind("figure=requests&agent=unknown").await, (1, 1, json!(["noah@example.org"])));
    assert_eq!(behind("figure=people&team=web").await, (1, 1, json!(["noah@example.org"])));
    assert_eq!(behind("figure=commits").await, (0, 0, json!([])));
}

#[tokio::test]
async fn changes_are_against_the_days_compared_with() {
    let world = two_people().await;
    let answer = ask(&world, &format!("movers?{DAY}")).await;
    assert_eq!((answer["before"].clone(), answer["change"].clone()), (json!(CENT), json!(2 * CENT)));
    let teams = answer["parts"].as_array().unwrap().iter().find(|part| part["by"] == "team").unwrap();
    let web = json!([{ "value": "web", "before": 0, "now": 2 * CENT, "change": 2 * CENT }]);
    assert_eq!(teams["movers"], web);
    let year = ask(&world, &format!("movers?{DAY}&compare=year")).await;
    assert_eq!((year["before"].clone(), year["change"].clone()), (json!(0), json!(3 * CENT)));
}

#[tokio::test]
async fn the_month_is_forecast_against_the_budget_of_everybody() {
    let world = World::with_settings(|settings| settings.monthly_budget = Some(Money::from_micros(CENT)));
    world
        .post([
            usage_of("mira@example.org", "2026-11-19T08:00:00Z", 1),
            usage_of("noah@example.org", "2026-11-20T08:00:00Z", 1),
        ])
        .await;
    let answer = ask(&world, "forecast").await;
    assert_eq!(
        (answer["start"].clone(), answer["today"].clone()),
        (json!("2026-11-01"), json!("2026-11-22"))
    );
    assert_eq!((answer["so_far"].clone(), answer["end_of_month"].clone()), (json!(2 * CENT), Value::Null));
    assert_eq!(answer["budget"], json!({ "amount": CENT, "used": 2.0, "used_up_on": "2026-11-20" }));
    assert_eq!(ask(&world, "forecast?person=mira@example.org").await["budget"], Value::Null);
}

#[tokio::test]
async fn the_other_pages_answer_about_the_same_days() {
    let world = two_people().await;
    let cost = ask(&world, &format!("cost?{DAY}")).await;
    assert_eq!(
        (cost["total"]["settled"].clone(), cost["tokens"]["input"].clone()),
        (json!(3 * CENT), json!(150))
    );
    // There are no other tokens than input, so all of the cost is its own.
    assert_eq!(cost["kinds"]["input"], 3 * CENT);
    let models = ask(&world, &format!("models?{DAY}&person=noah@example.org")).await;
    assert_eq!(
        (models["all"]["requests"].clone(), models["all"]["cost_per_request"].clone()),
        (json!(1), json!(2 * CENT))
    );
    let productivity = ask(&world, &format!("productivity?{DAY}")).await;
    assert_eq!(
        (productivity["total"]["people"].clone(), productivity["total"]["person_days"].clone()),
        (json!(2), json!(2))
    );
    let decisions = ask(&world, &format!("tools/decisions?{DAY}&by=tool")).await;
    assert_eq!((&decisions["rows"], &decisions["total"]["all"]), (&json!([]), &json!(0)));
    let (status, _, message) =
        world.get(&format!("/api/v1/tools/decisions?{DAY}&by=mood"), &[]).await.api_error();
    assert_eq!((status, message.as_str()), (400, "by: must be one of decided_by, tool, language"));
    let tools = ask(&world, &format!("tools?{DAY}")).await;
    assert_eq!((tools["tools"].clone(), tools["edits"]["acceptance_rate"].clone()), (json!([]), Value::Null));
    let activity = ask(&world, &format!("activity?{DAY}")).await;
    assert_eq!((activity["active_days"].clone(), activity["most_requests"].clone()), (json!(2), json!(2)));
}

#[tokio::test]
async fn questions_that_cannot_be_meant_are_refused_with_what_could() {
    let world = World::new();
    for (question, message) in [
        (
            "cost/breakdown",
            "by: must be one of model, project, person, team, query_source, agent, skill, mcp_server, terminal, effort",
        ),
        ("cost/breakdown?by=mood", "by: must be one of"),
        ("postings", "figure: must be one of cost, tokens, input"),
        ("postings?figure=cost&limit=501", "limit: must be a whole number from 1 to 500"),
        ("activity?start=1970-01-02&end=1970-01-03", "the range from 1968-12-30"),
    ] {
        let (status, code, told) = world.get(&format!("/api/v1/{question}"), &[]).await.api_error();
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{question}");
        assert!(told.starts_with(message), "{question}: {told}");
    }
}
