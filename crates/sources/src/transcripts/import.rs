//! Reading everything that is new, and handing it over.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use model::{Clock, Timestamp};
use state::{FileCursor, Files, Rejection};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, BatchReader, Job, Queue, SOURCE};
use super::discover::{Environment, Found, FoundFile, MAX_PROBLEMS, Problem, Root, discover, find_again};
use super::file::{is_unchanged, unread};
use super::neighbours::session_place;
use super::progress::{Phase, Progress};
use crate::intake::{Intake, IntakeError, Receipt};

/// The most files that are read at once.
const MAX_READERS: usize = 4;
/// Batches that a reader may have ready, beside the one that it is reading.
const BATCHES_READ_AHEAD: usize = 1;
/// Batches of a reader that may be on their way into the ledger: the next is written while the places up to which
/// the one before goes are saved.
const BATCHES_SUBMITTED: usize = 2;
/// How often everything is looked through for changes that no notification told of.
const RESCAN: Duration = Duration::from_secs(30);

/// Where transcripts are, and how eagerly they are read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Claude directories to read; when empty, those that `environment` leads to.
    pub directories: Vec<PathBuf>,
    /// Where Claude Code keeps its files, and who works here.
    pub environment: Environment,
    /// How many files are read at once, from 1 to 4.
    pub readers: usize,
    /// How often everything is looked through for changes that no notification told of.
    pub rescan: Duration,
}

impl Default for Settings {
    /// A reader for every two cores, at most four; a look through everything every 30 seconds.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            directories: Vec::new(),
            environment: Environment::default(),
            // One reads faster than what it reads can be settled and stored, which needs the other cores. More would
            // only have more records wait in memory.
            readers: (cores / 2).clamp(1, MAX_READERS),
            rescan: RESCAN,
        }
    }
}

/// Why reading stopped. What was handed over before is kept, and the next attempt goes on behind it.
#[derive(Debug, Error)]
pub enum TranscriptError {
    /// The records were not taken in.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The reading positions could not be loaded or saved.
    #[error(transparent)]
    State(#[from] state::Error),
    /// A reader failed in a way it should not have.
    #[error("a reader of transcripts stopped unexpectedly")]
    Reader(#[from] JoinError),
}

/// Reads transcripts into the ledger.
///
/// Nothing is read twice: the position in each file is saved after its records are durable. A crash
/// between the two repeats some records, which adds nothing.
pub struct Transcripts {
    pub(super) settings: Settings,
    intake: Intake,
    files: Arc<dyn Files>,
    clock: Arc<dyn Clock>,
    pub(super) progress: watch::Sender<Progress>,
    /// Reading positions by path; `None` until they are loaded.
    cursors: Option<Arc<Cursors>>,
    /// The directories of the last look.
    pub(super) roots: Vec<Root>,
    /// Paths whose problems have been counted; a lasting problem counts once.
    reported: HashSet<PathBuf>,
}

#[derive(Debug, Default)]
struct Cursors(Mutex<HashMap<String, FileCursor>>);

impl Cursors {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, FileCursor>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transcripts {
    /// Nothing is read until [`Transcripts::scan_once`] or [`Transcripts::run`] is called.
    pub fn new(settings: Settings, intake: Intake, files: Arc<dyn Files>, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            intake,
            files,
            clock,
            progress: watch::Sender::default(),
            cursors: None,
            roots: Vec::new(),
            reported: HashSet::new(),
        }
    }

    /// How far reading has come; updated after every batch.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Looks through all directories and reads what is new, newest files first. An unchanged file costs
    /// one look at its metadata. When `cancel` is triggered, what has been read is handed over and the
    /// rest left for the next time.
    ///
    /// # Errors
    /// [`TranscriptError`]; what was durable before stays so.
    pub async fn scan_once(&mut self, cancel: &CancellationToken) -> Result<(), TranscriptError> {
        self.enter(Phase::Looking);
        let (directories, environment) =
            (self.settings.directories.clone(), self.settings.environment.clone());
        let looking = spawn_blocking(move || discover(&directories, &environment));
        // While another thread looks.
        let cursors = self.cursors().await?;
        let found = looking.await?;
        self.roots.clone_from(&found.roots);
        self.note_problems(&found).await?;
        self.forget_gone(&found, &cursors).await?;
        self.read(found.files, &cursors, cancel).await
    }

    /// Reads what is new in these files, as far as they are transcripts below the known directories.
    ///
    /// # Errors
    /// As [`Transcripts::scan_once`].
    pub(super) async fn scan_paths(
        &mut self,
        paths: HashSet<PathBuf>,
        cancel: &CancellationToken,
    ) -> Result<(), TranscriptError> {
        let roots = self.roots.clone();
        let found = spawn_blocking(move || find_again(paths, &roots)).await?;
        let cursors = self.cursors().await?;
        self.read(found.files, &cursors, cancel).await
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }

    async fn cursors(&mut self) -> Result<Arc<Cursors>, TranscriptError> {
        if let Some(cursors) = &self.cursors {
            return Ok(Arc::clone(cursors));
        }
        let mut saved = self.files.file_cursors().await?;
        let (known, ledger) = (saved.len(), self.intake.began_at());
        saved.retain(|cursor| cursor.boundary <= ledger);
        if saved.len() < known {
            let files = known - saved.len();
            tracing::warn!(
                files,
                "the ledger is older than what was read of transcripts; reading these again"
            );
        }
        let by_path = saved.into_iter().map(|cursor| (cursor.path.clone(), cursor)).collect();
        let cursors = Arc::new(Cursors(Mutex::new(by_path)));
        self.cursors = Some(Arc::clone(&cursors));
        Ok(cursors)
    }

    /// Shows the problems of the last look, and counts those that are new.
    async fn note_problems(&mut self, found: &Found) -> Result<(), TranscriptError> {
        self.progress.send_modify(|progress| {
            progress.problems.clone_from(&found.problems);
            progress.problem_count = found.problem_count;
        });
        let known = std::mem::take(&mut self.reported);
        self.reported = found.problems.iter().map(|problem| problem.path.clone()).collect();
        let new = found.problems.iter().filter(|problem| !known.contains(&problem.path));
        let rejections: Vec<Rejection> = new.map(|problem| self.rejection(problem)).collect();
        if !rejections.is_empty() {
            self.files.count_rejections(&rejections).await?;
        }
        Ok(())
    }

    fn rejection(&self, problem: &Problem) -> Rejection {
        Rejection {
            source: SOURCE.to_owned(),
            reason: problem.reason.clone(),
            place: problem.path.to_string_lossy().into_owned(),
            count: 1,
            at: self.clock.now(),
        }
    }

    /// Forgets where reading stopped in files that are no longer there.
    async fn forget_gone(&self, found: &Found, cursors: &Cursors) -> Result<(), TranscriptError> {
        // What could not be looked at may still be there.
        if found.problem_count > 0 {
            return Ok(());
        }
        let present: HashSet<_> = found.files.iter().map(|file| file.path.to_string_lossy()).collect();
        let below =
            |path: &str| found.roots.iter().any(|root| PathBuf::from(path).starts_with(&root.projects));
        let gone: Vec<String> = {
            let cursors = cursors.lock();
            let gone = cursors.keys().filter(|path| !present.contains(path.as_str()) && below(path));
            gone.cloned().collect()
        };
        if gone.is_empty() {
            return Ok(());
        }
        self.files.forget_file_cursors(&gone).await?;
        let mut cursors = cursors.lock();
        for path in &gone {
            cursors.remove(path);
        }
        Ok(())
    }

    async fn read(
        &self,
        files: Vec<FoundFile>,
        cursors: &Cursors,
        cancel: &CancellationToken,
    ) -> Result<(), TranscriptError> {
        let sessions = changed(files, cursors);
        if sessions.is_empty() {
            return Ok(());
        }
        let jobs = || sessions.iter().flatten();
        let bytes: u64 = jobs().map(|job| unread(&job.file.stamp, job.cursor.as_ref())).sum();
        self.progress.send_modify(|progress| {
            progress.phase = Phase::Reading;
            progress.files_total += jobs().count() as u64;
            progress.bytes_total += bytes;
        });
        let readers = self.settings.readers.clamp(1, MAX_READERS).min(sessions.len());
        let queue = Queue::new(sessions);
        let readers = (0..readers).map(|_| self.read_and_hand_over(queue.clone(), cursors, cancel.clone()));
        futures::future::try_join_all(readers).await?;
        Ok(())
    }

    /// One reader: reads the next batches while the one before is being written.
    async fn read_and_hand_over(
        &self,
        queue: Queue,
        cursors: &Cursors,
        cancel: CancellationToken,
    ) -> Result<(), TranscriptError> {
        let (send, mut batches) = mpsc::channel(BATCHES_READ_AHEAD);
        // One thread for all of its batches, which keeps the memory of one for the next.
        let reading = spawn_blocking(move || {
            let mut reader = BatchReader::new(queue, cancel);
            loop {
                let batch = reader.next_batch();
                if batch.is_empty() || send.blocking_send(batch).is_err() {
                    break;
                }
            }
        });
        let batches = futures::stream::poll_fn(move |context| batches.poll_recv(context));
        let mut durable = pin!(batches.map(|batch| self.submit(batch)).buffered(BATCHES_SUBMITTED));
        // In the order of reading, since two batches may hold parts of one file.
        while let Some(batch) = durable.try_next().await? {
            self.note_read(batch, cursors).await?;
        }
        Ok(reading.await?)
    }

    /// Hands the records over; returns once they are durable.
    async fn submit(&self, mut batch: Batch) -> Result<Durable, TranscriptError> {
        let records = std::mem::take(&mut batch.records);
        let count = records.len() as u64;
        let receipt = if records.is_empty() { None } else { Some(self.intake.submit(records).await?) };
        Ok(Durable { batch, records: count, receipt })
    }

    /// Saves where to go on. Only when the records are durable, so that a crash in between repeats some instead of
    /// losing them.
    async fn note_read(&self, durable: Durable, cursors: &Cursors) -> Result<(), TranscriptError> {
        let Durable { mut batch, records, receipt } = durable;
        for cursor in &mut batch.cursors {
            let before = cursors.lock().get(&cursor.path).map(|known| known.boundary);
            cursor.boundary = receipt.map(|receipt| receipt.boundary).max(before).unwrap_or(Timestamp::MIN);
        }
        self.files.save_file_cursors(&batch.cursors).await?;
        let mut rejections = batch.rejections(self.clock.now());
        rejections.extend(batch.new_problems.iter().map(|problem| self.rejection(problem)));
        if !rejections.is_empty() {
            self.files.count_rejections(&rejections).await?;
        }
        self.progress.send_modify(|progress| {
            progress.files_done += batch.files_done;
            progress.bytes_done += batch.bytes;
            progress.records += records;
            progress.fresh += receipt.map_or(0, |receipt| receipt.fresh as u64);
            progress.lines_read += batch.lines_read;
            progress.lines_skipped += batch.lines_skipped();
            progress.problem_count += batch.problems.len();
            let room = MAX_PROBLEMS.saturating_sub(progress.problems.len());
            progress.problems.extend(batch.problems.drain(..).take(room));
        });
        let mut known = cursors.lock();
        known.extend(batch.cursors.into_iter().map(|cursor| (cursor.path.clone(), cursor)));
        Ok(())
    }
}

/// A batch whose records are in the ledger.
struct Durable {
    batch: Batch,
    /// How many records it had.
    records: u64,
    /// Of its records, if it had any.
    receipt: Option<Receipt>,
}

/// The files that are new or have changed, by session, the newest first.
fn changed(files: Vec<FoundFile>, cursors: &Cursors) -> Vec<Vec<Job>> {
    let cursors = cursors.lock();
    let job = |file: FoundFile| {
        let cursor = cursors.get(file.path.to_string_lossy().as_ref());
        let changed = cursor.is_none_or(|cursor| !is_unchanged(&file.stamp, cursor));
        changed.then(|| Job { cursor: cursor.cloned(), file })
    };
    let mut by_session: BTreeMap<PathBuf, Vec<Job>> = BTreeMap::new();
    for job in files.into_iter().filter_map(job) {
        by_session.entry(session_place(&job.file.path)).or_default().push(job);
    }
    let mut sessions: Vec<Vec<Job>> = by_session.into_values().collect();
    sessions.sort_by_key(|jobs| Reverse(jobs.iter().map(|job| job.file.stamp.modified_at).max()));
    sessions
}
