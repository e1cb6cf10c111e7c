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
mod series;

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    Context, EvidenceBatch, Observation, Posting, Record, RecordKey, SessionId, Sign, Source, Timestamp,
};

use super::family::Family;
use super::profile::Profile;
use super::{Rules, activity, requests, tools};
use identity::identity;
use measures::{Measures, Owner};
use opening::Opening;

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
    session: SessionId,
    /// The records taken in.
    known: BTreeSet<u64>,
    /// What was counted, by the identity that its sources share.
    counted: BTreeSet<i64>,
    /// Each different thing that records say of the session, and the record that said it first.
    contexts: Vec<(Timestamp, RecordKey, Arc<Context>)>,
    profile: Profile,
    opening: Opening,
    measures: Measures,
}

impl LiveSession {
    /// A session of which nothing is known yet.
    pub fn new(session: SessionId) -> Self {
        Self {
            opening: Opening::default(),
            session,
            known: BTreeSet::new(),
            counted: BTreeSet::new(),
            contexts: Vec::new(),
            profile: Profile::default(),
            measures: Measures::default(),
        }
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
        &self.session
    }

    /// Whether a record was taken in already.
    pub fn knows(&self, record: &Record) -> bool {
        self.known.contains(&half(record.key))
    }

    /// Takes records in that it does not know yet, and compares the totals that are old enough by now. After
    /// an error it is good for nothing any more.
    pub fn settle(&mut self, fresh: &[&EvidenceBatch], rules: Rules<'_>) -> Result<Amendment, WholeNeeded> {
        let mut amendment = Amendment::default();
        let unattributed = self.measures.unattributed(self.owner(), rules);
        if fresh.iter().any(|batch| !batch.records.is_empty()) {
            self.take_in(fresh, rules, &mut amendment.lines)?;
        }
        let owner = Owner { session: &self.session, profile: &self.profile };
        self.measures.compare(owner, &unattributed, rules, &mut amendment.lines);
        amendment.matures_at = self.measures.matures_at(rules);
        Ok(amendment)
    }

    const fn owner(&self) -> Owner<'_> {
        Owner { session: &self.session, profile: &self.profile }
    }

    fn take_in(
        &mut self,
        fresh: &[&EvidenceBatch],
        rules: Rules<'_>,
        lines: &mut Vec<(Sign, Posting)>,
    ) -> Result<(), WholeNeeded> {
        let had_records = !self.known.is_empty();
        let (records, says_more) = self.note(fresh)?;
        if says_more {
            let profile = Profile::of_contexts(self.contexts.iter().map(|(_, _, context)| context.as_ref()));
            if had_records && profile != self.profile {
                return Err(WholeNeeded);
            }
            self.profile = profile;
        }
        let family = Family::of_one(&self.session, self.profile.clone(), records);
        self.measures.note_models(&family.records);
        let requests = requests::settle(&family, rules.prices);
        let calls = tools::settle(&family, &requests);
        for request in &requests {
            self.measures.add_item(&request.posting, Some(request.model), rules)?;
        }
        for posting in calls.iter().flat_map(|call| &call.postings) {
            self.measures.add_item(posting, None, rules)?;
        }
        lines.extend(self.opening.take_in(&family, &self.session, &self.profile));
        for record in &family.records {
            self.measures.add_point(record, rules)?;
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
            if record.session != self.session || !stands_alone(record) {
                return Err(WholeNeeded);
            }
            if self.known.insert(half(record.key)) {
                identities.extend(identity(&record.observation));
                says_more |= self.note_context(record);
                new.push(record);
            }
        }
        // Several records may tell of one thing, but only if they came together.
        if identities.iter().any(|identity| self.counted.contains(identity)) {
            return Err(WholeNeeded);
        }
        self.counted.append(&mut identities);
        Ok((new, says_more))
    }

    /// Notes what a record says of the session; whether it is new, or was said earlier than was known.
    fn note_context(&mut self, record: &Record) -> bool {
        let said =
            |context: &Arc<Context>| Arc::ptr_eq(context, &record.context) || *context == record.context;
        let moment = (record.at, record.key);
        match self.contexts.iter_mut().find(|(_, _, context)| said(context)) {
            Some((at, key, _)) if (*at, *key) <= moment => return false,
            Some((at, key, _)) => (*at, *key) = moment,
            None => self.contexts.push((record.at, record.key, Arc::clone(&record.context))),
        }
        self.contexts.sort_unstable_by_key(|(at, key, _)| (*at, *key));
        true
    }

    /// About how many bytes it takes up.
    pub fn bytes(&self) -> usize {
        /// A number in a tree, its share of the node included.
        const NUMBER: usize = 14;
        const CONTEXT: usize = 1_000;
        size_of::<Self>()
            + NUMBER * (self.known.len() + self.counted.len())
            + CONTEXT * (1 + self.contexts.len())
            + self.opening.bytes()
            + self.measures.bytes()
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
        let context = Context { terminal: terminal.map(str::to_owned), ..Context::default() };
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
