//! What folding the write-ahead log leaves in the file.

use std::path::Path;

use duckdb::Connection;
use store::{Maintenance as _, Rewriting, Store};
use store_duckdb::{DuckDbStore, Settings};

use crate::crash::{assert_whole_and_once, newest, transaction};

const FOLDS: usize = 4;

/// Writes a few transactions and closes the ledger, which folds the log, so often.
async fn folded(file: &Path, settings: &Settings) {
    for _ in 0..FOLDS {
        let store = DuckDbStore::open_with(file, settings.clone()).unwrap();
        let newest = newest(&store).await;
        for number in 1..=3 {
            store.append(transaction(newest + number)).await.unwrap();
        }
        store.close().await.unwrap();
        assert!(!file.with_extension("duckdb.wal").exists(), "nothing is left in a log");
    }
}

/// Takes every file for a large one, and every log of more bytes for a long one.
fn large_beyond(little_log: u64) -> Settings {
    Settings { small_file: 0, little_log, ..Settings::default() }
}

/// Parts of the table of lines, and bytes of log that are noted as folded without putting any together.
fn parts_and_note(file: &Path) -> (usize, i64) {
    let connection = Connection::open(file).unwrap();
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let parts = one("SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('lines')");
    let note = one("SELECT coalesce(sum(value::BIGINT), 0)::BIGINT FROM meta WHERE name = 'folded'");
    (usize::try_from(parts).unwrap(), note)
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_small_ledger_are_put_together() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    folded(&file, &Settings::default()).await;
    assert_eq!(parts_and_note(&file), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_large_ledger_stay_until_it_is_written_anew() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    folded(&file, &large_beyond(0)).await;
    let (parts, note) = parts_and_note(&file);
    assert_eq!(parts, FOLDS);
    assert!(note > 0);

    let store = DuckDbStore::open(&file).unwrap();
    assert_whole_and_once(&store, 3 * FOLDS as i64).await;
    store.rewrite(Rewriting::default()).await.unwrap();
    assert_whole_and_once(&store, 3 * FOLDS as i64).await;
    store.close().await.unwrap();
    assert_eq!(parts_and_note(&file), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_put_together_once_little_was_folded() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    folded(&file, &large_beyond(0)).await;
    let (_, note) = parts_and_note(&file);
    folded(&file, &large_beyond(2 * note.unsigned_abs())).await;
    assert_eq!(parts_and_note(&file), (1, 0));
}
