//! Answers questions over the ledger.
//!
//! A question becomes one statement, see [`crate::statement`]: the shortest that is right nearly always and says when it
//! is not, and then the one that always is.

use duckdb::arrow::array::RecordBatch;
use duckdb::{Connection, params_from_iter};
use store::{Figure, Group, Order, Query, Row, StoreError};

use crate::error::Error;
use crate::instants::Instants;
use crate::parameters::Parameters;
use crate::rows::{figure_at, value_at};
use crate::single_values::Values;
use crate::statement::{self, Reading, Sums, key_count};
use crate::sums;

/// From so many figures on it pays to find the largest rows first.
const FEW_FIGURES: usize = 3;

/// Rows that a question is narrowed to at most: each becomes a parameter.
const MOST_NARROWED: usize = 1_000;

/// Answers a question.
pub(crate) fn aggregate(connection: &Connection, query: &Query) -> Result<Vec<Row>, Error> {
    if query.figures.is_empty() {
        return Ok(Vec::new()); // every row's figures are all zero
    }
    match largest(connection, query)? {
        Some(narrowed) => rows(connection, &narrowed),
        None => rows(connection, query),
    }
}

/// When only the rows with the largest figure are asked for: the same question about those alone, which are found
/// by that figure. The others of all rows, of every session there is say, need not be computed then.
fn largest(connection: &Connection, query: &Query) -> Result<Option<Query>, Error> {
    let (Some(Order::LargestFirst(place)), Some(limit)) = (query.order, query.limit) else { return Ok(None) };
    let (Some(figure), [Group::Dimension(dimension)]) = (query.figures.get(place), query.group_by.as_slice())
    else {
        return Ok(None);
    };
    if query.figures.len() < FEW_FIGURES || limit > MOST_NARROWED {
        return Ok(None);
    }
    let order = Some(Order::LargestFirst(0));
    let found = rows(connection, &Query { figures: vec![*figure], order, ..query.clone() })?;
    // Rows that have nothing of this figure may have something of others, and follow the positive ones.
    if found.len() < limit || found.last().is_none_or(|row| row.figures[0] <= 0) {
        return Ok(None);
    }
    let mut narrowed = query.clone();
    let values = found.into_iter().flat_map(|row| row.keys).collect();
    narrowed.filter.among.push((*dimension, values));
    Ok(Some(narrowed))
}

fn rows(connection: &Connection, query: &Query) -> Result<Vec<Row>, Error> {
    let sums = Sums::of(query, sums::summed(connection)?);
    let values = values_of(connection, query)?;
    let first = Reading { instants: Instants::Bounds.for_order(query), values };
    match rows_read(first, connection, query, &sums)? {
        Some(rows) => Ok(rows),
        None => {
            let again = Reading { instants: Instants::Left, values };
            Ok(rows_read(again, connection, query, &sums)?.unwrap_or_default())
        }
    }
}

/// Whether percentiles have to look for what was taken back.
fn values_of(connection: &Connection, query: &Query) -> Result<Values, Error> {
    if !query.figures.iter().any(|figure| matches!(figure, Figure::Percentile(..))) {
        return Ok(Values::Stand);
    }
    let mut parameters = Parameters::default();
    let sql = statement::is_any_reversed(query, &mut parameters);
    let is_any = connection.query_row(&sql, params_from_iter(parameters.values()), |row| row.get(0))?;
    Ok(if is_any { Values::MayBeReversed } else { Values::Stand })
}

/// The rows; `None` when the bounds of entries are not where the lines left begin and end, for one of them.
fn rows_read(
    reading: Reading,
    connection: &Connection,
    query: &Query,
    sums: &Sums,
) -> Result<Option<Vec<Row>>, Error> {
    let mut parameters = Parameters::default();
    let sql = statement::statement(query, sums, reading, &mut parameters)?;
    let mut statement = connection.prepare(&sql)?;
    let mut rows = Vec::new();
    for batch in statement.query_arrow(params_from_iter(parameters.values()))? {
        for index in 0..batch.num_rows() {
            if reading.instants == Instants::Bounds && is_unclear(&batch, index, query)? {
                return Ok(None);
            }
            rows.extend(row_at(&batch, index, query)?);
        }
    }
    Ok(Some(rows))
}

/// One row; `None` when all figures are zero.
fn row_at(batch: &RecordBatch, index: usize, query: &Query) -> Result<Option<Row>, StoreError> {
    let first_figure = key_count(query);
    let figures =
        (0..query.figures.len()).map(|figure| figure_at(batch.column(first_figure + figure), index));
    let figures: Vec<i128> = figures.collect::<Result<_, _>>()?;
    if figures.iter().all(|figure| *figure == 0) {
        return Ok(None);
    }
    let keys = (0..query.group_by.len()).map(|key| value_at(batch.column(key), index));
    Ok(Some(Row { keys: keys.collect::<Result<_, _>>()?, figures }))
}

/// What the column after the figures says of a row.
fn is_unclear(batch: &RecordBatch, index: usize, query: &Query) -> Result<bool, StoreError> {
    let column = batch.columns().get(key_count(query) + query.figures.len());
    column.map_or(Ok(false), |column| Ok(value_at(column, index)?.as_boolean()))
}
