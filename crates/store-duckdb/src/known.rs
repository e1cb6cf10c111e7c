//! What the file surely does not hold: spares a scan for nearly everything that is new.
//!
//! The tables have no indexes (see [`crate::ddl`]), so looking for a request or a session scans a column. While
//! telemetry comes in, nearly all of what is looked for is not there. A Bloom filter in memory says so; where
//! it says "perhaps", the file is asked. It is no part of the file: it is made from it in the background, once
//! something has been looked for again and again since the file was opened. Filling it takes longer than the few
//! searches of a command that brings in the newest lines and ends.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use duckdb::Connection;
use duckdb::arrow::array::{AsArray as _, RecordBatch};
use duckdb::arrow::datatypes::Int64Type;
use model::{ItemKey, SessionId};
use store::Transaction;
use store::schema::Dimension;

use crate::bloom::Bloom;
use crate::ddl::{EVIDENCE, KIN, LINES, quoted};
use crate::error::Error;

/// Things that the first layer has room for: 3 MiB.
const FIRST_LAYER: usize = 1 << 20;

/// Searches in the file before it is worth it to read what it holds: those of some six transactions.
const FEW_SEARCHES: u32 = 32;

/// Rows that are read from the file in one go, so that there is memory for them.
const ROWS_AT_ONCE: i64 = 250_000;

/// Sessions and requests that the file may hold.
#[derive(Debug)]
pub(crate) struct Known {
    things: Mutex<Bloom>,
    /// Whether everything that was in the file when it was opened has been added.
    is_complete: AtomicBool,
    /// How often something was looked for.
    searches: AtomicU32,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Thing<'a> {
    /// A session with evidence, lines or kin.
    Session(&'a str),
    /// A request by its own or its message's id.
    Item(i64),
}

impl Default for Known {
    fn default() -> Self {
        Self {
            things: Mutex::new(Bloom::with_room_for(FIRST_LAYER)),
            is_complete: AtomicBool::default(),
            searches: AtomicU32::default(),
        }
    }
}

impl Thing<'_> {
    pub(crate) fn hash(self) -> u64 {
        match self {
            Self::Session(session) => ItemKey::of("session", session).as_i64() as u64,
            Self::Item(item) => item as u64,
        }
    }
}

impl Known {
    /// Of a file that nothing has been written to yet.
    pub(crate) fn of_nothing() -> Self {
        Self { is_complete: AtomicBool::new(true), ..Self::default() }
    }

    /// Notes that something is looked for; says once that it is time to read what the file holds.
    pub(crate) fn note_search(&self) -> bool {
        let before = self.searches.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| {
            (before <= FEW_SEARCHES).then_some(before + 1)
        });
        before == Ok(FEW_SEARCHES) && !self.is_complete.load(Ordering::Acquire)
    }

    /// Whether the file may hold it.
    pub(crate) fn may_hold(&self, thing: Thing<'_>) -> bool {
        !self.is_complete.load(Ordering::Acquire) || self.lock().may_hold(thing.hash())
    }

    /// Adds things that the file holds.
    fn add<'a>(&self, things: impl IntoIterator<Item = Thing<'a>>) {
        let mut filter = self.lock();
        things.into_iter().for_each(|thing| filter.add(thing.hash()));
    }

    /// Adds everything that a transaction is about to write.
    pub(crate) fn add_transaction(&self, transaction: &Transaction) {
        let session = |session: &'_ SessionId| ItemKey::of("session", session.as_str()).as_i64() as u64;
        let mut filter = self.lock();
        transaction.evidence.iter().for_each(|batch| filter.add(session(&batch.session)));
        for (left, right) in &transaction.kin {
            filter.add(session(left));
            filter.add(session(right));
        }
        let mut last: Option<&SessionId> = None;
        for (_, posting) in &transaction.lines {
            if last != Some(&posting.session) {
                filter.add(session(&posting.session));
                last = Some(&posting.session);
            }
            for item in [posting.request, posting.message].into_iter().flatten() {
                filter.add(item.as_i64() as u64);
            }
        }
    }

    /// Adds everything that the file holds, as long as `goes_on` says so.
    pub(crate) fn read(&self, connection: &Connection, goes_on: impl Fn() -> bool) -> Result<(), Error> {
        let (request, message) =
            (quoted(Dimension::Request.column().name), quoted(Dimension::Message.column().name));
        for (table, columns) in [
            (LINES, format!("{request}, {message}")),
            (LINES, "DISTINCT session".to_owned()),
            (EVIDENCE, "DISTINCT session".to_owned()),
            (KIN, "session, relative".to_owned()),
        ] {
            let newest = format!("SELECT coalesce(max(rowid), -1) FROM {table}");
            let newest: i64 = connection.query_row(&newest, [], |row| row.get(0))?;
            let sql = format!("SELECT {columns} FROM {table} WHERE rowid >= $1 AND rowid < $1 + $2");
            let mut statement = connection.prepare(&sql)?;
            for first in (0..=newest).step_by(ROWS_AT_ONCE as usize) {
                if !goes_on() {
                    return Ok(());
                }
                for batch in statement.query_arrow([first, ROWS_AT_ONCE])? {
                    self.add_columns(&batch);
                }
            }
        }
        self.is_complete.store(true, Ordering::Release);
        Ok(())
    }

    fn add_columns(&self, batch: &RecordBatch) {
        for column in batch.columns() {
            if let Some(items) = column.as_primitive_opt::<Int64Type>() {
                self.add(items.values().iter().filter(|item| **item != 0).map(|item| Thing::Item(*item)));
            } else if let Some(sessions) = column.as_string_opt::<i32>() {
                self.add(sessions.iter().flatten().map(Thing::Session));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bloom> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_it_is_complete_everything_may_be_there() {
        let known = Known::default();
        assert!(known.may_hold(Thing::Item(7)));
        known.is_complete.store(true, Ordering::Release);
        assert!(!known.may_hold(Thing::Item(7)));
        known.add([Thing::Item(7), Thing::Session("s")]);
        assert!(known.may_hold(Thing::Item(7)) && known.may_hold(Thing::Session("s")));
        assert!(!known.may_hold(Thing::Session("t")));
    }

    #[test]
    fn after_some_searches_it_is_time_to_read_and_once_only() {
        let times = |known: &Known| (0..5 * FEW_SEARCHES).filter(|_| known.note_search()).count();
        assert_eq!(times(&Known::default()), 1);
        assert_eq!(times(&Known::of_nothing()), 0, "there is nothing to read");
        assert!(!Known::default().note_search(), "the first search is not worth it");
    }
}
