//! What is marked to go: sessions whose records are given up, and sessions that are forgotten.

use std::collections::HashSet;

use duckdb::{Connection, params_from_iter};
use model::{ItemKey, SessionId, Timestamp};
use store::{Rewriting, Seal, SessionSpan, Wear};

use crate::ddl::{EVIDENCE, FORGOTTEN, LINES, SEALS, quoted};
use crate::error::Error;
use crate::gather;
use crate::lookup::list_of;
use crate::parameters::Parameters;
use crate::thin::Thin;

/// That a row of evidence came after its session was sealed, if it was.
pub(crate) fn is_readable() -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM {SEALS} AS seal
             WHERE seal.session = {EVIDENCE}.session AND seal.posted_at >= {EVIDENCE}.posted_at)"
    )
}

/// The newest seal of each session that has one.
pub(crate) fn seals(connection: &Connection, sessions: &[SessionId]) -> Result<Vec<Seal>, Error> {
    let Some((listed, parameters)) = list_of(sessions) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT session, max(posted_at), max(newest_at) FROM {SEALS} WHERE session IN {listed}
         GROUP BY session ORDER BY session"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    let mut seals = Vec::new();
    while let Some(row) = rows.next()? {
        seals.push(Seal {
            session: SessionId::new(row.get::<_, String>(0)?),
            posted_at: Timestamp::from_micros(row.get(1)?),
            newest_at: Timestamp::from_micros(row.get(2)?),
        });
    }
    Ok(seals)
}

/// Seals sessions that there is evidence of.
pub(crate) fn seal(
    connection: &mut Connection,
    sessions: &[SessionId],
    boundary: Timestamp,
) -> Result<(), Error> {
    let Some((listed, mut parameters)) = list_of(sessions) else { return Ok(()) };
    let boundary = parameters.bind(boundary.as_micros());
    let sql = format!(
        "INSERT INTO {SEALS} SELECT session, {boundary}, max(newest_at) FROM {EVIDENCE}
         WHERE session IN {listed} GROUP BY session"
    );
    connection.execute(&sql, params_from_iter(parameters.values()))?;
    Ok(())
}

/// Hashes of all sessions that are forgotten.
pub(crate) fn forgotten(connection: &Connection) -> Result<HashSet<i64>, Error> {
    let mut statement = connection.prepare(&format!("SELECT session_hash FROM {FORGOTTEN}"))?;
    let hashes = statement.query_map([], |row| row.get(0))?;
    Ok(hashes.collect::<Result<_, _>>()?)
}

/// Marks sessions as forgotten.
pub(crate) fn forget(connection: &mut Connection, sessions: &[SessionId]) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare(&format!("INSERT INTO {FORGOTTEN} VALUES ($1)"))?;
    for session in sessions {
        statement.execute([hash_of(session.as_str())])?;
    }
    drop(statement);
    Ok(transaction.commit()?)
}

/// What is kept of a forgotten session's id.
pub(crate) fn hash_of(session: &str) -> i64 {
    ItemKey::of("forgotten session", session).as_i64()
}

/// Sessions with evidence, in order of their ids.
pub(crate) fn sessions(
    connection: &Connection,
    after: Option<&SessionId>,
    limit: usize,
) -> Result<Vec<SessionSpan>, Error> {
    let mut parameters = Parameters::default();
    let after = after.map_or_else(
        || "true".to_owned(),
        |after| format!("session > {}", parameters.bind(after.as_str().to_owned())),
    );
    let limit = parameters.bind(i64::try_from(limit).unwrap_or(i64::MAX));
    // The seals are joined, not asked for each row as [`is_readable`] does: beside an aggregate DuckDB would hold the session
    // and time of every row to do so, which for millions of rows is more memory than it has.
    let sql = format!(
        "SELECT session, max(newest_at),
             coalesce(sum(records) FILTER (sealed_at IS NULL OR sealed_at < posted_at), 0)::BIGINT
         FROM {EVIDENCE}
         LEFT JOIN (SELECT session, max(posted_at) AS sealed_at FROM {SEALS} GROUP BY session) USING (session)
         WHERE {after} GROUP BY session ORDER BY session LIMIT {limit}"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(SessionSpan {
            session: SessionId::new(row.get::<_, String>(0)?),
            newest_at: Timestamp::from_micros(row.get(1)?),
            records: row.get::<_, i64>(2)?.unsigned_abs(),
        });
    }
    Ok(spans)
}

/// Sessions with a line of the actor.
pub(crate) fn sessions_of_actor(connection: &Connection, name: &str) -> Result<Vec<SessionId>, Error> {
    let column = quoted(store::Dimension::ActorName.column().name);
    let sql = format!("SELECT DISTINCT session FROM {LINES} WHERE {column} = $1 ORDER BY session");
    let mut statement = connection.prepare(&sql)?;
    let sessions = statement.query_map([name], |row| row.get::<_, String>(0))?;
    Ok(sessions.map(|session| session.map(SessionId::new)).collect::<Result<_, _>>()?)
}

/// How much a rewriting would find to do.
pub(crate) fn wear(connection: &Connection, how: Rewriting) -> Result<Wear, Error> {
    let before = how.fold_before.unwrap_or(Timestamp::MIN).as_micros();
    let sql = format!("SELECT count(*), count(*) FILTER (sign < 0 AND posted_at < $1) FROM {LINES}");
    let (lines, reversals): (i64, i64) =
        connection.query_row(&sql, [before], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let thick = match how.thin {
        Some(thinning) => Thin::read(connection)?.left(connection, thinning.before)?,
        None => 0,
    };
    let scattered = match how.fold_before {
        Some(before) => gather::scattered(connection, before)?,
        None => 0,
    };
    let batches: i64 =
        connection.query_row(&format!("SELECT count(*) FROM {EVIDENCE}"), [], |row| row.get(0))?;
    Ok(Wear {
        lines: lines.unsigned_abs(),
        reversals: reversals.unsigned_abs(),
        batches: batches.unsigned_abs(),
        scattered,
        thick,
    })
}
