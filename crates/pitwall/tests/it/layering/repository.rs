//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 3] = ["target", "node_modules", "dist"];

/// The repository's root.
pub(super) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("the crate lies in crates/").to_owned()
}

/// The text of a file, by its path from the root.
pub(super) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Whether a `.gitignore` names the path, or a folder that it is in: then it is made, and need not be there.
///
/// Only rules without wildcards that begin with a slash are understood; documents name nothing that others are for.
pub(super) fn is_ignored(path: &str) -> bool {
    let path = Path::new(path);
    path.ancestors().skip(1).any(|folder| {
        let rules = fs::read_to_string(root().join(folder).join(".gitignore")).unwrap_or_default();
        let below = path.strip_prefix(folder).expect("an ancestor of the path");
        let mut named = rules.lines().filter_map(|rule| rule.trim_end().strip_prefix('/'));
        named.any(|rule| below.starts_with(rule.trim_end_matches('/')))
    })
}

#[test]
fn what_git_ignores_is_known() {
    for made in ["web/src/api/schema.ts", ".cache/duckdb", "target"] {
        assert!(is_ignored(made), "{made}");
    }
    for ours in ["web/src/api/client.ts", "web/src/api", "targets", "README.md"] {
        assert!(!is_ignored(ours), "{ours}");
    }
}

/// Every file below a folder with this extension, as sorted paths from the root.
pub(super) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("the folder is readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !name.starts_with('.') && !FOREIGN.contains(&name.as_ref()) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path.strip_prefix(root()).expect("below the root").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The folders in `crates/`, which are the crates' names.
pub(super) fn crates() -> Vec<String> {
    let entries = fs::read_dir(root().join("crates")).expect("there are crates");
    let folders = entries.map(|entry| entry.expect("the folder is readable").path());
    let crates = folders.filter(|folder| folder.join("Cargo.toml").is_file());
    let mut names: Vec<String> =
        crates.map(|folder| folder.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
