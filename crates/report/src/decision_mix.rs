//! What people and rules let tools do, day by day: by tool, by programming language, by who or what decided.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Group, Measure, Store};
use utoipa::ToSchema;

use crate::editing::analytics_name;
use crate::figures::{Decisions, Figures, sums_of};
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};

/// The most rows that are listed.
pub const MAX_ROWS: usize = 200;
/// How many rows have their days told.
const ROWS_WITH_DAYS: usize = 6;

/// What decisions are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionPart {
    /// Who or what decided, of calls of every tool.
    DecidedBy,
    /// The tool that was called.
    Tool,
    /// The programming language, of edits only: other calls have none.
    Language,
}

impl DecisionPart {
    /// Every part with its name in questions.
    pub const ALL: [(&'static str, Self); 3] =
        [("decided_by", Self::DecidedBy), ("tool", Self::Tool), ("language", Self::Language)];

    /// The part of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, part)| part)
    }

    const fn dimension(self) -> Dimension {
        match self {
            Self::DecidedBy => Dimension::DecidedBy,
            Self::Tool => Dimension::Subject,
            Self::Language => Dimension::Language,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// What decisions are told apart by.
    pub by: DecisionPart,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
}

/// Decisions on tool calls by what they were about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecisionMix {
    /// The days.
    pub range: Range,
    /// What decisions are told apart by.
    pub by: DecisionPart,
    /// All of them.
    pub total: Decided,
    /// What they were about, most decided first; `unknown` where no source told.
    pub rows: Vec<DecisionRow>,
    /// How many more there are than rows.
    pub others: i64,
    /// Each day of the range, oldest first.
    pub days: Vec<DecisionDay>,
}

/// How calls were decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Decided {
    /// Accepted and rejected together.
    pub all: i64,
    /// Accepted, rejected, and the rate.
    #[serde(flatten)]
    pub decisions: Decisions,
}

impl From<&Figures> for Decided {
    fn from(figures: &Figures) -> Self {
        let decisions = Decisions::from(figures);
        Self { all: decisions.accepted.saturating_add(decisions.rejected), decisions }
    }
}

/// One of the things that decisions were about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecisionRow {
    /// Its name, as Claude Code gives it.
    pub value: String,
    /// Its decisions.
    pub decisions: Decided,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecisionDay {
    /// The day.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Decisions of each of the first six rows, in their order.
    pub values: Vec<Decided>,
    /// Of all the others.
    pub others: Decided,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<DecisionMix, ReportError> {
    let Parameters { range, filter, by, now } = parameters;
    let scope = Scope::filtered(range, store.boundary().await?, filter).of_kinds(&[Kind::Decision]);
    let mut total = Figures::default();
    let mut by_value: BTreeMap<String, Figures> = BTreeMap::new();
    let mut by_day: BTreeMap<(Date, String), Figures> = BTreeMap::new();
    for row in decided(store, &scope, range, *by).await? {
        let value = told(row.text(1));
        total.add(&row.figures);
        by_value.entry(value.clone()).or_default().add(&row.figures);
        by_day.entry((range.day_of_bucket(row.integer(0)), value)).or_default().add(&row.figures);
    }
    let mut rows: Vec<DecisionRow> = by_value
        .iter()
        .map(|(value, figures)| DecisionRow { value: value.clone(), decisions: figures.into() })
        .collect();
    rows.sort_by(|a, b| b.decisions.all.cmp(&a.decisions.all).then_with(|| a.value.cmp(&b.value)));

    let (named, unnamed) = rows.split_at(rows.len().min(ROWS_WITH_DAYS));
    let nothing = Figures::default();
    let of = |date: Date, row: &DecisionRow| by_day.get(&(date, row.value.clone())).unwrap_or(&nothing);
    let day = |date: Date| {
        let mut others = Figures::default();
        unnamed.iter().for_each(|row| others.add(of(date, row)));
        DecisionDay {
            date,
            complete: range.is_complete(date, *now),
            values: named.iter().map(|row| of(date, row).into()).collect(),
            others: (&others).into(),
        }
    };
    let days = range.days().map(day).collect();
    let others = i64::try_from(rows.len().saturating_sub(MAX_ROWS)).unwrap_or(i64::MAX);
    rows.truncate(MAX_ROWS);
    Ok(DecisionMix { range: range.into(), by: *by, total: (&total).into(), rows, others, days })
}

/// Decisions by day and part, in this order.
async fn decided(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    by: DecisionPart,
) -> Result<Vec<Found>, ReportError> {
    let mut group_by = vec![Group::Time(range.by_day()), Group::Dimension(by.dimension())];
    if by == DecisionPart::Language {
        group_by.push(Group::Dimension(Dimension::Subject));
    }
    let figures = sums_of(&[&[Measure::Accepted, Measure::Rejected]]);
    let mut rows = scope.rows(store, group_by, figures).await?;
    if by == DecisionPart::Language {
        rows.retain(|row| analytics_name(row.text(2), row.text(1)).is_some());
    }
    Ok(rows)
}
