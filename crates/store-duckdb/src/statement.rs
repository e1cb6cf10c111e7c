//! A question as one statement.
//!
//! Sums come from one pass over the lines chosen, each other figure from one of its own: see [`crate::single_values`] and
//! [`crate::instants`].
//!
//! Where they suffice, rows of sums stand in for the lines that were added up into them, for each figure those of the
//! table with the fewest rows that tells it; see [`crate::sums`] and [`crate::levels`].

use model::Timestamp;
use store::schema::{Dimension, Measure};
use store::{Figure, Group, Order, Query, StoreError, TimeBucket};

use crate::ddl::{LINES, LINES_NUMBERED, quoted};
use crate::filter;
use crate::instants::{self, BOUNDS, Instants};
use crate::levels::Level;
use crate::parameters::{Parameters, number};
use crate::single_values::{
    self, OF_ENTRIES, Values, distinct, nearest_of, percentiles, percentiles_name, percentiles_of_entries,
    place_of,
};
use crate::sums::{self, Summed};
use crate::teams;

/// The column of [`Figure::Lines`].
const COUNTED: &str = "lines_counted";

/// The lines that the question is about.
const CHOSEN: &str = "chosen";

/// What a line has in those columns that only rows of sums have.
const OF_A_LINE: &str = "1::BIGINT AS times, \"at\" AS first_at, \"at\" AS last_at";

/// What a statement looks for beyond what is right nearly always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) instants: Instants,
    pub(crate) values: Values,
}

/// How many key columns the statement has: one even when nothing is grouped by, so that its parts can
/// always be joined on keys and no line gives no row.
pub(crate) fn key_count(query: &Query) -> usize {
    query.group_by.len().max(1)
}

/// The sums that a question can be answered from.
pub(crate) struct Sums {
    /// The transaction that they reach up to.
    until: Timestamp,
    /// The tables that tell of the lines chosen, the one with the fewest rows first; none when the lines have to.
    levels: Vec<&'static Level>,
}

impl Sums {
    pub(crate) fn of(query: &Query, summed: Option<Summed>) -> Self {
        let Some(Summed { until, mut levels }) = summed else {
            return Self { until: Timestamp::MIN, levels: Vec::new() };
        };
        levels.retain(|level| level.tells(query, until));
        Self { until, levels }
    }

    /// Where the figure is read from; the lines when `None`.
    fn level_of(&self, figure: Figure) -> Option<&'static Level> {
        self.levels.iter().copied().find(|level| level.tells_figure(figure))
    }

    /// The tables that some of the answer is read from; the others would only be planned.
    fn read(&self, query: &Query) -> impl Iterator<Item = &'static Level> {
        let is_read = |level: &&Level| {
            let figures = query.figures.iter().chain(&[Figure::Lines]);
            figures.copied().any(|figure| self.level_of(figure) == Some(*level))
        };
        self.levels.iter().copied().filter(is_read)
    }

    /// Whether some of the answer is read from the lines.
    fn leave_to_lines(&self, query: &Query) -> bool {
        query.figures.iter().chain(&[Figure::Lines]).any(|figure| self.level_of(*figure).is_none())
    }

    /// The name of the rows that it is read from.
    fn rows_of(&self, figure: Figure) -> String {
        self.level_of(figure).map_or_else(|| CHOSEN.to_owned(), chosen_of)
    }
}

/// The name of the rows that add up to the lines chosen.
fn chosen_of(level: &Level) -> String {
    format!("{CHOSEN}_{}", level.table)
}

/// The whole statement. Its rows have the keys `k0, k1, …`, then a column for each figure, with nothing where it is
/// zero, then whether bounds do not tell its instants, if that is of matter.
///
/// Rows of nothing but zeros are left to who reads them, unless they would count towards a limit: each part that a
/// statement does not have is one less to plan, and planning is most of what a short answer takes.
pub(crate) fn statement(
    query: &Query,
    sums: &Sums,
    reading: Reading,
    parameters: &mut Parameters,
) -> Result<String, StoreError> {
    let Reading { instants, values } = reading;
    let keys = names('k', key_count(query));
    let mut ctes = rows_to_read(query, sums, instants, parameters);
    // A count alone finds its keys by itself.
    let is_count = matches!(query.figures.as_slice(), [Figure::Distinct(..)]);
    if !is_count {
        ctes.push(sums_of(query, &sums.rows_of(Figure::Lines), instants, &keys));
    }
    let mut joins = String::new();
    let mut figures = Vec::new();
    let mut has_instants = false;
    let mut measured = Vec::new();
    for (index, figure) in query.figures.iter().enumerate() {
        figures.push(match figure {
            Figure::Sum(measure) => format!("sums.{}", quoted(measure.column().name)),
            Figure::Lines => format!("sums.{COUNTED}"),
            Figure::Distinct(dimension, kind) => {
                let name = format!("distinct{index}");
                let rows = sums.rows_of(*figure);
                let told_by = (rows.as_str(), sums.level_of(*figure));
                ctes.push(distinct(&name, told_by, (*dimension, *kind), &keys));
                joins += &format!(" LEFT JOIN {name} USING ({keys})");
                format!("{name}.values_left")
            }
            Figure::Percentile(measure, permille) => {
                let place = place_of(*measure, *permille, &query.figures);
                let (name, nearest) = match values {
                    Values::Stand => (OF_ENTRIES.to_owned(), nearest_of(*measure)),
                    Values::MayBeReversed => (percentiles_name(*measure), "nearest".to_owned()),
                };
                if !measured.contains(&name) {
                    ctes.push(match values {
                        Values::Stand => percentiles_of_entries(&query.figures, CHOSEN, &keys),
                        Values::MayBeReversed => percentiles(*measure, &query.figures, CHOSEN, &keys),
                    });
                    joins += &format!(" LEFT JOIN {name} USING ({keys})");
                    measured.push(name.clone());
                }
                format!("{name}.{nearest}[{place}]")
            }
            Figure::Earliest | Figure::Latest => {
                if instants == Instants::Left && !std::mem::replace(&mut has_instants, true) {
                    ctes.push(instants::parts(&query.figures, "sums", CHOSEN, &keys));
                    joins += &format!(" LEFT JOIN instants USING ({keys})");
                }
                let from = if instants == Instants::Left { "instants" } else { "sums" };
                format!("{from}.{}", if *figure == Figure::Earliest { "earliest" } else { "latest" })
            }
        });
    }
    let from = if is_count { "distinct0".to_owned() } else { format!("sums{joins}") };
    let order = match query.order {
        None => keys.clone(),
        Some(Order::LargestFirst(index)) => {
            let largest = figures.get(index).ok_or_else(|| {
                StoreError::Engine(format!("order by figure {index}, which is not asked for"))
            })?;
            format!("coalesce({largest}, 0) DESC, {keys}")
        }
    };
    let (mut not_all_zero, mut limit) = (String::new(), String::new());
    if let Some(most) = query.limit {
        let conditions = figures.iter().map(|figure| format!("{figure} <> 0")).collect::<Vec<_>>();
        not_all_zero = format!(" WHERE {}", conditions.join(" OR "));
        limit = format!(" LIMIT {}", number(i64::try_from(most).unwrap_or(i64::MAX)));
    }
    if instants == Instants::Bounds {
        figures.extend(instants::are_unclear(&query.figures));
    }
    Ok(format!(
        "WITH {ctes} SELECT {keys}, {figures} FROM {from}{not_all_zero} ORDER BY {order}{limit}",
        ctes = ctes.join(",\n"),
        figures = figures.join(", "),
    ))
}

/// Whether one of the values that percentiles are asked of was taken back.
pub(crate) fn is_any_reversed(query: &Query, parameters: &mut Parameters) -> String {
    format!("WITH {} {}", chosen(query, parameters), single_values::is_any_reversed(&query.figures, CHOSEN))
}

fn names(letter: char, count: usize) -> String {
    (0..count).map(|index| format!("{letter}{index}")).collect::<Vec<_>>().join(", ")
}

/// The parts of a statement that read tables. Those that nothing is read from would be planned all the same.
fn rows_to_read(query: &Query, sums: &Sums, instants: Instants, parameters: &mut Parameters) -> Vec<String> {
    let mut parts = Vec::new();
    if sums.leave_to_lines(query) || (instants == Instants::Left && instants::are_among(&query.figures)) {
        parts.push(chosen(query, parameters));
    }
    parts.extend(sums.read(query).map(|level| summed(level, sums, query, parameters)));
    parts
}

/// The lines chosen, with the keys computed. Only the columns that the parts below name are ever read, so it
/// is better read again by each of them than kept.
fn chosen(query: &Query, parameters: &mut Parameters) -> String {
    let keys = key_columns(query);
    let conditions = filter::conditions(&query.filter, query.as_of, parameters);
    let lines = teams::asked(LINES, query, parameters);
    let mut columns = vec!["sign", Dimension::Kind.column().name, Dimension::At.column().name];
    columns.extend(columns_of(query, |_| true));
    let columns = list_of(&columns, quoted);
    format!(
        "{CHOSEN} AS NOT MATERIALIZED (SELECT {keys}, {OF_A_LINE}, {columns} FROM {lines} WHERE {conditions})"
    )
}

/// The columns that the parts of the statement name for the figures that `are_read` here. All columns would do as well;
/// but each is looked at again and again while the statement is planned, which takes longer than many an answer.
fn columns_of(query: &Query, are_read: impl Fn(Figure) -> bool) -> Vec<&'static str> {
    let read = query.figures.iter().filter(|figure| are_read(**figure));
    let columns = read.filter_map(|figure| match figure {
        Figure::Sum(measure) | Figure::Percentile(measure, _) => Some(measure.column().name),
        Figure::Distinct(dimension, _) => Some(dimension.column().name),
        Figure::Lines | Figure::Earliest | Figure::Latest => None,
    });
    columns.collect()
}

/// Columns, each once, as they are read.
fn list_of(columns: &[&str], read: impl Fn(&str) -> String) -> String {
    let mut once: Vec<&str> = Vec::with_capacity(columns.len());
    for column in columns {
        if !once.contains(column) {
            once.push(column);
        }
    }
    once.into_iter().map(read).collect::<Vec<_>>().join(", ")
}

/// The same, as far as they were added up: rows of sums, and the lines that have come since. With the columns of the
/// figures that are read from there.
fn summed(level: &Level, sums: &Sums, query: &Query, parameters: &mut Parameters) -> String {
    let is_read = |figure: Figure| sums.level_of(figure) == Some(level);
    let mut columns = vec!["sign"];
    if level.has(Dimension::Kind) {
        columns.push(Dimension::Kind.column().name);
    } else if query
        .figures
        .iter()
        .any(|figure| matches!(figure, Figure::Distinct(_, Some(_))) && is_read(*figure))
    {
        columns.extend([Dimension::Item.column().name, LINES_NUMBERED]);
    }
    columns.extend(columns_of(query, is_read));
    let keys = key_columns(query);
    let conditions = filter::of_sums(&query.filter, query.as_of, parameters);
    let conditions_since = filter::conditions(&query.filter, query.as_of, parameters);
    let (table, lines) =
        (teams::asked(level.table, query, parameters), teams::asked(LINES, query, parameters));
    let until = number(sums.until.as_micros());
    format!(
        "{name} AS NOT MATERIALIZED (
             SELECT {keys}, times, first_at, last_at, {columns} FROM {table} WHERE {conditions}
             UNION ALL
             SELECT {keys}, {OF_A_LINE}, {columns_since} FROM {lines}
             WHERE posted_at > {until} AND {conditions_since})",
        name = chosen_of(level),
        columns_since = list_of(&columns, sums::told_by_a_line),
        columns = list_of(&columns, quoted),
    )
}

/// What is grouped by, as the columns `k0, k1, …`.
fn key_columns(query: &Query) -> String {
    let keys = query.group_by.iter().map(|group| match group {
        Group::Dimension(dimension) => quoted(dimension.column().name),
        Group::Time(bucket) => bucket_of(bucket),
    });
    let mut keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        keys.push("0".to_owned());
    }
    let keys = keys.iter().enumerate().map(|(index, key)| format!("{key} AS k{index}"));
    keys.collect::<Vec<_>>().join(", ")
}

/// The number of the day or hour, as [`TimeBucket::bucket_of`] has it, at the ends of the range too.
fn bucket_of(bucket: &TimeBucket) -> String {
    let at = quoted(Dimension::At.column().name);
    let first = bucket.offsets.first().map_or(0, |(_, seconds)| *seconds);
    let mut local = moved(&at, first);
    if bucket.offsets.len() > 1 {
        let later = bucket.offsets.iter().skip(1).rev().map(|(from, seconds)| {
            let from = number(from.as_micros());
            format!("WHEN {at} >= {from} THEN {}", moved(&at, *seconds))
        });
        let later = later.collect::<Vec<_>>().join(" ");
        local = format!("CASE {later} ELSE {local} END");
    }
    let width = number(bucket.width.micros());
    // SQL's division rounds towards zero, a calendar's towards the past.
    format!("(({local}) // {width} - (({local}) % {width} < 0)::BIGINT)")
}

/// An instant moved by an offset; saturates at the ends of the range instead of failing the whole question.
fn moved(at: &str, offset_seconds: i32) -> String {
    if offset_seconds == 0 {
        return at.to_owned();
    }
    let offset = i64::from(offset_seconds) * 1_000_000;
    let lowest = number(i64::MIN.saturating_sub(offset));
    let highest = number(i64::MAX.saturating_sub(offset));
    let offset = number(offset);
    format!("greatest(least({at}, {highest}), {lowest}) + {offset}")
}

/// Every key that a line was chosen for, with its sums, and where its lines begin and end if that is asked.
///
/// Entries and reversals are added up apart and then taken from each other, in 128 bits: no product is
/// formed for a line, and none can overflow.
fn sums_of(query: &Query, rows: &str, instants: Instants, keys: &str) -> String {
    let mut measures: Vec<Measure> = Vec::new();
    for figure in &query.figures {
        if let Figure::Sum(measure) = figure
            && !measures.contains(measure)
        {
            measures.push(*measure);
        }
    }
    let columns: Vec<String> = measures.iter().map(|measure| quoted(measure.column().name)).collect();
    let mut inner: String = columns.iter().map(|column| format!(", sum({column}) AS {column}")).collect();
    let mut outer: String =
        columns.iter().map(|column| format!(", sum(sign * {column}) AS {column}")).collect();
    if query.figures.contains(&Figure::Lines) {
        inner += &format!(", sum(times) AS {COUNTED}");
        outer += &format!(", sum({COUNTED}) AS {COUNTED}");
    }
    let mut materialized = "";
    if instants::are_among(&query.figures) {
        inner += ", min(first_at) AS first_at, max(last_at) AS last_at";
        outer += &format!(", {BOUNDS}");
        // The parts that work out instants read it again.
        if instants == Instants::Left {
            materialized = " MATERIALIZED";
        }
    }
    format!(
        "sums AS{materialized} (SELECT {keys}{outer}
         FROM (SELECT {keys}, sign{inner} FROM {rows} GROUP BY {keys}, sign) GROUP BY {keys})"
    )
}
