//! The open database: one connection that writes, a few that read, and what happens when DuckDB gives up.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use duckdb::Connection;
use model::Timestamp;
use store::schema::{Column, columns};
use store::{StoreError, Transaction};

use crate::append;
use crate::ddl;
use crate::error::{self, Error};
use crate::migrate::migrate;
use crate::settings::Settings;

/// Everything here blocks.
#[derive(Debug)]
pub(crate) struct Database {
    file: PathBuf,
    settings: Settings,
    state: RwLock<State>,
    /// Time of the newest transaction that is durable.
    boundary: Mutex<Option<Timestamp>>,
    /// Size of the write-ahead log, in bytes, at which the next checkpoint is due.
    checkpoint_at: AtomicU64,
    lock: File,
}

#[derive(Debug)]
enum State {
    Open(Box<Engine>),
    /// DuckDB has given the database up and it could not be opened again yet.
    Broken,
    Closed,
}

#[derive(Debug)]
struct Engine {
    writer: Mutex<Connection>,
    /// Never runs anything itself, so that readers can be made while the writer is busy.
    template: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
    /// Columns of the lines table after `posted_at` and `sign`, in the table's order.
    columns: Vec<&'static Column>,
}

impl Database {
    pub(crate) fn open(file: &Path, settings: Settings) -> Result<Self, StoreError> {
        let lock = take_lock(file)?;
        let engine = Engine::open(file, &settings)?;
        let boundary = newest_transaction(&lock_of(&engine.writer))?;
        Ok(Self {
            file: file.to_owned(),
            checkpoint_at: AtomicU64::new(settings.checkpoint_at),
            settings,
            state: RwLock::new(State::Open(Box::new(engine))),
            boundary: Mutex::new(boundary),
            lock,
        })
    }

    pub(crate) fn boundary(&self) -> Option<Timestamp> {
        *lock_of(&self.boundary)
    }

    /// Runs `work` on a connection for reading. It sees one state of the database throughout.
    pub(crate) fn read<T>(&self, work: impl Fn(&Connection) -> Result<T, Error>) -> Result<T, StoreError> {
        let once = |engine: &Engine| {
            let reader = engine.reader()?;
            let snapshot = reader.unchecked_transaction()?;
            let answer = work(&snapshot)?;
            snapshot.commit()?;
            lock_of(&engine.idle_readers).push(reader);
            Ok(answer)
        };
        let answer = match self.with_engine(once) {
            Err(error) if error.needs_reopening() => self.reopen().and_then(|()| self.with_engine(once)),
            answer => answer,
        };
        Ok(answer?)
    }

    /// Adds a transaction; see [`store::Store::append`].
    pub(crate) fn append(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let appended = self.with_engine(|engine| {
            let mut writer = lock_of(&engine.writer);
            let posted_at = transaction.posted_at;
            if let Some(boundary) = self.boundary()
                && posted_at <= boundary
            {
                return Err(StoreError::OutOfOrder { posted_at, boundary }.into());
            }
            append::append(&mut writer, &engine.columns, transaction)?;
            *lock_of(&self.boundary) = Some(posted_at);
            Ok(())
        });
        match appended {
            Err(error) if error.needs_reopening() => {
                self.reopen()?;
                // Only the reopened file can tell whether the commit got through.
                if self.boundary() == Some(transaction.posted_at) { Ok(()) } else { Err(error.into()) }
            }
            appended => Ok(appended?),
        }
    }

    /// Writes something else than a transaction of the ledger.
    pub(crate) fn write<T>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let once = |engine: &Engine| work(&mut lock_of(&engine.writer));
        let written = match self.with_engine(once) {
            Err(error) if error.needs_reopening() => self.reopen().and_then(|()| self.with_engine(once)),
            written => written,
        };
        Ok(written?)
    }

    /// Whether the write-ahead log has grown so long that it should be folded into the file.
    pub(crate) fn is_checkpoint_due(&self) -> bool {
        self.log_size() >= self.checkpoint_at.load(Ordering::Relaxed)
    }

    /// Folds the write-ahead log into the file. Readers go on meanwhile, writers wait.
    ///
    /// A failure loses nothing, but the next attempt is put off until the log has doubled: where the disk is
    /// full it would most likely fail too, and DuckDB has to be opened anew after each.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        let done = self.with_engine(|engine| {
            let writer = lock_of(&engine.writer);
            // Another task may have done it while this one waited.
            if self.is_checkpoint_due() {
                writer.execute_batch("CHECKPOINT")?;
            }
            Ok(())
        });
        let next = if done.is_ok() { self.settings.checkpoint_at } else { 2 * self.log_size() };
        self.checkpoint_at.store(next.max(self.settings.checkpoint_at), Ordering::Relaxed);
        match done {
            Err(error) if error.needs_reopening() => {
                self.reopen()?;
                Err(error.into())
            }
            done => Ok(done?),
        }
    }

    /// Waits for what is under way, folds the write-ahead log into the file and closes it. Everything asked
    /// for later fails.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let closed = match std::mem::replace(&mut *state, State::Closed) {
            State::Open(engine) => lock_of(&engine.writer).execute_batch("CHECKPOINT").map_err(Error::from),
            State::Broken | State::Closed => Ok(()),
        };
        let unlocked = self.lock.unlock();
        closed?;
        unlocked.map_err(|error| StoreError::Engine(format!("unlock the data: {error}")))
    }

    fn with_engine<T>(&self, work: impl Fn(&Engine) -> Result<T, Error>) -> Result<T, Error> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(engine) => work(engine),
            State::Broken => Err(Error::Broken),
            State::Closed => Err(StoreError::Engine("the ledger is closed".into()).into()),
        }
    }

    /// Opens the database again after DuckDB has given it up, unless another thread has done so already.
    fn reopen(&self) -> Result<(), Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open(engine) if engine.works() => return Ok(()),
            State::Closed => return Ok(()),
            State::Open(_) | State::Broken => {}
        }
        tracing::warn!("DuckDB has given the ledger up; opening it again");
        // The old one has to be gone first: a file is never open twice.
        *state = State::Broken;
        let engine = Engine::open(&self.file, &self.settings)?;
        *lock_of(&self.boundary) = newest_transaction(&lock_of(&engine.writer))?;
        *state = State::Open(Box::new(engine));
        Ok(())
    }

    fn log_size(&self) -> u64 {
        let mut log = self.file.clone().into_os_string();
        log.push(".wal");
        std::fs::metadata(log).map_or(0, |metadata| metadata.len())
    }
}

impl Engine {
    fn open(file: &Path, settings: &Settings) -> Result<Self, StoreError> {
        let open = || -> Result<Self, Error> {
            let mut writer = Connection::open_with_flags(file, settings.to_config()?)?;
            migrate(&mut writer)?;
            let columns = line_columns(&writer)?;
            let template = Mutex::new(writer.try_clone()?);
            Ok(Self { writer: Mutex::new(writer), template, idle_readers: Mutex::default(), columns })
        };
        open().map_err(|error| error::opening(file, error))
    }

    /// One that is idle, else a new one; how many there can be is limited by the permits of
    /// [`crate::DuckDbStore`]. After an error it is not given back.
    fn reader(&self) -> Result<Connection, Error> {
        if let Some(reader) = lock_of(&self.idle_readers).pop() {
            return Ok(reader);
        }
        Ok(lock_of(&self.template).try_clone()?)
    }

    fn works(&self) -> bool {
        lock_of(&self.writer).execute_batch("SELECT 1").is_ok()
    }
}

/// The columns of the lines table that a posting has, as the table orders them.
fn line_columns(connection: &Connection) -> Result<Vec<&'static Column>, Error> {
    let sql = "SELECT column_name FROM duckdb_columns() WHERE table_name = $1 ORDER BY column_index OFFSET 2";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([ddl::LINES], |row| row.get::<_, String>(0))?;
    let found = names
        .map(|name| {
            let name = name?;
            let column = columns().find(|column| column.name == name);
            column.ok_or_else(|| StoreError::Damaged(format!("an unknown column {name}")).into())
        })
        .collect::<Result<Vec<_>, Error>>()?;
    if found.len() != columns().count() {
        return Err(StoreError::Damaged("the table of lines lacks a column".into()).into());
    }
    Ok(found)
}

fn newest_transaction(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    let sql = format!("SELECT max(posted_at) FROM {}", ddl::TRANSACTIONS);
    let newest: Option<i64> = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(newest.map(Timestamp::from_micros))
}

/// A lock of our own beside DuckDB's, which does not keep one process from opening a file twice.
fn take_lock(file: &Path) -> Result<File, StoreError> {
    let mut path = file.to_owned().into_os_string();
    path.push(".lock");
    let failed = |error: std::io::Error| {
        let text = format!("open {}: {error}", Path::new(&path).display());
        if error.kind() == std::io::ErrorKind::StorageFull {
            StoreError::DiskFull(text)
        } else {
            StoreError::Engine(text)
        }
    };
    let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let mut lock = options.map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {
            // Only for the message below; it does not matter if there is no room for it.
            let told = lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id()));
            if let Err(error) = told {
                tracing::debug!(%error, "cannot note the process in the lock file");
            }
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let read = lock.take(20).read_to_string(&mut holder);
            let holder = match read {
                Ok(1..) => format!("process {holder}"),
                _ => "another process".to_owned(),
            };
            Err(error::in_use(file, &holder))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// A thread that panicked while it held one of these locks has left no half-done change behind: DuckDB rolls
/// its transaction back.
fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
