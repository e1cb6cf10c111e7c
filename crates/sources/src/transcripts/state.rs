//! What must be known of a file's earlier lines to read its later ones.

use std::collections::VecDeque;

use model::{RecordKey, SessionId, Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::changed_lines::ChangedLines;
use super::shell::CommandFacts;

/// Raised when the meaning of the saved state changes; files are then read again from the start.
const VERSION: u32 = 1;
/// Tool calls without a result that are remembered; the oldest is forgotten first.
const MAX_OPEN_CALLS: usize = 96;
/// Names and ids longer than this are not worth remembering, in bytes.
const MAX_NAME_BYTES: usize = 160;
/// The saved state is at most this large, in bytes.
const MAX_SAVED_BYTES: usize = 60 * 1024;

/// What a file is, told by its place and its neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRole {
    /// Session that lines belong to which name none.
    pub session: String,
    /// Whether it holds a subagent's conversation beside its session's own file.
    pub subagent: bool,
    /// The subagent's kind, when known.
    pub agent: Option<Text>,
    /// Directory the session was started in, when known from its own file.
    pub project: Option<Text>,
}

/// The state between two lines of one file. Bounded, so that it can be saved with the file's position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileState {
    version: u32,
    pub(super) session: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) subagent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<Text>,
    /// Newest time of any line so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newest_at: Option<Timestamp>,
    /// Branch, version and entry point of the newest line that told them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) branch: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client_version: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entrypoint: Option<Text>,
    /// Whether the last process has written its totals, as it does when it exits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) process_ended: bool,
    /// Id of the newest prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prompt_id: Option<String>,
    pub(super) opening: Opening,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    calls: VecDeque<OpenCall>,
}

/// Whether the session's own lines have begun.
///
/// A forked session's file begins with copies of the lines of the session it was forked from. Answers say
/// of themselves that they are copies; with the first that is none, the session's own lines have begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Opening {
    /// All answers so far were copies, if there were any.
    Undecided {
        /// Whether copies have been seen.
        copied: bool,
        /// When the session's process started, unless more copies follow: the time of the first line, or
        /// of the first behind the newest copied answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts_at: Option<Timestamp>,
    },
    /// The session's own lines have begun. Copies cannot follow.
    Own,
}

/// A tool call that has no result yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OpenCall {
    pub(super) id: String,
    pub(super) tool: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<Text>,
    #[serde(flatten)]
    pub(super) command: CommandFacts,
    /// Lines it changes by its own account; used when the result does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) edit: Option<ChangedLines>,
    /// Lines of the file it writes; used when the result does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<i64>,
}

impl FileState {
    /// The state before a file's first line.
    pub fn new(role: FileRole) -> Self {
        let undecided = Opening::Undecided { copied: false, starts_at: None };
        let opening = if role.subagent { Opening::Own } else { undecided };
        Self {
            version: VERSION,
            session: role.session,
            subagent: role.subagent,
            agent: role.agent,
            project: role.project,
            newest_at: None,
            branch: None,
            client_version: None,
            entrypoint: None,
            process_ended: false,
            prompt_id: None,
            opening,
            calls: VecDeque::new(),
        }
    }

    /// Reads a saved state; `None` when another version has written it or it is damaged.
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str::<Self>(json).ok().filter(|state| state.version == VERSION)
    }

    /// The state as JSON text of at most 60 KiB.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        if json.len() <= MAX_SAVED_BYTES {
            return json;
        }
        // Only a file made to do so gets here: without its open calls the state is small.
        let smaller = Self { calls: VecDeque::new(), ..self.clone() };
        serde_json::to_string(&smaller).unwrap_or_default()
    }

    /// Remembers a call until its result comes.
    pub(super) fn open_call(&mut self, call: OpenCall) {
        if call.id.len() > MAX_NAME_BYTES || call.tool.len() > MAX_NAME_BYTES {
            return;
        }
        // Copies and repeated lines bring the same call again.
        self.calls.retain(|open| open.id != call.id);
        if self.calls.len() == MAX_OPEN_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// Takes back what was remembered of a call.
    pub(super) fn close_call(&mut self, id: &str) -> Option<OpenCall> {
        // Results come soon after their calls, so the newest is looked at first.
        let position = self.calls.iter().rposition(|call| call.id == id)?;
        self.calls.remove(position)
    }

    /// Notes the time of a line.
    pub(super) fn saw_time(&mut self, at: Timestamp) {
        self.newest_at = Some(self.newest_at.map_or(at, |newest| newest.max(at)));
        if let Opening::Undecided { starts_at, .. } = &mut self.opening {
            starts_at.get_or_insert(at);
        }
    }

    /// Whether a prompt's id has not been seen on the prompt before. In a fork the copied prompts all get
    /// the id of the fork's first one.
    pub(super) fn is_new_prompt(&mut self, id: &str) -> bool {
        let new = self.prompt_id.as_deref() != Some(id);
        if new && id.len() <= MAX_NAME_BYTES {
            self.prompt_id = Some(id.to_owned());
        }
        new
    }
}

/// The identity of one record of a line: the line's id, what the record is, and what tells it from others
/// of the same line.
pub(super) fn record_key(line: &LineId, role: &str, detail: &[u8]) -> RecordKey {
    RecordKey::of(&[b"transcript", line.0.as_slice(), role.as_bytes(), detail])
}

/// What identifies a line: its `uuid`, which copies keep, else a hash of all of it.
#[derive(Clone, Debug)]
pub(super) struct LineId(Vec<u8>);

impl LineId {
    pub(super) fn of(uuid: Option<&str>, line: &[u8]) -> Self {
        match uuid {
            Some(uuid) => Self(uuid.as_bytes().to_vec()),
            None => Self(xxhash_rust::xxh3::xxh3_128(line).to_le_bytes().to_vec()),
        }
    }
}

/// The identity of a process start: there is one first start per session, and one per moment it is resumed.
pub(super) fn start_key(session: &SessionId, resumed_at: Option<Timestamp>) -> RecordKey {
    let moment = resumed_at.map(|at| at.as_micros().to_le_bytes()).unwrap_or_default();
    RecordKey::of(&[b"transcript", session.as_str().as_bytes(), b"start", &moment])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_saved_state_is_read_back() {
        let mut state = FileState::new(FileRole { session: "s".into(), ..FileRole::default() });
        state.saw_time(Timestamp::from_millis(5));
        state.open_call(OpenCall { id: "toolu_1".into(), tool: "Bash".into(), ..OpenCall::default() });
        assert_eq!(FileState::from_json(&state.to_json()), Some(state));
        assert_eq!(FileState::from_json("{}"), None);
        assert_eq!(FileState::from_json(""), None);
    }

    #[test]
    fn the_saved_state_stays_small() {
        let mut state = FileState::new(FileRole::default());
        for number in 0..10_000 {
            let id = format!("{number:0>MAX_NAME_BYTES$}\u{1}").split_off(1);
            state.open_call(OpenCall {
                id,
                tool: "\u{1}".repeat(MAX_NAME_BYTES).into(),
                ..OpenCall::default()
            });
        }
        assert_eq!(state.calls.len(), MAX_OPEN_CALLS);
        assert!(state.to_json().len() <= MAX_SAVED_BYTES);
        assert!(FileState::from_json(&state.to_json()).is_some());
    }

    #[test]
    fn a_call_is_closed_once() {
        let mut state = FileState::new(FileRole::default());
        for _ in 0..2 {
            state.open_call(OpenCall { id: "a".into(), tool: "Edit".into(), ..OpenCall::default() });
        }
        assert_eq!(state.close_call("a").map(|call| call.tool), Some("Edit".into()));
        assert_eq!(state.close_call("a"), None);
    }
}
