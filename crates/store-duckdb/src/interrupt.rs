//! Questions whose asker has left are not answered to the end.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::InterruptHandle;
use store::StoreError;

/// One question's way from being asked to being answered, shared by who asks and who answers.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Arc<Mutex<Progress>>);

#[derive(Default)]
enum Progress {
    #[default]
    Asked,
    Running(Arc<InterruptHandle>),
    Answered,
    Left,
}

/// Interrupts the question when dropped, unless it has been answered by then.
pub(crate) struct Asker(Interrupt);

impl Interrupt {
    /// Held by who asks, for as long as an answer is of use.
    pub(crate) fn asker(&self) -> Asker {
        Asker(self.clone())
    }

    /// The question is about to run; fails when nobody waits for it any more.
    pub(crate) fn begin(&self, handle: Arc<InterruptHandle>) -> Result<(), StoreError> {
        let mut progress = self.lock();
        if matches!(*progress, Progress::Left) {
            return Err(StoreError::Engine("nobody waits for the answer any more".into()));
        }
        *progress = Progress::Running(handle);
        Ok(())
    }

    /// The question has run; from now on the connection is another's.
    pub(crate) fn end(&self) {
        *self.lock() = Progress::Answered;
    }

    /// Nobody waits for the answer any more: what runs is interrupted, and what is still to begin fails.
    pub(crate) fn leave(&self) {
        let mut progress = self.lock();
        match &*progress {
            Progress::Running(handle) => handle.interrupt(),
            Progress::Asked => *progress = Progress::Left,
            Progress::Answered | Progress::Left => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Interrupt").finish_non_exhaustive()
    }
}
