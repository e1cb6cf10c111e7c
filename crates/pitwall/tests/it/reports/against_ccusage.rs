//! Beside ccusage itself, where it can be installed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;

use super::{home, place_with};
use crate::program::{Place, repository, skipped};

/// The version whose shape is given.
const CCUSAGE: &str = "ccusage@20.0.24";

/// The scenarios with requests in their transcripts.
const SCENARIOS: [&str; 9] = [
    "commit-and-pr",
    "edits-accepted",
    "edits-rejected",
    "extras",
    "interactive",
    "models",
    "resume",
    "steady",
    "subagent",
];

/// ccusage, installed once into an ignored folder; `None` where it cannot be.
fn ccusage() -> Result<PathBuf, String> {
    let folder = repository().join(".cache/ccusage");
    let program = folder.join("node_modules/.bin/ccusage");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Tests that run side by side wait here for the first one to install it.
    let lock = std::fs::File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if !program.exists() {
        let install = Command::new("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(CCUSAGE)
            .output()
            .map_err(|error| format!("npm: {error}"))?;
        if !install.status.success() {
            return Err(String::from_utf8_lossy(&install.stderr).into_owned());
        }
    }
    let works = Command::new(&program).arg("--version").output().map_err(|error| error.to_string())?;
    if works.status.success() {
        Ok(program)
    } else {
        Err(String::from_utf8_lossy(&works.stderr).into_owned())
    }
}

/// What it prints of a scenario, without asking anybody for prices.
fn printed(place: &Place, program: &PathBuf, scenario: &str, arguments: &[&str]) -> Option<Json> {
    let mut command = place.command(program);
    command.args(arguments).args(["--json", "--offline", "--timezone", "UTC"]);
    command.env("CLAUDE_CONFIG_DIR", home(scenario));
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

fn keys(value: &Json) -> BTreeSet<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn whatever_ccusage_prints_is_there_with_its_tokens() {
    let program = match ccusage() {
        Ok(program) => program,
        Err(why) => return skipped("the comparison with ccusage's own shape", &why),
    };
    for scenario in SCENARIOS {
        let place = place_with(&[scenario]);
        for (ways, kind, list) in [
            (&["daily"][..], "daily", "daily"),
            (&["claude", "daily"], "daily", "daily"),
            (&["claude", "weekly"], "weekly", "weekly"),
            (&["claude", "monthly"], "monthly", "monthly"),
            (&["session"], "session", "session"),
            (&["claude", "session"], "session", "sessions"),
            (&["claude", "blocks"], "blocks", "blocks"),
        ] {
            let theirs = printed(&place, &program, scenario, ways).unwrap();
            let ours = place.json(&[
                "report",
                kind,
                "--json=ccusage",
                "--no-import",
                "--timezone",
                "UTC",
                "--order",
                "asc",
            ]);
            assert!(keys(&ours).is_superset(&keys(&theirs)), "{scenario} {ways:?}");
            let row = &theirs[list][0];
            assert!(keys(&ours[list][0]).is_superset(&keys(row)), "{scenario} {ways:?}: {row:#}");
            let part = &row["modelBreakdowns"][0];
            let own = &ours[list][0]["modelBreakdowns"][0];
            assert!(
                keys(own)
                    .is_superset(&keys(part).into_iter().filter(|key| *key != "missingPricing").collect())
            );
        }
    }
}

#[test]
fn every_difference_from_ccusage_is_explained() {
    let program = match ccusage() {
        Ok(program) => program,
        Err(why) => return skipped("explaining ccusage's figures", &why),
    };
    for scenario in SCENARIOS {
        let place = place_with(&[scenario]);
        let theirs = printed(&place, &program, scenario, &["claude", "daily"]).unwrap();
        let file = place.path("ccusage.json");
        std::fs::write(&file, theirs.to_string()).unwrap();
        let file = file.display().to_string();
        let comparison =
            place.json(&["explain", "--against", &file, "--json", "--no-import", "--timezone", "UTC"]);
        for (name, left) in comparison["unexplained"].as_object().unwrap() {
            assert_eq!(left, 0, "{scenario}: {name}\n{comparison:#}");
        }
        // ccusage adds the same up.
        assert_eq!(comparison["theirs"]["input"], theirs["totals"]["inputTokens"], "{scenario}");
        assert_eq!(comparison["theirs"]["output"], theirs["totals"]["outputTokens"], "{scenario}");
    }
}
