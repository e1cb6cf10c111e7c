//! Looking after the file: copying it while it is in use, checking it, and erasing texts from it.

use std::path::Path;

use super::open::restrict_to_owner;
use super::{BEGIN_WRITE, SqliteState};
use crate::{Error, Result};

impl SqliteState {
    /// Writes a copy of everything, as it is at one moment, to a file that is not there yet. Other processes
    /// and this one may go on writing. The copy holds the server's secrets and the hashes of keys, so only the
    /// owner may read it; the folder it goes into should be the owner's alone too.
    ///
    /// # Errors
    /// [`Error::CannotCreate`] when the file is there already or its name cannot be given to SQLite.
    pub async fn back_up(&self, file: &Path) -> Result<()> {
        let refused =
            |kind| Error::CannotCreate { path: file.to_owned(), source: std::io::Error::from(kind) };
        if file.exists() {
            return Err(refused(std::io::ErrorKind::AlreadyExists));
        }
        let name = file.to_str().ok_or_else(|| refused(std::io::ErrorKind::InvalidInput))?;
        sqlx::query("vacuum into ?1").bind(name).execute(&self.writer).await?;
        restrict_to_owner(file);
        Ok(())
    }

    /// What is damaged in the file, in SQLite's own words; nothing when all is well.
    pub async fn damages(&self) -> Result<Vec<String>> {
        let told: Vec<String> = sqlx::query_scalar("pragma integrity_check").fetch_all(&self.reader).await?;
        Ok(told.into_iter().filter(|line| line != "ok").collect())
    }

    /// Erases every text that holds one of these, in whatever letter case, and writes the file anew so that
    /// nothing of them is left in it. Positions in files with such names and counts of rejections go; keys and
    /// their audit log stay, under another name. Returns how many names were replaced.
    pub async fn erase(&self, texts: &[&str]) -> Result<u64> {
        let mut replaced = 0;
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        // The log stays as append-only as it was: within this transaction alone its names can be replaced.
        sqlx::query("drop trigger key_events_are_never_changed").execute(&mut *transaction).await?;
        for text in texts.iter().filter(|text| !text.is_empty()) {
            for delete in DELETE_WITH {
                sqlx::query(delete).bind(text).execute(&mut *transaction).await?;
            }
            for rename in RENAME_WITH {
                let renamed = sqlx::query(rename).bind(text).bind(ERASED_NAME);
                replaced += renamed.execute(&mut *transaction).await?.rows_affected();
            }
        }
        sqlx::query(NEVER_CHANGED).execute(&mut *transaction).await?;
        transaction.commit().await?;
        sqlx::query("vacuum").execute(&self.writer).await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&self.writer).await?;
        Ok(replaced)
    }
}

/// What stands in place of a name that was erased.
const ERASED_NAME: &str = "(erased)";

const DELETE_WITH: [&str; 2] = [
    "delete from file_cursors where instr(lower(path || ' ' || context || ' ' || coalesce(last_error, '')), lower(?1))",
    "delete from rejections where instr(lower(source || ' ' || reason || ' ' || place), lower(?1))",
];

const RENAME_WITH: [&str; 2] = [
    "update keys set name = ?2 where instr(lower(name), lower(?1))",
    "update key_events set name = ?2 where instr(lower(name), lower(?1))",
];

/// As the first migration made it.
const NEVER_CHANGED: &str = "create trigger key_events_are_never_changed before update on key_events
begin
    select raise(abort, 'the audit log is append-only');
end";
