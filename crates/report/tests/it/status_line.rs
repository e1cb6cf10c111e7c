//! Today, the running window and one session.

use report::range::Zone;
use report::status_line::{self, Parameters, StatusLine};

use crate::ledger::*;

async fn ask(ledger: &Ledger, session: Option<&str>, zone: &str, now: &str) -> StatusLine {
    let parameters = Parameters {
        session: session.map(Into::into).into_iter().collect(),
        zone: Zone::named(zone).unwrap(),
        now: at(now),
    };
    status_line::ask(&ledger.store, &parameters).await.unwrap()
}

#[tokio::test]
async fn today_the_window_and_the_session_are_told_apart() {
    let ledger = Ledger::of([
        request("a", "2026-11-19T23:30:00Z", "claude-opus-5-5", 1, 10),
        request("a", "2026-11-20T09:00:00Z", "claude-opus-5-5", 10, 20),
        request("b", "2026-11-20T15:10:00Z", "claude-opus-5-5", 100, 30),
        request("a", "2026-11-20T15:30:00Z", "claude-opus-5-5", 1_000, 40),
    ])
    .await;
    let line = ask(&ledger, Some("a"), "UTC", "2026-11-20T16:00:00Z").await;
    let spent = |spent: status_line::Spent| (spent.requests, spent.tokens.input, spent.cost_micros.settled);
    assert_eq!(spent(line.today), (3, 1_110, 90));
    assert_eq!(line.session.map(spent), Some((3, 1_011, 70)));
    let block = line.block.unwrap();
    assert_eq!(
        (block.ends_at.to_string().as_str(), spent(block.spent)),
        ("2026-11-20T20:00:00Z", (2, 1_100, 70))
    );
    // 1,100 + 110 tokens in the twenty minutes from 15:10 to 15:30.
    assert_eq!(block.burn_rate.unwrap().tokens_per_minute, 60);

    // In Kiritimati the 20th ended at ten in the morning, UTC.
    let elsewhere = ask(&ledger, Some("nobody"), "Pacific/Kiritimati", "2026-11-20T16:00:00Z").await;
    assert_eq!((spent(elsewhere.today), elsewhere.session), ((2, 1_100, 70), None));
}

#[tokio::test]
async fn an_empty_ledger_has_a_line_too() {
    let line = ask(&Ledger::default(), None, "UTC", "2026-11-20T16:00:00Z").await;
    assert_eq!((line.today, line.block, line.session), (status_line::Spent::default(), None, None));
}
