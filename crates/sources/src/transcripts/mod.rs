//! Claude Code's local transcripts: finding, reading and following them.

mod account;
mod answer;
mod batch;
mod changed_lines;
mod discover;
mod file;
mod follow;
mod import;
mod language;
mod lenient;
mod line;
mod line_reader;
mod neighbours;
mod notes;
mod parse;
mod peek;
mod progress;
mod shell;
mod state;
mod tool_input;
mod totals;
mod user;

pub use discover::{Environment, MAX_PROBLEMS, Problem, claude_directories};
pub use import::{Settings, TranscriptError, Transcripts};
pub use parse::{LineError, LineParser};
pub use progress::{Phase, Progress};
pub use state::{FileRole, FileState};

/// Lines longer than this are skipped without being held in memory, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests;
