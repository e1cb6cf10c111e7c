//! Lines added up ahead of the questions.
//!
//! The table of sums holds what the table of lines holds of every transaction up to one, with the lines of a half
//! hour that agree in all dimensions but those of single things added up into one row, entries and reversals
//! apart. A question that asks for nothing finer reads the sums and the lines of later transactions: the same
//! answer from a fraction of the rows, which moreover lie sorted by what most questions choose by.
//!
//! Nothing is here that the lines do not say. A rewriting leaves the sums out, and they are made again.

use duckdb::Connection;
use model::{Kind, Timestamp};
use store::schema::{Dimension, Measure};
use store::{Figure, Filter, Group, Query, StoreError, TimeBucket};

use crate::ddl::{LINES, META, SUMMED_ROW, SUMS, column_names, quoted, sql_type};
use crate::error::Error;
use crate::notes;

/// How much time a row spans, in microseconds. Whole hours would not do for the zones that are half an hour off.
const SPAN_MICROS: i64 = 1_800_000_000;

/// A line with a larger measure stays alone, so that adding up never leaves 64 bits: half a million such lines
/// would have to agree, several times what is added up in one go.
const LARGEST_ADDED: i64 = 1 << 44;

/// Dimensions of single things; rows of sums do not tell them.
const OF_SINGLE_THINGS: [Dimension; 3] = [Dimension::Item, Dimension::Request, Dimension::Message];

/// The kind of which rows of sums do tell the thing: how many sessions were started is asked everywhere, and
/// there are few.
const TOLD: Kind = Kind::SessionStart;

/// Makes the table if it is not there, or not of the columns there are now.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let found = column_names(connection, SUMS).unwrap_or_default();
    if found.iter().map(String::as_str).eq(columns().map(|(name, _)| name)) {
        return Ok(());
    }
    let columns: Vec<String> =
        columns().map(|(name, sql_type)| format!("{} {sql_type} NOT NULL", quoted(name))).collect();
    let transaction = connection.transaction()?;
    transaction.execute_batch(&format!(
        "CREATE OR REPLACE TABLE {SUMS} ({}); DELETE FROM {META} WHERE name = '{SUMMED_ROW}'",
        columns.join(", ")
    ))?;
    Ok(transaction.commit()?)
}

/// Names and types, in the table's order.
fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    let dimensions = told_dimensions().map(|dimension| dimension.column());
    let columns = dimensions.chain(Measure::ALL.iter().map(|measure| measure.column()));
    [("sign", "TINYINT"), ("times", "BIGINT"), ("first_at", "BIGINT"), ("last_at", "BIGINT")]
        .into_iter()
        .chain(columns.map(|column| (column.name, sql_type(column.column_type))))
}

/// Dimensions of the table; of an item only [`TOLD`] ones, else zero.
fn told_dimensions() -> impl Iterator<Item = Dimension> {
    let is_told =
        |dimension: &Dimension| *dimension == Dimension::Item || !OF_SINGLE_THINGS.contains(dimension);
    Dimension::ALL.iter().copied().filter(is_told)
}

/// The transaction up to which lines are added up; none yet when `None`.
pub(crate) fn summed_until(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    let Some(noted) = notes::read(connection, SUMMED_ROW)? else { return Ok(None) };
    let micros =
        noted.parse().map_err(|_| StoreError::Damaged(format!("sums are noted as of \"{noted}\"")))?;
    Ok(Some(Timestamp::from_micros(micros)))
}

/// What there is to add up.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// Transactions up to which it is done, one step after the other.
    pub(crate) steps: Vec<Timestamp>,
    /// How many lines are left after the last; too few for a step.
    pub(crate) left: u64,
}

/// Looks for what there is to add up, about so many lines at once.
pub(crate) fn due(connection: &Connection, at_once: u64) -> Result<Due, Error> {
    let after = summed_until(connection)?.unwrap_or(Timestamp::MIN);
    let sql = format!(
        "SELECT max(posted_at), sum(lines)::BIGINT, step < whole_steps FROM (
             SELECT posted_at, lines, (sum(lines) OVER (ORDER BY posted_at) - lines) // $2 AS step,
                    sum(lines) OVER () // $2 AS whole_steps
             FROM (SELECT posted_at, count(*) AS lines FROM {LINES} WHERE posted_at > $1 GROUP BY posted_at))
         GROUP BY step, whole_steps ORDER BY step"
    );
    let mut statement = connection.prepare(&sql)?;
    let at_once = i64::try_from(at_once.max(1)).unwrap_or(i64::MAX);
    let found = statement.query_map([after.as_micros(), at_once], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
    })?;
    let mut due = Due::default();
    for row in found {
        match row? {
            (end, _, true) => due.steps.push(Timestamp::from_micros(end)),
            (_, lines, false) => due.left += lines.unsigned_abs(),
        }
    }
    Ok(due)
}

/// Adds up the lines of transactions after the one noted, up to this one.
pub(crate) fn add_up(connection: &mut Connection, until: Timestamp) -> Result<(), Error> {
    let after = summed_until(connection)?.unwrap_or(Timestamp::MIN);
    let transaction = connection.transaction()?;
    transaction.execute(&statement(), [after.as_micros(), until.as_micros()])?;
    transaction.execute(&format!("DELETE FROM {META} WHERE name = $1"), [SUMMED_ROW])?;
    let note = format!("INSERT INTO {META} VALUES ($1, $2)");
    transaction.execute(&note, [SUMMED_ROW, &until.as_micros().to_string()])?;
    Ok(transaction.commit()?)
}

fn statement() -> String {
    let at = quoted(Dimension::At.column().name);
    let kind = quoted(Dimension::Kind.column().name);
    let dimensions = told_dimensions().map(|dimension| {
        let column = quoted(dimension.column().name);
        match dimension {
            Dimension::At => format!(
                "CASE WHEN {at} < {lowest} THEN {at} ELSE {at} - ({at} % {SPAN_MICROS} + {SPAN_MICROS}) % {SPAN_MICROS} END AS {at}",
                lowest = i64::MIN + SPAN_MICROS,
            ),
            Dimension::Item => format!("CASE {kind} WHEN '{}' THEN {column} ELSE 0 END AS {column}", TOLD.as_str()),
            _ => column,
        }
    });
    let measures: Vec<String> = Measure::ALL.iter().map(|measure| quoted(measure.column().name)).collect();
    let sums = measures.iter().map(|column| format!("sum({column})::BIGINT AS {column}"));
    let list = dimensions.chain(sums).collect::<Vec<_>>().join(", ");
    // `GROUP BY ALL` groups by what is not added up, so also by the row that stays alone.
    let alone = format!(
        "CASE WHEN greatest({all}) > {LARGEST_ADDED} OR least({all}) < -{LARGEST_ADDED} THEN rowid ELSE -1 END",
        all = measures.join(", ")
    );
    let order = [Dimension::Kind, Dimension::Tenant, Dimension::ActorName, Dimension::Session, Dimension::At];
    let order = order.map(|dimension| quoted(dimension.column().name)).join(", ");
    format!(
        "INSERT INTO {SUMS} SELECT * EXCLUDE (alone) FROM (
             SELECT sign, count(*) AS times, min({at}) AS first_at, max({at}) AS last_at, {list}, {alone} AS alone
             FROM {LINES} WHERE posted_at > $1 AND posted_at <= $2 GROUP BY ALL)
         ORDER BY {order}"
    )
}

/// A query for the sessions of which sums and lines differ.
pub(crate) fn that_differ(until: Timestamp) -> String {
    let (kind, session) = (Dimension::Kind.column().name, Dimension::Session.column().name);
    let measures: Vec<String> = Measure::ALL.iter().map(|measure| quoted(measure.column().name)).collect();
    let lines = measures.iter().map(|column| format!("{column}::HUGEINT AS {column}")).collect::<Vec<_>>();
    let less = measures.iter().map(|column| format!("-{column}::HUGEINT")).collect::<Vec<_>>();
    let differs = measures.iter().map(|column| format!("sum({column}) <> 0")).collect::<Vec<_>>();
    format!(
        "SELECT {session} FROM (
             SELECT {session}, {kind}, sign, 1::HUGEINT AS times, {lines} FROM {LINES} WHERE posted_at <= {until}
             UNION ALL SELECT {session}, {kind}, sign, -times::HUGEINT, {less} FROM {SUMS})
         GROUP BY {session}, {kind}, sign HAVING sum(times) <> 0 OR {differs}",
        until = until.as_micros(),
        lines = lines.join(", "),
        less = less.join(", "),
        differs = differs.join(" OR "),
    )
}

/// Takes all sums away.
pub(crate) fn clear(connection: &mut Connection) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    transaction
        .execute_batch(&format!("DELETE FROM {SUMS}; DELETE FROM {META} WHERE name = '{SUMMED_ROW}'"))?;
    Ok(transaction.commit()?)
}

/// Whether the sums, with the lines of transactions after `until`, tell which lines a question chooses and what
/// they are grouped by.
pub(crate) fn tell(query: &Query, until: Timestamp) -> bool {
    query.as_of.is_none_or(|as_of| as_of >= until)
        && tell_filter(&query.filter)
        && query.group_by.iter().all(|group| match group {
            Group::Dimension(dimension) => tell_dimension(*dimension),
            Group::Time(bucket) => tell_bucket(bucket),
        })
}

/// Whether they tell the figure. What looks at single values of lines is read from the lines.
pub(crate) fn tell_figure(figure: Figure) -> bool {
    match figure {
        Figure::Sum(_) | Figure::Earliest | Figure::Latest | Figure::Lines => true,
        Figure::Distinct(dimension, kind) => {
            tell_dimension(dimension) || (dimension == Dimension::Item && kind == Some(TOLD))
        }
        Figure::Percentile(..) => false,
    }
}

fn tell_filter(filter: &Filter) -> bool {
    filter.posted_after.is_none()
        && filter.any_of.is_empty()
        && [filter.from, filter.until].into_iter().flatten().all(begins_a_span)
        && filter.among.iter().all(|(dimension, _)| tell_dimension(*dimension))
}

fn tell_dimension(dimension: Dimension) -> bool {
    dimension != Dimension::At && !OF_SINGLE_THINGS.contains(&dimension)
}

fn tell_bucket(bucket: &TimeBucket) -> bool {
    bucket.offsets.iter().enumerate().all(|(index, (from, seconds))| {
        let is_whole = i64::from(*seconds) * 1_000_000 % SPAN_MICROS == 0;
        is_whole && (index == 0 || begins_a_span(*from))
    })
}

fn begins_a_span(at: Timestamp) -> bool {
    at.as_micros() % SPAN_MICROS == 0
}
