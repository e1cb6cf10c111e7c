//! Searching files for texts, byte by byte.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};

/// Bytes that are read in one go.
const PIECE: usize = 1 << 20;

/// What is searched for, in whatever letter case.
pub(super) struct Needles(Vec<Vec<u8>>);

impl Needles {
    pub(super) fn new(texts: &BTreeSet<String>) -> Self {
        Self(texts.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect())
    }

    fn are_in(&self, lowercase: &[u8]) -> bool {
        let found =
            |needle: &Vec<u8>| lowercase.windows(needle.len()).any(|window| window == needle.as_slice());
        self.0.iter().filter(|needle| !needle.is_empty()).any(found)
    }

    fn longest(&self) -> usize {
        self.0.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// The files in a folder, and in those in it, that hold one of the texts; by their paths in it, sorted.
pub(super) fn files_with(folder: &Path, needles: &Needles) -> Result<Vec<String>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).with_context(|| format!("cannot read {}", inner.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if has(&path, needles)? {
                found.push(path.strip_prefix(folder)?.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn has(path: &Path, needles: &Needles) -> Result<bool> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        // Gone since the folder was read.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("cannot search {}", path.display())),
    };
    // The end of each piece is looked at again with the next one.
    let kept = needles.longest().saturating_sub(1);
    let mut piece = vec![0; PIECE];
    let mut text: Vec<u8> = Vec::with_capacity(PIECE + kept);
    loop {
        let count = file.read(&mut piece).with_context(|| format!("cannot search {}", path.display()))?;
        if count == 0 {
            return Ok(false);
        }
        text.extend(piece[..count].iter().map(u8::to_ascii_lowercase));
        if needles.are_in(&text) {
            return Ok(true);
        }
        text.drain(..text.len().saturating_sub(kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_whatever_case_and_across_pieces() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        let mut long = vec![b'x'; PIECE - 4];
        long.extend(b"Ann@Example.org and more");
        fs::write(folder.path().join("inner/long"), long).unwrap();
        fs::write(folder.path().join("short"), "ann@example.or").unwrap();
        let needles = Needles::new(&BTreeSet::from(["ann@example.org".to_owned()]));
        assert_eq!(files_with(folder.path(), &needles).unwrap(), ["inner/long"]);
    }
}
