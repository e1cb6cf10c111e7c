//! Reads all evidence and all lines, a part after the other, in the order in which they lie in the file.

use duckdb::{Connection, params};
use model::{LedgerLine, SessionId, Timestamp};
use store::{PackedBatch, StoreError, Stretch};

use crate::ddl::{EVIDENCE, LINES};
use crate::error::Error;
use crate::lookup::source_of;
use crate::marks::is_readable;
use crate::parameters::Parameters;
use crate::rows;

/// Rows of evidence in one part, and records in them: some ten megabytes, packed. A row with more is a part of its own.
const BATCHES_AT_ONCE: i64 = 50_000;
const RECORDS_AT_ONCE: i64 = 50_000;

/// Lines in one part; about a kilobyte each.
const LINES_AT_ONCE: i64 = 20_000;

/// The batches from a row on that are not newer than a transaction and were not given up.
pub(crate) fn evidence(
    connection: &Connection,
    from: u64,
    until: Timestamp,
) -> Result<Stretch<PackedBatch>, Error> {
    let from = from.cast_signed();
    let end = end_of_part(connection, from)?;
    let sql = format!(
        "SELECT posted_at, session, source, records, payload FROM {EVIDENCE}
         WHERE rowid >= $1 AND rowid < $2 AND posted_at <= $3 AND {}",
        is_readable()
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![from, end, until.as_micros()])?;
    let mut batches = Vec::new();
    while let Some(row) = rows.next()? {
        let payload = row.get_ref(4)?;
        let payload = payload.as_blob().map_err(|error| StoreError::Damaged(error.to_string()))?;
        batches.push(PackedBatch {
            posted_at: Timestamp::from_micros(row.get(0)?),
            session: SessionId::new(row.get::<_, String>(1)?),
            source: source_of(&row.get::<_, String>(2)?)?,
            records: row.get::<_, i64>(3)?.unsigned_abs(),
            payload: payload.to_vec(),
        });
    }
    Ok(Stretch { rows: batches, next: next_after(connection, EVIDENCE, end)? })
}

/// The row after the last of so many batches, or of so many records.
fn end_of_part(connection: &Connection, from: i64) -> Result<i64, Error> {
    let sql = format!(
        "SELECT coalesce(min(rowid), $1 + $2) FROM (
             SELECT rowid, sum(records) OVER (ORDER BY rowid) AS so_far FROM {EVIDENCE}
             WHERE rowid >= $1 AND rowid < $1 + $2)
         WHERE so_far > $3 AND rowid > $1"
    );
    Ok(connection.query_row(&sql, [from, BATCHES_AT_ONCE, RECORDS_AT_ONCE], |row| row.get(0))?)
}

/// The lines from a row on that are not newer than a transaction.
pub(crate) fn lines(
    connection: &Connection,
    from: u64,
    until: Timestamp,
) -> Result<Stretch<LedgerLine>, Error> {
    let from = from.cast_signed();
    let end = from + LINES_AT_ONCE;
    let mut parameters = Parameters::default();
    let [first, last, until] = [from, end, until.as_micros()].map(|number| parameters.bind(number));
    let rest = format!("{LINES} WHERE rowid >= {first} AND rowid < {last} AND posted_at <= {until}");
    let rows = rows::select(connection, &rest, &parameters)?;
    Ok(Stretch { rows, next: next_after(connection, LINES, end)? })
}

/// Where to go on: at the row itself, unless there is none from there on.
fn next_after(connection: &Connection, table: &str, end: i64) -> Result<Option<u64>, Error> {
    let sql = format!("SELECT coalesce(max(rowid), -1) >= $1 FROM {table}");
    let more: bool = connection.query_row(&sql, [end], |row| row.get(0))?;
    Ok(more.then_some(end.unsigned_abs()))
}
