//! What an engine must do.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, Lines, OrganizationId, Posting, SessionId, SessionSource, Source,
    SourceSummary, Timestamp,
};

use crate::{LineQuery, Query, Row, Seal, StoreError};

/// What one transaction adds. All of it is kept, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// The transaction's time: later than every earlier one's.
    pub posted_at: Timestamp,
    /// New records.
    pub evidence: Vec<EvidenceBatch>,
    /// New ledger lines.
    pub lines: Lines,
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
    /// What was staged becomes durable with it; after an error nothing of that is kept either.
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError>;

    /// Adds a transaction that more will follow, so that an engine may make all of them durable together, which is
    /// cheaper: with the next [`Store::append`] or [`Store::confirm`]. Until then the writer's own look-ups find it, and
    /// others may or may not. After an error here or there nothing is kept of all that was staged.
    async fn stage(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.append(transaction).await
    }

    /// Makes everything durable that was staged.
    async fn confirm(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The time of the newest transaction, of those that are durable; [`Timestamp::MIN`] while there is none.
    async fn boundary(&self) -> Result<Timestamp, StoreError>;

    /// All evidence of the sessions, oldest transaction first. Unknown sessions have none; of sealed ones it
    /// is what came after the seal.
    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError>;

    /// The same, each batch with the time of the transaction that brought it; [`Timestamp::MIN`] where an
    /// engine does not tell.
    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        Ok(self.evidence(sessions).await?.into_iter().map(|batch| (Timestamp::MIN, batch)).collect())
    }

    /// All evidence of the sessions that came from one source, as [`Store::evidence`] has it. For whoever looks at many
    /// sessions: what the other sources told need not be unpacked.
    async fn evidence_from(
        &self,
        source: Source,
        sessions: &[SessionId],
    ) -> Result<Vec<EvidenceBatch>, StoreError> {
        let mut evidence = self.evidence(sessions).await?;
        evidence.retain(|batch| batch.source == source);
        Ok(evidence)
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

    /// The newest seal of each of the sessions that has one; see [`crate::Maintenance::seal`].
    async fn seals(&self, sessions: &[SessionId]) -> Result<Vec<Seal>, StoreError> {
        let _ = sessions;
        Ok(Vec::new())
    }

    /// Those of the sessions that were forgotten; see [`crate::Maintenance::forget`]. Nothing of them may be
    /// appended.
    async fn forgotten(&self, sessions: &[SessionId]) -> Result<Vec<SessionId>, StoreError> {
        let _ = sessions;
        Ok(Vec::new())
    }

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
    balance(lines).0
}

/// The same, and beside it the postings that were taken back more often than they were entered, as often as that:
/// in a ledger without faults there are none.
pub fn balance(lines: impl IntoIterator<Item = LedgerLine>) -> (Vec<Posting>, Vec<Posting>) {
    let lines: Vec<LedgerLine> = lines.into_iter().collect();
    // Postings are large: it is their places that are sorted, and each is moved once.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_unstable_by(|left, right| lines[*left].posting.cmp(&lines[*right].posting));
    let alike = order.chunk_by(|left, right| lines[*left].posting == lines[*right].posting);
    let count_of = |places: &[usize]| places.iter().map(|place| lines[*place].sign.factor()).sum::<i64>();
    let counts: Vec<(usize, i64)> = alike.map(|places| (places[0], count_of(places))).collect();
    let mut postings: Vec<Option<Posting>> = lines.into_iter().map(|line| Some(line.posting)).collect();
    let (mut standing, mut overdrawn) = (Vec::with_capacity(counts.len()), Vec::new());
    for (place, count) in counts {
        let side = if count > 0 { &mut standing } else { &mut overdrawn };
        if let Some(posting) = postings[place].take() {
            let times = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            side.extend(std::iter::repeat_n(posting, times));
        }
    }
    (standing, overdrawn)
}

/// The lines without the pairs of an entry and its reversal that were both posted before an instant. Sums and
/// counts at every boundary from that instant on stay as they are.
pub fn folded(lines: Vec<LedgerLine>, before: Timestamp) -> Vec<LedgerLine> {
    let mut counts: BTreeMap<&Posting, i64> = BTreeMap::new();
    let is_old = |line: &&LedgerLine| line.posted_at < before;
    for line in lines.iter().filter(is_old) {
        *counts.entry(&line.posting).or_default() += line.sign.factor();
    }
    // Of the lines of one posting the oldest stay, as many as the others leave.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|place| lines.get(*place).map(|line| line.posted_at));
    let mut stays = vec![true; lines.len()];
    for place in order {
        let Some(line) = lines.get(place).filter(is_old) else { continue };
        let Some(left) = counts.get_mut(&line.posting) else { continue };
        let is_left = *left * line.sign.factor() > 0;
        if is_left {
            *left -= line.sign.factor();
        }
        if let Some(stays) = stays.get_mut(place) {
            *stays = is_left;
        }
    }
    let mut stays = stays.into_iter();
    lines.into_iter().filter(|_| stays.next().unwrap_or(true)).collect()
}
