//! What is added up ahead of the questions is only ever what the lines say.

use std::path::Path;

use duckdb::Connection;
use model::{ItemKey, Kind, Posting, Sign, Timestamp};
use store::{Dimension, Figure, Filter, Group, Maintenance as _, Measure, Query, Store as _, Transaction};
use store_duckdb::{DuckDbStore, Settings};

const HOUR: i64 = 3_600_000_000;

fn open(file: &Path) -> DuckDbStore {
    open_to_sum_at(file, 1)
}

fn open_to_sum_at(file: &Path, sum_at: u64) -> DuckDbStore {
    DuckDbStore::open_with(file, Settings { sum_at, ..Settings::default() }).unwrap()
}

/// A request an hour of two sessions, 10 tokens each, in four transactions.
async fn fill(store: &DuckDbStore) {
    for number in 0..4 {
        let lines = ["one", "two"].map(|session| {
            let item = ItemKey::of(session, &number.to_string());
            let at = Timestamp::from_micros(number * HOUR);
            let mut posting = Posting::new(Kind::Request, at, session.into(), item);
            posting.measures.requests = 1;
            posting.measures.tokens.input = 10;
            (Sign::Entry, posting)
        });
        let posted_at = Timestamp::from_micros(number + 1);
        store.append(Transaction { posted_at, lines: lines.into(), ..Transaction::default() }).await.unwrap();
    }
    store.add_up().await.unwrap();
}

const TOKENS: Figure = Figure::Sum(Measure::Input);

async fn tokens(store: &DuckDbStore, by: &[Dimension]) -> Vec<i128> {
    figures(store, TOKENS, by).await
}

async fn figures(store: &DuckDbStore, figure: Figure, by: &[Dimension]) -> Vec<i128> {
    let figures = vec![figure];
    let group_by = by.iter().copied().map(Group::Dimension).collect();
    let rows = store.aggregate(&Query { figures, group_by, ..Query::default() }).await.unwrap();
    rows.iter().map(|row| row.figures[0]).collect()
}

/// Changes four rows of one of the tables behind the store's back.
async fn wrong_sums_are_found_and_made_anew(
    change: &str,
    (figure, by): (Figure, &[Dimension]),
    (right, wrong): (&[i128], &[i128]),
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.duckdb");
    let store = open(&file);
    fill(&store).await;
    assert!(store.audit().await.unwrap().wrongly_added.is_empty());
    store.close().await.unwrap();
    let database = Connection::open(&file).unwrap();
    assert_eq!(database.execute(change, []).unwrap(), 4, "a row for each hour");
    database.close().unwrap();

    let store = open(&file);
    assert_eq!(figures(&store, figure, by).await, wrong, "the question reads these sums");
    assert_eq!(store.audit().await.unwrap().wrongly_added, ["two".into()]);
    store.derive_anew().await.unwrap();
    store.add_up().await.unwrap();
    assert_eq!(figures(&store, figure, by).await, right);
    assert!(store.audit().await.unwrap().wrongly_added.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sums_of_everything_are_found_and_made_anew() {
    let change = "UPDATE sums SET input_tokens = 11 WHERE session = 'two'";
    let by = [Dimension::Session, Dimension::Kind];
    wrong_sums_are_found_and_made_anew(change, (TOKENS, &by), (&[40, 40], &[40, 44])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sums_of_sessions_are_found_and_made_anew() {
    let change = "UPDATE sums_of_sessions SET input_tokens = 11 WHERE session = 'two'";
    wrong_sums_are_found_and_made_anew(change, (TOKENS, &[Dimension::Session]), (&[40, 40], &[40, 44])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_numbers_of_requests_are_found_and_made_anew() {
    let change = "UPDATE sums_of_sessions SET lines_numbered = 0 WHERE session = 'two'";
    let asked: (Figure, &[Dimension]) = (Figure::Distinct(Dimension::Session, Some(Kind::Request)), &[]);
    wrong_sums_are_found_and_made_anew(change, asked, (&[2], &[1])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sums_of_work_are_found_and_made_anew() {
    let change = "UPDATE sums_of_work SET input_tokens = 21";
    wrong_sums_are_found_and_made_anew(change, (TOKENS, &[Dimension::Model]), (&[80], &[84])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_lines_are_added_up_later_and_few_lines_not_at_all() {
    // Four transactions of two lines each.
    for (sum_at, until) in [(1, Some("4")), (5, Some("3")), (8, Some("3")), (9, None)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.duckdb");
        let store = open_to_sum_at(&file, sum_at);
        fill(&store).await;
        assert_eq!(tokens(&store, &[Dimension::Session]).await, [40, 40]);
        store.close().await.unwrap();
        let noted = Connection::open(&file).unwrap().query_row(
            "SELECT max(value) FROM meta WHERE name = 'summed'",
            [],
            |row| row.get::<_, Option<String>>(0),
        );
        assert_eq!(noted.unwrap().as_deref(), until, "added up from {sum_at} lines on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_in_no_sum() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.duckdb"));
    fill(&store).await;
    store.forget(&["two".into()]).await.unwrap();
    store.rewrite(store::Rewriting::default()).await.unwrap();
    assert_eq!(tokens(&store, &[Dimension::Session]).await, [40]);
    store.add_up().await.unwrap();
    assert_eq!(tokens(&store, &[Dimension::Session]).await, [40]);
    assert!(store.audit().await.unwrap().wrongly_added.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_a_half_hour_become_one_once_it_is_over() {
    const MINUTE: i64 = HOUR / 60;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.duckdb");
    let store = open(&file);
    // A request a minute, added up each by itself, until ten minutes after the next half hour.
    for minute in 0..=70 {
        let at = Timestamp::from_micros(minute * MINUTE);
        let item = ItemKey::of("one", &minute.to_string());
        let mut posting = Posting::new(Kind::Request, at, "one".into(), item);
        posting.measures.requests = 1;
        posting.measures.tokens.input = 10;
        let lines = vec![(Sign::Entry, posting)];
        store
            .append(Transaction { posted_at: at, lines: lines.into(), ..Transaction::default() })
            .await
            .unwrap();
        store.add_up().await.unwrap();
    }
    assert_eq!(tokens(&store, &[Dimension::Session]).await, [710]);
    assert!(store.audit().await.unwrap().wrongly_added.is_empty());
    store.close().await.unwrap();

    let database = Connection::open(&file).unwrap();
    for table in ["sums", "sums_of_sessions", "sums_of_work"] {
        let sql = format!("SELECT times FROM {table} WHERE \"at\" < {HOUR} ORDER BY \"at\"");
        let mut statement = database.prepare(&sql).unwrap();
        let times: Vec<i64> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(times, [30, 30], "{table}: a row for each of the two half hours");
    }
    assert_eq!(condensed(&database).as_deref(), Some("3600000000"));
    database.close().unwrap();

    // Sums that are made again are apart again.
    let store = open(&file);
    store.rewrite(store::Rewriting::default()).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(condensed(&Connection::open(&file).unwrap()), None);
}

/// Up to which half hour sums are noted to be together.
fn condensed(database: &Connection) -> Option<String> {
    let noted = "SELECT max(value) FROM meta WHERE name = 'condensed'";
    database.query_row(noted, [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_told_the_cost_of_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.duckdb");
    let store = open(&file);
    let lines = [7, 0].map(|reported| {
        let item = ItemKey::of("one", &reported.to_string());
        let mut posting = Posting::new(Kind::Request, Timestamp::from_micros(HOUR), "one".into(), item);
        posting.measures.tokens.input = 10;
        posting.measures.cost_reported = reported;
        (Sign::Entry, posting)
    });
    let transaction = Transaction {
        posted_at: Timestamp::from_micros(HOUR),
        lines: lines.into(),
        ..Transaction::default()
    };
    store.append(transaction).await.unwrap();
    store.add_up().await.unwrap();
    assert_eq!(tokens(&store, &[Dimension::Model]).await, [20]);
    store.close().await.unwrap();
    // So that only an answer from sums is right.
    let database = Connection::open(&file).unwrap();
    assert_eq!(database.execute("UPDATE lines SET input_tokens = 0", []).unwrap(), 2);
    database.close().unwrap();

    let filter = Filter { any_of: vec![Measure::CostReported], ..Filter::default() };
    let query = Query {
        figures: vec![TOKENS],
        group_by: vec![Group::Dimension(Dimension::Model)],
        filter,
        ..Query::default()
    };
    let rows = open(&file).aggregate(&query).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.figures[0]).collect::<Vec<_>>(), [10]);
}
