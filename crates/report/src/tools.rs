//! Tools, one by one: what `pitwall report tools` shows.

use model::Kind;
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::{Decisions, Figures, LINES, Lines, sums_of};
use crate::scope::Found;
use crate::{ReportError, told};

const KINDS: [Kind; 3] = [Kind::Decision, Kind::ToolResult, Kind::Lines];

/// Tools with anything in the range. Models have no part in it: a selection of models leaves nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolReport {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// The tool used most first, unless asked otherwise.
    pub rows: Vec<ToolUsage>,
    /// The whole range, rows beyond the limit included.
    pub totals: ToolTotals,
}

/// One tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolUsage {
    /// Tool name as Claude Code gives it; `unknown` for what belongs to none, such as lines that only a
    /// running total knows.
    #[schema(example = "Edit")]
    pub tool: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: ToolTotals,
}

/// The figures of one tool, or of all together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolTotals {
    /// How often it was used: calls decided or ended, whichever are more.
    pub calls: i64,
    /// Calls that succeeded.
    pub succeeded: i64,
    /// Calls that failed.
    pub failed: i64,
    /// Permission decisions.
    pub decisions: Decisions,
    /// Lines of code changed by it.
    pub lines: Lines,
    /// Milliseconds that its calls ran, where told.
    pub duration_ms: i64,
}

impl From<&Figures> for ToolTotals {
    fn from(figures: &Figures) -> Self {
        let decisions = Decisions::from(figures);
        let (succeeded, failed) = (figures.sum(Measure::Succeeded), figures.sum(Measure::Failed));
        // A call is decided, then ends; either may be missing.
        let decided = decisions.accepted.saturating_add(decisions.rejected);
        Self {
            calls: decided.max(succeeded.saturating_add(failed)),
            succeeded,
            failed,
            decisions,
            lines: figures.into(),
            duration_ms: figures.sum(Measure::Duration),
        }
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, asked: &Asked) -> Result<ToolReport, ReportError> {
    let Some(opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(ToolReport { heading, rows: Vec::new(), totals: ToolTotals::default() });
    };
    let scope = opened.scope.of_kinds(&KINDS);
    let by_tool = vec![Group::Dimension(Dimension::Subject)];
    let (mut rows, mut all): (Vec<ToolUsage>, Figures) = Default::default();
    for row in scope.rows(store, by_tool, figures()).await? {
        all.add(&row.figures);
        rows.push(usage(&row));
    }
    rows.sort_by(|a, b| b.figures.calls.cmp(&a.figures.calls).then_with(|| a.tool.cmp(&b.tool)));
    let mut totals = ToolTotals::from(&all);
    totals.calls = rows.iter().map(|row| row.figures.calls).sum();
    Ok(ToolReport { heading: opened.heading(), rows: arrange(rows, asked, RowOrder::Descending), totals })
}

fn figures() -> Vec<Figure> {
    let measures =
        [Measure::Succeeded, Measure::Failed, Measure::Accepted, Measure::Rejected, Measure::Duration];
    sums_of(&[&measures, &LINES])
}

fn usage(row: &Found) -> ToolUsage {
    ToolUsage { tool: told(row.text(0)), figures: (&row.figures).into() }
}
