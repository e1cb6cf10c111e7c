//! Claude Code's local transcripts: finding, reading and following them.
//!
//! Claude Code keeps a JSON Lines file per session below `projects/` of its directory (`~/.claude`, or where
//! `CLAUDE_CONFIG_DIR` points), one per subagent in `<session>/subagents/`, and removes them after a while.
//! Their place is documented, their form is not; what is read here is what the versions from 1.0 to 2.1
//! write, and anything else is passed over without harm.
//!
//! | line | read for |
//! |---|---|
//! | `assistant` | a request: ids, model, usage, what it is attributed to; its tool calls. One answer has one line per content block, each with the usage known so far |
//! | `assistant` of model `<synthetic>` | a request that failed for good, when `isApiErrorMessage`; else nothing |
//! | `user` with tool results | what was decided about the call and how it ended: lines changed, commits, pull requests |
//! | `user` | a prompt or slash command, unless the client wrote it itself |
//! | `system` | requests tried again, compactions |
//! | `cost-state` | the client's own running totals; the process that wrote it has ended |
//! | `pr-link` | a pull request, as evidence |
//! | everything else | nothing; skipped by its first bytes |
//!
//! The way of a line: [`discover`](claude_directories) finds the file, `file` opens it at the saved
//! position, [`TranscriptReader`] reads it: `line_reader` cuts it into lines, [`LineParser`] makes records of them; `batch` groups them, and
//! [`Transcripts`] hands them to the intake and saves the position once they are durable. Translation is
//! faithful: nothing is added up, and nothing is left out because it is a copy. A line's `uuid` makes the
//! records' keys, so the same line read again, or copied into another session's file, has the same keys.
//!
//! Texts, tool inputs and outputs and paths below the project are read over, never kept.

mod account;
mod answer;
mod batch;
mod changed_lines;
mod content;
mod discover;
mod file;
mod follow;
mod import;
mod json;
mod language;
mod lenient;
mod line;
mod line_reader;
mod look;
mod neighbours;
mod notes;
mod parse;
mod peek;
mod progress;
mod reader;
mod shell;
mod state;
mod tool_input;
mod totals;
mod user;

pub use discover::{Environment, MAX_PROBLEMS, Problem, claude_directories};
pub use import::{Settings, TranscriptError, Transcripts};
pub use look::Look;
pub use parse::{LineError, LineParser};
pub use progress::{Phase, Progress};
pub use reader::{Step, TranscriptReader};
pub use state::{FileRole, FileState};

/// Lines longer than this are skipped without being held in memory, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests;
