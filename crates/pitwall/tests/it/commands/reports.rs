//! `pitwall import transcripts` and `pitwall report`, with a server and without one.

use serde_json::{Value as Json, json};

use crate::figures::{DAYS_OF_FIXTURES, Figures, Truth};
use crate::program::{Outcome, Place, fixture};

const SCENARIO: &str = "claude-home/edits-accepted";

fn truth() -> Figures {
    let expected = std::fs::read(fixture(SCENARIO).join("expected.json")).unwrap();
    Truth::of_fixture(&serde_json::from_slice(&expected).unwrap()).figures
}

fn import(place: &Place) -> Json {
    place.json(&["import", "transcripts", &fixture(SCENARIO).display().to_string(), "--json"])
}

/// A report over the fixtures' days, as it is printed.
fn report(place: &Place, kind: &str, more: &[&str]) -> String {
    let [since, until] = DAYS_OF_FIXTURES;
    let range = ["report", kind, "--since", since, "--until", until, "--timezone", "UTC"];
    place.run(&[&range[..], more].concat()).succeeded().out
}

fn as_json(report: &str) -> Json {
    serde_json::from_str(report).unwrap()
}

#[test]
fn importing_again_adds_nothing() {
    let place = Place::new();
    let first = import(&place);
    assert_eq!(
        (&first["files"], &first["lines_skipped"], &first["problems"]),
        (&1.into(), &0.into(), &json!([]))
    );
    assert_eq!(first["records"], first["records_new"]);
    let daily = report(&place, "daily", &["--json", "--no-import"]);
    let again = import(&place);
    assert_eq!(again["records_new"], 0);
    assert_eq!(report(&place, "daily", &["--json", "--no-import"]), daily);
}

#[test]
fn what_a_command_leaves_in_the_log_is_found_by_the_next_one_and_folded_by_a_server() {
    let place = Place::new();
    import(&place);
    let log = place.data().join("ledger.duckdb.wal");
    assert!(log.exists(), "so little was folded");
    let shown = || {
        let [daily, session] =
            ["daily", "session"].map(|kind| report(&place, kind, &["--json", "--no-import"]));
        Figures::in_reports(&as_json(&daily), &as_json(&session))
    };
    assert_eq!(shown(), truth().as_in_reports());
    assert!(log.exists(), "a command that only reads folded the log");
    assert!(place.serve().start().stop().success());
    assert!(!log.exists());
    assert_eq!(shown(), truth().as_in_reports());
}

#[tokio::test]
async fn reports_are_the_same_beside_a_server_and_without_one() {
    let place = Place::new();
    import(&place);
    let printed = |place: &Place| {
        let kinds = ["daily", "monthly", "session"];
        kinds.map(|kind| (report(place, kind, &["--json"]), report(place, kind, &[])))
    };
    let alone = printed(&place);
    let server = place.serve().start();
    let beside = printed(&place);
    assert!(server.stop().success());
    for ((alone, beside), kind) in alone.iter().zip(&beside).zip(["daily", "monthly", "session"]) {
        assert_eq!(as_json(&alone.0), as_json(&beside.0), "{kind}");
        assert_eq!(alone.1, beside.1, "{kind} as a table");
    }
    let [(daily, _), (monthly, table), (session, _)] = &alone;
    assert_eq!(Figures::in_reports(&as_json(daily), &as_json(session)), truth().as_in_reports());
    assert_eq!(as_json(monthly)["rows"][0]["period"], "2026-11");
    // 0.205298 dollars, to the cent.
    assert!(table.contains("2026-11") && table.contains("$0.21"), "{table}");
}

#[test]
fn a_report_brings_in_what_claude_code_has_written_meanwhile() {
    let place = Place::new();
    let home = fixture(SCENARIO).display().to_string();
    let mut command = place.pitwall(&["report", "daily", "--json", "--since", "2026-11-20"]);
    let outcome = Outcome::of(command.env("CLAUDE_CONFIG_DIR", home)).succeeded();
    assert_eq!(as_json(&outcome.out)["totals"]["requests"], truth().requests);
}

#[test]
fn a_server_that_crashed_does_not_keep_commands_from_the_data() {
    let place = Place::new();
    import(&place);
    let daily = report(&place, "daily", &["--json"]);
    let server = place.serve().start();
    server.kill();
    assert!(place.data().join("server.json").exists(), "this is about a file that was left behind");
    assert_eq!(report(&place, "daily", &["--json"]), daily);
    assert_eq!(import(&place)["records_new"], 0);
}

#[test]
fn a_day_is_cut_where_the_zone_says() {
    let place = Place::new();
    import(&place);
    let day_in = |zone| {
        let arguments = ["report", "daily", "--json", "--since", "2026-11-20", "--until", "2026-11-24"];
        let report = place.json(&[&arguments[..], &["--timezone", zone]].concat());
        report["rows"][0]["period"].as_str().unwrap().to_owned()
    };
    // The scenario was played on 2026-11-22 about 08:10 UTC.
    assert_eq!(day_in("UTC"), "2026-11-22");
    assert_eq!(day_in("America/Los_Angeles"), "2026-11-22");
    assert_eq!(day_in("Pacific/Pago_Pago"), "2026-11-21");
    assert_eq!(day_in("Pacific/Kiritimati"), "2026-11-22");
}
