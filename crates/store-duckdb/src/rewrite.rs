//! Writes everything anew into another file, without what is to go.
//!
//! Most of it is copied while more is written to the old file; rows only ever follow, so what was there at first
//! is known by its row numbers. The rest is copied while nobody writes.

use std::collections::HashSet;
use std::path::PathBuf;

use duckdb::arrow::array::{AsArray as _, RecordBatch};
use duckdb::{Connection, params_from_iter};
use model::{SessionId, Timestamp};
use store::schema::Column;
use store::{Rewriting, StoreError, Thinning, folded};

use crate::append::append_ledger_lines;
use crate::database::size_of_file;
use crate::ddl::{
    EVIDENCE, FOLDED_ROWS, FORGOTTEN, KIN, LINES, META, ROWS_OF_SUMS, SEALS, TRANSACTIONS, column_list,
};
use crate::error::Error;
use crate::gather::{self, gathered};
use crate::lookup::list_of;
use crate::marks::hash_of;
use crate::parameters::word;
use crate::rows;
use crate::thin::{Thin, thinned};

/// Rows that are copied in one go.
const ROWS_AT_ONCE: i64 = 50_000;

/// Evidence that is sorted and put together in one go, in bytes as it is stored.
const GATHERED_AT_ONCE: i64 = 128 << 20;

/// Sessions whose lines are folded in one go.
const SESSIONS_AT_ONCE: usize = 256;

/// A copy that is being made.
pub(crate) struct Copy<'c> {
    old: &'c Connection,
    new: &'c Connection,
    /// The new file's write-ahead log, and the size in bytes from which on it is folded into the file.
    log: (PathBuf, u64),
    /// Columns of the new lines table after `posted_at` and `sign`, in its order.
    columns: &'c [&'static Column],
    fold_before: Option<Timestamp>,
    folded: Vec<SessionId>,
    thinning: Option<Thinning>,
    thin: Thin,
    /// The boundary up to which batches are thinned.
    boundary: Timestamp,
    copied: Copied,
}

/// How far each table was copied, by row number.
#[derive(Clone, Copy, Debug, Default)]
struct Copied {
    lines: i64,
    evidence: i64,
}

impl<'c> Copy<'c> {
    /// Notes what is to go. `old` is a connection of its own, since the notes are kept in it.
    pub(crate) fn plan(
        old: &'c Connection,
        new: &'c Connection,
        log: (PathBuf, u64),
        columns: &'c [&'static Column],
        forgotten: &HashSet<i64>,
        how: Rewriting,
        boundary: Timestamp,
    ) -> Result<Self, Error> {
        let Rewriting { fold_before, thin: thinning } = how;
        old.execute_batch(
            "CREATE OR REPLACE TEMP TABLE left_out (session VARCHAR);
             CREATE OR REPLACE TEMP TABLE apart (session VARCHAR);",
        )?;
        if !forgotten.is_empty() {
            for table in [LINES, EVIDENCE] {
                note_forgotten(old, table, forgotten)?;
            }
        }
        let mut folded = Vec::new();
        if let Some(before) = fold_before {
            let sql = format!(
                "INSERT INTO apart SELECT DISTINCT session FROM {LINES} WHERE sign < 0 AND posted_at < $1
                 AND session NOT IN (FROM left_out)"
            );
            old.execute(&sql, [before.as_micros()])?;
            let mut statement = old.prepare("SELECT session FROM apart ORDER BY session")?;
            let sessions = statement.query_map([], |row| row.get::<_, String>(0))?;
            folded = sessions.map(|session| session.map(SessionId::new)).collect::<Result<_, _>>()?;
        }
        let (thin, copied) = (Thin::read(old)?, Copied::default());
        Ok(Self { old, new, log, columns, fold_before, folded, thinning, thin, boundary, copied })
    }

    /// Copies what is there now, as long as `goes_on` says so.
    pub(crate) fn copy_most(&mut self, goes_on: &impl Fn() -> bool) -> Result<(), Error> {
        let until = Copied { lines: rows_in(self.old, LINES)?, evidence: rows_in(self.old, EVIDENCE)? };
        self.copy_rows(until, goes_on)?;
        self.copy_folded(until.lines, goes_on)?;
        self.copy_sealed(until.evidence)?;
        self.copied = until;
        Ok(())
    }

    /// Copies what has come since, and the small tables. Nobody writes to the old file meanwhile. Sums are made
    /// again from what is left.
    pub(crate) fn copy_rest(&mut self) -> Result<(), Error> {
        let of_the_old_file: Vec<String> = ROWS_OF_SUMS.into_iter().chain([FOLDED_ROWS]).map(word).collect();
        let still_holds = format!("name NOT IN ({})", of_the_old_file.join(", "));
        let until = Copied { lines: rows_in(self.old, LINES)?, evidence: rows_in(self.old, EVIDENCE)? };
        // What came since of sessions that are folded or sealed came after both.
        self.old.execute_batch("DELETE FROM apart")?;
        self.copy_rows(until, &|| true)?;
        for (table, condition) in [
            (TRANSACTIONS, "true"),
            (KIN, "session NOT IN (FROM left_out) AND relative NOT IN (FROM left_out)"),
            (SEALS, "session NOT IN (FROM left_out)"),
            (FORGOTTEN, "true"),
            (META, still_holds.as_str()),
        ] {
            self.new.execute_batch(&format!("DELETE FROM {table}"))?;
            self.copy(&format!("SELECT * FROM {table} WHERE {condition}"), table, &[])?;
        }
        if let Some(before) = self.fold_before {
            gather::note(self.new, before)?;
        }
        if let Some(thinning) = self.thinning {
            Thin::note(self.new, thinning.before, self.boundary)?;
        }
        Ok(())
    }

    fn copy_rows(&mut self, until: Copied, goes_on: &impl Fn() -> bool) -> Result<(), Error> {
        let columns = column_list(self.columns.iter().copied());
        let lines = format!(
            "SELECT posted_at, sign, {columns} FROM {LINES} WHERE rowid >= $1 AND rowid < $2
             AND session NOT IN (FROM left_out) AND session NOT IN (FROM apart)"
        );
        let evidence = format!(
            "SELECT posted_at, session, source, newest_at, records, payload FROM {EVIDENCE}
             WHERE rowid >= $1 AND rowid < $2 AND session NOT IN (FROM left_out) AND {} {}",
            crate::marks::is_readable(),
            if self.fold_before.is_some() { "ORDER BY session, source, posted_at, rowid" } else { "" }
        );
        for (table, sql, first, end) in [
            (LINES, &lines, self.copied.lines, until.lines),
            (EVIDENCE, &evidence, self.copied.evidence, until.evidence),
        ] {
            let mut first = first;
            while first < end {
                if !goes_on() {
                    return Err(StoreError::Engine("the ledger is being closed".into()).into());
                }
                let next = if table == EVIDENCE { self.gathered_until(first)? } else { first + ROWS_AT_ONCE };
                let next = next.min(end);
                self.copy(sql, table, &[first, next])?;
                self.fold_log()?;
                first = next;
            }
        }
        Ok(())
    }

    /// Where the evidence ends that is copied in one go with the row: where it is put together, as much as can be sorted in
    /// memory.
    fn gathered_until(&self, first: i64) -> Result<i64, Error> {
        if self.fold_before.is_none() {
            return Ok(first + ROWS_AT_ONCE);
        }
        let size = format!(
            "SELECT coalesce(sum(octet_length(payload)), 0)::BIGINT, max(rowid) FROM {EVIDENCE}
             WHERE rowid >= $1 AND rowid < $2"
        );
        let (mut next, mut bytes) = (first, 0);
        loop {
            let share: (i64, Option<i64>) =
                self.old
                    .query_row(&size, [next, next + ROWS_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?;
            bytes += share.0;
            next += ROWS_AT_ONCE;
            if bytes >= GATHERED_AT_ONCE || share.1.is_none() {
                return Ok(next);
            }
        }
    }

    /// The lines of sessions with reversals, without the pairs that are old enough.
    fn copy_folded(&mut self, until: i64, goes_on: &impl Fn() -> bool) -> Result<(), Error> {
        let Some(before) = self.fold_before else { return Ok(()) };
        for sessions in self.folded.chunks(SESSIONS_AT_ONCE) {
            if !goes_on() {
                return Err(StoreError::Engine("the ledger is being closed".into()).into());
            }
            let Some((listed, mut parameters)) = list_of(sessions) else { continue };
            let until = parameters.bind(until);
            let rest = format!("{LINES} WHERE session IN {listed} AND rowid < {until}");
            let lines = folded(rows::select(self.old, &rest, &parameters)?, before);
            append_ledger_lines(self.new, self.columns, &lines)?;
            self.fold_log()?;
        }
        Ok(())
    }

    /// Of records that are given up it stays known since when a source told of the session, how many there were,
    /// and how new.
    fn copy_sealed(&mut self, until: i64) -> Result<(), Error> {
        let sql = format!(
            "SELECT min(posted_at), session, source, max(newest_at), sum(records)::BIGINT, ''::BLOB FROM {EVIDENCE}
             WHERE rowid < $1 AND session NOT IN (FROM left_out) AND NOT ({}) GROUP BY session, source",
            crate::marks::is_readable()
        );
        self.copy(&sql, EVIDENCE, &[until])
    }

    /// Folds the new file's log into it when it has become long. Uncompressed, all of it would take up several times the
    /// room of the old file, and the last fold would keep everybody waiting.
    fn fold_log(&self) -> Result<(), Error> {
        let (log, at_most) = &self.log;
        if size_of_file(log) >= *at_most {
            self.new.execute_batch("CHECKPOINT")?;
        }
        Ok(())
    }

    fn copy(&mut self, sql: &str, table: &str, parameters: &[i64]) -> Result<(), Error> {
        let mut statement = self.old.prepare(sql)?;
        let batches: Vec<RecordBatch> = statement.query_arrow(params_from_iter(parameters))?.collect();
        let mut appender = self.new.appender(table)?;
        for batch in batches {
            let batch = match self.thinning {
                Some(thinning) if table == EVIDENCE => thinned(&batch, thinning, self.thin)?,
                _ => batch,
            };
            let batch = match self.fold_before {
                Some(before) if table == EVIDENCE => gathered(&batch, before)?,
                _ => batch,
            };
            appender.append_record_batch(batch)?;
        }
        Ok(appender.flush()?)
    }
}

fn rows_in(connection: &Connection, table: &str) -> Result<i64, Error> {
    let sql = format!("SELECT coalesce(max(rowid) + 1, 0) FROM {table}");
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

fn note_forgotten(old: &Connection, table: &str, forgotten: &HashSet<i64>) -> Result<(), Error> {
    let mut statement = old.prepare(&format!("SELECT DISTINCT session FROM {table}"))?;
    let mut gone = Vec::new();
    for batch in statement.query_arrow([])? {
        let sessions = batch.column(0).as_string::<i32>();
        let is_gone = |session: &&str| forgotten.contains(&hash_of(session));
        gone.extend(sessions.iter().flatten().filter(is_gone).map(str::to_owned));
    }
    let mut insert = old.prepare("INSERT INTO left_out VALUES ($1)")?;
    for session in gone {
        insert.execute([session])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use store::schema::{ColumnType, columns};

    use super::*;

    /// Copies a hundred lines, and tells how long the new file's log is then.
    fn log_after_copying(fold_from: u64) -> u64 {
        let folder = tempfile::tempdir().unwrap();
        let (file, log) = (folder.path().join("new"), folder.path().join("new.wal"));
        let (old, new) = (Connection::open_in_memory().unwrap(), Connection::open(&file).unwrap());
        for connection in [&old, &new] {
            crate::ddl::create_tables(connection).unwrap();
        }
        let columns: Vec<_> = columns().collect();
        let nothing = columns.iter().map(|column| match column.column_type {
            ColumnType::Text => "''",
            ColumnType::Integer => "0",
            ColumnType::Boolean => "false",
        });
        let nothing = nothing.collect::<Vec<_>>().join(", ");
        old.execute(&format!("INSERT INTO {LINES} SELECT n, 1, {nothing} FROM range(100) r(n)"), []).unwrap();
        let (forgotten, boundary) = (HashSet::new(), Timestamp::MIN);
        let log_and_size = (log.clone(), fold_from);
        let how = Rewriting::default();
        let mut copy = Copy::plan(&old, &new, log_and_size, &columns, &forgotten, how, boundary).unwrap();
        copy.copy_most(&|| true).unwrap();
        assert_eq!(rows_in(&new, LINES).unwrap(), 100);
        size_of_file(&log)
    }

    #[test]
    fn the_new_file_s_log_is_folded_on_the_way() {
        assert!(log_after_copying(u64::MAX) > 1_000, "what is copied is in the log first");
        assert!(log_after_copying(1) < 1_000);
    }
}
