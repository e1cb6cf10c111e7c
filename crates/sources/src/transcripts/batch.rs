//! Reading many files as a sequence of bounded batches.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use model::{Record, Timestamp};
use state::{FileCursor, Rejection};
use tokio_util::sync::CancellationToken;

use super::discover::{FoundFile, Problem};
use super::file::{OpenFile, failed_cursor};
use super::parse::LineError;
use super::reader::Step;

/// A batch is handed over when it has this many records, as soon as a session ends.
const ENOUGH_RECORDS: usize = 16_384;
/// Or when this many bytes of files went into it.
const ENOUGH_BYTES: u64 = 64 * 1024 * 1024;
/// Or when this many files did.
const ENOUGH_FILES: usize = 512;
/// A session with more records than this is cut into several batches; each is settled with all before it.
const MAX_RECORDS: usize = 2 * ENOUGH_RECORDS;
/// So is one whose files have more bytes than this, for the progress that can be seen.
const MAX_BYTES: u64 = 4 * ENOUGH_BYTES;
/// Records are large: a list of them that gets longer is not worth moving.
const LONG_LIST: usize = 4_096;
/// Cancellation is noticed after at most this many lines.
const LINES_BETWEEN_CHECKS: u64 = 256;
/// The source that rejected lines are counted under.
pub(super) const SOURCE: &str = "transcripts";

/// A file to read, and how far it has been read before.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) file: FoundFile,
    pub(super) cursor: Option<FileCursor>,
}

/// Files waiting to be read, by session, shared by all readers. A session is settled as a whole, so one
/// reader reads all of it, into one batch where it fits.
#[derive(Clone, Debug)]
pub(super) struct Queue(Arc<Mutex<VecDeque<Vec<Job>>>>);

impl Queue {
    pub(super) fn new(sessions: impl IntoIterator<Item = Vec<Job>>) -> Self {
        Self(Arc::new(Mutex::new(sessions.into_iter().collect())))
    }

    fn next(&self) -> Option<Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Records, and where reading goes on once they are durable.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The records, each file's in lists of its own.
    pub(super) records: Vec<Vec<Record>>,
    /// How many are in all lists but the last.
    in_others: usize,
    pub(super) cursors: Vec<FileCursor>,
    /// Files that could not be read to their end.
    pub(super) problems: Vec<Problem>,
    /// Of these, those that had no such problem the last time.
    pub(super) new_problems: Vec<Problem>,
    pub(super) files_done: u64,
    pub(super) bytes: u64,
    pub(super) lines_read: u64,
    skipped: BTreeMap<LineError, Skipped>,
}

#[derive(Debug)]
struct Skipped {
    count: u64,
    place: String,
}

impl Batch {
    /// Whether reading has come to its end.
    pub(super) fn is_empty(&self) -> bool {
        self.cursors.is_empty() && self.files_done == 0
    }

    /// How many records there are.
    pub(super) fn count(&self) -> usize {
        self.in_others + self.records.last().map_or(0, Vec::len)
    }

    /// The list to add records to.
    fn list(&mut self) -> &mut Vec<Record> {
        if self.records.last().is_none_or(|list| list.len() >= LONG_LIST) {
            self.begin_list();
        }
        let last = self.records.len() - 1;
        &mut self.records[last]
    }

    /// What is read from now on goes into another list.
    fn begin_list(&mut self) {
        if self.records.last().is_none_or(|list| !list.is_empty()) {
            self.in_others = self.count();
            self.records.push(Vec::new());
        }
    }

    /// Whether it should be handed over when a session ends.
    fn has_enough(&self) -> bool {
        self.count() >= ENOUGH_RECORDS || self.bytes >= ENOUGH_BYTES || self.cursors.len() >= ENOUGH_FILES
    }

    /// Whether it has to be handed over, with this many more bytes.
    fn is_full(&self, more_bytes: u64) -> bool {
        self.count() >= MAX_RECORDS || self.bytes + more_bytes >= MAX_BYTES
    }

    pub(super) fn lines_skipped(&self) -> u64 {
        self.skipped.values().map(|skipped| skipped.count).sum()
    }

    /// The skipped lines by reason, each with the newest place.
    pub(super) fn rejections(&self, at: Timestamp) -> Vec<Rejection> {
        let rejection = |(error, skipped): (&LineError, &Skipped)| Rejection {
            source: SOURCE.to_owned(),
            reason: error.to_string(),
            place: skipped.place.clone(),
            count: skipped.count,
            at,
        };
        self.skipped.iter().map(rejection).collect()
    }

    /// Notes that a file could not be opened; a failure that lasts is saved and counted once.
    fn fail(&mut self, job: &Job, error: &io::Error) {
        let problem = Problem::of(&job.file.path, error);
        let known = job.cursor.as_ref().and_then(|cursor| cursor.last_error.as_ref());
        if known != Some(&error.to_string()) {
            self.new_problems.push(problem.clone());
            self.cursors.push(failed_cursor(&job.file.path, &job.file.stamp, job.cursor.as_ref(), error));
        }
        self.problems.push(problem);
    }

    fn skip(&mut self, path: &str, line: u64, error: LineError) {
        let skipped = self.skipped.entry(error).or_insert(Skipped { count: 0, place: String::new() });
        skipped.count += 1;
        skipped.place = format!("{path}:{line}");
    }
}

/// Reads sessions from the queue, one after the other.
#[derive(Debug)]
pub(super) struct BatchReader {
    queue: Queue,
    cancel: CancellationToken,
    /// The file that the last batch ended in.
    current: Option<OpenFile>,
    /// Further files of its session.
    waiting: VecDeque<Job>,
    /// What files are read into, while none is open.
    buffer: Vec<u8>,
}

impl BatchReader {
    pub(super) const fn new(queue: Queue, cancel: CancellationToken) -> Self {
        Self { queue, cancel, current: None, waiting: VecDeque::new(), buffer: Vec::new() }
    }

    /// The next batch; an empty one when nothing is left or reading was cancelled. Blocks on files.
    pub(super) fn next_batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        while !batch.is_full(0) && !self.cancel.is_cancelled() {
            if let Some(file) = self.current.take() {
                self.read_some(file, &mut batch);
            } else if let Some(job) = self.waiting.pop_front() {
                self.current = open(&job, &mut self.buffer, &mut batch);
            } else if batch.has_enough() {
                break;
            } else if let Some(session) = self.queue.next() {
                self.waiting = session.into();
            } else {
                break;
            }
        }
        batch
    }

    /// Reads until the file ends or the batch is full; keeps the file for the next batch then.
    fn read_some(&mut self, mut file: OpenFile, batch: &mut Batch) {
        batch.begin_list();
        let before = file.bytes_read();
        let stopped = self.read_lines(&mut file, batch, before);
        batch.bytes += file.bytes_read() - before;
        let failure = match &stopped {
            Err(error) => {
                let problem = Problem::of(file.path().as_ref(), error);
                batch.problems.push(problem.clone());
                batch.new_problems.push(problem);
                Some(error)
            }
            Ok(_) => None,
        };
        // Without a cursor the file is read again, which repeats records and adds nothing.
        if let Ok(cursor) = file.cursor(failure) {
            batch.cursors.push(cursor);
        }
        match stopped {
            Ok(Stopped::BatchFull) => self.current = Some(file),
            Ok(Stopped::EndOfFile) | Err(_) => {
                self.buffer = file.into_buffer();
                batch.files_done += 1;
            }
        }
    }

    fn read_lines(&self, file: &mut OpenFile, batch: &mut Batch, before: u64) -> io::Result<Stopped> {
        for count in 1_u64.. {
            match file.step(batch.list())? {
                Step::Read => {}
                Step::Skipped(line, error) => batch.skip(file.path(), line, error),
                Step::End => return Ok(Stopped::EndOfFile),
            }
            batch.lines_read += 1;
            let full = batch.is_full(file.bytes_read() - before);
            if full || count % LINES_BETWEEN_CHECKS == 0 && self.cancel.is_cancelled() {
                break;
            }
        }
        Ok(Stopped::BatchFull)
    }
}

/// Opens a file; notes why where that fails.
fn open(job: &Job, buffer: &mut Vec<u8>, batch: &mut Batch) -> Option<OpenFile> {
    match OpenFile::open(&job.file, job.cursor.as_ref(), buffer) {
        Ok(file) => Some(file),
        Err(error) => {
            batch.files_done += 1;
            // The client removes old files at any moment.
            if error.kind() != io::ErrorKind::NotFound {
                batch.fail(job, &error);
            }
            None
        }
    }
}

enum Stopped {
    EndOfFile,
    BatchFull,
}
