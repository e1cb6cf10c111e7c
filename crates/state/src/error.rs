//! What can go wrong, in words that tell the operator what to do next.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use crate::{KeyId, KeyKind};

/// The storage engine's own account of a failure.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// Why the state plane could not do what was asked. Nothing has changed when a call returns one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A new key may not have this name, because a usable key has it.
    #[error(
        "a usable {kind} key named \"{name}\" exists already ({id}): choose another name, or revoke that key first"
    )]
    NameTaken {
        /// The kind of both keys.
        kind: KeyKind,
        /// The name of both keys.
        name: String,
        /// The key that has the name.
        id: KeyId,
    },

    /// A new key was described in a way that cannot be kept.
    #[error("the key's {field} {problem}")]
    InvalidKey {
        /// Which field of the description.
        field: &'static str,
        /// What is wrong with it, fit to follow the field's name.
        problem: String,
    },

    /// A text that names no kind of key.
    #[error("unknown kind of key \"{0}\": use admin, ingest or viewer")]
    UnknownKind(String),

    /// No key has this id.
    #[error("no key has the id {0}: `pitwall key list` shows them all")]
    KeyNotFound(KeyId),

    /// A value is larger than what the state plane keeps.
    #[error("{what} has {size} bytes, at most {limit} are kept")]
    TooLarge {
        /// What is too large, with its name.
        what: String,
        /// Its size in bytes.
        size: u64,
        /// The largest size that is kept, in bytes.
        limit: u64,
    },

    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness(#[source] Cause),

    /// The directory or file could not be made.
    #[error("{} cannot be created: check that its directory exists and can be written", path.display())]
    CannotCreate {
        /// The directory or file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The file holds something else.
    #[error("{} is a database of another program: choose another data directory", path.display())]
    ForeignFile {
        /// The file.
        path: PathBuf,
    },

    /// A newer Pitwall has written the file.
    #[error(
        "the state has format {found}, this version of pitwall knows formats up to {known}: upgrade pitwall"
    )]
    NewerFormat {
        /// The format of the file.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },

    /// No space is left.
    #[error("the disk that holds the state is full: free some space, then try again")]
    DiskFull(#[source] Cause),

    /// The file or its directory cannot be written, or not even opened.
    #[error(
        "the state cannot be opened for writing: check the permissions of the data directory and its files"
    )]
    ReadOnly(#[source] Cause),

    /// Somebody else kept the file locked for longer than we wait.
    #[error("another process keeps the state locked: try again when it is done")]
    Busy(#[source] Cause),

    /// The file is not readable as what it should be.
    #[error("the state is damaged: restore it from a backup, or move it away to start with new keys")]
    Damaged(#[source] Cause),

    /// Any other failure of the storage engine.
    #[error("the state's storage failed")]
    Storage(#[source] Cause),
}

impl Error {
    /// A stored value that this program would never have written.
    pub(crate) fn unexpected(column: &str, value: impl std::fmt::Display) -> Self {
        Self::Damaged(format!("unexpected {column}: {value}").into())
    }
}
