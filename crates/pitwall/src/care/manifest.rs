//! What lies in a backup, so that a restoring can tell whether all of it is there and as it was.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Name of the list in the folder of a backup.
const NAME: &str = "backup.json";

/// The format of the list that this version writes.
const FORMAT: u32 = 1;

/// The list.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Manifest {
    format: u32,
    /// Version of the program that made it.
    pub(super) pitwall: String,
    /// When it was made.
    pub(super) taken_at: String,
    /// Time of the newest transaction in it; empty when there is none.
    pub(super) boundary: String,
    /// The files.
    pub(super) files: Vec<Listed>,
}

/// A file of a backup.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Listed {
    /// Its name in the folder.
    pub(super) name: String,
    pub(super) bytes: u64,
    sha256: String,
}

impl Manifest {
    pub(super) fn new(taken_at: String, boundary: String, files: Vec<Listed>) -> Self {
        Self { format: FORMAT, pitwall: env!("CARGO_PKG_VERSION").to_owned(), taken_at, boundary, files }
    }

    /// Writes it into the folder.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads the one in the folder, and compares the files with it.
    pub(super) fn checked(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let text = std::fs::read(&path)
            .with_context(|| format!("{} is no backup of Pitwall: cannot read {NAME}", folder.display()))?;
        let manifest: Self = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not what Pitwall writes", path.display()))?;
        ensure!(
            manifest.format <= FORMAT,
            "the backup was made by a newer version ({}); use that one",
            manifest.pitwall
        );
        for file in &manifest.files {
            let name = Path::new(&file.name);
            ensure!(name.file_name() == Some(name.as_os_str()), "{} names a file elsewhere", path.display());
            let found = Listed::of(folder, &file.name)?;
            ensure!(
                (found.bytes, &found.sha256) == (file.bytes, &file.sha256),
                "{} in the backup is not as it was written: it is damaged, use another backup",
                file.name
            );
        }
        Ok(manifest)
    }
}

impl Listed {
    /// A file as it is in the folder.
    pub(super) fn of(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let read = || -> std::io::Result<(u64, String)> {
            let (mut file, mut hash, mut bytes) = (File::open(&path)?, Sha256::new(), 0);
            let mut buffer = vec![0; 1 << 20];
            loop {
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    let digest = hash.finalize();
                    return Ok((bytes, digest.iter().map(|byte| format!("{byte:02x}")).collect()));
                }
                hash.update(&buffer[..count]);
                bytes += count as u64;
            }
        };
        let (bytes, sha256) = read().with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { name: name.to_owned(), bytes, sha256 })
    }
}
