//! Files, functions and headings that the documents name exist.

use std::path::{Path, PathBuf};

use super::repository;

/// Folders of the repository; what begins with one of them is a path.
const FOLDERS: [&str; 9] =
    ["crates/", "web/", "e2e/", "docs/", "scripts/", "fixtures/", "clients/", ".config/", ".cargo/"];

fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(PathBuf::from).to_vec();
    documents.extend(repository::files("docs", "md"));
    documents
}

/// What stands between backticks, line by line, outside of code blocks.
fn code_spans(text: &str) -> Vec<(usize, &str)> {
    let mut in_block = false;
    let mut spans = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            spans.extend(line.split('`').skip(1).step_by(2).map(|span| (index + 1, span)));
        }
    }
    spans
}

/// The target of each link, line by line.
fn links(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            targets.map(move |target| (index + 1, target))
        })
        .collect()
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
    kept.map(|character| if character == ' ' { '-' } else { character }).collect()
}

#[test]
fn paths_in_the_documents_exist() {
    let mut missing = Vec::new();
    for document in documents() {
        for (line, span) in code_spans(&repository::read(&document)) {
            let is_path = FOLDERS.iter().any(|folder| span.starts_with(folder));
            let is_pattern = span.contains(['*', '<', '{', '…', ' ']);
            let is_there = || repository::root().join(span).exists() || repository::is_ignored(span);
            if is_path && !is_pattern && !is_there() {
                missing.push(format!("{}:{line}: {span}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these places are not there:\n  {}", missing.join("\n  "));
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = repository::read(&document);
        for (line, target) in links(&text) {
            if target.starts_with("http") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let folder = document.parent().unwrap_or(Path::new(""));
            let file = if file.is_empty() { document.clone() } else { folder.join(file) };
            let leads = repository::root().join(&file).exists()
                && (heading.is_empty()
                    || repository::read(&file)
                        .lines()
                        .any(|line| line.starts_with('#') && anchor(line) == heading));
            if !leads {
                broken.push(format!("{}:{line}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere:\n  {}", broken.join("\n  "));
}

/// A line that names a file and functions after it, as the journey does: each function is in that file.
#[test]
fn functions_are_where_the_journey_says() {
    let text = repository::read("ARCHITECTURE.md");
    let (_, journey) = text.split_once("\n## One event's journey\n").expect("the journey is told");
    let journey = journey.split("\n## ").next().unwrap_or_default();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for row in journey.lines().filter(|line| line.starts_with("| ")) {
        let spans: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let Some(file) = spans.iter().find(|span| span.starts_with("crates/")) else { continue };
        let source = repository::read(file);
        for function in spans.iter().filter(|span| span.ends_with("()")) {
            let name = function.trim_end_matches("()").rsplit("::").next().unwrap_or_default();
            checked += 1;
            if !["(", "<"].iter().any(|after| source.contains(&format!("fn {name}{after}"))) {
                missing.push(format!("{function} in {file}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "the journey names functions that are not there:\n  {}",
        missing.join("\n  ")
    );
    assert!(checked >= 10, "hardly a function of the journey was looked for: {checked}");
}

#[test]
fn the_decisions_are_numbered_without_gaps() {
    let files = repository::files("docs/design", "md");
    let names =
        files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    let numbers: Vec<String> = names.filter_map(|name| Some(name.split_once('-')?.0.to_owned())).collect();
    let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{number:04}")).collect();
    assert_eq!(numbers, expected);
}
