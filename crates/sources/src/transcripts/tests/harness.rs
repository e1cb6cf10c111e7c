//! A Claude directory, a ledger that remembers keys, and a place for cursors.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use model::{Clock, Observation, Record, RequestSeen, Timestamp, TokenUsage};
use state::{FileCursor, Files, SqliteState};
use tokio_util::sync::CancellationToken;

use crate::intake::{Intake, IntakeError, Receipt};
use crate::transcripts::{Environment, Progress, Settings, Transcripts};

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }
}

/// What has been handed over, without repetitions.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) records: Vec<Record>,
    /// Largest submission so far.
    pub(super) largest: usize,
    /// While set, every submission fails.
    pub(super) refuses: bool,
}

pub(super) struct Harness {
    directories: Vec<PathBuf>,
    pub(super) claude: tempfile::TempDir,
    pub(super) state: Arc<SqliteState>,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) intake: Intake,
}

impl Harness {
    /// An empty Claude directory.
    pub(super) async fn new() -> Self {
        let claude = tempfile::tempdir().unwrap();
        fs::create_dir(claude.path().join("projects")).unwrap();
        let directories = vec![claude.path().to_owned()];
        Self::over(claude, directories).await
    }

    /// A Claude directory that exists.
    pub(super) async fn reading(directory: &Path) -> Self {
        Self::over(tempfile::tempdir().unwrap(), vec![directory.to_owned()]).await
    }

    async fn over(claude: tempfile::TempDir, directories: Vec<PathBuf>) -> Self {
        let (intake, mut submissions) = Intake::with_capacity(4);
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let kept = Arc::clone(&ledger);
        tokio::spawn(async move {
            let mut keys = HashSet::new();
            while let Some(submission) = submissions.recv().await {
                let mut ledger = kept.lock().unwrap();
                let answer = if ledger.refuses {
                    Err(IntakeError::Store("disk full".into()))
                } else {
                    let records = submission.records.concat();
                    ledger.largest = ledger.largest.max(records.len());
                    let total = records.len();
                    let new = records.into_iter();
                    let new = new.filter(|record| keys.insert((record.session.clone(), record.key)));
                    let before = ledger.records.len();
                    ledger.records.extend(new);
                    let fresh = ledger.records.len() - before;
                    Ok(Receipt { fresh, repeated: total - fresh, boundary: Timestamp::MIN })
                };
                drop(ledger);
                let _ = submission.answer.send(answer);
            }
        });
        let state = Arc::new(SqliteState::in_memory().await.unwrap());
        Self { directories, claude, state, ledger, intake }
    }

    pub(super) fn also_reading(mut self, directory: &Path) -> Self {
        self.directories.push(directory.to_owned());
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.claude.path().join("projects/-w").join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn append(&self, name: &str, content: impl AsRef<[u8]>) {
        use std::io::Write as _;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(content.as_ref()).unwrap();
    }

    /// A program that has just been started on these files.
    pub(super) fn transcripts(&self) -> Transcripts {
        let environment = Environment { login: Some("ann@laptop".into()), ..Environment::default() };
        let settings = Settings { directories: self.directories.clone(), environment, ..Settings::default() };
        let files: Arc<dyn Files> = Arc::<SqliteState>::clone(&self.state);
        Transcripts::new(settings, self.intake.clone(), files, Arc::new(StandingClock))
    }

    /// Starts the program, lets it read everything, and ends it.
    pub(super) async fn scan(&self) -> Progress {
        let mut transcripts = self.transcripts();
        transcripts.scan_once(&CancellationToken::new()).await.unwrap();
        transcripts.progress().borrow().clone()
    }

    /// The same into another ledger, by a program that remembers nothing.
    pub(super) async fn scan_into(&self, intake: Intake) {
        let files = Arc::new(SqliteState::in_memory().await.unwrap());
        let settings = Settings { directories: self.directories.clone(), ..Settings::default() };
        let mut transcripts = Transcripts::new(settings, intake, files, Arc::new(StandingClock));
        transcripts.scan_once(&CancellationToken::new()).await.unwrap();
    }

    pub(super) async fn cursor(&self, name: &str) -> FileCursor {
        let cursors = self.state.file_cursors().await.unwrap();
        cursors.into_iter().find(|cursor| cursor.path.ends_with(name)).unwrap()
    }

    /// What was handed over, by time. Files are named below the Claude directory, the same in every place.
    pub(super) fn records(&self) -> Vec<Record> {
        let mut records = self.ledger.lock().unwrap().records.clone();
        for record in &mut records {
            let context = Arc::make_mut(&mut record.context);
            let below =
                context.file.as_deref().and_then(|file| Path::new(file).strip_prefix(&self.claude).ok());
            context.file = below.map(|file| file.display().to_string().into());
        }
        records.sort_by_key(|record| (record.at, record.key));
        records
    }
}

/// What the records of a family of sessions amount to where nothing has to be settled: each key once.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) prompts: usize,
    pub(super) commands: usize,
    pub(super) decisions: BTreeMap<String, BTreeMap<&'static str, u64>>,
    pub(super) decision_sources: BTreeMap<String, u64>,
    pub(super) results: BTreeMap<String, BTreeMap<&'static str, u64>>,
    pub(super) added: i64,
    pub(super) removed: i64,
    pub(super) commits: usize,
    pub(super) pull_requests: usize,
    pub(super) api_errors: usize,
    pub(super) starts: BTreeMap<String, usize>,
    pub(super) occurrences: BTreeMap<String, usize>,
    pub(super) tokens: BTreeMap<String, TokenUsage>,
    pub(super) web_searches: i64,
    pub(super) requests: usize,
}

impl Facts {
    pub(super) fn of(records: &[Record]) -> Self {
        let mut facts = Self::default();
        let mut keys = HashSet::new();
        let mut messages: BTreeMap<String, &RequestSeen> = BTreeMap::new();
        for record in records.iter().filter(|record| keys.insert(record.key)) {
            match &record.observation {
                Observation::Request(request) => {
                    let id = request.message_id.clone().or_else(|| request.request_id.clone());
                    let seen =
                        messages.entry(id.unwrap_or_else(|| record.key.to_string())).or_insert(request);
                    if (request.finished, request.usage.output) > (seen.finished, seen.usage.output) {
                        *seen = request;
                    }
                }
                observation => facts.add(observation),
            }
        }
        facts.requests = messages.len();
        for request in messages.into_values() {
            let tokens = facts.tokens.entry(request.model.to_string()).or_default();
            *tokens = tokens.plus(&request.usage);
            facts.web_searches += request.web_searches;
        }
        facts
    }

    fn add(&mut self, observation: &Observation) {
        match observation {
            Observation::Prompt(prompt) if prompt.command.is_some() => self.commands += 1,
            Observation::Prompt(_) => self.prompts += 1,
            Observation::Decision(decision) => {
                let decided = if decision.accepted { "accept" } else { "reject" };
                *self.decisions.entry(decision.tool.to_string()).or_default().entry(decided).or_default() +=
                    1;
                let source = decision.decided_by.clone().unwrap_or_default();
                *self.decision_sources.entry(source.to_string()).or_default() += 1;
            }
            Observation::ToolResult(outcome) => {
                let ended = if outcome.succeeded { "ok" } else { "failed" };
                *self.results.entry(outcome.tool.to_string()).or_default().entry(ended).or_default() += 1;
                self.added += outcome.lines_added;
                self.removed += outcome.lines_removed;
                self.commits += usize::from(outcome.committed);
                self.pull_requests += usize::from(outcome.opened_pull_request);
            }
            Observation::ApiError(_) => self.api_errors += 1,
            Observation::ProcessStart(start) => {
                *self.starts.entry(start.start_type.to_string()).or_default() += 1;
            }
            Observation::Occurrence(occurrence) => {
                *self.occurrences.entry(occurrence.name.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }
}
