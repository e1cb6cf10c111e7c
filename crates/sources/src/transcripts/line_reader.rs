//! Lines of a growing file, one at a time, whatever their length.

use std::io::{self, Read};

use super::MAX_LINE_BYTES;
use super::json::is_whole;
use super::peek::{Peek, peek};

/// How much is read at once, in bytes; also the size that the buffer returns to.
const CHUNK_BYTES: usize = 256 * 1024;
/// Lines longer than this are looked at before more of them is read: bookkeeping need not be held.
const LOOK_BYTES: usize = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// A line without its line break.
    Line(&'a [u8]),
    /// A line of which nothing counts, too long to be worth holding.
    Bookkeeping,
    /// A line longer than [`MAX_LINE_BYTES`].
    TooLong,
    /// No more complete lines for now.
    End,
}

/// Reads lines. Memory is bounded by the longest line, at most [`MAX_LINE_BYTES`].
#[derive(Debug)]
pub(super) struct LineReader<R> {
    input: R,
    buffer: Vec<u8>,
    /// Beginning of what has not been handed out.
    start: usize,
    /// End of what has been read.
    filled: usize,
    /// Where the next line begins in the file, in bytes.
    offset: u64,
    /// Bytes of the next line that were read and dropped, and what to call it at its end.
    dropped: Option<(u64, Dropped)>,
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
enum Dropped {
    Bookkeeping,
    TooLong,
}

impl<R: Read> LineReader<R> {
    /// Reads lines from `input`, which stands at `offset` of its file, the beginning of a line. `buffer` is one that
    /// another reader has no more use for, or empty.
    pub(super) fn new(input: R, offset: u64, buffer: Vec<u8>) -> Self {
        Self::with_limit(input, offset, buffer, MAX_LINE_BYTES)
    }

    fn with_limit(input: R, offset: u64, mut buffer: Vec<u8>, limit: usize) -> Self {
        if buffer.len() != CHUNK_BYTES {
            buffer = vec![0; CHUNK_BYTES];
        }
        Self { input, buffer, start: 0, filled: 0, offset, dropped: None, limit }
    }

    /// The buffer, for the next reader.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The end of the last line handed out, in bytes from the file's beginning.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) const fn input_mut(&mut self) -> &mut R {
        &mut self.input
    }

    /// The next line. A last line without a line break counts once it is a whole JSON object: no more can
    /// follow then but the line break.
    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        let mut searched = self.start;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[searched..self.filled]) {
                return Ok(self.hand_out(searched + length, 1));
            }
            self.drop_if_too_long();
            searched = self.filled;
            let moved = self.make_room();
            searched -= moved;
            let read = self.input.read(&mut self.buffer[self.filled..])?;
            self.filled += read;
            if read == 0 {
                return Ok(if self.rest_is_whole() { self.hand_out(self.filled, 0) } else { Next::End });
            }
        }
    }

    /// Hands out the line that ends at `end` of the buffer and is followed by `line_break` bytes.
    fn hand_out(&mut self, end: usize, line_break: usize) -> Next<'_> {
        let start = self.start;
        let at_beginning = self.offset == 0;
        self.start = end + line_break;
        let (dropped, next) = match self.dropped.take() {
            Some((bytes, Dropped::Bookkeeping)) => (bytes, Some(Next::Bookkeeping)),
            Some((bytes, Dropped::TooLong)) => (bytes, Some(Next::TooLong)),
            None if end - start > self.limit => (0, Some(Next::TooLong)),
            None => (0, None),
        };
        self.offset += dropped + (self.start - start) as u64;
        next.unwrap_or_else(|| {
            let line = &self.buffer[start..end];
            let line = if at_beginning { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
            Next::Line(line.strip_suffix(b"\r").unwrap_or(line))
        })
    }

    /// Lets go of what was read of a line that need not or must not be held.
    fn drop_if_too_long(&mut self) {
        let held = self.filled - self.start;
        if let Some((bytes, _)) = &mut self.dropped {
            *bytes += held as u64;
        } else if held >= LOOK_BYTES.min(self.limit) && peek(&self.buffer[self.start..]) == Peek::Bookkeeping
        {
            self.dropped = Some((held as u64, Dropped::Bookkeeping));
        } else if held > self.limit {
            self.dropped = Some((held as u64, Dropped::TooLong));
        }
        if self.dropped.is_some() {
            self.start = 0;
            self.filled = 0;
        }
    }

    /// Makes room for another chunk; returns by how much the buffered bytes moved to the front.
    fn make_room(&mut self) -> usize {
        let moved = self.start;
        if moved > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= moved;
            self.start = 0;
        }
        if self.filled == 0 && self.buffer.len() > CHUNK_BYTES {
            self.buffer = vec![0; CHUNK_BYTES];
        }
        if self.buffer.len() - self.filled < CHUNK_BYTES / 4 {
            self.buffer.resize((self.buffer.len() * 2).min(self.limit + 2 * CHUNK_BYTES), 0);
        }
        moved
    }

    fn rest_is_whole(&self) -> bool {
        let rest = self.buffer[self.start..self.filled].trim_ascii_end();
        self.dropped.is_none() && rest.last() == Some(&b'}') && is_whole(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that hands out a few bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(length);
            buffer[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    fn lines(bytes: &[u8], step: usize, limit: usize) -> (Vec<String>, u64) {
        let mut reader = LineReader::with_limit(Trickle(bytes, step), 0, Vec::new(), limit);
        let mut lines = Vec::new();
        loop {
            lines.push(match reader.next().unwrap() {
                Next::Line(line) => String::from_utf8_lossy(line).into_owned(),
                Next::Bookkeeping => "(bookkeeping)".to_owned(),
                Next::TooLong => "(too long)".to_owned(),
                Next::End => return (lines, reader.offset()),
            });
        }
    }

    #[test]
    fn line_breaks_blank_lines_and_byte_order_marks_are_no_part_of_lines() {
        let bytes = b"\xef\xbb\xbfone\r\n\n\xef\xbb\xbftwo\nthree\n";
        for step in [1, 2, 7, 1_000] {
            let (lines, offset) = lines(bytes, step, 1_000);
            assert_eq!(lines, ["one", "", "\u{feff}two", "three"]);
            assert_eq!(offset, bytes.len() as u64);
        }
    }

    #[test]
    fn a_half_written_line_waits() {
        let (found, offset) = lines(b"{}\n{\"type\":\"us", 3, 1_000);
        assert_eq!((found, offset), (vec!["{}".to_owned()], 3));
    }

    #[test]
    fn a_whole_object_needs_no_line_break() {
        let bytes = b"{}\n{\"a\":{}}";
        assert_eq!(
            lines(bytes, 3, 1_000),
            (vec!["{}".to_owned(), "{\"a\":{}}".to_owned()], bytes.len() as u64)
        );
        assert_eq!(lines(b"{}\n{\"a\":{}", 3, 1_000).1, 3);
    }

    #[test]
    fn lines_above_the_limit_are_passed_over() {
        let long = "x".repeat(700_000);
        let little = "x".repeat(400_001);
        let bookkeeping = format!("{{\"type\":\"attachment\",\"x\":\"{long}\"}}");
        let bytes = format!("one\n{long}\n{bookkeeping}\n{little}\ntwo\n");
        for step in [1_000, 300_000] {
            let (lines, offset) = lines(bytes.as_bytes(), step, 400_000);
            assert_eq!(lines, ["one", "(too long)", "(bookkeeping)", "(too long)", "two"]);
            assert_eq!(offset, bytes.len() as u64);
        }
    }

    #[test]
    fn an_unfinished_long_line_is_read_again_from_its_beginning() {
        let bytes = format!("one\n{}", "x".repeat(700_000));
        assert_eq!(lines(bytes.as_bytes(), 1_000, 400_000), (vec!["one".to_owned()], 4));
    }

    #[test]
    fn the_buffer_shrinks_after_a_long_line() {
        let bytes = format!("{}\nshort\n", "x".repeat(5_000_000));
        let mut reader = LineReader::new(bytes.as_bytes(), 0, Vec::new());
        assert!(matches!(reader.next(), Ok(Next::Line(line)) if line.len() == 5_000_000));
        while reader.next().unwrap() != Next::End {}
        assert_eq!(reader.buffer.len(), CHUNK_BYTES);
    }
}
