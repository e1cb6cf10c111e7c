//! Five-hour windows.

use report::asked::Asked;
use report::blocks::{self, Block, BurnRate, Projection};

use crate::ledger::*;

const MODEL: &str = "claude-opus-5-5";

fn summary(block: &Block) -> (String, String, String, i64, i64) {
    let text = |instant: jiff::Timestamp| instant.to_string();
    (
        text(block.started_at),
        text(block.first_activity_at),
        text(block.last_activity_at),
        block.requests,
        block.tokens.input,
    )
}

fn row(
    start: &str,
    first: &str,
    last: &str,
    requests: i64,
    input: i64,
) -> (String, String, String, i64, i64) {
    (start.into(), first.into(), last.into(), requests, input)
}

async fn days() -> Ledger {
    Ledger::of([
        start("a", "2026-11-20T09:39:00Z"),
        request("a", "2026-11-20T09:40:00Z", MODEL, 1, 10),
        request("a", "2026-11-20T13:59:59Z", MODEL, 10, 10),
        // Five hours after the first window's full hour: the next one, although work went on.
        request("b", "2026-11-20T14:00:00Z", MODEL, 100, 10),
        // Told when nobody worked any more, and belongs to what went before.
        unattributed("b", "2026-11-20T21:30:00Z", MODEL, 1_000, 10),
        request("c", "2026-11-21T08:10:00Z", MODEL, 10_000, 10),
        request("d", "2026-11-21T08:20:00Z", "claude-haiku-4-5", 20_000, 30),
        // Too long after any window to belong to it.
        unattributed("e", "2026-11-22T04:30:00Z", MODEL, 100_000, 10),
    ])
    .await
}

#[tokio::test]
async fn windows_begin_at_the_full_hour_and_last_five() {
    let ledger = days().await;
    let report = blocks::ask(&ledger.store, &everything(), at("2026-11-25T12:00:00Z")).await.unwrap();
    let rows: Vec<_> = report.rows.iter().map(summary).collect();
    assert_eq!(
        rows,
        [
            row("2026-11-20T09:00:00Z", "2026-11-20T09:40:00Z", "2026-11-20T13:59:59Z", 2, 11),
            row("2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z", 1, 1_100),
            row("2026-11-21T08:00:00Z", "2026-11-21T08:10:00Z", "2026-11-21T08:20:00Z", 2, 30_000),
            row("2026-11-22T04:00:00Z", "2026-11-22T04:30:00Z", "2026-11-22T04:30:00Z", 0, 100_000),
        ]
    );
    assert_eq!(report.rows[0].ends_at.to_string(), "2026-11-20T14:00:00Z");
    assert_eq!(report.rows.iter().map(|block| block.sessions).collect::<Vec<_>>(), [1, 1, 2, 0]);
    assert_eq!(report.rows[2].models[0].model, "claude-haiku-4-5");
    assert!(report.rows.iter().all(|block| !block.active && block.burn_rate.is_none()));
    assert_eq!((report.totals.requests, report.totals.tokens.input, report.totals.sessions), (5, 131_111, 1));
}

#[tokio::test]
async fn a_range_shows_the_windows_that_begin_in_it_whole() {
    let ledger = days().await;
    let ask = async |since: &str, until: &str, limit| {
        let day = |text: &str| Some(text.parse().unwrap());
        let asked = Asked { since: day(since), until: day(until), limit, ..everything() };
        let report = blocks::ask(&ledger.store, &asked, at("2026-11-25T12:00:00Z")).await.unwrap();
        let rows: Vec<_> = report.rows.iter().map(|block| block.started_at.to_string()).collect();
        (rows, report.totals.tokens.input)
    };
    let second = "2026-11-20T14:00:00Z".to_owned();
    assert_eq!(
        ask("2026-11-20", "2026-11-20", None).await,
        (vec!["2026-11-20T09:00:00Z".to_owned(), second.clone()], 1_111)
    );
    assert_eq!(ask("2026-11-20", "2026-11-20", Some(1)).await, (vec![second], 1_111));
    assert_eq!(
        ask("2026-11-21", "2026-11-21", None).await,
        (vec!["2026-11-21T08:00:00Z".to_owned()], 30_000)
    );
    assert_eq!(ask("2026-11-23", "2026-11-23", None).await, (vec![], 0));
}

#[tokio::test]
async fn the_running_window_has_a_burn_rate_and_a_projection() {
    // From 09:40 to 11:40: two hours, 1,200 + 120 and 2,400 + 240 tokens, 6,000 micro-dollars.
    let ledger = Ledger::of([
        request("a", "2026-11-20T09:40:00Z", MODEL, 1_200, 2_000),
        request("a", "2026-11-20T11:40:00Z", MODEL, 2_400, 4_000),
    ])
    .await;
    let active = async |now: &str| blocks::active(&ledger.store, at(now)).await.unwrap();
    let block = active("2026-11-20T12:00:00Z").await.unwrap();
    // 3,960 tokens in 120 minutes; two hours are left.
    assert_eq!(
        block.burn_rate,
        Some(BurnRate { tokens_per_minute: 33, uncached_tokens_per_minute: 33, cost_micros_per_hour: 3_000 })
    );
    assert_eq!(
        block.projection,
        Some(Projection { tokens: 3_960 + 3_960, cost_micros: 12_000, remaining_minutes: 120 })
    );
    assert_eq!(active("2026-11-20T13:59:59Z").await.map(|block| block.requests), Some(2));
    assert_eq!(active("2026-11-20T14:00:00Z").await, None);
    let listed = blocks::ask(&ledger.store, &everything(), at("2026-11-20T12:00:00Z")).await.unwrap();
    assert_eq!(listed.rows, [block]);
}

#[tokio::test]
async fn a_moment_is_no_burn_rate() {
    let ledger = Ledger::of([request("a", "2026-11-20T09:40:00Z", MODEL, 1, 2)]).await;
    let block = blocks::active(&ledger.store, at("2026-11-20T09:41:00Z")).await.unwrap().unwrap();
    assert_eq!((block.active, block.burn_rate, block.projection), (true, None, None));
}
