//! Batches of records sorted into heaps, in a file without a name that is gone when the heaps are.
//!
//! Batches lie in the store in the order in which they came in, those of all sessions among each other. Whoever needs
//! each session's together reads them once, puts them into as many heaps as it takes for one of them to fit into
//! memory, and looks at one heap after the other.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use model::{SessionId, Source, Timestamp};
use store::PackedBatch;

/// Bytes that are collected for a heap before they are written. With [`MOST_HEAPS`], 32 MiB in memory.
const PIECE: usize = 16 << 10;

/// Heaps at most. With more to sort, each becomes larger.
pub(super) const MOST_HEAPS: usize = 2_048;

/// Batches, in heaps that are known by their numbers.
#[derive(Debug)]
pub(super) struct Heaps {
    /// Where the file will be.
    folder: PathBuf,
    /// Made when something is written for the first time, and how long it is.
    file: Option<File>,
    end: u64,
    heaps: Vec<Heap>,
}

#[derive(Debug, Default)]
struct Heap {
    /// Not written yet.
    waiting: Vec<u8>,
    /// Where the rest lies, and how many bytes each piece has.
    pieces: Vec<(u64, usize)>,
}

impl Heaps {
    /// So many empty heaps, one at least. What does not fit into memory will be in a folder that exists.
    pub(super) fn within(folder: PathBuf, heaps: usize) -> Self {
        let mut empty = Vec::new();
        empty.resize_with(heaps.clamp(1, MOST_HEAPS), Heap::default);
        Self { folder, file: None, end: 0, heaps: empty }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.heaps.len()
    }

    /// Puts a batch onto a heap.
    pub(super) fn put(&mut self, heap: usize, batch: &PackedBatch) -> io::Result<()> {
        let Some(heap) = self.heaps.get_mut(heap) else { return Err(io::ErrorKind::NotFound.into()) };
        write(batch, &mut heap.waiting);
        if heap.waiting.len() < PIECE {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        file.seek(SeekFrom::Start(self.end))?;
        file.write_all(&heap.waiting)?;
        heap.pieces.push((self.end, heap.waiting.len()));
        self.end += heap.waiting.len() as u64;
        heap.waiting.clear();
        Ok(())
    }

    /// Takes a heap away, in the order in which its batches were put there.
    pub(super) fn take(&mut self, heap: usize) -> io::Result<Vec<PackedBatch>> {
        let Heap { waiting, pieces } = self.heaps.get_mut(heap).map(std::mem::take).unwrap_or_default();
        let mut batches = Vec::new();
        for (place, length) in pieces {
            let mut piece = vec![0; length];
            let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut piece)?;
            read_all(&piece, &mut batches)?;
        }
        read_all(&waiting, &mut batches)?;
        Ok(batches)
    }
}

/// Numbers in eight bytes each, then the texts that two of them are the lengths of.
fn write(batch: &PackedBatch, bytes: &mut Vec<u8>) {
    let session = batch.session.as_str().as_bytes();
    let source = Source::ALL.iter().position(|source| *source == batch.source).unwrap_or_default();
    let numbers = [
        batch.posted_at.as_micros().cast_unsigned(),
        source as u64,
        batch.records,
        session.len() as u64,
        batch.payload.len() as u64,
    ];
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend_from_slice(session);
    bytes.extend_from_slice(&batch.payload);
}

fn read_all(mut bytes: &[u8], batches: &mut Vec<PackedBatch>) -> io::Result<()> {
    while !bytes.is_empty() {
        batches.push(read(&mut bytes).ok_or(io::ErrorKind::InvalidData)?);
    }
    Ok(())
}

fn read(bytes: &mut &[u8]) -> Option<PackedBatch> {
    let mut number = || bytes.split_off(..8)?.try_into().ok().map(u64::from_le_bytes);
    let (posted_at, source, records) = (number()?.cast_signed(), number()?, number()?);
    let (session, payload) = (usize::try_from(number()?).ok()?, usize::try_from(number()?).ok()?);
    let session = std::str::from_utf8(bytes.split_off(..session)?).ok()?;
    Some(PackedBatch {
        posted_at: Timestamp::from_micros(posted_at),
        session: SessionId::new(session),
        source: *Source::ALL.get(usize::try_from(source).ok()?)?,
        records,
        payload: bytes.split_off(..payload)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: i64) -> PackedBatch {
        PackedBatch {
            posted_at: Timestamp::from_micros(number - 5),
            session: SessionId::new(format!("séance {number}")),
            source: Source::ALL[number as usize % Source::ALL.len()],
            records: number.unsigned_abs(),
            payload: vec![number as u8; 10 * number as usize],
        }
    }

    #[test]
    fn a_heap_is_taken_as_it_was_put() {
        let folder = tempfile::tempdir().unwrap();
        let mut heaps = Heaps::within(folder.path().to_owned(), 3);
        (0..200).for_each(|number| heaps.put(number as usize % 3, &batch(number)).unwrap());
        assert!(heaps.end > 3 * PIECE as u64, "this is about what does not fit");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
        for heap in [1, 0, 2] {
            let expected: Vec<_> = (0..200).filter(|number| number % 3 == heap).map(batch).collect();
            assert_eq!(heaps.take(heap as usize).unwrap(), expected);
            assert_eq!(heaps.take(heap as usize).unwrap(), [], "it is gone");
        }
        assert!(heaps.put(3, &batch(1)).is_err());
    }

    #[test]
    fn what_is_little_needs_no_file() {
        let mut heaps = Heaps::within("/there/is/no/such/folder".into(), 0);
        heaps.put(0, &batch(3)).unwrap();
        assert_eq!(heaps.take(0).unwrap(), [batch(3)]);
        let large = PackedBatch { payload: vec![0; PIECE], ..batch(1) };
        assert!(heaps.put(0, &large).is_err());
    }
}
