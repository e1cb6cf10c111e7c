//! When lines are added up for questions, beside everything else that goes on; how, is in [`crate::sums`].

use std::sync::atomic::Ordering;
use std::time::Duration;

use duckdb::Connection;
use store::StoreError;
use tokio::time::Instant;

use crate::condense;
use crate::database::{Database, lock_of};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::sums;

/// How long after a step the next one waits for more lines: what a step costs hardly depends on how many there are
/// of a session.
const PAUSE: Duration = Duration::from_secs(10);

impl Database {
    /// From now on, lines are to be added up when many have come.
    pub(crate) fn keep_added_up(&self) {
        self.keeps_sums.store(true, Ordering::Relaxed);
    }

    /// Whether many lines have come since lines were added up, and either some time has passed or there are as many
    /// as are added up in one go; says so once.
    pub(crate) fn is_adding_up_due(&self) -> bool {
        let unsummed = self.unsummed.load(Ordering::Relaxed);
        if !self.keeps_sums.load(Ordering::Relaxed) || unsummed < self.settings.sum_at {
            return false;
        }
        let rests = || lock_of(&self.added_up_at).is_some_and(|at| at.elapsed() < PAUSE);
        if unsummed < sums::LINES_AT_ONCE && rests() {
            return false;
        }
        self.unsummed.swap(0, Ordering::Relaxed) > 0
    }

    /// Adds up lines that have not been, as long as there are many. Others read and write meanwhile.
    pub(crate) fn add_up(&self) -> Result<(), StoreError> {
        let _alone = lock_of(&self.copying);
        let interrupt = Interrupt::default();
        lock_of(&self.adding_up).clone_from(&interrupt);
        let added = self.add_up_steps(&interrupt);
        interrupt.end();
        *lock_of(&self.added_up_at) = Some(Instant::now());
        match added {
            Err(_) if self.is_closing.load(Ordering::Relaxed) => Ok(()),
            Err(error) if error.needs_reopening() => {
                self.reopen()?;
                Err(error.into())
            }
            added => Ok(added?),
        }
    }

    fn add_up_steps(&self, interrupt: &Interrupt) -> Result<(), Error> {
        let due = self.interruptible(interrupt, |reader| sums::due(reader, self.settings.sum_at))?;
        self.unsummed.store(due.left, Ordering::Relaxed);
        for step in due.steps {
            if !self.took_a_step(interrupt, |connection| sums::add_up(connection, step))? {
                return Ok(());
            }
        }
        let due = self.interruptible(interrupt, |reader| condense::due(reader, self.settings.sum_at))?;
        for piece in &due.pieces {
            if !self.took_a_step(interrupt, |connection| condense::condense(connection, piece))? {
                return Ok(());
            }
        }
        if due.pieces.is_empty() {
            return Ok(());
        }
        self.interruptible(interrupt, |connection| condense::note(connection, &due))
    }

    /// Does one of many steps, unless the store closes.
    fn took_a_step(
        &self,
        interrupt: &Interrupt,
        step: impl Fn(&mut Connection) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        if self.is_closing.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let started = Instant::now();
        self.interruptible(interrupt, step)?;
        self.gauges.sums.note(started.elapsed());
        if self.is_checkpoint_due() {
            self.fold_log()?;
        }
        Ok(true)
    }

    /// Runs `work` on a connection that does not keep others from writing.
    fn interruptible<T>(
        &self,
        interrupt: &Interrupt,
        work: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.with_engine(|engine| {
            let mut connection = engine.reader()?;
            interrupt.begin(connection.interrupt_handle())?;
            let done = work(&mut connection)?;
            interrupt.end();
            lock_of(&engine.idle_readers).push(connection);
            Ok(done)
        })
    }

    /// Takes all sums away, to be made anew.
    pub(crate) fn clear_sums(&self) -> Result<(), StoreError> {
        let _nobody_adds_up = lock_of(&self.copying);
        self.write(sums::clear)?;
        self.unsummed.store(self.settings.sum_at, Ordering::Relaxed);
        Ok(())
    }
}
