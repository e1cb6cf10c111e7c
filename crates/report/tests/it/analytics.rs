//! Days added up.

use model::{Actor, Posting};
use report::analytics::{self, Analytics, Parameters};
use report::narrowing::Narrowing;
use report::{ReportError, people};
use serde_json::{Value, json};
use store::Store;

use crate::ledger::*;

fn parameters() -> Parameters {
    Parameters {
        start: "2026-11-19".parse().unwrap(),
        end: "2026-11-21".parse().unwrap(),
        organization: "acme".into(),
        narrowing: Narrowing::default(),
        users: false,
        price_book: "2026-11-22".into(),
    }
}

async fn ask(ledger: &Ledger, parameters: Parameters) -> Value {
    let answer: Analytics = analytics::ask(&ledger.store, &parameters).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

fn of(actor: &str, mut posting: Posting) -> Posting {
    posting.actor = match actor.contains('@') {
        true => Actor::User { email: actor.into() },
        false => Actor::Api { name: actor.into() },
    };
    posting
}

/// Mira works on two days in one session, and in a second one; the pipeline on the second day; Noa is known by
/// totals alone.
async fn three_at_work() -> Ledger {
    let [commit, pull_request] = commit_and_pull_request("m", "2026-11-20T11:00:00Z");
    Ledger::of([
        of("mira@a.example", start("m", "2026-11-19T10:00:00Z")),
        of("mira@a.example", request("m", "2026-11-19T10:01:00Z", "opus", 1_000, 40_000)),
        of("mira@a.example", lines("m", "2026-11-19T10:02:00Z", 30, 7)),
        of("mira@a.example", decisions("m", "2026-11-19T10:02:00Z", "Edit", 3, 1)),
        of("mira@a.example", decisions("m", "2026-11-19T10:02:00Z", "Bash", 9, 9)),
        of("mira@a.example", start("m", "2026-11-20T10:00:00Z")),
        of("mira@a.example", start("n", "2026-11-20T10:30:00Z")),
        of("mira@a.example", request("m", "2026-11-20T10:01:00Z", "opus", 2_000, 80_000)),
        of("mira@a.example", request("n", "2026-11-20T10:31:00Z", "haiku", 500, 1_500)),
        of("mira@a.example", commit),
        of("mira@a.example", pull_request),
        of("mira@a.example", decisions("m", "2026-11-20T10:02:00Z", "Write", 1, 0)),
        of("pipeline", start("p", "2026-11-20T03:00:00Z")),
        of("pipeline", request("p", "2026-11-20T03:01:00Z", "haiku", 700, 2_100)),
        of("noa@a.example", start("x", "2026-11-20T09:00:00Z")),
        of("noa@a.example", unattributed("x", "2026-11-20T09:10:00Z", "haiku", 100, 300)),
        // Outside of the days.
        of("mira@a.example", request("m", "2026-11-22T00:00:00Z", "opus", 9_999, 99_999)),
    ])
    .await
}

#[tokio::test]
async fn days_and_range_are_added_up_each_by_itself() {
    let answer = ask(&three_at_work().await, parameters()).await;
    assert_eq!(answer["organization_id"], "acme");
    assert_eq!(answer["range"], json!({ "start": "2026-11-19", "end": "2026-11-21", "timezone": "UTC" }));
    assert!(answer.get("users").is_none() && answer["days"][0].get("users").is_none());
    let totals = &answer["totals"];
    // Mira's two, the pipeline's and Noa's; the one taken up again counts once here and on both days below.
    assert_eq!(
        (&totals["sessions"], &totals["active_users"], &totals["requests"]),
        (&4.into(), &3.into(), &4.into())
    );
    assert_eq!(totals["lines"], json!({ "added": 30, "removed": 7 }));
    assert_eq!((&totals["commits"], &totals["pull_requests"]), (&1.into(), &1.into()));
    assert_eq!(totals["decisions"], json!({ "accepted": 4, "rejected": 1, "acceptance_rate": 0.8 }));
    let nothing = json!({ "accepted": 0, "rejected": 0, "acceptance_rate": null });
    let expected = json!({
        "edit_tool": { "accepted": 3, "rejected": 1, "acceptance_rate": 0.75 },
        "multi_edit_tool": nothing,
        "notebook_edit_tool": nothing,
        "write_tool": { "accepted": 1, "rejected": 0, "acceptance_rate": 1.0 }
    });
    assert_eq!(totals["tool_actions"], expected);
    assert_eq!(totals["tokens"]["input"], 1_000 + 2_000 + 500 + 700 + 100);
    assert_eq!(totals["tokens"]["output"], 100 + 200 + 50 + 70 + 10);
    assert_eq!(totals["cost_micros"]["settled"], 40_000 + 80_000 + 1_500 + 2_100 + 300);
    let models: Vec<_> = totals["models"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(models, ["opus 2 3000 120000", "haiku 2 1300 3900"]);

    let days: Vec<_> = answer["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| {
            let date = day["date"].as_str().unwrap();
            format!(
                "{date} {} {} {} {}",
                day["sessions"], day["active_users"], day["requests"], day["cost_micros"]["settled"]
            )
        })
        .collect();
    assert_eq!(days, ["2026-11-19 1 1 1 40000", "2026-11-20 4 3 3 83900", "2026-11-21 0 0 0 0"]);
    assert_eq!(answer["days"][2]["tool_actions"]["edit_tool"], nothing);
}

/// Model, requests, input tokens and settled cost.
fn short(model: &Value) -> String {
    let name = model["model"].as_str().unwrap();
    format!("{name} {} {} {}", model["requests"], model["tokens"]["input"], model["cost_micros"]["settled"])
}

/// Name, sessions, requests and settled cost.
fn user(user: &Value) -> String {
    let actor = &user["actor"];
    let name = actor["email_address"].as_str().or(actor["api_key_name"].as_str()).unwrap();
    format!("{name} {} {} {}", user["sessions"], user["requests"], user["cost_micros"]["settled"])
}

#[tokio::test]
async fn users_are_told_of_one_by_one_when_asked_for() {
    let answer = ask(&three_at_work().await, Parameters { users: true, ..parameters() }).await;
    let users = |value: &Value| value["users"].as_array().unwrap().iter().map(user).collect::<Vec<_>>();
    assert_eq!(users(&answer), ["mira@a.example 2 3 121500", "pipeline 1 1 2100", "noa@a.example 1 0 300"]);
    assert_eq!(users(&answer["days"][0]), ["mira@a.example 1 1 40000"]);
    let second = ["mira@a.example 2 2 81500", "pipeline 1 1 2100", "noa@a.example 1 0 300"];
    assert_eq!(users(&answer["days"][1]), second);
    assert_eq!(users(&answer["days"][2]), [""; 0]);
    let mira = &answer["users"][0];
    assert_eq!(mira["tool_actions"]["edit_tool"]["acceptance_rate"], 0.75);
    assert_eq!(mira["actor"], json!({ "type": "user_actor", "email_address": "mira@a.example" }));
    assert_eq!(
        mira["models"].as_array().unwrap().iter().map(short).collect::<Vec<_>>(),
        ["opus 2 3000 120000", "haiku 1 500 1500"]
    );
}

#[tokio::test]
async fn of_some_models_only_what_is_known_by_model_is_told() {
    let models = vec!["haiku".to_owned()];
    let narrowing = Narrowing { models, ..Narrowing::default() };
    let answer = ask(&three_at_work().await, Parameters { users: true, narrowing, ..parameters() }).await;
    let totals = &answer["totals"];
    assert_eq!(
        (&totals["sessions"], &totals["active_users"], &totals["requests"]),
        (&3.into(), &3.into(), &2.into())
    );
    assert_eq!(totals["cost_micros"]["settled"], 3_900);
    for unknown in ["lines", "commits", "pull_requests", "tool_actions", "decisions"] {
        assert!(totals[unknown].is_null(), "{unknown}");
    }
    assert_eq!(answer["days"][0]["sessions"], 0);
    assert_eq!(
        answer["users"].as_array().unwrap().iter().map(user).collect::<Vec<_>>(),
        ["pipeline 1 1 2100", "mira@a.example 1 1 1500", "noa@a.example 1 0 300"]
    );
}

#[tokio::test]
async fn teams_and_terminals_narrow_everything() {
    let mut elsewhere = of("mira@a.example", lines("m", "2026-11-19T12:00:00Z", 100, 0));
    elsewhere.team = "infra".into();
    elsewhere.terminal = "tmux".into();
    let mut ledger = three_at_work().await;
    ledger.post([elsewhere]).await;
    let added = async |narrowing: Narrowing| {
        ask(&ledger, Parameters { narrowing, ..parameters() }).await["totals"]["lines"]["added"].clone()
    };
    let texts = |text: &str| vec![text.to_owned()];
    assert_eq!(added(Narrowing::default()).await, 130);
    assert_eq!(added(Narrowing { teams: texts("infra"), ..Narrowing::default() }).await, 100);
    assert_eq!(added(Narrowing { teams: texts("unknown"), ..Narrowing::default() }).await, 30);
    assert_eq!(added(Narrowing { terminals: texts("vscode"), ..Narrowing::default() }).await, 30);
}

#[tokio::test]
async fn at_most_thirty_days() {
    let ledger = Ledger::default();
    let ask = async |start: &str, end: &str| {
        let parameters =
            Parameters { start: start.parse().unwrap(), end: end.parse().unwrap(), ..parameters() };
        analytics::ask(&ledger.store, &parameters).await
    };
    assert_eq!(ask("2026-11-01", "2026-11-30").await.unwrap().days.len(), 30);
    assert!(matches!(
        ask("2026-11-01", "2026-12-01").await,
        Err(ReportError::RangeTooLong { limit: 30, .. })
    ));
    assert!(matches!(ask("2026-11-02", "2026-11-01").await, Err(ReportError::EndBeforeStart { .. })));
}

#[tokio::test]
async fn people_are_known_since_their_first_session() {
    let ledger = three_at_work().await;
    let found = people::ask(&ledger.store as &dyn Store).await.unwrap();
    let known: Vec<_> = found.iter().map(|person| (person.email.as_str(), person.since)).collect();
    let expected =
        [("mira@a.example", at("2026-11-19T10:00:00Z")), ("noa@a.example", at("2026-11-20T09:00:00Z"))];
    assert_eq!(known, expected);
}
