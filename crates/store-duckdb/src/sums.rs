//! Lines added up ahead of the questions.
//!
//! A table of sums holds what the table of lines holds of every transaction up to one, with the lines of a half
//! hour that agree in all dimensions that it tells added up into one row, entries and reversals apart. A question
//! that asks for nothing finer reads sums and the lines of later transactions: the same answer from a fraction of
//! the rows, which moreover lie sorted by what most questions choose by. Which tables there are says [`crate::levels`].
//!
//! Nothing is here that the lines do not say. A rewriting leaves the sums out, and they are made again.

use duckdb::Connection;
use model::Timestamp;
use store::StoreError;
use store::schema::{Dimension, Measure};

use crate::ddl::{
    LINES, LINES_NUMBERED, META, ROWS_OF_SUMS, SUMMED_ROW, SUMMED_ROWS_ROW, column_names, quoted, sql_type,
};
use crate::error::Error;
use crate::levels::{FINEST, LEVELS, Level, NUMBERED, SPAN_MICROS, TOLD, TOLD_APART};
use crate::notes;
use crate::parameters::word;

/// A line with a larger measure stays alone, so that adding up never leaves 64 bits: half a million such lines
/// would have to agree, several times what is added up in one go.
const LARGEST_ADDED: i64 = 1 << 44;

/// Lines that are added up in one go at most, but for those of one large transaction: what more would take in memory
/// is needed for questions.
pub(crate) const LINES_AT_ONCE: u64 = 200_000;

/// Makes the tables if they are not there, or not of the columns there are now. Then all sums are made again, since
/// all tell of the same transactions.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), Error> {
    if LEVELS.iter().all(|level| is_ready(connection, level)) {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for level in LEVELS {
        let columns = columns(level).map(|(name, sql_type)| format!("{} {sql_type} NOT NULL", quoted(name)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        transaction.execute_batch(&format!("CREATE OR REPLACE TABLE {} ({columns})", level.table))?;
    }
    note_nothing(&transaction)?;
    Ok(transaction.commit()?)
}

/// Whether its table is there with all columns.
fn is_ready(connection: &Connection, level: &Level) -> bool {
    let found = column_names(connection, level.table).unwrap_or_default();
    found.iter().map(String::as_str).eq(columns(level).map(|(name, _)| name))
}

/// Names and types, in the table's order.
fn columns(level: &Level) -> impl Iterator<Item = (&'static str, &'static str)> {
    let dimensions = level.told().map(|dimension| dimension.column());
    let columns = dimensions.chain(Measure::ALL.iter().map(|measure| measure.column()));
    let numbered = (!level.has(Dimension::Kind)).then_some((LINES_NUMBERED, "BIGINT"));
    [("sign", "TINYINT"), ("times", "BIGINT"), ("first_at", "BIGINT"), ("last_at", "BIGINT")]
        .into_iter()
        .chain(numbered)
        .chain(columns.map(|column| (column.name, sql_type(column.column_type))))
}

/// How far lines are added up, and where to.
pub(crate) struct Summed {
    /// The last transaction of which they are.
    pub(crate) until: Timestamp,
    /// The tables, the one with the fewest rows first.
    pub(crate) levels: Vec<&'static Level>,
}

/// The same, with the tables; `None` while nothing is added up.
pub(crate) fn summed(connection: &Connection) -> Result<Option<Summed>, Error> {
    let (until, rows) = noted(connection)?;
    let mut levels: Vec<_> = rows.into_iter().zip(LEVELS).collect();
    levels.sort_by_key(|(rows, _)| *rows);
    let levels = levels.into_iter().map(|(_, level)| level).collect();
    Ok(until.map(|until| Summed { until, levels }))
}

/// The transaction up to which lines are added up; none yet when `None`.
pub(crate) fn summed_until(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    Ok(noted(connection)?.0)
}

/// The same, and how many rows each of [`LEVELS`] has.
fn noted(connection: &Connection) -> Result<(Option<Timestamp>, [u64; LEVELS.len()]), Error> {
    let note = |name| format!("max(value) FILTER (name = {})", word(name));
    let sql = format!("SELECT {}, {} FROM {META}", note(SUMMED_ROW), note(SUMMED_ROWS_ROW));
    let (until, rows): (Option<String>, Option<String>) =
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let until = until.map(|noted| {
        let damaged = |_| StoreError::Damaged(format!("sums are noted as of \"{noted}\""));
        noted.parse().map(Timestamp::from_micros).map_err(damaged)
    });
    let rows = rows.unwrap_or_default();
    let mut rows = rows.split(' ').map(|rows| rows.parse().unwrap_or_default());
    Ok((until.transpose()?, LEVELS.map(|_| rows.next().unwrap_or_default())))
}

/// Notes that nothing is added up.
fn note_nothing(connection: &Connection) -> Result<(), Error> {
    connection.execute(&format!("DELETE FROM {META} WHERE name IN ($1, $2, $3)"), ROWS_OF_SUMS)?;
    Ok(())
}

/// What there is to add up.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// Transactions up to which it is done, one step after the other.
    pub(crate) steps: Vec<Timestamp>,
    /// How many lines are left after the last.
    pub(crate) left: u64,
}

/// Looks for what there is to add up once at least so many lines have come: steps of [`LINES_AT_ONCE`]. The newest fifth
/// stays as it is, since sums are of no use to an answer that has begun at an earlier boundary than theirs.
pub(crate) fn due(connection: &Connection, at_least: u64) -> Result<Due, Error> {
    let after = summed_until(connection)?.unwrap_or(Timestamp::MIN);
    let sql = format!(
        "SELECT max(posted_at), sum(lines)::BIGINT, is_new FROM (
             SELECT posted_at, lines, (sum(lines) OVER (ORDER BY posted_at) - lines) // {LINES_AT_ONCE} AS step,
                    sum(lines) OVER (ORDER BY posted_at DESC) - lines < $2 AS is_new
             FROM (SELECT posted_at, count(*) AS lines FROM {LINES} WHERE posted_at > $1 GROUP BY posted_at))
         GROUP BY step, is_new ORDER BY is_new, step"
    );
    let mut statement = connection.prepare(&sql)?;
    let newest = i64::try_from(at_least / 5).unwrap_or(i64::MAX);
    let found = statement.query_map([after.as_micros(), newest], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?.unsigned_abs(), row.get::<_, bool>(2)?))
    })?;
    let (mut due, mut last) = (Due::default(), 0);
    for row in found {
        match row? {
            (end, lines, false) => {
                due.steps.push(Timestamp::from_micros(end));
                last = lines;
            }
            (_, lines, true) => due.left += lines,
        }
    }
    if last + due.left < at_least.max(1) {
        due.steps.pop();
        due.left += last;
    }
    Ok(due)
}

/// Adds up the lines of transactions after the one noted, up to this one.
pub(crate) fn add_up(connection: &mut Connection, until: Timestamp) -> Result<(), Error> {
    let after = summed_until(connection)?.unwrap_or(Timestamp::MIN);
    let transaction = connection.transaction()?;
    let (_, mut rows) = noted(&transaction)?;
    for (level, rows) in LEVELS.into_iter().zip(&mut rows) {
        let sql = added_up(level, Added::Lines, "posted_at > $1 AND posted_at <= $2");
        *rows += transaction.execute(&sql, [after.as_micros(), until.as_micros()])? as u64;
    }
    notes::put(&transaction, SUMMED_ROW, &until.as_micros().to_string())?;
    note_rows(&transaction, rows)?;
    Ok(transaction.commit()?)
}

fn note_rows(connection: &Connection, rows: [u64; LEVELS.len()]) -> Result<(), Error> {
    notes::put(connection, SUMMED_ROWS_ROW, &rows.map(|rows| rows.to_string()).join(" "))
}

/// Notes that a table has so many rows fewer.
pub(crate) fn note_fewer_rows(connection: &Connection, of: &Level, fewer: u64) -> Result<(), Error> {
    let (_, mut rows) = noted(connection)?;
    for (_, rows) in LEVELS.into_iter().zip(&mut rows).filter(|(level, _)| *level == of) {
        *rows = rows.saturating_sub(fewer);
    }
    note_rows(connection, rows)
}

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// Lines.
    Lines,
    /// Rows that the table has already.
    Rows,
}

/// Fills a table with the sums of what meets the condition. Each is filled from the lines: that costs less than to set
/// the rows of the finest aside for the others.
pub(crate) fn added_up(level: &Level, added: Added, condition: &str) -> String {
    let at = quoted(Dimension::At.column().name);
    let measures: Vec<String> = Measure::ALL.iter().map(|measure| quoted(measure.column().name)).collect();
    let sums = measures.iter().map(|column| format!("sum({column})::BIGINT AS {column}"));
    let told = level.told().map(|dimension| match added {
        Added::Lines => told_of_a_row(dimension),
        Added::Rows => quoted(dimension.column().name),
    });
    let list = told.chain(sums).collect::<Vec<_>>().join(", ");
    let (from, times, first_at, last_at, numbered) = match added {
        Added::Lines => (LINES, "count(*)", at.as_str(), at.as_str(), numbered_by_a_line()),
        Added::Rows => (level.table, "sum(times)::BIGINT", "first_at", "last_at", LINES_NUMBERED.to_owned()),
    };
    let numbered = if level.has(Dimension::Kind) {
        String::new()
    } else {
        format!("sum({numbered})::BIGINT AS {LINES_NUMBERED}, ")
    };
    // `GROUP BY ALL` groups by what is not added up, so also by the row that stays alone.
    let alone = format!(
        "CASE WHEN greatest({all}) > {LARGEST_ADDED} OR least({all}) < -{LARGEST_ADDED} THEN rowid ELSE -1 END",
        all = measures.join(", ")
    );
    let order = level.order.iter().map(|dimension| quoted(dimension.column().name));
    let order = order.collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO {table} SELECT * EXCLUDE (alone, apart) FROM (
             SELECT sign, {times} AS times, min({first_at}) AS first_at, max({last_at}) AS last_at, {numbered}{list},
                    {alone} AS alone, {apart} AS apart
             FROM {from} WHERE {condition} GROUP BY ALL)
         ORDER BY {order}",
        table = level.table,
        apart = apart(level),
    )
}

/// Whether what is told apart is more or less than nothing, in a table that tells kinds: rows do not agree in which it
/// differs, so no sum of it is nothing but of nothing.
pub(crate) fn apart(level: &Level) -> String {
    if level.has(Dimension::Kind) {
        format!("sign({})", quoted(TOLD_APART.column().name))
    } else {
        "0".to_owned()
    }
}

/// How many lines of [`NUMBERED`] a line is.
fn numbered_by_a_line() -> String {
    format!("({} = {})::BIGINT", quoted(Dimension::Kind.column().name), word(NUMBERED.as_str()))
}

/// What a line tells where a row of sums has the column.
pub(crate) fn told_by_a_line(column: &str) -> String {
    if column == LINES_NUMBERED {
        format!("{} AS {LINES_NUMBERED}", numbered_by_a_line())
    } else if column == Dimension::Item.column().name {
        told_of_a_row(Dimension::Item)
    } else {
        quoted(column)
    }
}

/// What a row tells of a dimension.
pub(crate) fn told_of_a_row(dimension: Dimension) -> String {
    let column = quoted(dimension.column().name);
    match dimension {
        Dimension::At => format!(
            "CASE WHEN {column} < {lowest} THEN {column}
                  ELSE {column} - ({column} % {SPAN_MICROS} + {SPAN_MICROS}) % {SPAN_MICROS} END AS {column}",
            lowest = i64::MIN + SPAN_MICROS,
        ),
        Dimension::Item => {
            let kind = quoted(Dimension::Kind.column().name);
            format!("CASE {kind} WHEN '{}' THEN {column} ELSE 0 END AS {column}", TOLD.as_str())
        }
        _ => column,
    }
}

/// A query for the beginnings of the half hours that lines fall into, and how many do into each.
pub(crate) fn half_hours(until: Timestamp) -> String {
    let beginning = told_of_a_row(Dimension::At);
    format!(
        "SELECT {beginning}, count(*) FROM {LINES} WHERE posted_at <= {} GROUP BY 1 ORDER BY 1",
        until.as_micros()
    )
}

/// A query for the sessions of which sums and lines `when` differ, which is a condition that holds for whole half hours:
/// every session that a table tells of is compared, and where one tells of none, each half hour, of which one session is
/// found.
pub(crate) fn that_differ(until: Timestamp, when: &str) -> String {
    let lines = format!(
        "(SELECT * REPLACE ({}), 1 AS times, {} FROM {LINES} WHERE posted_at <= {})",
        told_by_a_line(Dimension::Item.column().name),
        told_by_a_line(LINES_NUMBERED),
        until.as_micros()
    );
    let differing = LEVELS.map(|level| {
        if level.has(Dimension::Session) {
            differences(level, &lines, when, &[Dimension::Session, Dimension::Kind, Dimension::Item])
        } else {
            differences(level, FINEST.table, when, &[Dimension::At, Dimension::Kind])
        }
    });
    differing.join(" UNION ALL ")
}

/// Compares a table of sums with other rows by some dimensions, as far as it tells these.
fn differences(level: &Level, rows: &str, when: &str, by: &[Dimension]) -> String {
    let session = quoted(Dimension::Session.column().name);
    let by = by.iter().filter(|dimension| level.has(**dimension));
    let by = by.map(|dimension| quoted(dimension.column().name)).collect::<Vec<_>>().join(", ");
    let mut measures: Vec<String> =
        Measure::ALL.iter().map(|measure| quoted(measure.column().name)).collect();
    if !level.has(Dimension::Kind) {
        measures.push(LINES_NUMBERED.to_owned());
    }
    let more = measures.iter().map(|column| format!("{column}::HUGEINT AS {column}")).collect::<Vec<_>>();
    let less = measures.iter().map(|column| format!("-{column}::HUGEINT")).collect::<Vec<_>>();
    let differs = measures.iter().map(|column| format!("sum({column}) <> 0")).collect::<Vec<_>>();
    let told = if level.has(Dimension::Session) { session.as_str() } else { "''" };
    format!(
        "SELECT max(found) AS {session} FROM (
             SELECT {session} AS found, {by}, sign, times::HUGEINT AS times, {more} FROM {rows} WHERE {when}
             UNION ALL SELECT {told}, {by}, sign, -times::HUGEINT, {less} FROM {table} WHERE {when})
         GROUP BY {by}, sign HAVING sum(times) <> 0 OR {differs}",
        more = more.join(", "),
        less = less.join(", "),
        table = level.table,
        differs = differs.join(" OR "),
    )
}

/// Takes all sums away.
pub(crate) fn clear(connection: &mut Connection) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    for level in LEVELS {
        transaction.execute_batch(&format!("DELETE FROM {}", level.table))?;
    }
    note_nothing(&transaction)?;
    Ok(transaction.commit()?)
}
