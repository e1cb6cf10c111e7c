//! What a fork's own totals began with.
//!
//! The client's running totals go on from those of the session that was forked, so that they count what
//! that session did once more.

use std::collections::{BTreeMap, BTreeSet};

use model::{CanonicalModel, Observation, Posting, SessionId, Timestamp};

use super::family::Family;
use super::measured::{Measured, Steps, measured_by};

/// An item, and which sessions besides its own hold a copy of it.
pub(super) struct Item<'f> {
    pub posting: &'f Posting,
    pub model: Option<&'f CanonicalModel>,
    pub held_by: &'f [&'f SessionId],
}

pub(super) type Amounts<'f> = BTreeMap<Measured<'f>, i64>;

/// The sessions that others copied from.
pub(super) struct Inheritance<'f> {
    forks: BTreeMap<&'f SessionId, Fork<'f>>,
    origins: BTreeSet<&'f SessionId>,
    /// Everything the origins did, as far as they are settled.
    settled: BTreeMap<&'f SessionId, Vec<(Measured<'f>, Timestamp, i64)>>,
}

#[derive(Default)]
struct Fork<'f> {
    /// The sessions it copied from, and when the oldest copied thing of each was done.
    origins: BTreeMap<&'f SessionId, Timestamp>,
    copied: Amounts<'f>,
}

impl<'f> Inheritance<'f> {
    pub(super) fn of(items: &[Item<'f>]) -> Self {
        let mut forks: BTreeMap<&SessionId, Fork<'_>> = BTreeMap::new();
        for Item { posting, model, held_by } in items {
            for holder in *held_by {
                let fork = forks.entry(holder).or_default();
                let oldest = fork.origins.entry(&posting.session).or_insert(posting.at);
                *oldest = posting.at.min(*oldest);
                measured_by(posting, *model, |measured, amount| add(&mut fork.copied, measured, amount));
            }
        }
        let origins = forks.values().flat_map(|fork| fork.origins.keys().copied()).collect();
        Self { forks, origins, settled: BTreeMap::new() }
    }

    /// Notes what a session amounts to, items and totals together. Sessions are noted in order of rank,
    /// so that a fork's origins are known before it.
    pub(super) fn note<'s>(&mut self, session: &'f SessionId, parts: impl Iterator<Item = &'s Steps<'f>>)
    where
        'f: 's,
    {
        if self.origins.contains(session) {
            let steps = parts.flatten().flat_map(|(measured, steps)| {
                steps.iter().map(move |(at, amount)| (*measured, *at, *amount))
            });
            self.settled.insert(session, steps.collect());
        }
    }

    /// What a session's own totals began with: whatever its origins amounted to before it went on alone,
    /// and at least what it copied.
    pub(super) fn inherited(&self, family: &'f Family<'f>, session: &SessionId) -> Amounts<'f> {
        let Some(fork) = self.forks.get(session) else { return Amounts::new() };
        let mut origins: Vec<(Timestamp, &SessionId)> =
            fork.origins.iter().map(|(origin, at)| (*at, *origin)).collect();
        origins.sort_unstable();
        let mut ends: Vec<Timestamp> = origins.iter().skip(1).map(|(at, _)| *at).collect();
        ends.push(first_of_its_own(family, session).unwrap_or(Timestamp::MAX));
        let mut inherited = Amounts::new();
        for ((_, origin), end) in origins.into_iter().zip(ends) {
            let steps = self.settled.get(origin).map_or(&[][..], Vec::as_slice);
            for (measured, _, amount) in steps.iter().filter(|(_, at, _)| *at <= end) {
                add(&mut inherited, *measured, *amount);
            }
        }
        for (measured, copied) in &fork.copied {
            let known = inherited.entry(*measured).or_default();
            *known = (*known).max(*copied);
        }
        inherited
    }
}

fn add<'f>(amounts: &mut Amounts<'f>, measured: Measured<'f>, amount: i64) {
    let sum = amounts.entry(measured).or_default();
    *sum = sum.saturating_add(amount);
}

/// When a fork first did something itself. Totals and counters are dated by when they were told.
fn first_of_its_own(family: &Family<'_>, session: &SessionId) -> Option<Timestamp> {
    let own = family.records_of(session).iter().find(|record| {
        let told_late = matches!(
            record.observation,
            Observation::Totals(_) | Observation::Counter(_) | Observation::ProcessStart(_)
        );
        !told_late && family.maker(record) == session
    });
    own.map(|record| record.at)
}
