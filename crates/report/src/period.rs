//! Days, weeks or months as rows: what `pitwall report daily|weekly|monthly` shows.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join4;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use store::{Figure, Filter, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::{COST, Cost, Figures, LINES, Lines, ModelFigures, TOKENS, Tokens, sums_of};
use crate::models::ModelSums;
use crate::range::DateRange;
use crate::scope::Scope;
use crate::{ReportError, sessions, spending};

/// So many sessions, each counted on every day it was on, are few enough to be read one by one.
const FEW_SESSIONS: i64 = 20_000;

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

/// Rows by period, and their total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodReport {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// Periods with anything in them, oldest first unless asked otherwise. The first and the last may be cut
    /// by `since` and `until`.
    pub rows: Vec<PeriodRow>,
    /// The whole range, rows beyond the limit included. Sessions are distinct over all of it.
    pub totals: PeriodFigures,
}

/// One period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodRow {
    /// The day, the first day of the week, or the month as `YYYY-MM`.
    pub period: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: PeriodFigures,
}

/// The figures of one period, or of all together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodFigures {
    /// Distinct sessions started or taken up again; where models are selected, those with a request to one.
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
    /// From a row's own figures, its sessions and its models.
    pub(crate) fn new(figures: &Figures, sessions: i64, models: &ModelSums) -> Self {
        let mut figures = figures.clone();
        figures.price_now_like(&models.total());
        Self {
            sessions,
            requests: figures.sum(Measure::Requests),
            tokens: (&figures).into(),
            cost_micros: (&figures).into(),
            unpriced_models: models.unpriced(),
            lines: (&figures).into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            models: models.rows(),
        }
    }

    /// What has to be asked for besides sessions and models.
    pub(crate) fn sums() -> Vec<Figure> {
        let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
        sums_of(&[&counts, &TOKENS, &COST, &LINES])
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, period: Period, asked: &Asked) -> Result<PeriodReport, ReportError> {
    let Some(opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(PeriodReport { heading, rows: Vec::new(), totals: PeriodFigures::default() });
    };
    let (range, scope) = (&opened.range, &opened.scope);
    let by_day = || vec![Group::Time(range.by_day())];
    let start_of = |bucket| period.start_of(range.day_of_bucket(bucket));

    let models = spending::by(
        store,
        &opened,
        by_day(),
        |row| start_of(row.integer(0)),
        |posting| period.start_of(range.day_of(posting.at)),
    );
    let (models, days, sessions, all_sessions) = try_join4(
        models,
        scope.rows(store, by_day(), PeriodFigures::sums()),
        sessions_by_period(store, &opened, period),
        sessions::count(store, &opened),
    )
    .await?;
    let (mut figures, mut all): (BTreeMap<Date, Figures>, Figures) = Default::default();
    for row in days {
        figures.entry(start_of(row.integer(0))).or_default().add(&row.figures);
        all.add(&row.figures);
    }
    let starts = figures.keys().chain(models.keys()).chain(sessions.keys());
    let mut starts: Vec<Date> = starts.copied().collect();
    starts.sort_unstable_by(|a, b| b.cmp(a));
    starts.dedup();
    let row = |start: Date| PeriodRow {
        period: period.name_of(start),
        figures: PeriodFigures::new(
            figures.get(&start).unwrap_or(&Figures::default()),
            sessions.get(&start).copied().unwrap_or(0),
            models.get(&start).unwrap_or(&ModelSums::default()),
        ),
    };
    Ok(PeriodReport {
        heading: opened.heading(),
        rows: arrange(starts.into_iter().map(row).collect(), asked, RowOrder::Ascending),
        totals: PeriodFigures::new(&all, all_sessions, &spending::total(&models)),
    })
}

/// Distinct sessions of each period. Days' counts do not add up to a week's: where there are few, it is asked which they
/// are, else longer periods are asked for one by one.
async fn sessions_by_period(
    store: &dyn Store,
    opened: &Opened<'_>,
    period: Period,
) -> Result<BTreeMap<Date, i64>, ReportError> {
    let (range, scope, sessions) = (&opened.range, opened.sessions_scope(), opened.sessions());
    let by_day = scope.rows(store, vec![Group::Time(range.by_day())], vec![sessions]).await?;
    let mut days: BTreeMap<Date, Vec<(Date, i64)>> = BTreeMap::new();
    for row in by_day {
        let day = range.day_of_bucket(row.integer(0));
        days.entry(period.start_of(day)).or_default().push((day, row.figures.count(sessions)));
    }
    let all: i64 = days.values().flatten().map(|(_, count)| count).sum();
    if days.values().any(|days| days.len() > 1) && all <= FEW_SESSIONS {
        return told_apart(store, opened, period).await;
    }
    let mut by_period = BTreeMap::new();
    for (start, mut days) in days {
        let count = match (days.pop(), days.first()) {
            (Some((_, only)), None) => only,
            (Some((last, _)), Some((first, _))) => {
                let span = DateRange::new(*first, last, range.zone().clone())?;
                let filter =
                    Filter { from: Some(span.from()), until: Some(span.until()), ..scope.filter.clone() };
                let scope = Scope { filter, ..scope.clone() };
                scope.total(store, vec![sessions]).await?.count(sessions)
            }
            (None, _) => continue,
        };
        by_period.insert(start, count);
    }
    Ok(by_period)
}

/// Counts the sessions of each period by what they are told apart by.
async fn told_apart(
    store: &dyn Store,
    opened: &Opened<'_>,
    period: Period,
) -> Result<BTreeMap<Date, i64>, ReportError> {
    let (range, sessions) = (&opened.range, opened.sessions());
    let Figure::Distinct(dimension, _) = sessions else { return Ok(BTreeMap::new()) };
    let by_day_and_session = vec![Group::Time(range.by_day()), Group::Dimension(dimension)];
    let mut found: BTreeMap<Date, BTreeSet<Value>> = BTreeMap::new();
    for row in opened.sessions_scope().rows(store, by_day_and_session, vec![sessions]).await? {
        let start = period.start_of(range.day_of_bucket(row.integer(0)));
        found.entry(start).or_default().extend(row.keys.into_iter().nth(1));
    }
    Ok(found.into_iter().map(|(start, sessions)| (start, sessions.len() as i64)).collect())
}
