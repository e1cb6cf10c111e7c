//! The ledger's store on one machine: DuckDB, one file, in process.
//!
//! DuckDB's library is linked, not compiled: `scripts/duckdb.sh` fetches it. A program that links this crate
//! needs the library at run time too; its build script takes the folder from `DEP_PITWALL_DUCKDB_LIB_DIR`.
//!
//! Everything DuckDB does blocks, so each call runs on a thread of its own beside the asynchronous ones. One
//! connection writes; a few read at the same time, each question in a snapshot.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use duckdb::Connection;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, SessionId, SessionSource, Source, SourceSummary,
    Timestamp,
};
use store::{
    Audit, LineQuery, Maintenance, PackedBatch, Query, Rewriting, Rewritten, Row, Seal, SessionSpan, Store,
    StoreError, Stretch, Transaction, Wear,
};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::database::Database;
use crate::error::Error;
use crate::gauges::Question;
use crate::interrupt::Interrupt;
use crate::known::{Known, Thing};
use crate::told::Asked;

mod adding_up;
mod aggregate;
mod append;
mod audit;
mod bloom;
mod condense;
mod database;
mod ddl;
mod error;
mod filter;
mod folding;
mod gather;
mod gauges;
mod in_order;
mod instants;
mod interrupt;
mod known;
mod levels;
mod lookup;
mod marks;
mod migrate;
mod notes;
mod parameters;
mod reach;
mod rewrite;
mod rows;
mod settings;
mod single_values;
mod staging;
mod statement;
mod sums;
mod teams;
mod thin;
mod told;
mod volumes;
mod whereabouts;

pub use gauges::StoreGauges;
pub use settings::Settings;

/// Questions answered at the same time; further ones wait. Each uses all of DuckDB's threads, so more would
/// only share them, and each may use a good part of its memory.
const MAX_READERS: usize = 4;

/// Look-ups for settlement at the same time, whatever else is asked: the writer does not wait for dashboards.
const MAX_LOOKUPS: usize = 2;

/// How long an answer may take; whoever asks has given up long before.
const PATIENCE: Duration = Duration::from_secs(120);

/// The ledger's store in a DuckDB file.
///
/// Dropping it waits for what is under way, folds the write-ahead log into the file and closes it, which may
/// take a second; [`DuckDbStore::close`] does the same without blocking, and tells of errors.
#[derive(Debug)]
pub struct DuckDbStore {
    database: Arc<Database>,
    readers: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
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
        let database = Arc::new(Database::open(file.as_ref(), settings)?);
        let [readers, lookups] = [MAX_READERS, MAX_LOOKUPS].map(|most| Arc::new(Semaphore::new(most)));
        Ok(Self { database, readers, lookups })
    }

    /// Waits for what is under way, folds the write-ahead log into the file and closes it. Nothing is lost
    /// when this fails: the log is read when the file is opened the next time.
    pub async fn close(self) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        on_a_thread(move || database.close()).await
    }

    /// Leaves the file to the end of the process, which has to come next: everything appended is durable, so nothing is
    /// given back or closed, and a short write-ahead log is read when the file is opened the next time. Until the process
    /// has ended the file stays in use.
    pub async fn leave(self: Arc<Self>) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        std::mem::forget(self);
        on_a_thread(move || database.leave()).await
    }

    /// Has lines added up for questions, those that are there and from now on those that come, whenever there are
    /// many. It takes processor time beside everything else and pays for whoever asks again and again; a program that
    /// asks once and ends does better without.
    pub fn keep_added_up(&self) {
        self.database.keep_added_up();
        let database = Arc::clone(&self.database);
        // Ends by itself, sooner when the database is closed.
        std::thread::spawn(move || add_up(&database));
    }

    /// Adds up lines at once, and learns where records lie. Nothing but the time that answers take is changed by it.
    pub async fn add_up(&self) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        on_a_thread(move || {
            database.learn_whereabouts();
            database.add_up()
        })
        .await
    }

    /// Asks what the file may hold, to look for something. Not on this thread when that takes reading.
    async fn ask_known<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Known) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let known = self.database.known();
        if known.note_search() {
            let database = Arc::clone(&self.database);
            // Ends by itself, sooner when the database is closed.
            std::thread::spawn(move || database.learn_what_is_there());
        }
        if known.is_in_memory() {
            return Ok(work(known));
        }
        let database = Arc::clone(&self.database);
        on_a_thread(move || Ok(work(database.known()))).await
    }

    /// Those of the sessions that the file may hold anything of.
    async fn perhaps_there(&self, sessions: &[SessionId]) -> Result<Vec<SessionId>, StoreError> {
        let mut sessions = sessions.to_vec();
        let retain = |known: &Known| {
            sessions.retain(|session| known.may_hold(Thing::Session(session.as_str())));
            sessions
        };
        self.ask_known(retain).await
    }

    /// What each source told.
    async fn told(&self, asked: Asked) -> Result<Vec<SourceSummary>, StoreError> {
        let database = Arc::clone(&self.database);
        let work = move |connection: &Connection| database.told.summaries(connection, asked.clone());
        self.read(Question::Other, work).await
    }

    /// What is measured of it.
    pub fn gauges(&self) -> &Arc<StoreGauges> {
        self.database.gauges()
    }

    /// Answers a question, unless whoever asks stops waiting: then it is interrupted.
    async fn read<T: Send + 'static>(
        &self,
        question: Question,
        work: impl Fn(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permits = if question == Question::Lookup { &self.lookups } else { &self.readers };
        let permit = Arc::clone(permits).acquire_owned().await;
        let database = Arc::clone(&self.database);
        let interrupt = Interrupt::default();
        let _asker = interrupt.asker();
        let answering = on_a_thread(move || {
            // Held here and not by the caller, who may stop waiting while the question is still running.
            let _permit = permit;
            database.read(question, &interrupt, work)
        });
        let too_long =
            |_| StoreError::Engine(format!("a question took longer than {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, answering).await.map_err(too_long)?
    }

    /// Starts what is due, a checkpoint or adding lines up, without waiting for it.
    fn tidy(&self) {
        if self.database.is_checkpoint_due() {
            let database = Arc::clone(&self.database);
            spawn_blocking(move || {
                if let Err(error) = database.checkpoint() {
                    tracing::warn!(%error, "failed to fold the write-ahead log into the ledger; will try again");
                }
            });
        }
        self.tidy_sums();
    }

    /// Starts adding lines up when that is due.
    fn tidy_sums(&self) {
        if self.database.is_adding_up_due() {
            let database = Arc::clone(&self.database);
            spawn_blocking(move || add_up(&database));
        }
    }
}

/// What a server does for its questions once many lines have come. They are answered without that too, only slower.
fn add_up(database: &Database) {
    if let Err(error) = database.add_up() {
        tracing::warn!(%error, "failed to add up lines of the ledger; will try again");
    }
    database.learn_whereabouts();
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

    async fn stage(&self, transaction: Transaction) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        on_a_thread(move || database.stage(&transaction)).await
    }

    async fn confirm(&self) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        let confirmed = on_a_thread(move || database.confirm()).await;
        self.tidy();
        confirmed
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        Ok(self.database.boundary().unwrap_or(Timestamp::MIN))
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        let sessions = self.perhaps_there(sessions).await?;
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let new_enough = self.database.whereabouts.may_be_of(&sessions);
        let work = move |connection: &Connection| lookup::evidence(connection, &sessions, &new_enough);
        self.read(Question::Lookup, work).await
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        let sessions = sessions.to_vec();
        let new_enough = self.database.whereabouts.may_be_of(&sessions);
        let work = move |connection: &Connection| lookup::dated_evidence(connection, &sessions, &new_enough);
        self.read(Question::Evidence, work).await
    }

    async fn evidence_from(
        &self,
        source: Source,
        sessions: &[SessionId],
    ) -> Result<Vec<EvidenceBatch>, StoreError> {
        let sessions = sessions.to_vec();
        let new_enough = self.database.whereabouts.may_be_of(&sessions);
        let work =
            move |connection: &Connection| lookup::evidence_from(connection, source, &sessions, &new_enough);
        self.read(Question::Evidence, work).await
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        let sessions = self.perhaps_there(sessions).await?;
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let are_staged = self.database.holds_staged();
        let lines = move |connection: &Connection| lookup::session_lines(connection, &sessions, are_staged);
        self.read(Question::Lookup, lines).await
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.read(Question::Lookup, move |connection| {
            lookup::sessions_since(connection, posted_at, newest_at)
        })
        .await
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        let (requests, messages) = (requests.to_vec(), messages.to_vec());
        let searches = self.ask_known(move |known| known.searches_for(&requests, &messages)).await?;
        if searches.is_empty() {
            return Ok(Vec::new());
        }
        self.read(Question::Lookup, move |connection| lookup::sessions_of_requests(connection, &searches))
            .await
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        let sessions = self.perhaps_there(sessions).await?;
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        self.read(Question::Lookup, move |connection| lookup::kin(connection, &sessions)).await
    }

    async fn seals(&self, sessions: &[SessionId]) -> Result<Vec<Seal>, StoreError> {
        let sessions = self.perhaps_there(sessions).await?;
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        self.read(Question::Lookup, move |connection| marks::seals(connection, &sessions)).await
    }

    async fn forgotten(&self, sessions: &[SessionId]) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.database.forgotten(sessions))
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        self.read(Question::Other, |connection| notes::read(connection, ddl::PRICE_BOOK_ROW)).await
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
        let answer =
            self.read(Question::Figures, move |connection| aggregate::aggregate(connection, &query)).await;
        // Nothing may have come since it became due.
        self.tidy_sums();
        answer
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        let query = query.clone();
        self.read(Question::Lines, move |connection| rows::newest(connection, &query)).await
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.told(Asked { tenants: None, from, until }).await
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.told(Asked { tenants: Some(tenants.to_vec()), from, until }).await
    }

    async fn session_sources(&self, sessions: &[SessionId]) -> Result<Vec<SessionSource>, StoreError> {
        let sessions = sessions.to_vec();
        let new_enough = self.database.whereabouts.may_be_of(&sessions);
        let work = move |connection: &Connection| lookup::session_sources(connection, &sessions, &new_enough);
        self.read(Question::Other, work).await
    }
}

#[async_trait]
impl Maintenance for DuckDbStore {
    async fn sessions(
        &self,
        after: Option<&SessionId>,
        limit: usize,
    ) -> Result<Vec<SessionSpan>, StoreError> {
        let mut after = after.cloned();
        loop {
            let from = after.clone();
            let page = move |connection: &Connection| marks::sessions(connection, from.as_ref(), limit);
            let mut spans = self.read(Question::Other, page).await?;
            let is_last = spans.len() < limit;
            after = spans.last().map(|span| span.session.clone());
            let sessions: Vec<SessionId> = spans.iter().map(|span| span.session.clone()).collect();
            let forgotten = self.database.forgotten(&sessions);
            spans.retain(|span| !forgotten.contains(&span.session));
            if is_last || !spans.is_empty() {
                return Ok(spans);
            }
        }
    }

    async fn sessions_of_actor(&self, name: &str) -> Result<Vec<SessionId>, StoreError> {
        let name = name.to_owned();
        let work = move |connection: &Connection| marks::sessions_of_actor(connection, &name);
        let mut sessions = self.read(Question::Other, work).await?;
        let forgotten = self.database.forgotten(&sessions);
        sessions.retain(|session| !forgotten.contains(session));
        Ok(sessions)
    }

    async fn evidence_in_order(
        &self,
        from: u64,
        until: Timestamp,
    ) -> Result<Stretch<PackedBatch>, StoreError> {
        let part = move |connection: &Connection| in_order::evidence(connection, from, until);
        let mut part = self.read(Question::Evidence, part).await?;
        self.database.leave_out_forgotten(&mut part.rows, |batch| &batch.session);
        Ok(part)
    }

    async fn lines_in_order(&self, from: u64, until: Timestamp) -> Result<Stretch<LedgerLine>, StoreError> {
        let part = move |connection: &Connection| in_order::lines(connection, from, until);
        let mut part = self.read(Question::Lines, part).await?;
        self.database.leave_out_forgotten(&mut part.rows, |line| &line.posting.session);
        Ok(part)
    }

    async fn seal(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let (database, sessions) = (Arc::clone(&self.database), sessions.to_vec());
        on_a_thread(move || database.seal(&sessions)).await
    }

    async fn forget(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let (database, sessions) = (Arc::clone(&self.database), sessions.to_vec());
        on_a_thread(move || database.forget(&sessions)).await
    }

    async fn wear(&self, how: Rewriting) -> Result<Wear, StoreError> {
        let database = Arc::clone(&self.database);
        let work = move |connection: &Connection| marks::wear(connection, how);
        on_a_thread(move || database.read(Question::Other, &Interrupt::default(), work)).await
    }

    async fn rewrite(&self, how: Rewriting) -> Result<Rewritten, StoreError> {
        let database = Arc::clone(&self.database);
        let rewritten = on_a_thread(move || database.rewrite(how)).await;
        self.tidy();
        rewritten
    }

    async fn derive_anew(&self) -> Result<(), StoreError> {
        let database = Arc::clone(&self.database);
        on_a_thread(move || database.clear_sums()).await?;
        self.tidy();
        Ok(())
    }

    async fn audit(&self) -> Result<Audit, StoreError> {
        // Takes as long as it takes: nobody waits for it in front of a page.
        let database = Arc::clone(&self.database);
        on_a_thread(move || database.read(Question::Other, &Interrupt::default(), audit::audit)).await
    }

    async fn back_up(&self, file: &Path) -> Result<Timestamp, StoreError> {
        let (database, file) = (Arc::clone(&self.database), file.to_owned());
        on_a_thread(move || database.back_up(&file)).await
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
