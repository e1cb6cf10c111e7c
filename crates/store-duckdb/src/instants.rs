//! The first and the last instant with a line left.
//!
//! An entry before every reversal, or after, is not taken back by any: then the bounds of entries are the answer. Where
//! there is no such entry, which is rare, the single lines have to tell: then the question is put once more, so that it
//! need not look at lines the first time.

use store::schema::Dimension;
use store::{Figure, Order, Query};

use crate::ddl::quoted;

/// Where entries and reversals begin and end, of rows that tell what lines or sums do.
pub(crate) const BOUNDS: &str =
    "min(first_at) FILTER (sign > 0) AS earliest, max(last_at) FILTER (sign > 0) AS latest,
     min(first_at) FILTER (sign < 0) AS first_reversed, max(last_at) FILTER (sign < 0) AS last_reversed";

/// How a statement finds instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instants {
    /// They are the bounds of entries, which says so of each row for which that is not certain. No line is looked at.
    Bounds,
    /// They are worked out from the lines left where the bounds do not tell.
    Left,
}

impl Instants {
    /// What a question can do with. A bound is never later than the first instant left and never before the last, so rows
    /// that a limit cuts off may be ordered by the last, but not by the first.
    pub(crate) fn for_order(self, query: &Query) -> Self {
        let is_first = |order| matches!(order, Order::LargestFirst(place) if query.figures.get(place) == Some(&Figure::Earliest));
        if query.order.is_some_and(is_first) { Self::Left } else { self }
    }
}

/// Whether one of the figures is an instant.
pub(crate) fn are_among(figures: &[Figure]) -> bool {
    figures.iter().any(|figure| matches!(figure, Figure::Earliest | Figure::Latest))
}

/// A column of rows that have [`BOUNDS`]: whether these do not tell the instants asked for; nothing when none are.
pub(crate) fn are_unclear(figures: &[Figure]) -> Option<String> {
    are_among(figures).then(|| format!("coalesce({}, false)", unclear(figures)))
}

fn unclear(figures: &[Figure]) -> String {
    let mut unclear = Vec::new();
    if figures.contains(&Figure::Earliest) {
        unclear.push("first_reversed <= earliest");
    }
    if figures.contains(&Figure::Latest) {
        unclear.push("last_reversed >= latest");
    }
    unclear.join(" OR ")
}

/// The parts of a statement that end in `instants`: for each of the keys `earliest` and `latest`, from the `bounds` that
/// each has, or from the `lines` where those do not tell.
pub(crate) fn parts(figures: &[Figure], bounds: &str, lines: &str, keys: &str) -> String {
    let at = quoted(Dimension::At.column().name);
    let unclear = unclear(figures);
    format!(
        "unclear AS MATERIALIZED (SELECT {keys} FROM {bounds} WHERE {unclear}),
         instants AS (
             SELECT {keys}, earliest, latest FROM {bounds} WHERE ({keys}) NOT IN (FROM unclear)
             UNION ALL
             SELECT {keys}, min({at}), max({at})
             FROM (SELECT {keys}, {at} FROM {lines} WHERE ({keys}) IN (FROM unclear)
                   GROUP BY {keys}, {at} HAVING sum(sign) > 0)
             GROUP BY {keys})"
    )
}
