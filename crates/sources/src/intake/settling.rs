//! Settles what one transaction concerns: pure work, on a thread of its own.

use std::collections::HashMap;

use ledger::{LiveSession, Rules, amend, settle};
use model::{EvidenceBatch, Posting, SessionId, Sign, Timestamp};

use super::at_hand::Taken;
use super::families::Family;

/// Sessions after settlement, and what that changes in the ledger.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) taken: Taken,
    pub(super) lines: Vec<(Sign, Posting)>,
    /// When each session is to be settled again; for a family, the first of its sessions.
    pub(super) due: Vec<(SessionId, Option<Timestamp>)>,
    /// Live sessions that new records cannot be settled for without all the others.
    pub(super) wanted: Vec<SessionId>,
}

/// New evidence by session.
pub(super) type Fresh<'a> = HashMap<&'a SessionId, Vec<&'a EvidenceBatch>>;

pub(super) fn by_session(fresh: &[EvidenceBatch]) -> Fresh<'_> {
    let mut by_session = Fresh::new();
    for batch in fresh {
        by_session.entry(&batch.session).or_default().push(batch);
    }
    by_session
}

impl Settled {
    pub(super) fn settle(&mut self, taken: Taken, fresh: &Fresh<'_>, rules: Rules<'_>) {
        for live in taken.live {
            self.settle_live(live, fresh, rules);
        }
        for family in taken.whole {
            self.settle_whole(family, fresh, rules);
        }
    }

    fn settle_live(&mut self, mut live: LiveSession, fresh: &Fresh<'_>, rules: Rules<'_>) {
        let own = fresh.get(live.session()).map_or(&[][..], Vec::as_slice);
        match live.settle(own, rules) {
            Ok(amendment) => {
                self.lines.extend(amendment.lines);
                self.due.push((live.session().clone(), amendment.matures_at));
                self.taken.live.push(live);
            }
            Err(_) => self.wanted.push(live.session().clone()),
        }
    }

    fn settle_whole(&mut self, mut family: Family, fresh: &Fresh<'_>, rules: Rules<'_>) {
        let new = family.sessions.iter().filter_map(|session| fresh.get(session)).flatten();
        let new: Vec<EvidenceBatch> = new.map(|batch| (*batch).clone()).collect();
        family.take_in(new);
        let settlement = settle(&family.evidence, rules);
        self.lines.extend(amend(&family.posted, settlement.postings.clone()));
        family.posted = settlement.postings;
        let mut sessions = family.sessions.iter();
        self.due.extend(sessions.next().map(|first| (first.clone(), settlement.matures_at)));
        self.due.extend(sessions.map(|other| (other.clone(), None)));
        match live_from_now_on(&family, rules) {
            Some(live) => self.taken.live.push(live),
            None => self.taken.whole.push(family),
        }
    }
}

/// A session by itself that only telemetry tells of needs all its records no longer.
fn live_from_now_on(family: &Family, rules: Rules<'_>) -> Option<LiveSession> {
    let mut sessions = family.sessions.iter();
    let (Some(session), None) = (sessions.next(), sessions.next()) else { return None };
    let evidence: Vec<&EvidenceBatch> = family.evidence.iter().collect();
    LiveSession::of(session.clone(), &evidence, rules).ok()
}
