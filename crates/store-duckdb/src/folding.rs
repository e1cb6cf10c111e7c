//! When and how the write-ahead log is folded into the file.
//!
//! DuckDB keeps a table in parts of up to 122,880 rows, and with every fold puts neighbouring parts together that are not
//! full. Where much is written, that takes ten times as long as writing down what is new, and writers wait for it. It is
//! left out while somebody still reads an older state. So once a file is large and much has been folded into it, an older
//! state is held meanwhile: the parts stay as large as what one log brings. A file that is written anew has full ones.

use std::sync::atomic::Ordering;

use duckdb::Connection;
use store::StoreError;
use tokio::time::Instant;

use crate::database::{Database, Engine, lock_of};
use crate::ddl::{FOLDED_ROWS, META, TRANSACTIONS};
use crate::error::Error;
use crate::parameters::word;
use crate::settings::Settings;

/// A write-ahead log of fewer bytes is left to whoever opens the file next, if it is of few transactions too. Folding
/// it writes the newest part of each table anew, however little was added, which takes as long as reading it back twice.
const SHORT_LOG: u64 = 1 << 20;
/// To read a transaction back takes a millisecond at least.
const FEW_TRANSACTIONS: i64 = 12;

impl Database {
    /// Whether the write-ahead log has grown so long that it should be folded into the file.
    pub(crate) fn is_checkpoint_due(&self) -> bool {
        let is_long = self.log_size() >= self.checkpoint_at.load(Ordering::Relaxed);
        is_long && !self.is_copied.load(Ordering::Relaxed) && !self.holds_staged()
    }

    /// Folds the write-ahead log into the file. Readers go on meanwhile, writers wait. Not while the file is
    /// copied or lines are added up: then later.
    ///
    /// A failure loses nothing, but the next attempt is put off until the log has doubled: where the disk is
    /// full it would most likely fail too, and DuckDB has to be opened anew after each.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        let Ok(_alone) = self.copying.try_lock() else { return Ok(()) };
        match self.fold_log().and_then(|()| self.let_go_of_parts()) {
            Err(error) if error.needs_reopening() => {
                self.reopen()?;
                Err(error.into())
            }
            done => Ok(done?),
        }
    }

    /// Folds the log if that is due, for who holds [`Database::copying`].
    pub(crate) fn fold_log(&self) -> Result<(), Error> {
        let done = self.with_engine(|engine| {
            let writer = lock_of(&engine.writer);
            // Another task may have done it while this one waited.
            if self.is_checkpoint_due() {
                let started = Instant::now();
                self.fold_with(engine, &writer)?;
                self.gauges.checkpoints.note(started.elapsed());
            }
            Ok(())
        });
        let next = if done.is_ok() { self.settings.checkpoint_at } else { 2 * self.log_size() };
        self.checkpoint_at.store(next.max(self.settings.checkpoint_at), Ordering::Relaxed);
        done
    }

    /// Folds the log, however short.
    pub(crate) fn fold(&self, engine: &Engine) -> Result<(), Error> {
        self.fold_with(engine, &lock_of(&engine.writer))
    }

    /// Waits for what is under way and leaves the database as it is, for a process that ends: folds the write-ahead log
    /// into the file only when reading it back would take long.
    pub(crate) fn leave(&self) -> Result<(), StoreError> {
        self.is_closing.store(true, Ordering::Relaxed);
        lock_of(&self.adding_up).leave();
        let _nothing_is_copied = lock_of(&self.copying);
        self.give_up_staged();
        let log_size = self.log_size();
        if log_size == 0 {
            return Ok(());
        }
        Ok(self.with_engine(|engine| {
            let writer = lock_of(&engine.writer);
            if log_size >= SHORT_LOG || transactions_in_log(&writer)? >= FEW_TRANSACTIONS {
                self.fold_with(engine, &writer)?;
            }
            Ok(())
        })?)
    }

    /// Opens the file anew once much has been folded into it, unless somebody reads: then after a later fold. DuckDB keeps
    /// what it knows of each part that it has written or read in memory, some 100 kB for one of ours, for as long as the
    /// file is open.
    fn let_go_of_parts(&self) -> Result<(), Error> {
        if self.folds.load(Ordering::Relaxed) < self.settings.folds_in_a_sitting {
            return Ok(());
        }
        if self.open_anew()? {
            self.folds.store(0, Ordering::Relaxed);
        }
        Ok(())
    }

    fn fold_with(&self, engine: &Engine, writer: &Connection) -> Result<(), Error> {
        let log = self.log_size();
        let before = folded(writer)?;
        let Settings { small_file, little_log, .. } = self.settings;
        if self.size() > small_file && before + log > little_log {
            fold_beside_a_reader(engine, writer, log)?;
            self.folds.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        writer.execute_batch("CHECKPOINT")?;
        // The note stays in the new log, which must not be there where nothing is owed.
        if before > 0 { note_folded(writer, -before.cast_signed()) } else { Ok(()) }
    }
}

/// Writes down what is new and leaves everything else as it is.
fn fold_beside_a_reader(engine: &Engine, writer: &Connection, log: u64) -> Result<(), Error> {
    let reader = engine.reader()?;
    let older = reader.unchecked_transaction()?;
    folded(&older)?;
    // The state that is read is an older one only when something is committed after it. A row added is all that may
    // be: who deletes or changes rows has to be forgotten before DuckDB folds.
    note_folded(writer, log.cast_signed())?;
    writer.execute_batch("CHECKPOINT")?;
    older.commit()?;
    lock_of(&engine.idle_readers).push(reader);
    Ok(())
}

/// Bytes of log that were folded since parts were put together.
fn folded(connection: &Connection) -> Result<u64, Error> {
    let sql = format!(
        "SELECT coalesce(sum(value::BIGINT), 0)::BIGINT FROM (SELECT value FROM {META} WHERE name = {})",
        word(FOLDED_ROWS)
    );
    let bytes: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(bytes.max(0).unsigned_abs())
}

fn note_folded(connection: &Connection, bytes: i64) -> Result<(), Error> {
    let insert = format!("INSERT INTO {META} VALUES ($1, $2)");
    connection.execute(&insert, [FOLDED_ROWS, &bytes.to_string()])?;
    Ok(())
}

/// How many transactions are not in the file itself.
fn transactions_in_log(connection: &Connection) -> Result<i64, Error> {
    let sql = format!(
        "SELECT coalesce(sum(count), 0)::BIGINT FROM pragma_storage_info('{TRANSACTIONS}')
         WHERE segment_type <> 'VALIDITY' AND NOT persistent"
    );
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use store::Transaction;

    use super::*;

    /// Adds a transaction and folds it in as a large ledger does.
    fn fold_one(database: &Database, number: i64) {
        let transaction = Transaction { posted_at: Timestamp::from_micros(number), ..Transaction::default() };
        database.append(&transaction).unwrap();
        database.checkpoint().unwrap();
    }

    /// Whether the database has been opened anew since this was asked the last time.
    fn was_opened_anew(database: &Database) -> bool {
        let note = "CREATE TEMPORARY TABLE here AS SELECT 1";
        database.with_engine(|engine| Ok(lock_of(&engine.writer).execute_batch(note).is_ok())).unwrap()
    }

    #[test]
    fn the_file_is_opened_anew_after_many_folds_when_nobody_reads() {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings {
            checkpoint_at: 0,
            small_file: 0,
            little_log: 0,
            folds_in_a_sitting: 2,
            ..Settings::default()
        };
        let database = Database::open(&directory.path().join("ledger.duckdb"), settings).unwrap();
        assert!(was_opened_anew(&database));
        fold_one(&database, 1);
        assert!(!was_opened_anew(&database));
        fold_one(&database, 2);
        assert!(was_opened_anew(&database));

        fold_one(&database, 3);
        database
            .with_engine(|_somebody_reads| {
                fold_one(&database, 4);
                Ok(())
            })
            .unwrap();
        assert!(!was_opened_anew(&database));
        fold_one(&database, 5);
        assert!(was_opened_anew(&database));
        assert_eq!(database.boundary(), Some(Timestamp::from_micros(5)));
        let newest = database.with_engine(|engine| {
            let writer = lock_of(&engine.writer);
            Ok(writer.query_row("SELECT max(posted_at) FROM transactions", [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(newest.unwrap(), 5);
    }
}
