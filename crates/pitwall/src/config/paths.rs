//! Where things are on disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use etcetera::BaseStrategy;

/// The data directory and what lies in it.
#[derive(Clone, Debug)]
pub(crate) struct DataDirectory(PathBuf);

impl DataDirectory {
    /// A given directory.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The given directory, or `pitwall/` in the platform's data directory.
    pub(crate) fn or_default(given: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = given {
            return Ok(Self(path));
        }
        let strategy = etcetera::base_strategy::choose_native_strategy()
            .context("no home directory is known; name a data directory with --data")?;
        Ok(Self(strategy.data_dir().join("pitwall")))
    }

    /// Makes the directory, readable by its owner alone.
    pub(crate) fn create(&self) -> Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.0)
            .with_context(|| format!("cannot make the data directory {}", self.0.display()))
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Records and postings.
    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.0.join("ledger.duckdb")
    }

    /// Keys, cursors, secrets.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.0.join("state.sqlite")
    }

    /// The optional configuration file.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.0.join("pitwall.toml")
    }

    /// A price book newer than the built-in one, when somebody has put one here.
    pub(crate) fn price_book_file(&self) -> PathBuf {
        self.0.join("price-book.json")
    }

    /// What people have put here besides the data, and what has been noted about it: small files that belong into
    /// a backup. They need not exist.
    pub(crate) fn own_files(&self) -> [PathBuf; 3] {
        [self.config_file(), self.price_book_file(), self.erasures_file()]
    }

    /// When somebody was erased, and how much of them; not who.
    pub(crate) fn erasures_file(&self) -> PathBuf {
        self.0.join("erasures.jsonl")
    }

    /// What the status line remembers from one prompt to the next.
    pub(crate) fn status_line_file(&self) -> PathBuf {
        self.0.join("status-line.json")
    }

    /// Where a running server says how to reach it.
    pub(crate) fn server_file(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// The demo's own data directory.
    pub(crate) fn demo(&self) -> Self {
        Self(self.0.join("demo"))
    }
}
