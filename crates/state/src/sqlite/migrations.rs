//! Brings a state file to the format this program writes.
//!
//! The format number is SQLite's `user_version`. Each step runs once, in the transaction that raises the
//! number, so a crash leaves a whole format and two processes that start together do not collide. A step
//! that has been released is never edited; a change is a new step.

use std::path::Path;

use sqlx::{SqliteConnection, SqlitePool};

use super::BEGIN_WRITE;
use crate::{Error, Result};

/// The format this program writes; it reads every older one by migrating it.
pub const FORMAT_VERSION: i64 = STEPS.len() as i64;

/// Step `n` leads to format `n + 1`.
const STEPS: [&str; 3] = [
    include_str!("migrations/0001_keys.sql"),
    include_str!("migrations/0002_files.sql"),
    include_str!("migrations/0003_boundaries.sql"),
];

/// `application_id` of a state file, set by the first step: "PTWL".
const APPLICATION_ID: i64 = 0x5054_574c;

/// Migrates the database to [`FORMAT_VERSION`].
///
/// # Errors
/// [`Error::NewerFormat`], [`Error::ForeignFile`].
pub(super) async fn migrate(pool: &SqlitePool, path: &Path) -> Result<()> {
    // The usual start finds nothing to do and need not wait for anybody's writing. A transaction all the
    // same: without it, the questions of one look could be answered before and after another's migration.
    let mut look = pool.begin().await?;
    let version = checked_version(&mut look, path).await?;
    look.rollback().await?;
    if version == FORMAT_VERSION {
        return Ok(());
    }
    let mut transaction = pool.begin_with(BEGIN_WRITE).await?;
    let version = checked_version(&mut transaction, path).await?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    if version > 0 {
        tracing::info!(from = version, to = FORMAT_VERSION, "migrated the state");
    }
    Ok(())
}

/// The format of the database, 0 when it is empty; refuses what is not ours to change.
async fn checked_version(connection: &mut SqliteConnection, path: &Path) -> Result<i64> {
    let version: i64 = sqlx::query_scalar("pragma user_version").fetch_one(&mut *connection).await?;
    let application: i64 = sqlx::query_scalar("pragma application_id").fetch_one(&mut *connection).await?;
    let tables: i64 =
        sqlx::query_scalar("select count(*) from sqlite_master").fetch_one(&mut *connection).await?;
    let is_empty = version == 0 && application == 0 && tables == 0;
    if !is_empty && application != APPLICATION_ID {
        return Err(Error::ForeignFile { path: path.to_owned() });
    }
    if version > FORMAT_VERSION {
        return Err(Error::NewerFormat { found: version, known: FORMAT_VERSION });
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_ends_with_its_own_number() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(step.trim_end().ends_with(&format!("pragma user_version = {};", index + 1)));
        }
    }
}
