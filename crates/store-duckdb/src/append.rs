//! Writes transactions.
//!
//! Rows go in as Arrow record batches through DuckDB's appender, column by column: several times faster than
//! row by row, and without an allocation for each cell.

use std::sync::Arc;

use duckdb::arrow::array::{
    ArrayRef, BooleanArray, Int8Array, Int64Array, LargeBinaryArray, RecordBatch, StringArray, StringBuilder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema};
use duckdb::{Connection, params_from_iter};
use model::{EvidenceBatch, LedgerLine, Lines, Posting, SessionId, Sign, Timestamp};
use store::schema::{Cell, Column, ColumnType};
use store::{StoreError, Transaction, codec};

use crate::ddl;
use crate::error::Error;
use crate::parameters::Parameters;

/// Lines in one record batch: what DuckDB takes as one vector.
const LINES_IN_A_BATCH: usize = 2_048;

/// Evidence batches in one record batch; few, since each may be megabytes and is copied into it.
const PAYLOADS_IN_A_BATCH: usize = 256;

/// From so many evidence batches on they are written down by another thread.
const MANY_BATCHES: usize = 32;

/// Pairs of kin in one statement.
const PAIRS_IN_A_STATEMENT: usize = 500;

/// Adds everything to DuckDB's transaction that is open; on an error that has to be rolled back.
///
/// `columns` are those of the lines table after `posted_at` and `sign`, in the table's order.
pub(crate) fn append(
    database: &Connection,
    columns: &[&'static Column],
    transaction: &Transaction,
) -> Result<(), Error> {
    let posted_at = transaction.posted_at;
    std::thread::scope(|scope| {
        let evidence = &transaction.evidence;
        // Writing evidence down takes about as long as appending the lines.
        let beside = evidence.len() >= MANY_BATCHES;
        let written = beside.then(|| scope.spawn(|| payloads_of(evidence)));
        append_lines(database, columns, posted_at, &transaction.lines)?;
        let payloads = match written.map(std::thread::ScopedJoinHandle::join) {
            Some(Ok(payloads)) => payloads?,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => payloads_of(evidence)?,
        };
        append_evidence(database, posted_at, evidence, payloads)
    })?;
    append_kin(database, &transaction.kin)?;
    let insert = format!("INSERT INTO {} VALUES ($1)", ddl::TRANSACTIONS);
    database.execute(&insert, [posted_at.as_micros()])?;
    Ok(())
}

/// Adds lines of any transactions.
pub(crate) fn append_ledger_lines(
    connection: &Connection,
    columns: &[&'static Column],
    lines: &[LedgerLine],
) -> Result<(), Error> {
    let schema = lines_schema(columns);
    let mut appender = connection.appender(ddl::LINES)?;
    for lines in lines.chunks(LINES_IN_A_BATCH) {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len() + 2);
        let posted_at = lines.iter().map(|line| line.posted_at.as_micros());
        arrays.push(Arc::new(Int64Array::from_iter_values(posted_at)));
        arrays.push(Arc::new(Int8Array::from_iter_values(lines.iter().map(|line| line.sign.factor() as i8))));
        let postings = lines.iter().map(|line| &line.posting);
        arrays.extend(columns.iter().map(|column| array_of(column, postings.clone())));
        appender.append_record_batch(record_batch(&schema, arrays)?)?;
    }
    Ok(appender.flush()?)
}

fn append_lines(
    connection: &Connection,
    columns: &[&'static Column],
    posted_at: Timestamp,
    lines: &Lines,
) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let schema = lines_schema(columns);
    let mut appender = connection.appender(ddl::LINES)?;
    let lines: Vec<(Sign, &Posting)> = lines.iter().collect();
    for lines in lines.chunks(LINES_IN_A_BATCH) {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len() + 2);
        arrays.push(Arc::new(Int64Array::from_value(posted_at.as_micros(), lines.len())));
        arrays.push(Arc::new(Int8Array::from_iter_values(lines.iter().map(|(sign, _)| sign.factor() as i8))));
        let postings = lines.iter().map(|(_, posting)| *posting);
        arrays.extend(columns.iter().map(|column| array_of(column, postings.clone())));
        appender.append_record_batch(record_batch(&schema, arrays)?)?;
    }
    Ok(appender.flush()?)
}

fn lines_schema(columns: &[&'static Column]) -> Arc<Schema> {
    let first = [Field::new("posted_at", DataType::Int64, false), Field::new("sign", DataType::Int8, false)];
    let rest = columns.iter().map(|column| {
        let data_type = match column.column_type {
            ColumnType::Text => DataType::Utf8,
            ColumnType::Integer => DataType::Int64,
            ColumnType::Boolean => DataType::Boolean,
        };
        Field::new(column.name, data_type, false)
    });
    Arc::new(Schema::new(first.into_iter().chain(rest).collect::<Vec<_>>()))
}

fn array_of<'p>(column: &Column, postings: impl ExactSizeIterator<Item = &'p Posting>) -> ArrayRef {
    let rows = postings.len();
    let cells = postings.map(|posting| (column.get)(posting));
    match column.column_type {
        ColumnType::Text => {
            let mut builder = StringBuilder::with_capacity(rows, rows * 16);
            cells.for_each(|cell| builder.append_value(if let Cell::Text(text) = cell { text } else { "" }));
            Arc::new(builder.finish())
        }
        ColumnType::Integer => {
            let numbers = cells.map(|cell| if let Cell::Integer(number) = cell { number } else { 0 });
            Arc::new(Int64Array::from_iter_values(numbers))
        }
        ColumnType::Boolean => {
            let answers = cells.map(|cell| matches!(cell, Cell::Boolean(true)));
            Arc::new(BooleanArray::from(answers.collect::<Vec<bool>>()))
        }
    }
}

fn payloads_of(batches: &[EvidenceBatch]) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut encoder = codec::Encoder::new()?;
    batches.iter().map(|batch| encoder.encode(batch)).collect()
}

/// The columns of the evidence table.
pub(crate) fn evidence_schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("posted_at", DataType::Int64, false),
        Field::new("session", DataType::Utf8, false),
        Field::new("source", DataType::Utf8, false),
        Field::new("newest_at", DataType::Int64, false),
        Field::new("records", DataType::Int64, false),
        Field::new("payload", DataType::LargeBinary, false),
    ]))
}

fn append_evidence(
    connection: &Connection,
    posted_at: Timestamp,
    batches: &[EvidenceBatch],
    payloads: Vec<Vec<u8>>,
) -> Result<(), Error> {
    if batches.is_empty() {
        return Ok(());
    }
    let schema = evidence_schema();
    let mut appender = connection.appender(ddl::EVIDENCE)?;
    let mut payloads = payloads.into_iter();
    for batches in batches.chunks(PAYLOADS_IN_A_BATCH) {
        let newest = batches.iter().map(|batch| batch.newest_at().as_micros());
        let counts = batches.iter().map(|batch| batch.records.len() as i64);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_value(posted_at.as_micros(), batches.len())),
            Arc::new(StringArray::from_iter_values(batches.iter().map(|batch| batch.session.as_str()))),
            Arc::new(StringArray::from_iter_values(batches.iter().map(|batch| batch.source.as_str()))),
            Arc::new(Int64Array::from_iter_values(newest)),
            Arc::new(Int64Array::from_iter_values(counts)),
            Arc::new(LargeBinaryArray::from_iter_values(payloads.by_ref().take(batches.len()))),
        ];
        appender.append_record_batch(record_batch(&schema, arrays)?)?;
    }
    Ok(appender.flush()?)
}

/// Both ways round, and only what is not there yet: the same pair may be found again and again.
fn append_kin(connection: &Connection, pairs: &[(SessionId, SessionId)]) -> Result<(), Error> {
    for pairs in pairs.chunks(PAIRS_IN_A_STATEMENT) {
        let mut parameters = Parameters::default();
        let mut values = Vec::with_capacity(2 * pairs.len());
        for (session, relative) in pairs {
            let session = parameters.bind(session.as_str().to_owned());
            let relative = parameters.bind(relative.as_str().to_owned());
            values.push(format!("({session}, {relative})"));
            values.push(format!("({relative}, {session})"));
        }
        let values = values.join(", ");
        let insert = format!(
            "INSERT INTO {kin} SELECT DISTINCT session, relative FROM (VALUES {values}) AS found (session, relative)
             WHERE NOT EXISTS (SELECT 1 FROM {kin} AS known
                 WHERE known.session = found.session AND known.relative = found.relative)",
            kin = ddl::KIN
        );
        connection.execute(&insert, params_from_iter(parameters.values()))?;
    }
    Ok(())
}

fn record_batch(schema: &Arc<Schema>, arrays: Vec<ArrayRef>) -> Result<RecordBatch, StoreError> {
    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(|error| StoreError::Engine(error.to_string()))
}
