//! Which crate depends on which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::repository;

/// Crates of others that have one home here.
///
/// Drivers and generated protocol types would otherwise let a layer be left out.
const HOMES: [(&str, &str); 4] = [
    ("duckdb", "store-duckdb"),
    ("sqlx", "state"),
    ("opentelemetry-proto", "sources"),
    ("notify", "sources"),
];

/// A crate's edges to other crates of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Edges {
    /// What its library or program depends on.
    code: BTreeSet<String>,
    /// What its tests use besides.
    tests: BTreeSet<String>,
}

type Graph = BTreeMap<String, Edges>;

/// The table under "## Map" of `ARCHITECTURE.md`: crate, purpose, depends on, tests also use.
fn written_down() -> Graph {
    let text = repository::read("ARCHITECTURE.md");
    let (_, map) = text.split_once("\n## Map\n").expect("ARCHITECTURE.md has a section \"Map\"");
    let map = map.split("\n## ").next().unwrap_or_default();
    let table = map
        .lines()
        .skip_while(|line| !line.starts_with("| Crate |"))
        .take_while(|line| line.starts_with('|'));
    let rows = table.filter(|line| line.starts_with("| `"));
    let graph = rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [name, _purpose, code, tests] = cells.as_slice() else {
            panic!("a row of the map does not have four cells: {row}")
        };
        let name = names(name).pop_first().expect("the row names a crate");
        (name, Edges { code: names(code), tests: names(tests) })
    });
    graph.collect()
}

/// The words between backticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(repository::root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn packages(metadata: &Value) -> impl Iterator<Item = (&str, &[Value])> {
    metadata["packages"].as_array().into_iter().flatten().map(|package| {
        let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
        (package["name"].as_str().unwrap_or_default(), dependencies)
    })
}

fn built(metadata: &Value) -> Graph {
    let own: BTreeSet<&str> = packages(metadata).map(|(name, _)| name).collect();
    let graph = packages(metadata).map(|(name, dependencies)| {
        let mut edges = Edges::default();
        for dependency in dependencies {
            let on = dependency["name"].as_str().unwrap_or_default();
            if own.contains(on) && on != name {
                let of_tests = dependency["kind"].as_str() == Some("dev");
                let side = if of_tests { &mut edges.tests } else { &mut edges.code };
                side.insert(on.to_owned());
            }
        }
        // A crate that the code depends on already may be named again for the tests, with other features.
        edges.tests = &edges.tests - &edges.code;
        (name.to_owned(), edges)
    });
    graph.collect()
}

#[test]
fn the_crates_depend_on_each_other_as_the_map_says() {
    let (written, built) = (written_down(), built(&metadata()));
    let everybody: BTreeSet<&String> = written.keys().chain(built.keys()).collect();
    let mut differences = Vec::new();
    for name in everybody {
        match (written.get(name), built.get(name)) {
            (Some(_), None) => differences.push(format!("{name}: in the map, but there is no such crate")),
            (None, _) => differences.push(format!("{name}: a crate, but not in the map")),
            (Some(written), Some(built)) => {
                for (side, written, built) in [
                    ("depends on", &written.code, &built.code),
                    ("tests also use", &written.tests, &built.tests),
                ] {
                    differences
                        .extend((built - written).iter().map(|on| format!("{name}: \"{side}\" lacks {on}")));
                    differences.extend(
                        (written - built)
                            .iter()
                            .map(|on| format!("{name}: \"{side}\" names {on}, which it does not")),
                    );
                }
            }
        }
    }
    assert!(
        differences.is_empty(),
        "the map in ARCHITECTURE.md and the crates differ; is the edge meant, and does its direction fit?\n  {}",
        differences.join("\n  ")
    );
}

#[test]
fn a_folder_is_called_like_its_crate() {
    let metadata = metadata();
    let mut names: Vec<&str> = packages(&metadata).map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, repository::crates());
}

#[test]
fn the_map_has_no_cycle() {
    let mut graph = written_down();
    // Takes away what depends on nothing that is left, until nothing is left.
    while !graph.is_empty() {
        let free: Vec<String> =
            graph.iter().filter(|(_, edges)| edges.code.is_empty()).map(|(name, _)| name.clone()).collect();
        assert!(!free.is_empty(), "these crates depend on each other in a circle: {:?}", graph.keys());
        for name in free {
            graph.remove(&name);
            graph.values_mut().for_each(|edges| {
                edges.code.remove(&name);
            });
        }
    }
}

#[test]
fn only_the_program_names_an_engine() {
    for (name, edges) in built(&metadata()) {
        let engines: Vec<_> = edges.code.iter().filter(|on| on.starts_with("store-")).collect();
        assert!(name == "pitwall" || engines.is_empty(), "{name} depends on {engines:?}");
    }
}

#[test]
fn drivers_and_protocols_have_one_home() {
    let metadata = metadata();
    for (foreign, home) in HOMES {
        let users: Vec<&str> = packages(&metadata)
            .filter(|(_, dependencies)| {
                dependencies.iter().any(|on| on["name"] == foreign && on["kind"].as_str() != Some("dev"))
            })
            .map(|(name, _)| name)
            .collect();
        assert_eq!(users, [home], "{foreign} belongs to {home}");
    }
}

#[test]
fn every_crate_takes_the_workspaces_lints() {
    for name in repository::crates() {
        let manifest = repository::read(format!("crates/{name}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
    }
}
