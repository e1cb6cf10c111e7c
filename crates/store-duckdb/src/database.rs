//! The open database: one connection that writes, a few that read, and what happens when DuckDB gives up.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use duckdb::Connection;
use model::{SessionId, Timestamp};
use store::schema::{Column, columns};
use store::{Rewriting, Rewritten, StoreError};
use tokio::time::Instant;

use crate::ddl;
use crate::error::{self, Error};
use crate::gauges::{Question, StoreGauges};
use crate::interrupt::Interrupt;
use crate::known::Known;
use crate::marks;
use crate::migrate::migrate;
use crate::rewrite::Copy;
use crate::settings::Settings;
use crate::sums;
use crate::told::Told;
use crate::whereabouts::Whereabouts;

/// Everything here blocks.
#[derive(Debug)]
pub(crate) struct Database {
    file: PathBuf,
    pub(crate) settings: Settings,
    state: RwLock<State>,
    /// Time of the newest transaction that is durable.
    pub(crate) boundary: Mutex<Option<Timestamp>>,
    /// Time of the newest transaction that is not yet: see [`crate::staging`].
    pub(crate) staged: Mutex<Option<Timestamp>>,
    /// Size of the write-ahead log, in bytes, at which the next checkpoint is due.
    pub(crate) checkpoint_at: AtomicU64,
    /// Folds of the log since the file was opened that left parts of tables as they were.
    pub(crate) folds: AtomicU64,
    /// Whether lines are to be added up when many have come.
    pub(crate) keeps_sums: AtomicBool,
    /// Lines that have come since lines were added up the last time.
    pub(crate) unsummed: AtomicU64,
    /// When that was.
    pub(crate) added_up_at: Mutex<Option<Instant>>,
    /// Ends what adds lines up.
    pub(crate) adding_up: Mutex<Interrupt>,
    pub(crate) known: Known,
    pub(crate) whereabouts: Whereabouts,
    pub(crate) told: Told,
    pub(crate) gauges: Arc<StoreGauges>,
    pub(crate) is_closing: AtomicBool,
    /// Held while anything is written to the file.
    pub(crate) writing: Mutex<()>,
    /// Held while the file is copied, whole or in part, while lines are added up, and while the log is folded.
    pub(crate) copying: Mutex<()>,
    /// Whether the file is copied as it is, so that nothing may be folded into it.
    pub(crate) is_copied: AtomicBool,
    /// Hashes of sessions that are forgotten.
    forgotten: Mutex<HashSet<i64>>,
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
pub(crate) struct Engine {
    pub(crate) writer: Mutex<Connection>,
    /// Never runs anything itself, so that readers can be made while the writer is busy.
    template: Mutex<Connection>,
    pub(crate) idle_readers: Mutex<Vec<Connection>>,
    /// Columns of the lines table after `posted_at` and `sign`, in the table's order.
    pub(crate) columns: Vec<&'static Column>,
}

impl Database {
    pub(crate) fn open(file: &Path, settings: Settings) -> Result<Self, StoreError> {
        let lock = take_lock(file)?;
        let engine = Engine::open(file, &settings)?;
        remove_database(&rewritten_beside(file));
        let (boundary, forgotten) = {
            let writer = lock_of(&engine.writer);
            (newest_transaction(&writer)?, marks::forgotten(&writer)?)
        };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let known = Known::of_file(folder.unwrap_or(Path::new(".")).to_owned(), boundary.is_none());
        Ok(Self {
            file: file.to_owned(),
            checkpoint_at: AtomicU64::new(settings.checkpoint_at),
            folds: AtomicU64::new(0),
            keeps_sums: AtomicBool::new(false),
            unsummed: AtomicU64::new(0),
            added_up_at: Mutex::default(),
            adding_up: Mutex::default(),
            settings,
            state: RwLock::new(State::Open(Box::new(engine))),
            boundary: Mutex::new(boundary),
            staged: Mutex::default(),
            known,
            whereabouts: Whereabouts::default(),
            told: Told::default(),
            gauges: Arc::default(),
            is_closing: AtomicBool::new(false),
            writing: Mutex::default(),
            copying: Mutex::default(),
            is_copied: AtomicBool::new(false),
            forgotten: Mutex::new(forgotten),
            lock,
        })
    }

    pub(crate) fn boundary(&self) -> Option<Timestamp> {
        *lock_of(&self.boundary)
    }

    /// What the file may hold.
    pub(crate) const fn known(&self) -> &Known {
        &self.known
    }

    /// Reads what the file holds, for [`Database::known`]. Until that is done the file is asked about
    /// everything; so it is if this fails.
    pub(crate) fn learn_what_is_there(&self) {
        let goes_on = || !self.is_closing.load(Ordering::Relaxed);
        let read = |connection: &Connection| self.known.read(connection, goes_on);
        if let Err(error) = self.read(Question::Other, &Interrupt::default(), read) {
            tracing::warn!(%error, "could not read which sessions there are; looking them up one by one");
        }
    }

    /// Reads since when there may be records of whom, for [`Database::whereabouts`]. Until that is done all are searched;
    /// so they are if this fails.
    pub(crate) fn learn_whereabouts(&self) {
        let goes_on = || !self.is_closing.load(Ordering::Relaxed);
        let learn =
            |connection: &Connection| self.whereabouts.learn(connection, self.settings.stretch_at, goes_on);
        if let Err(error) = self.read(Question::Other, &Interrupt::default(), learn) {
            tracing::warn!(%error, "could not read where the records of sessions lie; searching all of them");
        }
    }

    /// What is measured of it.
    pub(crate) const fn gauges(&self) -> &Arc<StoreGauges> {
        &self.gauges
    }

    /// Runs `work` on a connection for reading. It sees one state of the database throughout, but for look-ups: they
    /// mostly are one statement, and a transaction is two more.
    pub(crate) fn read<T>(
        &self,
        question: Question,
        interrupt: &Interrupt,
        work: impl Fn(&Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let once = |engine: &Engine| {
            if question == Question::Lookup && self.holds_staged() {
                return work(&lock_of(&engine.writer));
            }
            let reader = engine.reader()?;
            interrupt.begin(reader.interrupt_handle())?;
            let answer = if question == Question::Lookup {
                work(&reader)?
            } else {
                let snapshot = reader.unchecked_transaction()?;
                let answer = work(&snapshot)?;
                snapshot.commit()?;
                answer
            };
            interrupt.end();
            lock_of(&engine.idle_readers).push(reader);
            Ok(answer)
        };
        let answer = match self.with_engine(once) {
            Err(error) if error.needs_reopening() => self.reopen().and_then(|()| self.with_engine(once)),
            answer => answer,
        };
        interrupt.end();
        match &answer {
            Err(error) if error.is_interruption() => self.gauges.abandoned.increment(),
            _ => self.gauges.of(question).note(started.elapsed()),
        }
        Ok(answer?)
    }

    /// Writes something else than a transaction of the ledger.
    pub(crate) fn write<T>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let _alone = self.alone()?;
        let once = |engine: &Engine| work(&mut lock_of(&engine.writer));
        let written = match self.with_engine(once) {
            Err(error) if error.needs_reopening() => self.reopen().and_then(|()| self.with_engine(once)),
            written => written,
        };
        Ok(written?)
    }

    /// Marks sessions as forgotten.
    pub(crate) fn forget(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.write(|writer| marks::forget(writer, sessions))?;
        let hashes = sessions.iter().map(|session| marks::hash_of(session.as_str()));
        lock_of(&self.forgotten).extend(hashes);
        Ok(())
    }

    /// Those of the sessions that are forgotten.
    pub(crate) fn forgotten(&self, sessions: &[SessionId]) -> Vec<SessionId> {
        let forgotten = lock_of(&self.forgotten);
        let is_forgotten = |session: &&SessionId| forgotten.contains(&marks::hash_of(session.as_str()));
        if forgotten.is_empty() {
            Vec::new()
        } else {
            sessions.iter().filter(is_forgotten).cloned().collect()
        }
    }

    /// Leaves out what is of forgotten sessions.
    pub(crate) fn leave_out_forgotten<T>(&self, rows: &mut Vec<T>, session_of: impl Fn(&T) -> &SessionId) {
        let forgotten = lock_of(&self.forgotten);
        if !forgotten.is_empty() {
            rows.retain(|row| !forgotten.contains(&marks::hash_of(session_of(row).as_str())));
        }
    }

    /// Seals sessions.
    pub(crate) fn seal(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.write(|writer| {
            let boundary = newest_transaction(writer)?.unwrap_or(Timestamp::MIN);
            marks::seal(writer, sessions, boundary)
        })
    }

    /// Writes everything anew; see [`store::Maintenance::rewrite`].
    pub(crate) fn rewrite(&self, how: Rewriting) -> Result<Rewritten, StoreError> {
        let _one_at_a_time = lock_of(&self.copying);
        let beside = rewritten_beside(&self.file);
        remove_database(&beside);
        let rewritten = self.rewrite_into(&beside, how);
        if rewritten.is_err() {
            remove_database(&beside);
        }
        rewritten
    }

    fn rewrite_into(&self, beside: &Path, how: Rewriting) -> Result<Rewritten, StoreError> {
        let goes_on = || !self.is_closing.load(Ordering::Relaxed);
        let forgotten = lock_of(&self.forgotten).clone();
        let bytes_before = size_of_file(&self.file);
        let boundary = self.boundary().unwrap_or(Timestamp::MIN);
        let old = self.with_engine(Engine::reader)?;
        let mut new = Engine::open(beside, &self.settings)?;
        let columns = std::mem::take(&mut new.columns);
        let writer = lock_of(&new.writer);
        // Nobody waits for the new file's log to be folded, and longer ones leave less to put together.
        let log = (log_of(beside), 2 * self.settings.checkpoint_at);
        let mut copy = Copy::plan(&old, &writer, log, &columns, &forgotten, how, boundary)?;
        copy.copy_most(&goes_on)?;

        let _nobody_writes = self.alone()?;
        copy.copy_rest()?;
        let lines = (count(&old, ddl::LINES)?, count(&writer, ddl::LINES)?);
        writer.execute_batch("CHECKPOINT").map_err(Error::from)?;
        drop(writer);
        drop(new);
        drop(old);
        self.take_the_place_of_the_old(beside)?;
        self.told.forget();
        self.unsummed.store(lines.1, Ordering::Relaxed);
        Ok(Rewritten { lines, bytes: (bytes_before, size_of_file(&self.file)) })
    }

    /// The renaming is the moment of change: a crash before it leaves the old file, one after it the new one.
    fn take_the_place_of_the_old(&self, beside: &Path) -> Result<(), StoreError> {
        let failed =
            |error: std::io::Error| StoreError::Engine(format!("put the new ledger in place: {error}"));
        File::open(beside).and_then(|file| file.sync_all()).map_err(failed)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Broken) {
            State::Open(engine) => {
                if let Err(error) = self.fold(&engine) {
                    *state = State::Open(engine);
                    return Err(error.into());
                }
            }
            other => {
                *state = other;
                return Err(StoreError::Engine("the ledger is closed".into()));
            }
        }
        // The old one's log, if there still is one, says nothing about the new one.
        let _mostly_gone = std::fs::remove_file(log_of(&self.file));
        std::fs::rename(beside, &self.file).map_err(failed)?;
        if let Some(folder) = self.file.parent() {
            // So that the renaming itself survives a power cut, where folders can be synchronized.
            let _not_everywhere = File::open(folder).and_then(|folder| folder.sync_all());
        }
        let engine = Engine::open(&self.file, &self.settings)?;
        *state = State::Open(Box::new(engine));
        Ok(())
    }

    /// Copies the file as it is after a checkpoint; see [`store::Maintenance::back_up`].
    pub(crate) fn back_up(&self, to: &Path) -> Result<Timestamp, StoreError> {
        let _one_at_a_time = lock_of(&self.copying);
        // From the checkpoint on what is written goes into the log alone.
        self.is_copied.store(true, Ordering::Relaxed);
        let copied = self.checkpoint_and_copy(to);
        self.is_copied.store(false, Ordering::Relaxed);
        Ok(copied?)
    }

    fn checkpoint_and_copy(&self, to: &Path) -> Result<Timestamp, Error> {
        let boundary = {
            let _nobody_writes = self.alone()?;
            self.with_engine(|engine| self.fold(engine))?;
            self.boundary()
        };
        self.with_engine(|_| Ok(copy_file(&self.file, to)?))?;
        Ok(boundary.unwrap_or(Timestamp::MIN))
    }

    /// Waits for what is under way, folds the write-ahead log into the file and closes it. Everything asked
    /// for later fails.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        self.is_closing.store(true, Ordering::Relaxed);
        lock_of(&self.adding_up).leave();
        let _nothing_is_copied = lock_of(&self.copying);
        self.give_up_staged();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let closed = match std::mem::replace(&mut *state, State::Closed) {
            State::Open(engine) => self.fold(&engine),
            State::Broken | State::Closed => Ok(()),
        };
        let unlocked = self.lock.unlock();
        closed?;
        unlocked.map_err(|error| StoreError::Engine(format!("unlock the data: {error}")))
    }

    pub(crate) fn with_engine<T>(&self, work: impl Fn(&Engine) -> Result<T, Error>) -> Result<T, Error> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(engine) => work(engine),
            State::Broken => Err(Error::Broken),
            State::Closed => Err(StoreError::Engine("the ledger is closed".into()).into()),
        }
    }

    /// Opens the database again after DuckDB has given it up, unless another thread has done so already.
    pub(crate) fn reopen(&self) -> Result<(), Error> {
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
        self.told.forget();
        // It was rolled back with the old one.
        *lock_of(&self.staged) = None;
        *state = State::Open(Box::new(engine));
        Ok(())
    }

    /// Closes the database and opens it again, unless somebody reads. Says whether it did.
    pub(crate) fn open_anew(&self) -> Result<bool, Error> {
        let _nobody_writes = self.alone()?;
        let Ok(mut state) = self.state.try_write() else { return Ok(false) };
        let State::Open(engine) = &*state else { return Ok(false) };
        // With anything in the log DuckDB would fold that in its own way while it closes.
        self.fold(engine)?;
        // The old one has to be gone first: a file is never open twice.
        *state = State::Broken;
        *state = State::Open(Box::new(Engine::open(&self.file, &self.settings)?));
        Ok(true)
    }

    /// Bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        size_of_file(&self.file)
    }

    /// Bytes of its write-ahead log.
    pub(crate) fn log_size(&self) -> u64 {
        size_of_file(&log_of(&self.file))
    }
}

/// Where DuckDB keeps a file's write-ahead log.
fn log_of(file: &Path) -> PathBuf {
    with_ending(file, ".wal")
}

/// Where everything is written anew before it takes the place of the file.
fn rewritten_beside(file: &Path) -> PathBuf {
    with_ending(file, ".new")
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

pub(crate) fn size_of_file(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// Removes a database that nobody has open; whether it was there does not matter.
fn remove_database(file: &Path) {
    for path in [file.to_owned(), log_of(file)] {
        let _absent = std::fs::remove_file(path);
    }
}

/// Copies to a file that is not there yet, down to the disk. What is left of a failure is removed.
fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| {
        let text = format!("copy the ledger to {}: {error}", to.display());
        if error.kind() == std::io::ErrorKind::StorageFull {
            StoreError::DiskFull(text)
        } else {
            StoreError::Engine(text)
        }
    };
    let mut copy = File::options().write(true).create_new(true).open(to).map_err(failed)?;
    let copied = File::open(from).and_then(|mut original| {
        std::io::copy(&mut original, &mut copy)?;
        copy.sync_all()
    });
    copied.map_err(|error| {
        let _best_effort = std::fs::remove_file(to);
        failed(error)
    })
}

fn count(connection: &Connection, table: &str) -> Result<u64, Error> {
    let count: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

impl Engine {
    fn open(file: &Path, settings: &Settings) -> Result<Self, StoreError> {
        let open = || -> Result<Self, Error> {
            let mut writer = Connection::open_with_flags(file, settings.to_config()?)?;
            migrate(&mut writer)?;
            sums::prepare(&mut writer)?;
            let columns = line_columns(&writer)?;
            let template = Mutex::new(writer.try_clone()?);
            Ok(Self { writer: Mutex::new(writer), template, idle_readers: Mutex::default(), columns })
        };
        open().map_err(|error| error::opening(file, error))
    }

    /// One that is idle, else a new one; how many there can be is limited by the permits of
    /// [`crate::DuckDbStore`]. After an error it is not given back.
    pub(crate) fn reader(&self) -> Result<Connection, Error> {
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
    let names = ddl::column_names(connection, ddl::LINES)?;
    let found = names
        .into_iter()
        .skip(2)
        .map(|name| {
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
pub(crate) fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
