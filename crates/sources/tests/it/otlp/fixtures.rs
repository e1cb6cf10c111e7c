//! Captured exports, and what each should amount to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::{Record, RecordKey};
use serde_json::Value as Json;
use sources::claude_code::ClaudeCode;
use sources::otlp::{Admission, Encoding, Export, Rejections, Signal, Translate, decode};

/// One captured export.
pub(super) struct Capture {
    pub(super) path: PathBuf,
    pub(super) signal: Signal,
    pub(super) encoding: Encoding,
    pub(super) body: Vec<u8>,
}

impl Capture {
    pub(super) fn decode(&self) -> Export {
        let mut rejections = Rejections::default();
        let export = decode(self.signal, self.encoding, &self.body, &mut rejections)
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        assert_eq!(rejections, Rejections::default(), "{}", self.path.display());
        export
    }

    /// The records in it; none may be rejected.
    pub(super) fn records(&self) -> Vec<Record> {
        records_of(self.decode(), &self.path.display().to_string())
    }
}

/// The records of an export; none may be rejected.
pub(super) fn records_of(export: Export, what: &str) -> Vec<Record> {
    let mut rejections = Rejections::default();
    let records = ClaudeCode::default().translate(export, &Admission::default(), &mut rejections);
    assert_eq!(rejections, Rejections::default(), "{what}");
    records
}

/// One session or more, captured whole.
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) captures: Vec<Capture>,
    pub(super) expected: Json,
}

impl Scenario {
    pub(super) fn read(folder: &Path) -> Self {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let captures = paths.into_iter().filter_map(read_capture).collect();
        let expected = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let parts: Vec<_> = folder.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        Self { name: format!("{}/{}", parts[1], parts[0]), captures, expected }
    }

    /// All records by key, each once however often it was sent.
    pub(super) fn distinct_records(&self) -> Vec<Record> {
        let mut records: BTreeMap<RecordKey, Record> = BTreeMap::new();
        for record in self.captures.iter().flat_map(Capture::records) {
            if let Some(known) = records.get(&record.key) {
                assert_eq!(*known, record, "two records under one key in {}", self.name);
            }
            records.insert(record.key, record);
        }
        records.into_values().collect()
    }
}

fn read_capture(path: PathBuf) -> Option<Capture> {
    let name = path.file_name()?.to_str()?.to_owned();
    let (stem, extension) = name.rsplit_once('.')?;
    let encoding = match extension {
        "pb" => Encoding::Protobuf,
        "json" if !stem.ends_with(".meta") && stem != "expected" => Encoding::Json,
        _ => return None,
    };
    let signal = match stem.split_once('-')?.1 {
        "logs" => Signal::Logs,
        "metrics" => Signal::Metrics,
        "traces" => Signal::Traces,
        other => panic!("unknown signal {other}"),
    };
    Some(Capture { body: fs::read(&path).unwrap(), path, signal, encoding })
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A scenario of this repository's own fixtures.
pub(super) fn own(name: &str) -> Scenario {
    Scenario::read(&workspace().join("fixtures/otlp").join(name))
}

/// Every scenario there is: this repository's own, and those of a larger collection beside it where
/// `PITWALL_SHARED_FIXTURES` names one or `../shared/fixtures` is one.
pub(super) fn all() -> Vec<Scenario> {
    let larger = std::env::var_os("PITWALL_SHARED_FIXTURES")
        .map_or_else(|| workspace().join("../shared/fixtures"), PathBuf::from)
        .join("otlp");
    let mut roots = vec![workspace().join("fixtures/otlp")];
    if larger.is_dir() {
        roots.push(larger);
    } else {
        eprintln!("SKIPPED the larger collection of captures: no folder {}", larger.display());
    }
    let mut scenarios = Vec::new();
    for set in roots.iter().flat_map(|root| folders(root)) {
        scenarios.extend(folders(&set).iter().map(|folder| Scenario::read(folder)));
    }
    assert!(scenarios.len() >= 7, "only {} scenarios", scenarios.len());
    scenarios
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && path.file_name().is_some_and(|name| name != "readable"))
        .collect();
    folders.sort();
    folders
}
