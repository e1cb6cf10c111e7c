//! Settlement of a session while its telemetry comes in, without looking at all of it again.
//!
//! [`settle`](super::settle) is what settlement means; it looks at every record. A session that sends a few
//! records every few seconds for hours would be read and settled thousands of times. [`LiveSession`] keeps
//! what settling further records needs: who was counted, running sums of what is measured, the few records
//! that tell of starts. From that and the new records alone it says how the ledger changes, and always
//! the same as settling everything would; where it cannot, it says that everything is needed
//! ([`WholeNeeded`]).
//!
//! It can where a session stands for itself and only telemetry tells of it: then each item is told of by one
//! record or by several that come together, and what was posted for it does not change with what comes later.

mod curve;
mod identity;
mod measures;
mod opening;
mod packed;
mod rising;
mod series;

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    Context, EvidenceBatch, Observation, Posting, Record, RecordKey, SessionId, Sign, Source, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::family::Family;
use super::profile::Profile;
use super::{Rules, activity, requests, tools};
use identity::identity;
use measures::{Measures, Owner};
use opening::Opening;
pub use packed::PackedSession;

/// A session's records have to be looked at as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeNeeded;

/// How the ledger changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Reversals and entries.
    pub lines: Vec<(Sign, Posting)>,
    /// When to settle again although nothing new came.
    pub matures_at: Option<Timestamp>,
}

/// What has to be known of a session to settle further telemetry of it.
#[derive(Clone, Debug)]
pub struct LiveSession {
    origin: Origin,
    tally: Tally,
}

/// Whose session it is and how it began. Hardly changes.
#[derive(Clone, Debug)]
struct Origin {
    session: SessionId,
    /// Each different thing that records say of the session, the first said first.
    contexts: Vec<Told>,
    profile: Profile,
    opening: Opening,
}

/// What records say of the session.
#[derive(Clone, Debug)]
struct Told {
    /// The record that said it first.
    by: (Timestamp, RecordKey),
    context: Arc<Context>,
}

impl Told {
    fn is(&self, context: &Arc<Context>) -> bool {
        Arc::ptr_eq(&self.context, context) || self.context == *context
    }
}

/// What has come of the session. Grows with every record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Tally {
    /// The records taken in.
    #[serde(with = "rising::numbers")]
    known: BTreeSet<u64>,
    /// Halves of what was counted, by the identity that its sources share. Another thing with the same half only makes
    /// that the session is looked at as a whole.
    #[serde(with = "rising::numbers")]
    counted: BTreeSet<u32>,
    measures: Measures,
}

impl LiveSession {
    /// A session of which nothing is known yet.
    pub fn new(session: SessionId) -> Self {
        let (contexts, profile, opening) = (Vec::new(), Profile::default(), Opening::default());
        Self { origin: Origin { session, contexts, profile, opening }, tally: Tally::default() }
    }

    /// A session whose records were settled as a whole at the time of `rules`. The records may be in any order
    /// and repeat.
    pub fn of(
        session: SessionId,
        evidence: &[&EvidenceBatch],
        rules: Rules<'_>,
    ) -> Result<Self, WholeNeeded> {
        let mut live = Self::new(session);
        live.settle(evidence, rules)?;
        Ok(live)
    }

    /// The session.
    pub const fn session(&self) -> &SessionId {
        &self.origin.session
    }

    /// Whether a record was taken in already.
    pub fn knows(&self, record: &Record) -> bool {
        self.tally.known.contains(&half(record.key))
    }

    /// Takes records in that it does not know yet, and compares the totals that are old enough by now. After
    /// an error it is good for nothing any more.
    pub fn settle(&mut self, fresh: &[&EvidenceBatch], rules: Rules<'_>) -> Result<Amendment, WholeNeeded> {
        let mut amendment = Amendment::default();
        let unattributed = self.tally.measures.unattributed(self.origin.owner(), rules);
        if fresh.iter().any(|batch| !batch.records.is_empty()) {
            self.take_in(fresh, rules, &mut amendment.lines)?;
        }
        let Self { origin, tally } = self;
        tally.measures.compare(origin.owner(), &unattributed, rules, &mut amendment.lines);
        amendment.matures_at = tally.measures.matures_at(rules);
        Ok(amendment)
    }

    fn take_in(
        &mut self,
        fresh: &[&EvidenceBatch],
        rules: Rules<'_>,
        lines: &mut Vec<(Sign, Posting)>,
    ) -> Result<(), WholeNeeded> {
        let had_records = !self.tally.known.is_empty();
        let (records, says_more) = self.note(fresh)?;
        let Self { origin, tally: Tally { measures, .. } } = self;
        if says_more {
            let profile = Profile::of_contexts(origin.contexts.iter().map(|told| &told.context));
            if had_records && profile != origin.profile {
                return Err(WholeNeeded);
            }
            origin.profile = profile;
        }
        let Origin { session, contexts, profile, opening } = origin;
        let family = Family::of_one(session, profile.clone(), records);
        measures.note_models(&family.records);
        let requests = requests::settle(&family, rules.prices);
        let calls = tools::settle(&family, &requests);
        for request in &requests {
            measures.add_item(&request.posting, Some(request.model), rules)?;
        }
        for posting in calls.iter().flat_map(|call| &call.postings) {
            measures.add_item(posting, None, rules)?;
        }
        lines.extend(opening.take_in(&family, session, profile));
        opening.share(contexts);
        for record in &family.records {
            measures.add_point(record, rules)?;
        }
        let mut enter = |posting| lines.push((Sign::Entry, posting));
        activity::settle(&family).into_iter().for_each(&mut enter);
        requests.into_iter().map(|request| request.posting).for_each(&mut enter);
        calls.into_iter().flat_map(|call| call.postings).for_each(&mut enter);
        Ok(())
    }

    /// Notes that the records are known, what they count and what they say of the session. Returns those that
    /// were not known, and whether more may be said of the session by now.
    fn note<'r>(&mut self, fresh: &[&'r EvidenceBatch]) -> Result<(Vec<&'r Record>, bool), WholeNeeded> {
        let mut identities = BTreeSet::new();
        let mut new = Vec::with_capacity(fresh.iter().map(|batch| batch.records.len()).sum());
        let mut says_more = false;
        for record in fresh.iter().flat_map(|batch| &batch.records) {
            if record.session != self.origin.session || !stands_alone(record) {
                return Err(WholeNeeded);
            }
            if self.tally.known.insert(half(record.key)) {
                identities.extend(identity(&record.observation).map(|identity| identity as u32));
                says_more |= self.origin.note_context(record);
                new.push(record);
            }
        }
        // Several records may tell of one thing, but only if they came together.
        if identities.iter().any(|identity| self.tally.counted.contains(identity)) {
            return Err(WholeNeeded);
        }
        self.tally.counted.extend(identities);
        Ok((new, says_more))
    }

    /// About how many bytes it takes up.
    pub fn bytes(&self) -> usize {
        /// A number in a tree, its share of the node included.
        const KEY: usize = 14;
        const IDENTITY: usize = 8;
        let Tally { known, counted, measures } = &self.tally;
        let numbers = KEY * known.len() + IDENTITY * counted.len();
        size_of::<Self>() + numbers + self.origin.bytes() + measures.bytes()
    }
}

impl Origin {
    const fn owner(&self) -> Owner<'_> {
        Owner { session: &self.session, profile: &self.profile }
    }

    /// Notes what a record says of the session; whether it is new, or was said earlier than was known.
    fn note_context(&mut self, record: &Record) -> bool {
        let by = (record.at, record.key);
        match self.contexts.iter_mut().find(|told| told.is(&record.context)) {
            Some(told) if told.by <= by => return false,
            Some(told) => told.by = by,
            None => self.contexts.push(Told { by, context: Arc::clone(&record.context) }),
        }
        self.contexts.sort_unstable_by_key(|told| told.by);
        true
    }

    /// About how many bytes it takes up beside itself.
    fn bytes(&self) -> usize {
        const CONTEXT: usize = 1_000;
        self.session.as_str().len() + CONTEXT * self.contexts.len() + self.opening.bytes()
    }
}

/// Half of a key tells records of one session apart well enough.
const fn half(key: RecordKey) -> u64 {
    key.as_u128() as u64
}

/// Whether a record is telemetry of a session that has an id of its own, and no copy.
fn stands_alone(record: &Record) -> bool {
    let is_copy = match &record.observation {
        Observation::Request(request) => request.origin_session.is_some(),
        _ => false,
    };
    record.source != Source::Transcripts && !record.session.is_installation() && !is_copy
}

#[cfg(test)]
mod tests {
    use model::{Prompt, RequestSeen};

    use super::*;
    use crate::PriceBook;

    fn record(name: &str, seconds: i64, terminal: Option<&str>, observation: Observation) -> EvidenceBatch {
        let context = Context { terminal: terminal.map(Into::into), ..Context::default() };
        let record = Record {
            key: RecordKey::of(&[name.as_bytes()]),
            session: "s".into(),
            at: Timestamp::from_seconds(seconds),
            source: Source::Events,
            context: Arc::new(context),
            observation,
            extra: Vec::new(),
        };
        EvidenceBatch { session: "s".into(), source: Source::Events, records: vec![record] }
    }

    fn prompt(name: &str, seconds: i64, terminal: Option<&str>) -> EvidenceBatch {
        let prompt = Prompt { prompt_id: Some(name.to_owned()), ..Prompt::default() };
        record(name, seconds, terminal, Observation::Prompt(prompt))
    }

    fn settle(live: &mut LiveSession, batch: &EvidenceBatch) -> Result<usize, WholeNeeded> {
        let prices = PriceBook::embedded().unwrap();
        let rules = Rules { prices: &prices, now: Timestamp::from_seconds(1_000), quiet_micros: 30_000_000 };
        live.settle(&[batch], rules).map(|amendment| amendment.lines.len())
    }

    #[test]
    fn whoever_says_more_of_the_session_changes_all_of_it() {
        let mut live = LiveSession::new("s".into());
        assert_eq!(settle(&mut live, &prompt("a", 10, Some("vscode"))), Ok(2), "a prompt and a start");
        assert_eq!(settle(&mut live, &prompt("b", 20, Some("vscode"))), Ok(1));
        assert_eq!(settle(&mut live.clone(), &prompt("c", 30, None)), Ok(1), "it says nothing");
        assert_eq!(settle(&mut live.clone(), &prompt("c", 30, Some("tmux"))), Ok(1), "the first said stands");
        assert_eq!(settle(&mut live, &prompt("c", 5, Some("tmux"))), Err(WholeNeeded), "it was said before");
    }

    #[test]
    fn what_is_told_again_needs_the_whole() {
        let mut live = LiveSession::new("s".into());
        settle(&mut live, &prompt("a", 10, None)).unwrap();
        let again = Prompt { prompt_id: Some("a".into()), ..Prompt::default() };
        let again = record("another record", 11, None, Observation::Prompt(again));
        assert_eq!(settle(&mut live, &again), Err(WholeNeeded));
    }

    #[test]
    fn copies_transcripts_and_accounts_without_sessions_need_the_whole() {
        let of = |change: fn(&mut Record)| {
            let mut batch = record("a", 10, None, Observation::Request(RequestSeen::default()));
            change(&mut batch.records[0]);
            settle(&mut LiveSession::new(batch.records[0].session.clone()), &batch)
        };
        assert!(of(|_| {}).is_ok());
        assert_eq!(of(|record| record.source = Source::Transcripts), Err(WholeNeeded));
        assert_eq!(of(|record| record.session = SessionId::of_installation("i")), Err(WholeNeeded));
        let copied = RequestSeen { origin_session: Some("origin".into()), ..RequestSeen::default() };
        let mut copy = record("a", 10, None, Observation::Request(copied));
        assert_eq!(settle(&mut LiveSession::new("s".into()), &copy), Err(WholeNeeded));
        copy.records[0].session = "other".into();
        assert_eq!(settle(&mut LiveSession::new("s".into()), &copy), Err(WholeNeeded));
    }
}
