//! Cost by what it went to: models, projects, people, teams and more, over the range and by day.

use std::collections::BTreeMap;

use futures::future::try_join;
use jiff::civil::Date;
use model::Timestamp;
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::figures::{COST, Cost, Figures, SPENDING, TOKENS, Tokens, share, sums_of};
use crate::filter::Filter;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};

/// How many rows are listed of their own; what is beyond is put together.
pub const MAX_ROWS: usize = 250;
/// How many rows have their days told.
const ROWS_WITH_DAYS: usize = 6;

/// What cost is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Model.
    Model,
    /// Project.
    Project,
    /// Who did it.
    Person,
    /// Team.
    Team,
    /// What in the client asked.
    QuerySource,
    /// Kind of subagent.
    Agent,
    /// Skill.
    Skill,
    /// MCP server.
    McpServer,
    /// Terminal.
    Terminal,
    /// Effort level.
    Effort,
}

impl Part {
    /// Every part with its name in questions.
    pub const ALL: [(&'static str, Self); 10] = [
        ("model", Self::Model),
        ("project", Self::Project),
        ("person", Self::Person),
        ("team", Self::Team),
        ("query_source", Self::QuerySource),
        ("agent", Self::Agent),
        ("skill", Self::Skill),
        ("mcp_server", Self::McpServer),
        ("terminal", Self::Terminal),
        ("effort", Self::Effort),
    ];

    /// The part of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, part)| part)
    }

    const fn dimension(self) -> Dimension {
        match self {
            Self::Model => Dimension::Model,
            Self::Project => Dimension::Project,
            Self::Person => Dimension::ActorName,
            Self::Team => Dimension::Team,
            Self::QuerySource => Dimension::QuerySource,
            Self::Agent => Dimension::Agent,
            Self::Skill => Dimension::Skill,
            Self::McpServer => Dimension::McpServer,
            Self::Terminal => Dimension::Terminal,
            Self::Effort => Dimension::Effort,
        }
    }

    /// What carries tokens and cost in the scope. Nothing else has any, so to leave it out is of use only where the
    /// ledger is told apart by what was done: who worked, and where, it tells from fewer rows without kinds.
    fn spending(self, scope: &Scope) -> Scope {
        if matches!(self, Self::Person | Self::Team) { scope.clone() } else { scope.of_kinds(&SPENDING) }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// What they are compared with.
    pub comparison: Comparison,
    /// Which part of the ledger.
    pub filter: Filter,
    /// What cost is told apart by.
    pub by: Part,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
}

/// Cost by what it went to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Breakdown {
    /// The days.
    pub range: Range,
    /// The days compared with.
    pub compared: Range,
    /// What cost is told apart by.
    pub by: Part,
    /// Everything, in micro-dollars.
    pub total: Cost,
    /// Everything of the days compared with.
    pub previous: Cost,
    /// What it went to, by settled cost, most first. `unknown` is what no source told, or nothing: a request
    /// that no subagent, skill or MCP server was behind.
    pub rows: Vec<BreakdownRow>,
    /// How many more there are than rows.
    pub others: i64,
    /// Each day of the range, oldest first.
    pub days: Vec<BreakdownDay>,
}

/// One of the things it went to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BreakdownRow {
    /// Its name.
    pub value: String,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Settled cost of the days compared with.
    pub previous_micros: i64,
    /// Settled cost of all settled cost, 0 to 1; null when there is none.
    #[schema(required)]
    pub share: Option<f64>,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BreakdownDay {
    /// The day.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Settled cost in micro-dollars.
    pub total: i64,
    /// Settled cost of each of the first six rows, in their order.
    pub values: Vec<i64>,
    /// Settled cost of all the others.
    pub others: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when the days compared with would reach back before 1970, and
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Breakdown, ReportError> {
    let Parameters { range, filter, by, .. } = parameters;
    let boundary = store.boundary().await?;
    let compared = range.compared(parameters.comparison)?;
    let scope = by.spending(&Scope::filtered(range, boundary, filter));
    let before = by.spending(&Scope::filtered(&compared, boundary, filter));
    let by_value = || vec![Group::Dimension(by.dimension())];

    let figures = sums_of(&[&COST, &[Measure::Requests], &TOKENS]);
    let (found, earlier) = try_join(
        scope.largest_rows(store, by_value(), figures, None),
        before.rows(store, by_value(), sums_of(&[&COST])),
    )
    .await?;
    let mut total = Figures::default();
    found.iter().for_each(|row| total.add(&row.figures));
    let mut previous = Figures::default();
    earlier.iter().for_each(|row| previous.add(&row.figures));
    let earlier: BTreeMap<&str, i64> =
        earlier.iter().map(|row| (row.text(0), row.figures.micros(Measure::CostSettled))).collect();

    let row = |row: &Found| BreakdownRow {
        value: told(row.text(0)),
        cost_micros: (&row.figures).into(),
        previous_micros: earlier.get(row.text(0)).copied().unwrap_or(0),
        share: share(settled(&row.figures), settled(&total)),
        requests: row.figures.sum(Measure::Requests),
        tokens: (&row.figures).into(),
    };
    Ok(Breakdown {
        range: range.into(),
        compared: (&compared).into(),
        by: *by,
        total: (&total).into(),
        previous: (&previous).into(),
        rows: found.iter().take(MAX_ROWS).map(row).collect(),
        others: i64::try_from(found.len().saturating_sub(MAX_ROWS)).unwrap_or(i64::MAX),
        days: days(store, &scope, parameters, &found).await?,
    })
}

fn settled(figures: &Figures) -> i128 {
    figures.exact(Figure::Sum(Measure::CostSettled))
}

async fn days(
    store: &dyn Store,
    scope: &Scope,
    parameters: &Parameters,
    found: &[Found],
) -> Result<Vec<BreakdownDay>, ReportError> {
    let range = &parameters.range;
    let cost = || vec![Figure::Sum(Measure::CostSettled)];
    let names: Vec<&str> = found.iter().take(ROWS_WITH_DAYS).map(|row| row.text(0)).collect();
    let mut largest = scope.clone();
    let values = names.iter().map(|name| Value::from(*name)).collect();
    largest.filter.among.push((parameters.by.dimension(), values));
    let group_by = vec![Group::Time(range.by_day()), Group::Dimension(parameters.by.dimension())];
    let mut by_name: BTreeMap<(Date, String), Figures> = BTreeMap::new();
    let (by_day, rows) =
        try_join(scope.by_day(store, range, cost()), largest.rows(store, group_by, cost())).await?;
    for row in rows {
        let key = (range.day_of_bucket(row.integer(0)), row.text(1).to_owned());
        by_name.entry(key).or_default().add(&row.figures);
    }

    let day = |date: Date| {
        let whole = by_day.get(&date).map_or(0, settled);
        let of = |name: &&str| by_name.get(&(date, (*name).to_owned())).map_or(0, settled);
        let parts: Vec<i128> = names.iter().map(of).collect();
        BreakdownDay {
            date,
            complete: range.is_complete(date, parameters.now),
            total: model::Money::to_micros(whole),
            others: model::Money::to_micros(whole - parts.iter().sum::<i128>()),
            values: parts.into_iter().map(model::Money::to_micros).collect(),
        }
    };
    Ok(range.days().map(day).collect())
}
