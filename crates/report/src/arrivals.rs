//! What arrived just now: whether a client that was set up a moment ago reports.

use model::{SessionId, Timestamp};
use serde::Serialize;
use store::{Dimension, Filter, Store, Value};
use utoipa::ToSchema;

use crate::coverage::SourceName;
use crate::scope::Scope;
use crate::session_list::{self, SessionPlace};
use crate::{ReportError, told};

/// How many sessions are named.
pub const MAX_NAMED: usize = 10;
/// How many sessions are looked at to find the newest.
const MAX_LOOKED_AT: usize = 500;

/// What arrived since a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Arrivals {
    /// How many sessions anything was told of.
    pub sessions: i64,
    /// Some of them, the newest record first; at most ten.
    pub newest: Vec<Arrival>,
}

/// A session that something was told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Arrival {
    /// Session id.
    pub session_id: String,
    /// Where and by whom.
    #[serde(flatten)]
    pub place: SessionPlace,
    /// Sources that told of it, ever.
    pub sources: Vec<SourceName>,
    /// Time of its newest record, by the client's clock.
    pub newest_at: jiff::Timestamp,
}

/// What was kept at or after the moment, by the server's clock.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, since: Timestamp) -> Result<Arrivals, ReportError> {
    let mut sessions = store.sessions_since(since, Timestamp::MIN).await?;
    let found = sessions.len();
    sessions.truncate(MAX_LOOKED_AT);
    let told_by = store.session_sources(&sessions).await?;
    let newest_of = |session: &SessionId| {
        told_by.iter().filter(|told| told.session == *session).map(|told| told.newest_at).max()
    };
    let mut newest: Vec<(Timestamp, SessionId)> =
        sessions.into_iter().filter_map(|session| Some((newest_of(&session)?, session))).collect();
    newest.sort_by(|a, b| b.cmp(a));
    newest.truncate(MAX_NAMED);

    let ids = newest.iter().map(|(_, session)| Value::from(session.as_str())).collect();
    let filter = Filter { among: vec![(Dimension::Session, ids)], ..Filter::default() };
    let scope = Scope { as_of: store.boundary().await?, filter };
    let mut places = session_list::places(store, &scope).await?;
    let arrival = |(newest_at, session): (Timestamp, SessionId)| Arrival {
        place: places
            .remove(session.as_str())
            .unwrap_or_else(|| SessionPlace { actor: told(""), ..SessionPlace::default() }),
        sources: told_by
            .iter()
            .filter(|told| told.session == session)
            .map(|told| told.source.into())
            .collect(),
        newest_at: newest_at.to_jiff(),
        session_id: session.told().to_owned(),
    };
    Ok(Arrivals {
        sessions: i64::try_from(found).unwrap_or(i64::MAX),
        newest: newest.into_iter().map(arrival).collect(),
    })
}
