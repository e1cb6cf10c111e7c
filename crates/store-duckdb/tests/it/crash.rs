//! The process is killed while it writes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use model::{
    Context, EvidenceBatch, ItemKey, Kind, Observation, Posting, Prompt, Record, RecordKey, SessionId, Sign,
    Source, Timestamp,
};
use store::{Figure, Measure, Query, Store, Transaction};
use store_duckdb::{DuckDbStore, Settings};

/// Set for the process that writes and is killed; names the file.
pub(crate) const WRITE_TO: &str = "PITWALL_TEST_WRITE_TO";
/// How often a process is killed. Each finds what those before it have left.
const KILLS: usize = 3;
/// Transactions that a process has to have had acknowledged before it is killed.
const ACKNOWLEDGED: usize = 40;
/// So small that many of the kills come in the middle of a checkpoint.
const CHECKPOINT_AT: u64 = 64 << 10;
pub(crate) const LINES_IN_A_TRANSACTION: i64 = 20;

fn settings() -> Settings {
    Settings { checkpoint_at: CHECKPOINT_AT, ..Settings::default() }
}

pub(crate) fn open(file: &Path) -> DuckDbStore {
    DuckDbStore::open_with(file, settings()).unwrap()
}

pub(crate) fn session() -> SessionId {
    "s".into()
}

/// A record, and some prompts of it.
pub(crate) fn transaction(number: i64) -> Transaction {
    let at = Timestamp::from_seconds(number);
    let record = Record {
        key: RecordKey::of(&[&number.to_le_bytes()]),
        session: session(),
        at,
        source: Source::Events,
        context: Context::default().into(),
        observation: Observation::Prompt(Prompt { length: Some(number), ..Prompt::default() }),
        extra: Vec::new(),
    };
    let line = |part: i64| {
        let item = ItemKey::of("prompt", &format!("{number} {part}"));
        let mut posting = Posting::new(Kind::Prompt, at, session(), item);
        posting.measures.prompts = 1;
        (Sign::Entry, posting)
    };
    Transaction {
        posted_at: at,
        evidence: vec![EvidenceBatch { session: session(), source: Source::Events, records: vec![record] }],
        lines: (0..LINES_IN_A_TRANSACTION).map(line).collect(),
        kin: vec![(session(), SessionId::new(format!("kin {number}")))],
    }
}

/// Goes on where the file stands, and says which transactions have been acknowledged. Folds its log as a large ledger
/// does, and opens its file anew now and then.
async fn write_until_killed(file: &Path) {
    let store = DuckDbStore::open_with(
        file,
        Settings { small_file: 0, little_log: 0, folds_in_a_sitting: 2, ..settings() },
    )
    .unwrap();
    let mut number = newest(&store).await;
    loop {
        number += 1;
        store.append(transaction(number)).await.unwrap();
        println!("acknowledged {number}");
    }
}

pub(crate) async fn newest(store: &DuckDbStore) -> i64 {
    let boundary = store.boundary().await.unwrap();
    if boundary == Timestamp::MIN { 0 } else { boundary.as_millis() / 1_000 }
}

/// Starts a test of these as a process that writes, and kills it once it has said so often what was acknowledged. Returns
/// what it said last.
pub(crate) fn killed_while_writing(test: &str, file: &Path, times: usize) -> i64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(WRITE_TO, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged = told.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<i64>().ok());
    let seen = acknowledged.by_ref().nth(times - 1);
    child.kill().unwrap();
    child.wait().unwrap();
    // Whatever it has said until then counts, too.
    acknowledged.last().or(seen).expect("the process was writing")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    if let Some(file) = std::env::var_os(WRITE_TO) {
        return write_until_killed(Path::new(&file)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ledger.duckdb");
    for _ in 0..KILLS {
        let test = "crash::what_was_acknowledged_survives_a_kill";
        let acknowledged = killed_while_writing(test, &file, ACKNOWLEDGED);
        let store = open(&file);
        let newest = newest(&store).await;
        // One more may have become durable without having been acknowledged.
        assert!((acknowledged..=acknowledged + 1).contains(&newest), "{newest} after {acknowledged}");
        assert_whole_and_once(&store, newest).await;
        store.close().await.unwrap();
    }
}

/// Every transaction up to the newest is there, all of it, and once.
pub(crate) async fn assert_whole_and_once(store: &DuckDbStore, newest: i64) {
    let query = Query { figures: vec![Figure::Sum(Measure::Prompts)], ..Query::default() };
    let sums = store.aggregate(&query).await.unwrap();
    assert_eq!(sums[0].figures, [i128::from(LINES_IN_A_TRANSACTION * newest)]);
    let evidence = store.evidence(&[session()]).await.unwrap();
    let found: Vec<RecordKey> =
        evidence.iter().flat_map(|batch| &batch.records).map(|record| record.key).collect();
    let expected: Vec<RecordKey> =
        (1..=newest).map(|number| RecordKey::of(&[&number.to_le_bytes()])).collect();
    assert_eq!(found, expected);
    assert_eq!(store.kin(&[session()]).await.unwrap().len() as i64, newest);
}
