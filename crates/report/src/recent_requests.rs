//! The newest requests to models, one by one.

use model::{Kind, Posting};
use serde::Serialize;
use store::{Filter, Store};
use utoipa::ToSchema;

use crate::figures::{Cost, Tokens};
use crate::scope::Scope;
use crate::{ReportError, told, when_told};

/// The most requests that are listed.
pub const MAX_LIMIT: usize = 500;

/// The newest requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecentRequests {
    /// Newest first.
    pub requests: Vec<RecentRequest>,
}

/// One request to a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecentRequest {
    /// When it was made.
    pub at: jiff::Timestamp,
    /// Session.
    pub session_id: String,
    /// E-mail address or name of who made it.
    pub actor: String,
    /// The project's directory or its repository, where known.
    #[schema(required)]
    pub project: Option<String>,
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// What in the client asked, such as `repl_main_thread`, where known.
    #[schema(required)]
    pub query_source: Option<String>,
    /// Kind of the subagent, for requests of one.
    #[schema(required)]
    pub agent: Option<String>,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Milliseconds from request to end of answer, where known.
    #[schema(required)]
    pub duration_ms: Option<i64>,
}

impl From<&Posting> for RecentRequest {
    fn from(posting: &Posting) -> Self {
        Self {
            at: posting.at.to_jiff(),
            session_id: posting.session.told().to_owned(),
            actor: posting.actor.name().to_owned(),
            project: when_told(&posting.project),
            model: told(&posting.model),
            query_source: when_told(&posting.query_source),
            agent: when_told(&posting.agent),
            tokens: (&posting.measures.tokens).into(),
            cost_micros: (&posting.measures).into(),
            duration_ms: (posting.measures.duration_ms != 0).then_some(posting.measures.duration_ms),
        }
    }
}

/// The newest `limit` requests, at most [`MAX_LIMIT`].
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, limit: usize) -> Result<RecentRequests, ReportError> {
    let filter = Filter { kinds: vec![Kind::Request], ..Filter::default() };
    let scope = Scope { as_of: store.boundary().await?, filter };
    let requests = scope.newest(store, limit.min(MAX_LIMIT)).await?;
    Ok(RecentRequests { requests: requests.iter().map(RecentRequest::from).collect() })
}
