//! Large made-up Claude directories through the whole program: what it reports equals, to the token and the
//! micro-dollar, what the script that made them says is in them.

use std::fs;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::program::{Outcome, Place, repository, skipped, until};

/// Makes a corpus, or says why there is none.
fn corpus(place: &Place, seed: u32) -> Option<PathBuf> {
    let scripts = std::env::var_os("PITWALL_SHARED_CLIENTS")
        .map_or_else(|| repository().join("../shared/clients"), PathBuf::from);
    let script = scripts.join("make_transcripts.py");
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
    let (mut figures, all) = (told(total), shown(&report["totals"]));
    for (kind, _) in KINDS {
        figures[kind] = (number(&total["tokens"], kind) + number(&unseen["tokens"], kind)).into();
    }
    for cost in ["cost", "priced"] {
        let sum = number(total, "cost_microdollars") + number(unseen, "cost_microdollars");
        // The truth rounds its two sums, the report only all of it.
        let rounded = number(&all, cost).abs_diff(sum) <= u64::from(number(unseen, "requests") > 0);
        assert!(rounded, "{cost}, all in all: {} shown, {sum} true", all[cost]);
        figures[cost] = all[cost].clone();
    }
    assert_eq!(all, figures, "all in all: shown (left) and true");
    assert_eq!(report["totals"]["sessions"], total["started"]);
    assert_eq!(activity(&report["totals"]), activity(total));

    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), days.len());
    let mut lines_elsewhere = 0;
    for (row, day) in rows.iter().zip(days) {
        assert_eq!(row["period"], day.as_str());
        let true_day = &truth["by_day"][day];
        assert_eq!(row["requests"], true_day["requests"], "requests of {day}");
        assert_eq!(
            [&row["commits"], &row["pull_requests"]],
            [&true_day["commits"], &true_day["pull_requests"]]
        );
        assert_eq!(row["lines"]["added"], true_day["lines"]["added"], "lines added on {day}");
        lines_elsewhere += number(&row["lines"], "removed").abs_diff(number(&true_day["lines"], "removed"));
        assert_holds(&shown(row), &told(true_day), unseen, day);
        let models = truth["by_day_model"][day].as_object().unwrap();
        for model in row["models"].as_array().unwrap() {
            let name = model["model"].as_str().unwrap();
            // A compaction on the day after the last request of its model is alone.
            let nothing = json!({ "requests": 0 });
            let true_model = models.get(name).map_or(nothing, told);
            assert_holds(&shown(model), &true_model, unseen, &format!("{day} {name}"));
        }
    }
    // One is missing on its own day, and on the day of the totals there is one more.
    let most = 2 * edits_that_replace_nothing(&corpus.join("projects"));
    assert!(lines_elsewhere <= most, "{lines_elsewhere} removed lines elsewhere, at most {most} expected");
}

/// Asserts that a part of the report holds the truth of that part, and nothing else but what only the client's
/// own totals know. The truth has the sum of that, and not its days; that nothing is beyond the sum, all in all,
/// is asserted where the totals are.
fn assert_holds(shown: &Json, told: &Json, unseen: &Json, part: &str) {
    if number(unseen, "requests") == 0 {
        assert_eq!(shown, told, "{part}: shown (left) and true");
    }
    for (name, value) in told.as_object().unwrap() {
        assert!(shown[name].as_i64() >= value.as_i64(), "{name} of {part}: shown {shown}, true {told}");
    }
}

/// Edits by subagents whose old text is empty: how many there are.
///
/// For the client that is the making of a file, of which no line is removed. The script means an empty line, and
/// counts it as removed. Where the result of the call tells what was changed, that stands; subagents of newer
/// versions write no result, so that the line comes from the client's totals, on the day these were written.
fn edits_that_replace_nothing(projects: &Path) -> u64 {
    let by_subagents = |file: &&PathBuf| file.parent().is_some_and(|folder| folder.ends_with("subagents"));
    let files = transcripts_in(projects);
    let texts = files.iter().filter(by_subagents).map(|file| fs::read_to_string(file).unwrap());
    texts.map(|text| text.matches(r#""old_string":"","new_string""#).count() as u64).sum()
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
    let cost = &truth["cost_microdollars"];
    let mut figures = json!({ "requests": truth["requests"], "cost": cost, "priced": cost });
    for (kind, _) in KINDS {
        figures[kind] = truth["tokens"][kind].clone();
    }
    figures
}

/// The same of a part of a report.
fn shown(report: &Json) -> Json {
    let cost = &report["cost_micros"];
    let mut figures =
        json!({ "requests": report["requests"], "cost": cost["settled"], "priced": cost["priced"] });
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

#[cfg(unix)]
#[tokio::test]
async fn an_import_that_was_stopped_goes_on_to_the_same() {
    let place = Place::new();
    let Some(corpus) = corpus(&place, 4) else { return };
    for signal in ["TERM", "INT", "KILL"] {
        let mut import = place.pitwall(&["import", "transcripts", corpus.to_str().unwrap(), "--json"]);
        let mut process = import.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // It has begun, and may be anywhere.
        until("the import has opened the data", async || {
            if place.data().join("state.sqlite").exists() { Ok(()) } else { Err("no data yet") }
        })
        .await;
        let kill = format!("kill -{signal} {} 2>&1", process.id());
        Outcome::of(place.command("sh").args(["-c", &kill]));
        let mut told = String::new();
        process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        let status = process.wait().unwrap();
        // It may have been done already, or not yet have been ready to be told.
        if let Some(1..) = status.code() {
            assert!(told.contains("files are read and kept; run the command again"), "{told}");
        }
    }
    import(&place, &corpus);
    assert_reports_truth(&place, &corpus);
}

/// Lines of 50 MB, as pasted images make them, and more of them than there may be memory.
#[cfg(target_os = "linux")]
#[test]
fn long_lines_and_large_files_take_no_more_memory() {
    const LINES: usize = 6;
    const LINE_BYTES: usize = 50_000_000;
    // The program with its database takes about 100 MB, a line is held once, and the room for it doubles.
    const MOST_MEMORY: usize = 250_000_000;
    let place = Place::new();
    let project = place.claude().join("projects/-w");
    fs::create_dir_all(&project).unwrap();
    let mut file = BufWriter::new(fs::File::create(project.join("s.jsonl")).unwrap());
    let image = vec![b'A'; LINE_BYTES];
    for number in 0..LINES {
        write!(
            file,
            r#"{{"type":"user","uuid":"u-{number}","timestamp":"2026-11-22T08:00:00.000Z","sessionId":"s","message":{{"role":"user","content":[{{"type":"image","source":{{"data":""#,
        )
        .unwrap();
        file.write_all(&image).unwrap();
        writeln!(file, r#""}}}},{{"type":"text","text":"What is it?"}}]}}}}"#).unwrap();
    }
    drop(file);
    let mut process = place.pitwall(&["import", "transcripts", "--json"]);
    let mut process = process.stdout(Stdio::piped()).spawn().unwrap();
    let status_file = format!("/proc/{}/status", process.id());
    let mut most = 0;
    while process.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        most = most.max(peak_of(&status).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut told = String::new();
    process.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    let told: Json = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["lines"], &told["lines_skipped"]), (&json!(LINES), &json!(0)));
    assert!((LINE_BYTES..MOST_MEMORY).contains(&most), "{most} bytes of memory");
}

/// The most memory that a process had so far, in bytes.
#[cfg(target_os = "linux")]
fn peak_of(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok().map(|kilobytes: usize| kilobytes * 1_024)
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
