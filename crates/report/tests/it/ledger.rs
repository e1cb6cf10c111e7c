//! Ledgers made by hand: postings with only what a test is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::{PriceBook, Rules, settle};
use model::{
    Actor, AttributeValue, EvidenceBatch, ItemKey, Kind, Money, Observation, Posting, Prompt, Record,
    RecordKey, SessionId, Sign, Source, Timestamp,
};
use report::asked::Asked;
use report::meaning::Meaning;
use report::range::{DateRange, Zone};
use store::{MemoryStore, Store, Transaction};

/// The instant of an RFC 3339 text.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Days in a zone.
pub(crate) fn range(start: &str, end: &str, zone: &str) -> DateRange {
    DateRange::new(start.parse().unwrap(), end.parse().unwrap(), Zone::named(zone).unwrap()).unwrap()
}

/// Everything, in UTC, with the built-in prices.
pub(crate) fn everything() -> Asked {
    Asked::everything(Zone::utc(), Arc::new(PriceBook::embedded().unwrap()))
}

/// A ledger in memory; each call of `post` is a transaction.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) store: MemoryStore,
    transactions: i64,
}

impl Ledger {
    /// A ledger with these entries in one transaction.
    pub(crate) async fn of(entries: impl IntoIterator<Item = Posting>) -> Self {
        let mut ledger = Self::default();
        ledger.post(entries).await;
        ledger
    }

    /// When the n-th transaction, counted from one, was posted.
    pub(crate) fn posted_at(transaction: i64) -> Timestamp {
        at("2026-11-22T12:00:00Z").plus_seconds(transaction)
    }

    pub(crate) async fn post(&mut self, entries: impl IntoIterator<Item = Posting>) {
        self.append(entries.into_iter().map(|posting| (Sign::Entry, posting)).collect(), Vec::new()).await;
    }

    /// Takes one posting back and puts another in its place.
    pub(crate) async fn correct(&mut self, old: Posting, new: Posting) {
        self.append(vec![(Sign::Reversal, old), (Sign::Entry, new)], Vec::new()).await;
    }

    /// Keeps one record of the source in each of the sessions.
    pub(crate) async fn observe(&mut self, source: Source, sessions: &[&str], at: Timestamp) {
        let batch = |session: &&str| EvidenceBatch {
            session: SessionId::new(*session),
            source,
            records: vec![Record {
                key: RecordKey::of(&[source.as_str().as_bytes(), session.as_bytes()]),
                session: SessionId::new(*session),
                at,
                source,
                context: Default::default(),
                observation: Observation::Prompt(Prompt::default()),
                extra: Vec::new(),
            }],
        };
        self.append(Vec::new(), sessions.iter().map(batch).collect()).await;
    }

    /// Takes records in as the intake does: keeps them, settles them, posts what they amount to. They are one
    /// family, taken in for the first time.
    pub(crate) async fn take_in(&mut self, records: Vec<Record>, prices: &PriceBook) {
        let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
        for record in records {
            batches.entry((record.session.clone(), record.source)).or_default().push(record);
        }
        let batches = batches.into_iter();
        let evidence: Vec<EvidenceBatch> =
            batches.map(|((session, source), records)| EvidenceBatch { session, source, records }).collect();
        let rules = Rules { prices, now: Self::posted_at(1_000_000), quiet_micros: 0 };
        let lines = settle(&evidence, rules).postings.into_iter().map(|posting| (Sign::Entry, posting));
        let sessions: BTreeSet<SessionId> = evidence.iter().map(|batch| batch.session.clone()).collect();
        let sessions: Vec<SessionId> = sessions.into_iter().collect();
        let kin = sessions.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        self.transactions += 1;
        let posted_at = Self::posted_at(self.transactions);
        let transaction = Transaction { posted_at, lines: lines.collect(), evidence, kin };
        self.store.append(transaction).await.unwrap();
    }

    /// Keeps records of one source in one session.
    pub(crate) async fn keep(
        &mut self,
        session: &str,
        source: Source,
        records: impl IntoIterator<Item = (Timestamp, Observation, i64)>,
    ) {
        let record = |(at, observation, number): (Timestamp, Observation, i64)| Record {
            key: RecordKey::of(&[session.as_bytes(), source.as_str().as_bytes(), &number.to_le_bytes()]),
            session: SessionId::new(session),
            at,
            source,
            context: Default::default(),
            observation,
            extra: vec![("number".into(), AttributeValue::Int(number))],
        };
        let records = records.into_iter().map(record).collect();
        let batch = EvidenceBatch { session: SessionId::new(session), source, records };
        self.append(Vec::new(), vec![batch]).await;
    }

    async fn append(&mut self, lines: Vec<(Sign, Posting)>, evidence: Vec<EvidenceBatch>) {
        self.transactions += 1;
        let posted_at = Self::posted_at(self.transactions);
        let transaction = Transaction { posted_at, lines: lines.into(), evidence, ..Transaction::default() };
        self.store.append(transaction).await.unwrap();
    }
}

fn posting(kind: Kind, session: &str, at_text: &str, item: &str) -> Posting {
    let mut posting = Posting::new(kind, at(at_text), session.into(), ItemKey::of(kind.as_str(), item));
    posting.actor = Actor::User { email: "mira@example.org".into() };
    posting.terminal = "vscode".into();
    posting
}

/// A session's start, or its being taken up again: the item is the session.
pub(crate) fn start(session: &str, at: &str) -> Posting {
    posting(Kind::SessionStart, session, at, session)
}

/// A request with this many input and ten times fewer output tokens, and its settled and priced cost.
pub(crate) fn request(session: &str, at: &str, model: &str, input: i64, cost_micros: i64) -> Posting {
    let mut posting = posting(Kind::Request, session, at, &format!("{session} {at} {model} {input}"));
    posting.model = model.into();
    posting.measures.requests = 1;
    posting.measures.tokens.input = input;
    posting.measures.tokens.output = input / 10;
    posting.measures.cost_settled = cost_micros * Money::PICOS_PER_MICRO;
    posting.measures.cost_priced = posting.measures.cost_settled;
    posting
}

/// What only a running total knows.
pub(crate) fn unattributed(session: &str, at: &str, model: &str, input: i64, cost_micros: i64) -> Posting {
    let mut posting = request(session, at, model, input, cost_micros);
    posting.kind = Kind::Unattributed;
    posting.measures.requests = 0;
    posting
}

/// Lines added and removed.
pub(crate) fn lines(session: &str, at: &str, added: i64, removed: i64) -> Posting {
    let mut posting = posting(Kind::Lines, session, at, &format!("{session} {at}"));
    posting.measures.lines_added = added;
    posting.measures.lines_removed = removed;
    posting
}

/// A commit and, with it, a pull request.
pub(crate) fn commit_and_pull_request(session: &str, at: &str) -> [Posting; 2] {
    let mut commit = posting(Kind::Commit, session, at, at);
    commit.measures.commits = 1;
    let mut pull_request = posting(Kind::PullRequest, session, at, at);
    pull_request.measures.pull_requests = 1;
    [commit, pull_request]
}

/// Decisions on calls of a tool.
pub(crate) fn decisions(session: &str, at: &str, tool: &str, accepted: i64, rejected: i64) -> Posting {
    let mut posting = posting(Kind::Decision, session, at, &format!("{session} {at} {tool}"));
    posting.subject = tool.into();
    posting.measures.accepted = accepted;
    posting.measures.rejected = rejected;
    posting
}

/// Ends of calls of a tool.
pub(crate) fn results(session: &str, at: &str, tool: &str, succeeded: i64, failed: i64) -> Posting {
    let mut posting = posting(Kind::ToolResult, session, at, &format!("{session} {at} {tool}"));
    posting.subject = tool.into();
    posting.measures.succeeded = succeeded;
    posting.measures.failed = failed;
    posting
}

/// One prompt.
pub(crate) fn prompt(session: &str, at: &str) -> Posting {
    let mut posting = posting(Kind::Prompt, session, at, &format!("{session} {at}"));
    posting.measures.prompts = 1;
    posting
}

/// A posting as somebody else's work, elsewhere.
pub(crate) fn by(actor: &str, posting: Posting) -> Posting {
    Posting { actor: Actor::User { email: actor.into() }, ..posting }
}

/// Reads what [`Ledger::keep`] wrote: the number of each record; subagents are not told.
pub(crate) const NUMBERED: Meaning = Meaning {
    sequence: |record| match record.extra.first() {
        Some((_, AttributeValue::Int(number))) => Some(*number),
        _ => None,
    },
    ..Meaning::NONE
};
