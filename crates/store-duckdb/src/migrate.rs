//! The stored format: which one a file has, and the way from each to the next.

use duckdb::Connection;
use store::StoreError;

use crate::ddl;
use crate::error::Error;
use crate::notes;

/// The format this version writes. It rises with every change to a table, a new column included, so that an
/// older version refuses the file instead of leaving the column empty.
pub(crate) const FORMAT: u32 = 5;

/// The way from one format to the next.
struct Step {
    /// The format it starts from; it ends at the following number.
    from: u32,
    /// What it does, in SQL. Runs in one transaction with the change of the format's number.
    sql: &'static str,
}

/// Every step there has been, oldest first. A step is never changed once released.
const STEPS: &[Step] = &[
    // The organization that lines came in for: until then there was only the default one.
    Step {
        from: 1,
        sql: "ALTER TABLE lines ADD COLUMN tenant VARCHAR DEFAULT '';
              ALTER TABLE lines ALTER COLUMN tenant SET NOT NULL;
              ALTER TABLE lines ALTER COLUMN tenant DROP DEFAULT;",
    },
    Step { from: 2, sql: ddl::MARKS },
    // Lines added up. `sums::prepare` makes their table; an older version does not know to leave them out when it
    // writes the file anew.
    Step { from: 3, sql: "" },
    // Lines added up in several tables: an older version would go on with one of them alone.
    Step { from: 4, sql: "" },
];

/// Brings a file to the newest format: creates the tables of an empty one, takes the missing steps on an
/// older one, refuses a newer one.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    take_steps(connection, FORMAT, STEPS)
}

fn take_steps(connection: &mut Connection, newest: u32, steps: &[Step]) -> Result<(), Error> {
    let found = match notes::read(connection, ddl::FORMAT_ROW) {
        Ok(noted) => number(noted)?,
        // Looked into only now, since it takes longer than everything else that opening a ledger asks.
        Err(_) if is_empty(connection)? => return create(connection, newest),
        Err(error) if has_meta(connection)? => return Err(error),
        Err(_) => return Err(no_ledger()),
    };
    if found > newest {
        return Err(StoreError::NewerFormat { found, known: newest }.into());
    }
    for step in steps.iter().filter(|step| step.from >= found) {
        tracing::info!(from = step.from, to = step.from + 1, "bringing the ledger to a newer format");
        let transaction = connection.transaction()?;
        transaction.execute_batch(step.sql)?;
        let update = format!("UPDATE {} SET value = $1 WHERE name = $2", ddl::META);
        transaction.execute(&update, [&(step.from + 1).to_string(), ddl::FORMAT_ROW])?;
        transaction.commit()?;
    }
    Ok(())
}

fn create(connection: &mut Connection, format: u32) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    ddl::create_tables(&transaction)?;
    let insert = format!("INSERT INTO {} VALUES ($1, $2)", ddl::META);
    transaction.execute(&insert, [ddl::FORMAT_ROW, &format.to_string()])?;
    Ok(transaction.commit()?)
}

fn is_empty(connection: &Connection) -> Result<bool, Error> {
    Ok(connection.query_row("SELECT count(*) = 0 FROM duckdb_tables()", [], |row| row.get(0))?)
}

fn has_meta(connection: &Connection) -> Result<bool, Error> {
    let sql = "SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = $1";
    Ok(connection.query_row(sql, [ddl::META], |row| row.get(0))?)
}

/// The format's number as noted.
fn number(noted: Option<String>) -> Result<u32, Error> {
    noted.and_then(|text| text.parse().ok()).ok_or_else(no_ledger)
}

/// A file with tables but without a format was not made by Pitwall.
fn no_ledger() -> Error {
    StoreError::Damaged("the file names no format: it is not a ledger".into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A later version: format 2 brought a column, format 3 filled it.
    const LATER: &[Step] = &[
        Step { from: 1, sql: "ALTER TABLE kin ADD COLUMN reason VARCHAR DEFAULT ''" },
        Step { from: 2, sql: "UPDATE kin SET reason = 'copied lines'" },
    ];

    fn format_of(connection: &Connection) -> Result<u32, Error> {
        number(notes::read(connection, ddl::FORMAT_ROW)?)
    }

    fn of_format_1() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        take_steps(&mut connection, 1, &[]).unwrap();
        connection.execute_batch("INSERT INTO kin VALUES ('a', 'b')").unwrap();
        connection
    }

    #[test]
    fn missing_steps_are_taken_in_order_and_once() {
        let mut connection = of_format_1();
        for _ in 0..2 {
            take_steps(&mut connection, 3, LATER).unwrap();
            assert_eq!(format_of(&connection).unwrap(), 3);
            let reason: String =
                connection.query_row("SELECT reason FROM kin", [], |row| row.get(0)).unwrap();
            assert_eq!(reason, "copied lines");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_format_before_it() {
        let mut connection = of_format_1();
        let broken = [
            Step { from: 1, sql: "ALTER TABLE kin ADD COLUMN reason VARCHAR DEFAULT ''" },
            Step { from: 2, sql: "UPDATE kin SET reason = 'x'; SELECT * FROM nowhere" },
        ];
        take_steps(&mut connection, 3, &broken).unwrap_err();
        assert_eq!(format_of(&connection).unwrap(), 2);
        let reason: String = connection.query_row("SELECT reason FROM kin", [], |row| row.get(0)).unwrap();
        assert_eq!(reason, "");
    }

    #[test]
    fn steps_are_complete() {
        let starts: Vec<u32> = STEPS.iter().map(|step| step.from).collect();
        assert_eq!(starts, (1..FORMAT).collect::<Vec<_>>());
    }

    #[test]
    fn a_newer_format_is_refused() {
        let mut connection = of_format_1();
        take_steps(&mut connection, 3, LATER).unwrap();
        let refused = take_steps(&mut connection, 1, &[]).unwrap_err();
        assert!(matches!(refused, Error::Store(StoreError::NewerFormat { found: 3, known: 1 })), "{refused}");
    }

    #[test]
    fn a_strange_file_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE customers (name VARCHAR)").unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(matches!(refused, Error::Store(StoreError::Damaged(_))), "{refused}");
    }
}
