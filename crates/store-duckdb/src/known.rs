//! What the file surely does not hold: spares a scan for nearly everything that is new.
//!
//! The tables have no indexes (see [`crate::ddl`]), so looking for a request or a session scans a column. While
//! telemetry comes in, nearly all of what is looked for is not there. A Bloom filter in memory says so; where
//! it says "perhaps", the file is asked. It is no part of the file: it is made from it in the background, once
//! something has been looked for again and again since the file was opened. Filling it takes longer than the few
//! searches of a command that brings in the newest lines and ends. Of requests it says, too, of which transactions they
//! may be, so that not all of the file is searched.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use duckdb::Connection;
use duckdb::arrow::array::{AsArray as _, RecordBatch};
use duckdb::arrow::datatypes::Int64Type;
use model::{ItemKey, SessionId, Timestamp};
use store::Transaction;
use store::schema::Dimension;

use crate::ddl::{EVIDENCE, KIN, LINES, quoted};
use crate::error::Error;
use crate::volumes::{LIMITS, Limits, Span, Volumes};

/// Searches in the file before it is worth it to read what it holds: those of some six transactions.
const FEW_SEARCHES: u32 = 32;

/// Rows that are read from the file in one go, so that there is memory for them.
const ROWS_AT_ONCE: i64 = 250_000;

/// Sessions and requests that the file may hold.
#[derive(Debug)]
pub(crate) struct Known {
    things: Mutex<Volumes>,
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

/// Requests that may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    /// Of which transactions; of any, where nobody knows.
    pub(crate) among: Option<Span>,
    /// By the request's own id.
    pub(crate) requests: Vec<ItemKey>,
    /// By their message's.
    pub(crate) messages: Vec<ItemKey>,
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
    /// Of a file in a folder. Nothing has been written to it yet, or it has to be read.
    pub(crate) fn of_file(folder: PathBuf, is_empty: bool) -> Self {
        Self::with_limits(folder, is_empty, LIMITS)
    }

    fn with_limits(folder: PathBuf, is_empty: bool, limits: Limits) -> Self {
        Self {
            things: Mutex::new(Volumes::within(folder, limits)),
            is_complete: AtomicBool::new(is_empty),
            searches: AtomicU32::default(),
        }
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

    /// Whether it can tell at once, without reading anything.
    pub(crate) fn is_in_memory(&self) -> bool {
        !self.is_complete.load(Ordering::Acquire) || self.lock().is_in_memory()
    }

    /// What has to be searched for requests by either key; nothing where there surely are none.
    pub(crate) fn searches_for(&self, requests: &[ItemKey], messages: &[ItemKey]) -> Vec<Search> {
        if !self.is_complete.load(Ordering::Acquire) {
            let all = Search { among: None, requests: requests.to_vec(), messages: messages.to_vec() };
            return vec![all];
        }
        let things = self.lock();
        let mut searches: BTreeMap<usize, Search> = BTreeMap::new();
        let requests = requests.iter().map(|key| (key, false));
        for (key, is_message) in requests.chain(messages.iter().map(|key| (key, true))) {
            for (volume, span) in things.holding(Thing::Item(key.as_i64()).hash()) {
                let search = searches.entry(volume).or_default();
                search.among = Some(span);
                if is_message { &mut search.messages } else { &mut search.requests }.push(*key);
            }
        }
        searches.into_values().collect()
    }

    /// Adds everything that a transaction is about to write.
    pub(crate) fn add_transaction(&self, transaction: &Transaction) {
        let session = |session: &'_ SessionId| Thing::Session(session.as_str()).hash();
        let mut things = self.lock();
        transaction.evidence.iter().for_each(|batch| things.add(session(&batch.session), None));
        for (left, right) in &transaction.kin {
            things.add(session(left), None);
            things.add(session(right), None);
        }
        let mut last: Option<&SessionId> = None;
        for (_, posting) in transaction.lines.iter() {
            if last != Some(&posting.session) {
                things.add(session(&posting.session), None);
                last = Some(&posting.session);
            }
            for item in [posting.request, posting.message].into_iter().flatten() {
                things.add(Thing::Item(item.as_i64()).hash(), Some(transaction.posted_at));
            }
        }
    }

    /// Adds everything that the file holds, as long as `goes_on` says so.
    pub(crate) fn read(&self, connection: &Connection, goes_on: impl Fn() -> bool) -> Result<(), Error> {
        let (request, message) =
            (quoted(Dimension::Request.column().name), quoted(Dimension::Message.column().name));
        // What comes in meanwhile is newer, and added beside it.
        let mut older = self.lock().another();
        for (table, columns) in [
            (LINES, format!("posted_at, {request}, {message}")),
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
                    add_columns(&mut older, &batch);
                }
            }
        }
        self.lock().put_before(older);
        self.is_complete.store(true, Ordering::Release);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Volumes> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds requests with their transactions' times, or sessions.
fn add_columns(things: &mut Volumes, batch: &RecordBatch) {
    let numbers = |column: usize| batch.columns().get(column)?.as_primitive_opt::<Int64Type>();
    if let (Some(posted_at), Some(requests), Some(messages)) = (numbers(0), numbers(1), numbers(2)) {
        let rows = posted_at.values().iter().zip(requests.values()).zip(messages.values());
        for ((posted_at, request), message) in rows {
            for item in [*request, *message].into_iter().filter(|item| *item != 0) {
                things.add(Thing::Item(item).hash(), Some(Timestamp::from_micros(*posted_at)));
            }
        }
        return;
    }
    for sessions in batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>()) {
        sessions.iter().flatten().for_each(|session| things.add(Thing::Session(session).hash(), None));
    }
}

#[cfg(test)]
mod tests {
    use model::{Posting, Sign};
    use store::schema::blank_posting;

    use super::*;
    use crate::ddl;
    use crate::lookup::sessions_of_requests;

    /// Two volumes of 64 bytes in memory.
    const FEW: Limits = Limits { first: 20, most: 20, memory: 150 };

    fn known(folder: &tempfile::TempDir, is_empty: bool) -> Known {
        Known::with_limits(folder.path().to_owned(), is_empty, FEW)
    }

    fn request(number: i64) -> ItemKey {
        ItemKey::of("request-id", &number.to_string())
    }

    /// Ten requests, one of each session.
    fn transaction(number: i64) -> Transaction {
        let posting = |session: i64| Posting {
            session: SessionId::new(format!("session-{session}")),
            request: Some(request(10 * number + session)),
            ..blank_posting()
        };
        Transaction {
            posted_at: Timestamp::from_micros(number + 1),
            lines: (0..10).map(|session| (Sign::Entry, posting(session))).collect(),
            ..Transaction::default()
        }
    }

    #[test]
    fn until_it_is_complete_everything_may_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder, false);
        let asked = [request(7)];
        assert!(known.may_hold(Thing::Session("session-7")));
        let anywhere = Search { among: None, requests: asked.to_vec(), messages: asked.to_vec() };
        assert_eq!(known.searches_for(&asked, &asked), [anywhere]);
        known.is_complete.store(true, Ordering::Release);
        assert!(
            !known.may_hold(Thing::Session("session-7")) && known.searches_for(&asked, &asked).is_empty()
        );
        known.add_transaction(&transaction(0));
        assert!(known.may_hold(Thing::Session("session-7")) && !known.may_hold(Thing::Session("session-17")));
        let at = Timestamp::from_micros(1);
        let there =
            Search { among: Some(Span { from: at, until: at }), requests: asked.to_vec(), messages: vec![] };
        assert_eq!(known.searches_for(&asked, &[]), [there]);
    }

    #[test]
    fn after_some_searches_it_is_time_to_read_and_once_only() {
        let folder = tempfile::tempdir().unwrap();
        let times = |known: &Known| (0..5 * FEW_SEARCHES).filter(|_| known.note_search()).count();
        assert_eq!(times(&known(&folder, false)), 1);
        assert_eq!(times(&known(&folder, true)), 0, "there is nothing to read");
        assert!(!known(&folder, false).note_search(), "the first search is not worth it");
    }

    /// Requests of the file and of what came in while it was read are found, each in part of the file, and only they.
    #[test]
    fn a_request_of_any_age_is_found_and_a_new_one_not_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        let columns: Vec<_> = store::schema::columns().collect();
        let append = |number| crate::append::append(&connection, &columns, &transaction(number)).unwrap();
        (0..20).for_each(append);
        let known = known(&folder, false);
        for number in 20..25 {
            known.add_transaction(&transaction(number));
            append(number);
            if number == 22 {
                known.read(&connection, || true).unwrap();
            }
        }
        assert!(!known.is_in_memory(), "this is about what does not fit");
        for number in (0..250).step_by(7) {
            let searches = known.searches_for(&[request(number)], &[]);
            let found = sessions_of_requests(&connection, &searches).unwrap();
            assert_eq!(found, [(request(number), SessionId::new(format!("session-{}", number % 10)))]);
            let span = searches[0].among.unwrap();
            assert!(span.until.micros_since(span.from) < 6, "{span:?} is not part of the file");
        }
        let new: Vec<ItemKey> = (5_000..15_000).map(request).collect();
        let in_vain: usize = known.searches_for(&new, &[]).iter().map(|search| search.requests.len()).sum();
        assert!(in_vain < 100, "{in_vain}");
    }
}
