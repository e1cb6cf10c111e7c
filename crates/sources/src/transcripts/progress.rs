//! How far reading has come, for whoever shows it.

use super::discover::Problem;

/// What is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has been looked at yet.
    #[default]
    Waiting,
    /// Looking for transcripts.
    Looking,
    /// Reading what is new in them.
    Reading,
    /// Everything is read; waiting for more to be written.
    Following,
    /// Stopped, by request or because there is nothing more to do.
    Stopped,
}

/// A snapshot. Counts only grow; a rate is the difference of two snapshots over the time between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Files found new or changed so far.
    pub files_total: u64,
    /// Of these, how many are read to their end.
    pub files_done: u64,
    /// Bytes found to read so far.
    pub bytes_total: u64,
    /// Of these, how many are read.
    pub bytes_done: u64,
    /// Records handed over and settled; all are durable once reading has ended without an error.
    pub records: u64,
    /// Of these, how many were new.
    pub fresh: u64,
    /// Lines read.
    pub lines_read: u64,
    /// Of these, how many were not understood.
    pub lines_skipped: u64,
    /// What could not be read at the last look; at most [`super::MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// How many problems there were.
    pub problem_count: usize,
    /// Why the last attempt to store what was read failed; it will be tried again.
    pub last_error: Option<String>,
}
