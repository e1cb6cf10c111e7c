//! Makes old batches of records thinner on their way into a new file.
//!
//! Which ones are thin already is one note in the file: those whose newest record is older than one instant, and that
//! came up to another.

use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, AsArray as _, LargeBinaryArray, RecordBatch};
use duckdb::arrow::datatypes::Int64Type;
use duckdb::{Connection, params};
use model::{SessionId, Timestamp};
use store::{StoreError, Thinning, codec};

use crate::append::evidence_schema;
use crate::ddl::{EVIDENCE, THINNED_ROW};
use crate::error::Error;
use crate::lookup::source_of;
use crate::{marks, notes};

/// The batches that are thin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thin {
    before: Timestamp,
    boundary: Timestamp,
}

impl Thin {
    /// As noted in the file; none to begin with.
    pub(crate) fn read(connection: &Connection) -> Result<Self, Error> {
        let none = Self { before: Timestamp::MIN, boundary: Timestamp::MIN };
        let Some(noted) = notes::read(connection, THINNED_ROW)? else { return Ok(none) };
        let mut instants = noted.split(' ').map(|text| text.parse().map(Timestamp::from_micros));
        match (instants.next(), instants.next()) {
            (Some(Ok(before)), Some(Ok(boundary))) => Ok(Self { before, boundary }),
            _ => Err(StoreError::Damaged(format!("which records are thin is noted as \"{noted}\"")).into()),
        }
    }

    /// Notes that all batches whose newest record is older than `before` are thin, up to `boundary`.
    pub(crate) fn note(connection: &Connection, before: Timestamp, boundary: Timestamp) -> Result<(), Error> {
        let value = format!("{} {}", before.as_micros(), boundary.as_micros());
        notes::put(connection, THINNED_ROW, &value)
    }

    /// How many batches are to be thinned.
    pub(crate) fn left(self, connection: &Connection, before: Timestamp) -> Result<u64, Error> {
        let sql = format!(
            "SELECT count(*) FROM {EVIDENCE} WHERE newest_at < $1 AND NOT (newest_at < $2 AND posted_at <= $3)
             AND octet_length(payload) > 0 AND {}",
            marks::is_readable()
        );
        let parameters = params![before.as_micros(), self.before.as_micros(), self.boundary.as_micros()];
        Ok(connection.query_row(&sql, parameters, |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    fn has(self, newest_at: i64, posted_at: i64) -> bool {
        newest_at < self.before.as_micros() && posted_at <= self.boundary.as_micros()
    }
}

/// Rows of evidence, as the table has them, with those thinned that are to be.
pub(crate) fn thinned(rows: &RecordBatch, thinning: Thinning, thin: Thin) -> Result<RecordBatch, Error> {
    let posted_at = rows.column(0).as_primitive::<Int64Type>();
    let newest_at = rows.column(3).as_primitive::<Int64Type>();
    let (sessions, sources) = (rows.column(1).as_string::<i32>(), rows.column(2).as_string::<i32>());
    let payloads = rows.column(5).as_binary::<i32>();
    let (mut decoder, mut encoder) = (codec::Decoder::new()?, codec::Encoder::new()?);
    let mut thinned: Vec<Vec<u8>> = Vec::with_capacity(rows.num_rows());
    for row in 0..rows.num_rows() {
        let (payload, newest) = (payloads.value(row), newest_at.value(row));
        let stays = newest >= thinning.before.as_micros() || thin.has(newest, posted_at.value(row));
        if stays || payload.is_empty() {
            thinned.push(payload.to_vec());
            continue;
        }
        let session = SessionId::new(sessions.value(row));
        let mut batch = decoder.decode(session, source_of(sources.value(row))?, payload)?;
        batch.records.iter_mut().for_each(thinning.thin);
        thinned.push(encoder.encode(&batch)?);
    }
    let mut columns: Vec<ArrayRef> = rows.columns().iter().take(5).cloned().collect();
    columns.push(Arc::new(LargeBinaryArray::from_iter_values(thinned)));
    let batch = RecordBatch::try_new(evidence_schema(), columns);
    Ok(batch.map_err(|error| StoreError::Engine(error.to_string()))?)
}
