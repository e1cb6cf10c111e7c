//! Reads lines and cells back out of what DuckDB answers.

use duckdb::arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use duckdb::arrow::datatypes::{DataType, Decimal128Type, Int8Type, Int64Type};
use duckdb::{Connection, params_from_iter};
use model::{LedgerLine, Sign, Timestamp};
use store::schema::{Column, Value, blank_posting, columns};
use store::{LineQuery, StoreError};

use crate::ddl::{LINES, column_list, quoted};
use crate::error::Error;
use crate::filter;
use crate::parameters::{Parameters, number};
use crate::{reach, teams};

/// The newest lines that fulfil the question's conditions.
///
/// How far back they reach is found first, by that column alone. Newer lines mostly lie behind older ones, so a search
/// with all columns would take in nearly every line on the way to the last.
pub(crate) fn newest(connection: &Connection, query: &LineQuery) -> Result<Vec<LedgerLine>, Error> {
    let Some(mut filter) = reach::narrowed(connection, query)? else { return Ok(Vec::new()) };
    let narrowed = LineQuery { filter: filter.clone(), ..query.clone() };
    let Some(oldest) = oldest_of_newest(connection, &narrowed)? else { return Ok(Vec::new()) };
    filter.from = Some(oldest);
    let mut parameters = Parameters::default();
    let rest = newest_first(&LineQuery { filter, ..query.clone() }, &mut parameters);
    select(connection, &rest, &parameters)
}

/// When the last of the newest lines happened; nothing when there are none.
fn oldest_of_newest(connection: &Connection, query: &LineQuery) -> Result<Option<Timestamp>, Error> {
    let mut parameters = Parameters::default();
    let at = quoted("at");
    let sql = format!("SELECT min({at}) FROM (SELECT {at} FROM {})", newest_first(query, &mut parameters));
    let oldest: Option<i64> =
        connection.query_row(&sql, params_from_iter(parameters.values()), |row| row.get(0))?;
    Ok(oldest.map(Timestamp::from_micros))
}

/// What follows `FROM`.
fn newest_first(query: &LineQuery, parameters: &mut Parameters) -> String {
    let conditions = filter::conditions(&query.filter, query.as_of, parameters);
    let limit = number(i64::try_from(query.limit).unwrap_or(i64::MAX));
    let at = quoted("at");
    let lines = teams::of(LINES, &query.filter, parameters);
    format!("{lines} WHERE {conditions} ORDER BY {at} DESC, posted_at DESC LIMIT {limit}")
}

/// The lines that `rest`, what follows `FROM`, leaves.
pub(crate) fn select(
    connection: &Connection,
    rest: &str,
    parameters: &Parameters,
) -> Result<Vec<LedgerLine>, Error> {
    let sql = format!("SELECT posted_at, sign, {} FROM {rest}", column_list(columns()));
    let mut statement = connection.prepare(&sql)?;
    let mut lines = Vec::new();
    for batch in statement.query_arrow(params_from_iter(parameters.values()))? {
        read_lines(&batch, &mut lines)?;
    }
    Ok(lines)
}

/// Column by column: each array is looked at once for its type, and one buffer serves all its texts.
fn read_lines(batch: &RecordBatch, lines: &mut Vec<LedgerLine>) -> Result<(), StoreError> {
    let posted_at = integers(batch.column(0))?;
    let signs = batch.column(1).as_primitive_opt::<Int8Type>().ok_or_else(|| unexpected(batch.column(1)))?;
    let first = lines.len();
    lines.extend((0..batch.num_rows()).map(|index| LedgerLine {
        posted_at: Timestamp::from_micros(posted_at.value(index)),
        sign: if signs.value(index) < 0 { Sign::Reversal } else { Sign::Entry },
        posting: blank_posting(),
    }));
    for (column, array) in columns().zip(batch.columns().iter().skip(2)) {
        read_column(column, array, &mut lines[first..])?;
    }
    Ok(())
}

fn read_column(column: &Column, array: &ArrayRef, lines: &mut [LedgerLine]) -> Result<(), StoreError> {
    match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            let mut value = Value::Text(String::new());
            for (index, line) in lines.iter_mut().enumerate() {
                if let Value::Text(text) = &mut value {
                    text.clear();
                    text.push_str(texts.value(index));
                }
                (column.set)(&mut line.posting, &value);
            }
        }
        _ => {
            for (index, line) in lines.iter_mut().enumerate() {
                (column.set)(&mut line.posting, &value_at(array, index)?);
            }
        }
    }
    Ok(())
}

/// One cell of a key.
pub(crate) fn value_at(array: &ArrayRef, index: usize) -> Result<Value, StoreError> {
    match array.data_type() {
        DataType::Utf8 => Ok(Value::Text(array.as_string::<i32>().value(index).to_owned())),
        DataType::Int64 => Ok(Value::Integer(array.as_primitive::<Int64Type>().value(index))),
        DataType::Boolean => Ok(Value::Boolean(array.as_boolean().value(index))),
        _ => Err(unexpected(array)),
    }
}

/// One figure: a sum, which DuckDB hands over as a decimal without decimals, or a whole number. Zero where there is
/// none.
pub(crate) fn figure_at(array: &ArrayRef, index: usize) -> Result<i128, StoreError> {
    if array.is_null(index) {
        return Ok(0);
    }
    if let Some(figures) = array.as_primitive_opt::<Decimal128Type>() {
        return Ok(figures.value(index));
    }
    Ok(integers(array)?.value(index).into())
}

fn integers(array: &ArrayRef) -> Result<&duckdb::arrow::array::Int64Array, StoreError> {
    array.as_primitive_opt::<Int64Type>().ok_or_else(|| unexpected(array))
}

fn unexpected(array: &ArrayRef) -> StoreError {
    StoreError::Engine(format!("DuckDB answered with {}, which was not asked for", array.data_type()))
}
