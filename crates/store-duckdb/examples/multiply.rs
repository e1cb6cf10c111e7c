//! Makes a large ledger of a small one, for measuring: everybody in it several times, over several times as long.
//!
//! `cargo run --release -p store-duckdb --example multiply -- FILE PEOPLE SPANS DAYS` changes `FILE` in place: each
//! person is there `PEOPLE` times, and what they did is repeated for `SPANS` spans of `DAYS` days that end where
//! the next begins. Lines lie in the order of their time, as they would have come in. Records are repeated by
//! their number, not their content, so the pages of single sessions tell less than the ledger counts.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for measuring fails by panicking, and prints what it did"
)]

use duckdb::Connection;
use store::schema::columns;

const DAY_MICROS: i64 = 86_400_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, people, spans, days] = arguments.as_slice() else {
        panic_with_usage();
    };
    let number = |text: &str| text.parse::<i64>().expect("a whole number");
    let (people, spans, days) = (number(people), number(spans), number(days));
    let connection = Connection::open(file).expect("a ledger that no server holds");
    connection.execute_batch(KEEP_THE_ORIGINAL).expect("the original is set aside");
    let (first, last): (i64, i64) = connection
        .query_row("SELECT min(at), max(at) FROM original", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("a ledger with lines");
    for span in (0..spans).rev() {
        let back = span * days * DAY_MICROS;
        for day in first / DAY_MICROS..=last / DAY_MICROS {
            let insert = lines_of(day, people, span, back);
            connection.execute_batch(&insert).expect("a day of lines");
        }
        connection.execute_batch(&rest_of(people, span, back)).expect("records and transactions");
        println!("span {} of {spans}", spans - span);
    }
    connection.execute_batch(DROP_THE_ORIGINAL).expect("the original is dropped");
    let lines: i64 =
        connection.query_row("SELECT count(*) FROM lines", [], |row| row.get(0)).expect("a count");
    println!("{lines} lines");
}

fn panic_with_usage() -> ! {
    println!("usage: multiply FILE PEOPLE SPANS DAYS");
    std::process::exit(2);
}

const KEEP_THE_ORIGINAL: &str = "
    CREATE TABLE original AS FROM lines;
    CREATE TABLE original_evidence AS FROM evidence;
    CREATE TABLE original_transactions AS FROM transactions;
    DELETE FROM lines; DELETE FROM evidence; DELETE FROM transactions; DELETE FROM kin;
    CHECKPOINT;
";

const DROP_THE_ORIGINAL: &str = "
    DROP TABLE original; DROP TABLE original_evidence; DROP TABLE original_transactions;
    CHECKPOINT;
";

/// One day of the original for everybody, moved back by so many microseconds.
fn lines_of(day: i64, people: i64, span: i64, back: i64) -> String {
    let column = |name: &str| match name {
        "at" => format!("at - {back}"),
        "session" => named("session", span),
        "actor_name" => {
            "CASE WHEN copy = 0 THEN actor_name ELSE concat(copy, '.', actor_name) END".to_owned()
        }
        // Zero stands for none.
        "item" | "request" | "message" => {
            format!("CASE WHEN \"{name}\" = 0 THEN 0 ELSE (hash(\"{name}\", copy, {span}) >> 1)::BIGINT END")
        }
        other => format!("\"{other}\""),
    };
    let list = columns().map(|each| column(each.name)).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO lines (posted_at, sign, {names})
         SELECT posted_at - {back}, sign, {list} FROM original, range({people}) AS copies(copy)
         WHERE at >= {from} AND at < {until}",
        names = columns().map(|each| format!("\"{}\"", each.name)).collect::<Vec<_>>().join(", "),
        from = day * DAY_MICROS,
        until = (day + 1) * DAY_MICROS,
    )
}

/// What a span has besides lines. The content of every record is the shortest that there is.
fn rest_of(people: i64, span: i64, back: i64) -> String {
    format!(
        "INSERT INTO evidence
         SELECT posted_at - {back}, {session}, source, newest_at - {back}, records, any_value.payload
         FROM original_evidence, range({people}) AS copies(copy),
              (SELECT payload FROM original_evidence ORDER BY octet_length(payload) LIMIT 1) AS any_value;
         INSERT INTO transactions SELECT posted_at - {back} FROM original_transactions;",
        session = named("session", span),
    )
}

/// The id of a copy; the first of the last span keeps its own.
fn named(column: &str, span: i64) -> String {
    format!("CASE WHEN copy = 0 AND {span} = 0 THEN {column} ELSE concat({column}, '-', copy, '-{span}') END")
}
