//! What was observed: one log record, one metric point, one transcript line.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{CustomerType, ItemKey, Money, RecordKey, SessionId, Text, Timestamp, TokenKind, TokenUsage};

/// Where a record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// OpenTelemetry log records.
    Events,
    /// OpenTelemetry metric points.
    Metrics,
    /// OpenTelemetry spans.
    Traces,
    /// Claude Code's local transcript files.
    Transcripts,
}

impl Source {
    /// Every source, in the order reports list them.
    pub const ALL: [Source; 4] = [Source::Events, Source::Metrics, Source::Traces, Source::Transcripts];

    /// The name in stores and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Metrics => "metrics",
            Self::Traces => "traces",
            Self::Transcripts => "transcripts",
        }
    }

    /// The inverse of [`Source::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// One observation as received, with an identity that a retry or a second import repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Identity; records with equal keys are the same observation.
    pub key: RecordKey,
    /// The session it was observed in. A transcript line copied into another session's file is observed
    /// in that other session; [`RequestSeen::origin_session`] tells where it came from.
    pub session: SessionId,
    /// When it happened, by the sender's clock.
    pub at: Timestamp,
    /// Where it came from.
    pub source: Source,
    /// Who, where and with what; shared by the records of one batch.
    pub context: Arc<Context>,
    /// What was observed.
    pub observation: Observation,
    /// Attributes that nothing here interprets, kept under the sender's names.
    pub extra: Vec<(String, AttributeValue)>,
}

impl Record {
    /// The name under which [`Record::extra`] holds the number of the line that the record was read from.
    pub const LINE: &'static str = "line";

    /// The line of [`Context::file`] that it was read from, counted from one, where that was kept.
    pub fn line(&self) -> Option<i64> {
        self.extra.iter().find_map(|(name, value)| match value {
            AttributeValue::Int(line) if name == Self::LINE => Some(*line),
            _ => None,
        })
    }
}

/// An attribute's value, as OTLP and JSON know them. Nested values are kept as JSON text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// Text, or JSON text of a list or map.
    Text(String),
}

/// Who, where and with what. Each field is `None` when the sender did not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// E-mail address of the sign-in, lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// Account id or UUID of the sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Claude Code's random installation id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation: Option<Text>,
    /// Name of the ingest key that the data came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingest_key: Option<Text>,
    /// The local login, `user@host`, for data read from this machine's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Text>,
    /// Id of the organization that the sign-in belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Text>,
    /// How the work is paid for, where configuration says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<CustomerType>,
    /// Subscription, such as `team`, where configuration says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Text>,
    /// Terminal, such as `vscode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminal: Option<Text>,
    /// Whether the session ran in the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
    /// How the client was started: `cli`, `sdk-cli`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Text>,
    /// The client's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<Text>,
    /// The project's directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Text>,
    /// Repository, `owner/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Text>,
    /// Git branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<Text>,
    /// Team, from the operator's own resource attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Text>,
    /// The file it was read from, for data read from this machine's files. Says where the evidence is, and
    /// nothing of what it amounts to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Text>,
    /// The operator's own resource attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// What was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "requests are the most frequent kind; a box each would cost more"
)]
pub enum Observation {
    /// A request to the model, or one line of its answer.
    Request(RequestSeen),
    /// A permission decision on a tool call.
    Decision(Decision),
    /// A tool call's end.
    ToolResult(ToolOutcome),
    /// A prompt or slash command.
    Prompt(Prompt),
    /// A request that failed.
    ApiError(ApiError),
    /// A client process took the session up.
    ProcessStart(ProcessStart),
    /// One point of a counter.
    Counter(CounterPoint),
    /// The client's own running totals of the session.
    Totals(ClientTotals),
    /// Anything else worth counting by name: hooks, skills, MCP connections, compactions, …
    Occurrence(Occurrence),
    /// A trace span: evidence, counts nothing.
    Span(Occurrence),
    /// A name this version does not know; kept, counts nothing.
    Unknown {
        /// The sender's name for it.
        name: String,
    },
}

/// A request to the model as one source saw it: an `api_request` event, or a line of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestSeen {
    /// The API's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The API's id of the answer's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The session that made the request, when the line says that it is a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_session: Option<SessionId>,
    /// Model id, as sent.
    pub model: Text,
    /// Token counts so far.
    pub usage: TokenUsage,
    /// Whether these counts are final: always for events, for lines once the answer has stopped.
    pub finished: bool,
    /// Cost by the client's own reckoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Whether the request ran in fast mode.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fast: bool,
    /// Whether inference was confined to the US, which costs more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub us_inference: bool,
    /// Web searches the API made for it; billed per search.
    #[serde(skip_serializing_if = "is_zero")]
    pub web_searches: i64,
    /// What in the client asked, such as `repl_main_thread` or `compact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_source: Option<Text>,
    /// Subagent's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Text>,
    /// Skill in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<Text>,
    /// MCP server whose result the request consumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_server: Option<Text>,
    /// Effort level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<Text>,
    /// Milliseconds from request to end of answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Milliseconds to the first token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<i64>,
    /// Tool calls in the answer, by id. They belong to the session that owns the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_uses: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

/// A permission decision on a tool call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// The call, when told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_use_id: Option<String>,
    /// Tool name; every MCP tool may read `mcp_tool`.
    pub tool: Text,
    /// Accepted or rejected.
    pub accepted: bool,
    /// Who or what decided: `config`, `hook`, `user_temporary`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Text>,
    /// Programming language of the edited file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Text>,
}

/// How a tool call ended, and what it provably did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolOutcome {
    /// The call, when told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_use_id: Option<String>,
    /// Tool name; every MCP tool may read `mcp_tool`.
    pub tool: Text,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// Kind of failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// Milliseconds it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Lines added, as the client counts them; transcripts only.
    #[serde(skip_serializing_if = "is_zero")]
    pub lines_added: i64,
    /// Lines removed, as the client counts them; transcripts only.
    #[serde(skip_serializing_if = "is_zero")]
    pub lines_removed: i64,
    /// Whether its command line made a git commit; transcripts only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub committed: bool,
    /// Whether its command line opened a pull request; transcripts only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub opened_pull_request: bool,
}

/// A prompt, or a slash command.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prompt {
    /// The client's id of the prompt, the same in events and transcripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_id: Option<String>,
    /// Name of the slash command, when it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Text>,
    /// Length of the text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<i64>,
}

/// A request that failed for good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiError {
    /// The API's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Model asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Text>,
    /// HTTP status, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Kind of error, without content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// Attempts made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<i64>,
}

/// A client process took the session up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessStart {
    /// `fresh`, `resume`, `continue`; `agents_view` is a process without a session of its own.
    pub start_type: Text,
}

/// How a counter's values are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Temporality {
    /// The value is what was added since `start`.
    Delta,
    /// The value is everything since `start`, which marks the life of the process.
    Cumulative,
}

/// One point of a counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CounterPoint {
    /// What is counted.
    pub counter: Counter,
    /// Identity of the series: a hash of its name and attributes, without times.
    pub series: ItemKey,
    /// Start of the interval (delta) or of the process (cumulative); absent when the sender left it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// How to read `value`.
    pub temporality: Temporality,
    /// The value, in the counter's unit.
    pub value: f64,
}

/// What a counter counts, with the attributes that the ledger keeps apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// Client processes started, by start type.
    Sessions(String),
    /// Lines added.
    LinesAdded,
    /// Lines removed.
    LinesRemoved,
    /// Commits made.
    Commits,
    /// Pull requests opened.
    PullRequests,
    /// Cost in dollars, by model.
    Cost {
        /// Model id, as sent.
        model: Text,
    },
    /// Tokens of one kind, by model.
    Tokens {
        /// Model id, as sent.
        model: Text,
        /// Which kind.
        kind: TokenKind,
    },
    /// Decisions on calls of the editing tools.
    EditDecisions {
        /// Tool name.
        tool: Text,
        /// Accepted or rejected.
        accepted: bool,
        /// Who or what decided.
        decided_by: Text,
        /// Programming language.
        language: Text,
    },
    /// Seconds in which the user typed.
    ActiveUserSeconds,
    /// Seconds in which the client worked.
    ActiveCliSeconds,
    /// A counter this version does not know; kept, counts nothing.
    Unknown(String),
}

/// The client's own running totals over the session, as its transcript keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientTotals {
    /// Totals by model id, as written.
    pub models: Vec<(Text, TokenUsage, Money)>,
    /// Lines added.
    pub lines_added: i64,
    /// Lines removed.
    pub lines_removed: i64,
}

/// Something counted by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Occurrence {
    /// Event name, without prefix.
    pub name: Text,
    /// What it was about: a skill, a hook, a server, a plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Text>,
    /// How it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Text>,
    /// Milliseconds it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// An identity shared between sources, when there is one; else the record's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}
