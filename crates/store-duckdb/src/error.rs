//! What DuckDB says, in the port's words.

use std::path::Path;

use store::StoreError;
use thiserror::Error;

/// What a step inside this crate can fail with. Becomes a [`StoreError`] where it leaves.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(transparent)]
    DuckDb(#[from] duckdb::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// DuckDB has given the database up, and it could not be opened again so far.
    #[error("the ledger could not be opened again after an error")]
    Broken,
}

impl Error {
    /// Whether DuckDB has given this database up: it answers nothing any more until it is opened again.
    /// Nothing that was acknowledged is lost by that.
    pub(crate) fn needs_reopening(&self) -> bool {
        let given_up = |text: &str| text.contains(INVALIDATED) || text.contains(FATAL);
        matches!(self, Self::Broken) || self.duckdb_text().is_some_and(given_up)
    }

    /// Whether the statement was interrupted because nobody waits for it.
    pub(crate) fn is_interruption(&self) -> bool {
        self.duckdb_text().is_some_and(|text| text.contains(INTERRUPTED))
    }

    fn duckdb_text(&self) -> Option<&str> {
        match self {
            Self::DuckDb(duckdb::Error::DuckDBFailure(_, Some(text))) => Some(text),
            _ => None,
        }
    }
}

// DuckDB's C interface gives every error the same code, so the texts have to tell them apart.
const INVALIDATED: &str = "database has been invalidated";
const FATAL: &str = "FATAL Error";
const INTERRUPTED: &str = "INTERRUPT Error";
const NO_SPACE: &str = "No space left on device";
const LOCKED: &str = "Could not set lock on file";
/// What DuckDB says of a file or log that was not written like this.
const DAMAGED: [&str; 4] =
    ["Corrupt", "Could not read enough bytes", "not a valid DuckDB database file", "Serialization Error"];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error,
            Error::Broken => Self::Engine(error.to_string()),
            Error::DuckDb(error) => {
                let text = first_line(&error);
                match () {
                    () if text.contains(NO_SPACE) => Self::DiskFull(text),
                    () if DAMAGED.iter().any(|damaged| text.contains(damaged)) => Self::Damaged(text),
                    () => Self::Engine(text),
                }
            }
        }
    }
}

/// What opening a file failed with.
pub(crate) fn opening(file: &Path, error: Error) -> StoreError {
    let Some(text) = error.duckdb_text() else { return error.into() };
    if text.contains(LOCKED) {
        return in_use(file, &holder(text));
    }
    error.into()
}

/// `holder` names the other program as well as is known.
pub(crate) fn in_use(file: &Path, holder: &str) -> StoreError {
    StoreError::InUse(format!("{} is held by {holder}; stop it first", file.display()))
}

/// DuckDB adds a stack trace or hints in further lines.
fn first_line(error: &duckdb::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// The program that DuckDB names, as in `… is held in /usr/bin/duckdb (PID 17). See also …`.
fn holder(text: &str) -> String {
    let named = text.split_once("is held in ").and_then(|(_, rest)| rest.split_once(')'));
    named.map_or_else(|| "another program".to_owned(), |(program, _)| format!("{program})"))
}
