//! From one line to records.

use std::sync::Arc;

use model::{
    AttributeValue, Context, Observation, ProcessStart, Record, RecordKey, SessionId, Source, Timestamp,
};
use thiserror::Error;

use super::json;
use super::line::Line;
use super::peek::{Peek, counts, peek};
use super::state::{FileState, LineId, Opening, start_key};
use super::{answer, notes, totals, user};

/// Why a line was not understood. The words do not vary from line to line, so that they can be counted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineError {
    /// Cut off, run into another line, or never JSON.
    #[error("not valid json")]
    Syntax,
    /// Nothing says when it happened, not even the lines before.
    #[error("no time on it or before it")]
    NoTime,
    /// Longer than [`super::MAX_LINE_BYTES`].
    #[error("line too long")]
    TooLong,
}

/// Reads the lines of one file, in order.
#[derive(Clone, Debug)]
pub struct LineParser {
    pub(super) state: FileState,
    /// What every record of the file has in common: login, account.
    base: Arc<Context>,
    /// The context of the newest line; shared while it does not change.
    context: Arc<Context>,
    /// The session of the newest line; shared too.
    session: SessionId,
}

impl LineParser {
    /// Goes on from `state`; `base` holds what is the same for the whole file.
    pub fn new(state: FileState, base: Arc<Context>) -> Self {
        let session = SessionId::of_client(&state.session);
        let mut parser = Self { context: Arc::clone(&base), state, base, session };
        parser.renew_context();
        parser
    }

    /// What has to be saved to go on behind the lines read so far.
    pub const fn state(&self) -> &FileState {
        &self.state
    }

    /// Reads one line, without its line break, and appends what it tells to `records`.
    ///
    /// # Errors
    /// The line was not understood. It has told nothing, and reading can go on behind it.
    pub fn read(&mut self, line: &[u8], records: &mut Vec<Record>) -> Result<(), LineError> {
        if peek(line) == Peek::Bookkeeping {
            return Ok(());
        }
        // A list would be taken for the fields of a line in order.
        if !line.trim_ascii_start().starts_with(b"{") {
            return Err(LineError::Syntax);
        }
        let parsed: Line<'_> = json::from_bytes(line).map_err(|_| LineError::Syntax)?;
        let kind = parsed.kind.get().unwrap_or_default();
        if !counts(kind.as_bytes()) {
            return Ok(());
        }
        let written_at = parsed.timestamp.get().and_then(Timestamp::parse_rfc3339);
        if let Some(at) = written_at {
            self.state.saw_time(at);
        }
        let mut scene = Scene {
            id: LineId::of(parsed.uuid.get(), line),
            session: self.session(&parsed),
            context: Arc::clone(&self.context),
            at: Timestamp::MIN,
            records,
        };
        if kind == "cost-state" {
            return totals::read(self, &mut scene, &parsed);
        }
        scene.at = written_at.or(self.state.newest_at).ok_or(LineError::NoTime)?;
        let resumed = !parsed.is_sidechain.0 && self.is_new_process(&parsed);
        self.update_context(&parsed);
        scene.context = Arc::clone(&self.context);
        if resumed {
            scene.push_start(start_key(&scene.session, Some(scene.at)), scene.at, "resume");
        }
        match kind {
            "assistant" => answer::read(self, &mut scene, &parsed),
            "user" => user::read(self, &mut scene, &parsed),
            "system" | "pr-link" => notes::read(&mut scene, &parsed),
            _ => {}
        }
        Ok(())
    }

    fn session(&mut self, line: &Line<'_>) -> SessionId {
        let told = line.session_id.get().unwrap_or(&self.state.session);
        if self.session.as_str() != told {
            self.session = SessionId::of_client(told);
        }
        self.session.clone()
    }

    fn update_context(&mut self, line: &Line<'_>) {
        let state = &mut self.state;
        let mut changed = state.project.is_none() && line.cwd.get().is_some();
        if changed {
            state.project = line.cwd.owned();
        }
        for (known, told) in [
            (&mut state.branch, &line.git_branch),
            (&mut state.client_version, &line.version),
            (&mut state.entrypoint, &line.entrypoint),
        ] {
            if told.get().is_some() && known.as_deref() != told.get() {
                *known = told.owned();
                changed = true;
            }
        }
        if changed {
            self.renew_context();
        }
    }

    fn renew_context(&mut self) {
        let state = &self.state;
        self.context = Arc::new(Context {
            project: state.project.clone(),
            branch: state.branch.clone(),
            client_version: state.client_version.clone(),
            entrypoint: state.entrypoint.clone(),
            ..(*self.base).clone()
        });
    }

    /// Whether a process has taken the session up again. A line behind the totals that a process writes
    /// when it exits, or of another version of the client, comes from a new one.
    fn is_new_process(&mut self, line: &Line<'_>) -> bool {
        let known = self.state.client_version.as_deref();
        let other_version = line.version.get().zip(known).is_some_and(|(version, known)| version != known);
        let ended = std::mem::take(&mut self.state.process_ended);
        (ended || other_version) && self.state.opening == Opening::Own && !self.state.subagent
    }

    /// An answer that was copied from another session: so were the lines before it.
    pub(super) fn answer_is_copy(&mut self) {
        if let Opening::Undecided { copied, starts_at } = &mut self.state.opening {
            *copied = true;
            *starts_at = None;
        }
    }

    /// The session's own lines have begun, so a process of its own has started.
    pub(super) fn answer_is_own(&mut self, scene: &mut Scene<'_>) {
        let Opening::Undecided { copied, starts_at } = self.state.opening else { return };
        self.state.opening = Opening::Own;
        let start_type = if copied { "continue" } else { "fresh" };
        scene.push_start(start_key(&scene.session, None), starts_at.unwrap_or(scene.at), start_type);
    }
}

/// The line being read: what all its records share, and where they go.
pub(super) struct Scene<'r> {
    pub(super) id: LineId,
    pub(super) session: SessionId,
    pub(super) at: Timestamp,
    context: Arc<Context>,
    records: &'r mut Vec<Record>,
}

impl Scene<'_> {
    pub(super) fn push(&mut self, key: RecordKey, observation: Observation) {
        self.push_with(key, observation, Vec::new());
    }

    pub(super) fn push_with(
        &mut self,
        key: RecordKey,
        observation: Observation,
        extra: Vec<(String, AttributeValue)>,
    ) {
        self.push_at(key, self.at, observation, extra);
    }

    fn push_start(&mut self, key: RecordKey, at: Timestamp, start_type: &str) {
        let observation = Observation::ProcessStart(ProcessStart { start_type: start_type.into() });
        self.push_at(key, at, observation, Vec::new());
    }

    fn push_at(
        &mut self,
        key: RecordKey,
        at: Timestamp,
        observation: Observation,
        extra: Vec<(String, AttributeValue)>,
    ) {
        self.records.push(Record {
            key,
            session: self.session.clone(),
            at,
            source: Source::Transcripts,
            context: Arc::clone(&self.context),
            observation,
            extra,
        });
    }
}
