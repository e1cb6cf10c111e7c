//! Data that somebody or something has damaged, or that may not be written: the server says what is wrong and what
//! to do, and leaves it as it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::transcripts::bound_by_permissions;
use crate::numbered::{self, counted, each_once};
use crate::program::{Place, skipped};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A place with something in its ledger, and everything folded into the file.
async fn with_data() -> Place {
    let place = Place::new();
    let server = place.serve().start();
    for some in numbered::of_sessions(0..40).chunks(80) {
        let answer = server.post("/v1/logs", &[JSON], numbered::export(some)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert!(server.stop().success());
    place
}

/// Damages a file, and says how it is now.
fn damage(file: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, &bytes).unwrap();
    bytes
}

fn ledger(place: &Place) -> PathBuf {
    place.data().join("ledger.duckdb")
}

#[tokio::test]
async fn a_ledger_that_cannot_be_opened_is_told_with_what_to_do_and_left_alone() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 4] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.truncate(100),
        |bytes| bytes[..8_192].fill(0),
        |bytes| bytes[..16_384].iter_mut().for_each(|byte| *byte ^= 0x5a),
    ];
    for (number, change) in damages.into_iter().enumerate() {
        let place = with_data().await;
        let damaged = damage(&ledger(&place), change);
        for _ in 0..2 {
            let refusal = place.serve().try_start().err().unwrap_or_else(|| panic!("{number} was opened"));
            assert!(refusal.contains("ledger.duckdb"), "{number}: {refusal}");
            assert!(refusal.contains("pitwall restore"), "{number}: {refusal}");
            assert!(!refusal.contains("panicked"), "{number}: {refusal}");
        }
        place.run(&["verify"]).failed(&["ledger.duckdb", "pitwall restore"]);
        place.run(&["report", "daily"]).failed(&["ledger.duckdb"]);
        assert!(fs::read(ledger(&place)).unwrap() == damaged, "{number} was changed");
    }
}

#[tokio::test]
async fn damage_inside_a_ledger_is_found() {
    // What the file begins with, and the size of the blocks behind that, in bytes.
    const HEADERS: usize = 12_288;
    const BLOCK: usize = 262_144;
    let place = with_data().await;
    let whole = fs::read(ledger(&place)).unwrap();
    let mut found = 0;
    for first in (HEADERS..whole.len()).step_by(BLOCK) {
        fs::write(ledger(&place), &whole).unwrap();
        damage(&ledger(&place), |bytes| {
            let end = (first + BLOCK).min(bytes.len());
            bytes[first..end].iter_mut().for_each(|byte| *byte ^= 0x5a);
        });
        let verified = place.run(&["verify"]);
        let told = format!("{}{}", verified.out, verified.error);
        assert!(!told.contains("panicked"), "{told}");
        // A block may be empty; where it is not, the damage is told, though the file may open.
        if !verified.status.success() {
            assert!(told.contains("damaged") && told.contains("pitwall restore"), "{told}");
            found += usize::from(verified.out.contains("Wrong:"));
        }
    }
    assert!(found > 0, "no block holds data");
}

#[tokio::test]
async fn a_log_that_is_damaged_is_told_and_left_alone() {
    let place = Place::new();
    let server = place.serve().start();
    let all = numbered::of_sessions(0..20);
    for some in all.chunks(20) {
        assert_eq!(server.post("/v1/logs", &[JSON], numbered::export(some)).await.status, 200);
    }
    server.kill();
    let log = place.data().join("ledger.duckdb.wal");
    let whole = fs::read(&log).unwrap();
    // Inside what a row says. A damaged length looks like the end of a log that a crash has cut short.
    let in_a_session_id = b"-4000-8000-";
    let damaged = damage(&log, |bytes| {
        let middle = bytes.len() / 2;
        let found = bytes[middle..].windows(in_a_session_id.len()).position(|part| part == in_a_session_id);
        let place = middle + found.unwrap();
        bytes[place..place + in_a_session_id.len()].iter_mut().for_each(|byte| *byte ^= 0x5a);
    });
    let file = fs::read(ledger(&place)).unwrap();
    let refusal = place.serve().try_start().err().unwrap();
    assert!(refusal.contains("ledger.duckdb") && refusal.contains("pitwall restore"), "{refusal}");
    assert!(fs::read(&log).unwrap() == damaged, "the log was changed");
    assert!(fs::read(ledger(&place)).unwrap() == file, "the ledger was changed");
    // What it would have been worth to lose it: nothing is lost when the damage is undone.
    fs::write(&log, whole).unwrap();
    assert_eq!(counted(&place.serve().start()).await, each_once(&all));
}

#[tokio::test]
async fn a_state_that_is_damaged_is_told_and_left_alone() {
    let place = with_data().await;
    let state = place.data().join("state.sqlite");
    let damaged = damage(&state, |bytes| bytes[..2_000].fill(7));
    let refusal = place.serve().try_start().err().unwrap();
    assert!(refusal.contains("state") && refusal.contains("backup"), "{refusal}");
    assert!(fs::read(&state).unwrap() == damaged, "the state was changed");
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = with_data().await;
    let closed = place.path("closed");
    fs::write(&closed, "").unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let Some(wrapper) = bound_by_permissions(&place, &closed) else {
        return skipped("a read-only directory", "this user may write everything, and setpriv does not help");
    };
    let entries = || fs::read_dir(place.data()).unwrap().map(|entry| entry.unwrap().path());
    let allow = |directory, file| {
        for entry in entries() {
            fs::set_permissions(entry, fs::Permissions::from_mode(file)).unwrap();
        }
        fs::set_permissions(place.data(), fs::Permissions::from_mode(directory)).unwrap();
    };
    let before: Vec<_> = entries().collect();
    allow(0o500, 0o400);
    let refusal = place.serve().under(&wrapper).try_start().err().unwrap();
    allow(0o700, 0o600);
    let told = refusal.to_lowercase();
    assert!(told.contains("data") && told.contains("permission"), "{refusal}");
    assert!(!told.contains("restore"), "nothing is damaged: {refusal}");
    assert_eq!(entries().collect::<Vec<_>>(), before);
    assert_eq!(counted(&place.serve().start()).await.len(), 320);
}
