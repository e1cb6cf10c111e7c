//! Where days begin and end: midnight and the changes of summer time, in several zones.

use report::asked::Asked;
use report::period::{self, Period};
use report::range::Zone;

use crate::ledger::*;

/// One request for each instant; its input tokens are its number, from one: 1, 2, 4, 8, …
async fn requests_at(instants: &[&str]) -> Ledger {
    let requests = instants.iter().enumerate();
    Ledger::of(requests.map(|(number, at)| request("s", at, "claude-opus-5-5", 1 << number, 1))).await
}

/// Day and input tokens, by which the requests can be told.
async fn days(ledger: &Ledger, zone: &str) -> Vec<(String, i64)> {
    let asked = Asked { zone: Zone::named(zone).unwrap(), ..everything() };
    let report = period::ask(&ledger.store, Period::Day, &asked).await.unwrap();
    assert_eq!(report.totals.requests, report.rows.iter().map(|row| row.figures.requests).sum::<i64>());
    report.rows.into_iter().map(|row| (row.period, row.figures.tokens.input)).collect()
}

fn expected<const N: usize>(days: [(&str, i64); N]) -> Vec<(String, i64)> {
    days.map(|(day, input)| (day.to_owned(), input)).into()
}

#[tokio::test]
async fn midnight_belongs_to_the_new_day() {
    let ledger = requests_at(&["2026-11-21T23:59:59.999Z", "2026-11-22T00:00:00Z"]).await;
    assert_eq!(days(&ledger, "UTC").await, expected([("2026-11-21", 1), ("2026-11-22", 2)]));
    // An hour to the east the new day has begun, five to the west it has not.
    assert_eq!(days(&ledger, "Europe/Berlin").await, expected([("2026-11-22", 3)]));
    assert_eq!(days(&ledger, "America/New_York").await, expected([("2026-11-21", 3)]));
    let ledger = requests_at(&["2026-11-21T18:29:59.999Z", "2026-11-21T18:30:00Z"]).await;
    assert_eq!(days(&ledger, "Asia/Kolkata").await, expected([("2026-11-21", 1), ("2026-11-22", 2)]));
}

#[tokio::test]
async fn the_day_that_summer_time_ends_has_25_hours() {
    // Berlin: 2026-10-25 begins at 22:00 UTC of the day before and ends at 23:00 UTC.
    let ledger = requests_at(&[
        "2026-10-24T21:59:59Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T22:59:59Z",
        "2026-10-25T23:00:00Z",
    ])
    .await;
    let split = [("2026-10-24", 1), ("2026-10-25", 2 + 4 + 8 + 16), ("2026-10-26", 32)];
    assert_eq!(days(&ledger, "Europe/Berlin").await, expected(split));
    assert_eq!(
        days(&ledger, "UTC").await,
        expected([("2026-10-24", 1 + 2), ("2026-10-25", 4 + 8 + 16 + 32)])
    );
}

#[tokio::test]
async fn the_day_that_summer_time_begins_has_23_hours() {
    // New York: 2026-03-08 begins at 05:00 UTC and ends at 04:00 UTC of the next day.
    let ledger = requests_at(&[
        "2026-03-08T04:59:59Z",
        "2026-03-08T05:00:00Z",
        "2026-03-09T03:59:59Z",
        "2026-03-09T04:00:00Z",
    ])
    .await;
    let split = [("2026-03-07", 1), ("2026-03-08", 2 + 4), ("2026-03-09", 8)];
    assert_eq!(days(&ledger, "America/New_York").await, expected(split));
}

#[tokio::test]
async fn a_zone_may_leave_a_day_out() {
    // Samoa went from 29 December 2011 straight to the 31st, at 10:00 UTC of the 30th.
    let ledger = requests_at(&["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"]).await;
    assert_eq!(days(&ledger, "Pacific/Apia").await, expected([("2011-12-29", 1), ("2011-12-31", 2)]));
}
