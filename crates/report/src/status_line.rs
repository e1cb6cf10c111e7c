//! What a prompt's status line shows: today, the running window, and one session.

use model::{SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Filter, Measure, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::blocks::{self, BurnRate, Projection};
use crate::figures::{COST, Cost, Figures, TOKENS, Tokens, sums_of};
use crate::range::{DateRange, Zone};
use crate::scope::Scope;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The session at whose prompt it is shown, by every id that it may be filed under; none when there is
    /// no such session.
    pub session: Vec<SessionId>,
    /// The zone that today is cut in.
    pub zone: Zone,
    /// The time.
    pub now: Timestamp,
}

/// The figures of a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusLine {
    /// The moment.
    pub now: jiff::Timestamp,
    /// Today so far.
    pub today: Spent,
    /// The window that is running; null when none is.
    #[schema(required)]
    pub block: Option<RunningBlock>,
    /// The session asked about; null when none was, or nothing is known of it.
    #[schema(required)]
    pub session: Option<Spent>,
}

/// Requests, tokens and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spent {
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

/// The five-hour window that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunningBlock {
    /// When it ends.
    pub ends_at: jiff::Timestamp,
    /// What it has taken so far.
    #[serde(flatten)]
    pub spent: Spent,
    /// How fast it is used; null when it is too short to tell.
    #[schema(required)]
    pub burn_rate: Option<BurnRate>,
    /// What it comes to when it goes on like this; null when there is no burn rate.
    #[schema(required)]
    pub projection: Option<Projection>,
}

impl From<&Figures> for Spent {
    fn from(figures: &Figures) -> Self {
        Self { requests: figures.sum(Measure::Requests), tokens: figures.into(), cost_micros: figures.into() }
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<StatusLine, ReportError> {
    let Parameters { session, zone, now } = parameters;
    let as_of = store.boundary().await?;
    let today = DateRange::last_days(1, *now, zone.clone())?;
    let today = Scope::of_range(&today, as_of).total(store, figures()).await?;
    let session = if session.is_empty() { None } else { spent_in(store, as_of, session).await? };
    let block = blocks::active(store, *now).await?.map(|block| RunningBlock {
        ends_at: block.ends_at,
        spent: Spent { requests: block.requests, tokens: block.tokens, cost_micros: block.cost_micros },
        burn_rate: block.burn_rate,
        projection: block.projection,
    });
    Ok(StatusLine { now: now.to_jiff(), today: (&today).into(), block, session })
}

fn figures() -> Vec<Figure> {
    sums_of(&[&[Measure::Requests], &TOKENS, &COST])
}

async fn spent_in(
    store: &dyn Store,
    as_of: Timestamp,
    session: &[SessionId],
) -> Result<Option<Spent>, ReportError> {
    let ids = session.iter().map(|id| Value::from(id.as_str())).collect();
    let only = vec![(Dimension::Session, ids)];
    let scope = Scope { as_of, filter: Filter { among: only, ..Filter::default() } };
    let found = scope.total(store, figures()).await?;
    Ok((found != Figures::default()).then(|| (&found).into()))
}
