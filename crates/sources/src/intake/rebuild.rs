//! Settling everything again from its records, to find and mend what a fault has left in the ledger.

use std::collections::BTreeSet;

use model::SessionId;
use tokio::sync::watch;

/// How a rebuilding stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilding {
    /// Sessions there were to settle again.
    pub sessions: usize,
    /// Those that are left.
    pub left: usize,
    /// Ledger lines that were written to mend what differed.
    pub lines: u64,
}

/// The sessions that are still to be settled again.
#[derive(Debug, Default)]
pub(super) struct Rebuild {
    left: BTreeSet<SessionId>,
    told: watch::Sender<Rebuilding>,
}

impl Rebuild {
    pub(super) fn begin(&mut self, sessions: Vec<SessionId>) -> watch::Receiver<Rebuilding> {
        self.left = sessions.into_iter().collect();
        let count = self.left.len();
        self.told.send_replace(Rebuilding { sessions: count, left: count, lines: 0 });
        self.told.subscribe()
    }

    /// Crosses off sessions that were settled, with so many lines written for them.
    pub(super) fn settled<'s>(&mut self, sessions: impl Iterator<Item = &'s SessionId>, lines: u64) {
        if self.left.is_empty() {
            return;
        }
        for session in sessions {
            self.left.remove(session);
        }
        self.told.send_modify(|told| {
            told.left = self.left.len();
            told.lines += lines;
        });
    }
}
