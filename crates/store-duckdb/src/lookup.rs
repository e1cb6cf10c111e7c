//! Looks up what belongs to sessions and to requests.

use duckdb::{Connection, params_from_iter};
use model::{EvidenceBatch, ItemKey, LedgerLine, SessionId, SessionSource, Source, Timestamp};
use store::schema::Dimension;
use store::{StoreError, codec};

use crate::ddl::{EVIDENCE, KIN, LINES, quoted};
use crate::error::Error;
use crate::known::Search;
use crate::marks::is_readable;
use crate::parameters::{Parameters, number, word};
use crate::rows;
use crate::volumes::Span;

/// All evidence of the sessions, oldest transaction first. There is none that is not `new_enough`, as SQL; see
/// [`crate::whereabouts`].
pub(crate) fn evidence(
    connection: &Connection,
    sessions: &[SessionId],
    new_enough: &str,
) -> Result<Vec<EvidenceBatch>, Error> {
    Ok(undated(dated_evidence(connection, sessions, new_enough)?))
}

/// The same from one source.
pub(crate) fn evidence_from(
    connection: &Connection,
    source: Source,
    sessions: &[SessionId],
    new_enough: &str,
) -> Result<Vec<EvidenceBatch>, Error> {
    let condition = format!("{new_enough} AND source = {}", word(source.as_str()));
    Ok(undated(evidence_where(connection, sessions, &condition)?))
}

fn undated(evidence: Vec<(Timestamp, EvidenceBatch)>) -> Vec<EvidenceBatch> {
    evidence.into_iter().map(|(_, batch)| batch).collect()
}

/// The same, with the times of the transactions.
pub(crate) fn dated_evidence(
    connection: &Connection,
    sessions: &[SessionId],
    new_enough: &str,
) -> Result<Vec<(Timestamp, EvidenceBatch)>, Error> {
    evidence_where(connection, sessions, new_enough)
}

fn evidence_where(
    connection: &Connection,
    sessions: &[SessionId],
    condition: &str,
) -> Result<Vec<(Timestamp, EvidenceBatch)>, Error> {
    let Some((listed, parameters)) = list_of(sessions) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT posted_at, rowid, session, source, payload FROM {EVIDENCE}
         WHERE session IN {listed} AND {condition} AND {}",
        is_readable()
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    let mut decoder = codec::Decoder::new()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let place: (i64, i64) = (row.get(0)?, row.get(1)?);
        let source = source_of(&row.get::<_, String>(3)?)?;
        let payload = row.get_ref(4)?;
        let payload = payload.as_blob().map_err(|error| StoreError::Damaged(error.to_string()))?;
        let session = SessionId::new(row.get::<_, String>(2)?);
        found.push((place, decoder.decode(session, source, payload)?));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|((posted_at, _), batch)| (Timestamp::from_micros(posted_at), batch)).collect())
}

/// All lines of the sessions. Of lines that are staged DuckDB believes that there are none, and would rather copy all of
/// them into a table of hashes than the list of sessions; a condition that is more than the list's makes it look each line
/// up in that.
pub(crate) fn session_lines(
    connection: &Connection,
    sessions: &[SessionId],
    are_staged: bool,
) -> Result<Vec<LedgerLine>, Error> {
    let Some((listed, parameters)) = list_of(sessions) else { return Ok(Vec::new()) };
    let is_listed = format!("session IN {listed}");
    let condition = if are_staged { format!("coalesce({is_listed}, false)") } else { is_listed };
    rows::select(connection, &format!("{LINES} WHERE {condition}"), &parameters)
}

/// The sessions that evidence was kept for at or after a transaction time, with a record that is new enough.
pub(crate) fn sessions_since(
    connection: &Connection,
    posted_at: Timestamp,
    newest_at: Timestamp,
) -> Result<Vec<SessionId>, Error> {
    let sql = format!(
        "SELECT session FROM {EVIDENCE} WHERE posted_at >= {} AND newest_at >= {}",
        number(posted_at.as_micros()),
        number(newest_at.as_micros())
    );
    let mut statement = connection.prepare(&sql)?;
    let sessions = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut sessions: Vec<SessionId> =
        sessions.map(|session| session.map(SessionId::new)).collect::<Result<_, _>>()?;
    once_each(&mut sessions);
    Ok(sessions)
}

/// The sessions that requests were posted to, by either key.
pub(crate) fn sessions_of_requests(
    connection: &Connection,
    searches: &[Search],
) -> Result<Vec<(ItemKey, SessionId)>, Error> {
    let mut found = Vec::new();
    for search in searches {
        for (dimension, keys) in
            [(Dimension::Request, &search.requests), (Dimension::Message, &search.messages)]
        {
            find_requests(connection, dimension, keys, search.among, &mut found)?;
        }
    }
    once_each(&mut found);
    Ok(found)
}

fn find_requests(
    connection: &Connection,
    dimension: Dimension,
    keys: &[ItemKey],
    among: Option<Span>,
    found: &mut Vec<(ItemKey, SessionId)>,
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let column = quoted(dimension.column().name);
    let mut parameters = Parameters::default();
    let listed = parameters.bind_integers(keys.iter().map(|key| key.as_i64()));
    let among = among.map_or_else(String::new, |span| {
        let [from, until] = [span.from, span.until].map(|at| number(at.as_micros()));
        format!(" AND posted_at >= {from} AND posted_at <= {until}")
    });
    let sql = format!("SELECT {column}, session FROM {LINES} WHERE {column} IN {listed}{among}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    while let Some(row) = rows.next()? {
        let session = SessionId::new(row.get::<_, String>(1)?);
        found.extend(ItemKey::from_stored(row.get(0)?).map(|key| (key, session)));
    }
    Ok(())
}

/// In order, each once. To have DuckDB tell rows apart takes it a hash table of megabytes for each of its threads, however
/// few rows there are.
fn once_each<T: Ord>(found: &mut Vec<T>) {
    found.sort_unstable();
    found.dedup();
}

/// The kept pairs that have one of the sessions, that one first.
pub(crate) fn kin(
    connection: &Connection,
    sessions: &[SessionId],
) -> Result<Vec<(SessionId, SessionId)>, Error> {
    let Some((listed, parameters)) = list_of(sessions) else { return Ok(Vec::new()) };
    let sql = format!("SELECT session, relative FROM {KIN} WHERE session IN {listed}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (session, relative): (String, String) = (row.get(0)?, row.get(1)?);
        found.push((SessionId::new(session), SessionId::new(relative)));
    }
    once_each(&mut found);
    Ok(found)
}

/// The sessions, to stand behind `IN`, with what has to be bound; nothing when there are none.
pub(crate) fn list_of(sessions: &[SessionId]) -> Option<(String, Parameters)> {
    if sessions.is_empty() {
        return None;
    }
    let mut parameters = Parameters::default();
    let listed = parameters.bind_texts(sessions.iter().map(SessionId::as_str));
    Some((listed, parameters))
}

/// What each source told of each of the sessions, by session and source.
pub(crate) fn session_sources(
    connection: &Connection,
    sessions: &[SessionId],
    new_enough: &str,
) -> Result<Vec<SessionSource>, Error> {
    let Some((listed, parameters)) = list_of(sessions) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT session, source, sum(records)::BIGINT, max(newest_at)
         FROM {EVIDENCE} WHERE session IN ({listed}) AND {new_enough} GROUP BY session, source"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters.values()))?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        told.push(SessionSource {
            session: SessionId::new(row.get::<_, String>(0)?),
            source: source_of(&row.get::<_, String>(1)?)?,
            records: row.get::<_, i64>(2)?.unsigned_abs(),
            newest_at: Timestamp::from_micros(row.get(3)?),
        });
    }
    told.sort_unstable();
    Ok(told)
}

pub(crate) fn source_of(name: &str) -> Result<Source, StoreError> {
    Source::from_name(name)
        .ok_or_else(|| StoreError::Damaged(format!("evidence from \"{name}\", an unknown source")))
}
