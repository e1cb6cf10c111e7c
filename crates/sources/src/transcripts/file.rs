//! One transcript file, read from where reading stopped last time.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use model::{Context, Record, Timestamp};
use state::{FileCursor, FileMark};
use xxhash_rust::xxh3::xxh3_64;

use super::discover::{FoundFile, Stamp};
use super::neighbours::role_of;
use super::reader::{Place, Step, TranscriptReader};
use super::state::FileState;

/// How many bytes before the offset are compared to notice a rewritten file.
const TAIL_BYTES: u64 = 4_096;

/// A file being read.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: String,
    stamp: Stamp,
    reader: TranscriptReader<File>,
    /// Where this reading began, in bytes; zero when the file is new or has to be read again.
    began_at: u64,
}

/// Whether a file is as it was when its cursor was saved.
pub(super) fn is_unchanged(stamp: &Stamp, mark: &FileMark) -> bool {
    !mark.failed
        && mark.identity == stamp.identity
        && mark.size == stamp.size
        && mark.modified_at == stamp.modified_at
}

/// How much of a file is probably left to read, in bytes.
pub(super) fn unread(stamp: &Stamp, cursor: Option<&FileCursor>) -> u64 {
    let offset = cursor.filter(|cursor| cursor.offset <= stamp.size).map_or(0, |cursor| cursor.offset);
    stamp.size - offset
}

impl OpenFile {
    /// Opens a file and goes on behind what the cursor covers. A file that is not the one the cursor was
    /// saved for (replaced, shortened, or with other bytes before the offset) is read from the start, which
    /// is harmless: records that are known already add nothing. `buffer` is taken from there and left empty.
    pub(super) fn open(
        found: &FoundFile,
        cursor: Option<&FileCursor>,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Self> {
        let mut file = File::open(&found.path)?;
        // The file may have grown since it was found.
        let stamp = Stamp::of(&file.metadata()?);
        let resumed = match cursor {
            Some(cursor) => resume(&mut file, &stamp, cursor)?.map(|state| (cursor, state)),
            None => None,
        };
        let (place, state) = match resumed {
            Some((cursor, state)) => (Place::from(cursor), state),
            None => (Place::default(), FileState::new(role_of(&found.path))),
        };
        file.seek(SeekFrom::Start(place.offset))?;
        let path = found.path.to_string_lossy().into_owned();
        let context = Context { file: Some(path.clone().into()), ..found.context.as_ref().clone() };
        Ok(Self {
            path,
            stamp,
            reader: TranscriptReader::at(place, file, state, Arc::new(context), std::mem::take(buffer)),
            began_at: place.offset,
        })
    }

    /// Reads the next line and appends what it tells to `records`.
    pub(super) fn step(&mut self, records: &mut Vec<Record>) -> io::Result<Step> {
        self.reader.step(records)
    }

    /// The buffer, for the next file.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.reader.into_buffer()
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Bytes read since the file was opened.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.reader.offset() - self.began_at
    }

    /// Where to go on next time. `error` is why reading stopped, if it did not come to the end. The boundary is known only
    /// once the records are in the ledger.
    pub(super) fn cursor(&mut self, error: Option<&io::Error>) -> io::Result<FileCursor> {
        let offset = self.reader.offset();
        let file = self.reader.input_mut();
        let position = file.stream_position()?;
        let tail_hash = tail_hash(file, offset)?;
        file.seek(SeekFrom::Start(position))?;
        Ok(FileCursor {
            path: self.path.clone(),
            identity: self.stamp.identity.clone(),
            size: self.stamp.size,
            modified_at: self.stamp.modified_at,
            offset,
            tail_hash,
            lines_read: self.reader.lines_read(),
            lines_skipped: self.reader.lines_skipped(),
            last_error: error.map(ToString::to_string),
            boundary: Timestamp::MIN,
            context: self.reader.state().to_json(),
        })
    }
}

impl From<&FileCursor> for Place {
    fn from(cursor: &FileCursor) -> Self {
        let FileCursor { offset, lines_read, lines_skipped, .. } = *cursor;
        Self { offset, lines_read, lines_skipped }
    }
}

/// A cursor for a file that could not be opened, so that the failure is remembered.
pub(super) fn failed_cursor(
    path: &Path,
    stamp: &Stamp,
    known: Option<&FileCursor>,
    error: &io::Error,
) -> FileCursor {
    let mut cursor = known.cloned().unwrap_or_else(|| FileCursor {
        path: path.to_string_lossy().into_owned(),
        identity: stamp.identity.clone(),
        size: 0,
        modified_at: Timestamp::default(),
        offset: 0,
        tail_hash: hash(&[]),
        lines_read: 0,
        lines_skipped: 0,
        last_error: None,
        boundary: Timestamp::MIN,
        context: String::new(),
    });
    cursor.last_error = Some(error.to_string());
    cursor
}

fn resume(file: &mut File, stamp: &Stamp, cursor: &FileCursor) -> io::Result<Option<FileState>> {
    let same = cursor.identity == stamp.identity
        && cursor.offset <= stamp.size
        && tail_hash(file, cursor.offset)? == cursor.tail_hash;
    Ok(same.then(|| FileState::from_json(&cursor.context)).flatten())
}

/// Hash of the last bytes before the offset.
fn tail_hash(file: &mut File, offset: u64) -> io::Result<i64> {
    let start = offset.saturating_sub(TAIL_BYTES);
    let mut tail = Vec::with_capacity(TAIL_BYTES as usize);
    file.seek(SeekFrom::Start(start))?;
    file.take(offset - start).read_to_end(&mut tail)?;
    Ok(hash(&tail))
}

fn hash(bytes: &[u8]) -> i64 {
    xxh3_64(bytes) as i64
}
