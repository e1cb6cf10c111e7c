//! What happens in a session, before anybody tells of it.

use model::{ApiError, Decision, Occurrence, Prompt, RequestSeen, Timestamp, ToolOutcome};

/// Something that happens, and when.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) fact: Fact,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "requests are the most frequent kind; a box each would cost more"
)]
pub(super) enum Fact {
    /// A process takes the session up.
    Started,
    /// A prompt or slash command.
    Prompted(Prompt),
    /// A request to the model is answered.
    Answered(RequestSeen),
    /// A request fails for good.
    Failed(ApiError),
    /// A tool call is allowed or not.
    Decided(Decision),
    /// A tool call ends.
    ToolEnded(ToolOutcome),
    /// A file is changed.
    Edited { added: u32, removed: u32, model: &'static str },
    /// A commit is made.
    Committed,
    /// A pull request is opened.
    OpenedPullRequest,
    /// The user typed and the client worked, in milliseconds.
    Worked { user_ms: i64, cli_ms: i64 },
    /// Anything that is counted by name.
    Occurred(Occurrence),
}
