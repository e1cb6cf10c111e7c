//! Reports, prices, the status line and explanations, through the whole program.

mod against_ccusage;
mod explain;
mod prices;
mod shapes;
mod statusline;

use serde_json::Value as Json;

use crate::program::{Place, fixture};

/// Every report.
pub(crate) const KINDS: [&str; 8] =
    ["daily", "weekly", "monthly", "session", "blocks", "models", "projects", "tools"];

/// A place with the transcripts of some scenarios in its ledger.
fn place_with(scenarios: &[&str]) -> Place {
    let place = Place::new();
    let homes: Vec<String> = scenarios.iter().map(|name| home(name)).collect();
    let homes: Vec<&str> = homes.iter().map(String::as_str).collect();
    place.json(&[&["import", "transcripts", "--json"][..], &homes].concat());
    place
}

fn home(scenario: &str) -> String {
    fixture(&format!("claude-home/{scenario}")).display().to_string()
}

/// What a scenario's truth says.
fn truth(scenario: &str) -> Json {
    let file = fixture(&format!("claude-home/{scenario}")).join("expected.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A report as JSON, in UTC.
fn report(place: &Place, kind: &str, more: &[&str]) -> Json {
    let asked = ["report", kind, "--json", "--no-import", "--timezone", "UTC"];
    place.json(&[&asked[..], more].concat())
}
