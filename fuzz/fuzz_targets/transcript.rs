//! A transcript of any bytes: reading it never fails, and comes to the same however the bytes arrive.
//!
//! The first byte says in which portions; what follows is the file.

#![no_main]

mod kept;

use std::io::{self, Read};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use model::{Context, Record};
use sources::transcripts::{FileRole, FileState, Step, TranscriptReader};

/// Hands out at most so many bytes at a time, as a pipe or a slow disk may.
struct Portions<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl Read for Portions<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.len().min(self.most).min(into.len());
        let (now, later) = self.bytes.split_at(length);
        into[..length].copy_from_slice(now);
        self.bytes = later;
        Ok(length)
    }
}

/// The records, and how far it came: bytes, lines, and lines that were not understood.
fn read(bytes: &[u8], most: usize, role: FileRole) -> (Vec<Record>, u64, u64, usize) {
    let input = Portions { bytes, most };
    let mut reader = TranscriptReader::new(input, FileState::new(role), Arc::new(Context::default()));
    let (mut records, mut skipped) = (Vec::new(), 0);
    loop {
        match reader.step(&mut records).expect("memory does not fail") {
            Step::Read => {}
            Step::Skipped(..) => skipped += 1,
            Step::End => break,
        }
    }
    // What is saved between two readings can be read again.
    let saved = reader.state().to_json();
    assert_eq!(FileState::from_json(&saved).as_ref(), Some(reader.state()), "{saved}");
    (records, reader.offset(), reader.lines_read(), skipped)
}

fuzz_target!(|data: &[u8]| {
    let Some((portion, bytes)) = data.split_first() else { return };
    let role = FileRole { session: "s".to_owned(), subagent: portion & 1 == 1, ..FileRole::default() };
    let whole = read(bytes, usize::MAX, role.clone());
    assert!(whole.1 <= bytes.len() as u64);
    let in_portions = read(bytes, usize::from(*portion) + 1, role);
    assert_eq!(whole, in_portions);
    kept::check(whole.0);
});
