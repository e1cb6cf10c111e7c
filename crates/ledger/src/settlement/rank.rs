//! Which of the sessions that hold the same thing had it first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Observation, Record, RecordKey, SessionId, Timestamp};

use super::family::Marks;
use super::key_map::KeyMap;

/// Who had things first: the session that is fewer forks away from one that copied nothing; of those
/// that did not mark what they copied the one that was not the copy of another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank<'a> {
    depth: usize,
    age: usize,
    session: &'a SessionId,
}

impl<'a> Rank<'a> {
    /// Of a session of which nothing was observed.
    pub(super) const fn of_unknown(session: &'a SessionId) -> Self {
        Self { depth: 0, age: 0, session }
    }
}

/// The rank of each session, from what they mark as copied and from what they share.
pub(super) fn ranks<'a>(
    sessions: &BTreeSet<&'a SessionId>,
    marks: &Marks<'a>,
    observed: &[&'a Record],
) -> BTreeMap<&'a SessionId, Rank<'a>> {
    let depths = fork_depths(sessions, marks);
    let rank = |(age, session): (usize, &'a SessionId)| {
        (session, Rank { depth: depths.get(session).copied().unwrap_or(0), age, session })
    };
    oldest_first(sessions, observed).into_iter().enumerate().map(rank).collect()
}

/// For each session, the length of the longest chain of sessions it copied from. Sessions that say they
/// copied from each other come last.
fn fork_depths<'a>(sessions: &BTreeSet<&'a SessionId>, marks: &Marks<'a>) -> HashMap<&'a SessionId, usize> {
    let mut forks_of: HashMap<&SessionId, Vec<&'a SessionId>> = HashMap::new();
    let mut waits_for: HashMap<&'a SessionId, usize> = HashMap::new();
    let mut depths = HashMap::new();
    for (session, marks) in marks {
        let origins: BTreeSet<&SessionId> = marks.iter().map(|(_, origin)| *origin).collect();
        let known = origins.iter().filter(|origin| sessions.contains(*origin));
        for origin in known.clone() {
            forks_of.entry(origin).or_default().push(session);
        }
        waits_for.insert(session, known.count());
        depths.insert(*session, 1);
    }
    let mut ready: Vec<&SessionId> = sessions
        .iter()
        .copied()
        .filter(|session| waits_for.get(session).is_none_or(|count| *count == 0))
        .collect();
    let mut settled = BTreeSet::new();
    while let Some(session) = ready.pop() {
        settled.insert(session);
        let depth = depths.get(session).copied().unwrap_or(0);
        for fork in forks_of.get(session).into_iter().flatten().copied() {
            let of_fork = depths.entry(fork).or_insert(0);
            *of_fork = (*of_fork).max(depth + 1);
            if let Some(count) = waits_for.get_mut(fork) {
                *count -= 1;
                if *count == 0 {
                    ready.push(fork);
                }
            }
        }
    }
    for session in sessions.difference(&settled) {
        depths.insert(session, sessions.len());
    }
    depths
}

/// The sessions, originals before what seems to be copied from them without a mark.
///
/// A copy is made when the original has gone so far. So of two sessions that share things the one that
/// went on alone later is the copy, and one that never did, because it is wholly contained in the other,
/// is the original. With more than two this holds for the last of all only: it is set aside, and then the
/// next one can be told.
fn oldest_first<'a>(sessions: &BTreeSet<&'a SessionId>, observed: &[&'a Record]) -> Vec<&'a SessionId> {
    if sessions.len() < 2 {
        return sessions.iter().copied().collect();
    }
    let mut holdings = Holdings::of(sessions, observed);
    let mut newest_first = Vec::with_capacity(sessions.len());
    while let Some(session) = holdings.set_aside_last() {
        newest_first.push(session);
    }
    newest_first.reverse();
    newest_first
}

/// What is held by whom, among the sessions that are not set aside.
struct Holdings<'a> {
    /// Of each record that several sessions hold: when it happened, and who they are.
    shared: KeyMap<(Timestamp, BTreeSet<&'a SessionId>)>,
    /// The records that a session shares.
    shared_by: BTreeMap<&'a SessionId, Vec<RecordKey>>,
    /// When the first thing happened that nobody else holds; before all times without such a thing.
    alone_since: BTreeMap<&'a SessionId, Timestamp>,
    /// The same, by time.
    by_time: BTreeSet<(Timestamp, &'a SessionId)>,
}

impl<'a> Holdings<'a> {
    fn of(sessions: &BTreeSet<&'a SessionId>, observed: &[&'a Record]) -> Self {
        let mut holdings = Self {
            shared: KeyMap::default(),
            shared_by: BTreeMap::new(),
            alone_since: BTreeMap::new(),
            by_time: sessions.iter().map(|session| (Timestamp::MIN, *session)).collect(),
        };
        // A session whose copies are not marked seems to have started when the original did.
        let observed = observed.iter().copied();
        let observed = observed.filter(|record| !matches!(record.observation, Observation::ProcessStart(_)));
        let mut lone_holder: KeyMap<Option<&SessionId>> = KeyMap::default();
        for record in observed.clone() {
            let holder = lone_holder.entry(record.key).or_insert(Some(&record.session));
            *holder = holder.filter(|holder| **holder == record.session);
        }
        for record in observed {
            match lone_holder.get(&record.key) {
                Some(Some(session)) => holdings.went_alone(session, record.at),
                _ => holdings.shares(record),
            }
        }
        holdings
    }

    fn went_alone(&mut self, session: &'a SessionId, at: Timestamp) {
        let known = self.alone_since.get(session).copied();
        if known.is_none_or(|known| at < known) {
            self.by_time.remove(&(known.unwrap_or(Timestamp::MIN), session));
            self.by_time.insert((at, session));
            self.alone_since.insert(session, at);
        }
    }

    fn shares(&mut self, record: &'a Record) {
        let (at, holders) = self.shared.entry(record.key).or_insert_with(|| (record.at, BTreeSet::new()));
        *at = record.at.min(*at);
        if holders.insert(&record.session) {
            self.shared_by.entry(&record.session).or_default().push(record.key);
        }
    }

    /// Takes out the session that went on alone last, and looks again at what it shared with others.
    fn set_aside_last(&mut self) -> Option<&'a SessionId> {
        let (_, last) = self.by_time.pop_last()?;
        for key in self.shared_by.remove(last).unwrap_or_default() {
            let Some((at, holders)) = self.shared.get_mut(&key) else { continue };
            holders.remove(last);
            if let (1, Some(left)) = (holders.len(), holders.first().copied()) {
                let at = *at;
                self.went_alone(left, at);
            }
        }
        Some(last)
    }
}
