//! Reading everything that is new, and handing it over.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use model::{Clock, Timestamp};
use state::{FileCursor, FileMark, Files, Rejection};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, BatchReader, Job, Queue, SOURCE};
use super::discover::{Environment, Found, FoundFile, MAX_PROBLEMS, Problem, Root, find_again};
use super::file::{is_unchanged, unread};
use super::look::{Look, look_through};
use super::neighbours::session_place;
use super::progress::{Phase, Progress};
use crate::intake::{Intake, IntakeError, Receipt, SUBMISSIONS_STAGED};

/// The most files that are read at once.
const MAX_READERS: usize = 4;
/// Batches that a reader may have ready, beside the one that it is reading.
const BATCHES_READ_AHEAD: usize = 1;
/// Batches of a reader that may be on their way into the ledger: the next is settled while it is noted that the one
/// before is.
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
    /// A look through everything that has been begun.
    look: Option<Look>,
    /// How far files have been read, by path; `None` until that is loaded.
    marks: Option<Arc<Marks>>,
    /// The directories of the last look.
    pub(super) roots: Vec<Root>,
    /// Paths whose problems have been counted; a lasting problem counts once.
    reported: HashSet<PathBuf>,
}

#[derive(Debug)]
struct Marks(Mutex<HashMap<String, FileMark>>);

impl Marks {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, FileMark>> {
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
            look: None,
            marks: None,
            roots: Vec::new(),
            reported: HashSet::new(),
        }
    }

    /// The same, with the first look through everything begun before there was an intake.
    pub fn with_look(self, look: Look) -> Self {
        Self { look: Some(look), ..self }
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
        let (found, marks) = match (self.look.take(), &self.marks) {
            (None, Some(marks)) => (look_through(&self.settings).await?, Arc::clone(marks)),
            (begun, _) => {
                let look = begun.unwrap_or_else(|| Look::begin(&self.settings, &self.files));
                let (found, saved) = look.ended().await?;
                (found, self.hold(saved))
            }
        };
        self.roots.clone_from(&found.roots);
        self.note_problems(&found).await?;
        self.forget_gone(&found, &marks).await?;
        self.read(found.files, &marks, cancel).await
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
        let marks = match &self.marks {
            Some(marks) => Arc::clone(marks),
            None => {
                let saved = self.files.file_marks().await?;
                self.hold(saved)
            }
        };
        self.read(found.files, &marks, cancel).await
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }

    /// Keeps what was saved of files at hand, but for what the ledger does not hold.
    fn hold(&mut self, mut saved: Vec<FileMark>) -> Arc<Marks> {
        let (known, ledger) = (saved.len(), self.intake.began_at());
        saved.retain(|mark| mark.boundary <= ledger);
        if saved.len() < known {
            let files = known - saved.len();
            tracing::warn!(
                files,
                "the ledger is older than what was read of transcripts; reading these again"
            );
        }
        let by_path = saved.into_iter().map(|mark| (mark.path.clone(), mark)).collect();
        let marks = Arc::new(Marks(Mutex::new(by_path)));
        self.marks = Some(Arc::clone(&marks));
        marks
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
    async fn forget_gone(&self, found: &Found, marks: &Marks) -> Result<(), TranscriptError> {
        // What could not be looked at may still be there.
        if found.problem_count > 0 {
            return Ok(());
        }
        let present: HashSet<_> = found.files.iter().map(|file| file.path.to_string_lossy()).collect();
        let below =
            |path: &str| found.roots.iter().any(|root| PathBuf::from(path).starts_with(&root.projects));
        let gone: Vec<String> = {
            let marks = marks.lock();
            let gone = marks.keys().filter(|path| !present.contains(path.as_str()) && below(path));
            gone.cloned().collect()
        };
        if gone.is_empty() {
            return Ok(());
        }
        self.files.forget_file_cursors(&gone).await?;
        let mut marks = marks.lock();
        for path in &gone {
            marks.remove(path);
        }
        Ok(())
    }

    async fn read(
        &self,
        files: Vec<FoundFile>,
        marks: &Marks,
        cancel: &CancellationToken,
    ) -> Result<(), TranscriptError> {
        let changed = changed(files, marks);
        if changed.is_empty() {
            return Ok(());
        }
        let sessions = self.jobs(changed).await?;
        let jobs = || sessions.iter().flatten();
        let bytes: u64 = jobs().map(|job| unread(&job.file.stamp, job.cursor.as_ref())).sum();
        self.progress.send_modify(|progress| {
            progress.phase = Phase::Reading;
            progress.files_total += jobs().count() as u64;
            progress.bytes_total += bytes;
        });
        let readers = self.settings.readers.clamp(1, MAX_READERS).min(sessions.len());
        let queue = Queue::new(sessions);
        let readers = (0..readers).map(|_| self.read_and_hand_over(queue.clone(), marks, cancel.clone()));
        futures::future::try_join_all(readers).await?;
        Ok(())
    }

    /// One reader: reads the next batches while the one before is being written.
    async fn read_and_hand_over(
        &self,
        queue: Queue,
        marks: &Marks,
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
        let settled = batches.map(|batch| self.submit(batch)).buffered(BATCHES_SUBMITTED);
        let ended = futures::stream::once(self.submit_no_more());
        let ended = ended.filter_map(|ended| std::future::ready(ended.err().map(Err)));
        let durable = settled.chain(ended).map_ok(Settled::durable).try_buffered(SUBMISSIONS_STAGED);
        let mut durable = pin!(durable);
        // In the order of reading, since two batches may hold parts of one file.
        while let Some((batch, receipt)) = durable.try_next().await? {
            self.save_place(batch, receipt, marks).await?;
        }
        Ok(reading.await?)
    }

    /// Hands the records over; returns once they are settled.
    async fn submit(
        &self,
        mut batch: Batch,
    ) -> Result<Settled<impl Future<Output = Result<(), IntakeError>> + use<>>, TranscriptError> {
        let count = batch.count() as u64;
        let records = std::mem::take(&mut batch.records);
        let submitted = if count == 0 { None } else { Some(self.intake.submit_more_to_come(records).await?) };
        let fresh = submitted.as_ref().map_or(0, |(receipt, _)| receipt.fresh as u64);
        self.progress.send_modify(|progress| {
            progress.files_done += batch.files_done;
            progress.bytes_done += batch.bytes;
            progress.records += count;
            progress.fresh += fresh;
            progress.lines_read += batch.lines_read;
            progress.lines_skipped += batch.lines_skipped();
            progress.problem_count += batch.problems.len();
            let room = MAX_PROBLEMS.saturating_sub(progress.problems.len());
            progress.problems.extend(batch.problems.drain(..).take(room));
        });
        Ok(Settled { batch, submitted })
    }

    /// Has everything made durable that was handed over.
    async fn submit_no_more(&self) -> Result<(), TranscriptError> {
        self.intake.submit(Vec::new()).await?;
        Ok(())
    }

    /// Saves where to go on. Only when the records are durable, so that a crash in between repeats some instead of
    /// losing them.
    async fn save_place(
        &self,
        mut batch: Batch,
        receipt: Option<Receipt>,
        marks: &Marks,
    ) -> Result<(), TranscriptError> {
        for cursor in &mut batch.cursors {
            let before = marks.lock().get(&cursor.path).map(|known| known.boundary);
            cursor.boundary = receipt.map(|receipt| receipt.boundary).max(before).unwrap_or(Timestamp::MIN);
        }
        self.files.save_file_cursors(&batch.cursors).await?;
        let mut rejections = batch.rejections(self.clock.now());
        rejections.extend(batch.new_problems.iter().map(|problem| self.rejection(problem)));
        if !rejections.is_empty() {
            self.files.count_rejections(&rejections).await?;
        }
        let mut known = marks.lock();
        known.extend(batch.cursors.into_iter().map(|cursor| (cursor.path.clone(), cursor.into_mark())));
        Ok(())
    }

    /// Where to go on in files that are new or have changed, by session, the newest first.
    async fn jobs(&self, changed: Vec<(FoundFile, bool)>) -> Result<Vec<Vec<Job>>, TranscriptError> {
        let known = changed.iter().filter(|(_, is_known)| *is_known);
        let known: Vec<String> = known.map(|(file, _)| path_of(file).into_owned()).collect();
        let cursors = if known.is_empty() { Vec::new() } else { self.files.file_cursors_of(&known).await? };
        let mut cursors: HashMap<String, FileCursor> =
            cursors.into_iter().map(|cursor| (cursor.path.clone(), cursor)).collect();
        let mut by_session: BTreeMap<PathBuf, Vec<Job>> = BTreeMap::new();
        for (file, is_known) in changed {
            let cursor = if is_known { cursors.remove(path_of(&file).as_ref()) } else { None };
            by_session.entry(session_place(&file.path)).or_default().push(Job { file, cursor });
        }
        let mut sessions: Vec<Vec<Job>> = by_session.into_values().collect();
        sessions.sort_by_key(|jobs| Reverse(jobs.iter().map(|job| job.file.stamp.modified_at).max()));
        Ok(sessions)
    }
}

/// A batch whose records are settled.
struct Settled<D> {
    batch: Batch,
    /// Of its records, if it had any, and what waits until they are durable.
    submitted: Option<(Receipt, D)>,
}

impl<D: Future<Output = Result<(), IntakeError>>> Settled<D> {
    /// The batch once its records are durable, with their receipt.
    async fn durable(self) -> Result<(Batch, Option<Receipt>), TranscriptError> {
        let Self { batch, submitted } = self;
        let Some((receipt, durable)) = submitted else { return Ok((batch, None)) };
        durable.await?;
        Ok((batch, Some(receipt)))
    }
}

/// The files that are new or have changed, and whether something of them has been read.
fn changed(files: Vec<FoundFile>, marks: &Marks) -> Vec<(FoundFile, bool)> {
    let marks = marks.lock();
    let changed = files.into_iter().filter_map(|file| {
        let mark = marks.get(path_of(&file).as_ref());
        let has_changed = mark.is_none_or(|mark| !is_unchanged(&file.stamp, mark));
        has_changed.then(|| (file, mark.is_some()))
    });
    changed.collect()
}

/// A file's path as cursors have it.
fn path_of(file: &FoundFile) -> Cow<'_, str> {
    file.path.to_string_lossy()
}
