//! What the month will have cost at its end.
//!
//! Each weekday to come is expected to cost what that weekday cost on average over the last eight weeks. The band
//! is made of how much each weekday varied: eight of ten months like those weeks end within it. Days before the
//! first one with any cost are not history but absence, and are left out.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use model::{Money, Timestamp};
use serde::Serialize;
use store::{Figure, Measure, Store};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{Figures, SPENDING, share};
use crate::filter::Filter;
use crate::range::{DateRange, Zone};
use crate::scope::Scope;

/// How many days back a forecast looks.
const HISTORY_DAYS: u32 = 56;
/// With less than this, a weekday would be judged by one example.
const LEAST_HISTORY_DAYS: usize = 14;
/// How many standard deviations to either side hold four fifths of a normal distribution.
const EIGHT_OF_TEN: f64 = 1.2816;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The zone that days and months are cut in.
    pub zone: Zone,
    /// Which part of the ledger.
    pub filter: Filter,
    /// The current time; its month is the one forecast.
    pub now: Timestamp,
    /// What a month may cost, where somebody set it.
    pub budget: Option<Money>,
}

/// The running month, to its end. Micro-dollars.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// First day of the month.
    pub start: Date,
    /// Last day of the month.
    pub end: Date,
    /// Today, which still runs.
    pub today: Date,
    /// Cost of the month so far, today included.
    pub so_far: i64,
    /// Cost of the same number of days of the month before.
    pub month_before_so_far: i64,
    /// Cost of the whole month before.
    pub month_before: i64,
    /// What the month will have cost; null without enough history.
    #[schema(required)]
    pub end_of_month: Option<Estimate>,
    /// How many days of history the forecast rests on.
    pub history_days: i64,
    /// The month's budget; null where none is set, or only a part of the ledger is asked for.
    #[schema(required)]
    pub budget: Option<BudgetStanding>,
    /// Each day of the month: what it cost, and how far the month had come by its end.
    pub days: Vec<ForecastDay>,
}

/// An estimate with its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Estimate {
    /// What is expected.
    pub expected: i64,
    /// Lower end of the band that eight of ten months fall into.
    pub low: i64,
    /// Its upper end.
    pub high: i64,
}

/// How the month stands against its budget.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetStanding {
    /// What the month may cost.
    pub amount: i64,
    /// Cost so far of it; null for a budget of nothing.
    #[schema(required)]
    pub used: Option<f64>,
    /// The day by whose end it is, or is expected to be, used up; null when it lasts.
    #[schema(required)]
    pub used_up_on: Option<Date>,
}

/// One day of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForecastDay {
    /// The day.
    pub date: Date,
    /// What it cost; null for days to come.
    #[schema(required)]
    pub cost: Option<i64>,
    /// What the month had cost by its end; null for days to come.
    #[schema(required)]
    pub month_so_far: Option<i64>,
    /// What the month is expected to have cost by its end; null for days past, and without enough history.
    #[schema(required)]
    pub expected: Option<Estimate>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] in the first months of 1970, and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Forecast, ReportError> {
    let Parameters { zone, filter, now, .. } = parameters;
    let today = zone.day_of(*now);
    let month = DateRange::new(today.first_of_month(), today.last_of_month(), zone.clone())?;
    let first_before = month.start().saturating_sub(1.month());
    let history_start = today.saturating_sub(i64::from(HISTORY_DAYS).days());
    let looked_at = DateRange::new(first_before.min(history_start), month.end(), zone.clone())?;

    let scope = Scope::filtered(&looked_at, store.boundary().await?, filter).of_kinds(&SPENDING);
    let costs: BTreeMap<Date, i128> = scope
        .by_day(store, &looked_at, vec![Figure::Sum(Measure::CostSettled)])
        .await?
        .iter()
        .map(|(date, figures)| (*date, settled(figures)))
        .collect();
    let sum = |from: Date, to: Date| costs.range(from..=to).map(|(_, cost)| cost).sum::<i128>();

    let history = History::of(&costs, history_start, today);
    let days = days(&month, &costs, &history, today);
    let same_day_before = today.saturating_sub(1.month());
    let so_far = sum(month.start(), today);
    Ok(Forecast {
        start: month.start(),
        end: month.end(),
        today,
        so_far: Money::to_micros(so_far),
        month_before_so_far: Money::to_micros(sum(first_before, same_day_before)),
        month_before: Money::to_micros(sum(first_before, first_before.last_of_month())),
        end_of_month: days.last().and_then(|day| day.expected),
        history_days: i64::try_from(history.length).unwrap_or(i64::MAX),
        budget: budget(parameters, so_far, &days),
        days,
    })
}

fn settled(figures: &Figures) -> i128 {
    figures.exact(Figure::Sum(Measure::CostSettled))
}

/// Mean and variance of each weekday's cost, in picodollars.
struct History {
    length: usize,
    weekdays: BTreeMap<i8, (f64, f64)>,
}

impl History {
    /// Of the complete days from `start` on; nothing at all when they are too few.
    fn of(costs: &BTreeMap<Date, i128>, start: Date, today: Date) -> Self {
        let first = costs.range(start..today).find(|(_, cost)| **cost != 0).map(|(date, _)| *date);
        let days: Vec<Date> = first
            .into_iter()
            .flat_map(|first| first.series(1.day()).take_while(|day| *day < today))
            .collect();
        let mut by_weekday: BTreeMap<i8, Vec<f64>> = BTreeMap::new();
        for day in &days {
            let cost = costs.get(day).copied().unwrap_or(0) as f64;
            by_weekday.entry(number(day.weekday())).or_default().push(cost);
        }
        let weekdays = by_weekday.into_iter().map(|(weekday, costs)| (weekday, mean_and_variance(&costs)));
        let is_enough = days.len() >= LEAST_HISTORY_DAYS;
        Self { length: days.len(), weekdays: if is_enough { weekdays.collect() } else { BTreeMap::new() } }
    }

    fn of_day(&self, day: Date) -> Option<(f64, f64)> {
        self.weekdays.get(&number(day.weekday())).copied()
    }
}

fn number(weekday: Weekday) -> i8 {
    weekday.to_monday_zero_offset()
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, if values.len() < 2 { 0.0 } else { squares / (count - 1.0) })
}

fn days(month: &DateRange, costs: &BTreeMap<Date, i128>, history: &History, today: Date) -> Vec<ForecastDay> {
    let mut so_far = 0_i128;
    let mut to_come = Some((0.0, 0.0));
    let day = |date: Date| {
        let cost = costs.get(&date).copied().unwrap_or(0);
        if date <= today {
            so_far += cost;
        }
        if date >= today {
            let expected = to_come.zip(history.of_day(date));
            to_come = expected.map(|((sum, variance), (mean, of_day))| {
                // Of today, what it has cost already is certain, and only the rest is expected.
                let rest = if date == today { (mean - cost as f64).max(0.0) } else { mean };
                (sum + rest, variance + if rest > 0.0 { of_day } else { 0.0 })
            });
        }
        let expected = to_come.filter(|_| date >= today).map(|(sum, variance)| {
            let band = EIGHT_OF_TEN * variance.sqrt();
            let at_end = |to_come: f64| Money::to_micros(so_far + to_come.max(0.0).round() as i128);
            Estimate { expected: at_end(sum), low: at_end(sum - band), high: at_end(sum + band) }
        });
        let is_past = date <= today;
        ForecastDay {
            date,
            cost: is_past.then(|| Money::to_micros(cost)),
            month_so_far: is_past.then(|| Money::to_micros(so_far)),
            expected,
        }
    };
    month.days().map(day).collect()
}

fn budget(parameters: &Parameters, so_far: i128, days: &[ForecastDay]) -> Option<BudgetStanding> {
    let budget = parameters.budget.filter(|_| parameters.filter == Filter::default())?;
    let amount = Money::to_micros(budget.as_picos().into());
    let reached = |day: &&ForecastDay| {
        let past = day.month_so_far.filter(|_| day.expected.is_none());
        let by_end = past.or(day.expected.map(|estimate| estimate.expected)).or(day.month_so_far);
        by_end.is_some_and(|cost| cost > amount)
    };
    Some(BudgetStanding {
        amount,
        used: share(so_far, budget.as_picos().into()),
        used_up_on: days.iter().find(reached).map(|day| day.date),
    })
}
