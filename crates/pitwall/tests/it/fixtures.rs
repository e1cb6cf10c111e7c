//! Everything that was captured from the real client, through the running program, against its truth.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::figures::{DAYS_OF_FIXTURES, Figures, Truth, Usage};
use crate::program::{Place, Server, captures, repository, skipped};

/// The day on which all of them were made.
const DAY: &str = "2026-11-22";

/// The collection that is beside the repository, or wherever the variable says; the repository's own where there
/// is none.
fn collection() -> PathBuf {
    let larger = std::env::var_os("PITWALL_SHARED_FIXTURES")
        .map_or_else(|| repository().join("../shared/fixtures"), PathBuf::from);
    if larger.is_dir() {
        return larger;
    }
    skipped("the larger collection of captures", &format!("no folder {}", larger.display()));
    repository().join("fixtures")
}

/// The folders in one, by name.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

fn truth_of(scenario: &Path) -> Truth {
    let expected: Json = serde_json::from_slice(&fs::read(scenario.join("expected.json")).unwrap()).unwrap();
    Truth::of_fixture(&expected)
}

/// How many transcripts there are in a Claude directory.
fn transcripts_in(claude: &Path) -> u64 {
    let mut waiting = vec![claude.join("projects")];
    let mut count = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                count += 1;
            }
        }
    }
    count
}

/// Asserts that everything the server shows is the truth.
async fn assert_shows(server: &Server, key: &str, truth: &Truth, what: &str) {
    let shown = Figures::shown_by(server, DAYS_OF_FIXTURES).await;
    assert_eq!(shown, truth.figures, "shown (left) and true of {what}");
    let usage = Usage::shown_by(server, key, &[DAY]).await;
    assert_eq!(usage, truth.usage(), "told by the Analytics API (left) and true of {what}");
}

/// Telemetry alone: every scenario of a set, each into a server of its own.
async fn replay(set: &str) {
    let scenarios = folders(&collection().join("otlp").join(set));
    for scenario in &scenarios {
        let place = Place::new();
        let key = place.admin_key();
        let server = place.serve().start();
        server.replay(&captures(scenario)).await;
        let mut truth = truth_of(scenario);
        if set == "no-session-id" {
            // Filed under the installation: that is no session's name, but the same figures.
            let shown = Figures::shown_by(&server, DAYS_OF_FIXTURES).await.by_session;
            truth.figures.by_session =
                shown.keys().cloned().zip(truth.figures.by_session.into_values()).collect();
        }
        assert_shows(&server, &key, &truth, &format!("{set}/{}", name_of(scenario))).await;
    }
}

/// One test per set, so that they run side by side.
macro_rules! sets {
    ($($test:ident => $set:literal),+ $(,)?) => {
        const SETS: &[&str] = &[$($set),+];

        $(#[tokio::test]
        async fn $test() {
            replay($set).await;
        })+
    };
}

sets! {
    cumulative_totals_come_to_the_truth => "cumulative",
    exports_with_all_content_come_to_the_truth => "detailed",
    exports_over_grpc_come_to_the_truth => "grpc",
    compressed_exports_come_to_the_truth => "gzip",
    exports_in_json_come_to_the_truth => "http-json",
    exports_in_protobuf_come_to_the_truth => "http-protobuf",
    exports_without_session_ids_come_to_the_truth => "no-session-id",
    exports_without_resource_attributes_come_to_the_truth => "resource-attributes-off",
    repeated_exports_come_to_the_truth => "retries",
    exports_of_signed_in_people_come_to_the_truth => "team",
    exports_with_traces_come_to_the_truth => "traces",
}

#[test]
fn every_set_of_captures_is_replayed() {
    let found: Vec<String> = folders(&collection().join("otlp")).iter().map(|set| name_of(set)).collect();
    let forgotten: Vec<&String> =
        found.iter().filter(|set| *set != "readable" && !SETS.contains(&set.as_str())).collect();
    assert!(forgotten.is_empty(), "no test replays {forgotten:?}");
    let missing: Vec<&&str> = SETS.iter().filter(|set| !found.iter().any(|found| found == *set)).collect();
    if !missing.is_empty() {
        skipped("some sets of captures", &format!("they are only in the larger collection: {missing:?}"));
    }
}

/// Transcripts of a scenario, and the telemetry of the same run where it was kept.
fn runs() -> Vec<(PathBuf, Option<PathBuf>)> {
    let collection = collection();
    let homes = folders(&collection.join("claude-home"));
    assert!(homes.len() >= 12, "hardly any transcripts: {homes:?}");
    let runs = homes.into_iter().map(|home| {
        let telemetry = collection.join("otlp/http-protobuf").join(home.file_name().unwrap());
        (home, telemetry.is_dir().then_some(telemetry))
    });
    runs.collect()
}

/// What transcripts alone can tell.
fn truth_of_transcripts(home: &Path) -> Truth {
    let mut truth = truth_of(home);
    if name_of(home) == "interactive" {
        // The request that compacts a conversation is in no line; its tokens are in the client's own totals.
        truth.figures.requests -= 1;
    }
    truth
}

#[tokio::test]
async fn transcripts_come_to_the_truth_and_the_telemetry_of_the_same_run_adds_nothing() {
    for (home, telemetry) in runs() {
        let place = Place::new();
        let key = place.admin_key();
        let server = place.serve().transcripts(&home).start();
        server.has_read(transcripts_in(&home)).await;
        let what = name_of(&home);
        assert_shows(&server, &key, &truth_of_transcripts(&home), &format!("transcripts of {what}")).await;
        let Some(telemetry) = telemetry else { continue };
        server.replay(&captures(&telemetry)).await;
        assert_shows(&server, &key, &truth_of(&home), &format!("transcripts, then telemetry of {what}"))
            .await;
    }
}

#[tokio::test]
async fn transcripts_imported_after_the_telemetry_of_the_same_run_add_nothing() {
    let [since, until] = DAYS_OF_FIXTURES;
    for (home, telemetry) in runs() {
        let Some(telemetry) = telemetry else { continue };
        let place = Place::new();
        let server = place.serve().start();
        server.replay(&captures(&telemetry)).await;
        assert!(server.stop().success());

        let imported = place.json(&["import", "transcripts", &home.display().to_string(), "--json"]);
        assert_eq!(imported["files"], transcripts_in(&home), "{imported}");
        assert_eq!((&imported["lines_skipped"], &imported["problems"]), (&0.into(), &Json::Array(vec![])));
        let report = |kind| {
            let range = ["--since", since, "--until", until, "--timezone", "UTC"];
            place.json(&[&["report", kind, "--json"][..], &range].concat())
        };
        let shown = Figures::in_reports(&report("daily"), &report("session"));
        let truth = truth_of(&home).figures.as_in_reports();
        assert_eq!(
            shown,
            truth,
            "shown (left) and true of telemetry, then transcripts of {}",
            name_of(&home)
        );
    }
}
