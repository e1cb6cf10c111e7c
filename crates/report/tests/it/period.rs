//! Days, weeks and months as rows.

use jiff::civil::Weekday;
use report::period::{self, Parameters, Period, PeriodReport, PeriodRow};
use report::range::Zone;
use serde_json::json;

use crate::ledger::*;

fn parameters(period: Period) -> Parameters {
    Parameters { period, since: None, until: None, zone: Zone::utc(), price_book: "2026-11-22".into() }
}

/// Period, sessions, requests and input tokens of each row.
fn rows(report: &PeriodReport) -> Vec<(&str, i64, i64, i64)> {
    fn summary(row: &PeriodRow) -> (&str, i64, i64, i64) {
        let figures = &row.figures;
        (&row.period, figures.sessions, figures.requests, figures.tokens.input)
    }
    report.rows.iter().map(summary).collect()
}

/// Session `a` on Sunday, Monday and Tuesday over a change of month, `b` on Tuesday alone.
async fn four_days() -> Ledger {
    Ledger::of([
        start("a", "2026-05-31T10:00:00Z"),
        request("a", "2026-05-31T10:00:00Z", "claude-opus-5-5", 1, 10),
        start("a", "2026-06-01T10:00:00Z"),
        request("a", "2026-06-01T10:00:00Z", "claude-opus-5-5", 10, 20),
        start("a", "2026-06-02T10:00:00Z"),
        start("b", "2026-06-02T11:00:00Z"),
        unattributed("b", "2026-06-02T11:00:00Z", "claude-sonnet-5-5", 100, 30),
        prompt("b", "2026-06-04T11:00:00Z"),
    ])
    .await
}

#[tokio::test]
async fn sessions_are_distinct_within_each_period() {
    let ledger = four_days().await;
    let ask = async |period| period::ask(&ledger.store, &parameters(period)).await.unwrap();

    let daily = ask(Period::Day).await;
    assert_eq!(rows(&daily), [("2026-05-31", 1, 1, 1), ("2026-06-01", 1, 1, 10), ("2026-06-02", 2, 0, 100)]);
    let weekly = ask(Period::Week(Weekday::Monday)).await;
    assert_eq!(rows(&weekly), [("2026-05-25", 1, 1, 1), ("2026-06-01", 2, 1, 110)]);
    let from_sunday = ask(Period::Week(Weekday::Sunday)).await;
    assert_eq!(rows(&from_sunday), [("2026-05-31", 2, 2, 111)]);
    let monthly = ask(Period::Month).await;
    assert_eq!(rows(&monthly), [("2026-05", 1, 1, 1), ("2026-06", 2, 1, 110)]);
    for report in [daily, weekly, from_sunday, monthly] {
        assert_eq!((report.totals.sessions, report.totals.tokens.input), (2, 111));
        assert_eq!(
            (report.since, report.until),
            (Some("2026-05-31".parse().unwrap()), Some("2026-06-04".parse().unwrap()))
        );
    }
}

#[tokio::test]
async fn the_answer_has_the_documented_shape() {
    let mut unpriced = request("a", "2026-06-01T22:30:00Z", "claude-unheard-9", 20, 0);
    unpriced.measures.unpriced_tokens = 22;
    unpriced.measures.cost_reported = 5_000_000;
    unpriced.measures.cost_settled = 5_000_000;
    let mut ledger =
        Ledger::of([start("a", "2026-06-01T22:30:00Z"), unpriced, lines("a", "2026-06-01T22:31:00Z", 4, 1)])
            .await;
    ledger.post(commit_and_pull_request("a", "2026-06-01T22:32:00Z")).await;
    let asked = Parameters {
        since: Some("2026-06-01".parse().unwrap()),
        until: Some("2026-06-30".parse().unwrap()),
        zone: Zone::named("Europe/Berlin").unwrap(),
        ..parameters(Period::Day)
    };
    let answer = serde_json::to_value(period::ask(&ledger.store, &asked).await.unwrap()).unwrap();

    let tokens = json!({
        "input": 20, "output": 2, "cache_read": 0,
        "cache_creation": 0, "cache_creation_5m": 0, "cache_creation_1h": 0
    });
    let cost = json!({ "settled": 5, "reported": 5, "priced": 0 });
    let model = json!({ "model": "claude-unheard-9", "requests": 1, "tokens": tokens, "cost_micros": cost });
    let figures = json!({
        "sessions": 1, "requests": 1, "tokens": tokens, "cost_micros": cost,
        "unpriced_models": ["claude-unheard-9"], "lines": { "added": 4, "removed": 1 },
        "commits": 1, "pull_requests": 1, "models": [model]
    });
    let mut row = figures.clone();
    row["period"] = "2026-06-02".into();
    let expected = json!({
        "timezone": "Europe/Berlin", "since": "2026-06-01", "until": "2026-06-30", "price_book": "2026-11-22",
        "rows": [row], "totals": figures
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn an_empty_ledger_has_no_rows_and_no_ends() {
    let ledger = Ledger::default();
    let answer = period::ask(&ledger.store, &parameters(Period::Month)).await.unwrap();
    assert_eq!((answer.rows.len(), answer.since, answer.until), (0, None, None));
    let since = Some("2026-06-01".parse().unwrap());
    let answer = period::ask(&ledger.store, &Parameters { since, ..parameters(Period::Day) }).await.unwrap();
    assert_eq!((answer.rows.len(), answer.since, answer.until), (0, since, None));
}

#[tokio::test]
async fn asking_beyond_the_data_is_no_mistake() {
    let ledger = four_days().await;
    let after = Some("2027-01-01".parse().unwrap());
    let answer =
        period::ask(&ledger.store, &Parameters { since: after, ..parameters(Period::Day) }).await.unwrap();
    assert_eq!((answer.rows.len(), answer.since, answer.until), (0, after, after));
    let before = Some("2020-01-01".parse().unwrap());
    let answer =
        period::ask(&ledger.store, &Parameters { until: before, ..parameters(Period::Day) }).await.unwrap();
    assert_eq!((answer.rows.len(), answer.since, answer.until), (0, before, before));
}
