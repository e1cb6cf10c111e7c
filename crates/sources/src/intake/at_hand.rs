//! What the writer has at hand of sessions between transactions, so that it need not read them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::{LiveSession, PackedSession};
use model::{SessionId, Timestamp};
use store::{Store, StoreError};

use super::families::{Family, load};
use super::settling::Work;
use super::shelf::{Shelf, Slot};

/// One in so many bytes is for sessions that are ready to be settled. Others are packed, which takes a third or so
/// of the memory and some fifty microseconds: far more than all else that a few new records of a session cost.
const READY_SHARE: usize = 4;

/// A session of which nothing came for so long is the first to go, in microseconds. Twice as long as clients wait between
/// two exports of metrics; most such sessions have ended.
const IDLE_MICROS: i64 = 2 * 60 * 1_000_000;

#[derive(Debug)]
enum Held {
    Live(Box<LiveSession>),
    Packed(Box<PackedSession>),
    /// Packed, and most of it in a file.
    Shelved(Box<PackedSession>, Slot),
    Whole(Family),
}

impl Held {
    fn bytes(&self) -> usize {
        match self {
            Self::Live(live) => live.bytes(),
            Self::Packed(packed) => packed.bytes(),
            Self::Shelved(packed, _) => size_of::<Slot>() + packed.bytes(),
            Self::Whole(family) => family.bytes(),
        }
    }
}

/// What is held, what it takes up, and when it was used the last time.
#[derive(Debug)]
struct Place {
    held: Held,
    bytes: usize,
    used_at: Timestamp,
}

/// Sessions by id, bounded by the memory they take up; those that are too many to be ready are packed, and beyond the
/// bound most of a session goes into a file.
///
/// Those are packed, and go, first that nothing came of for a while. Where all are busy, the last used is: sessions send in
/// turn, so the longest unused is the next to be needed, and putting it away would have every session fetched again in
/// the end.
#[derive(Debug)]
pub(super) struct AtHand {
    capacity_bytes: usize,
    bytes: usize,
    next: u64,
    /// By number, which rises with every use.
    held: BTreeMap<u64, Place>,
    of_session: HashMap<SessionId, u64>,
    /// Those that are in memory as a whole.
    in_memory: BTreeSet<u64>,
    /// Where the rest goes. Without it, sessions that do not fit are let go.
    shelf: Option<Shelf>,
    /// Those that could be packed, and what they take up.
    ready: BTreeSet<u64>,
    ready_bytes: usize,
}

impl AtHand {
    /// Keeps about so many bytes between transactions, and beyond them what the shelf takes.
    pub(super) fn with_capacity(capacity_bytes: usize, shelf: Option<Shelf>) -> Self {
        Self {
            capacity_bytes,
            bytes: 0,
            next: 0,
            held: BTreeMap::new(),
            of_session: HashMap::new(),
            in_memory: BTreeSet::new(),
            shelf,
            ready: BTreeSet::new(),
            ready_bytes: 0,
        }
    }

    /// About how many bytes are taken up.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes are in the file.
    pub(super) fn shelved_bytes(&self) -> u64 {
        self.shelf.as_ref().map_or(0, Shelf::bytes)
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
            if let Some(Held::Shelved(_, slot)) = self.remove(session) {
                self.clear(&slot);
            }
        }
    }

    /// Takes the sessions out, loading those that are not at hand, into `work`, where each is in exactly one place then.
    /// Those to be settled `as_a_whole` are not live.
    pub(super) async fn take(
        &mut self,
        work: &mut Work,
        store: &dyn Store,
        sessions: &BTreeSet<SessionId>,
        as_a_whole: &BTreeSet<SessionId>,
    ) -> Result<(), StoreError> {
        let mut unknown = BTreeSet::new();
        for session in work.without_taken(sessions) {
            let live = match self.remove(&session) {
                Some(Held::Whole(family)) => {
                    work.whole.push(family);
                    continue;
                }
                Some(Held::Shelved(_, slot)) if as_a_whole.contains(&session) => {
                    self.clear(&slot);
                    None
                }
                _ if as_a_whole.contains(&session) => None,
                Some(Held::Live(live)) => Some(*live),
                Some(Held::Packed(packed)) => packed.unpack(),
                Some(Held::Shelved(packed, slot)) => {
                    self.fetch(*packed, &slot).and_then(PackedSession::unpack)
                }
                None => None,
            };
            match live {
                Some(live) => work.live.push((live, Vec::new())),
                None => {
                    unknown.insert(session);
                }
            }
        }
        let unknown = work.without_taken(&unknown).into_iter().collect();
        for family in load(store, unknown).await? {
            match family.new_session().filter(|session| !as_a_whole.contains(*session)) {
                Some(session) => work.live.push((LiveSession::new(session.clone()), Vec::new())),
                None => work.whole.push(family),
            }
        }
        Ok(())
    }

    /// Puts sessions back whose new records are written by now, and lets go of what is beyond the capacity.
    pub(super) fn put(&mut self, live: Vec<LiveSession>, whole: Vec<Family>, now: Timestamp) {
        for live in live {
            let sessions = [live.session().clone()];
            self.hold(Held::Live(Box::new(live)), sessions, now);
        }
        for mut family in whole {
            family.is_stored();
            let sessions: Vec<SessionId> = family.sessions.iter().cloned().collect();
            self.hold(Held::Whole(family), sessions, now);
        }
        while self.ready_bytes > self.capacity_bytes / READY_SHARE
            && let Some(number) = self.first_of(&self.ready, now)
        {
            self.pack(number);
        }
        while self.bytes > self.capacity_bytes
            && let Some(number) = self.first_to_go(now)
        {
            self.put_away(number);
        }
    }

    /// Of those that are in memory as a whole; once there are none, of all.
    fn first_to_go(&self, now: Timestamp) -> Option<u64> {
        let longest_unused = || self.held.first_key_value().map(|(longest_unused, _)| *longest_unused);
        self.first_of(&self.in_memory, now).or_else(longest_unused)
    }

    /// Of some of them, the longest unused if nothing came of it for a while, else the last used.
    fn first_of(&self, numbers: &BTreeSet<u64>, now: Timestamp) -> Option<u64> {
        let longest_unused = numbers.first()?;
        let used_at = self.held.get(longest_unused)?.used_at;
        let is_idle = now.micros_since(used_at) >= IDLE_MICROS;
        if is_idle { Some(*longest_unused) } else { numbers.last().copied() }
    }

    /// Puts most of a session into the file, or lets go of it where that cannot be done.
    fn put_away(&mut self, number: u64) {
        let Some(Place { held, used_at, .. }) = self.take_out(number) else { return };
        self.forget(&held);
        let packed = match held {
            Held::Live(live) => live.pack().map(Box::new),
            Held::Packed(packed) => Some(packed),
            Held::Shelved(_, slot) => {
                self.clear(&slot);
                None
            }
            Held::Whole(_) => None,
        };
        if let Some((packed, slot)) = packed.and_then(|packed| self.shelve(packed)) {
            self.of_session.insert(packed.session().clone(), number);
            self.put_in(number, Held::Shelved(packed, slot), used_at);
        }
    }

    fn shelve(&mut self, mut packed: Box<PackedSession>) -> Option<(Box<PackedSession>, Slot)> {
        match self.shelf.as_mut()?.put(&packed.take_tally()) {
            Ok(slot) => Some((packed, slot?)),
            Err(error) => {
                tracing::warn!(%error, "could not put a session into a file; it will be read from the ledger");
                None
            }
        }
    }

    fn fetch(&mut self, mut packed: PackedSession, slot: &Slot) -> Option<PackedSession> {
        match self.shelf.as_mut()?.take(slot) {
            Ok(tally) => packed.put_tally(tally),
            Err(error) => {
                tracing::warn!(%error, "could not read a session back from a file; it is read from the ledger");
                return None;
            }
        }
        Some(packed)
    }

    fn clear(&mut self, slot: &Slot) {
        if let Some(shelf) = &mut self.shelf {
            shelf.free(slot);
        }
    }

    fn hold(&mut self, held: Held, sessions: impl IntoIterator<Item = SessionId>, used_at: Timestamp) {
        let number = self.next;
        self.next += 1;
        self.of_session.extend(sessions.into_iter().map(|session| (session, number)));
        self.put_in(number, held, used_at);
    }

    /// Packs a session in its place; one that cannot be packed is let go.
    fn pack(&mut self, number: u64) {
        let Some(Place { held, used_at, .. }) = self.take_out(number) else { return };
        match held {
            Held::Live(live) => {
                let session = live.session().clone();
                match live.pack() {
                    Some(packed) => self.put_in(number, Held::Packed(Box::new(packed)), used_at),
                    None => _ = self.of_session.remove(&session),
                }
            }
            other => self.put_in(number, other, used_at),
        }
    }

    fn remove(&mut self, session: &SessionId) -> Option<Held> {
        let number = *self.of_session.get(session)?;
        let held = self.take_out(number)?.held;
        self.forget(&held);
        Some(held)
    }

    fn put_in(&mut self, number: u64, held: Held, used_at: Timestamp) {
        let bytes = held.bytes();
        self.bytes += bytes;
        if !matches!(held, Held::Shelved(..)) {
            self.in_memory.insert(number);
        }
        if matches!(held, Held::Live(_)) {
            self.ready.insert(number);
            self.ready_bytes += bytes;
        }
        self.held.insert(number, Place { held, bytes, used_at });
    }

    fn take_out(&mut self, number: u64) -> Option<Place> {
        let place = self.held.remove(&number)?;
        self.bytes -= place.bytes;
        self.in_memory.remove(&number);
        if self.ready.remove(&number) {
            self.ready_bytes -= place.bytes;
        }
        Some(place)
    }

    fn forget(&mut self, held: &Held) {
        match held {
            Held::Live(live) => _ = self.of_session.remove(live.session()),
            Held::Packed(packed) | Held::Shelved(packed, _) => _ = self.of_session.remove(packed.session()),
            Held::Whole(family) => family.sessions.iter().for_each(|session| {
                self.of_session.remove(session);
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(number: usize) -> LiveSession {
        LiveSession::new(format!("session {number}").as_str().into())
    }

    /// Room for so many sessions that wait.
    fn with_room_for(sessions: usize) -> AtHand {
        let one = session(0).pack().unwrap().bytes();
        AtHand::with_capacity(sessions * one, None)
    }

    /// Uses each of the sessions once, a second after the other; how many were not at hand.
    fn use_in_turn(at_hand: &mut AtHand, sessions: std::ops::Range<usize>, from: i64) -> usize {
        let mut missed = 0;
        for (second, number) in sessions.enumerate() {
            let session = session(number);
            let held = at_hand.remove(session.session());
            missed += usize::from(held.is_none());
            let now = Timestamp::from_seconds(from + i64::try_from(second).unwrap());
            at_hand.put(vec![session], Vec::new(), now);
            assert!(at_hand.bytes() <= at_hand.capacity_bytes);
        }
        missed
    }

    #[test]
    fn busy_sessions_that_are_too_many_do_not_push_each_other_out() {
        let mut at_hand = with_room_for(90);
        assert_eq!(use_in_turn(&mut at_hand, 0..100, 0), 100, "all are new");
        for round in 1..4 {
            let missed = use_in_turn(&mut at_hand, 0..100, 100 * round);
            assert!((1..30).contains(&missed), "{missed} were not at hand");
        }
    }

    #[test]
    fn sessions_that_have_ended_make_room() {
        let mut at_hand = with_room_for(50);
        use_in_turn(&mut at_hand, 0..40, 0);
        assert_eq!(at_hand.sessions(), 40);
        let later = IDLE_MICROS / 1_000_000 + 100;
        use_in_turn(&mut at_hand, 40..80, later);
        assert_eq!(use_in_turn(&mut at_hand, 40..80, later + 40), 0, "the new ones are at hand");
        assert!(at_hand.sessions() < 80);
    }
}
