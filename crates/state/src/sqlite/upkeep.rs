//! Looking after the file: copying it while it is in use, and checking it.

use std::path::Path;

use super::SqliteState;
use super::open::restrict_to_owner;
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
}
