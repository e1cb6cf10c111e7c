//! Rules that hold everywhere, each with the places that are meant to be different.

use std::path::{Path, PathBuf};

use super::repository;
use super::rust_source::{Source, sources};

/// Where SQL may be written.
const SQL_PLACES: [&str; 2] = ["crates/store-", "crates/state"];

/// Where the sender's names are spelt.
const NAMES: &str = "crates/sources/src/claude_code/names.rs";

/// Asserts that nothing was found; `why` says what to do instead.
fn assert_none(found: &[String], why: &str) {
    assert!(found.is_empty(), "{why}:\n  {}", found.join("\n  "));
}

/// `path:line: what`, for each line.
fn places<'a>(source: &'a Source, lines: Vec<usize>, what: &'a str) -> impl Iterator<Item = String> + 'a {
    lines.into_iter().map(move |line| format!("{}:{line}: {what}", source.path.display()))
}

/// Every use of one of the words, in all sources but those of the places.
fn uses_of(words: &[&str], except: &[&str]) -> Vec<String> {
    let sources = sources();
    let elsewhere = sources.iter().filter(|source| !source.is_in(except));
    let found = elsewhere
        .flat_map(|source| words.iter().flat_map(|word| places(source, source.lines_with(word), word)));
    found.collect()
}

/// Every use of one of the words in the sources of the places.
fn uses_within(words: &[&str], folders: &[&str]) -> Vec<String> {
    let sources = sources();
    let inside = sources.iter().filter(|source| source.is_in(folders));
    let found =
        inside.flat_map(|source| words.iter().flat_map(|word| places(source, source.lines_with(word), word)));
    found.collect()
}

#[test]
fn the_checks_see_the_sources() {
    let sources = sources();
    for name in repository::crates() {
        let folder = format!("crates/{name}/src");
        assert!(
            sources.iter().any(|source| source.path.starts_with(&folder)),
            "no source of {name} was read"
        );
    }
}

#[test]
fn time_comes_from_the_clock() {
    const CLOCK: &str = "crates/model/src/clock.rs";
    let calls =
        [&["SystemTime", "now"][..], &["Timestamp", "now"], &["Zoned", "now"], &["std", "time", "Instant"]];
    let sources = sources();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.is_in(&[CLOCK])) {
        for call in calls {
            found.extend(places(source, source.lines_naming(call), &call.join("::")));
        }
    }
    assert_none(&found, "take a model::Clock, or tokio's time for time-outs, so that tests can set it");
    // The check would find what it looks for.
    assert!(!Source::of(CLOCK).lines_naming(&["Timestamp", "now"]).is_empty());
}

#[test]
fn sql_stays_in_the_stores() {
    let is_store = |path: &Path| {
        let path = path.to_string_lossy();
        SQL_PLACES.iter().any(|place| path.starts_with(place))
    };
    let (mut found, mut known) = (Vec::new(), 0);
    for source in sources() {
        let lines = source.texts().filter(|(_, text)| is_sql(text)).map(|(line, _)| line).collect();
        let places = places(&source, lines, "SQL");
        if is_store(&source.path) { known += places.count() } else { found.extend(places) }
    }
    let files: Vec<PathBuf> = repository::files("crates", "sql");
    found.extend(files.iter().filter(|file| !is_store(file)).map(|file| file.display().to_string()));
    assert_none(&found, "ask the store in the ledger's words: store::Query, or a new method of store::Store");
    assert!(known > 10, "the check finds hardly any SQL where it is at home: {known}");
}

/// Whether a text is, or begins, an SQL statement. Prose that begins with such a word is not.
fn is_sql(text: &str) -> bool {
    const ANYWHERE: [&str; 6] =
        ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP TABLE "];
    const FIRST: [(&str, &str); 7] = [
        ("select ", " from "),
        ("insert into ", ""),
        ("delete from ", ""),
        ("create table ", ""),
        ("alter table ", ""),
        ("update ", " set "),
        ("pragma ", ""),
    ];
    let lower = text.trim_start().to_lowercase();
    ANYWHERE.iter().any(|keyword| text.contains(keyword))
        || FIRST.iter().any(|(first, then)| lower.starts_with(first) && lower.contains(then))
}

#[test]
fn sql_is_told_from_prose() {
    for sql in [
        "select id from keys",
        "\n  UPDATE meta SET value = $1",
        "x; SELECT 1",
        "pragma user_version",
        "insert into t",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
    for prose in ["Select the days to show", "update the settings", "what came from a selection", "inserted"]
    {
        assert!(!is_sql(prose), "{prose}");
    }
}

#[test]
fn only_the_otlp_module_names_its_types() {
    let found = uses_of(&["opentelemetry_proto"], &["crates/sources/src/otlp"]);
    assert_none(&found, "use the neutral form, sources::otlp::Export");
}

#[test]
fn telemetry_names_are_spelt_once() {
    let names = Source::of(NAMES);
    let attributes = names.text_constants();
    assert!(attributes.len() > 50, "the check does not find the names: {}", attributes.len());
    let mut spelt: Vec<&str> = attributes.iter().map(|(_, value)| *value).collect();
    spelt.sort_unstable();
    let twice: Vec<String> =
        spelt.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned()).collect();
    assert_none(&twice, "two constants have the same value; one name, one constant");

    // Names with a dot are nobody else's words; those without (`model`, `input_tokens`) are also columns and
    // fields of answers, so beyond their own module they cannot be told apart.
    let own = |name: &&str| name.contains('.');
    let with_metrics: Vec<&str> = names.texts().map(|(_, text)| text).filter(own).collect();
    let is_telling = |text: &str| with_metrics.contains(&text) && !OPERATORS_NAMES.contains(&text);
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !source.is_in(&[NAMES])) {
        let beside = source.is_in(&["crates/sources/src/claude_code"]);
        let repeated =
            source.texts().filter(|(_, text)| is_telling(text) || (beside && spelt.contains(text)));
        found.extend(repeated.map(|(line, text)| format!("{}:{line}: \"{text}\"", source.path.display())));
    }
    assert_none(&found, "use the constant of sources::claude_code::names");
}

/// Attribute names that operators choose; they are values of a setting as well.
const OPERATORS_NAMES: [&str; 2] = ["team.id", "claude_code.remote"];

#[test]
fn reports_never_write() {
    let found = uses_within(&["Transaction"], &["crates/report/src"]);
    assert_none(&found, "a report reads the store; only the intake's clerk appends");
    let appenders =
        uses_of(&["Transaction"], &["crates/store", "crates/store-duckdb", "crates/sources/src/intake"]);
    assert_none(&appenders, "the intake's clerk alone appends to the store");
}

#[test]
fn surfaces_do_no_arithmetic_on_measures() {
    let surfaces = ["crates/server/src", "crates/pitwall/src"];
    let found = uses_within(&["Measure", "Measures", "Figure"], &surfaces);
    assert_none(&found, "figures are computed in the report crate; a surface only shows them");
}

#[test]
fn the_program_names_its_engine_in_one_place() {
    let found =
        uses_of(&["store_duckdb", "DuckDbStore"], &["crates/store-duckdb", "crates/pitwall/src/wire.rs"]);
    assert_none(&found, "only wire.rs puts the program together; everybody else has an Arc<dyn Store>");
}

#[test]
fn every_queue_is_bounded() {
    let found = uses_of(&["unbounded_channel", "unbounded", "UnboundedSender"], &[]);
    assert_none(&found, "give the queue a capacity, as a named constant");
}

#[test]
fn there_is_no_global_state() {
    let found = uses_of(&["LazyLock", "lazy_static", "thread_local"], &[]);
    assert_none(&found, "put it into the struct that needs it");
    let sources = sources();
    let statics = sources.iter().filter(|source| !source.is_in(&["crates/pitwall/src/main.rs"]));
    let found: Vec<String> =
        statics.flat_map(|source| places(source, source.lines_with("static"), "static")).collect();
    assert_none(&found, "use a constant, or put it into the struct that needs it");
}

#[test]
fn there_is_no_unsafe_code() {
    let found = uses_of(&["unsafe"], &[]);
    assert_none(&found, "find a safe way, or a crate that has");
}
