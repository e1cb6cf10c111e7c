//! A transcript, read into records line by line, wherever its bytes come from.

use std::io::{self, Read};
use std::sync::Arc;

use model::{AttributeValue, Context, Record};

use super::line_reader::{LineReader, Next};
use super::parse::{LineError, LineParser};
use super::state::FileState;

/// Reads a transcript. Memory is bounded by its longest line.
#[derive(Debug)]
pub struct TranscriptReader<R> {
    lines: LineReader<R>,
    parser: LineParser,
    lines_read: u64,
    lines_skipped: u64,
}

/// What one line came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was read; it may have told something.
    Read,
    /// It was not understood: its number in the file, from one, and why.
    Skipped(u64, LineError),
    /// There are no more complete lines.
    End,
}

/// How far a reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Where the next line begins, in bytes.
    pub(super) offset: u64,
    /// Lines before it.
    pub(super) lines_read: u64,
    /// Lines among them that were not understood.
    pub(super) lines_skipped: u64,
}

impl<R: Read> TranscriptReader<R> {
    /// Reads `input` from its start. `base` holds what is the same for every line.
    pub fn new(input: R, state: FileState, base: Arc<Context>) -> Self {
        Self::at(Place::default(), input, state, base, Vec::new())
    }

    /// Goes on at a place, where `input` stands; `state` is that of the lines before it. `buffer` is as for [`LineReader`].
    pub(super) fn at(place: Place, input: R, state: FileState, base: Arc<Context>, buffer: Vec<u8>) -> Self {
        Self {
            lines: LineReader::new(input, place.offset, buffer),
            parser: LineParser::new(state, base),
            lines_read: place.lines_read,
            lines_skipped: place.lines_skipped,
        }
    }

    /// Reads the next line and appends what it tells to `records`.
    ///
    /// # Errors
    /// The input could not be read. Nothing of the line is lost: the next step tries again.
    pub fn step(&mut self, records: &mut Vec<Record>) -> io::Result<Step> {
        let known = records.len();
        let result = match self.lines.next()? {
            Next::End => return Ok(Step::End),
            Next::Line(line) if line.trim_ascii().is_empty() => Ok(()),
            Next::Line(line) => self.parser.read(line, records),
            Next::Bookkeeping => Ok(()),
            Next::TooLong => Err(LineError::TooLong),
        };
        self.lines_read += 1;
        let line = AttributeValue::Int(i64::try_from(self.lines_read).unwrap_or(i64::MAX));
        for record in records.iter_mut().skip(known) {
            record.extra.reserve_exact(1);
            record.extra.push((Record::LINE.to_owned(), line.clone()));
        }
        Ok(match result {
            Ok(()) => Step::Read,
            Err(error) => {
                self.lines_skipped += 1;
                Step::Skipped(self.lines_read, error)
            }
        })
    }

    /// The end of the last line that was read, in bytes from the beginning.
    pub const fn offset(&self) -> u64 {
        self.lines.offset()
    }

    /// Lines read so far, those that were not understood included.
    pub const fn lines_read(&self) -> u64 {
        self.lines_read
    }

    /// Lines that were not understood.
    pub const fn lines_skipped(&self) -> u64 {
        self.lines_skipped
    }

    /// What has to be saved to go on behind the lines read so far.
    pub const fn state(&self) -> &FileState {
        self.parser.state()
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.lines.into_buffer()
    }

    pub(super) const fn input_mut(&mut self) -> &mut R {
        self.lines.input_mut()
    }
}
