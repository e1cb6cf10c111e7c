//! The ledger's store on one machine: DuckDB, one file, in process.
//!
//! DuckDB's library is linked, not compiled: `scripts/duckdb.sh` fetches it. A program that links this crate
//! needs the library at run time too; its build script takes the folder from `DEP_PITWALL_DUCKDB_LIB_DIR`.
//!
//! Everything DuckDB does blocks, so each call runs on a thread of its own beside the asynchronous ones. One
//! connection writes; a few read at the same time, each question in a snapshot.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use duckdb::Connection;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, SessionId, SessionSource, SourceSummary, Timestamp,
};
use store::{LineQuery, Query, Row, Store, StoreError, Transaction};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::database::Database;
use crate::error::Error;

mod aggregate;
mod append;
mod database;
mod ddl;
mod error;
mod filter;
mod lookup;
mod migrate;
mod notes;
mod parameters;
mod rows;
mod settings;

pub use settings::Settings;

/// Questions answered at the same time; further ones wait. Each uses all of DuckDB's threads, so more would
/// only share them, and each may use a good part of its memory.
const MAX_READERS: usize = 4;

/// The ledger's store in a DuckDB file.
///
/// Dropping it waits for what is under way, folds the write-ahead log into the file and closes it, which may
/// take a second; [`DuckDbStore::close`] does the same without blocking, and tells of errors.
#[derive(Debug)]
pub struct DuckDbStore {
    database: Arc<Database>,
    readers: Arc<Semaphore>,
}

impl DuckDbStore {
    /// Opens the file, or makes it; its folder must exist. Blocks, after a crash for as long as it takes to
    /// read the write-ahead log.
    ///
    /// Fails with [`StoreError::InUse`] while it is open elsewhere, in this process too, and with
    /// [`StoreError::NewerFormat`] when a newer version has written it.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(file, Settings::default())
    }

    /// The same with settings of one's own.
    pub fn open_with(file: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        Ok(Self {
            database: Arc::new(Database::open(file.as_ref(), settings)?),
            readers: Arc::new(Semaphore::new(MAX_READERS)),
        })
    }

    /// Waits for what is under way, folds the write-ahead log into the file and closes it. Nothing is lost
    /// when this fails: the log is read when the file is opened the next time.
    pub async fn close(self) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        on_a_thread(move || database.close()).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.readers).acquire_owned().await;
        let database = Arc::clone(&self.database);
        on_a_thread(move || {
            // Held here and not by the caller, who may stop waiting while the question is still running.
            let _permit = permit;
            database.read(work)
        })
        .await
    }

    /// Starts a checkpoint when one is due, without waiting for it.
    fn tidy(&self) {
        if self.database.is_checkpoint_due() {
            let database = Arc::clone(&self.database);
            spawn_blocking(move || {
                if let Err(error) = database.checkpoint() {
                    tracing::warn!(%error, "failed to fold the write-ahead log into the ledger; will try again");
                }
            });
        }
    }
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(StoreError::Engine(error.to_string())))
}

impl Drop for DuckDbStore {
    fn drop(&mut self) {
        if let Err(error) = self.database.close() {
            tracing::warn!(%error, "failed to fold the write-ahead log into the ledger");
        }
    }
}

#[async_trait]
impl Store for DuckDbStore {
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        let appended = on_a_thread(move || database.append(&transaction)).await;
        self.tidy();
        appended
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        Ok(self.database.boundary().unwrap_or(Timestamp::MIN))
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        let sessions = sessions.to_vec();
        self.read(move |connection| lookup::evidence(connection, &sessions)).await
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        let sessions = sessions.to_vec();
        self.read(move |connection| lookup::dated_evidence(connection, &sessions)).await
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        let sessions = sessions.to_vec();
        self.read(move |connection| lookup::session_lines(connection, &sessions)).await
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.read(move |connection| lookup::sessions_since(connection, posted_at, newest_at)).await
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        let (requests, messages) = (requests.to_vec(), messages.to_vec());
        self.read(move |connection| lookup::sessions_of_requests(connection, &requests, &messages)).await
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        let sessions = sessions.to_vec();
        self.read(move |connection| lookup::kin(connection, &sessions)).await
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        self.read(|connection| notes::read(connection, ddl::PRICE_BOOK_ROW)).await
    }

    async fn note_priced_with(&self, version: &str) -> Result<(), StoreError> {
        let (database, version) = (Arc::clone(&self.database), version.to_owned());
        on_a_thread(move || {
            database.write(|connection| notes::write(connection, ddl::PRICE_BOOK_ROW, &version))
        })
        .await
    }

    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        let query = query.clone();
        self.read(move |connection| aggregate::aggregate(connection, &query)).await
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        let query = query.clone();
        self.read(move |connection| rows::newest(connection, &query)).await
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.read(move |connection| lookup::sources(connection, None, from, until)).await
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        let tenants = tenants.to_vec();
        self.read(move |connection| lookup::sources(connection, Some(&tenants), from, until)).await
    }

    async fn session_sources(&self, sessions: &[SessionId]) -> Result<Vec<SessionSource>, StoreError> {
        let sessions = sessions.to_vec();
        self.read(move |connection| lookup::session_sources(connection, &sessions)).await
    }
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    /// The patch release that `scripts/duckdb.sh` pins for this platform, or that the bindings bring when bundled.
    const EXPECTED: &str = if cfg!(any(feature = "bundled", all(target_os = "linux", target_arch = "x86_64")))
    {
        "v1.5.6"
    } else {
        "v1.5.5"
    };

    #[test]
    fn links_the_pinned_library() {
        let database = Connection::open_in_memory().expect("DuckDB opens");
        let version: String =
            database.query_row("SELECT version()", [], |row| row.get(0)).expect("DuckDB answers");
        assert_eq!(version, EXPECTED);
    }
}
