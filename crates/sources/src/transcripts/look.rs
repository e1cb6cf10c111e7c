//! A look through everything, beside other work.

use std::sync::Arc;

use state::{FileMark, Files};
use tokio::task::{JoinHandle, spawn_blocking};

use super::discover::{Found, discover};
use super::import::{Settings, TranscriptError};

type Looking = JoinHandle<Found>;

/// A look through all directories, and at how far their files have been read, that goes on by itself: neither needs the
/// ledger, so they need not wait until it is open.
#[derive(Debug)]
pub struct Look {
    found: Looking,
    marks: JoinHandle<state::Result<Vec<FileMark>>>,
}

impl Look {
    /// Begins to look.
    pub fn begin(settings: &Settings, files: &Arc<dyn Files>) -> Self {
        let files = Arc::clone(files);
        Self { found: look_through(settings), marks: tokio::spawn(async move { files.file_marks().await }) }
    }

    /// What there is, and how far it has been read.
    pub(super) async fn ended(self) -> Result<(Found, Vec<FileMark>), TranscriptError> {
        Ok((self.found.await?, self.marks.await??))
    }
}

/// Looks through all directories.
pub(super) fn look_through(settings: &Settings) -> Looking {
    let (directories, environment) = (settings.directories.clone(), settings.environment.clone());
    spawn_blocking(move || discover(&directories, &environment))
}
