//! Puts batches of records together on their way into a new file.
//!
//! A session that is under way has a batch for every few seconds and source, of few records each. Together they take a
//! fraction of the room, since most of such a batch says who and where. Up to when this was done is noted in the file.

use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, AsArray as _, Int64Array, LargeBinaryArray, RecordBatch, StringArray};
use duckdb::arrow::datatypes::Int64Type;
use duckdb::{Connection, params};
use model::{SessionId, Timestamp};
use store::{StoreError, codec};

use crate::append::evidence_schema;
use crate::ddl::{EVIDENCE, GATHERED_ROW};
use crate::error::Error;
use crate::lookup::source_of;
use crate::{marks, notes};

/// A batch takes up no more records than this: whoever looks for one of them decodes all.
const MOST_RECORDS: i64 = 4_096;

/// Batches that were posted before this are together already.
fn gathered_before(connection: &Connection) -> Result<Timestamp, Error> {
    let Some(noted) = notes::read(connection, GATHERED_ROW)? else { return Ok(Timestamp::MIN) };
    let damaged =
        |_| StoreError::Damaged(format!("how far records are put together is noted as \"{noted}\""));
    Ok(noted.parse().map(Timestamp::from_micros).map_err(damaged)?)
}

/// Notes that batches that were posted before an instant are together.
pub(crate) fn note(connection: &Connection, before: Timestamp) -> Result<(), Error> {
    let before = before.max(gathered_before(connection)?);
    notes::put(connection, GATHERED_ROW, &before.as_micros().to_string())
}

/// How many batches fewer there could be.
pub(crate) fn scattered(connection: &Connection, before: Timestamp) -> Result<u64, Error> {
    let sql = format!(
        "SELECT coalesce(sum(batches - 1), 0)::BIGINT FROM (
             SELECT count(*) AS batches FROM {EVIDENCE} WHERE posted_at >= $1 AND posted_at < $2
             AND octet_length(payload) > 0 AND {} GROUP BY session, source)",
        marks::is_readable()
    );
    let bounds = params![gathered_before(connection)?.as_micros(), before.as_micros()];
    Ok(connection.query_row(&sql, bounds, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Rows of evidence, as the table has them and in order of session, source and time, with those put together that
/// follow each other and were posted before an instant. The time of the newest transaction stands for all.
pub(crate) fn gathered(rows: &RecordBatch, before: Timestamp) -> Result<RecordBatch, Error> {
    let rows = Rows::of(rows);
    let (mut decoder, mut encoder) = (codec::Decoder::new()?, codec::Encoder::new()?);
    let mut new = NewRows::default();
    let mut first = 0;
    while first < rows.posted_at.len() {
        let end = rows.end_of_run(first, before);
        let last = end - 1;
        new.posted_at.push(rows.posted_at.value(last));
        new.sessions.push(rows.sessions.value(last));
        new.sources.push(rows.sources.value(last));
        new.newest_at.push((first..end).map(|row| rows.newest_at.value(row)).max().unwrap_or_default());
        new.records.push((first..end).map(|row| rows.records.value(row)).sum());
        new.payloads.push(if first == last {
            rows.payloads[last].to_vec()
        } else {
            let mut batch = rows.decode(first, &mut decoder)?;
            for row in first + 1..end {
                batch.records.extend(rows.decode(row, &mut decoder)?.records);
            }
            encoder.encode(&batch)?
        });
        first = end;
    }
    new.into_batch()
}

/// As DuckDB hands them out, or as they are once records were made thinner.
fn payloads_of(column: &ArrayRef) -> Vec<&[u8]> {
    match column.as_binary_opt::<i32>() {
        Some(payloads) => payloads.iter().map(Option::unwrap_or_default).collect(),
        None => column.as_binary::<i64>().iter().map(Option::unwrap_or_default).collect(),
    }
}

/// The columns of rows.
struct Rows<'r> {
    posted_at: &'r Int64Array,
    sessions: &'r StringArray,
    sources: &'r StringArray,
    newest_at: &'r Int64Array,
    records: &'r Int64Array,
    payloads: Vec<&'r [u8]>,
}

impl<'r> Rows<'r> {
    fn of(rows: &'r RecordBatch) -> Self {
        Self {
            posted_at: rows.column(0).as_primitive::<Int64Type>(),
            sessions: rows.column(1).as_string(),
            sources: rows.column(2).as_string(),
            newest_at: rows.column(3).as_primitive::<Int64Type>(),
            records: rows.column(4).as_primitive::<Int64Type>(),
            payloads: payloads_of(rows.column(5)),
        }
    }

    /// Where the rows end that go into one with the first.
    fn end_of_run(&self, first: usize, before: Timestamp) -> usize {
        let may_move =
            |row: usize| self.posted_at.value(row) < before.as_micros() && !self.payloads[row].is_empty();
        let is_of_same = |row: usize| {
            self.sessions.value(row) == self.sessions.value(first)
                && self.sources.value(row) == self.sources.value(first)
        };
        let mut records = self.records.value(first);
        let mut end = first + 1;
        while may_move(first) && end < self.posted_at.len() && is_of_same(end) && may_move(end) {
            records += self.records.value(end);
            if records > MOST_RECORDS {
                break;
            }
            end += 1;
        }
        end
    }

    fn decode(&self, row: usize, decoder: &mut codec::Decoder) -> Result<model::EvidenceBatch, Error> {
        let session = SessionId::new(self.sessions.value(row));
        Ok(decoder.decode(session, source_of(self.sources.value(row))?, self.payloads[row])?)
    }
}

#[derive(Default)]
struct NewRows<'r> {
    posted_at: Vec<i64>,
    sessions: Vec<&'r str>,
    sources: Vec<&'r str>,
    newest_at: Vec<i64>,
    records: Vec<i64>,
    payloads: Vec<Vec<u8>>,
}

impl NewRows<'_> {
    fn into_batch(self) -> Result<RecordBatch, Error> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(self.posted_at)),
            Arc::new(StringArray::from(self.sessions)),
            Arc::new(StringArray::from(self.sources)),
            Arc::new(Int64Array::from(self.newest_at)),
            Arc::new(Int64Array::from(self.records)),
            Arc::new(LargeBinaryArray::from_iter_values(self.payloads)),
        ];
        let batch = RecordBatch::try_new(evidence_schema(), columns);
        Ok(batch.map_err(|error| StoreError::Engine(error.to_string()))?)
    }
}
