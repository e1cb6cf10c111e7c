//! A file for what the writer keeps beyond its memory. It has no name and is gone when the process ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

/// The file is given out in pages of so many bytes.
const PAGE: u64 = 4_096;

/// The file does not grow beyond so many bytes: 130,000 sessions of half an hour.
const MAX_BYTES: u64 = 4 << 30;

/// A file in which strings of bytes are put down and taken back, once each.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    /// Made when something is put down for the first time.
    file: Option<File>,
    /// Pages that the file has.
    pages: u64,
    /// Pages that are taken up.
    used: u64,
    /// Where there is room, by how many pages in a row.
    free: BTreeMap<u64, Vec<u64>>,
}

/// Where something lies.
#[derive(Debug)]
pub(super) struct Slot {
    page: u64,
    bytes: usize,
}

impl Slot {
    const fn pages(&self) -> u64 {
        (self.bytes as u64).div_ceil(PAGE)
    }
}

impl Shelf {
    /// A shelf whose file will be in a folder that exists.
    pub(super) const fn within(folder: PathBuf) -> Self {
        Self { folder, file: None, pages: 0, used: 0, free: BTreeMap::new() }
    }

    /// Bytes of the file that are taken up.
    pub(super) const fn bytes(&self) -> u64 {
        self.used * PAGE
    }

    /// Puts bytes down. `None` if the file is as large as it may be; an error if it cannot be written.
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<Option<Slot>> {
        let mut slot = Slot { page: 0, bytes: bytes.len() };
        let Some(page) = self.find_room(slot.pages()) else { return Ok(None) };
        slot.page = page;
        self.used += slot.pages();
        let written = self.open().and_then(|mut file| {
            file.seek(SeekFrom::Start(page * PAGE))?;
            file.write_all(bytes)
        });
        match written {
            Ok(()) => Ok(Some(slot)),
            Err(error) => {
                self.free(&slot);
                Err(error)
            }
        }
    }

    /// Takes back what was put down.
    pub(super) fn take(&mut self, slot: &Slot) -> io::Result<Box<[u8]>> {
        let mut bytes = vec![0; slot.bytes].into_boxed_slice();
        let mut file = self.open()?;
        file.seek(SeekFrom::Start(slot.page * PAGE))?;
        let read = file.read_exact(&mut bytes);
        self.free(slot);
        read.map(|()| bytes)
    }

    /// Gives up what was put down.
    pub(super) fn free(&mut self, slot: &Slot) {
        self.used -= slot.pages();
        if self.used > 0 {
            self.free.entry(slot.pages()).or_default().push(slot.page);
            return;
        }
        self.free.clear();
        self.pages = 0;
        // If the file cannot be made shorter, it is only larger than it need be.
        if let Some(file) = &self.file {
            _ = file.set_len(0);
        }
    }

    fn open(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile_in(&self.folder)?);
        }
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// So many pages in a row: the shortest row of free ones that is long enough, or new ones at the end.
    fn find_room(&mut self, pages: u64) -> Option<u64> {
        let Some((&length, places)) = self.free.range_mut(pages..).next() else {
            let page = self.pages;
            self.pages += pages;
            if self.pages * PAGE > MAX_BYTES {
                self.pages = page;
                return None;
            }
            return Some(page);
        };
        let page = places.pop()?;
        if places.is_empty() {
            self.free.remove(&length);
        }
        if length > pages {
            self.free.entry(length - pages).or_default().push(page + pages);
        }
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn shelf() -> Shelf {
        Shelf::within(std::env::temp_dir())
    }

    #[test]
    fn room_is_used_again() {
        let mut shelf = shelf();
        let large = shelf.put(&[1; 10_000]).unwrap().unwrap();
        let kept = shelf.put(&[2; 100]).unwrap().unwrap();
        assert_eq!(shelf.bytes(), 4 * PAGE);
        shelf.free(&large);
        let small = shelf.put(&[3; 5_000]).unwrap().unwrap();
        assert_eq!((small.page, shelf.pages), (0, 4), "in the room of the first");
        assert_eq!(&*shelf.take(&small).unwrap(), [3; 5_000]);
        assert_eq!(&*shelf.take(&kept).unwrap(), [2; 100]);
        assert_eq!((shelf.pages, shelf.bytes()), (0, 0), "nothing is left");
    }

    #[test]
    fn a_folder_that_is_gone_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::within(folder.path().join("gone"));
        assert_eq!(shelf.put(b"bytes").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(shelf.bytes(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is put down, taken back and given up in whatever order: all is as it was put down.
        #[test]
        fn what_is_taken_back_is_what_was_put_down(steps in vec((0_usize..20_000, any::<u8>(), any::<bool>()), 1..60)) {
            let mut shelf = shelf();
            let mut put = Vec::new();
            for (length, byte, is_taken) in steps {
                let bytes = vec![byte; length];
                put.push((shelf.put(&bytes).unwrap().unwrap(), bytes));
                if is_taken {
                    let (slot, bytes) = put.swap_remove(length % put.len());
                    prop_assert_eq!(&*shelf.take(&slot).unwrap(), &*bytes);
                }
            }
            for (slot, bytes) in put {
                prop_assert_eq!(&*shelf.take(&slot).unwrap(), &*bytes);
            }
            prop_assert_eq!(shelf.bytes(), 0);
        }
    }
}
