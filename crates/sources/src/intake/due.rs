//! Sessions that are to be settled again although nothing new may come, by when.

use std::collections::{BTreeSet, HashMap};

use model::{SessionId, Timestamp};

/// At most one time for each session.
#[derive(Debug, Default)]
pub(super) struct Due {
    by_time: BTreeSet<(Timestamp, SessionId)>,
    of_session: HashMap<SessionId, Timestamp>,
}

impl Due {
    /// Sets or clears when a session is due.
    pub(super) fn set(&mut self, session: &SessionId, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.of_session.insert(session.clone(), at),
            None => self.of_session.remove(session),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, session.clone()));
        }
        self.by_time.extend(at.map(|at| (at, session.clone())));
    }

    /// The first sessions that are due by now.
    pub(super) fn by(&self, now: Timestamp, at_most: usize) -> impl Iterator<Item = &SessionId> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).take(at_most).map(|(_, session)| session)
    }

    /// When the first is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_time.len()
    }
}
