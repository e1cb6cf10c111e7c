//! Puts rows of sums together that were added up in different steps.
//!
//! A step adds up what has come since the one before. Where thousands of records come in a second, that is a few of a
//! session's half hour, and there are as many rows of sums as lines. Once a half hour is over, all of its rows that agree
//! become one. What comes later than that stays apart.

use duckdb::{Connection, params};
use store::schema::Dimension;

use crate::ddl::{CONDENSED_ROW, quoted};
use crate::error::Error;
use crate::levels::{FINEST, LEVELS, Level, SPAN_MICROS};
use crate::notes;
use crate::sums::{self, Added};

/// How long after its end a half hour is taken to be complete, in microseconds: clients send what they have at least
/// every minute.
const GRACE_MICROS: i64 = 600_000_000;

/// Rows that are put together in one go, about.
const ROWS_AT_ONCE: u64 = sums::LINES_AT_ONCE;

/// Rows of one table that are put together in one go.
#[derive(Debug, PartialEq)]
pub(crate) struct Piece {
    level: &'static Level,
    /// The first half hour, and the first after the last.
    from: i64,
    to: i64,
    /// Of so many parts of equal size, this one: no two rows that agree are in different ones.
    part: u64,
    parts: u64,
}

/// Half hours that can be put together.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) pieces: Vec<Piece>,
    /// Up to where they are together when that is done.
    pub(crate) until: i64,
}

/// Looks for half hours that are over, once they have at least so many rows.
pub(crate) fn due(connection: &Connection, at_least: u64) -> Result<Due, Error> {
    let Some(summed) = sums::summed_until(connection)? else { return Ok(Due::default()) };
    let until = start_of_span(summed.as_micros().saturating_sub(GRACE_MICROS));
    let from = condensed_until(connection)?;
    if from >= until {
        return Ok(Due::default());
    }
    let finest = spans(connection, &FINEST, from, until)?;
    if finest.iter().map(|(_, rows)| rows).sum::<u64>() < at_least {
        return Ok(Due::default());
    }
    let mut pieces = pieces_of(&FINEST, &finest);
    for level in LEVELS.into_iter().filter(|level| **level != FINEST) {
        pieces.extend(pieces_of(level, &spans(connection, level, from, until)?));
    }
    Ok(Due { pieces, until })
}

/// Notes that everything due is done.
pub(crate) fn note(connection: &mut Connection, due: &Due) -> Result<(), Error> {
    notes::write(connection, CONDENSED_ROW, &due.until.to_string())
}

/// Puts rows that agree together, unless there is little to gain.
pub(crate) fn condense(connection: &mut Connection, piece: &Piece) -> Result<(), Error> {
    let chosen = piece.condition();
    let table = piece.level.table;
    let transaction = connection.transaction()?;
    let (rows, distinct, last): (u64, u64, i64) = transaction.query_row(
        &format!(
            "SELECT count(*), count(DISTINCT {hash}), coalesce(max(rowid), -1) FROM {table} WHERE {chosen}",
            hash = hash_of(piece.level),
        ),
        params![piece.from, piece.to],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if rows < distinct + distinct / 2 {
        return Ok(());
    }
    let together = sums::added_up(piece.level, Added::Rows, &chosen);
    let entered = transaction.execute(&together, params![piece.from, piece.to])?;
    let left = format!("DELETE FROM {table} WHERE {chosen} AND rowid <= $3");
    let gone = transaction.execute(&left, params![piece.from, piece.to, last])?;
    sums::note_fewer_rows(&transaction, piece.level, (gone - entered) as u64)?;
    Ok(transaction.commit()?)
}

impl Piece {
    /// What its rows meet; `$1` and `$2` are its half hours.
    fn condition(&self) -> String {
        let at = quoted(Dimension::At.column().name);
        let mut part = String::new();
        if self.parts > 1 {
            part = format!(" AND {} % {} = {}", hash_of(self.level), self.parts, self.part);
        }
        format!("{at} >= $1 AND {at} < $2{part}")
    }
}

/// A number that rows which agree have in common.
fn hash_of(level: &Level) -> String {
    let told = level.told().map(|dimension| quoted(dimension.column().name));
    format!("hash(sign, {}, {})", sums::apart(level), told.collect::<Vec<_>>().join(", "))
}

/// The half hour up to which rows are together; all are still apart at first.
fn condensed_until(connection: &Connection) -> Result<i64, Error> {
    let noted = notes::read(connection, CONDENSED_ROW)?;
    Ok(noted.and_then(|noted| noted.parse().ok()).unwrap_or(i64::MIN))
}

/// The half hours that a table has rows of, and how many.
fn spans(connection: &Connection, level: &Level, from: i64, until: i64) -> Result<Vec<(i64, u64)>, Error> {
    let at = quoted(Dimension::At.column().name);
    let sql = format!(
        "SELECT {at}, count(*) FROM {} WHERE {at} >= $1 AND {at} < $2 GROUP BY {at} ORDER BY {at}",
        level.table
    );
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map([from, until], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Half hours with few rows go together, one with many is done in parts.
fn pieces_of(level: &'static Level, spans: &[(i64, u64)]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rows_of_last = u64::MAX;
    for (at, rows) in spans {
        let (from, to) = (*at, at.saturating_add(1));
        match pieces.last_mut() {
            Some(last) if rows_of_last.saturating_add(*rows) <= ROWS_AT_ONCE => {
                last.to = to;
                rows_of_last += rows;
            }
            _ => {
                let parts = rows.div_ceil(ROWS_AT_ONCE).max(1);
                pieces.extend((0..parts).map(|part| Piece { level, from, to, part, parts }));
                rows_of_last = *rows;
            }
        }
    }
    pieces
}

/// The half hour that a time is in.
fn start_of_span(micros: i64) -> i64 {
    micros.saturating_sub(micros.rem_euclid(SPAN_MICROS))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use store::schema::{ColumnType, columns};

    use super::*;
    use crate::ddl::{LINES, SUMMED_ROWS_ROW};

    #[test]
    fn small_half_hours_go_together_and_large_ones_in_parts() {
        let spans = [(0, 150_000), (10, 50_000), (20, 1), (30, 450_000), (40, 7)];
        let told: Vec<_> = pieces_of(&FINEST, &spans)
            .into_iter()
            .map(|piece| (piece.from, piece.to, piece.part, piece.parts))
            .collect();
        assert_eq!(
            told,
            [(0, 11, 0, 1), (20, 21, 0, 1), (30, 31, 0, 3), (30, 31, 1, 3), (30, 31, 2, 3), (40, 41, 0, 1)]
        );
    }

    #[test]
    fn half_hours_begin_at_whole_ones_also_before_1970() {
        assert_eq!([0, 1, SPAN_MICROS - 1, SPAN_MICROS].map(start_of_span), [0, 0, 0, SPAN_MICROS]);
        assert_eq!(start_of_span(-1), -SPAN_MICROS);
    }

    /// Ten sessions with a line in each of four transactions' times, added up in four steps.
    fn added_up_in_steps() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::ddl::create_tables(&connection).unwrap();
        sums::prepare(&mut connection).unwrap();
        let values = columns().map(|column| match (column.name, column.column_type) {
            ("session", _) => "'s' || (n % 10)",
            ("input_tokens", _) => "7",
            (_, ColumnType::Text) => "''",
            (_, ColumnType::Integer) => "0",
            (_, ColumnType::Boolean) => "false",
        });
        let values = values.collect::<Vec<_>>().join(", ");
        connection
            .execute(&format!("INSERT INTO {LINES} SELECT n, 1, {values} FROM range(40) r(n)"), [])
            .unwrap();
        for end in [9, 19, 29, 39] {
            sums::add_up(&mut connection, Timestamp::from_micros(end)).unwrap();
        }
        connection
    }

    /// Rows, lines they stand for, and tokens.
    fn held(connection: &Connection, level: &Level) -> (i64, i64, i64) {
        let sql =
            format!("SELECT count(*), sum(times)::BIGINT, sum(input_tokens)::BIGINT FROM {}", level.table);
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    #[test]
    fn rows_that_agree_become_one_in_any_number_of_parts() {
        for parts in [1, 3] {
            let mut connection = added_up_in_steps();
            assert_eq!(held(&connection, &FINEST), (40, 40, 280));
            for part in 0..parts {
                let piece = Piece { level: &FINEST, from: 0, to: 1, part, parts };
                condense(&mut connection, &piece).unwrap();
            }
            assert_eq!(held(&connection, &FINEST), (10, 40, 280));
            let noted = notes::read(&connection, SUMMED_ROWS_ROW).unwrap().unwrap();
            assert!(noted.split(' ').any(|rows| rows == "10"), "the rows that are left are noted: {noted}");
        }
    }

    #[test]
    fn where_there_is_little_to_gain_rows_stay() {
        let mut connection = added_up_in_steps();
        let half_hour = Piece { level: &FINEST, from: 0, to: 1, part: 0, parts: 1 };
        condense(&mut connection, &half_hour).unwrap();
        let rowids = |connection: &Connection| -> i64 {
            let sql = format!("SELECT sum(rowid)::BIGINT FROM {}", FINEST.table);
            connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        let before = rowids(&connection);
        condense(&mut connection, &half_hour).unwrap();
        assert_eq!(rowids(&connection), before);
    }
}
