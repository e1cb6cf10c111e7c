//! Putting a backup into an empty data directory.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::backup::{UnfinishedFolder, is_free, make_private};
use super::manifest::Manifest;
use crate::config::DataDirectory;

/// What was restored.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Restored {
    /// When the backup was taken.
    pub(crate) taken_at: String,
    /// Time of the newest transaction in it; empty when there is none.
    pub(crate) boundary: String,
    /// The files.
    pub(crate) files: Vec<String>,
}

/// Copies a backup into the data directory, which is there once it is whole.
pub(crate) fn restore(from: &Path, data: &DataDirectory) -> Result<Restored> {
    ensure!(
        is_free(data.path())?,
        "{} is not empty; a backup is restored into an empty directory only. Name another with --data, or move \
         what is there away first",
        data.path().display()
    );
    let manifest = Manifest::checked(from)?;
    let folder = UnfinishedFolder::beside(data.path())?;
    for file in &manifest.files {
        let copy = folder.0.join(&file.name);
        fs::copy(from.join(&file.name), &copy).with_context(|| format!("cannot copy {}", file.name))?;
        make_private(&copy)?;
    }
    folder.becomes(data.path())?;
    Ok(Restored {
        taken_at: manifest.taken_at,
        boundary: manifest.boundary,
        files: manifest.files.into_iter().map(|file| file.name).collect(),
    })
}
