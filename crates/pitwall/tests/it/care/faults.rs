//! Faults in the ledger: found by `pitwall verify`, mended by `pitwall rebuild`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use model::{Kind, Posting, Sign};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{send, spoil};
use crate::numbered::{self, counted, each_once};
use crate::program::{Place, fixture};

/// The session that is spoilt, and another one.
const FIRST: &str = "00000000-0000-4000-8000-000000000000";
const SECOND: &str = "00000000-0000-4000-8000-000000000001";

fn requests(postings: Vec<Posting>) -> impl Iterator<Item = Posting> {
    postings.into_iter().filter(|posting| posting.kind == Kind::Request)
}

/// Counts the first request twice, loses the second, and gets the third wrong.
fn wrong(postings: Vec<Posting>) -> Vec<(Sign, Posting)> {
    let mut requests = requests(postings);
    let [twice, lost, wrong] = [(); 3].map(|()| requests.next().unwrap());
    let mut changed = wrong.clone();
    changed.measures.tokens.input += 9;
    vec![(Sign::Entry, twice), (Sign::Reversal, lost), (Sign::Reversal, wrong), (Sign::Entry, changed)]
}

/// Takes back what was never entered.
fn overdrawn(postings: Vec<Posting>) -> Vec<(Sign, Posting)> {
    let mut never = requests(postings).next().unwrap();
    never.measures.tokens.input += 1;
    vec![(Sign::Reversal, never)]
}

#[tokio::test]
async fn a_good_ledger_is_found_good_beside_the_server_and_without() {
    let place = Place::new();
    let home = fixture("claude-home/text-answer");
    let server = place.serve().transcripts(home).start();
    let all = numbered::of_sessions(0..10);
    send(&server, &all).await;
    server.has_read(1).await;
    let beside = place.json(&["verify", "--json"]);
    assert_eq!(beside["faults"], 0, "{beside:#}");
    assert!(beside["records"].as_u64() > Some(80), "{beside:#}");
    assert!(place.run(&["verify"]).succeeded().out.contains("Nothing is wrong."));
    assert!(server.stop().success());
    let mut without = place.json(&["verify", "--json"]);
    for told in ["faults", "findings", "sessions", "records", "postings", "lines"] {
        assert_eq!(without[told].take(), beside[told], "{told}");
    }
}

#[tokio::test]
async fn a_ledger_that_was_put_back_is_found_and_made_up_for() {
    let place = Place::new();
    let all = numbered::of_sessions(0..5);
    let project = place.claude().join("projects/-project");
    fs::create_dir_all(&project).unwrap();
    let write = |requests: &[numbered::Numbered]| {
        for requests in requests.chunks(numbered::PER_SESSION as usize) {
            let file = project.join(format!("{}.jsonl", requests[0].session));
            fs::write(file, numbered::transcript(requests)).unwrap();
        }
    };
    let import = || place.run(&["import", "transcripts", place.claude().to_str().unwrap()]).succeeded();
    let (first, others) = all.split_at(3 * numbered::PER_SESSION as usize);
    write(first);
    import();
    // The ledger is both of them.
    let files = ["ledger.duckdb", "ledger.duckdb.wal"].map(|name| place.data().join(name));
    let aside = |file: &Path| file.with_extension("aside");
    for file in &files {
        fs::copy(file, aside(file)).unwrap();
    }
    write(others);
    import();
    files.iter().for_each(|file| fs::rename(aside(file), file).unwrap());

    let verified = place.run(&["verify", "--json"]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    assert!(verified.out.contains("2 transcripts are noted as read after"), "{verified:?}");
    import();
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    let server = place.serve().start();
    assert_eq!(counted(&server).await, each_once(&all));
}

#[tokio::test]
async fn a_fault_of_settlement_is_found_and_mended() {
    let place = Place::new();
    let all = numbered::of_sessions(0..3);
    let server = place.serve().start();
    send(&server, &all).await;
    assert!(server.stop().success());
    spoil(&place.data(), FIRST, wrong).await;
    spoil(&place.data(), SECOND, overdrawn).await;

    let verified = place.run(&["verify", "--json"]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    let verdict: serde_json::Value = serde_json::from_str(&verified.out).unwrap();
    let findings = verdict["findings"].to_string();
    for told in [FIRST, SECOND, "more than once", "2 postings are missing, 2 are too many", "pitwall rebuild"]
    {
        assert!(findings.contains(told), "{told}: {verdict:#}");
    }
    assert_eq!(verdict["faults"], 3, "{verdict:#}");
    let told = place.run(&["verify"]);
    assert!(!told.status.success() && told.out.contains("pitwall rebuild"), "{told:?}");

    let rebuilt = place.json(&["rebuild", "--json"]);
    assert_eq!((rebuilt["sessions"].as_u64(), rebuilt["lines"].as_u64()), (Some(3), Some(5)), "{rebuilt}");
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    assert_eq!(place.json(&["rebuild", "--json"])["lines"], 0, "nothing is left to mend");
    assert_eq!(counted(&place.serve().start()).await, each_once(&all));
}

#[tokio::test]
async fn a_fault_is_mended_while_the_server_runs_and_takes_in() {
    let place = Place::new();
    let (before, meanwhile) = (numbered::of_sessions(0..3), numbered::of_sessions(3..40));
    let server = place.serve().start();
    send(&server, &before).await;
    assert!(server.stop().success());
    spoil(&place.data(), FIRST, wrong).await;

    let server = place.serve().start();
    assert!(!place.run(&["verify"]).status.success());
    let mending = tokio::task::spawn_blocking({
        let mut rebuild = place.pitwall(&["rebuild", "--json"]);
        move || rebuild.output().unwrap()
    });
    send(&server, &meanwhile).await;
    let mended = mending.await.unwrap();
    assert!(mended.status.success(), "{mended:?}");
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    assert_eq!(counted(&server).await, each_once(before.iter().chain(&meanwhile)));
}

#[tokio::test]
async fn a_rebuilding_that_is_killed_does_no_harm() {
    let mut dice = StdRng::seed_from_u64(6);
    let place = Place::new();
    let all = numbered::of_sessions(0..150);
    let server = place.serve().start();
    for some in all.chunks(400) {
        let answer = server.post("/v1/logs", &[super::JSON], numbered::export(some)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert!(server.stop().success());
    spoil(&place.data(), FIRST, wrong).await;
    for _ in 0..3 {
        let mut rebuild = place.pitwall(&["rebuild"]).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..300))).await;
        rebuild.kill().unwrap();
        rebuild.wait().unwrap();
    }
    place.run(&["rebuild"]).succeeded();
    assert_eq!(place.json(&["verify", "--json"])["faults"], 0);
    assert_eq!(counted(&place.serve().start()).await, each_once(&all));
}

#[test]
fn where_there_is_no_data_there_is_nothing_to_look_after() {
    let place = Place::new();
    for command in [&["verify"][..], &["rebuild"], &["backup", "copy"]] {
        place.run(command).failed(&["no ledger"]);
    }
    assert!(!place.data().exists(), "a command that looks has made data");
}
