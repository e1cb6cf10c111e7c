//! Claude Code's local transcripts: finding, reading and following them.

mod answer;
mod changed_lines;
mod language;
mod lenient;
mod line;
mod notes;
mod parse;
mod peek;
mod shell;
mod state;
mod tool_input;
mod totals;
mod user;

pub use parse::{LineError, LineParser};
pub use state::{FileRole, FileState};

/// Lines longer than this are skipped without being held in memory, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;
