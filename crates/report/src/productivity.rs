//! What came out of it: lines, commits, pull requests and time, per day, per active day of a person, and for the
//! money.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use jiff::civil::Date;
use model::{Money, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::figures::{ACTIVE_PEOPLE, ActiveTime, Figures, LINES, Lines, SESSIONS, quotient, sums_of};
use crate::filter::Filter;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::Scope;
use crate::{ReportError, told};

/// The most teams and projects that are listed.
pub const MAX_ROWS: usize = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// What they are compared with.
    pub comparison: Comparison,
    /// Which part of the ledger.
    pub filter: Filter,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
}

/// What came out of a range of days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Productivity {
    /// The days.
    pub range: Range,
    /// The days compared with.
    pub compared: Range,
    /// The whole range.
    pub total: Output,
    /// The days compared with.
    pub previous: Output,
    /// Each day of the range, oldest first.
    pub days: Vec<OutputDay>,
    /// Teams by name.
    pub teams: Vec<OutputOf>,
    /// Projects by lines added, most first.
    pub projects: Vec<OutputOf>,
}

/// What came out, and of how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Output {
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Active time in milliseconds.
    pub active_time_ms: ActiveTime,
    /// Settled cost in micro-dollars.
    pub cost_micros: i64,
    /// Distinct actors with at least one request.
    pub people: i64,
    /// Days on which a person made a request, of all people together.
    pub person_days: i64,
    /// The same for each day that a person was active, on average.
    pub per_person_day: PerPersonDay,
    /// Cost of all work for each commit, in micro-dollars; null without commits.
    #[schema(required)]
    pub cost_per_commit: Option<i64>,
    /// Cost of all work for each pull request, in micro-dollars; null without any.
    #[schema(required)]
    pub cost_per_pull_request: Option<i64>,
    /// Cost of all work for a hundred lines added, in micro-dollars; null without any.
    #[schema(required)]
    pub cost_per_hundred_lines: Option<i64>,
}

/// Averages for a day on which a person was active; null when nobody was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PerPersonDay {
    /// Lines added.
    #[schema(required)]
    pub lines_added: Option<i64>,
    /// Commits, in thousandths.
    #[schema(required)]
    pub milli_commits: Option<i64>,
    /// Pull requests, in thousandths.
    #[schema(required)]
    pub milli_pull_requests: Option<i64>,
    /// Sessions, in thousandths.
    #[schema(required)]
    pub milli_sessions: Option<i64>,
    /// Milliseconds in which the person was active.
    #[schema(required)]
    pub active_user_ms: Option<i64>,
    /// Settled cost in micro-dollars.
    #[schema(required)]
    pub cost_micros: Option<i64>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutputDay {
    /// The day.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Distinct sessions started or taken up again on the day.
    pub sessions: i64,
    /// Active time in milliseconds.
    pub active_time_ms: ActiveTime,
    /// Distinct actors with at least one request.
    pub people: i64,
}

/// What came out of one team or project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutputOf {
    /// Its name; `unknown` for what no source told.
    pub value: String,
    /// What came out.
    pub output: Output,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when the days compared with would reach back before 1970, and
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Productivity, ReportError> {
    let Parameters { range, filter, .. } = parameters;
    let boundary = store.boundary().await?;
    let compared = range.compared(parameters.comparison)?;
    let scope = Scope::filtered(range, boundary, filter);
    let before = Scope::filtered(&compared, boundary, filter);
    let ((total, by_day, mut projects), (previous, previous_by_day, mut teams)) = try_join(
        try_join3(
            scope.total(store, figures()),
            scope.by_day(store, range, figures()),
            output_by(store, &scope, range, Dimension::Project),
        ),
        try_join3(
            before.total(store, figures()),
            before.by_day(store, &compared, vec![ACTIVE_PEOPLE]),
            output_by(store, &scope, range, Dimension::Team),
        ),
    )
    .await?;
    projects.sort_by(|a, b| {
        let lines = b.output.lines.added.cmp(&a.output.lines.added);
        lines
            .then_with(|| b.output.cost_micros.cmp(&a.output.cost_micros))
            .then_with(|| a.value.cmp(&b.value))
    });
    projects.truncate(MAX_ROWS);
    teams.truncate(MAX_ROWS);
    Ok(Productivity {
        range: range.into(),
        compared: (&compared).into(),
        total: output(&total, person_days(by_day.values())),
        previous: output(&previous, person_days(previous_by_day.values())),
        days: days(parameters, &by_day),
        teams,
        projects,
    })
}

fn figures() -> Vec<Figure> {
    let counts = [
        Measure::Commits,
        Measure::PullRequests,
        Measure::ActiveUser,
        Measure::ActiveCli,
        Measure::CostSettled,
    ];
    let mut figures = sums_of(&[&LINES, &counts]);
    figures.extend([SESSIONS, ACTIVE_PEOPLE]);
    figures
}

/// People of each day, added up over days.
fn person_days<'a>(by_day: impl Iterator<Item = &'a Figures>) -> i64 {
    by_day.map(|figures| figures.count(ACTIVE_PEOPLE)).fold(0, i64::saturating_add)
}

fn output(figures: &Figures, person_days: i64) -> Output {
    let cost = figures.exact(Figure::Sum(Measure::CostSettled));
    let exact = |figure| figures.exact(figure);
    let (commits, pull_requests) = (figures.sum(Measure::Commits), figures.sum(Measure::PullRequests));
    let added = exact(Figure::Sum(Measure::LinesAdded));
    let milli = |figure| quotient(1_000 * exact(figure), person_days);
    let micros_each = |number: i64| quotient(cost, number.saturating_mul(Money::PICOS_PER_MICRO));
    Output {
        lines: figures.into(),
        commits,
        pull_requests,
        sessions: figures.count(SESSIONS),
        active_time_ms: active_time(figures),
        cost_micros: Money::to_micros(cost),
        people: figures.count(ACTIVE_PEOPLE),
        person_days,
        per_person_day: PerPersonDay {
            lines_added: quotient(added, person_days),
            milli_commits: milli(Figure::Sum(Measure::Commits)),
            milli_pull_requests: milli(Figure::Sum(Measure::PullRequests)),
            milli_sessions: milli(SESSIONS),
            active_user_ms: quotient(exact(Figure::Sum(Measure::ActiveUser)), person_days),
            cost_micros: micros_each(person_days),
        },
        cost_per_commit: micros_each(commits),
        cost_per_pull_request: micros_each(pull_requests),
        cost_per_hundred_lines: quotient(
            100 * cost,
            figures.sum(Measure::LinesAdded).saturating_mul(Money::PICOS_PER_MICRO),
        ),
    }
}

fn active_time(figures: &Figures) -> ActiveTime {
    ActiveTime { user: figures.sum(Measure::ActiveUser), cli: figures.sum(Measure::ActiveCli) }
}

fn days(parameters: &Parameters, by_day: &BTreeMap<Date, Figures>) -> Vec<OutputDay> {
    let nothing = Figures::default();
    let day = |date: Date| {
        let figures = by_day.get(&date).unwrap_or(&nothing);
        OutputDay {
            date,
            complete: parameters.range.is_complete(date, parameters.now),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            sessions: figures.count(SESSIONS),
            active_time_ms: active_time(figures),
            people: figures.count(ACTIVE_PEOPLE),
        }
    };
    parameters.range.days().map(day).collect()
}

/// What came out of each value of the dimension, by name.
async fn output_by(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    dimension: Dimension,
) -> Result<Vec<OutputOf>, ReportError> {
    let day_and_value = vec![Group::Time(range.by_day()), Group::Dimension(dimension)];
    let mut days: BTreeMap<String, i64> = BTreeMap::new();
    let (rows_by_day, rows) = try_join(
        scope.rows(store, day_and_value, vec![ACTIVE_PEOPLE]),
        scope.rows(store, vec![Group::Dimension(dimension)], figures()),
    )
    .await?;
    for row in rows_by_day {
        *days.entry(row.text(1).to_owned()).or_default() += row.figures.count(ACTIVE_PEOPLE);
    }
    let of = |row: &crate::scope::Found| {
        let person_days = days.get(row.text(0)).copied().unwrap_or(0);
        OutputOf { value: told(row.text(0)), output: output(&row.figures, person_days) }
    };
    let mut rows: Vec<OutputOf> = rows.iter().map(of).collect();
    rows.sort_by(|a, b| a.value.cmp(&b.value));
    Ok(rows)
}
