//! What happened in these days.

use model::{Actor, Kind, Source, Timestamp};
use report::filter::Filter;
use report::overview::{self, Overview};
use report::range::{Comparison, DateRange};
use serde_json::{Value, json};

use crate::ledger::*;

const OPUS: &str = "claude-opus-5-5";
const SONNET: &str = "claude-sonnet-5-5";

async fn ask(ledger: &Ledger, range: DateRange) -> Overview {
    ask_filtered(ledger, range, Filter::default()).await
}

async fn ask_filtered(ledger: &Ledger, range: DateRange, filter: Filter) -> Overview {
    let now = at("2026-11-20T12:00:00Z");
    let comparison = Comparison::DaysBefore;
    let parameters = overview::Parameters { range, comparison, filter, now, price_book: "2026-11-22".into() };
    overview::ask(&ledger.store, &parameters).await.unwrap()
}

fn tokens(input: i64, output: i64) -> Value {
    json!({
        "input": input, "output": output, "cache_read": 0,
        "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
    })
}

fn cost(settled: i64) -> Value {
    json!({ "settled": settled, "reported": 0, "priced": settled })
}

fn nothing() -> Value {
    json!({
        "sessions": 0, "requests": 0, "prompts": 0, "tokens": tokens(0, 0), "cost_micros": cost(0),
        "lines": { "added": 0, "removed": 0 }, "commits": 0, "pull_requests": 0,
        "decisions": { "accepted": 0, "rejected": 0, "acceptance_rate": null }, "api_errors": 0,
        "active_time_ms": { "user": 0, "cli": 0 }, "active_people": 0, "unpriced_models": []
    })
}

#[tokio::test]
async fn an_empty_ledger_has_every_day_and_nothing_on_it() {
    let answer = ask(&Ledger::default(), range("2026-11-19", "2026-11-20", "UTC")).await;
    let day = |date: &str, complete: bool| {
        json!({
            "date": date, "complete": complete, "sessions": 0, "requests": 0, "tokens": tokens(0, 0),
            "cost_micros": cost(0), "lines": { "added": 0, "removed": 0 }, "models": []
        })
    };
    let source = |name: &str| json!({ "source": name, "sessions": 0, "records": 0, "newest_at": null });
    let expected = json!({
        "range": { "start": "2026-11-19", "end": "2026-11-20", "timezone": "UTC" },
        "compared": { "start": "2026-11-17", "end": "2026-11-18", "timezone": "UTC" },
        "boundary": "1970-01-01T00:00:00Z", "price_book": "2026-11-22",
        "totals": nothing(), "previous": nothing(),
        "days": [day("2026-11-19", true), day("2026-11-20", false)],
        "models": [], "tools": [], "projects": [],
        "coverage": {
            "sources": [source("events"), source("metrics"), source("traces"), source("transcripts")],
            "sessions": 0,
            "unattributed": { "tokens": tokens(0, 0), "cost_micros": cost(0), "cost_share": null }
        }
    });
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
}

/// Two people, two models, two projects, one day with work and one without.
async fn a_day_of_work() -> Ledger {
    let in_project = |project: &str, mut posting: model::Posting| {
        posting.project = project.into();
        posting
    };
    let by_key = |mut posting: model::Posting| {
        posting.actor = Actor::Api { name: "ci".into() };
        posting
    };
    let mut reported = request("a", "2026-11-19T10:01:00Z", OPUS, 1_000, 30_000);
    reported.measures.cost_reported = 29_000_000_000;
    reported.measures.cost_settled = 29_000_000_000;
    let mut unknown_model = request("b", "2026-11-19T11:00:00Z", "claude-unheard-9", 500, 0);
    unknown_model.measures.unpriced_tokens = 550;
    let mut error = prompt("a", "2026-11-19T10:06:00Z");
    error.kind = Kind::ApiError;
    error.measures.prompts = 0;
    error.measures.api_errors = 1;
    let mut active = prompt("a", "2026-11-19T10:07:00Z");
    active.kind = Kind::ActiveTime;
    active.measures.prompts = 0;
    active.measures.active_user_ms = 2_000;
    active.measures.active_cli_ms = 9_000;
    let mut ledger = Ledger::of([
        start("a", "2026-11-19T10:00:00Z"),
        prompt("a", "2026-11-19T10:00:30Z"),
        in_project("/work/shop", reported),
        in_project("/work/shop", request("a", "2026-11-19T10:02:00Z", SONNET, 2_000, 8_000)),
        in_project("/work/blog", unattributed("a", "2026-11-19T10:03:00Z", SONNET, 100, 1_000)),
        in_project("/work/shop", lines("a", "2026-11-19T10:04:00Z", 12, 3)),
        decisions("a", "2026-11-19T10:05:00Z", "Edit", 3, 1),
        results("a", "2026-11-19T10:05:00Z", "Edit", 2, 1),
        decisions("a", "2026-11-19T10:05:01Z", "Bash", 6, 0),
        error,
        active,
        by_key(start("b", "2026-11-19T11:00:00Z")),
        by_key(unknown_model),
        // The day before the range: what it is compared with.
        start("c", "2026-11-18T09:00:00Z"),
        request("c", "2026-11-18T09:00:00Z", OPUS, 10, 77),
        decisions("c", "2026-11-18T09:00:00Z", "Write", 1, 1),
    ])
    .await;
    ledger.post(commit_and_pull_request("a", "2026-11-19T10:08:00Z")).await;
    ledger.observe(Source::Events, &["a", "b"], at("2026-11-19T11:00:00Z")).await;
    ledger.observe(Source::Metrics, &["a"], at("2026-11-19T10:30:00.5Z")).await;
    ledger
}

#[tokio::test]
async fn totals_days_models_tools_and_projects_are_as_counted_by_hand() {
    let answer = ask(&a_day_of_work().await, range("2026-11-19", "2026-11-19", "UTC")).await;
    let answer = serde_json::to_value(answer).unwrap();

    let totals = json!({
        "sessions": 2, "requests": 3, "prompts": 1, "tokens": tokens(3_600, 360),
        "cost_micros": { "settled": 38_000, "reported": 29_000, "priced": 39_000 },
        "lines": { "added": 12, "removed": 3 }, "commits": 1, "pull_requests": 1,
        "decisions": { "accepted": 3, "rejected": 1, "acceptance_rate": 0.75 }, "api_errors": 1,
        "active_time_ms": { "user": 2_000, "cli": 9_000 }, "active_people": 2,
        "unpriced_models": ["claude-unheard-9"]
    });
    assert_eq!(answer["totals"], totals);
    assert_eq!(answer["boundary"], "2026-11-22T12:00:04Z");

    let mut previous = nothing();
    previous["sessions"] = 1.into();
    previous["requests"] = 1.into();
    previous["active_people"] = 1.into();
    previous["tokens"] = tokens(10, 1);
    previous["cost_micros"] = cost(77);
    previous["decisions"] = json!({ "accepted": 1, "rejected": 1, "acceptance_rate": 0.5 });
    assert_eq!(answer["previous"], previous);

    let opus = json!({
        "model": OPUS, "requests": 1, "tokens": tokens(1_000, 100),
        "cost_micros": { "settled": 29_000, "reported": 29_000, "priced": 30_000 }
    });
    let sonnet =
        json!({ "model": SONNET, "requests": 1, "tokens": tokens(2_100, 210), "cost_micros": cost(9_000) });
    let unheard = json!({ "model": "claude-unheard-9", "requests": 1, "tokens": tokens(500, 50), "cost_micros": cost(0) });
    let day = json!({
        "date": "2026-11-19", "complete": true, "sessions": 2, "requests": 3, "tokens": tokens(3_600, 360),
        "cost_micros": { "settled": 38_000, "reported": 29_000, "priced": 39_000 },
        "lines": { "added": 12, "removed": 3 }, "models": [opus, sonnet, unheard]
    });
    assert_eq!(answer["days"], json!([day]));
    let priced: Vec<_> = answer["models"].as_array().unwrap().iter().map(|row| &row["priced"]).collect();
    assert_eq!(priced, [true, true, false]);

    let tools = json!([
        { "tool": "Bash", "accepted": 6, "rejected": 0, "acceptance_rate": 1.0, "succeeded": 0, "failed": 0 },
        { "tool": "Edit", "accepted": 3, "rejected": 1, "acceptance_rate": 0.75, "succeeded": 2, "failed": 1 }
    ]);
    assert_eq!(answer["tools"], tools);

    let project = |name: &str, sessions: i64, requests: i64, tokens: Value, cost: Value, added: i64| {
        json!({
            "project": name, "sessions": sessions, "requests": requests, "tokens": tokens,
            "cost_micros": cost, "lines": { "added": added, "removed": added / 4 }
        })
    };
    let shop_cost = json!({ "settled": 37_000, "reported": 29_000, "priced": 38_000 });
    let projects = json!([
        project("/work/shop", 0, 2, tokens(3_000, 300), shop_cost, 12),
        project("/work/blog", 0, 0, tokens(100, 10), cost(1_000), 0),
        project("unknown", 2, 1, tokens(500, 50), cost(0), 0)
    ]);
    assert_eq!(answer["projects"], projects);
}

#[tokio::test]
async fn coverage_says_what_each_source_told_and_what_no_request_shows() {
    let answer = ask(&a_day_of_work().await, range("2026-11-19", "2026-11-19", "UTC")).await;
    let coverage = serde_json::to_value(answer.coverage).unwrap();
    let expected = json!({
        "sources": [
            { "source": "events", "sessions": 2, "records": 2, "newest_at": "2026-11-19T11:00:00Z" },
            { "source": "metrics", "sessions": 1, "records": 1, "newest_at": "2026-11-19T10:30:00.5Z" },
            { "source": "traces", "sessions": 0, "records": 0, "newest_at": null },
            { "source": "transcripts", "sessions": 0, "records": 0, "newest_at": null }
        ],
        "sessions": 2,
        "unattributed": { "tokens": tokens(100, 10), "cost_micros": cost(1_000), "cost_share": 1.0 / 38.0 }
    });
    assert_eq!(coverage, expected);
}

#[tokio::test]
async fn a_session_counts_on_days_it_starts_or_is_taken_up_not_on_those_it_runs_into() {
    let ledger = Ledger::of([
        start("a", "2026-11-17T23:50:00Z"),
        request("a", "2026-11-17T23:59:59Z", OPUS, 10, 1),
        request("a", "2026-11-18T00:00:01Z", OPUS, 20, 2),
        start("a", "2026-11-19T08:00:00Z"),
    ])
    .await;
    let answer = ask(&ledger, range("2026-11-17", "2026-11-19", "UTC")).await;
    let days: Vec<_> = answer.days.iter().map(|day| (day.sessions, day.requests)).collect();
    assert_eq!(days, [(1, 1), (0, 1), (1, 0)]);
    assert_eq!(answer.totals.sessions, 1);
    assert_eq!(answer.coverage.sessions, 1);
}

#[tokio::test]
async fn a_correction_leaves_only_what_is_right() {
    let wrong = request("a", "2026-11-18T23:30:00Z", OPUS, 999, 9);
    let mut right = request("a", "2026-11-19T00:30:00Z", SONNET, 40, 4);
    right.item = wrong.item;
    let mut ledger = Ledger::of([start("a", "2026-11-18T23:00:00Z"), wrong.clone()]).await;
    ledger.correct(wrong, right).await;
    ledger.correct(start("a", "2026-11-18T23:00:00Z"), start("a", "2026-11-19T00:10:00Z")).await;
    let answer = ask(&ledger, range("2026-11-18", "2026-11-19", "UTC")).await;
    let days: Vec<_> = answer.days.iter().map(|day| (day.sessions, day.tokens.input)).collect();
    assert_eq!(days, [(0, 0), (1, 40)]);
    assert_eq!(answer.models.len(), 1);
    assert_eq!((answer.totals.requests, answer.totals.cost_micros.settled), (1, 4));
}

/// Input tokens per day, with one request of a distinct power of ten at each of the instants.
async fn input_by_day(instants: &[&str], range: DateRange) -> Vec<i64> {
    let requests =
        instants.iter().enumerate().map(|(place, at)| request("a", at, OPUS, 10_i64.pow(place as u32), 1));
    let ledger = Ledger::of(requests).await;
    ask(&ledger, range).await.days.iter().map(|day| day.tokens.input).collect()
}

#[tokio::test]
async fn days_follow_the_zone_over_changes_of_the_clock() {
    // Clocks go forward on 2026-03-29 at 01:00 UTC: that day has 23 hours, from 23:00 to 22:00 UTC.
    let spring =
        ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"];
    let days = input_by_day(&spring, range("2026-03-28", "2026-03-30", "Europe/Berlin")).await;
    assert_eq!(days, [1, 110, 1_000]);

    // Clocks go back on 2026-10-25 at 01:00 UTC: that day has 25 hours, from 22:00 to 23:00 UTC.
    let autumn =
        ["2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"];
    let days = input_by_day(&autumn, range("2026-10-24", "2026-10-26", "Europe/Berlin")).await;
    assert_eq!(days, [1, 110, 1_000]);

    // Five and a half hours ahead, all year.
    let kolkata =
        ["2026-11-18T18:29:59Z", "2026-11-18T18:30:00Z", "2026-11-19T18:29:59Z", "2026-11-19T18:30:00Z"];
    let days = input_by_day(&kolkata, range("2026-11-18", "2026-11-20", "Asia/Kolkata")).await;
    assert_eq!(days, [1, 110, 1_000]);
}

#[tokio::test]
async fn only_the_range_counts() {
    let outside = ["2026-11-17T23:59:59.999999Z", "2026-11-19T00:00:00Z"];
    assert_eq!(input_by_day(&outside, range("2026-11-18", "2026-11-18", "UTC")).await, [0]);
}

#[tokio::test]
async fn what_is_too_long_ago_to_compare_with_is_told() {
    let store = Ledger::default().store;
    let parameters = overview::Parameters {
        range: range("1970-01-02", "1970-01-03", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
        now: Timestamp::default(),
        price_book: String::new(),
    };
    let error = overview::ask(&store, &parameters).await.unwrap_err();
    assert!(error.is_bad_question(), "{error}");
}
