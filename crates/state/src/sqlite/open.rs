//! Opening the file, privately and beside other processes.

use std::fs;
use std::io;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::Instant;

use super::{DURABLE, SqliteState, migrations};
use crate::{Error, Result};

/// How long a statement waits for another process to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for one of our own connections.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections for reading; each is a thread.
const MAX_READERS: u32 = 4;
/// How long opening is tried again while another process is opening the same new file, and the pause between.
const OPEN_PATIENCE: Duration = Duration::from_secs(5);
const OPEN_PAUSE: Duration = Duration::from_millis(20);

impl SqliteState {
    /// Opens the state file, making it (and its directory) if it does not exist, and migrates it to
    /// [`super::FORMAT_VERSION`]. Any number of processes may have it open.
    ///
    /// On Unix only the owner can read the file; a directory that is made here is the owner's alone too.
    ///
    /// # Errors
    /// [`Error::CannotCreate`], [`Error::ReadOnly`], [`Error::ForeignFile`], [`Error::NewerFormat`],
    /// [`Error::Damaged`] when it is not a database, [`Error::Busy`] when another process writes for too long.
    pub async fn open(path: &Path) -> Result<Self> {
        make_private_file(path)?;
        let deadline = Instant::now() + OPEN_PATIENCE;
        loop {
            match Self::open_once(path).await {
                // Turning on write-ahead mode needs the file alone, and there SQLite gives up at once
                // instead of waiting out the busy timeout.
                Err(Error::Busy(_)) if Instant::now() < deadline => tokio::time::sleep(OPEN_PAUSE).await,
                outcome => return outcome,
            }
        }
    }

    /// A state that is gone when it is dropped: for tests and demonstrations.
    ///
    /// # Errors
    /// Storage errors only.
    pub async fn in_memory() -> Result<Self> {
        let writer =
            pool_of_writer().connect_with(SqliteConnectOptions::from_str("sqlite::memory:")?).await?;
        migrations::migrate(&writer, Path::new(":memory:")).await?;
        Ok(Self::new(writer.clone(), writer))
    }

    async fn open_once(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // A key that has been shown must survive a power cut; writes are rare, so this costs nothing.
            .synchronous(SqliteSynchronous::Full);
        let writer =
            pool_of_writer().connect_with(options.clone().journal_mode(SqliteJournalMode::Wal)).await?;
        migrations::migrate(&writer, path).await?;
        let reader = pool(MAX_READERS).connect_lazy_with(options.read_only(true));
        Ok(Self::new(writer, reader))
    }
}

fn pool(max_connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A local file does not hang up: connections are good until they are closed, and a database in
        // memory would end with its connection.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // When the disk is full, SQLite ends the transaction by itself, sqlx's own rollback then fails, and
        // sqlx believes the transaction open for ever: such a connection is replaced.
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
}

/// One connection, whose transactions are on the disk when they are over unless whoever has it says otherwise.
fn pool_of_writer() -> SqlitePoolOptions {
    pool(1).before_acquire(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                return Ok(false);
            }
            sqlx::query(DURABLE).execute(connection).await?;
            Ok(true)
        })
    })
}

/// Makes the file before SQLite does, which would leave it readable by others; the files SQLite puts
/// beside it get the same permissions.
fn make_private_file(path: &Path) -> Result<()> {
    let cannot_create = |source| Error::CannotCreate { path: path.to_owned(), source };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        private_directory_builder().create(directory).map_err(cannot_create)?;
    }
    // Only a file that is new is opened here: closing a second handle on a file would release the locks
    // that another connection of this process holds on it.
    match private_file_options().open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            restrict_to_owner(path);
            Ok(())
        }
        Err(error) => Err(cannot_create(error)),
    }
}

fn private_directory_builder() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file_options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes an existing file's permissions from everybody but its owner. Some mounted file systems have
/// none to take, and that shall not keep the server from starting.
#[cfg(unix)]
pub(super) fn restrict_to_owner(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    let restricted = fs::metadata(path).and_then(|metadata| {
        if metadata.permissions().mode() & 0o077 == 0 {
            return Ok(());
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
    });
    if let Err(error) = restricted {
        tracing::warn!(path = %path.display(), %error, "others may be able to read the state file");
    }
}

#[cfg(not(unix))]
pub(super) fn restrict_to_owner(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::super::NOT_DURABLE;
    use super::*;

    /// As `pragma synchronous` tells it.
    const FULL: i64 = 2;

    #[tokio::test]
    async fn whoever_writes_next_writes_durably() {
        let directory = tempfile::tempdir().unwrap();
        let state = SqliteState::open(&directory.path().join("state.sqlite")).await.unwrap();
        let mut connection = state.writer.acquire().await.unwrap();
        sqlx::query(NOT_DURABLE).execute(&mut *connection).await.unwrap();
        drop(connection);
        let synchronous: i64 =
            sqlx::query_scalar("pragma synchronous").fetch_one(&state.writer).await.unwrap();
        assert_eq!(synchronous, FULL);
    }
}
