//! What each source told of a range, remembered from one question to the next.
//!
//! Every page of a dashboard asks it, whatever it is narrowed to, and to tell apart the sessions of a month's records takes
//! as long as a good part of the rest. So what was counted stays in memory, and of the same range only records that have
//! come since are read. Sessions are told apart by 64 bits of their hash, as single things are.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::arrow::array::{AsArray as _, RecordBatch};
use duckdb::arrow::datatypes::{Int64Type, UInt64Type};
use duckdb::{Connection, params_from_iter};
use model::{OrganizationId, SessionId, Source, SourceSummary, Timestamp};
use store::StoreError;

use crate::ddl::EVIDENCE;
use crate::error::Error;
use crate::lookup::source_of;
use crate::parameters::{Parameters, number};

/// Sessions that are remembered at most, those of each range and source: 16 MiB.
const MOST_SESSIONS: usize = 1 << 21;

/// Ranges that are remembered at most.
const MOST_RANGES: usize = 8;

/// What is asked: evidence whose newest record lies in the range; of these tenants' sessions only, when any are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) tenants: Option<Vec<OrganizationId>>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// The range asked for last is the last.
    ranges: VecDeque<(Asked, Arc<Counted>)>,
    /// How often everything was forgotten.
    times_forgotten: u64,
}

/// Records of the transactions up to one.
#[derive(Clone, Debug)]
struct Counted {
    until: Timestamp,
    sources: BTreeMap<Source, OfSource>,
}

#[derive(Clone, Debug)]
struct OfSource {
    /// Hashes, sorted, each once.
    sessions: Vec<u64>,
    records: i64,
    newest_at: i64,
}

impl Told {
    /// What is known from each source.
    pub(crate) fn summaries(
        &self,
        connection: &Connection,
        asked: Asked,
    ) -> Result<Vec<SourceSummary>, Error> {
        let (known, times_forgotten) = self.recall(&asked);
        let after = known.as_ref().map_or(Timestamp::MIN, |known| known.until);
        let new = Counted::read(connection, &asked, after)?;
        let counted = match known {
            Some(known) if new.sources.is_empty() => known,
            Some(known) => Arc::new(Counted::clone(&known).with(new)),
            None => Arc::new(new),
        };
        let summaries = counted.summaries();
        self.keep(asked, counted, times_forgotten);
        Ok(summaries)
    }

    /// Forgets everything: records are gone, or lie under another time.
    pub(crate) fn forget(&self) {
        let mut memory = self.lock();
        memory.times_forgotten += 1;
        memory.ranges.clear();
    }

    fn recall(&self, asked: &Asked) -> (Option<Arc<Counted>>, u64) {
        let memory = self.lock();
        let known = memory.ranges.iter().find(|(range, _)| range == asked);
        (known.map(|(_, counted)| Arc::clone(counted)), memory.times_forgotten)
    }

    /// Keeps it, unless everything was forgotten while it was counted.
    fn keep(&self, asked: Asked, counted: Arc<Counted>, times_forgotten: u64) {
        let mut memory = self.lock();
        if memory.times_forgotten != times_forgotten {
            return;
        }
        memory.ranges.retain(|(range, _)| *range != asked);
        memory.ranges.push_back((asked, counted));
        while memory.ranges.len() > MOST_RANGES || memory.sessions() > MOST_SESSIONS {
            memory.ranges.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn sessions(&self) -> usize {
        let of_range =
            |counted: &Counted| counted.sources.values().map(|source| source.sessions.len()).sum::<usize>();
        self.ranges.iter().map(|(_, counted)| of_range(counted)).sum()
    }
}

impl Counted {
    /// Counts records of transactions after one.
    fn read(connection: &Connection, asked: &Asked, after: Timestamp) -> Result<Self, Error> {
        let mut parameters = Parameters::default();
        let mut conditions = vec!["true".to_owned()];
        if after > Timestamp::MIN {
            conditions.push(format!("posted_at > {}", number(after.as_micros())));
        }
        conditions.extend(asked.tenants.as_ref().map(|tenants| is_filed_under(tenants, &mut parameters)));
        conditions.extend(asked.from.map(|from| format!("newest_at >= {}", number(from.as_micros()))));
        conditions.extend(asked.until.map(|until| format!("newest_at < {}", number(until.as_micros()))));
        let sql = format!(
            "SELECT source, hash(session) AS hashed, sum(records)::BIGINT, max(newest_at), max(posted_at)
             FROM {EVIDENCE} WHERE {} GROUP BY source, hashed",
            conditions.join(" AND ")
        );
        let mut statement = connection.prepare(&sql)?;
        let mut counted = Self { until: after, sources: BTreeMap::new() };
        for batch in statement.query_arrow(params_from_iter(parameters.values()))? {
            counted.add_rows(&batch)?;
        }
        counted.sources.values_mut().for_each(|source| source.sessions.sort_unstable());
        Ok(counted)
    }

    fn add_rows(&mut self, rows: &RecordBatch) -> Result<(), StoreError> {
        let unexpected = || StoreError::Engine("DuckDB counted records in another type".to_owned());
        let whole =
            |column: usize| rows.column(column).as_primitive_opt::<Int64Type>().ok_or_else(unexpected);
        let names = rows.column(0).as_string_opt::<i32>().ok_or_else(unexpected)?;
        let hashes = rows.column(1).as_primitive_opt::<UInt64Type>().ok_or_else(unexpected)?;
        let (records, newest_at, posted_at) = (whole(2)?, whole(3)?, whole(4)?);
        for row in 0..rows.num_rows() {
            let source = self.sources.entry(source_of(names.value(row))?).or_default();
            source.sessions.push(hashes.value(row));
            source.records += records.value(row);
            source.newest_at = source.newest_at.max(newest_at.value(row));
            self.until = self.until.max(Timestamp::from_micros(posted_at.value(row)));
        }
        Ok(())
    }

    /// With what was counted of later transactions.
    fn with(mut self, later: Self) -> Self {
        self.until = later.until;
        for (source, new) in later.sources {
            let known = self.sources.entry(source).or_default();
            known.sessions.extend(new.sessions);
            // Both parts are sorted, which makes this a merge.
            known.sessions.sort();
            known.sessions.dedup();
            known.records += new.records;
            known.newest_at = known.newest_at.max(new.newest_at);
        }
        self
    }

    /// By source.
    fn summaries(&self) -> Vec<SourceSummary> {
        let summary = |(source, told): (&Source, &OfSource)| SourceSummary {
            source: *source,
            sessions: told.sessions.len() as u64,
            records: told.records.unsigned_abs(),
            newest_at: Timestamp::from_micros(told.newest_at),
        };
        self.sources.iter().map(summary).collect()
    }
}

impl Default for OfSource {
    fn default() -> Self {
        Self { sessions: Vec::new(), records: 0, newest_at: i64::MIN }
    }
}

/// That a session is filed under one of the tenants.
fn is_filed_under(tenants: &[OrganizationId], parameters: &mut Parameters) -> String {
    if tenants.is_empty() {
        return "false".to_owned();
    }
    let mark = parameters.bind(SessionId::TENANT_MARK.to_string());
    let tenants = parameters.bind_all(tenants.iter().map(|tenant| tenant.as_str().to_owned()));
    format!(
        "CASE WHEN contains(session, {mark}) THEN split_part(session, {mark}, 1) ELSE '' END IN ({tenants})"
    )
}

#[cfg(test)]
mod tests {
    use duckdb::params;

    use super::*;
    use crate::ddl;

    const EVERYTHING: Asked = Asked { tenants: None, from: None, until: None };

    fn add(connection: &Connection, rows: &[(i64, &str, &str, i64)]) {
        let sql = format!("INSERT INTO {EVIDENCE} VALUES ($1, $2, $3, $4, 10, ''::BLOB)");
        for (posted_at, session, source, newest_at) in rows {
            connection.execute(&sql, params![posted_at, session, source, newest_at]).unwrap();
        }
    }

    /// Source, sessions, records, newest record.
    fn told(told: &Told, connection: &Connection, asked: &Asked) -> Vec<(Source, u64, u64, i64)> {
        let summaries = told.summaries(connection, asked.clone()).unwrap();
        summaries.iter().map(|it| (it.source, it.sessions, it.records, it.newest_at.as_micros())).collect()
    }

    #[test]
    fn what_has_come_since_is_added_to_what_was_counted() {
        let connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        let memory = Told::default();
        let early = Asked { until: Some(Timestamp::from_micros(300)), ..EVERYTHING };
        assert_eq!(told(&memory, &connection, &EVERYTHING), []);
        add(&connection, &[(1, "a", "events", 100), (1, "b", "events", 90), (1, "a", "metrics", 110)]);
        let first = [(Source::Events, 2, 20, 100), (Source::Metrics, 1, 10, 110)];
        assert_eq!(told(&memory, &connection, &EVERYTHING), first);
        assert_eq!(told(&memory, &connection, &early), first);
        // One session is known, one is new; of the range only one record is.
        add(&connection, &[(2, "b", "events", 200), (3, "c", "events", 400), (3, "c", "transcripts", 50)]);
        for _ in 0..2 {
            assert_eq!(
                told(&memory, &connection, &EVERYTHING),
                [
                    (Source::Events, 3, 40, 400),
                    (Source::Metrics, 1, 10, 110),
                    (Source::Transcripts, 1, 10, 50)
                ]
            );
            assert_eq!(
                told(&memory, &connection, &early),
                [
                    (Source::Events, 2, 30, 200),
                    (Source::Metrics, 1, 10, 110),
                    (Source::Transcripts, 1, 10, 50)
                ]
            );
        }
    }

    #[test]
    fn what_is_gone_is_counted_until_everything_is_forgotten() {
        let connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        let memory = Told::default();
        add(&connection, &[(1, "a", "events", 100), (2, "b", "events", 90)]);
        let both = [(Source::Events, 2, 20, 100)];
        assert_eq!(told(&memory, &connection, &EVERYTHING), both);
        connection.execute(&format!("DELETE FROM {EVIDENCE} WHERE session = 'a'"), []).unwrap();
        assert_eq!(told(&memory, &connection, &EVERYTHING), both, "remembered");
        memory.forget();
        assert_eq!(told(&memory, &connection, &EVERYTHING), [(Source::Events, 1, 10, 90)]);
    }

    #[test]
    fn the_ranges_asked_for_last_are_remembered() {
        let memory = Told::default();
        let range = |from: i64| Asked { from: Some(Timestamp::from_micros(from)), ..EVERYTHING };
        let counted = || Arc::new(Counted { until: Timestamp::MIN, sources: BTreeMap::new() });
        let ranges = MOST_RANGES as i64 + 1;
        (0..ranges).for_each(|from| memory.keep(range(from), counted(), 0));
        let is_known = |from: i64| memory.recall(&range(from)).0.is_some();
        assert!(!is_known(0) && (1..ranges).all(is_known));
        memory.forget();
        memory.keep(range(1), counted(), 0);
        assert!(!is_known(1), "it was counted before everything was forgotten");
    }
}
