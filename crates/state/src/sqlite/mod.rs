//! The state plane in one SQLite file.
//!
//! The file runs in write-ahead mode: readers never wait, and the processes that share it (a server, a
//! command such as `pitwall key create`) take turns at writing. Each noun has its file here, as it has one
//! beside this folder.

mod error;
mod files;
mod keys;
mod migrations;
mod open;
mod secrets;
mod upkeep;

use std::sync::Arc;

use sqlx::SqlitePool;
use tokio::sync::OnceCell;

pub use migrations::FORMAT_VERSION;

use crate::last_use::LastUse;
use crate::{Error, Result, ServerSecret};

/// Starts a transaction that holds the write lock from its beginning: one that took it only at its first
/// write could fail there, because another process wrote in between.
const BEGIN_WRITE: &str = "begin immediate";

/// Has the disk confirm every transaction, as the writer's connection is each time that it is taken.
const DURABLE: &str = "pragma synchronous = full";

/// Leaves it to the system when transactions reach the disk. A power cut may take the last ones, in order; a crash of the
/// program takes none.
const NOT_DURABLE: &str = "pragma synchronous = normal";

/// The state plane in one SQLite file; see [`SqliteState::open`].
#[derive(Debug)]
pub struct SqliteState {
    /// One connection, so that this process's writers queue here and not in SQLite's busy loop.
    writer: SqlitePool,
    /// Connections that cannot write. In memory, the writer again: there every connection is a database.
    reader: SqlitePool,
    /// Looked up with every request, so it is read only once.
    key_hash_secret: OnceCell<ServerSecret>,
    last_use: LastUse,
}

impl SqliteState {
    fn new(writer: SqlitePool, reader: SqlitePool) -> Self {
        Self { writer, reader, key_hash_secret: OnceCell::new(), last_use: LastUse::default() }
    }

    /// Leaves the file to the end of the process, which has to come next. Everything written is durable in the write-ahead
    /// log beside the file, where the next process finds it; only what [`SqliteState::close`] writes is lost.
    pub fn leave(self: Arc<Self>) {
        std::mem::forget(self);
    }

    /// Writes what is still in memory and closes the file. Without it, the last minute of
    /// [`crate::Key::last_used_at`] may be missing; nothing else.
    pub async fn close(&self) -> Result<()> {
        let written = self.write_last_uses(self.last_use.drain()).await;
        self.reader.close().await;
        self.writer.close().await;
        written
    }
}

/// A count or size as SQLite keeps it, which is signed; what is above its range (8 EiB) becomes its end.
fn to_stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count or size as SQLite kept it.
fn from_stored(column: &str, value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| Error::unexpected(column, value))
}
