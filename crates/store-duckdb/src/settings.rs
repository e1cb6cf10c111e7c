//! How DuckDB is set up.

use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use duckdb::Config;

use crate::error::Error;

/// Memory for DuckDB's buffers, in bytes. With this, the whole program stays under 600 MB while it takes in
/// as much as it can; questions that need more write to a temporary folder beside the file.
const MEMORY_LIMIT: u64 = 384 << 20;

/// Size of the write-ahead log, in bytes, from which on it is folded into the file. What one log brings becomes a part
/// of each table, which should not be small; but writers wait while it is folded, and it is read again when the program
/// starts after a crash.
const CHECKPOINT_AT: u64 = 64 << 20;

/// Bytes of a file that is small enough for all of its parts to be put together with every fold of the log.
const SMALL_FILE: u64 = 128 << 20;

/// Bytes of log, with what was folded since the last time, up to which parts of a larger file are put together too. Less than
/// what a busy server folds at a time, and more than what a restart or a command brings.
const LITTLE_LOG: u64 = 16 << 20;

/// Folds of a long log, each of which leaves a part of every table, after which the file is opened anew: DuckDB keeps half a
/// megabyte in memory for each.
const FOLDS_IN_A_SITTING: u64 = 64;

/// Lines that come together before they are added up. Fewer would leave little to add up; more would have to be
/// read by every question until then.
const SUM_AT: u64 = 50_000;

/// Batches of records in a stretch of which is known who has something in it: as many rows as DuckDB skips at once.
const STRETCH_AT: u64 = 122_880;

/// Threads that one question may use; more add little on ledgers that one machine holds.
const MAX_THREADS: usize = 8;

/// Bytes of a file, some 150,000 lines, from which on a command's question is answered sooner by several threads. Below,
/// each of them takes longer to get its memory and to be waited for than it helps; questions that are asked at the
/// same time have a thread each as it is.
const LARGE_FILE: u64 = 16 << 20;

/// The oldest DuckDB that can read the files: all of the release line that is linked, with the compression
/// methods that it brought.
const STORAGE_VERSION: &str = "v1.5.0";

/// What may differ between one store and another. The defaults are right for a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Memory for DuckDB's buffers, in bytes.
    pub memory_limit: u64,
    /// Threads that one question may use.
    pub threads: usize,
    /// Size of the write-ahead log, in bytes, from which on it is folded into the file.
    pub checkpoint_at: u64,
    /// Bytes of a file up to which all parts of tables are put together with every fold of the log.
    pub small_file: u64,
    /// Bytes of log, with what was folded since the last time, up to which parts of a larger file are put together too.
    pub little_log: u64,
    /// Folds that leave parts of a large file as they are, after which it is opened anew.
    pub folds_in_a_sitting: u64,
    /// Lines that come together before they are added up for questions.
    pub sum_at: u64,
    /// Batches of records that come together before it is noted in memory whose they are.
    pub stretch_at: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory_limit: MEMORY_LIMIT,
            threads: available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS),
            checkpoint_at: CHECKPOINT_AT,
            small_file: SMALL_FILE,
            little_log: LITTLE_LOG,
            folds_in_a_sitting: FOLDS_IN_A_SITTING,
            sum_at: SUM_AT,
            stretch_at: STRETCH_AT,
        }
    }
}

impl Settings {
    /// For a command, which asks a few questions of the file and ends. A file that is not there yet is about to get a whole
    /// history, and what is read and settled for it keeps every core busy: the thread that calls DuckDB waits for the
    /// others by looking again and again.
    pub fn for_a_command(file: &Path) -> Self {
        let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        let several = Self::default();
        if bytes < LARGE_FILE { Self { threads: 1, ..several } } else { several }
    }

    /// DuckDB's own configuration. Nothing in it can be changed once the database is open.
    pub(crate) fn to_config(&self) -> Result<Config, Error> {
        let config = Config::default()
            .threads(i64::try_from(self.threads).unwrap_or(1))?
            .max_memory(&format!("{}B", self.memory_limit))?
            // What is appended goes straight into the transaction then. Without an order DuckDB would have every
            // thread fill a table of its own first, and copy that.
            .with("preserve_insertion_order", "true")?
            .with("storage_compatibility_version", STORAGE_VERSION)?
            // Each part of a table that is full goes into the file at once, instead of waiting in memory for others.
            .with("write_buffer_row_group_count", "1")?
            // Checkpoints are ours to time (see `Database::checkpoint`): one that fails inside a commit
            // would leave open whether the commit holds.
            .with("wal_autocheckpoint", "1TB")?
            // The network is never touched, and no file but the ledger's own.
            .enable_autoload_extension(false)?
            .enable_external_access(false)?
            .with("lock_configuration", "true")?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_busy_server_folds_is_not_put_together() {
        assert!(Settings::default().little_log < Settings::default().checkpoint_at);
    }

    #[test]
    fn a_command_asks_a_small_file_with_one_thread() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.duckdb");
        let threads = || Settings::for_a_command(&path).threads;
        assert_eq!(threads(), 1, "it is not there yet");
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(LARGE_FILE - 1).unwrap();
        assert_eq!(threads(), 1);
        file.set_len(LARGE_FILE).unwrap();
        assert_eq!(threads(), Settings::default().threads);
    }
}
