//! How active a year was: each day of the weeks up to a day, for a calendar.

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use store::{Measure, Store};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::sums_of;
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::Scope;

/// How many weeks a calendar has: a year, and the week that is under way.
const WEEKS: u32 = 53;

/// Whole weeks of days, the last of them with the day asked for; it is cut after that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity {
    /// From a Monday on.
    pub range: Range,
    /// Each day, oldest first, empty days included.
    pub days: Vec<ActivityDay>,
    /// The most requests on one day.
    pub most_requests: i64,
    /// Days with at least one request.
    pub active_days: i64,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityDay {
    /// The day.
    pub date: Date,
    /// Requests to models.
    pub requests: i64,
    /// Settled cost in micro-dollars.
    pub cost_micros: i64,
}

/// The year of weeks up to the last day of `range`.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when they would reach back before 1970, and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, range: &DateRange, filter: &Filter) -> Result<Activity, ReportError> {
    let days = 7 * (WEEKS - 1) + u32::from(range.end().weekday().since(Weekday::Monday).unsigned_abs()) + 1;
    let year = DateRange::days_until(range.end(), days, range.zone().clone())?;
    let scope = Scope::filtered(&year, store.boundary().await?, filter);
    let figures = sums_of(&[&[Measure::Requests, Measure::CostSettled]]);
    let mut by_day = scope.by_day(store, &year, figures).await?;
    let day = |date: Date| {
        let figures = by_day.remove(&date).unwrap_or_default();
        let (requests, cost_micros) = (figures.sum(Measure::Requests), figures.micros(Measure::CostSettled));
        ActivityDay { date, requests, cost_micros }
    };
    let days: Vec<ActivityDay> = year.days().map(day).collect();
    let active_days = days.iter().filter(|day| day.requests > 0).count();
    Ok(Activity {
        range: (&year).into(),
        most_requests: days.iter().map(|day| day.requests).max().unwrap_or(0),
        active_days: i64::try_from(active_days).unwrap_or(i64::MAX),
        days,
    })
}
