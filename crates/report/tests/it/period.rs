//! Days, weeks and months as rows.

use jiff::civil::Weekday;
use report::asked::{Asked, RowOrder};
use report::period::{self, Period, PeriodReport, PeriodRow};
use report::range::Zone;
use report::selection::Selection;
use serde_json::json;

use crate::ledger::*;

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
    let ask = async |period| period::ask(&ledger.store, period, &everything()).await.unwrap();

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
            (report.heading.since, report.heading.until),
            (Some("2026-05-31".parse().unwrap()), Some("2026-06-04".parse().unwrap()))
        );
    }
}

#[tokio::test]
async fn so_are_very_many_sessions() {
    const SESSIONS: usize = 10_001;
    let days = ["2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z", "2026-06-08T10:00:00Z"];
    let on_two_days = (0..SESSIONS).map(|number| format!("session {number}"));
    let starts = on_two_days.flat_map(|session| [start(&session, days[0]), start(&session, days[1])]);
    let ledger = Ledger::of(starts.chain([start("session 0", days[2])])).await;
    let weekly = period::ask(&ledger.store, Period::Week(Weekday::Monday), &everything()).await.unwrap();
    let sessions: Vec<i64> = weekly.rows.iter().map(|row| row.figures.sessions).collect();
    assert_eq!((sessions, weekly.totals.sessions), (vec![10_001, 1], 10_001));
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
    let asked = Asked {
        since: Some("2026-06-01".parse().unwrap()),
        until: Some("2026-06-30".parse().unwrap()),
        zone: Zone::named("Europe/Berlin").unwrap(),
        ..everything()
    };
    let answer = period::ask(&ledger.store, Period::Day, &asked).await.unwrap();
    let answer = serde_json::to_value(answer).unwrap();

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
    let ask = async |asked: Asked| {
        let answer = period::ask(&ledger.store, Period::Month, &asked).await.unwrap();
        (answer.rows.len(), answer.heading.since, answer.heading.until)
    };
    assert_eq!(ask(everything()).await, (0, None, None));
    let since = Some("2026-06-01".parse().unwrap());
    assert_eq!(ask(Asked { since, ..everything() }).await, (0, since, None));
}

#[tokio::test]
async fn asking_beyond_the_data_is_no_mistake() {
    let ledger = four_days().await;
    let ask = async |asked: Asked| {
        let answer = period::ask(&ledger.store, Period::Day, &asked).await.unwrap();
        (answer.rows.len(), answer.heading.since, answer.heading.until)
    };
    let after = Some("2027-01-01".parse().unwrap());
    assert_eq!(ask(Asked { since: after, ..everything() }).await, (0, after, after));
    let before = Some("2020-01-01".parse().unwrap());
    assert_eq!(ask(Asked { until: before, ..everything() }).await, (0, before, before));
}

#[tokio::test]
async fn a_clock_far_off_does_not_make_the_rest_unanswerable() {
    let mut ledger = four_days().await;
    ledger.post([request("old", "1980-01-01T00:00:00Z", "claude-opus-5-5", 7, 1)]).await;
    let report = period::ask(&ledger.store, Period::Month, &everything()).await.unwrap();
    assert_eq!(rows(&report), [("2026-05", 1, 1, 1), ("2026-06", 2, 1, 110)]);
}

#[tokio::test]
async fn rows_are_sorted_and_cut_as_asked_and_totals_stay_whole() {
    let ledger = four_days().await;
    let periods = async |order, limit| {
        let asked = Asked { order, limit, ..everything() };
        let report = period::ask(&ledger.store, Period::Day, &asked).await.unwrap();
        assert_eq!(report.totals.tokens.input, 111);
        report.rows.into_iter().map(|row| row.period).collect::<Vec<_>>()
    };
    assert_eq!(periods(Some(RowOrder::Descending), None).await, ["2026-06-02", "2026-06-01", "2026-05-31"]);
    assert_eq!(periods(None, Some(2)).await, ["2026-06-01", "2026-06-02"]);
    assert_eq!(periods(Some(RowOrder::Descending), Some(1)).await, ["2026-06-02"]);
}

#[tokio::test]
async fn only_what_is_selected_is_counted() {
    let mut ledger = four_days().await;
    let mut elsewhere = request("c", "2026-06-02T12:00:00Z", "claude-opus-5-5", 1_000, 40);
    elsewhere.project = "/work/shop/.claude/worktrees/red-fox".into();
    let mut begun = start("c", "2026-06-02T12:00:00Z");
    begun.project.clone_from(&elsewhere.project);
    ledger.post([begun, elsewhere]).await;
    let ask = async |projects: &[&str], models: &[&str]| {
        let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let selection = Selection { projects: texts(projects), models: texts(models) };
        let asked = Asked { selection, ..everything() };
        let totals = period::ask(&ledger.store, Period::Day, &asked).await.unwrap().totals;
        (totals.sessions, totals.requests, totals.tokens.input)
    };
    assert_eq!(ask(&[], &[]).await, (3, 3, 1_111));
    assert_eq!(ask(&["shop"], &[]).await, (1, 1, 1_000));
    // Starts of sessions have no model: it is the sessions with a request to it.
    assert_eq!(ask(&[], &["opus"]).await, (2, 3, 1_011));
    assert_eq!(ask(&[], &["claude-sonnet-5-5", "haiku"]).await, (0, 0, 100));
    assert_eq!(ask(&["shop"], &["sonnet"]).await, (0, 0, 0));
    assert_eq!(ask(&["elsewhere"], &[]).await, (0, 0, 0));
}
