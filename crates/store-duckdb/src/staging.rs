//! Several transactions of the ledger in one of DuckDB's.
//!
//! A line that DuckDB commits by itself is written twice, into its write-ahead log and into the table in memory, and a
//! third time when the log is folded. Of a transaction that fills whole parts of a table, such as an import brings,
//! DuckDB writes these parts into the file at once, and the log only says where.
//!
//! What is staged stands in the transaction that the writer's connection has open. Look-ups of the writer ask that
//! connection meanwhile; everybody else sees what is durable.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use store::{StoreError, Transaction};
use tokio::time::Instant;

use crate::append;
use crate::database::{Database, lock_of};
use crate::error::Error;

impl Database {
    /// Adds a transaction, and makes it durable with what was staged; see [`store::Store::append`].
    pub(crate) fn append(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let _alone = lock_of(&self.writing);
        let started = Instant::now();
        self.add(transaction)?;
        self.commit()?;
        self.gauges.commits.note(started.elapsed());
        Ok(())
    }

    /// Adds a transaction without making it durable yet; see [`store::Store::stage`].
    pub(crate) fn stage(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let _alone = lock_of(&self.writing);
        self.add(transaction)
    }

    /// Makes durable what was staged.
    pub(crate) fn confirm(&self) -> Result<(), StoreError> {
        self.alone().map(drop)
    }

    /// Keeps others from writing, with nothing staged.
    pub(crate) fn alone(&self) -> Result<MutexGuard<'_, ()>, StoreError> {
        let alone = lock_of(&self.writing);
        self.commit()?;
        Ok(alone)
    }

    /// Whether anything is staged.
    pub(crate) fn holds_staged(&self) -> bool {
        lock_of(&self.staged).is_some()
    }

    /// Rolls back what is staged, if anything is.
    pub(crate) fn give_up_staged(&self) {
        if lock_of(&self.staged).take().is_some() {
            let rolled_back =
                self.with_engine(|engine| Ok(lock_of(&engine.writer).execute_batch("ROLLBACK")?));
            // After some errors DuckDB has done so by itself.
            if let Err(error) = rolled_back {
                tracing::debug!(%error, "nothing to roll back");
            }
        }
    }

    fn add(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let posted_at = transaction.posted_at;
        let added = self.with_engine(|engine| {
            let boundary = (*lock_of(&self.staged)).max(self.boundary());
            if let Some(boundary) = boundary.filter(|boundary| posted_at <= *boundary) {
                return Err(StoreError::OutOfOrder { posted_at, boundary }.into());
            }
            self.known.add_transaction(transaction);
            let writer = lock_of(&engine.writer);
            if lock_of(&self.staged).replace(posted_at).is_none() {
                writer.execute_batch("BEGIN TRANSACTION")?;
            }
            append::append(&writer, &engine.columns, transaction)?;
            self.gauges.lines.add(transaction.lines.len() as u64);
            self.unsummed.fetch_add(transaction.lines.len() as u64, Ordering::Relaxed);
            Ok(())
        });
        added.or_else(|error| self.after(error))
    }

    fn commit(&self) -> Result<(), StoreError> {
        let Some(newest) = *lock_of(&self.staged) else { return Ok(()) };
        let committed = self.with_engine(|engine| Ok(lock_of(&engine.writer).execute_batch("COMMIT")?));
        match committed {
            Ok(()) => {
                *lock_of(&self.boundary) = Some(newest);
                *lock_of(&self.staged) = None;
                Ok(())
            }
            Err(error) => match self.after(error) {
                // Only the file can tell whether the commit got through.
                Err(_) if self.boundary() == Some(newest) => Ok(()),
                failed => failed,
            },
        }
    }

    /// After an error nothing is staged any more, and the boundary is the file's.
    fn after(&self, error: Error) -> Result<(), StoreError> {
        if error.needs_reopening() {
            self.reopen()?;
        } else {
            self.give_up_staged();
        }
        Err(error.into())
    }
}
