//! What the writer has at hand of sessions between transactions, so that it need not read them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::LiveSession;
use model::SessionId;
use store::{Store, StoreError};

use super::families::{Family, load};
use super::settling::Work;

#[derive(Debug)]
enum Held {
    Live(Box<LiveSession>),
    Whole(Family),
}

impl Held {
    fn bytes(&self) -> usize {
        match self {
            Self::Live(live) => live.bytes(),
            Self::Whole(family) => family.bytes(),
        }
    }
}

/// Sessions by id, bounded by the memory they take up; the longest unused go first.
#[derive(Debug)]
pub(super) struct AtHand {
    capacity_bytes: usize,
    bytes: usize,
    next: u64,
    /// By number, which rises with every use.
    held: BTreeMap<u64, (Held, usize)>,
    of_session: HashMap<SessionId, u64>,
}

impl AtHand {
    /// Keeps about so many bytes between transactions.
    pub(super) fn with_capacity(capacity_bytes: usize) -> Self {
        Self { capacity_bytes, bytes: 0, next: 0, held: BTreeMap::new(), of_session: HashMap::new() }
    }

    /// About how many bytes are taken up.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many sessions are at hand.
    pub(super) fn sessions(&self) -> usize {
        self.of_session.len()
    }

    /// Whether a session need not be loaded.
    pub(super) fn has(&self, session: &SessionId) -> bool {
        self.of_session.contains_key(session)
    }

    /// Lets go of sessions, and of those that share records with them.
    pub(super) fn let_go(&mut self, sessions: &[SessionId]) {
        for session in sessions {
            self.remove(session);
        }
    }

    /// Takes the sessions out, loading those that are not at hand. Each is in exactly one of what is returned.
    /// Those to be settled `as_a_whole` are not live.
    pub(super) async fn take(
        &mut self,
        store: &dyn Store,
        sessions: BTreeSet<SessionId>,
        as_a_whole: &BTreeSet<SessionId>,
    ) -> Result<Work, StoreError> {
        let mut work = Work::default();
        let mut unknown = BTreeSet::new();
        for session in sessions {
            match self.remove(&session) {
                Some(Held::Whole(family)) => work.whole.push(family),
                Some(Held::Live(live)) if !as_a_whole.contains(&session) => {
                    work.live.push((*live, Vec::new()));
                }
                Some(Held::Live(_)) | None => {
                    unknown.insert(session);
                }
            }
        }
        unknown.retain(|session| !work.whole.iter().any(|family| family.sessions.contains(session)));
        for family in load(store, unknown).await? {
            match family.new_session().filter(|session| !as_a_whole.contains(*session)) {
                Some(session) => work.live.push((LiveSession::new(session.clone()), Vec::new())),
                None => work.whole.push(family),
            }
        }
        Ok(work)
    }

    /// Puts sessions back whose new records are written by now, and lets go of the longest unused beyond the
    /// capacity.
    pub(super) fn put(&mut self, live: Vec<LiveSession>, whole: Vec<Family>) {
        for live in live {
            let sessions = [live.session().clone()];
            self.hold(Held::Live(Box::new(live)), sessions);
        }
        for mut family in whole {
            family.is_stored();
            let sessions: Vec<SessionId> = family.sessions.iter().cloned().collect();
            self.hold(Held::Whole(family), sessions);
        }
        while self.bytes > self.capacity_bytes
            && let Some((_, (held, bytes))) = self.held.pop_first()
        {
            self.bytes -= bytes;
            self.forget(&held);
        }
    }

    fn hold(&mut self, held: Held, sessions: impl IntoIterator<Item = SessionId>) {
        let number = self.next;
        self.next += 1;
        self.of_session.extend(sessions.into_iter().map(|session| (session, number)));
        let bytes = held.bytes();
        self.bytes += bytes;
        self.held.insert(number, (held, bytes));
    }

    fn remove(&mut self, session: &SessionId) -> Option<Held> {
        let number = self.of_session.get(session)?;
        let (held, bytes) = self.held.remove(number)?;
        self.bytes -= bytes;
        self.forget(&held);
        Some(held)
    }

    fn forget(&mut self, held: &Held) {
        match held {
            Held::Live(live) => {
                self.of_session.remove(live.session());
            }
            Held::Whole(family) => family.sessions.iter().for_each(|session| {
                self.of_session.remove(session);
            }),
        }
    }
}
