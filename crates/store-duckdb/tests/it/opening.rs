//! Which files open, with what they held, and which are left alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::Connection;
use model::{
    Actor, Counter, CounterPoint, EvidenceBatch, ItemKey, Kind, Money, Observation, Posting, Record,
    RecordKey, RequestSeen, SessionId, Sign, Source, Temporality, Timestamp, TokenKind, TokenUsage,
};
use store::{Dimension, Figure, Measure, Query, Store, StoreError, Transaction, net};
use store_duckdb::DuckDbStore;
use tempfile::TempDir;

/// A file of the first release; what it contains is said in it.
const FORMAT_1: &str = include_str!("fixtures/format_1.sql");

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    (directory, file)
}

fn write(file: &Path, sql: &str) {
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn format_of(file: &Path) -> String {
    let select = "SELECT value FROM meta WHERE name = 'format'";
    Connection::open(file).unwrap().query_row(select, [], |row| row.get(0)).unwrap()
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Output tokens, picodollars, prompts, and sessions started.
async fn figures(store: &DuckDbStore, as_of: Option<Timestamp>) -> Vec<i128> {
    let figures = vec![
        Figure::Sum(Measure::Output),
        Figure::Sum(Measure::CostSettled),
        Figure::Sum(Measure::Prompts),
        Figure::Distinct(Dimension::Item, Some(Kind::SessionStart)),
    ];
    let query = Query { as_of, figures, ..Query::default() };
    store.aggregate(&query).await.unwrap().remove(0).figures
}

#[tokio::test]
async fn format_1_opens_with_everything_it_held() {
    let (directory, file) = file();
    write(&file, FORMAT_1);
    let store = DuckDbStore::open(&file).unwrap();

    assert_eq!(store.boundary().await.unwrap(), moment("2026-11-22T08:00:03Z"));
    assert_eq!(figures(&store, None).await, [200, 9_512_000_000, 1, 1]);
    let first = moment("2026-11-22T08:00:01Z");
    assert_eq!(figures(&store, Some(first)).await, [1, 5_532_000_000, 0, 1]);

    let sessions = ["session-1".into(), "session-2".into()];
    let standing = net(store.session_lines(&sessions).await.unwrap());
    assert_eq!(standing.len(), 3);
    let request = standing.iter().find(|posting| posting.kind == Kind::Request).unwrap();
    assert_eq!(request.at, moment("2026-11-22T08:00:00Z"));
    assert_eq!(request.actor, Actor::User { email: "ann@example.com".into() });
    assert_eq!((request.project.as_str(), request.terminal.as_str()), ("/home/ann/it's", "vscode"));
    let prompt = standing.iter().find(|posting| posting.kind == Kind::Prompt).unwrap();
    assert_eq!((&prompt.actor, prompt.remote), (&Actor::Api { name: "ci".into() }, true));
    let kin = store.kin(&sessions[..1]).await.unwrap();
    assert_eq!(kin, [(sessions[0].clone(), sessions[1].clone())]);
    assert_evidence(&store).await;

    let next = Transaction { posted_at: moment("2026-11-22T08:00:04Z"), ..Transaction::default() };
    store.append(next).await.unwrap();
    store.close().await.unwrap();
    let new_file = directory.path().join("new.duckdb");
    DuckDbStore::open(&new_file).unwrap().close().await.unwrap();
    assert_eq!(format_of(&file), format_of(&new_file), "it has become a file of today");
}

async fn assert_evidence(store: &DuckDbStore) {
    let evidence = store.evidence(&["session-1".into()]).await.unwrap();
    let seen = RequestSeen {
        request_id: Some("req_1".into()),
        message_id: Some("msg_1".into()),
        model: "claude-opus-5-5".into(),
        usage: TokenUsage {
            input: 3,
            output: 200,
            cache_read: 5_000,
            cache_creation: 900,
            cache_creation_5m: 900,
            cache_creation_1h: 0,
        },
        finished: true,
        cost: Some(Money::from_micros(9_512)),
        ..RequestSeen::default()
    };
    let [events, metrics] = evidence.as_slice() else { panic!("two batches, not {}", evidence.len()) };
    assert_eq!((events.source, metrics.source), (Source::Events, Source::Metrics));
    assert_eq!(events.records[0].observation, Observation::Request(seen));
    assert_eq!(events.records[0].context.email.as_deref(), Some("ann@example.com"));
    let Observation::Counter(CounterPoint { counter, temporality, value, start, .. }) =
        &metrics.records[0].observation
    else {
        panic!("a point, not {:?}", metrics.records[0].observation)
    };
    let tokens = Counter::Tokens { model: "claude-opus-5-5".into(), kind: TokenKind::Output };
    assert_eq!((counter, *temporality, *value), (&tokens, Temporality::Cumulative, 200.0));
    assert_eq!(*start, Some(moment("2026-11-22T08:00:00Z")));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let (_directory, file) = file();
    write(&file, FORMAT_1);
    write(&file, "UPDATE meta SET value = '99' WHERE name = 'format'; DROP TABLE kin");
    let refused = DuckDbStore::open(&file).unwrap_err();
    assert!(matches!(refused, StoreError::NewerFormat { found: 99, .. }), "{refused}");
    assert_eq!(format_of(&file), "99");
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let (_directory, file) = file();
    write(&file, "CREATE TABLE customers (name VARCHAR); INSERT INTO customers VALUES ('Ann')");
    let refused = DuckDbStore::open(&file).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
    let connection = Connection::open(&file).unwrap();
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM duckdb_tables()", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let (_directory, file) = file();
    let text = "not a database ".repeat(1_000);
    std::fs::write(&file, &text).unwrap();
    DuckDbStore::open(&file).unwrap_err();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

/// Leaves a ledger with so many transactions of so many lines in its log; says whether the log is still there.
async fn log_is_left_with(transactions: i64, lines: i64) -> bool {
    let (_directory, file) = file();
    let store = Arc::new(DuckDbStore::open(&file).unwrap());
    let prompt = |number: i64| {
        let item = ItemKey::of("prompt", &number.to_string());
        let posting = Posting::new(Kind::Prompt, Timestamp::from_seconds(number), "s".into(), item);
        (Sign::Entry, posting)
    };
    for number in 0..transactions {
        let posted_at = Timestamp::from_seconds(number);
        let lines = (0..lines).map(prompt).collect();
        store.append(Transaction { posted_at, lines, ..Transaction::default() }).await.unwrap();
    }
    store.leave().await.unwrap();
    file.with_extension("duckdb.wal").exists()
}

#[tokio::test]
async fn a_short_log_is_left_and_a_long_one_folded() {
    assert!(log_is_left_with(11, 20).await);
    assert!(!log_is_left_with(12, 20).await, "of many transactions");
    assert!(!log_is_left_with(1, 20_000).await, "of many bytes");
}

/// DuckDB would have found one payload many times.
#[tokio::test]
async fn evidence_is_not_compressed_once_more() {
    let (_directory, file) = file();
    let store = DuckDbStore::open(&file).unwrap();
    let evidence = (0..500).map(|number| {
        let session: SessionId = format!("session {number}").as_str().into();
        let record = Record {
            key: RecordKey::of(&[b"the same for all"]),
            session: session.clone(),
            at: Timestamp::from_seconds(1),
            source: Source::Events,
            context: Arc::default(),
            observation: Observation::Unknown { name: "new".into() },
            extra: Vec::new(),
        };
        EvidenceBatch { session, source: Source::Events, records: vec![record] }
    });
    let posted_at = Timestamp::from_seconds(2);
    store
        .append(Transaction { posted_at, evidence: evidence.collect(), ..Transaction::default() })
        .await
        .unwrap();
    store.close().await.unwrap();
    let select = "SELECT DISTINCT compression FROM pragma_storage_info('evidence')
                  WHERE column_name = 'payload' AND segment_type <> 'VALIDITY'";
    let compression: String =
        Connection::open(&file).unwrap().query_row(select, [], |row| row.get(0)).unwrap();
    assert_eq!(compression, "Uncompressed");
}

#[tokio::test]
async fn a_ledger_is_open_once() {
    let (_directory, file) = file();
    let first = DuckDbStore::open(&file).unwrap();
    let refused = DuckDbStore::open(&file).unwrap_err();
    assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "says who has it: {refused}");
    first
        .append(Transaction { posted_at: Timestamp::from_seconds(1), ..Transaction::default() })
        .await
        .unwrap();
    first.close().await.unwrap();
    let second = DuckDbStore::open(&file).unwrap();
    assert_eq!(second.boundary().await.unwrap(), Timestamp::from_seconds(1));
}
