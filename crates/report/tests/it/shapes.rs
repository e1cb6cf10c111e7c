//! The documented shape of every report, held by a schema: against real answers, and against the examples of
//! the documentation.

use jsonschema::Validator;
use model::Kind;
use report::asked::Asked;
use report::period::{self, Period};
use report::{blocks, model_usage, projects, sessions, tools};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ledger::*;

const SCHEMA: &str = include_str!("../../../../docs/reports.schema.json");
const PAGE: &str = include_str!("../../../../docs/reports.md");

fn validator(name: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(schema["$defs"].get(name).is_some(), "the schema has no {name}");
    schema["$ref"] = format!("#/$defs/{name}").into();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn assert_fits(name: &str, value: &Value) {
    let errors: Vec<_> = validator(name)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}

fn to_value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap()
}

async fn rich_ledger() -> Ledger {
    let at = "2026-11-20T10:00:00Z";
    let mut by_agent = request("a", at, "claude-opus-5-5", 10, 50);
    by_agent.agent = "Explore".into();
    by_agent.project = "/work/shop".into();
    let mut unheard = request("b", "2026-11-20T10:30:00Z", "claude-unheard-9", 5, 0);
    unheard.measures.unpriced_tokens = 5;
    let mut ledger = Ledger::of([
        start("a", at),
        by_agent,
        unheard,
        unattributed("a", at, "claude-sonnet-5-5", 3, 2),
        lines("a", at, 4, 1),
        decisions("a", at, "Edit", 1, 1),
        results("a", at, "Bash", 2, 0),
    ])
    .await;
    ledger.post(commit_and_pull_request("a", at)).await;
    ledger
}

#[tokio::test]
async fn answers_have_the_documented_shape() {
    let rich = rich_ledger().await;
    let empty = Ledger::default();
    let now = at("2026-11-20T11:00:00Z");
    let asked_now = Asked { price_now: Some(now), ..everything() };
    for (ledger, asked) in [(&rich, everything()), (&rich, asked_now), (&empty, everything())] {
        let store = &ledger.store;
        for period in [Period::Day, Period::Week(jiff::civil::Weekday::Monday), Period::Month] {
            assert_fits("period_report", &to_value(period::ask(store, period, &asked).await.unwrap()));
        }
        assert_fits("session_report", &to_value(sessions::ask(store, &asked).await.unwrap()));
        assert_fits("block_report", &to_value(blocks::ask(store, &asked, now).await.unwrap()));
        assert_fits("model_report", &to_value(model_usage::ask(store, &asked).await.unwrap()));
        assert_fits("project_report", &to_value(projects::ask(store, &asked).await.unwrap()));
        assert_fits("tool_report", &to_value(tools::ask(store, &asked).await.unwrap()));
    }
    // The ledger is rich enough for the nullable parts to be there.
    let report = blocks::ask(&rich.store, &everything(), now).await.unwrap();
    assert!(report.rows[0].burn_rate.is_some() && report.rows[0].projection.is_some());
}

#[test]
fn the_examples_of_the_documentation_fit_the_schema() {
    let mut seen = Vec::new();
    for block in PAGE.split("```json ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        assert_fits(name, &serde_json::from_str(example).unwrap());
        seen.push(name);
    }
    let expected = ["period_report", "session_row", "block_row", "model_row", "project_row", "tool_row"];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_schema_refuses_what_is_not_documented() {
    let ledger = rich_ledger().await;
    let good = to_value(period::ask(&ledger.store, Period::Day, &everything()).await.unwrap());
    let validator = validator("period_report");
    assert!(validator.is_valid(&good));
    for (pointer, value) in [
        ("/rows/0/sessions", json!("1")),
        ("/rows/0/tokens/input", json!(1.5)),
        ("/rows/0/cost_micros", json!({ "settled": 1, "reported": 1 })),
        ("/rows/0/period", json!("yesterday")),
        ("/since", json!("20.11.2026")),
        ("/totals", json!({})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
    let mut more = good;
    more["rows"][0]["surprise"] = json!(Kind::Request.as_str());
    assert!(!validator.is_valid(&more));
}
