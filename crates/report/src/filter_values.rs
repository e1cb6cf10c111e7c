//! What can be filtered by: the values that occur in a range of days.

use model::Source;
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::coverage::SourceName;
use crate::filter::Filter;
use crate::range::DateRange;
use crate::scope::Scope;
use crate::{ReportError, told};

/// The most values listed of each filter; those with most requests.
pub const MAX_LISTED: usize = 2_000;

/// What can be filtered by. Each list is of what the other filters let through, so that no value of it leads to
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilterValues {
    /// E-mail addresses or names of people.
    pub people: Values,
    /// Teams.
    pub teams: Values,
    /// Projects: directories, or repositories.
    pub projects: Values,
    /// Model ids.
    pub models: Values,
    /// Terminals.
    pub terminals: Values,
    /// Sources with records in the range.
    pub sources: Vec<SourceName>,
}

/// The values of one filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Values {
    /// By name; `unknown` stands for what no source told.
    pub values: Vec<String>,
    /// Whether these are all; otherwise they are those with most requests.
    pub all: bool,
}

/// The values that occur in the range.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, range: &DateRange, filter: &Filter) -> Result<FilterValues, ReportError> {
    let as_of = store.boundary().await?;
    let values = async |dimension: Dimension| {
        let mut scope = Scope::filtered(range, as_of, filter);
        scope.filter.among.retain(|(narrowed, _)| *narrowed != dimension);
        values_of(store, &scope, dimension).await
    };
    let known = store.sources(Some(range.from()), Some(range.until())).await?;
    let sources = Source::ALL.into_iter().filter(|source| known.iter().any(|told| told.source == *source));
    Ok(FilterValues {
        people: values(Dimension::ActorName).await?,
        teams: values(Dimension::Team).await?,
        projects: values(Dimension::Project).await?,
        models: values(Dimension::Model).await?,
        terminals: values(Dimension::Terminal).await?,
        sources: sources.map(SourceName::from).collect(),
    })
}

async fn values_of(store: &dyn Store, scope: &Scope, dimension: Dimension) -> Result<Values, ReportError> {
    // The instant makes a row of everything that occurs, requests or not.
    let figures = vec![Figure::Sum(Measure::Requests), Figure::Latest];
    let group_by = vec![Group::Dimension(dimension)];
    let rows = scope.largest_rows(store, group_by, figures, Some(MAX_LISTED + 1)).await?;
    let all = rows.len() <= MAX_LISTED;
    // A session's start belongs to no model, which is not the same as a request whose model nobody told.
    let belongs = |row: &&crate::scope::Found| dimension != Dimension::Model || !row.text(0).is_empty();
    let mut values: Vec<String> =
        rows.iter().take(MAX_LISTED).filter(belongs).map(|row| told(row.text(0))).collect();
    values.sort_unstable();
    values.dedup();
    Ok(Values { values, all })
}
