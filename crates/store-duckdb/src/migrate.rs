//! The stored format: which one a file has, and the way from each to the next.

use duckdb::{Connection, OptionalExt as _};
use store::StoreError;

use crate::ddl;
use crate::error::Error;

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
    if is_empty(connection)? {
        let transaction = connection.transaction()?;
        ddl::create_tables(&transaction)?;
        let insert = format!("INSERT INTO {} VALUES ($1, $2)", ddl::META);
        transaction.execute(&insert, [ddl::FORMAT_ROW, &newest.to_string()])?;
        transaction.commit()?;
        return Ok(());
    }
    let found = format_of(connection)?;
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

fn is_empty(connection: &Connection) -> Result<bool, Error> {
    Ok(connection.query_row("SELECT count(*) = 0 FROM duckdb_tables()", [], |row| row.get(0))?)
}

/// The format's number as stored. A file with tables but without one was not made by Pitwall.
fn format_of(connection: &Connection) -> Result<u32, Error> {
    let has_meta = "SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = $1";
    let has_meta: bool = connection.query_row(has_meta, [ddl::META], |row| row.get(0))?;
    let stored: Option<String> = if has_meta {
        let select = format!("SELECT value FROM {} WHERE name = $1", ddl::META);
        connection.query_row(&select, [ddl::FORMAT_ROW], |row| row.get(0)).optional()?
    } else {
        None
    };
    let format = stored.and_then(|text| text.parse().ok());
    Ok(format.ok_or_else(|| StoreError::Damaged("the file names no format: it is not a ledger".into()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A later version: format 2 brought a column, format 3 filled it.
    const LATER: &[Step] = &[
        Step { from: 1, sql: "ALTER TABLE kin ADD COLUMN reason VARCHAR DEFAULT ''" },
        Step { from: 2, sql: "UPDATE kin SET reason = 'copied lines'" },
    ];

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
