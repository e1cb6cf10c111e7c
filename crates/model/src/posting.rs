//! What the observations amount to: the lines of the ledger.

use serde::{Deserialize, Serialize};

use crate::{Actor, CustomerType, ItemKey, OrganizationId, SessionId, Text, Timestamp, TokenUsage};

/// What a posting counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One request to the model.
    Request,
    /// Tokens and cost that only a running total knows, with no request to show for them.
    Unattributed,
    /// A session was started or taken up again.
    SessionStart,
    /// Lines changed.
    Lines,
    /// Commits made.
    Commit,
    /// Pull requests opened.
    PullRequest,
    /// Permission decisions on tool calls.
    Decision,
    /// A tool call's end.
    ToolResult,
    /// A prompt or slash command.
    Prompt,
    /// A request that failed.
    ApiError,
    /// Time in which user or client were active.
    ActiveTime,
    /// Anything else counted by name.
    Occurrence,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 12] = [
        Kind::Request,
        Kind::Unattributed,
        Kind::SessionStart,
        Kind::Lines,
        Kind::Commit,
        Kind::PullRequest,
        Kind::Decision,
        Kind::ToolResult,
        Kind::Prompt,
        Kind::ApiError,
        Kind::ActiveTime,
        Kind::Occurrence,
    ];

    /// The name in stores and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Unattributed => "unattributed",
            Self::SessionStart => "session_start",
            Self::Lines => "lines",
            Self::Commit => "commit",
            Self::PullRequest => "pull_request",
            Self::Decision => "decision",
            Self::ToolResult => "tool_result",
            Self::Prompt => "prompt",
            Self::ApiError => "api_error",
            Self::ActiveTime => "active_time",
            Self::Occurrence => "occurrence",
        }
    }

    /// The inverse of [`Kind::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Whether a ledger line adds its posting or takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sign {
    /// `-1`: a reversal.
    Reversal,
    /// `+1`.
    Entry,
}

impl Sign {
    /// `+1` or `-1`.
    pub const fn factor(self) -> i64 {
        match self {
            Self::Reversal => -1,
            Self::Entry => 1,
        }
    }
}

/// One line of the ledger, never changed once written. Every figure is `sum(sign * measure)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// When it was written: the same for all lines of one transaction, rising from one to the next.
    pub posted_at: Timestamp,
    /// Entry or reversal.
    pub sign: Sign,
    /// What is counted.
    pub posting: Posting,
}

/// What is counted, for whom, when. Empty text means "not told" throughout.
///
/// In order by what tells two apart at first sight: most are of one session, and share nearly all of their texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Posting {
    /// What it counts.
    pub kind: Kind,
    /// The instant it belongs to; days are cut from it in any zone.
    pub at: Timestamp,
    /// Identity of the thing counted, the same whatever source told of it.
    pub item: ItemKey,
    /// The session it belongs to.
    pub session: SessionId,
    /// The organization that the sender says it belongs to: that of its sign-in.
    pub organization: OrganizationId,
    /// The organization whose ingest key it came in with; empty for the default one. Decides who may see it.
    pub tenant: OrganizationId,
    /// Who did it.
    pub actor: Actor,
    /// How it is paid for.
    pub customer_type: CustomerType,
    /// Subscription, such as `team`.
    pub subscription_type: Text,
    /// Terminal, such as `vscode`.
    pub terminal: Text,
    /// Whether the session ran in the cloud.
    pub remote: bool,
    /// The project: its directory, or its repository where no source tells the directory.
    pub project: Text,
    /// Repository, `owner/name`.
    pub repository: Text,
    /// Git branch.
    pub branch: Text,
    /// Team.
    pub team: Text,
    /// Entry point of the client.
    pub entrypoint: Text,
    /// The client's version.
    pub client_version: Text,
    /// Model id, date kept, provider spelling removed.
    pub model: Text,
    /// What it is about: tool, event, start type, command.
    pub subject: Text,
    /// How it went: kind of error, outcome of an event.
    pub outcome: Text,
    /// Who or what decided, for decisions.
    pub decided_by: Text,
    /// Programming language, for decisions.
    pub language: Text,
    /// What in the client asked, for requests.
    pub query_source: Text,
    /// Subagent's kind.
    pub agent: Text,
    /// Skill in use.
    pub skill: Text,
    /// MCP server.
    pub mcp_server: Text,
    /// Effort level.
    pub effort: Text,
    /// Whether it ran in fast mode.
    pub fast: bool,
    /// For requests: hash of the API's request id, by which copies in other sessions are found.
    pub request: Option<ItemKey>,
    /// For requests: hash of the API's message id, for the same end.
    pub message: Option<ItemKey>,
    /// The figures.
    pub measures: Measures,
}

/// The figures of a posting. Whole numbers, most of them zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measures {
    /// Requests to the model.
    pub requests: i64,
    /// Tokens.
    pub tokens: TokenUsage,
    /// Cost in picodollars: what the client said, else what the price book says.
    pub cost_settled: i64,
    /// Cost in picodollars as the client said; zero where it said nothing.
    pub cost_reported: i64,
    /// Cost in picodollars by the price book; zero where it has no price.
    pub cost_priced: i64,
    /// Tokens of models that the price book does not know.
    pub unpriced_tokens: i64,
    /// Web searches.
    pub web_searches: i64,
    /// Lines added.
    pub lines_added: i64,
    /// Lines removed.
    pub lines_removed: i64,
    /// Commits.
    pub commits: i64,
    /// Pull requests.
    pub pull_requests: i64,
    /// Tool calls accepted.
    pub accepted: i64,
    /// Tool calls rejected.
    pub rejected: i64,
    /// Tool calls that succeeded.
    pub succeeded: i64,
    /// Tool calls that failed.
    pub failed: i64,
    /// Prompts typed or sent.
    pub prompts: i64,
    /// Slash commands.
    pub commands: i64,
    /// Requests that failed for good.
    pub api_errors: i64,
    /// Milliseconds in which the user was active.
    pub active_user_ms: i64,
    /// Milliseconds in which the client was active.
    pub active_cli_ms: i64,
    /// Milliseconds the request or call took.
    pub duration_ms: i64,
    /// Milliseconds to the first token.
    pub ttft_ms: i64,
    /// Events counted by name only.
    pub occurrences: i64,
}

impl Posting {
    /// A posting with nothing but its identity filled in.
    pub fn new(kind: Kind, at: Timestamp, session: SessionId, item: ItemKey) -> Self {
        Self {
            kind,
            at,
            item,
            session,
            organization: OrganizationId::default(),
            tenant: OrganizationId::default(),
            actor: Actor::Api { name: Text::new() },
            customer_type: CustomerType::default(),
            subscription_type: Text::new(),
            terminal: Text::new(),
            remote: false,
            project: Text::new(),
            repository: Text::new(),
            branch: Text::new(),
            team: Text::new(),
            entrypoint: Text::new(),
            client_version: Text::new(),
            model: Text::new(),
            subject: Text::new(),
            outcome: Text::new(),
            decided_by: Text::new(),
            language: Text::new(),
            query_source: Text::new(),
            agent: Text::new(),
            skill: Text::new(),
            mcp_server: Text::new(),
            effort: Text::new(),
            fast: false,
            request: None,
            message: None,
            measures: Measures::default(),
        }
    }
}
