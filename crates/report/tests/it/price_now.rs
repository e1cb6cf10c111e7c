//! The same tokens at the prices of now.

use ledger::{OwnPrice, PriceBook};
use model::{Money, Posting};
use report::asked::Asked;
use report::figures::Cost;
use report::period::{self, Period};
use report::{model_usage, projects, sessions};
use std::sync::Arc;

use crate::ledger::*;

/// A million of input, a hundred thousand of output, a million read: with Sonnet 5.5 that is 2 + 1 + 0.20
/// dollars until 2026-10-07 and 2 + 1 + 0.10 since.
fn sonnet(session: &str, at: &str, priced_micros: i64) -> Posting {
    let mut posting = request(session, at, "claude-sonnet-5-5", 1_000_000, priced_micros);
    posting.measures.tokens.cache_read = 1_000_000;
    posting
}

async fn mixed() -> Ledger {
    let mut in_the_us = sonnet("us", "2026-10-02T10:00:00Z", 3_520_000);
    in_the_us.project = "/work/shop".into();
    let mut searching = sonnet("a", "2026-10-03T10:00:00Z", 3_200_000 + 20_000);
    searching.measures.web_searches = 2;
    let mut ledger = Ledger::of([
        sonnet("a", "2026-10-01T10:00:00Z", 3_200_000),
        in_the_us,
        searching,
        sonnet("a", "2026-10-08T10:00:00Z", 3_100_000),
        request("a", "2026-10-01T11:00:00Z", "claude-opus-5-5", 100, 600),
    ])
    .await;
    // What was taken back is not counted at any price.
    let wrong = sonnet("a", "2026-10-04T10:00:00Z", 3_200_000);
    ledger.post([wrong.clone()]).await;
    ledger.correct(wrong, sonnet("a", "2026-10-04T10:00:01Z", 3_200_000)).await;
    ledger
}

fn now() -> Asked {
    Asked { price_now: Some(at("2026-11-22T12:00:00Z")), ..everything() }
}

fn priced(cost: &Cost) -> (i64, Option<i64>) {
    (cost.priced, cost.priced_now)
}

#[tokio::test]
async fn prices_of_now_are_told_beside_those_of_then() {
    let ledger = mixed().await;
    let report = period::ask(&ledger.store, Period::Day, &now()).await.unwrap();
    let days: Vec<_> =
        report.rows.iter().map(|row| (row.period.as_str(), priced(&row.figures.cost_micros))).collect();
    assert_eq!(
        days,
        [
            ("2026-10-01", (3_200_600, Some(3_100_600))),
            ("2026-10-02", (3_520_000, Some(3_410_000))),
            ("2026-10-03", (3_220_000, Some(3_120_000))),
            ("2026-10-04", (3_200_000, Some(3_100_000))),
            ("2026-10-08", (3_100_000, Some(3_100_000))),
        ]
    );
    let then = 3_200_600 + 3_520_000 + 3_220_000 + 3_200_000 + 3_100_000;
    let all = (then, Some(then - 100_000 - 110_000 - 100_000 - 100_000));
    assert_eq!(priced(&report.totals.cost_micros), all);

    let models = model_usage::ask(&ledger.store, &now()).await.unwrap();
    assert_eq!(models.rows[1].model, "claude-opus-5-5");
    assert_eq!(priced(&models.rows[1].cost_micros), (600, Some(600)));
    assert_eq!(priced(&models.totals.cost_micros), all);

    let sessions = sessions::ask(&ledger.store, &now()).await.unwrap();
    let us = sessions.sessions.iter().find(|row| row.session_id == "us").unwrap();
    assert_eq!(priced(&us.cost_micros), (3_520_000, Some(3_410_000)));

    let projects = projects::ask(&ledger.store, &now()).await.unwrap();
    let shop = projects.rows.iter().find(|row| row.project == "/work/shop").unwrap();
    assert_eq!(priced(&shop.figures.cost_micros), (3_520_000, Some(3_410_000)));
}

#[tokio::test]
async fn prices_of_now_are_not_told_unless_asked_for() {
    let report = period::ask(&mixed().await.store, Period::Day, &everything()).await.unwrap();
    assert_eq!(report.totals.cost_micros.priced_now, None);
    let json = serde_json::to_value(report.totals.cost_micros).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_range_and_a_discount_of_today_are_respected() {
    let discount = OwnPrice {
        model: "*".into(),
        from: Some("2026-11-01".parse().unwrap()),
        discount_percent: Some(10.0),
        ..OwnPrice::default()
    };
    let prices = Arc::new(PriceBook::embedded().unwrap().with_own(&[discount]).unwrap());
    let until = Some("2026-10-01".parse().unwrap());
    let asked = Asked { prices, until, ..now() };
    let report = period::ask(&mixed().await.store, Period::Day, &asked).await.unwrap();
    // 90 % of 3.10 dollars, and of the 400 + 200 micro-dollars of Opus.
    assert_eq!(priced(&report.totals.cost_micros), (3_200_600, Some(2_790_540)));
    assert!(report.heading.price_book.starts_with("2026-11-22+own."));
}

#[tokio::test]
async fn more_lines_than_a_page_are_all_priced() {
    // Cheap ones, 100 of them at one instant and the others spread, all read back in pages.
    let mut entries = Vec::new();
    for number in 0..20_000_i64 {
        let seconds = number / 100;
        let at = format!("2026-10-01T{:02}:{:02}:{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let mut posting = request("a", &at, "claude-sonnet-5-5", number, 0);
        posting.measures.tokens = model::TokenUsage { cache_read: 10, ..model::TokenUsage::default() };
        posting.measures.cost_priced = 2 * Money::PICOS_PER_MICRO;
        entries.push(posting);
    }
    let report = period::ask(&Ledger::of(entries).await.store, Period::Day, &now()).await.unwrap();
    assert_eq!(priced(&report.totals.cost_micros), (40_000, Some(20_000)));
}
