//! How complete the picture is: which sources told of the range, and what no request accounts for.

use model::{Source, SourceSummary};
use serde::Serialize;
use store::{Figure, Measure, Store};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{Cost, Figures, Tokens, share};
use crate::range::DateRange;

/// What is known from where.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// Every source that exists, also those that told nothing.
    pub sources: Vec<SourceCoverage>,
    /// Sessions with anything in the range, also those that merely run into it. What a source's `sessions`
    /// compares with.
    pub sessions: i64,
    /// What only running totals know.
    pub unattributed: Unattributed,
}

/// Where figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceName {
    /// OpenTelemetry log records.
    Events,
    /// OpenTelemetry metric points.
    Metrics,
    /// OpenTelemetry spans.
    Traces,
    /// Claude Code's local transcript files.
    Transcripts,
}

impl From<Source> for SourceName {
    fn from(source: Source) -> Self {
        match source {
            Source::Events => Self::Events,
            Source::Metrics => Self::Metrics,
            Source::Traces => Self::Traces,
            Source::Transcripts => Self::Transcripts,
        }
    }
}

/// What one source told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceCoverage {
    /// The source.
    pub source: SourceName,
    /// Sessions it told of.
    pub sessions: i64,
    /// Records kept from it.
    pub records: i64,
    /// Time of its newest record; null when there is none.
    #[schema(required)]
    pub newest_at: Option<jiff::Timestamp>,
}

/// Tokens and cost that only a client's running totals know, with no request to show for them. Part of
/// every total.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Unattributed {
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Settled cost of this of all settled cost, 0 to 1; null when there is no cost.
    #[schema(required)]
    pub cost_share: Option<f64>,
}

impl Unattributed {
    pub(crate) fn new(unattributed: &Figures, all: &Figures) -> Self {
        let settled = Figure::Sum(Measure::CostSettled);
        let cost_share = share(unattributed.exact(settled), all.exact(settled));
        Self { tokens: unattributed.into(), cost_micros: unattributed.into(), cost_share }
    }
}

/// What each source told of the range.
pub(crate) async fn sources(
    store: &dyn Store,
    range: &DateRange,
) -> Result<Vec<SourceCoverage>, ReportError> {
    Ok(by_source(&store.sources(Some(range.from()), Some(range.until())).await?))
}

/// What each source told altogether.
pub(crate) async fn all_sources(store: &dyn Store) -> Result<Vec<SourceCoverage>, ReportError> {
    Ok(by_source(&store.sources(None, None).await?))
}

fn by_source(known: &[SourceSummary]) -> Vec<SourceCoverage> {
    let coverage =
        |source: Source| coverage_of(source, known.iter().find(|summary| summary.source == source));
    Source::ALL.into_iter().map(coverage).collect()
}

fn coverage_of(source: Source, summary: Option<&SourceSummary>) -> SourceCoverage {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    SourceCoverage {
        source: source.into(),
        sessions: summary.map_or(0, |summary| whole(summary.sessions)),
        records: summary.map_or(0, |summary| whole(summary.records)),
        newest_at: summary.map(|summary| summary.newest_at.to_jiff()),
    }
}
