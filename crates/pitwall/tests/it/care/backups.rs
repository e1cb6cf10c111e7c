//! `pitwall backup` and `pitwall restore`.

use std::fs;
use std::path::Path;

use super::send;
use crate::numbered::{self, counted, each_once};
use crate::program::{Outcome, Place};

/// Path of a backup or data directory, as an argument.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_backup_taken_while_data_comes_in_is_whole() {
    let place = Place::new();
    let server = place.serve().start();
    let key = place.admin_key();
    fs::write(place.data().join("pitwall.toml"), "[analytics]\nfreshness = \"0s\"\n").unwrap();
    let (before, meanwhile) = (numbered::of_sessions(0..20), numbered::of_sessions(20..80));
    send(&server, &before).await;
    let copy = place.path("copies/one");
    let copying = tokio::task::spawn_blocking({
        let mut backup = place.pitwall(&["backup", text(&copy), "--json"]);
        move || backup.output().unwrap()
    });
    send(&server, &meanwhile).await;
    let copied = copying.await.unwrap();
    assert!(copied.status.success(), "{copied:?}");
    let told: serde_json::Value = serde_json::from_slice(&copied.stdout).unwrap();
    assert_eq!(told["files"], serde_json::json!(["ledger.duckdb", "pitwall.toml", "state.sqlite"]));
    assert_private(&copy);

    let other = place.path("other/data");
    let restored = place.json(&["restore", text(&copy), "--data", text(&other), "--json"]);
    assert_eq!(restored["verified"]["faults"], 0, "{restored:#}");
    assert_private(&other);
    let twin = place.serve().setting("PITWALL_DATA", &other).start();
    let has = counted(&twin).await;
    for request in &before {
        assert_eq!(has.get(request), Some(&1), "{request:?} was acknowledged before the backup");
    }
    assert!(has.values().all(|times| *times == 1));
    // It goes on like any other: keys are known, and what is sent again adds what is missing.
    let answer = twin.get("/v1/organizations/me", &[("x-api-key", &key)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let all: Vec<_> = before.iter().chain(&meanwhile).copied().collect();
    send(&twin, &all).await;
    assert_eq!(counted(&twin).await, each_once(&all));
    assert_eq!(counted(&server).await, each_once(&all));
}

#[tokio::test]
async fn a_backup_without_a_server_is_the_same() {
    let place = Place::new();
    let all = numbered::of_sessions(0..5);
    let server = place.serve().start();
    send(&server, &all).await;
    assert!(server.stop().success());
    let (copy, other) = (place.path("copy"), place.path("other"));
    let told = place.run(&["backup", text(&copy)]).succeeded().out;
    assert!(told.contains("Only you can read it"), "{told}");
    place.run(&["restore", text(&copy), "--data", text(&other)]).succeeded();
    assert_eq!(counted(&place.serve().setting("PITWALL_DATA", &other).start()).await, each_once(&all));
}

#[tokio::test]
async fn nothing_is_written_over() {
    let place = Place::new();
    let server = place.serve().start();
    send(&server, &numbered::of_sessions(0..2)).await;
    let copy = place.path("copy");
    let inside = place.data().join("copy");
    place.run(&["backup", text(&inside)]).failed(&["data directory", "outside"]);
    assert!(!inside.exists());
    place.run(&["backup", text(&copy)]).succeeded();
    let files = || -> Vec<_> { fs::read_dir(&copy).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let before: Vec<_> = files().iter().map(|file| fs::read(file).unwrap()).collect();
    place.run(&["backup", text(&copy)]).failed(&["there already"]);
    let after: Vec<_> = files().iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(before == after, "a backup has changed");
    place.run(&["restore", text(&copy)]).failed(&["not empty", "--data"]);
    assert_eq!(counted(&server).await.len(), 16);
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let server = place.serve().start();
    send(&server, &numbered::of_sessions(0..2)).await;
    let (copy, other) = (place.path("copy"), place.path("other"));
    place.run(&["backup", text(&copy)]).succeeded();
    let restore = || Outcome::of(&mut place.pitwall(&["restore", text(&copy), "--data", text(&other)]));
    let ledger = copy.join("ledger.duckdb");
    let mut bytes = fs::read(&ledger).unwrap();
    bytes[20_000] ^= 1;
    fs::write(&ledger, &bytes).unwrap();
    restore().failed(&["ledger.duckdb", "damaged"]);
    fs::remove_file(&ledger).unwrap();
    restore().failed(&["ledger.duckdb"]);
    fs::remove_file(copy.join("backup.json")).unwrap();
    restore().failed(&["no backup"]);
    assert!(!other.exists() && !place.path("other.unfinished").exists());
}

/// Nobody but the owner can read the folder, nor anything in it.
fn assert_private(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        assert_eq!(mode(folder), 0, "{}", folder.display());
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let is_held = file.extension().is_some_and(|extension| extension == "lock");
            assert!(is_held || mode(&file) == 0 || file.ends_with("backup.json"), "{}", file.display());
        }
    }
}
