//! `pitwall forget`: afterwards no byte of the data names the person, and nobody else has lost anything.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use store::{Maintenance as _, Store as _};
use store_duckdb::DuckDbStore;

use super::JSON;
use crate::numbered::{self, Numbered, counted, each_once};
use crate::program::{Place, Server};

const ANN: &str = "ann@example.org";
const ACCOUNT: &str = "7d1f0c58-0000-4000-8000-00000000a22a";
const BOB: &str = "bob@example.org";

/// One export with these requests, by somebody.
fn by(requests: &[Numbered], told: &[(&str, &str)]) -> String {
    let mut export: Json = serde_json::from_str(&numbered::export(requests)).unwrap();
    let records = export["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array_mut().unwrap();
    for record in records {
        let attributes = record["attributes"].as_array_mut().unwrap();
        attributes
            .extend(told.iter().map(|(name, value)| json!({"key": name, "value": {"stringValue": value}})));
    }
    export.to_string()
}

async fn send(server: &Server, requests: &[Numbered], told: &[(&str, &str)]) {
    let answer = server.post("/v1/logs", &[JSON], by(requests, told)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Ann's sessions 0 to 2, the last one known by the account alone; Bob's 3 to 5.
async fn send_all(server: &Server) -> Vec<Numbered> {
    send(
        server,
        &numbered::of_sessions(0..2),
        &[("user.email", "Ann@Example.org"), ("user.account_uuid", ACCOUNT)],
    )
    .await;
    send(server, &numbered::of_sessions(2..3), &[("user.account_uuid", ACCOUNT)]).await;
    let bobs = numbered::of_sessions(3..6);
    send(server, &bobs, &[("user.email", BOB)]).await;
    bobs
}

/// The files of a folder, and those below, that hold a text in whatever letter case.
fn files_with(folder: &Path, text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
            continue;
        }
        let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
        if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.insert(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// Everybody that evidence and lines name; what is compressed in the file is read for that.
async fn named(data: &Path) -> BTreeSet<String> {
    let store = DuckDbStore::open(data.join("ledger.duckdb")).unwrap();
    let sessions: Vec<_> =
        store.sessions(None, 1_000).await.unwrap().into_iter().map(|span| span.session).collect();
    let mut named = BTreeSet::new();
    for batch in store.evidence(&sessions).await.unwrap() {
        for record in batch.records {
            named.extend(record.context.email.as_deref().map(str::to_owned));
            named.extend(record.context.account.as_deref().map(str::to_owned));
        }
    }
    let lines = store.session_lines(&sessions).await.unwrap();
    named.extend(lines.into_iter().map(|line| line.posting.actor.name().to_owned()));
    store.close().await.unwrap();
    named
}

fn is_about(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("ann@") || text.contains(ACCOUNT)
}

#[tokio::test]
async fn a_person_is_erased_while_the_server_runs() {
    let place = Place::new();
    let server = place.serve().start();
    let bobs = send_all(&server).await;
    let admin = place.admin_key();
    place.json(&["key", "create", "--kind", "admin", "--name", ANN, "--json"]);
    // At rest it is all in the files, so that the search below can find something.
    assert!(server.stop().success());
    let before = files_with(&place.data(), ANN);
    assert!(before.contains("ledger.duckdb") && before.contains("state.sqlite"), "{before:?}");
    assert!(named(&place.data()).await.contains(ACCOUNT));
    let server = place.serve().start();
    assert_eq!(server.usage(&admin, "2026-11-22").await.len(), 3);

    let planned = place.json(&["forget", ANN, "--dry-run", "--json"]);
    for (what, count) in [("sessions", 3), ("records", 24), ("shared_sessions", 1)] {
        assert_eq!(planned[what], count, "{what}: {planned:#}");
    }
    assert_eq!(planned["named_in"], json!([]), "{planned:#}");
    assert_eq!(counted(&server).await.len(), 48, "looking changes nothing");

    let done = place.json(&["forget", "Ann@example.org", "--yes", "--json"]);
    assert_eq!((&done["sessions"], &done["key_names"]), (&json!(3), &json!(2)), "{done:#}");
    assert_eq!(done["named_in"], json!([]), "{done:#}");
    assert_eq!(counted(&server).await, each_once(&bobs));
    assert!(server.usage(&admin, "2026-11-22").await.iter().all(|row| !is_about(&row.to_string())));
    assert_gone(&place);
    // What a client or a second import repeats stays away; what others send is taken.
    send(&server, &numbered::of_sessions(0..2), &[("user.email", ANN)]).await;
    send(&server, &numbered::of_sessions(6..7), &[("user.email", BOB)]).await;
    let all: Vec<_> = bobs.into_iter().chain(numbered::of_sessions(6..7)).collect();
    assert_eq!(counted(&server).await, each_once(&all));
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    assert!(server.stop().success());
    assert_gone(&place);
    assert_eq!(named(&place.data()).await, BTreeSet::from([BOB.to_owned()]));
    assert_eq!(counted(&place.serve().start()).await, each_once(&all));

    let noted = fs::read_to_string(place.data().join("erasures.jsonl")).unwrap();
    let noted: Json = serde_json::from_str(noted.trim()).unwrap();
    assert_eq!((&noted["sessions"], &noted["records"]), (&json!(3), &json!(24)));
}

fn assert_gone(place: &Place) {
    for text in [ANN, ACCOUNT] {
        assert_eq!(files_with(&place.data(), text), BTreeSet::new(), "{text} is still there");
    }
}

/// What the manual tells to do about backups that were taken before.
#[tokio::test]
async fn a_backup_is_freed_of_a_person_by_restoring_erasing_and_copying_again() {
    let place = Place::new();
    let server = place.serve().start();
    let bobs = send_all(&server).await;
    let [old, restored, new, last] =
        ["old", "restored", "new", "last"].map(|name| place.path(name).to_str().unwrap().to_owned());
    place.run(&["backup", &old]).succeeded();
    place.run(&["forget", ANN, "--yes"]).succeeded();
    assert!(files_with(Path::new(&old), ANN).contains("ledger.duckdb"), "a backup is not reached");

    place.run(&["restore", &old, "--data", &restored]).succeeded();
    let done = place.json(&["forget", ANN, "--yes", "--json", "--data", &restored]);
    assert_eq!((&done["sessions"], &done["named_in"]), (&json!(3), &json!([])), "{done:#}");
    place.run(&["backup", &new, "--data", &restored]).succeeded();
    for text in [ANN, ACCOUNT] {
        assert_eq!(files_with(Path::new(&new), text), BTreeSet::new(), "{text} is still there");
    }
    place.run(&["restore", &new, "--data", &last]).succeeded();
    assert_eq!(named(Path::new(&last)).await, BTreeSet::from([BOB.to_owned()]));
    let twin = place.serve().setting("PITWALL_DATA", Path::new(&last)).start();
    assert_eq!(counted(&twin).await, each_once(&bobs));
    // Nor does it come back with what the old one still holds.
    send(&twin, &numbered::of_sessions(0..2), &[("user.email", ANN)]).await;
    assert_eq!(counted(&twin).await, each_once(&bobs));
}

#[tokio::test]
async fn an_erasure_that_is_killed_is_finished_by_the_next() {
    let mut dice = StdRng::seed_from_u64(11);
    let place = Place::new();
    let server = place.serve().start();
    let bobs = send_all(&server).await;
    assert!(server.stop().success());
    for _ in 0..3 {
        let mut forget = place.pitwall(&["forget", ACCOUNT, "--yes"]).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(dice.random_range(50..700))).await;
        forget.kill().unwrap();
        forget.wait().unwrap();
    }
    place.run(&["forget", ACCOUNT, "--yes"]).succeeded();
    assert_gone(&place);
    assert_eq!(named(&place.data()).await, BTreeSet::from([BOB.to_owned()]));
    assert_eq!(counted(&place.serve().start()).await, each_once(&bobs));
}

#[tokio::test]
async fn nobody_is_erased_by_mistake() {
    let place = Place::new();
    let server = place.serve().start();
    send_all(&server).await;
    // Without a terminal nobody can be asked.
    place.run(&["forget", ANN]).failed(&["--dry-run", "--yes"]);
    place.run(&["forget", " ", "--yes"]).failed(&["nobody"]);
    for nobody in ["carl@example.org", "ann", "example.org"] {
        let done = place.json(&["forget", nobody, "--yes", "--json"]);
        assert_eq!(done["sessions"], 0, "{nobody}: {done:#}");
    }
    assert_eq!(counted(&server).await.len(), 48);
    fs::write(place.data().join("note.txt"), "ask ANN@example.org").unwrap();
    let done = place.json(&["forget", ANN, "--yes", "--json"]);
    assert_eq!(done["named_in"], json!(["note.txt"]), "what is not Pitwall's is told and left alone");
}
