//! What an engine must do.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, Posting, SessionId, SessionSource, Sign, Source,
    SourceSummary, Timestamp,
};

use crate::{LineQuery, Query, Row, StoreError};

/// What one transaction adds. All of it is kept, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// The transaction's time: later than every earlier one's.
    pub posted_at: Timestamp,
    /// New records.
    pub evidence: Vec<EvidenceBatch>,
    /// New ledger lines.
    pub lines: Vec<(Sign, Posting)>,
    /// Pairs of sessions found to share records, so that they are settled together.
    pub kin: Vec<(SessionId, SessionId)>,
}

/// The store of evidence and ledger. Append-only: nothing is ever changed or deleted through it.
///
/// One writer calls [`Store::append`]; any number of readers ask beside it and see only whole
/// transactions.
#[async_trait]
pub trait Store: Send + Sync {
    /// Adds a transaction, durably: once this returns `Ok`, it survives a crash of the process.
    ///
    /// Fails with [`StoreError::OutOfOrder`] when `posted_at` is not after [`Store::boundary`].
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError>;

    /// The time of the newest transaction; [`Timestamp::MIN`] while there is none.
    async fn boundary(&self) -> Result<Timestamp, StoreError>;

    /// All evidence of the sessions, oldest transaction first. Unknown sessions have none.
    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError>;

    /// The same, each batch with the time of the transaction that brought it; [`Timestamp::MIN`] where an
    /// engine does not tell.
    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        Ok(self.evidence(sessions).await?.into_iter().map(|batch| (Timestamp::MIN, batch)).collect())
    }

    /// All ledger lines of the sessions, reversals included, in no particular order.
    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError>;

    /// The sessions that evidence was kept for at or after the given transaction time, as far as it holds
    /// a record of `newest_at` or later.
    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// The sessions that requests with these keys were posted to, by request key or by message key.
    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError>;

    /// The direct kin of the sessions, both ways round: every kept pair that has one of them, with that
    /// one first.
    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError>;

    /// Version of the price book that everything posted is priced with, as noted last; `None` when none was
    /// noted yet.
    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// Notes the version, durably. Says nothing about lines, and changes none: it is called once the last
    /// line that had other prices has been taken back.
    async fn note_priced_with(&self, version: &str) -> Result<(), StoreError> {
        let _ = version;
        Ok(())
    }

    /// Answers a question over the ledger.
    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError>;

    /// Single lines, newest first by [`Posting::at`], reversals included.
    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError>;

    /// What is known from each source, over sessions with evidence in `[from, until)`. Sources without
    /// any are left out.
    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError>;

    /// The same over the sessions that are filed under one of the tenants; those under none have the empty
    /// id ([`SessionId::tenant`]).
    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError>;

    /// What each source told of each of the sessions, by session and source. Engines that count without
    /// reading the evidence answer it themselves.
    async fn session_sources(&self, sessions: &[SessionId]) -> Result<Vec<SessionSource>, StoreError> {
        let mut told: BTreeMap<(SessionId, Source), (u64, Timestamp)> = BTreeMap::new();
        for batch in self.evidence(sessions).await? {
            let newest_at = batch.newest_at();
            let (records, newest) = told.entry((batch.session, batch.source)).or_insert((0, Timestamp::MIN));
            *records += batch.records.len() as u64;
            *newest = newest_at.max(*newest);
        }
        let told = told.into_iter().map(|((session, source), (records, newest_at))| SessionSource {
            session,
            source,
            records,
            newest_at,
        });
        Ok(told.collect())
    }
}

/// The postings that remain when reversals are taken off: what the lines amount to.
///
/// A posting that stands several times is returned as often. Order is the postings' own.
pub fn net(lines: impl IntoIterator<Item = LedgerLine>) -> Vec<Posting> {
    let mut counts: BTreeMap<Posting, i64> = BTreeMap::new();
    for line in lines {
        *counts.entry(line.posting).or_default() += line.sign.factor();
    }
    counts
        .into_iter()
        .flat_map(|(posting, count)| std::iter::repeat_n(posting, usize::try_from(count).unwrap_or(0)))
        .collect()
}
