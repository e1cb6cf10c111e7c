//! The first and the last instant with a line left.
//!
//! An entry before every reversal, or after, is not taken back by any: then the bounds of entries are the answer. Where
//! there is no such entry, which is rare, the single lines have to tell.

use store::schema::Dimension;
use store::{Figure, Row};

use crate::ddl::quoted;

/// Where entries and reversals begin and end, of rows that tell what lines or sums do.
pub(crate) const BOUNDS: &str =
    "min(first_at) FILTER (sign > 0) AS earliest, max(last_at) FILTER (sign > 0) AS latest,
     min(first_at) FILTER (sign < 0) AS first_reversed, max(last_at) FILTER (sign < 0) AS last_reversed";

/// What [`BOUNDS`] are; `None` where there are no such lines.
pub(crate) struct Bounds {
    pub(crate) earliest: Option<i64>,
    pub(crate) latest: Option<i64>,
    pub(crate) first_reversed: Option<i64>,
    pub(crate) last_reversed: Option<i64>,
}

impl Bounds {
    /// The answer to a question for nothing but these figures; `None` when the single lines have to tell.
    pub(crate) fn answer(&self, figures: &[Figure]) -> Option<Vec<Row>> {
        let is_clear = match (self.first_reversed, self.last_reversed) {
            (Some(first), Some(last)) => {
                self.earliest.is_some_and(|it| it < first) && self.latest.is_some_and(|it| it > last)
            }
            _ => true,
        };
        let figure = |figure: &Figure| {
            let instant = if *figure == Figure::Earliest { self.earliest } else { self.latest };
            instant.unwrap_or(0).into()
        };
        let figures: Vec<i128> = figures.iter().map(figure).collect();
        let row = figures.iter().any(|figure| *figure != 0).then_some(Row { keys: Vec::new(), figures });
        is_clear.then(|| row.into_iter().collect())
    }
}

/// Whether nothing but these instants is asked.
pub(crate) fn are_all(figures: &[Figure]) -> bool {
    figures.iter().all(|figure| matches!(figure, Figure::Earliest | Figure::Latest))
}

/// The parts of a statement that end in `instants`: for each of the keys `earliest` and `latest`, from the `bounds` that
/// each has, or from the `lines` where those do not tell.
pub(crate) fn parts(figures: &[Figure], bounds: &str, lines: &str, keys: &str) -> String {
    let at = quoted(Dimension::At.column().name);
    let mut unclear = Vec::new();
    if figures.contains(&Figure::Earliest) {
        unclear.push("first_reversed <= earliest");
    }
    if figures.contains(&Figure::Latest) {
        unclear.push("last_reversed >= latest");
    }
    let unclear = unclear.join(" OR ");
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
