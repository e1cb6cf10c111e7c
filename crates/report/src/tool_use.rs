//! Tools: what people let them do, how their calls ended and how long they took.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::editing::{ToolFigures, analytics_name};
use crate::figures::{Decisions, Figures, Spread, share, sums_of};
use crate::filter::Filter;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told, when_told};

/// The most rows of each list.
pub const MAX_ROWS: usize = 200;

const DECIDED: [Measure; 2] = [Measure::Accepted, Measure::Rejected];
const ENDED: [Measure; 2] = [Measure::Succeeded, Measure::Failed];

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

/// Tools over a range of days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToolUseReport {
    /// The days.
    pub range: Range,
    /// The days compared with.
    pub compared: Range,
    /// Decisions on calls of the tools that edit files.
    pub edits: Decisions,
    /// The same of the days compared with.
    pub previous_edits: Decisions,
    /// Decisions on calls of all tools.
    pub all: Decisions,
    /// How calls of all tools ended.
    pub results: Results,
    /// The same of the days compared with.
    pub previous_results: Results,
    /// Tools by how often they were used, most first.
    pub tools: Vec<ToolUse>,
    /// Calls that failed, by tool and kind of error, most often first.
    pub errors: Vec<ToolError>,
    /// Each day of the range, oldest first.
    pub days: Vec<ToolDay>,
}

/// How calls ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Results {
    /// Calls that succeeded.
    pub succeeded: i64,
    /// Calls that failed.
    pub failed: i64,
    /// Succeeded of all ended, 0 to 1; null when none ended.
    #[schema(required)]
    pub success_rate: Option<f64>,
    /// Milliseconds that calls took.
    pub duration_ms: Spread,
}

impl From<&Figures> for Results {
    fn from(figures: &Figures) -> Self {
        let (succeeded, failed) = (figures.sum(Measure::Succeeded), figures.sum(Measure::Failed));
        Self {
            succeeded,
            failed,
            success_rate: share(succeeded.into(), succeeded.saturating_add(failed).into()),
            duration_ms: Spread::new(figures, Measure::Duration),
        }
    }
}

/// One tool.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToolUse {
    /// Tool name as Claude Code gives it.
    pub tool: String,
    /// Whether it edits files.
    pub edits: bool,
    /// Calls: decided or ended, whichever is more.
    pub calls: i64,
    /// Decisions.
    pub decisions: Decisions,
    /// How its calls ended.
    pub results: Results,
}

/// A kind of error of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToolError {
    /// Tool.
    pub tool: String,
    /// Kind of error, where told.
    #[schema(required)]
    pub error: Option<String>,
    /// How often.
    pub count: i64,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToolDay {
    /// The day.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Decisions on edits.
    pub edits: Decisions,
    /// Calls that succeeded.
    pub succeeded: i64,
    /// Calls that failed.
    pub failed: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when the days compared with would reach back before 1970, and
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<ToolUseReport, ReportError> {
    let Parameters { range, filter, .. } = parameters;
    let boundary = store.boundary().await?;
    let compared = range.compared(parameters.comparison)?;
    let scope = Scope::filtered(range, boundary, filter);
    let before = Scope::filtered(&compared, boundary, filter);

    let ((tools, previous_tools, ended), (results, previous_results), (errors, days)) = try_join3(
        try_join3(ToolFigures::ask(store, &scope), ToolFigures::ask(store, &before), ended(store, &scope)),
        try_join(results(store, &scope), results(store, &before)),
        try_join(errors(store, &scope), days(store, &scope, parameters)),
    )
    .await?;
    let mut all = Figures::default();
    tools.by_tool.values().for_each(|figures| all.add(figures));
    Ok(ToolUseReport {
        range: range.into(),
        compared: (&compared).into(),
        edits: tools.edits,
        previous_edits: previous_tools.edits,
        all: (&all).into(),
        results,
        previous_results,
        tools: tool_rows(&tools, &ended),
        errors,
        days,
    })
}

fn result_figures() -> Vec<Figure> {
    let mut figures = sums_of(&[&ENDED]);
    figures.extend(Spread::figures(Measure::Duration));
    figures
}

async fn results(store: &dyn Store, scope: &Scope) -> Result<Results, ReportError> {
    Ok((&scope.of_kinds(&[Kind::ToolResult]).total(store, result_figures()).await?).into())
}

/// How calls ended, by tool.
async fn ended(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, Figures>, ReportError> {
    let by_tool = vec![Group::Dimension(Dimension::Subject)];
    let found = scope.of_kinds(&[Kind::ToolResult]).rows(store, by_tool, result_figures()).await?;
    Ok(found.into_iter().map(|row| (told(row.text(0)), row.figures)).collect())
}

fn tool_rows(tools: &ToolFigures, ended: &BTreeMap<String, Figures>) -> Vec<ToolUse> {
    let nothing = Figures::default();
    let row = |(tool, figures): (&String, &Figures)| {
        let decisions = Decisions::from(figures);
        let results = Results::from(ended.get(tool).unwrap_or(&nothing));
        let decided = decisions.accepted.saturating_add(decisions.rejected);
        ToolUse {
            tool: tool.clone(),
            edits: analytics_name(tool, "").is_some(),
            // A call is decided, then ends; either may be missing.
            calls: decided.max(results.succeeded.saturating_add(results.failed)),
            decisions,
            results,
        }
    };
    let mut rows: Vec<ToolUse> = tools.by_tool.iter().map(row).collect();
    rows.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.tool.cmp(&b.tool)));
    rows.truncate(MAX_ROWS);
    rows
}

async fn errors(store: &dyn Store, scope: &Scope) -> Result<Vec<ToolError>, ReportError> {
    let group_by = [Dimension::Subject, Dimension::Outcome].map(Group::Dimension).to_vec();
    let failed = scope.of_kinds(&[Kind::ToolResult]);
    let figures = vec![Figure::Sum(Measure::Failed)];
    let rows = failed.largest_rows(store, group_by, figures, Some(MAX_ROWS)).await?;
    let error = |row: &Found| ToolError {
        tool: told(row.text(0)),
        error: when_told(row.text(1)),
        count: row.figures.sum(Measure::Failed),
    };
    Ok(rows.iter().map(error).collect())
}

async fn days(
    store: &dyn Store,
    scope: &Scope,
    parameters: &Parameters,
) -> Result<Vec<ToolDay>, ReportError> {
    let range = &parameters.range;
    let results = scope.of_kinds(&[Kind::ToolResult]);
    let (edits, ended) =
        try_join(edits_by_day(store, scope, range), results.by_day(store, range, sums_of(&[&ENDED]))).await?;
    let nothing = Figures::default();
    let day = |date: Date| {
        let ended = ended.get(&date).unwrap_or(&nothing);
        ToolDay {
            date,
            complete: range.is_complete(date, parameters.now),
            edits: edits.get(&date).unwrap_or(&nothing).into(),
            succeeded: ended.sum(Measure::Succeeded),
            failed: ended.sum(Measure::Failed),
        }
    };
    Ok(range.days().map(day).collect())
}

/// Decisions on edits, by day.
async fn edits_by_day(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
) -> Result<BTreeMap<Date, Figures>, ReportError> {
    let group_by = vec![
        Group::Time(range.by_day()),
        Group::Dimension(Dimension::Subject),
        Group::Dimension(Dimension::Language),
    ];
    let rows = scope.of_kinds(&[Kind::Decision]).rows(store, group_by, sums_of(&[&DECIDED])).await?;
    let mut days: BTreeMap<Date, Figures> = BTreeMap::new();
    for row in rows.iter().filter(|row| analytics_name(row.text(1), row.text(2)).is_some()) {
        days.entry(range.day_of_bucket(row.integer(0))).or_default().add(&row.figures);
    }
    Ok(days)
}
