//! Files of older formats open with everything they held; files we do not understand are left alone.

use std::path::Path;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use state::{Authentication, Error, FORMAT_VERSION, Files as _, KeyAction, KeyKind, Keys as _, SqliteState};

use crate::{at, new_key};

const FORMAT_1: &str = include_str!("fixtures/format_1.sql");
const INGEST_KEY: &str = "pw-ingest-ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
const REVOKED_KEY: &str = "pw-viewer-QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8";

/// A connection beside Pitwall's, as another program would open one.
async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn write_database(path: &Path, sql: &'static str) {
    let mut connection = connect(path).await;
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn format_of(path: &Path) -> i64 {
    let mut connection = connect(path).await;
    sqlx::query_scalar("pragma user_version").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn format_1_opens_with_everything_it_held() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    write_database(&path, FORMAT_1).await;
    assert_eq!(format_of(&path).await, 1);

    let state = SqliteState::open(&path).await.unwrap();
    assert_eq!(format_of(&path).await, FORMAT_VERSION);
    let Authentication::Valid(key) = state.authenticate(INGEST_KEY, at(600)).await.unwrap() else {
        panic!("the key of the old file is not valid");
    };
    assert_eq!((key.kind, key.name.as_str(), key.last_used_at), (KeyKind::Ingest, "ci", Some(at(60))));
    assert_eq!(key.organization.unwrap().as_str(), "acme");
    let revoked = state.authenticate(REVOKED_KEY, at(600)).await.unwrap();
    assert!(
        matches!(&revoked, Authentication::Revoked(key) if key.revoked_at == Some(at(100))),
        "{revoked:?}"
    );
    let actions: Vec<_> = state.audit(10).await.unwrap().iter().map(|event| event.action).collect();
    assert_eq!(actions, [KeyAction::Revoked, KeyAction::FirstUsed, KeyAction::Created, KeyAction::Created]);

    assert_eq!(state.file_cursors().await.unwrap(), []);
    assert_eq!(state.rejections().await.unwrap(), []);
    state.create_key(new_key(KeyKind::Admin, "bi"), at(600)).await.unwrap();
    state.close().await.unwrap();
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    write_database(&path, FORMAT_1).await;
    for _ in 0..2 {
        let state = SqliteState::open(&path).await.unwrap();
        assert_eq!(state.list_keys().await.unwrap().len(), 2);
        state.close().await.unwrap();
    }
    // A number that was lost, as by a copy with another tool, runs every step again over what is there.
    write_database(&path, "pragma user_version = 0").await;
    let state = SqliteState::open(&path).await.unwrap();
    assert_eq!(state.list_keys().await.unwrap().len(), 2);
    assert_eq!(format_of(&path).await, FORMAT_VERSION);
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    SqliteState::open(&path).await.unwrap().close().await.unwrap();
    write_database(&path, "pragma user_version = 99").await;
    let error = SqliteState::open(&path).await.unwrap_err();
    assert!(matches!(error, Error::NewerFormat { found: 99, known: FORMAT_VERSION }), "{error:?}");
    assert_eq!(format_of(&path).await, 99);
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    write_database(&path, "create table keys (key text)").await;
    let error = SqliteState::open(&path).await.unwrap_err();
    assert!(matches!(error, Error::ForeignFile { .. }), "{error:?}");
    let mut connection = connect(&path).await;
    let tables: i64 =
        sqlx::query_scalar("select count(*) from sqlite_master").fetch_one(&mut connection).await.unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.sqlite");
    let text = "these are somebody's notes, not a database. ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteState::open(&path).await.unwrap_err();
    assert!(matches!(error, Error::Damaged(_)), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
