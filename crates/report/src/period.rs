//! Days, weeks or months as rows: what `pitwall report daily|weekly|monthly` shows.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, Measure, Store};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{COST, Cost, Figures, LINES, Lines, ModelFigures, SESSIONS, TOKENS, Tokens, sums_of};
use crate::models::ModelSums;
use crate::range::{DateRange, Zone};
use crate::scope::Scope;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A calendar day.
    Day,
    /// Seven days from this weekday on.
    Week(Weekday),
    /// A calendar month.
    Month,
}

impl Period {
    /// The first day of the period that a day is in.
    fn start_of(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week(first) => {
                let since_first = i32::from(day.weekday().since(first));
                day.saturating_sub(since_first.days())
            }
            Self::Month => day.first_of_month(),
        }
    }

    /// The period's name: its first day, or `YYYY-MM` for months.
    fn name_of(self, start: Date) -> String {
        match self {
            Self::Day | Self::Week(_) => start.to_string(),
            Self::Month => format!("{:04}-{:02}", start.year(), start.month()),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// How long a period is.
    pub period: Period,
    /// First day; the first with data when `None`.
    pub since: Option<Date>,
    /// Last day; the last with data when `None`.
    pub until: Option<Date>,
    /// The zone that days are cut in.
    pub zone: Zone,
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
}

/// Rows by period, and their total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodReport {
    /// IANA name of the zone that days are cut in.
    pub timezone: String,
    /// First day; null when there is no data and none was asked for.
    #[schema(required)]
    pub since: Option<Date>,
    /// Last day; null when there is no data and none was asked for.
    #[schema(required)]
    pub until: Option<Date>,
    /// Version of the price book.
    pub price_book: String,
    /// Periods with anything in them, oldest first. The first and the last may be cut by `since` and `until`.
    pub rows: Vec<PeriodRow>,
    /// The whole range. Sessions are distinct over all of it.
    pub totals: PeriodFigures,
}

/// One period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodRow {
    /// The day, the first day of the week, or the month as `YYYY-MM`.
    pub period: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: PeriodFigures,
}

/// The figures of one period, or of all together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodFigures {
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
}

impl PeriodFigures {
    fn new(figures: &Figures, models: &ModelSums) -> Self {
        Self {
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            tokens: figures.into(),
            cost_micros: figures.into(),
            unpriced_models: models.unpriced(),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            models: models.rows(),
        }
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<PeriodReport, ReportError> {
    let boundary = store.boundary().await?;
    let Some(range) = range_of(store, parameters, boundary).await? else {
        return Ok(empty(parameters));
    };
    let scope = Scope::of_range(&range, boundary);
    let mut periods: BTreeMap<Date, (Figures, ModelSums)> = BTreeMap::new();
    let period_of = |bucket| parameters.period.start_of(range.day_of_bucket(bucket));

    let by_day = || Group::Time(range.by_day());
    let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
    let sums = || sums_of(&[&counts, &TOKENS, &COST, &LINES]);
    for row in scope.rows(store, vec![by_day()], sums()).await? {
        periods.entry(period_of(row.integer(0))).or_default().0.add(&row.figures);
    }
    let mut all_models = ModelSums::default();
    let by_day_and_model = vec![by_day(), Group::Dimension(Dimension::Model)];
    let spending = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    for row in spending.rows(store, by_day_and_model, ModelSums::figures()).await? {
        let model = row.text(1);
        periods.entry(period_of(row.integer(0))).or_default().1.add(model, &row.figures);
        all_models.add(model, &row.figures);
    }
    for (start, sessions) in sessions_by_period(store, &scope, &range, parameters.period).await? {
        periods.entry(start).or_default().0.add(&sessions);
    }

    let mut all = scope.total(store, sums()).await?;
    all.add(&scope.of_kinds(&[Kind::SessionStart]).total(store, vec![SESSIONS]).await?);
    let row = |(start, (figures, models)): (Date, (Figures, ModelSums))| PeriodRow {
        period: parameters.period.name_of(start),
        figures: PeriodFigures::new(&figures, &models),
    };
    Ok(PeriodReport {
        timezone: parameters.zone.name().to_owned(),
        since: Some(range.start()),
        until: Some(range.end()),
        price_book: parameters.price_book.clone(),
        rows: periods.into_iter().map(row).collect(),
        totals: PeriodFigures::new(&all, &all_models),
    })
}

/// Distinct sessions of each period. Days' counts do not add up to a week's, so longer periods are asked
/// for one by one.
async fn sessions_by_period(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    period: Period,
) -> Result<Vec<(Date, Figures)>, ReportError> {
    let scope = scope.of_kinds(&[Kind::SessionStart]);
    let by_day = scope.rows(store, vec![Group::Time(range.by_day())], vec![SESSIONS]).await?;
    let mut days: BTreeMap<Date, Vec<(Date, Figures)>> = BTreeMap::new();
    for row in by_day {
        let day = range.day_of_bucket(row.integer(0));
        days.entry(period.start_of(day)).or_default().push((day, row.figures));
    }
    let mut sessions = Vec::with_capacity(days.len());
    for (start, mut days) in days {
        let figures = match (days.pop(), days.first()) {
            (Some((_, only)), None) => only,
            (Some((last, _)), Some((first, _))) => {
                let span = DateRange::new(*first, last, range.zone().clone())?;
                let filter =
                    Filter { from: Some(span.from()), until: Some(span.until()), ..scope.filter.clone() };
                Scope { filter, ..scope.clone() }.total(store, vec![SESSIONS]).await?
            }
            (None, _) => continue,
        };
        sessions.push((start, figures));
    }
    Ok(sessions)
}

/// The days asked for, filled up with where the ledger begins and ends; `None` when that is nowhere.
async fn range_of(
    store: &dyn Store,
    parameters: &Parameters,
    as_of: Timestamp,
) -> Result<Option<DateRange>, ReportError> {
    let (since, until) = match (parameters.since, parameters.until) {
        (Some(since), Some(until)) => (since, until),
        (since, until) => {
            let everything = Scope { as_of, filter: Filter::default() };
            let ends = everything.total(store, vec![Figure::Earliest, Figure::Latest]).await?;
            if ends == Figures::default() {
                return Ok(None);
            }
            let day = |figure| parameters.zone.day_of(Timestamp::from_micros(ends.count(figure)));
            // Asking from a day after the last one with data is no mistake: it has no rows.
            let first = since.unwrap_or_else(|| {
                until.map_or(day(Figure::Earliest), |until| until.min(day(Figure::Earliest)))
            });
            let last = until.unwrap_or_else(|| first.max(day(Figure::Latest)));
            (first, last)
        }
    };
    DateRange::new(since, until, parameters.zone.clone()).map(Some)
}

fn empty(parameters: &Parameters) -> PeriodReport {
    PeriodReport {
        timezone: parameters.zone.name().to_owned(),
        since: parameters.since,
        until: parameters.until,
        price_book: parameters.price_book.clone(),
        rows: Vec::new(),
        totals: PeriodFigures::default(),
    }
}
