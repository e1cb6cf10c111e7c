//! What the ledger holds altogether: since when, whose, how much, and which models.

use futures::future::try_join4;
use model::Timestamp;
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, Measure, Store};
use utoipa::ToSchema;

use crate::coverage::{SourceCoverage, all_sources};
use crate::figures::{SESSIONS_SEEN, sums_of};
use crate::scope::Scope;
use crate::{ReportError, told};

/// The most teams and models that are named.
const MAX_NAMED: usize = 500;

/// What the ledger holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerContents {
    /// The first thing that happened; null while there is nothing.
    #[schema(required)]
    pub first_at: Option<jiff::Timestamp>,
    /// The last.
    #[schema(required)]
    pub last_at: Option<jiff::Timestamp>,
    /// Sessions with anything in it.
    pub sessions: i64,
    /// People with anything in it.
    pub people: i64,
    /// What is kept from each source.
    pub sources: Vec<SourceCoverage>,
    /// Teams, by name.
    pub teams: Vec<TeamSeen>,
    /// Models, most tokens without a price first, then by name.
    pub models: Vec<ModelSeen>,
}

/// A team that senders name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamSeen {
    /// Its name.
    pub team: String,
    /// People with anything in it.
    pub people: i64,
    /// Last activity.
    pub last_at: jiff::Timestamp,
}

/// A model that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelSeen {
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// Requests to it.
    pub requests: i64,
    /// Tokens that the price book had no price for.
    pub unpriced_tokens: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store) -> Result<LedgerContents, ReportError> {
    const PEOPLE: Figure = Figure::Distinct(Dimension::ActorName, None);
    let everything = Scope { as_of: store.boundary().await?, filter: Filter::default() };
    let figures = vec![Figure::Earliest, Figure::Latest, SESSIONS_SEEN, PEOPLE];
    let by_team = vec![Group::Dimension(Dimension::Team)];
    let by_model = vec![Group::Dimension(Dimension::Model)];
    let sums = sums_of(&[&[Measure::UnpricedTokens, Measure::Requests]]);
    let (all, teams, models, sources) = try_join4(
        everything.total(store, figures),
        everything.rows(store, by_team, vec![PEOPLE, Figure::Latest]),
        everything.largest_rows(store, by_model, sums, Some(MAX_NAMED)),
        all_sources(store),
    )
    .await?;
    let instant = |figure| {
        let micros = all.count(figure);
        (all.count(SESSIONS_SEEN) > 0).then(|| Timestamp::from_micros(micros).to_jiff())
    };
    let team = |row: &crate::scope::Found| TeamSeen {
        team: row.text(0).to_owned(),
        people: row.figures.count(PEOPLE),
        last_at: Timestamp::from_micros(row.figures.count(Figure::Latest)).to_jiff(),
    };
    let model = |row: &crate::scope::Found| ModelSeen {
        model: told(row.text(0)),
        requests: row.figures.sum(Measure::Requests),
        unpriced_tokens: row.figures.sum(Measure::UnpricedTokens),
    };
    Ok(LedgerContents {
        first_at: instant(Figure::Earliest),
        last_at: instant(Figure::Latest),
        sessions: all.count(SESSIONS_SEEN),
        people: all.count(PEOPLE),
        sources,
        teams: teams.iter().filter(|row| !row.text(0).is_empty()).take(MAX_NAMED).map(team).collect(),
        models: models.iter().map(model).collect(),
    })
}
