//! What is said when a command cannot do what it is asked: in one breath, and with what to do instead.

use std::fs;
use std::net::TcpListener;

use crate::program::{Outcome, Place, fixture};

/// The status of a command that was not understood; everything else that fails ends with 1.
const NOT_UNDERSTOOD: i32 = 2;

#[test]
fn arguments_that_make_no_sense_are_named() {
    let place = Place::new();
    let cases: [(&[&str], &[&str]); 12] = [
        (&["frobnicate"], &["frobnicate", "--help"]),
        (&["serve", "--http", "nonsense"], &["nonsense", "--http"]),
        (&["serve", "--no-transcripts", "--claude-dir", "x"], &["--no-transcripts", "--claude-dir"]),
        (&["import"], &["transcripts"]),
        (&["import", "invoices"], &["invoices"]),
        (&["report", "yearly"], &["yearly"]),
        (&["report", "daily", "--since", "lately"], &["lately", "--since"]),
        (&["key", "create", "--kind", "boss", "--name", "x"], &["boss", "admin", "ingest", "viewer"]),
        (&["key", "create", "--kind", "admin"], &["--name"]),
        (&["key", "revoke"], &["<ID>"]),
        (&["demo", "--developers", "0"], &["--developers", "5000"]),
        (&["demo", "--days", "9999"], &["--days", "730"]),
    ];
    for (arguments, told) in cases {
        // Help that is printed for want of a command is no error text, but goes the same way.
        let outcome = place.run(arguments);
        outcome.failed(told);
        assert_eq!(outcome.status.code(), Some(NOT_UNDERSTOOD), "{arguments:?}");
        assert_eq!(outcome.out, "", "{arguments:?}");
    }
    assert!(!place.data().exists(), "a command that was not understood has made data");
}

#[test]
fn what_cannot_be_done_is_told_with_what_to_do() {
    let place = Place::new();
    fs::write(place.path("a-file"), "").unwrap();
    let cases: [(&[&str], &[&str]); 7] = [
        (
            &["report", "daily", "--since", "2026-11-02", "--until", "2026-11-01"],
            &["2026-11-01", "2026-11-02"],
        ),
        (&["report", "daily", "--timezone", "Mars/Olympus"], &["Mars/Olympus", "IANA"]),
        (&["report", "daily", "--config", "nowhere.toml"], &["nowhere.toml"]),
        (&["key", "revoke", "key_unknown"], &["key_unknown", "key list"]),
        (&["key", "create", "--kind", "admin", "--name", " "], &["name"]),
        (&["serve", "--data", "a-file/data"], &["a-file/data"]),
        (&["import", "transcripts", "nowhere"], &["nowhere", "projects"]),
    ];
    for (arguments, told) in cases {
        let mut command = place.pitwall(arguments);
        let outcome =
            Outcome::of(command.env("PITWALL_HTTP", "127.0.0.1:0").env("PITWALL_GRPC", "127.0.0.1:0"));
        outcome.failed(told);
        assert_eq!(outcome.status.code(), Some(1), "{arguments:?}");
        assert_eq!(outcome.error.trim_end().lines().count(), 1, "{arguments:?}: {}", outcome.error);
    }
}

#[test]
fn a_setting_that_makes_no_sense_is_named() {
    let place = Place::new();
    for (name, value, told) in [
        ("PITWALL_ANALYTICS_FRESHNESS", "soon", "FRESHNESS"),
        ("PITWALL_ANALYTICS_FRESHNES", "0s", "freshnes"),
        ("PITWALL_PRIVACY_KEEP_CONTENT", "perhaps", "KEEP_CONTENT"),
    ] {
        let refusal = place.serve().setting(name, value).try_start().err();
        let refusal = refusal.unwrap_or_else(|| panic!("{name}={value} was taken"));
        assert!(refusal.to_lowercase().contains(&told.to_lowercase()), "{name}={value}: {refusal}");
    }
}

#[test]
fn data_in_use_by_another_process_is_left_alone() {
    let place = Place::new();
    let mut server = place.serve().start();
    let second = place.serve().try_start().err().unwrap();
    assert!(second.contains("in use by another process"), "{second}");
    assert!(second.contains(&server.process_id().to_string()), "{second}");
    let home = fixture("claude-home/text-answer").display().to_string();
    let import = place.run(&["import", "transcripts", &home]);
    import.failed(&[&server.address, "stop it first"]);
    assert!(server.is_running(), "{}", server.log());
    // What the second one left behind does not stand in the way of commands either.
    assert!(place.json(&["report", "daily", "--json"])["rows"].is_array());
}

#[test]
fn an_address_in_use_is_told_with_the_flag_that_chooses_another() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (setting, flag) in [("PITWALL_HTTP", "--http"), ("PITWALL_GRPC", "--grpc")] {
        let refusal = place.serve().setting(setting, &address).try_start().err().unwrap();
        assert!(refusal.contains(&address) && refusal.contains(flag), "{refusal}");
    }
}

#[test]
fn a_file_that_is_no_ledger_is_not_touched() {
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    let file = place.data().join("ledger.duckdb");
    let somebody_elses = vec![7; 20_000];
    fs::write(&file, &somebody_elses).unwrap();
    let refusal = place.serve().try_start().err().unwrap();
    assert!(refusal.contains("ledger.duckdb"), "{refusal}");
    assert_eq!(fs::read(&file).unwrap(), somebody_elses);
}
