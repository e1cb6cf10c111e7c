//! Since when the file may hold records of a session, so that a search for them need not look at all.
//!
//! Records lie in the order in which they came in, and a session has its within hours or days. The table is cut into
//! stretches by transaction time, and of each a Bloom filter in memory says which sessions it surely has nothing of. So a
//! search begins with the first stretch that may have something. It is no part of the file: a server learns it in
//! the background.
//!
//! It stays right whatever is written later: new records have a later time, and so have those that a rewriting puts
//! together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use duckdb::Connection;
use duckdb::arrow::array::AsArray as _;
use model::{SessionId, Timestamp};

use crate::bloom::Bloom;
use crate::ddl::EVIDENCE;
use crate::error::Error;
use crate::known::Thing;
use crate::parameters::number;

/// Sessions that a stretch has room for before its filter grows: 96 KiB.
const SESSIONS: usize = 1 << 15;

/// Stretches at most: 24 MiB and more. When there would be more, all are made anew and are longer.
const MOST_STRETCHES: usize = 256;

/// What is known of where records lie.
#[derive(Debug, Default)]
pub(crate) struct Whereabouts {
    /// Oldest first, without gaps.
    stretches: Mutex<Vec<Stretch>>,
    /// Held by who learns.
    learning: Mutex<()>,
}

#[derive(Debug)]
struct Stretch {
    /// The last transaction that is not before it.
    after: Timestamp,
    /// Its own last transaction.
    until: Timestamp,
    sessions: Bloom,
}

impl Whereabouts {
    /// That a row of evidence is new enough to be of one of the sessions, as SQL.
    pub(crate) fn may_be_of(&self, sessions: &[SessionId]) -> String {
        let hashes: Vec<u64> = sessions.iter().map(hash_of).collect();
        let stretches = self.lock();
        let may_hold = |stretch: &&Stretch| hashes.iter().any(|hash| stretch.sessions.may_hold(*hash));
        // What is in no stretch, if it is there at all, came after the last.
        match stretches
            .iter()
            .find(may_hold)
            .map(|stretch| stretch.after)
            .or(stretches.last().map(|last| last.until))
        {
            Some(after) if after > Timestamp::MIN => format!("posted_at > {}", number(after.as_micros())),
            _ => "true".to_owned(),
        }
    }

    /// Reads what has come since the last stretch, as long as `goes_on` says so. A stretch has so many `rows` at least.
    pub(crate) fn learn(
        &self,
        connection: &Connection,
        rows: u64,
        goes_on: impl Fn() -> bool,
    ) -> Result<(), Error> {
        let Ok(_alone) = self.learning.try_lock() else { return Ok(()) };
        let known_until = self.lock().last().map_or(Timestamp::MIN, |last| last.until);
        let mut ends = ends_of_stretches(connection, known_until, rows)?;
        let mut after = known_until;
        if self.lock().len() + ends.len() > MOST_STRETCHES {
            let sql = format!("SELECT count(*) FROM {EVIDENCE}");
            let all: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            after = Timestamp::MIN;
            let rows = rows.max(2 * all.unsigned_abs() / MOST_STRETCHES as u64);
            ends = ends_of_stretches(connection, after, rows)?;
            self.lock().clear();
        }
        for until in ends {
            if !goes_on() {
                break;
            }
            let sessions = sessions_of(connection, after, until)?;
            self.lock().push(Stretch { after, until, sessions });
            after = until;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Stretch>> {
        self.stretches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash_of(session: &SessionId) -> u64 {
    Thing::Session(session.as_str()).hash()
}

/// The last transactions of stretches of so many rows. What is left after the last is no whole one.
fn ends_of_stretches(connection: &Connection, after: Timestamp, rows: u64) -> Result<Vec<Timestamp>, Error> {
    let sql = format!(
        "SELECT max(posted_at), sum(rows)::BIGINT FROM (
             SELECT posted_at, rows, (sum(rows) OVER (ORDER BY posted_at) - rows) // {rows} AS stretch
             FROM (SELECT posted_at, count(*) AS rows FROM {EVIDENCE} WHERE posted_at > $1 GROUP BY posted_at))
         GROUP BY stretch ORDER BY stretch"
    );
    let mut statement = connection.prepare(&sql)?;
    let found =
        statement.query_map([after.as_micros()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let mut stretches: Vec<(i64, i64)> = found.collect::<Result<_, _>>()?;
    stretches.pop();
    Ok(stretches.into_iter().map(|(end, _)| Timestamp::from_micros(end)).collect())
}

/// The sessions with records of the transactions after one and up to another.
fn sessions_of(connection: &Connection, after: Timestamp, until: Timestamp) -> Result<Bloom, Error> {
    let sql = format!("SELECT DISTINCT session FROM {EVIDENCE} WHERE posted_at > $1 AND posted_at <= $2");
    let mut statement = connection.prepare(&sql)?;
    let mut sessions = Bloom::with_room_for(SESSIONS);
    for batch in statement.query_arrow([after.as_micros(), until.as_micros()])? {
        if let Some(found) = batch.column(0).as_string_opt::<i32>() {
            found.iter().flatten().for_each(|session| sessions.add(Thing::Session(session).hash()));
        }
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use duckdb::params;

    use super::*;
    use crate::ddl;

    /// Each has a transaction of its own.
    fn add(connection: &Connection, sessions: impl Iterator<Item = (i64, String)>) {
        let sql = format!("INSERT INTO {EVIDENCE} VALUES ($1, $2, 'events', 0, 1, ''::BLOB)");
        for (posted_at, session) in sessions {
            connection.execute(&sql, params![posted_at, session]).unwrap();
        }
    }

    fn since(whereabouts: &Whereabouts, sessions: &[&str]) -> String {
        whereabouts.may_be_of(&sessions.iter().map(|session| SessionId::new(*session)).collect::<Vec<_>>())
    }

    #[test]
    fn a_search_begins_with_the_first_stretch_that_may_have_something() {
        let connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        let whereabouts = Whereabouts::default();
        assert_eq!(since(&whereabouts, &["s1"]), "true", "nothing is known yet");
        // Two transactions for each session, four for a stretch; the last stretch is not whole.
        add(&connection, (1..=10).map(|at| (at, format!("s{}", (at + 1) / 2))));
        whereabouts.learn(&connection, 4, || true).unwrap();
        let after = |at: i64| format!("posted_at > {}", number(at));
        assert_eq!(since(&whereabouts, &["s1"]), "true");
        assert_eq!(since(&whereabouts, &["s3"]), after(4));
        assert_eq!(since(&whereabouts, &["s4", "s5"]), after(4));
        assert_eq!(since(&whereabouts, &["s5"]), after(8), "of the stretch that is not whole");
        assert_eq!(since(&whereabouts, &["s4", "s2"]), "true");
        add(&connection, (11..=20).map(|at| (at, format!("s{}", (at + 1) / 2))));
        whereabouts.learn(&connection, 4, || true).unwrap();
        assert_eq!(since(&whereabouts, &["s5"]), after(8));
        assert_eq!(since(&whereabouts, &["s8"]), after(12));
        assert_eq!(since(&whereabouts, &["nobody"]), after(16));
    }

    #[test]
    fn many_stretches_become_fewer_and_longer() {
        let connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        let whereabouts = Whereabouts::default();
        let last = MOST_STRETCHES as i64 + 10;
        add(&connection, (1..=last).map(|at| (at, format!("s{at}"))));
        whereabouts.learn(&connection, 1, || true).unwrap();
        assert!(whereabouts.lock().len() <= MOST_STRETCHES);
        for at in 1..=last {
            let condition = since(&whereabouts, &[&format!("s{at}")]);
            let sql = format!("SELECT count(*) FROM {EVIDENCE} WHERE session = 's{at}' AND {condition}");
            let found: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(found, 1, "{condition}");
        }
        assert_ne!(since(&whereabouts, &[&format!("s{last}")]), "true");
    }
}
