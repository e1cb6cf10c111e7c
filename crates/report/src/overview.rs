//! The first question: what happened in these days, compared with as many days before.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3, try_join4};
use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::coverage::{self, Coverage, Unattributed};
use crate::editing::ToolFigures;
use crate::figures::{
    COST, Cost, Decisions, Figures, LINES, Lines, ModelFigures, SESSIONS, SESSIONS_SEEN, SPENDING, TOKENS,
    Tokens, Totals, sums_of,
};
use crate::filter::Filter;
use crate::models::ModelSums;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};

/// How many projects are listed.
pub const TOP_PROJECTS: usize = 10;

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
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
}

/// Figures of a range of days, with as many earlier days to compare with.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Overview {
    /// The days.
    pub range: Range,
    /// The state of the ledger that everything here is computed from: the time of its newest transaction.
    /// 1970-01-01T00:00:00Z while the ledger is empty.
    pub boundary: jiff::Timestamp,
    /// Version of the price book.
    #[schema(example = "2026-11-22")]
    pub price_book: String,
    /// The whole range.
    pub totals: Totals,
    /// The days compared with: the same number of days before, or a year before.
    pub compared: Range,
    /// Their figures.
    pub previous: Totals,
    /// Each day of the range, oldest first, empty days included.
    pub days: Vec<Day>,
    /// Models by settled cost, most first.
    pub models: Vec<ModelRow>,
    /// Tools by how often they were used, most first.
    pub tools: Vec<ToolRow>,
    /// The ten projects with the highest settled cost, most first.
    pub projects: Vec<ProjectRow>,
    /// How complete the picture is.
    pub coverage: Coverage,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Day {
    /// The day, in the range's zone.
    pub date: Date,
    /// Whether it is over; a running day's figures still grow.
    pub complete: bool,
    /// Distinct sessions started or taken up again. A session taken up on several days counts on each, so
    /// days add up to more than the range's total.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
}

/// One model over the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelRow {
    /// Model id, or `unknown` where the source did not tell.
    #[schema(example = "claude-opus-5-5")]
    pub model: String,
    /// Requests.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Whether the price book has a price for all of its tokens.
    pub priced: bool,
}

/// One tool over the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToolRow {
    /// Tool name as Claude Code gives it.
    #[schema(example = "Edit")]
    pub tool: String,
    /// Calls accepted.
    pub accepted: i64,
    /// Calls rejected.
    pub rejected: i64,
    /// Accepted of all decided, 0 to 1; null when there were none.
    #[schema(required)]
    pub acceptance_rate: Option<f64>,
    /// Calls that succeeded.
    pub succeeded: i64,
    /// Calls that failed.
    pub failed: i64,
}

/// One project over the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectRow {
    /// The project's directory or its repository, or `unknown` where no source told either.
    pub project: String,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when the days before would reach back before 1970, and
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Overview, ReportError> {
    let range = &parameters.range;
    let boundary = store.boundary().await?;
    let scope = Scope::filtered(range, boundary, &parameters.filter);
    let compared = range.compared(parameters.comparison)?;

    let before = Scope::filtered(&compared, boundary, &parameters.filter);

    // Each of these takes one processor at most while the ledger is small, so they are better asked together.
    let ((whole, tools, spending, by_day), (previous, projects, sources)) = try_join(
        try_join4(
            scope.total(store, whole_figures()),
            ToolFigures::ask(store, &scope),
            Spending::ask(store, &scope, range),
            scope.by_day(store, range, day_figures()),
        ),
        try_join3(totals_of(store, &before), projects(store, &scope), coverage::sources(store, range)),
    )
    .await?;
    let totals = Totals::new(&whole, tools.edits, spending.by_model.unpriced());

    Ok(Overview {
        range: range.into(),
        boundary: boundary.max(Timestamp::default()).to_jiff(),
        price_book: parameters.price_book.clone(),
        totals,
        compared: (&compared).into(),
        previous,
        days: days(by_day, parameters, &spending),
        models: model_rows(&spending.by_model),
        tools: tool_rows(&tools),
        projects,
        coverage: Coverage {
            sources,
            sessions: whole.count(SESSIONS_SEEN),
            unattributed: Unattributed::new(&spending.unattributed, &spending.by_model.total()),
        },
    })
}

fn whole_figures() -> Vec<Figure> {
    let mut figures = Totals::figures();
    figures.push(SESSIONS_SEEN);
    figures
}

/// The totals of a range that nothing else is asked of.
async fn totals_of(store: &dyn Store, scope: &Scope) -> Result<Totals, ReportError> {
    let by_model = vec![Group::Dimension(Dimension::Model)];
    let figures = vec![Figure::Sum(Measure::UnpricedTokens)];
    let spending = scope.of_kinds(&SPENDING);
    let (whole, tools, unpriced) = try_join3(
        scope.total(store, Totals::figures()),
        ToolFigures::ask(store, scope),
        spending.rows(store, by_model, figures),
    )
    .await?;
    let mut models = ModelSums::default();
    for row in unpriced {
        models.add(row.text(0), &row.figures);
    }
    Ok(Totals::new(&whole, tools.edits, models.unpriced()))
}

/// Tokens and cost, cut in every way that is shown.
struct Spending {
    by_day: BTreeMap<Date, ModelSums>,
    by_model: ModelSums,
    unattributed: Figures,
}

impl Spending {
    async fn ask(store: &dyn Store, scope: &Scope, range: &DateRange) -> Result<Self, ReportError> {
        let group_by = vec![
            Group::Time(range.by_day()),
            Group::Dimension(Dimension::Model),
            Group::Dimension(Dimension::Kind),
        ];
        let rows = scope.of_kinds(&SPENDING).rows(store, group_by, ModelSums::figures()).await?;
        let mut spending = Self {
            by_day: BTreeMap::new(),
            by_model: ModelSums::default(),
            unattributed: Figures::default(),
        };
        for row in rows {
            let day = range.day_of_bucket(row.integer(0));
            spending.by_day.entry(day).or_default().add(row.text(1), &row.figures);
            spending.by_model.add(row.text(1), &row.figures);
            if row.text(2) == Kind::Unattributed.as_str() {
                spending.unattributed.add(&row.figures);
            }
        }
        Ok(spending)
    }
}

fn day_figures() -> Vec<Figure> {
    let mut figures = sums_of(&[&[Measure::Requests], &TOKENS, &COST, &LINES]);
    figures.push(SESSIONS);
    figures
}

fn days(by_day: BTreeMap<Date, Figures>, parameters: &Parameters, spending: &Spending) -> Vec<Day> {
    let range = &parameters.range;
    let mut by_day = by_day;
    let day = |date: Date| {
        let figures = by_day.remove(&date).unwrap_or_default();
        Day {
            date,
            complete: range.is_complete(date, parameters.now),
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            tokens: (&figures).into(),
            cost_micros: (&figures).into(),
            lines: (&figures).into(),
            models: spending.by_day.get(&date).map(ModelSums::rows).unwrap_or_default(),
        }
    };
    range.days().map(day).collect()
}

fn model_rows(models: &ModelSums) -> Vec<ModelRow> {
    let row = |(figures, priced): (ModelFigures, bool)| ModelRow {
        model: figures.model,
        requests: figures.requests,
        tokens: figures.tokens,
        cost_micros: figures.cost_micros,
        priced,
    };
    models.by_cost().into_iter().map(row).collect()
}

fn tool_rows(tools: &ToolFigures) -> Vec<ToolRow> {
    let row = |(tool, figures): (&String, &Figures)| {
        let Decisions { accepted, rejected, acceptance_rate } = figures.into();
        let (succeeded, failed) = (figures.sum(Measure::Succeeded), figures.sum(Measure::Failed));
        ToolRow { tool: tool.clone(), accepted, rejected, acceptance_rate, succeeded, failed }
    };
    let mut rows: Vec<_> = tools.by_tool.iter().map(row).collect();
    // A call is decided, then ends; either may be missing, so the larger of the two is how often it was used.
    let uses = |row: &ToolRow| (row.accepted + row.rejected).max(row.succeeded + row.failed);
    rows.sort_by(|a, b| uses(b).cmp(&uses(a)).then_with(|| a.tool.cmp(&b.tool)));
    rows
}

async fn projects(store: &dyn Store, scope: &Scope) -> Result<Vec<ProjectRow>, ReportError> {
    let by_project = vec![Group::Dimension(Dimension::Project)];
    // Settled cost is the first of the figures: the one that rows are ordered by.
    let mut figures = sums_of(&[&COST, &[Measure::Requests], &TOKENS, &LINES]);
    figures.push(SESSIONS);
    let rows = scope.largest_rows(store, by_project, figures, Some(TOP_PROJECTS)).await?;
    let row = |row: Found| ProjectRow {
        project: told(row.text(0)),
        sessions: row.figures.count(SESSIONS),
        requests: row.figures.sum(Measure::Requests),
        tokens: (&row.figures).into(),
        cost_micros: (&row.figures).into(),
        lines: (&row.figures).into(),
    };
    Ok(rows.into_iter().map(row).collect())
}
