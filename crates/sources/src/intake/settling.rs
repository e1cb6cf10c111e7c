//! Settles what one transaction concerns: pure work, on threads of its own.

use std::collections::{BTreeSet, HashMap, HashSet};

use ledger::{LiveSession, Rules, amend, settle};
use model::{EvidenceBatch, Lines, SessionId, Sign, Timestamp};

use super::families::Family;

/// How young the newest of a session's records is when more of them are to be expected, in microseconds.
const LIVELY_MICROS: i64 = 3_600 * 1_000_000;

/// The most threads that settle at the same time.
const MAX_SETTLING_THREADS: usize = 4;

/// Fewer records than this are not worth another thread.
const LEAST_SHARE: usize = 512;

/// Sessions to settle, each with what is new of it. They have nothing to do with each other.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Those that are settled by what is new alone.
    pub(super) live: Vec<(LiveSession, Vec<EvidenceBatch>)>,
    /// Those that are settled from all their records, with the sessions that share some.
    pub(super) whole: Vec<Family>,
}

/// Sessions after settlement, and what that changes in the store.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// What is worth keeping at hand.
    pub(super) live: Vec<LiveSession>,
    pub(super) whole: Vec<Family>,
    pub(super) evidence: Vec<EvidenceBatch>,
    pub(super) lines: Lines,
    /// When each session is to be settled again; for a family, the first of its sessions.
    pub(super) due: Vec<(SessionId, Option<Timestamp>)>,
    /// How many were settled from all their records.
    pub(super) settled_whole: u64,
    /// How many lines were written for sessions of which nothing new came in, all of their records looked at.
    pub(super) amended: u64,
    /// Live sessions, with what is new of them, that have to be looked at as a whole.
    pub(super) wanted: Vec<(SessionId, Vec<EvidenceBatch>)>,
}

impl Work {
    /// Those of the sessions that are in no family that is here.
    pub(super) fn without_taken(&self, sessions: &BTreeSet<SessionId>) -> Vec<SessionId> {
        let taken: HashSet<&SessionId> = self.whole.iter().flat_map(|family| &family.sessions).collect();
        sessions.iter().filter(|session| !taken.contains(session)).cloned().collect()
    }

    /// Gives each session its share of the new evidence.
    pub(super) fn hand_out(&mut self, fresh: Vec<EvidenceBatch>) {
        let mut live: HashMap<SessionId, usize> = HashMap::new();
        live.extend(self.live.iter().enumerate().map(|(place, (live, _))| (live.session().clone(), place)));
        let mut whole: HashMap<SessionId, usize> = HashMap::new();
        for (place, family) in self.whole.iter().enumerate() {
            whole.extend(family.sessions.iter().map(|session| (session.clone(), place)));
        }
        for batch in fresh {
            if let Some((_, own)) = live.get(&batch.session).and_then(|place| self.live.get_mut(*place)) {
                own.push(batch);
            } else if let Some(family) =
                whole.get(&batch.session).and_then(|place| self.whole.get_mut(*place))
            {
                family.take_in(batch);
            }
        }
    }

    /// Settles, on several threads where there is much to settle.
    pub(super) fn settle(self, rules: Rules<'_>) -> Settled {
        let mut shares = self.shares();
        let Some(last) = shares.pop() else { return Settled::default() };
        std::thread::scope(|scope| {
            let settle = |share: Self| scope.spawn(move || share.settle_here(rules));
            let others: Vec<_> = shares.into_iter().map(settle).collect();
            let mut all = last.settle_here(rules);
            for other in others {
                match other.join() {
                    Ok(settled) => all.absorb(settled),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    }

    fn shares(self) -> Vec<Self> {
        let all = self.live.iter().map(|(_, fresh)| records_in(fresh)).sum::<usize>()
            + self.whole.iter().map(Family::records).sum::<usize>();
        let share = all.div_ceil(threads()).max(LEAST_SHARE);
        let mut shares = vec![Self::default()];
        let mut records = 0;
        for (live, fresh) in self.live {
            records += records_in(&fresh);
            place_for(&mut shares, &mut records, share).live.push((live, fresh));
        }
        for family in self.whole {
            records += family.records();
            place_for(&mut shares, &mut records, share).whole.push(family);
        }
        shares
    }

    fn settle_here(self, rules: Rules<'_>) -> Settled {
        let mut settled = Settled::default();
        for (live, fresh) in self.live {
            settled.settle_live(live, fresh, rules);
        }
        for family in self.whole {
            settled.settle_whole(family, rules);
        }
        settled
    }
}

/// The share that is being filled; a new one once the last has `share` records.
fn place_for<'s>(shares: &'s mut Vec<Work>, records: &mut usize, share: usize) -> &'s mut Work {
    if *records > share && shares.len() < MAX_SETTLING_THREADS {
        shares.push(Work::default());
        *records = 0;
    }
    let last = shares.len() - 1;
    &mut shares[last]
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_SETTLING_THREADS)
}

fn records_in(batches: &[EvidenceBatch]) -> usize {
    batches.iter().map(|batch| batch.records.len()).sum()
}

impl Settled {
    pub(super) fn absorb(&mut self, other: Self) {
        self.live.extend(other.live);
        self.whole.extend(other.whole);
        self.evidence.extend(other.evidence);
        self.lines.append(other.lines);
        self.due.extend(other.due);
        self.settled_whole += other.settled_whole;
        self.amended += other.amended;
        self.wanted.extend(other.wanted);
    }

    fn settle_live(&mut self, mut live: LiveSession, fresh: Vec<EvidenceBatch>, rules: Rules<'_>) {
        let batches: Vec<&EvidenceBatch> = fresh.iter().collect();
        match live.settle(&batches, rules) {
            Ok(amendment) => {
                self.lines.amend(amendment.lines);
                self.due.push((live.session().clone(), amendment.matures_at));
                self.evidence.extend(fresh);
                self.live.push(live);
            }
            Err(_) => self.wanted.push((live.session().clone(), fresh)),
        }
    }

    fn settle_whole(&mut self, mut family: Family, rules: Rules<'_>) {
        self.settled_whole += 1;
        let settlement = settle(&family.evidence, rules);
        let mut sessions = family.sessions.iter();
        self.due.extend(sessions.next().map(|first| (first.clone(), settlement.matures_at)));
        self.due.extend(sessions.map(|other| (other.clone(), None)));
        // Most of an import is sessions that end with it. Nothing of them has to be copied.
        if !family.goes_on(rules.now.plus_micros(-LIVELY_MICROS)) {
            self.lines.enter(settlement.postings);
            self.evidence.extend(family.give_new());
            return;
        }
        let mut lines = amend(&family.posted, &settlement.postings);
        lines.extend(family.overdrawn.drain(..).map(|posting| (Sign::Entry, posting)));
        if family.new_records() == 0 {
            self.amended += lines.len() as u64;
        }
        self.lines.amend(lines);
        if let Some(live) = live_from_now_on(&family, rules) {
            self.evidence.extend(family.give_new());
            self.live.push(live);
        } else {
            self.evidence.extend(family.share_new());
            family.posted = settlement.postings;
            self.whole.push(family);
        }
    }
}

/// A session by itself that only telemetry tells of needs all its records no longer.
fn live_from_now_on(family: &Family, rules: Rules<'_>) -> Option<LiveSession> {
    let mut sessions = family.sessions.iter();
    let (Some(session), None) = (sessions.next(), sessions.next()) else { return None };
    if family.is_sealed() {
        return None;
    }
    let evidence: Vec<&EvidenceBatch> = family.evidence.iter().collect();
    LiveSession::of(session.clone(), &evidence, rules).ok()
}
