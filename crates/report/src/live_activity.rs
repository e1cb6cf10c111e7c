//! What people and their clients do, one thing after the other: requests, tool calls, prompts, errors.

use model::{Kind, Posting};
use serde::Serialize;
use store::{Filter, Store};
use utoipa::ToSchema;

use crate::figures::{Cost, Tokens};
use crate::scope::Scope;
use crate::{ReportError, told, when_told};

/// The most that is listed.
pub const MAX_LIMIT: usize = 500;

/// The kinds of postings that are told of one by one.
const KINDS: [Kind; 5] = [Kind::Request, Kind::ToolResult, Kind::ApiError, Kind::Prompt, Kind::SessionStart];

/// The newest things that happened.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RecentActivity {
    /// Newest first.
    pub activities: Vec<LiveActivity>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveActivityKind {
    /// A request to a model was answered.
    Request,
    /// A tool call ended.
    Tool,
    /// A request failed for good.
    Error,
    /// A prompt was sent.
    Prompt,
    /// A slash command was sent.
    Command,
    /// A session was started or taken up again.
    Start,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LiveActivity {
    /// When it happened; what takes time is told of at its end.
    pub at: jiff::Timestamp,
    /// What happened.
    pub kind: LiveActivityKind,
    /// Session.
    pub session_id: String,
    /// E-mail address or name of who did it.
    pub actor: String,
    /// The project's directory or its repository, where known.
    #[schema(required)]
    pub project: Option<String>,
    /// The model, tool, command, type of start or HTTP status; `unknown` where the source did not tell.
    pub title: String,
    /// Kind of failure, where known.
    #[schema(required)]
    pub detail: Option<String>,
    /// Kind of the subagent that did it.
    #[schema(required)]
    pub agent: Option<String>,
    /// Whether a tool call succeeded; null for everything else.
    #[schema(required)]
    pub succeeded: Option<bool>,
    /// Milliseconds it took, where known.
    #[schema(required)]
    pub duration_ms: Option<i64>,
    /// Tokens of a request.
    #[schema(required)]
    pub tokens: Option<Tokens>,
    /// Cost of a request in micro-dollars.
    #[schema(required)]
    pub cost_micros: Option<Cost>,
}

impl LiveActivity {
    /// What a posting tells of; `None` for sums and other things that are no moment.
    pub fn of(posting: &Posting) -> Option<Self> {
        let measures = &posting.measures;
        let subject = posting.subject.as_str();
        let (kind, title) = match posting.kind {
            Kind::Request => (LiveActivityKind::Request, posting.model.as_str()),
            Kind::ToolResult => (LiveActivityKind::Tool, subject),
            Kind::ApiError => (LiveActivityKind::Error, subject),
            Kind::Prompt if measures.commands > 0 => (LiveActivityKind::Command, subject),
            Kind::Prompt => (LiveActivityKind::Prompt, "prompt"),
            Kind::SessionStart => (LiveActivityKind::Start, subject),
            _ => return None,
        };
        let is_request = kind == LiveActivityKind::Request;
        Some(Self {
            at: posting.at.to_jiff(),
            kind,
            session_id: posting.session.told().to_owned(),
            actor: told(posting.actor.name()),
            project: when_told(&posting.project),
            title: told(title),
            detail: when_told(&posting.outcome),
            agent: when_told(&posting.agent),
            succeeded: (kind == LiveActivityKind::Tool).then_some(measures.succeeded > 0),
            duration_ms: (measures.duration_ms > 0).then_some(measures.duration_ms),
            tokens: is_request.then(|| (&measures.tokens).into()),
            cost_micros: is_request.then(|| measures.into()),
        })
    }
}

/// The newest `limit` things, at most [`MAX_LIMIT`].
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, limit: usize) -> Result<RecentActivity, ReportError> {
    let filter = Filter { kinds: KINDS.to_vec(), ..Filter::default() };
    let scope = Scope { as_of: store.boundary().await?, filter };
    let postings = scope.newest(store, limit.min(MAX_LIMIT)).await?;
    Ok(RecentActivity { activities: postings.iter().filter_map(LiveActivity::of).collect() })
}
