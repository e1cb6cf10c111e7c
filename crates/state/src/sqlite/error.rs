//! What SQLite's failures mean to the operator.

use crate::Error;

/// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>).
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
    /// The low byte of an extended code is the primary one.
    pub(super) const PRIMARY_MASK: i32 = 0xff;
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let primary = error
            .as_database_error()
            .and_then(|error| error.code()?.parse::<i32>().ok())
            .map(|extended| extended & code::PRIMARY_MASK);
        let wrap = match (primary, &error) {
            (Some(code::FULL), _) => Error::DiskFull,
            (Some(code::READONLY | code::PERM | code::CANTOPEN), _) => Error::ReadOnly,
            (Some(code::BUSY | code::LOCKED), _) | (None, sqlx::Error::PoolTimedOut) => Error::Busy,
            (Some(code::CORRUPT | code::NOTADB), _) => Error::Damaged,
            _ => Error::Storage,
        };
        wrap(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use tempfile::TempDir;

    use crate::{Error, FileCursor, Files as _, SqliteState};

    fn cursor(path: &str) -> FileCursor {
        FileCursor {
            path: path.to_owned(),
            identity: String::new(),
            size: 0,
            modified_at: Timestamp::from_micros(0),
            offset: 0,
            tail_hash: 0,
            lines_read: 0,
            lines_skipped: 0,
            last_error: None,
            boundary: Timestamp::from_micros(0),
            context: "x".repeat(50_000),
        }
    }

    /// A state in a file, with one cursor saved and then this setting made on the connection that writes.
    async fn state_with(directory: &TempDir, pragma: &'static str) -> SqliteState {
        let state = SqliteState::open(&directory.path().join("state.sqlite")).await.unwrap();
        state.save_file_cursors(&[cursor("before")]).await.unwrap();
        sqlx::raw_sql(pragma).execute(&state.writer).await.unwrap();
        state
    }

    #[tokio::test]
    async fn a_full_disk_is_told_changes_nothing_and_can_be_overcome() {
        let directory = tempfile::tempdir().unwrap();
        // SQLite reports its own limit of pages as it reports a full disk. One page is below what is in use,
        // so the limit becomes the present size.
        let state = state_with(&directory, "pragma max_page_count = 1").await;
        let error = state.save_file_cursors(&[cursor("during")]).await.unwrap_err();
        assert!(matches!(error, Error::DiskFull(_)), "{error:?}");
        assert_eq!(state.file_cursors().await.unwrap(), [cursor("before")]);
        // The limit belongs to the connection, which the failure has made unfit.
        state.save_file_cursors(&[cursor("later")]).await.unwrap();
        assert_eq!(state.file_cursors().await.unwrap(), [cursor("before"), cursor("later")]);
    }

    #[tokio::test]
    async fn a_read_only_file_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let state = state_with(&directory, "pragma query_only = on").await;
        let error = state.save_file_cursors(&[cursor("during")]).await.unwrap_err();
        assert!(matches!(error, Error::ReadOnly(_)), "{error:?}");
        assert_eq!(state.file_cursors().await.unwrap(), [cursor("before")]);
    }
}
