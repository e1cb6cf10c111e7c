//! Facts about the ledger as a whole, by name, in the table of facts about the file.

use duckdb::{Connection, OptionalExt as _};

use crate::ddl::META;
use crate::error::Error;
use crate::parameters::word;

/// The fact, when it was noted.
pub(crate) fn read(connection: &Connection, name: &'static str) -> Result<Option<String>, Error> {
    let select = format!("SELECT value FROM {META} WHERE name = {}", word(name));
    Ok(connection.query_row(&select, [], |row| row.get(0)).optional()?)
}

/// Notes the fact in place of what was noted before.
pub(crate) fn write(connection: &mut Connection, name: &str, value: &str) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    put(&transaction, name, value)?;
    Ok(transaction.commit()?)
}

/// The same within a transaction, or where nobody else reads.
pub(crate) fn put(connection: &Connection, name: &str, value: &str) -> Result<(), Error> {
    connection.execute(&format!("DELETE FROM {META} WHERE name = $1"), [name])?;
    connection.execute(&format!("INSERT INTO {META} VALUES ($1, $2)"), [name, value])?;
    Ok(())
}
