//! Looks for what no sequence of transactions can have left behind.

use std::collections::BTreeSet;

use duckdb::{Connection, params};
use model::{Kind, SessionId, Timestamp};
use store::Audit;
use store::schema::Dimension;

use crate::ddl::{EVIDENCE, KIN, LINES, TRANSACTIONS, quoted};
use crate::error::Error;
use crate::sums;

/// Lines that are compared with their sums in one go, or those of half an hour where these are more. They come down to a row
/// for each session and kind with every measure in 128 bits, which DuckDB has to hold in memory.
const LINES_COMPARED: i64 = 2_000_000;

pub(crate) fn audit(connection: &Connection) -> Result<Audit, Error> {
    let request = Kind::Request.as_str();
    Ok(Audit {
        lines: number(connection, &format!("SELECT count(*) FROM {LINES}"))?,
        records: number(connection, &format!("SELECT coalesce(sum(records), 0)::BIGINT FROM {EVIDENCE}"))?,
        transactions: number(connection, &format!("SELECT count(*) FROM {TRANSACTIONS}"))?,
        doubled: sessions(
            connection,
            &format!(
                "SELECT session FROM {LINES} WHERE kind = '{request}' AND (tenant, item) IN
                 (SELECT (tenant, item) FROM {LINES} WHERE kind = '{request}'
                  GROUP BY tenant, item HAVING sum(sign) > 1)"
            ),
        )?,
        unfounded: sessions(
            connection,
            &format!(
                "SELECT session FROM {LINES} WHERE session NOT IN (SELECT session FROM {EVIDENCE})
                 AND session NOT IN (SELECT session FROM {KIN})"
            ),
        )?,
        untimed: sessions(
            connection,
            &format!(
                "SELECT session FROM (SELECT session, posted_at FROM {LINES}
                 UNION ALL SELECT session, posted_at FROM {EVIDENCE})
                 WHERE posted_at NOT IN (SELECT posted_at FROM {TRANSACTIONS})"
            ),
        )?,
        lopsided: sessions(
            connection,
            &format!(
                "SELECT session FROM {KIN} WHERE (session, relative) NOT IN (SELECT (relative, session) FROM {KIN})"
            ),
        )?,
        wrongly_added: match sums::summed_until(connection)? {
            Some(until) => wrongly_added(connection, until, LINES_COMPARED)?,
            None => Vec::new(),
        },
    })
}

/// The sessions of which lines were added up wrongly, found a stretch of time after the other, each of about so many
/// lines.
fn wrongly_added(
    connection: &Connection,
    until: Timestamp,
    lines_at_once: i64,
) -> Result<Vec<SessionId>, Error> {
    let mut statement = connection.prepare(&sums::half_hours(until))?;
    let half_hours = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let half_hours: Vec<(i64, i64)> = half_hours.collect::<Result<_, _>>()?;
    let mut found = BTreeSet::new();
    for stretch in stretches(&half_hours, lines_at_once) {
        found.extend(sessions(connection, &sums::that_differ(until, &stretch))?);
    }
    Ok(found.into_iter().take(Audit::MOST).collect())
}

/// Conditions of which every line and every row of sums fulfils one. `half_hours` are where they begin, and how many lines
/// each has; of each condition, these come to so many or hardly more.
fn stretches(half_hours: &[(i64, i64)], lines_at_once: i64) -> Vec<String> {
    let at = quoted(Dimension::At.column().name);
    let mut stretches = Vec::new();
    let (mut begins, mut lines) = ("true".to_owned(), 0);
    for (beginning, of_half_hour) in half_hours {
        if lines > 0 && lines + of_half_hour > lines_at_once {
            stretches.push(format!("{begins} AND {at} < {beginning}"));
            (begins, lines) = (format!("{at} >= {beginning}"), 0);
        }
        lines += of_half_hour;
    }
    stretches.push(begins);
    stretches
}

fn number(connection: &Connection, sql: &str) -> Result<u64, Error> {
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// The sessions that a query finds, sorted, each once, not more than are to be named.
fn sessions(connection: &Connection, found: &str) -> Result<Vec<SessionId>, Error> {
    let sql = format!("SELECT DISTINCT session FROM ({found}) ORDER BY session LIMIT $1");
    let mut statement = connection.prepare(&sql)?;
    let most = i64::try_from(Audit::MOST).unwrap_or(i64::MAX);
    let sessions = statement.query_map(params![most], |row| row.get::<_, String>(0))?;
    Ok(sessions.map(|session| session.map(SessionId::new)).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;
    use model::{ItemKey, Kind, LedgerLine, Posting, Sign, Timestamp};
    use store::schema::{Column, columns};

    use super::{stretches, wrongly_added};
    use crate::{append, ddl, sums};

    const MINUTE: i64 = 60_000_000;

    /// A session with a line at each of these minutes, added up.
    fn added_up(minutes: &[i64]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        ddl::create_tables(&connection).unwrap();
        sums::prepare(&mut connection).unwrap();
        let line = |minute: &i64| {
            let item = ItemKey::of("prompt", &minute.to_string());
            let at = Timestamp::from_micros(minute * MINUTE);
            let mut posting = Posting::new(Kind::Prompt, at, "s".into(), item);
            posting.measures.prompts = 1;
            LedgerLine { posted_at: Timestamp::from_micros(1), sign: Sign::Entry, posting }
        };
        let lines: Vec<LedgerLine> = minutes.iter().map(line).collect();
        let columns: Vec<&Column> = columns().collect();
        append::append_ledger_lines(&connection, &columns, &lines).unwrap();
        sums::add_up(&mut connection, Timestamp::from_micros(1)).unwrap();
        connection
    }

    #[test]
    fn lines_within_half_hours_are_compared_with_the_sums_of_these() {
        let connection = added_up(&[10, 31, 45, 59, 75]);
        let found =
            |lines_at_once| wrongly_added(&connection, Timestamp::from_micros(1), lines_at_once).unwrap();
        for lines_at_once in [1, 2, 100] {
            assert_eq!(found(lines_at_once), [], "{lines_at_once} lines at once");
        }
        connection.execute_batch("UPDATE sums SET prompts = 9 WHERE prompts = 3").unwrap();
        for lines_at_once in [1, 2, 100] {
            assert_eq!(found(lines_at_once), ["s".into()], "{lines_at_once} lines at once");
        }
    }

    #[test]
    fn half_hours_are_put_together_up_to_so_many_lines() {
        let half_hours = [(10, 6), (20, 4), (30, 1), (40, 25), (50, 2)];
        let expected = [
            "true AND \"at\" < 30",
            "\"at\" >= 30 AND \"at\" < 40",
            "\"at\" >= 40 AND \"at\" < 50",
            "\"at\" >= 50",
        ];
        assert_eq!(stretches(&half_hours, 10), expected);
        assert_eq!(stretches(&[], 10), ["true"], "sums without lines are compared too");
    }
}
