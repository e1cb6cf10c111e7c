//! `pitwall retention apply`: what is old goes, figures stay.

use model::{Clock as _, ItemKey, Kind, Posting, Sign, SystemClock};
use serde_json::{Value as Json, json};
use store::{Store as _, Transaction};
use store_duckdb::DuckDbStore;

use super::{JSON, send};
use crate::numbered::{self, Numbered, counted, each_once};
use crate::program::{Outcome, Place};

/// Runs the command with a setting; what it says.
fn applied(place: &Place, setting: (&str, &str), arguments: &[&str]) -> Json {
    let mut command = place.pitwall(&["retention", "apply", "--json"]);
    let outcome = Outcome::of(command.args(arguments).env(setting.0, setting.1)).succeeded();
    serde_json::from_str(&outcome.out).unwrap()
}

/// What is kept of a session's records beside what was understood.
async fn kept(place: &Place, session: Numbered) -> Vec<String> {
    let store = DuckDbStore::open(place.data().join("ledger.duckdb")).unwrap();
    let session = format!("00000000-0000-4000-8000-{:012}", session.session);
    let evidence = store.evidence(&[session.as_str().into()]).await.unwrap();
    store.close().await.unwrap();
    evidence.iter().flat_map(|batch| &batch.records).map(|record| format!("{:?}", record.extra)).collect()
}

#[tokio::test]
async fn records_go_and_figures_stay() {
    const SETTING: (&str, &str) = ("PITWALL_RETENTION_EVIDENCE_DAYS", "1");
    let place = Place::new();
    let all = numbered::of_sessions(0..5);
    let server = place.serve().start();
    send(&server, &all).await;
    assert!(server.stop().success());
    let planned = applied(&place, SETTING, &["--dry-run"]);
    assert_eq!((&planned["sessions_without_records"], &planned["sessions_gone"]), (&json!(5), &json!(0)));
    assert_eq!(kept(&place, all[0]).await.len(), 8, "looking changes nothing");

    applied(&place, SETTING, &[]);
    assert!(kept(&place, all[0]).await.is_empty());
    assert_eq!(applied(&place, SETTING, &["--dry-run"])["sessions_without_records"], 0);
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    let server = place.serve().start();
    assert_eq!(counted(&server).await, each_once(&all));
    // What is sent again may be what was given up, and adds nothing; a rebuilding leaves the figures, too.
    send(&server, &all).await;
    place.run(&["rebuild"]).succeeded();
    assert_eq!(counted(&server).await, each_once(&all));
}

#[tokio::test]
async fn content_goes_before_the_records() {
    const SETTING: (&str, &str) = ("PITWALL_RETENTION_CONTENT_DAYS", "1");
    let place = Place::new();
    let all = numbered::of_sessions(0..2);
    let mut export: Json = serde_json::from_str(&numbered::export(&all)).unwrap();
    let records = &mut export["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    for record in records.as_array_mut().unwrap() {
        let told = json!({"key": "prompt", "value": {"stringValue": "what nobody else should read"}});
        record["attributes"].as_array_mut().unwrap().push(told);
    }
    let server = place.serve().setting("PITWALL_PRIVACY_KEEP_CONTENT", "true").start();
    assert_eq!(server.post("/v1/logs", &[JSON], export.to_string()).await.status, 200);
    assert!(server.stop().success());
    let before = kept(&place, all[0]).await;
    assert!(before.iter().all(|extra| extra.contains("nobody else")), "{before:?}");

    let done = applied(&place, SETTING, &[]);
    assert_eq!((&done["batches_without_content"], &done["sessions_without_records"]), (&json!(2), &json!(0)));
    let after = kept(&place, all[0]).await;
    assert!(after.len() == 8 && after.iter().all(|extra| !extra.contains("nobody else")), "{after:?}");
    assert_eq!(applied(&place, SETTING, &["--dry-run"])["batches_without_content"], 0);
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    assert_eq!(counted(&place.serve().start()).await, each_once(&all));
}

#[tokio::test]
async fn sessions_go_as_a_whole_beside_the_server() {
    let place = Place::new();
    let server = place.serve().setting("PITWALL_RETENTION_LEDGER_DAYS", "1").start();
    let old = numbered::of_sessions(0..3);
    send(&server, &old).await;
    let young = numbered::of_sessions(3..4);
    let now = format!("{}000", SystemClock.now().as_micros());
    let mut export: Json = serde_json::from_str(&numbered::export(&young)).unwrap();
    let records = &mut export["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    for record in records.as_array_mut().unwrap() {
        record["timeUnixNano"] = json!(now);
    }
    assert_eq!(server.post("/v1/logs", &[JSON], export.to_string()).await.status, 200);
    // The server's own settings count, since it does the work.
    let done = place.json(&["retention", "apply", "--json"]);
    assert_eq!(done["sessions_gone"], 3, "{done:#}");
    assert_eq!(counted(&server).await, each_once(&[]));
    let verified = place.json(&["verify", "--json"]);
    assert_eq!((&verified["faults"], &verified["sessions"]), (&json!(0), &json!(1)));
    send(&server, &old).await;
    assert_eq!(counted(&server).await, each_once(&[]), "what is gone stays away");
}

/// Requests that were corrected long ago: entries, their reversals, and other entries.
async fn corrected(place: &Place, count: i64) {
    std::fs::create_dir(place.data()).unwrap();
    let store = DuckDbStore::open(place.data().join("ledger.duckdb")).unwrap();
    let then = SystemClock.now().plus_seconds(-30 * 86_400);
    let request = |number: i64, output: i64| {
        let item = ItemKey::of("request", &number.to_string());
        let mut posting = Posting::new(Kind::Request, then.plus_micros(number * 977), "s".into(), item);
        posting.measures.requests = 1;
        posting.measures.tokens.output = output + number * number % 1_009;
        posting
    };
    let entered = (0..count).map(|number| (Sign::Entry, request(number, 1))).collect();
    let taken_back = (0..count).map(|number| (Sign::Reversal, request(number, 1)));
    let again = (0..count).map(|number| (Sign::Entry, request(number, 2)));
    for (seconds, lines) in [(0, entered), (1, taken_back.chain(again).collect())] {
        let posted_at = then.plus_seconds(seconds);
        store.append(Transaction { posted_at, lines, ..Transaction::default() }).await.unwrap();
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_was_taken_back_is_folded_and_no_total_changes() {
    const COUNT: i64 = 30_000;
    let place = Place::new();
    corrected(&place, COUNT).await;
    let report = || place.json(&["report", "monthly", "--json"])["totals"].clone();
    let before = report();
    let done = place.json(&["retention", "apply", "--json"]);
    assert_eq!(done["lines"], json!([3 * COUNT, COUNT]), "{done:#}");
    let bytes = |place: usize| done["bytes"][place].as_u64().unwrap();
    assert!(bytes(1) < bytes(0), "{done:#}");
    assert_eq!(report(), before);
    assert_eq!(before["requests"], COUNT, "{before:#}");
}
