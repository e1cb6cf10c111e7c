//! What the writer has at hand of sessions between transactions, so that it need not read them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::{LiveSession, PackedSession};
use model::SessionId;
use store::{Store, StoreError};

use super::families::{Family, load};
use super::settling::Work;

/// One in so many bytes is for sessions that are ready to be settled. Others are packed, which takes a third or less
/// of the memory and some microseconds.
const READY_SHARE: usize = 4;

#[derive(Debug)]
enum Held {
    Live(Box<LiveSession>),
    Packed(Box<PackedSession>),
    Whole(Family),
}

impl Held {
    fn bytes(&self) -> usize {
        match self {
            Self::Live(live) => live.bytes(),
            Self::Packed(packed) => packed.bytes(),
            Self::Whole(family) => family.bytes(),
        }
    }
}

/// Sessions by id, bounded by the memory they take up; the longest unused are packed, and go first.
#[derive(Debug)]
pub(super) struct AtHand {
    capacity_bytes: usize,
    bytes: usize,
    next: u64,
    /// By number, which rises with every use.
    held: BTreeMap<u64, (Held, usize)>,
    of_session: HashMap<SessionId, u64>,
    /// Those that could be packed, and what they take up.
    ready: BTreeSet<u64>,
    ready_bytes: usize,
}

impl AtHand {
    /// Keeps about so many bytes between transactions.
    pub(super) fn with_capacity(capacity_bytes: usize) -> Self {
        Self {
            capacity_bytes,
            bytes: 0,
            next: 0,
            held: BTreeMap::new(),
            of_session: HashMap::new(),
            ready: BTreeSet::new(),
            ready_bytes: 0,
        }
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
    /// Those that are `related` to others are never live.
    pub(super) async fn take(
        &mut self,
        store: &dyn Store,
        sessions: BTreeSet<SessionId>,
        related: &BTreeSet<SessionId>,
    ) -> Result<Work, StoreError> {
        let mut work = Work::default();
        let mut unknown = BTreeSet::new();
        for session in sessions {
            let live = match self.remove(&session) {
                Some(Held::Whole(family)) => {
                    work.whole.push(family);
                    continue;
                }
                _ if related.contains(&session) => None,
                Some(Held::Live(live)) => Some(*live),
                Some(Held::Packed(packed)) => packed.unpack(),
                None => None,
            };
            match live {
                Some(live) => work.live.push((live, Vec::new())),
                None => {
                    unknown.insert(session);
                }
            }
        }
        unknown.retain(|session| !work.whole.iter().any(|family| family.sessions.contains(session)));
        for family in load(store, unknown).await? {
            match family.new_session().filter(|session| !related.contains(*session)) {
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
        while self.ready_bytes > self.capacity_bytes / READY_SHARE
            && let Some(number) = self.ready.first().copied()
        {
            self.pack(number);
        }
        while self.bytes > self.capacity_bytes
            && let Some(number) = self.held.keys().next().copied()
        {
            if let Some(held) = self.take_out(number) {
                self.forget(&held);
            }
        }
    }

    fn hold(&mut self, held: Held, sessions: impl IntoIterator<Item = SessionId>) {
        let number = self.next;
        self.next += 1;
        self.of_session.extend(sessions.into_iter().map(|session| (session, number)));
        self.put_in(number, held);
    }

    /// Packs a session in its place; one that cannot be packed is let go.
    fn pack(&mut self, number: u64) {
        match self.take_out(number) {
            Some(Held::Live(live)) => {
                let session = live.session().clone();
                match live.pack() {
                    Some(packed) => self.put_in(number, Held::Packed(Box::new(packed))),
                    None => _ = self.of_session.remove(&session),
                }
            }
            Some(other) => self.put_in(number, other),
            None => {}
        }
    }

    fn remove(&mut self, session: &SessionId) -> Option<Held> {
        let number = *self.of_session.get(session)?;
        let held = self.take_out(number)?;
        self.forget(&held);
        Some(held)
    }

    fn put_in(&mut self, number: u64, held: Held) {
        let bytes = held.bytes();
        self.bytes += bytes;
        if matches!(held, Held::Live(_)) {
            self.ready.insert(number);
            self.ready_bytes += bytes;
        }
        self.held.insert(number, (held, bytes));
    }

    fn take_out(&mut self, number: u64) -> Option<Held> {
        let (held, bytes) = self.held.remove(&number)?;
        self.bytes -= bytes;
        if self.ready.remove(&number) {
            self.ready_bytes -= bytes;
        }
        Some(held)
    }

    fn forget(&mut self, held: &Held) {
        match held {
            Held::Live(live) => _ = self.of_session.remove(live.session()),
            Held::Packed(packed) => _ = self.of_session.remove(packed.session()),
            Held::Whole(family) => family.sessions.iter().for_each(|session| {
                self.of_session.remove(session);
            }),
        }
    }
}
