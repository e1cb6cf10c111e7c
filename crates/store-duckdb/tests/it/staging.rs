//! Transactions that become durable together.

use std::path::Path;

use model::{ItemKey, Timestamp};
use store::{Figure, Maintenance as _, Measure, Query, Store, StoreError, Transaction};
use store_duckdb::DuckDbStore;

use crate::crash::{
    LINES_IN_A_TRANSACTION, WRITE_TO, assert_whole_and_once, killed_while_writing, newest, open, session,
    transaction,
};

/// More lines than a part of a table holds, which DuckDB writes into the file as soon as it is full.
const MANY_LINES: i64 = 150_000;
/// Transactions that have them.
const LARGE: i64 = 3;

async fn prompts(store: &DuckDbStore) -> i128 {
    let query = Query { figures: vec![Figure::Sum(Measure::Prompts)], ..Query::default() };
    store.aggregate(&query).await.unwrap().first().map_or(0, |row| row.figures[0])
}

/// The same transaction with so many lines more that the large ones together have [`MANY_LINES`].
fn large(number: i64) -> Transaction {
    let mut transaction = transaction(number);
    let posting = transaction.lines.iter().map(|(_, posting)| posting.clone()).next().unwrap();
    let more = (LINES_IN_A_TRANSACTION..MANY_LINES / LARGE).map(|part| {
        let item = ItemKey::of("prompt", &format!("{number} {part}"));
        model::Posting { item, ..posting.clone() }
    });
    transaction.lines.enter(more.collect());
    transaction
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_staged_is_the_writers_alone_until_it_is_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    let store = open(&file);
    store.append(transaction(1)).await.unwrap();
    store.stage(transaction(2)).await.unwrap();
    store.stage(transaction(3)).await.unwrap();
    assert_eq!((newest(&store).await, prompts(&store).await), (1, 20));
    assert_eq!(store.evidence(&[session()]).await.unwrap().len(), 3);
    assert_eq!(store.session_lines(&[session()]).await.unwrap().len(), 60);
    assert_eq!(store.kin(&[session()]).await.unwrap().len(), 3);
    store.confirm().await.unwrap();
    assert_eq!(newest(&store).await, 3);
    assert_whole_and_once(&store, 3).await;

    store.stage(transaction(4)).await.unwrap();
    store.append(transaction(5)).await.unwrap();
    assert_eq!(newest(&store).await, 5);
    store.close().await.unwrap();
    assert_whole_and_once(&open(&file), 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_confirmed_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    let store = open(&file);
    store.append(transaction(1)).await.unwrap();
    store.stage(transaction(2)).await.unwrap();
    // An error takes everything along that was staged.
    let again = store.stage(transaction(2)).await;
    assert!(matches!(again, Err(StoreError::OutOfOrder { .. })), "{again:?}");
    assert_eq!(store.evidence(&[session()]).await.unwrap().len(), 1);
    store.confirm().await.unwrap();
    assert_whole_and_once(&store, 1).await;

    store.stage(transaction(2)).await.unwrap();
    store.close().await.unwrap();
    let store = open(&file);
    assert_eq!(newest(&store).await, 1);
    assert_whole_and_once(&store, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_is_written_confirms_before() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    let copy = directory.path().join("copy.duckdb");
    let store = open(&file);
    store.stage(transaction(1)).await.unwrap();
    store.note_priced_with("another").await.unwrap();
    assert_eq!(newest(&store).await, 1);
    store.stage(transaction(2)).await.unwrap();
    assert_eq!(store.back_up(&copy).await.unwrap(), Timestamp::from_seconds(2));
    assert_whole_and_once(&open(&copy), 2).await;
    store.stage(transaction(3)).await.unwrap();
    store.rewrite(store::Rewriting::default()).await.unwrap();
    assert_whole_and_once(&store, 3).await;
    store.stage(transaction(4)).await.unwrap();
    store.confirm().await.unwrap();
    assert_whole_and_once(&store, 4).await;
}

/// Rounds of the test below that end with what was staged.
const UNCONFIRMED: i64 = 2;

/// Makes a small transaction durable, stages large ones, says so, and waits; the last time they are confirmed too.
async fn stage_until_killed(file: &Path) {
    let store = open(file);
    let mut durable = newest(&store).await + 1;
    store.append(transaction(durable)).await.unwrap();
    for number in 1..=LARGE {
        store.stage(large(durable + number)).await.unwrap();
    }
    if durable > UNCONFIRMED {
        store.confirm().await.unwrap();
        durable += LARGE;
    }
    println!("acknowledged {durable}");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_what_was_confirmed() {
    if let Some(file) = std::env::var_os(WRITE_TO) {
        return stage_until_killed(Path::new(&file)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    let killed = || killed_while_writing("staging::a_kill_leaves_what_was_confirmed", &file, 1);
    for round in 1..=UNCONFIRMED {
        assert_eq!(killed(), round);
        let store = open(&file);
        assert_eq!(newest(&store).await, round);
        assert_whole_and_once(&store, round).await;
        store.close().await.unwrap();
    }
    // Now the log has to tell where the lines are.
    assert_eq!(killed(), UNCONFIRMED + 1 + LARGE);
    let store = open(&file);
    assert_eq!(newest(&store).await, UNCONFIRMED + 1 + LARGE);
    let small = (UNCONFIRMED + 1) * LINES_IN_A_TRANSACTION;
    assert_eq!(prompts(&store).await, i128::from(small + MANY_LINES));
    assert_eq!(store.evidence(&[session()]).await.unwrap().len() as i64, UNCONFIRMED + 1 + LARGE);
}
