//! Figures that look at single values: how many there are, and which of them are in the middle and at the slow end.
//!
//! A value counts only while lines are left of it after reversals, so it takes two levels: first per value, then over
//! the values left.

use model::Kind;
use store::Figure;
use store::schema::{Dimension, Measure};

use crate::ddl::{LINES_NUMBERED, quoted};
use crate::levels::{Level, TOLD};
use crate::parameters::word;

/// The part of a statement named `name` with the keys and `values_left`: how many values of the dimension are left in
/// `rows`, of lines of the kind, or of all. `level` is what the rows are of; lines when `None`.
pub(crate) fn distinct(
    name: &str,
    (rows, level): (&str, Option<&Level>),
    (dimension, kind): (Dimension, Option<Kind>),
    keys: &str,
) -> String {
    let value = quoted(dimension.column().name);
    let (condition, times) = lines_of(kind, level);
    format!(
        "{name} AS (SELECT {keys}, count(*) AS values_left
         FROM (SELECT {keys} FROM {rows} WHERE {condition}
               GROUP BY {keys}, {value} HAVING sum(sign * {times}) > 0)
         GROUP BY {keys})"
    )
}

/// Which rows stand for lines of the kind, and for how many.
fn lines_of(kind: Option<Kind>, level: Option<&Level>) -> (String, &'static str) {
    let Some(kind) = kind else { return ("true".to_owned(), "times") };
    if level.is_none_or(|level| level.has(Dimension::Kind)) {
        return (format!("{} = {}", quoted(Dimension::Kind.column().name), word(kind.as_str())), "times");
    }
    if kind == TOLD {
        // No other row tells of an item.
        return (format!("{} <> 0", quoted(Dimension::Item.column().name)), "times");
    }
    (format!("{LINES_NUMBERED} <> 0"), LINES_NUMBERED)
}

/// Whether values of the measures that percentiles are asked of may have been taken back, in rows like these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// All stand: one pass over the lines tells all percentiles.
    Stand,
    /// Some may have been taken back, so those that were are looked for.
    MayBeReversed,
}

/// A question whether a value that percentiles are asked of was taken back by one of the `lines`. Blocks without
/// reversals are skipped, and most are.
pub(crate) fn is_any_reversed(figures: &[Figure], lines: &str) -> String {
    let told = measures(figures).into_iter().map(|measure| format!("{} <> 0", quoted(measure.column().name)));
    let told = told.collect::<Vec<_>>().join(" OR ");
    format!("SELECT EXISTS (FROM {lines} WHERE sign < 0 AND ({told}))")
}

/// The part of a statement named [`OF_ENTRIES`], with the keys and [`nearest_of`] each measure: what [`percentiles`]
/// tells of each, where all [`Values::Stand`].
pub(crate) fn percentiles_of_entries(figures: &[Figure], lines: &str, keys: &str) -> String {
    let nearest = measures(figures).into_iter().map(|measure| {
        let value = quoted(measure.column().name);
        let (ranks, name) = (ranks(measure, figures), nearest_of(measure));
        format!(", quantile_disc({value}, [{ranks}]) FILTER ({value} <> 0) AS {name}")
    });
    format!("{OF_ENTRIES} AS (SELECT {keys}{} FROM {lines} GROUP BY {keys})", nearest.collect::<String>())
}

/// The part that has the percentiles of all measures.
pub(crate) const OF_ENTRIES: &str = "percentiles_of_entries";

/// The column of [`OF_ENTRIES`] that has a measure's percentiles.
pub(crate) fn nearest_of(measure: Measure) -> String {
    format!("nearest_of_{}", measure.column().name)
}

/// The measures that percentiles are asked of.
fn measures(figures: &[Figure]) -> Vec<Measure> {
    let mut measures = Vec::new();
    for figure in figures {
        if let Figure::Percentile(measure, _) = figure
            && !measures.contains(measure)
        {
            measures.push(*measure);
        }
    }
    measures
}

/// The name of the part that has a measure's percentiles.
pub(crate) fn percentiles_name(measure: Measure) -> String {
    format!("percentiles_of_{}", measure.column().name)
}

/// The parts of a statement that end in the one of [`percentiles_name`], with the keys and `nearest`: the values of
/// the nearest ranks, for each of the percentiles that the figures ask of this measure, in their order.
///
/// Values of which nothing was taken back, nearly always all, are taken as they are; the others once for each entry that
/// no reversal takes away.
pub(crate) fn percentiles(measure: Measure, figures: &[Figure], lines: &str, keys: &str) -> String {
    let name = percentiles_name(measure);
    let value = quoted(measure.column().name);
    let ranks = ranks(measure, figures);
    format!(
        "reversed_of_{name} AS MATERIALIZED (
             SELECT DISTINCT {keys}, {value} AS measured FROM {lines} WHERE sign < 0 AND {value} <> 0),
         {name} AS (SELECT {keys}, quantile_disc(measured, [{ranks}]) AS nearest
         FROM (SELECT {keys}, measured FROM (SELECT {keys}, {value} AS measured FROM {lines} WHERE sign > 0 AND {value} <> 0)
               ANTI JOIN reversed_of_{name} USING ({keys}, measured)
               UNION ALL
               SELECT {keys}, measured FROM (
                   SELECT {keys}, measured, sum(sign)::BIGINT AS times_left
                   FROM (SELECT {keys}, {value} AS measured, sign FROM {lines} WHERE {value} <> 0)
                   SEMI JOIN reversed_of_{name} USING ({keys}, measured)
                   GROUP BY {keys}, measured HAVING sum(sign) > 0), range(times_left))
         GROUP BY {keys})"
    )
}

/// The percentiles that the figures ask of a measure. As decimals, since DuckDB then works out the rank in whole numbers.
fn ranks(measure: Measure, figures: &[Figure]) -> String {
    let ranks =
        permilles(measure, figures).map(|permille| format!("{}::DECIMAL(4, 3)", thousandths(permille)));
    ranks.collect::<Vec<_>>().join(", ")
}

/// The place, from one on, that a percentile has among those of its measure.
pub(crate) fn place_of(measure: Measure, permille: u16, figures: &[Figure]) -> usize {
    1 + permilles(measure, figures).position(|asked| asked == permille).unwrap_or_default()
}

fn permilles(measure: Measure, figures: &[Figure]) -> impl Iterator<Item = u16> {
    figures.iter().filter_map(move |figure| match figure {
        Figure::Percentile(of, permille) if *of == measure => Some(*permille),
        _ => None,
    })
}

/// So many of a thousand as a decimal fraction; all of them at most.
fn thousandths(permille: u16) -> String {
    let permille = permille.min(1_000);
    format!("{}.{:03}", permille / 1_000, permille % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_whole_numbers_of_them() {
        assert_eq!(
            [0, 5, 500, 950, 1_000, 2_000].map(thousandths),
            ["0.000", "0.005", "0.500", "0.950", "1.000", "1.000"]
        );
    }

    #[test]
    fn each_percentile_of_a_measure_has_its_place() {
        let figures = [
            Figure::Percentile(Measure::Duration, 500),
            Figure::Percentile(Measure::TimeToFirstToken, 950),
            Figure::Percentile(Measure::Duration, 950),
        ];
        assert_eq!(place_of(Measure::Duration, 950, &figures), 2);
        assert_eq!(place_of(Measure::TimeToFirstToken, 950, &figures), 1);
    }
}
