//! How far the newest lines reach back, as sums tell it, so that older blocks of lines need not be looked at.

use duckdb::{Connection, params_from_iter};
use model::Timestamp;
use store::schema::Dimension;
use store::{Filter, LineQuery, Query};

use crate::ddl::LINES;
use crate::error::Error;
use crate::filter;
use crate::parameters::{Parameters, number};
use crate::sums::{self, Summed, told_of_a_row};
use crate::teams;

/// The filter narrowed to a time that holds all of the newest lines asked for; as it is where sums do not tell.
/// `None` when there are no lines.
pub(crate) fn narrowed(connection: &Connection, query: &LineQuery) -> Result<Option<Filter>, Error> {
    let mut filter = query.filter.clone();
    let Some(Summed { until, levels }) = sums::summed(connection)? else { return Ok(Some(filter)) };
    let asked = Query { as_of: query.as_of, filter: filter.clone(), ..Query::default() };
    let Some(level) = levels.into_iter().find(|level| level.tells(&asked, until)) else {
        return Ok(Some(filter));
    };
    let mut parameters = Parameters::default();
    let table = teams::asked(level.table, &asked, &mut parameters);
    let lines = teams::asked(LINES, &asked, &mut parameters);
    let conditions = filter::of_sums(&filter, query.as_of, &mut parameters);
    let conditions_since = filter::conditions(&filter, query.as_of, &mut parameters);
    let until = number(until.as_micros());
    let limit = number(i64::try_from(query.limit).unwrap_or(i64::MAX));
    let span = told_of_a_row(Dimension::At);
    // From the newest half hour back, until there are as many lines as are asked for.
    let sql = format!(
        "WITH spans AS (
             SELECT \"at\", min(first_at) AS first_at, max(last_at) AS last_at, sum(times) AS times FROM (
                 SELECT \"at\", first_at, last_at, times FROM {table} WHERE {conditions}
                 UNION ALL
                 SELECT {span}, \"at\" AS first_at, \"at\" AS last_at, 1 AS times FROM {lines}
                 WHERE posted_at > {until} AND {conditions_since})
             GROUP BY \"at\"),
         newer AS (SELECT *, sum(times) OVER (ORDER BY \"at\" DESC) - times AS times_newer FROM spans)
         SELECT min(first_at) FILTER (times_newer < {limit}), max(last_at) FROM newer"
    );
    let values = params_from_iter(parameters.values());
    let reach: (Option<i64>, Option<i64>) =
        connection.query_row(&sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = reach else { return Ok(None) };
    let (first, end) = (Timestamp::from_micros(first), Timestamp::from_micros(last.saturating_add(1)));
    filter.from = Some(filter.from.map_or(first, |from| from.max(first)));
    // At the end of time there is nothing after the last instant.
    if last < i64::MAX {
        filter.until = Some(filter.until.map_or(end, |until| until.min(end)));
    }
    Ok(Some(filter))
}
