//! Large made-up Claude directories through the whole program: what it reports equals, to the token and the
//! micro-dollar, what the script that made them says is in them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::program::{Outcome, Place, repository, skipped};

/// Makes a corpus, or says why there is none.
fn corpus(place: &Place, seed: u32) -> Option<PathBuf> {
    let script = repository().join("../shared/clients/make_transcripts.py");
    if !script.is_file() {
        skipped("a made-up Claude directory", &format!("no {}", script.display()));
        return None;
    }
    let out = place.path(&format!("corpus-{seed}"));
    let mut python = place.command("python3");
    python.arg(script).arg("--out").arg(&out).args(["--seed", &seed.to_string()]);
    python.args(["--size-mb", "4", "--sessions", "30", "--days", "12", "--projects", "3"]);
    Outcome::of(&mut python).succeeded();
    Some(out)
}

fn import(place: &Place, corpus: &Path) -> Json {
    place.json(&["import", "transcripts", corpus.to_str().unwrap(), "--json"])
}

/// Asserts that the daily report is the corpus's truth.
fn assert_reports_truth(place: &Place, corpus: &Path) {
    let truth: Json = serde_json::from_slice(&fs::read(corpus.join("truth.json")).unwrap()).unwrap();
    let (total, unseen) = (&truth["total"], &truth["unseen"]);
    let days: Vec<&String> = truth["by_day"].as_object().unwrap().keys().collect();
    let (first, last) = (days.first().unwrap().as_str(), days.last().unwrap().as_str());
    let report = place.json(&[
        "report",
        "daily",
        "--json",
        "--no-import",
        "--timezone",
        "UTC",
        "--since",
        first,
        "--until",
        last,
    ]);

    // What only the client's own totals know is in no day of the truth.
    let mut figures = told(total);
    figures["cost"] = (number(total, "cost_microdollars") + number(unseen, "cost_microdollars")).into();
    for (kind, _) in KINDS {
        figures[kind] = (number(&total["tokens"], kind) + number(&unseen["tokens"], kind)).into();
    }
    assert_eq!(shown(&report["totals"]), figures, "all in all: shown (left) and true");
    assert_eq!(report["totals"]["sessions"], total["started"]);
    assert_eq!(activity(&report["totals"]), activity(total));

    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), days.len());
    for (row, day) in rows.iter().zip(days) {
        assert_eq!(row["period"], day.as_str());
        let true_day = &truth["by_day"][day];
        assert_eq!(row["requests"], true_day["requests"], "requests of {day}");
        assert_eq!(activity(row), activity(true_day), "{day}");
        if number(unseen, "requests") > 0 {
            continue;
        }
        assert_eq!(shown(row), told(true_day), "{day}: shown (left) and true");
        let models = truth["by_day_model"][day].as_object().unwrap();
        assert_eq!(row["models"].as_array().unwrap().len(), models.len(), "{day}");
        for model in row["models"].as_array().unwrap() {
            let name = model["model"].as_str().unwrap();
            assert_eq!(shown(model), told(&models[name]), "{day} {name}: shown (left) and true");
        }
    }
}

/// The kinds of tokens: as the truth names them, and as reports do.
const KINDS: [(&str, &str); 6] = [
    ("input", "input"),
    ("output", "output"),
    ("cacheRead", "cache_read"),
    ("cacheCreation", "cache_creation"),
    ("cacheCreation5m", "cache_creation_5m"),
    ("cacheCreation1h", "cache_creation_1h"),
];

fn number(value: &Json, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no number {name} in {value}"))
}

/// Requests, tokens and cost of a part of the truth.
fn told(truth: &Json) -> Json {
    let mut figures = json!({ "requests": truth["requests"], "cost": truth["cost_microdollars"] });
    for (kind, _) in KINDS {
        figures[kind] = truth["tokens"][kind].clone();
    }
    figures
}

/// The same of a part of a report.
fn shown(report: &Json) -> Json {
    let mut figures = json!({ "requests": report["requests"], "cost": report["cost_micros"]["priced"] });
    for (kind, shown) in KINDS {
        figures[kind] = report["tokens"][shown].clone();
    }
    figures
}

/// What was done besides, which truth and reports name alike.
fn activity(figures: &Json) -> Json {
    json!([figures["lines"], figures["commits"], figures["pull_requests"]])
}

#[test]
fn the_report_is_the_truth_of_a_corpus() {
    for seed in [1, 2] {
        let place = Place::new();
        let Some(corpus) = corpus(&place, seed) else { return };
        let truth: Json = serde_json::from_slice(&fs::read(corpus.join("truth.json")).unwrap()).unwrap();
        let outcome = import(&place, &corpus);
        for what in ["files", "lines", "bytes"] {
            assert_eq!(outcome[what], truth["written"][what], "{what} read");
        }
        assert_eq!((&outcome["lines_skipped"], &outcome["problems"]), (&json!(0), &json!([])));
        assert_reports_truth(&place, &corpus);
        // Once more adds nothing, and reads nothing.
        let again = import(&place, &corpus);
        assert_eq!((&again["files"], &again["lines"], &again["records"]), (&json!(0), &json!(0), &json!(0)));
        assert_reports_truth(&place, &corpus);
    }
}

#[test]
fn a_corpus_that_grows_while_it_is_read_comes_to_the_same() {
    let place = Place::new();
    let Some(corpus) = corpus(&place, 3) else { return };
    let files = transcripts_in(&corpus.join("projects"));
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    // Cut anywhere, each file elsewhere, most of them in the middle of a line; some are not there yet.
    for step in 0..3 {
        for (index, (file, whole)) in files.iter().zip(&whole).enumerate() {
            let length = whole.len() * (step * 37 + index * 13 % 61) / 150;
            if length == 0 {
                fs::remove_file(file).ok();
            } else {
                fs::write(file, &whole[..length]).unwrap();
            }
        }
        import(&place, &corpus);
    }
    for (file, whole) in files.iter().zip(&whole) {
        fs::write(file, whole).unwrap();
    }
    import(&place, &corpus);
    assert_reports_truth(&place, &corpus);
}

/// Every transcript below a directory, by path.
fn transcripts_in(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `PITWALL_CORPORA` names directories that the script has made, separated by commas: those of the benchmark.
#[test]
fn corpora_that_are_named_are_reported_as_they_are() {
    let Ok(named) = std::env::var("PITWALL_CORPORA") else {
        return skipped("large corpora", "PITWALL_CORPORA names none");
    };
    for corpus in named.split(',').map(Path::new) {
        let place = Place::new();
        import(&place, corpus);
        assert_reports_truth(&place, corpus);
    }
}
