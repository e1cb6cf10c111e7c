//! Looks for what no sequence of transactions can have left behind.

use duckdb::{Connection, params};
use model::{Kind, SessionId};
use store::Audit;

use crate::ddl::{EVIDENCE, KIN, LINES, TRANSACTIONS};
use crate::error::Error;
use crate::sums;

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
            Some(until) => sessions(connection, &sums::that_differ(until))?,
            None => Vec::new(),
        },
    })
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
