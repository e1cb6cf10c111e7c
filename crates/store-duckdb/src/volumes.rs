//! What the file surely does not hold, however much it holds: a Bloom filter for each stretch of what came in.
//!
//! The newest filters are in memory. Beyond a limit the oldest are written into a file without a name, never to change
//! again, and there a thing is looked for by reading a few words; the system keeps in memory of it what there is room
//! for. Giving them up instead would have everything new looked for in the ledger, and fewer bits for each thing would
//! before long have most of it looked for there.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use model::Timestamp;

use crate::bloom::{Layer, places};

/// How much of it is in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Things that the first volume has room for. Each further one has room for twice as many as the one before it.
    pub(crate) first: usize,
    /// Things that any volume has room for at most. To ask a volume in the file takes a microsecond, so there should
    /// not be many; and the larger it is, the more of the ledger is searched for what is in it.
    pub(crate) most: usize,
    /// Bytes of volumes in memory.
    pub(crate) memory: usize,
}

/// The first volume takes 3 MiB, the third and later ones 12 MiB. The newest four to ten million things are in memory.
pub(crate) const LIMITS: Limits = Limits { first: 1 << 20, most: 4 << 20, memory: 32 << 20 };

/// From the oldest transaction to the newest, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// Filters of things, oldest first.
#[derive(Debug)]
pub(crate) struct Volumes {
    volumes: Vec<Volume>,
    limits: Limits,
    /// Where the file will be, a folder that exists.
    folder: PathBuf,
    /// Made when it is needed for the first time, and how long it is.
    file: Option<(Arc<File>, u64)>,
}

#[derive(Debug)]
struct Volume {
    bits: Bits,
    /// Of the transactions that its things are of, where these matter.
    span: Option<Span>,
}

#[derive(Debug)]
enum Bits {
    InMemory(Layer),
    /// So many words, from a place in bytes on.
    InFile {
        file: Arc<File>,
        at: u64,
        words: usize,
    },
}

impl Volumes {
    /// Holds nothing.
    pub(crate) const fn within(folder: PathBuf, limits: Limits) -> Self {
        Self { volumes: Vec::new(), limits, folder, file: None }
    }

    /// As empty as at first, with the same limits.
    pub(crate) fn another(&self) -> Self {
        Self::within(self.folder.clone(), self.limits)
    }

    /// Whether it can tell without reading a file.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.volumes.iter().all(|volume| volume.bits.bytes_in_memory() > 0)
    }

    /// Adds a thing, also if an older volume has it: it may be asked where the newest is.
    pub(crate) fn add(&mut self, hash: u64, posted_at: Option<Timestamp>) {
        let has_room = |volume: &Volume| matches!(&volume.bits, Bits::InMemory(layer) if !layer.is_full());
        if !self.volumes.last().is_some_and(has_room) {
            let Limits { first, most, .. } = self.limits;
            let things = (0..self.volumes.len()).fold(first, |things, _| most.min(2 * things));
            self.volumes.push(Volume { bits: Bits::InMemory(Layer::for_things(things)), span: None });
            self.keep_limit();
        }
        let Some(Volume { bits: Bits::InMemory(layer), span }) = self.volumes.last_mut() else { return };
        if !layer.may_hold(hash) {
            layer.add(hash);
        }
        if let Some(at) = posted_at {
            let known = span.get_or_insert(Span { from: at, until: at });
            *known = Span { from: known.from.min(at), until: known.until.max(at) };
        }
    }

    /// Puts what is older before what is here.
    pub(crate) fn put_before(&mut self, older: Self) {
        let newer = std::mem::replace(&mut self.volumes, older.volumes);
        self.volumes.extend(newer);
        self.keep_limit();
    }

    /// Whether any volume may hold a thing.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        self.volumes.iter().rev().any(|volume| volume.bits.may_hold(hash))
    }

    /// The spans of the volumes that may hold a thing, by their places among all.
    pub(crate) fn holding(&self, hash: u64) -> impl Iterator<Item = (usize, Span)> {
        let volumes = self.volumes.iter().enumerate();
        volumes.filter_map(move |(place, volume)| {
            volume.span.filter(|_| volume.bits.may_hold(hash)).map(|span| (place, span))
        })
    }

    /// Writes the oldest volumes in memory into the file while there are too many. What cannot be written stays; on a
    /// full disk nothing comes in either.
    fn keep_limit(&mut self) {
        let mut bytes: usize = self.volumes.iter().map(|volume| volume.bits.bytes_in_memory()).sum();
        for volume in &mut self.volumes {
            if bytes <= self.limits.memory {
                return;
            }
            let Bits::InMemory(layer) = &volume.bits else { continue };
            bytes -= volume.bits.bytes_in_memory();
            match put_down(&mut self.file, &self.folder, layer.words()) {
                Ok(bits) => volume.bits = bits,
                Err(error) => {
                    tracing::warn!(%error, "what is known of the ledger's contents stays in memory");
                    return;
                }
            }
        }
    }
}

impl Bits {
    fn bytes_in_memory(&self) -> usize {
        match self {
            Self::InMemory(layer) => size_of_val(layer.words()),
            Self::InFile { .. } => 0,
        }
    }

    fn may_hold(&self, hash: u64) -> bool {
        match self {
            Self::InMemory(layer) => layer.may_hold(hash),
            Self::InFile { file, at, words } => places(hash, *words).all(|(word, bit)| {
                // What cannot be read may be there.
                word_at(file, at + 8 * word as u64).map_or(true, |word| word & bit != 0)
            }),
        }
    }
}

/// Appends words to the file, which is made if there is none.
fn put_down(file: &mut Option<(Arc<File>, u64)>, folder: &PathBuf, words: &[u64]) -> io::Result<Bits> {
    const WORDS_AT_ONCE: usize = 8_192;
    let (open, end) = match file {
        Some(file) => file,
        None => file.insert((Arc::new(tempfile::tempfile_in(folder)?), 0)),
    };
    let mut writer: &File = open;
    io::Seek::seek(&mut writer, io::SeekFrom::Start(*end))?;
    for words in words.chunks(WORDS_AT_ONCE) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        writer.write_all(&bytes)?;
    }
    let bits = Bits::InFile { file: Arc::clone(open), at: *end, words: words.len() };
    *end += 8 * words.len() as u64;
    Ok(bits)
}

#[cfg(unix)]
fn word_at(file: &File, at: u64) -> io::Result<u64> {
    let mut word = [0; 8];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut word, at)?;
    Ok(u64::from_le_bytes(word))
}

/// Only one thread at a time has the volumes, so nobody else moves the file's place meanwhile.
#[cfg(not(unix))]
fn word_at(mut file: &File, at: u64) -> io::Result<u64> {
    let mut word = [0; 8];
    io::Seek::seek(&mut file, io::SeekFrom::Start(at))?;
    io::Read::read_exact(&mut file, &mut word)?;
    Ok(u64::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two volumes of 304 bytes in memory.
    const FEW: Limits = Limits { first: 100, most: 100, memory: 700 };

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    /// So many things, each of a transaction of its own, in a folder that is removed at the end.
    fn filled(limits: Limits, things: u64) -> (Volumes, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut volumes = Volumes::within(folder.path().to_owned(), limits);
        (0..things).for_each(|thing| volumes.add(thing, Some(at(thing as i64))));
        (volumes, folder)
    }

    fn in_file(volumes: &Volumes) -> usize {
        volumes.volumes.iter().filter(|volume| matches!(volume.bits, Bits::InFile { .. })).count()
    }

    #[test]
    fn what_does_not_fit_is_found_in_the_file() {
        let (volumes, folder) = filled(FEW, 1_000);
        assert_eq!((in_file(&volumes), volumes.volumes.len()), (8, 10));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
        assert!((0..1_000).all(|thing| volumes.may_hold(thing)));
        let wrong = (1_000..21_000).filter(|thing| volumes.may_hold(*thing)).count();
        assert!(wrong < 40, "{wrong}");
        for thing in [0, 150, 555, 999] {
            let spans: Vec<Span> = volumes.holding(thing).map(|(_, span)| span).collect();
            assert!(
                spans.iter().any(|span| (span.from..=span.until).contains(&at(thing as i64))),
                "{spans:?}"
            );
            assert!(spans.len() < 3, "{spans:?}");
        }
    }

    #[test]
    fn what_comes_again_is_in_a_newer_volume_too() {
        let (mut volumes, _folder) = filled(FEW, 250);
        volumes.add(7, Some(at(900)));
        volumes.add(7, Some(at(901)));
        let spans: Vec<Span> = volumes.holding(7).map(|(_, span)| span).collect();
        assert_eq!(spans, [Span { from: at(0), until: at(99) }, Span { from: at(200), until: at(901) }]);
    }

    #[test]
    fn what_was_read_later_is_put_before_what_came_meanwhile() {
        let (mut newer, _folder) = filled(FEW, 150);
        let mut older = newer.another();
        (1_000..1_250).for_each(|thing| older.add(thing, Some(at(thing as i64 - 5_000))));
        newer.put_before(older);
        assert_eq!((in_file(&newer), newer.volumes.len()), (3, 5));
        assert!((0..150).chain(1_000..1_250).all(|thing| newer.may_hold(thing)));
        assert!(newer.volumes.is_sorted_by_key(|volume| volume.span.map(|span| span.from)));
        newer.add(5_000, None);
        assert_eq!(newer.volumes.len(), 5, "the last one goes on");
    }

    #[test]
    fn volumes_become_larger_and_the_memory_stays_limited() {
        let limits = Limits { first: 100, most: 400, memory: 3_000 };
        let (volumes, _folder) = filled(limits, 1_600);
        let bytes = |volume: &Volume| volume.bits.bytes_in_memory();
        // 100 + 200 + 400 + 400 + 400 + 100; a thing takes three bytes.
        assert_eq!(volumes.volumes.iter().map(bytes).collect::<Vec<_>>(), [0, 0, 0, 0, 1_200, 1_200]);
        assert!((0..1_600).all(|thing| volumes.may_hold(thing)));
    }

    #[test]
    fn without_a_file_it_stays_in_memory() {
        let mut volumes = Volumes::within("/there/is/no/such/folder".into(), FEW);
        (0..1_000).for_each(|thing| volumes.add(thing, None));
        assert!(volumes.is_in_memory() && (0..1_000).all(|thing| volumes.may_hold(thing)));
    }

    #[test]
    fn what_cannot_be_read_may_be_there() {
        let (volumes, _folder) = filled(FEW, 1_000);
        assert!(!volumes.may_hold(5_000));
        let (file, _) = volumes.file.as_ref().unwrap();
        file.set_len(8).unwrap();
        assert!(volumes.may_hold(5_000));
    }
}
