//! What the month will have cost.

use jiff::civil::{Date, date};
use model::{Money, Posting};
use report::filter::Filter;
use report::forecast::{self, Estimate, Forecast};
use report::range::Zone;

use crate::ledger::*;

const DOLLAR: i64 = 1_000_000;

fn spent(day: Date, dollars: i64) -> Posting {
    request("a", &format!("{day}T12:00:00Z"), "claude-opus-5-5", 1, dollars * DOLLAR)
}

fn days(from: Date, count: usize) -> impl Iterator<Item = Date> {
    from.series(jiff::ToSpan::days(1)).take(count)
}

async fn ask(ledger: &Ledger, now: &str, budget: Option<i64>, filter: Filter) -> Forecast {
    let budget = budget.map(|dollars| Money::from_micros(dollars * DOLLAR));
    let parameters = forecast::Parameters { zone: Zone::utc(), filter, now: at(now), budget };
    forecast::ask(&ledger.store, &parameters).await.unwrap()
}

#[tokio::test]
async fn steady_days_go_on_as_they_were() {
    let steady = days(date(2026, 10, 1), 52).map(|day| spent(day, 10));
    let ledger = Ledger::of(steady.chain([spent(date(2026, 11, 22), 4)])).await;
    let answer = ask(&ledger, "2026-11-22T14:00:00Z", Some(250), Filter::default()).await;
    assert_eq!(
        (answer.start, answer.end, answer.today),
        (date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 22))
    );
    assert_eq!(answer.history_days, 52);
    // 21 days at ten dollars and today's four; of October 22 days, and all 31.
    assert_eq!(answer.so_far, 214 * DOLLAR);
    assert_eq!((answer.month_before_so_far, answer.month_before), (220 * DOLLAR, 310 * DOLLAR));
    let certain = |dollars: i64| {
        Some(Estimate { expected: dollars * DOLLAR, low: dollars * DOLLAR, high: dollars * DOLLAR })
    };
    assert_eq!(answer.end_of_month, certain(300));
    let day = |number: usize| answer.days[number - 1];
    assert_eq!(
        (day(21).cost, day(21).month_so_far, day(21).expected),
        (Some(10 * DOLLAR), Some(210 * DOLLAR), None)
    );
    assert_eq!((day(22).month_so_far, day(22).expected), (Some(214 * DOLLAR), certain(220)));
    assert_eq!((day(23).cost, day(23).month_so_far, day(23).expected), (None, None, certain(230)));
    // 250 dollars are reached, not exceeded, at the end of the 25th.
    let budget = answer.budget.unwrap();
    assert_eq!((budget.amount, budget.used_up_on), (250 * DOLLAR, Some(date(2026, 11, 26))));
    assert_eq!(budget.used, Some(214.0 / 250.0));
}

#[tokio::test]
async fn days_that_varied_make_a_band() {
    let first = days(date(2026, 11, 1), 7).map(|day| spent(day, 8));
    let second = days(date(2026, 11, 8), 7).map(|day| spent(day, 12));
    let ledger = Ledger::of(first.chain(second)).await;
    let answer = ask(&ledger, "2026-11-15T00:00:00Z", None, Filter::default()).await;
    // Each weekday was 8 and 12: on average 10, with a variance of 8. Sixteen days are to come.
    let estimate = answer.end_of_month.unwrap();
    assert_eq!(estimate.expected, 300 * DOLLAR);
    let half_width = 14_499_649; // 1.2816 standard deviations of sqrt(16 * 8) dollars
    assert!((300 * DOLLAR - half_width - estimate.low).abs() <= 1, "{estimate:?}");
    assert!((300 * DOLLAR + half_width - estimate.high).abs() <= 1, "{estimate:?}");
    assert_eq!(answer.budget, None);
}

#[tokio::test]
async fn weekdays_are_told_apart() {
    // Two weeks from a Monday, with nothing at weekends.
    let working = days(date(2026, 11, 2), 14).filter(|day| day.weekday().to_monday_zero_offset() < 5);
    let ledger = Ledger::of(working.map(|day| spent(day, 10))).await;
    let answer = ask(&ledger, "2026-11-16T00:00:00Z", None, Filter::default()).await;
    // From Monday the 16th to Monday the 30th there are eleven working days.
    assert_eq!(answer.end_of_month.unwrap().expected, (100 + 110) * DOLLAR);
}

#[tokio::test]
async fn less_than_two_weeks_forecast_nothing() {
    let ledger = Ledger::of(days(date(2026, 11, 1), 13).map(|day| spent(day, 10))).await;
    let answer = ask(&ledger, "2026-11-14T12:00:00Z", Some(100), Filter::default()).await;
    assert_eq!((answer.end_of_month, answer.history_days), (None, 13));
    assert_eq!(answer.so_far, 130 * DOLLAR);
    assert_eq!(answer.budget.unwrap().used_up_on, Some(date(2026, 11, 11)));
}

#[tokio::test]
async fn a_part_of_the_ledger_has_no_budget() {
    let ledger = Ledger::of(days(date(2026, 11, 1), 20).map(|day| spent(day, 10))).await;
    let filter = Filter { teams: vec!["web".into()], ..Filter::default() };
    let answer = ask(&ledger, "2026-11-21T12:00:00Z", Some(100), filter).await;
    assert_eq!((answer.budget, answer.so_far, answer.history_days), (None, 0, 0));
}
