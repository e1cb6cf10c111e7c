//! The tables, derived from the ledger's columns.

use duckdb::Connection;
use store::schema::{Column, ColumnType, columns};

use crate::error::Error;

/// The ledger's lines: `posted_at`, `sign`, then every column of a posting.
pub(crate) const LINES: &str = "lines";
/// Lines added up: see [`crate::sums`].
pub(crate) const SUMS: &str = "sums";
/// The same without people and sessions: see [`crate::levels`].
pub(crate) const SUMS_OF_WORK: &str = "sums_of_work";
/// The same without what was worked on.
pub(crate) const SUMS_OF_SESSIONS: &str = "sums_of_sessions";
/// The column of sums without kinds that holds how many lines of one kind a row stands for: see
/// [`crate::levels::NUMBERED`].
pub(crate) const LINES_NUMBERED: &str = "lines_numbered";
/// Evidence, one compressed batch a row.
pub(crate) const EVIDENCE: &str = "evidence";
/// Pairs of sessions that share records, both ways round.
pub(crate) const KIN: &str = "kin";
/// The time of every transaction, those that add nothing else included.
pub(crate) const TRANSACTIONS: &str = "transactions";
/// Sessions whose records were given up, and until when.
pub(crate) const SEALS: &str = "seals";
/// Hashes of sessions that were forgotten.
pub(crate) const FORGOTTEN: &str = "forgotten";
/// Facts about the file itself, by name.
pub(crate) const META: &str = "meta";

/// The row of [`META`] that holds the number of the stored format.
pub(crate) const FORMAT_ROW: &str = "format";

/// The row of [`META`] that holds the version of the price book that everything is priced with.
pub(crate) const PRICE_BOOK_ROW: &str = "price_book";

/// The row of [`META`] that holds up to which transaction lines are added up.
pub(crate) const SUMMED_ROW: &str = "summed";

/// The row of [`META`] that holds how many rows of sums there are.
pub(crate) const SUMMED_ROWS_ROW: &str = "summed_rows";

/// The row of [`META`] that holds up to which half hour sums are put together: see [`crate::condense`].
pub(crate) const CONDENSED_ROW: &str = "condensed";

/// The rows of [`META`] that tell of sums, which go when these do.
pub(crate) const ROWS_OF_SUMS: [&str; 3] = [SUMMED_ROW, SUMMED_ROWS_ROW, CONDENSED_ROW];

/// The row of [`META`] that holds which batches of records are thin: see [`crate::thin`].
pub(crate) const THINNED_ROW: &str = "thinned";

/// The row of [`META`] that holds up to when batches of records are together: see [`crate::gather`].
pub(crate) const GATHERED_ROW: &str = "gathered";

/// Rows of [`META`] whose sum is how many bytes of log were folded since parts of tables were put together: see
/// [`crate::folding`].
pub(crate) const FOLDED_ROWS: &str = "folded";

/// Creates every table of the newest format.
pub(crate) fn create_tables(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&lines_table())?;
    connection.execute_batch(OTHER_TABLES)?;
    connection.execute_batch(MARKS)?;
    Ok(())
}

/// What is to go, and what has gone.
pub(crate) const MARKS: &str = "
    CREATE TABLE seals (session VARCHAR NOT NULL, posted_at BIGINT NOT NULL, newest_at BIGINT NOT NULL);
    CREATE TABLE forgotten (session_hash BIGINT NOT NULL);
";

/// What is not derived from columns.
///
/// `payload` is written by `store::codec`, which compresses it: DuckDB, which would do so again, has to unpack the payloads of
/// two thousand rows then to hand one over. There are no indexes and no unique keys: each would be paid for
/// by every append, and nothing is ever looked for that a scan of a few narrow columns does not find.
const OTHER_TABLES: &str = "
    CREATE TABLE evidence (
        posted_at BIGINT NOT NULL,
        session VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        newest_at BIGINT NOT NULL,
        records BIGINT NOT NULL,
        payload BLOB NOT NULL USING COMPRESSION uncompressed
    );
    CREATE TABLE kin (session VARCHAR NOT NULL, relative VARCHAR NOT NULL);
    CREATE TABLE transactions (posted_at BIGINT NOT NULL);
    CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
";

fn lines_table() -> String {
    let columns: String = columns()
        .map(|column| format!(", {} {} NOT NULL", quoted(column.name), sql_type(column.column_type)))
        .collect();
    format!("CREATE TABLE {LINES} (posted_at BIGINT NOT NULL, sign TINYINT NOT NULL{columns})")
}

pub(crate) const fn sql_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text => "VARCHAR",
        ColumnType::Integer => "BIGINT",
        ColumnType::Boolean => "BOOLEAN",
    }
}

/// The names of a table's columns, in its order; an error where there is no such table. DuckDB's list of all
/// columns would be twenty times as dear: it has every view there is worked out.
pub(crate) fn column_names(connection: &Connection, table: &'static str) -> Result<Vec<String>, Error> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
    let mut statement = connection.prepare(&sql)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// A column's name as SQL writes it; some of ours are words of the language, such as `at`.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// All columns of a posting, as a list for `SELECT`.
pub(crate) fn column_list<'a>(columns: impl Iterator<Item = &'a Column>) -> String {
    columns.map(|column| quoted(column.name)).collect::<Vec<_>>().join(", ")
}
