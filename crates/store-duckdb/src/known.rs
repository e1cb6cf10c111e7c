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

use crate::ddl::{EVIDENCE, KIN, LINES, quoted};
use crate::error::Error;

/// Bits for each thing held. With this and [`PROBES`], one in ten thousand that are not there is asked for in
/// vain.
const BITS_PER_THING: usize = 24;

/// Bits that are looked at for each thing.
const PROBES: u64 = 8;

/// Things that the first layer has room for: 3 MiB.
const FIRST_LAYER: usize = 1 << 20;

/// Searches in the file before it is worth it to read what it holds: those of some six transactions.
const FEW_SEARCHES: u32 = 32;

/// Rows that are read from the file in one go, so that there is memory for them.
const ROWS_AT_ONCE: i64 = 250_000;

/// Sessions and requests that the file may hold.
#[derive(Debug, Default)]
pub(crate) struct Known {
    things: Mutex<Filter>,
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

impl Thing<'_> {
    fn hash(self) -> u64 {
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

    fn lock(&self) -> MutexGuard<'_, Filter> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Grows by layers, each twice as large as the one before.
#[derive(Debug)]
struct Filter {
    layers: Vec<Layer>,
    /// Things that the first layer has room for.
    first: usize,
}

#[derive(Debug)]
struct Layer {
    words: Vec<u64>,
    capacity: usize,
    held: usize,
}

impl Default for Filter {
    fn default() -> Self {
        Self { layers: Vec::new(), first: FIRST_LAYER }
    }
}

impl Filter {
    fn may_hold(&self, hash: u64) -> bool {
        self.layers.iter().any(|layer| layer.may_hold(hash))
    }

    fn add(&mut self, hash: u64) {
        if self.may_hold(hash) {
            return;
        }
        if self.layers.last().is_none_or(|layer| layer.held >= layer.capacity) {
            self.layers.push(Layer::for_things(self.first << self.layers.len()));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.add(hash);
        }
    }
}

impl Layer {
    fn for_things(capacity: usize) -> Self {
        Self { words: vec![0; capacity * BITS_PER_THING / 64], capacity, held: 0 }
    }

    /// The words to look at, and the bit in each.
    fn places(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let bits = self.words.len() as u128 * 64;
        // What is hashed already is hashed again, so that near keys do not share bits.
        let first = mix(hash);
        let step = mix(first) | 1;
        (0..PROBES).map(move |probe| {
            let hash = first.wrapping_add(probe.wrapping_mul(step));
            let bit = (u128::from(hash) * bits) >> 64;
            ((bit / 64) as usize, 1 << (bit % 64))
        })
    }

    fn may_hold(&self, hash: u64) -> bool {
        self.places(hash).all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }

    fn add(&mut self, hash: u64) {
        for (word, bit) in self.places(hash) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
        self.held += 1;
    }
}

/// The finaliser of splitmix64.
const fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
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

    #[test]
    fn what_was_added_is_found_and_hardly_anything_else() {
        const FIRST: usize = 10_000;
        let mut filter = Filter { first: FIRST, ..Filter::default() };
        let things = 3 * FIRST as u64;
        (0..things).for_each(|thing| filter.add(thing));
        assert_eq!(filter.layers.len(), 2, "it has grown");
        assert!((0..things).all(|thing| filter.may_hold(thing)));
        let wrong = (things..2 * things).filter(|thing| filter.may_hold(*thing)).count();
        assert!(wrong < 30, "{wrong} of {things}");
    }
}
