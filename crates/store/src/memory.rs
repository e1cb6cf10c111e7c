//! The reference: everything in memory, nothing clever.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, SessionId, Source, SourceSummary, Timestamp,
};

use crate::{Figure, Filter, Group, LineQuery, Order, Query, Row, Store, StoreError, Transaction, Value};

/// A store that keeps everything in memory and forgets it when dropped. The oracle of the conformance
/// suite; its answers are meant to be obvious, not quick.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: RwLock<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    boundary: Option<Timestamp>,
    evidence: Vec<(Timestamp, EvidenceBatch)>,
    lines: Vec<LedgerLine>,
    kin: BTreeSet<(SessionId, SessionId)>,
    priced_with: Option<String>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        let posted_at = transaction.posted_at;
        if let Some(boundary) = contents.boundary
            && posted_at <= boundary
        {
            return Err(StoreError::OutOfOrder { posted_at, boundary });
        }
        contents.boundary = Some(posted_at);
        contents.evidence.extend(transaction.evidence.into_iter().map(|batch| (posted_at, batch)));
        let lines = transaction.lines.into_iter();
        contents.lines.extend(lines.map(|(sign, posting)| LedgerLine { posted_at, sign, posting }));
        for (session, relative) in transaction.kin {
            contents.kin.insert((session.clone(), relative.clone()));
            contents.kin.insert((relative, session));
        }
        Ok(())
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        Ok(self.read().boundary.unwrap_or(Timestamp::MIN))
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        let contents = self.read();
        let wanted = contents.evidence.iter().filter(|(_, batch)| sessions.contains(&batch.session));
        Ok(wanted.map(|(_, batch)| batch.clone()).collect())
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        let contents = self.read();
        let wanted = contents.evidence.iter().filter(|(_, batch)| sessions.contains(&batch.session));
        Ok(wanted.cloned().collect())
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        let contents = self.read();
        Ok(contents.lines.iter().filter(|line| sessions.contains(&line.posting.session)).cloned().collect())
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let contents = self.read();
        let recent = contents.evidence.iter();
        let recent = recent.filter(|(at, batch)| *at >= posted_at && batch.newest_at() >= newest_at);
        let sessions: BTreeSet<_> = recent.map(|(_, batch)| batch.session.clone()).collect();
        Ok(sessions.into_iter().collect())
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        let contents = self.read();
        let mut found = BTreeSet::new();
        for line in &contents.lines {
            let posting = &line.posting;
            let request = posting.request.filter(|key| requests.contains(key));
            let message = posting.message.filter(|key| messages.contains(key));
            found.extend(request.into_iter().chain(message).map(|key| (key, posting.session.clone())));
        }
        Ok(found.into_iter().collect())
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        let contents = self.read();
        Ok(contents.kin.iter().filter(|(session, _)| sessions.contains(session)).cloned().collect())
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        Ok(self.read().priced_with.clone())
    }

    async fn note_priced_with(&self, version: &str) -> Result<(), StoreError> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        contents.priced_with = Some(version.to_owned());
        Ok(())
    }

    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        let contents = self.read();
        let mut groups: BTreeMap<Vec<Value>, Vec<&LedgerLine>> = BTreeMap::new();
        for line in contents.lines.iter().filter(|line| matches(line, &query.filter, query.as_of)) {
            let keys = query.group_by.iter().map(|group| key_of(line, group)).collect();
            groups.entry(keys).or_default().push(line);
        }
        let rows = groups.into_iter().map(|(keys, lines)| {
            let figures = query.figures.iter().map(|figure| figure_of(*figure, &lines)).collect();
            Row { keys, figures }
        });
        let mut rows: Vec<_> = rows.filter(|row| row.figures.iter().any(|figure| *figure != 0)).collect();
        if let Some(Order::LargestFirst(index)) = query.order {
            rows.sort_by(|a, b| b.figures[index].cmp(&a.figures[index]).then_with(|| a.keys.cmp(&b.keys)));
        }
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(rows)
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        let contents = self.read();
        let wanted = contents.lines.iter().filter(|line| matches(line, &query.filter, query.as_of));
        let mut lines: Vec<_> = wanted.cloned().collect();
        lines.sort_by(|a, b| b.posting.at.cmp(&a.posting.at).then(b.posted_at.cmp(&a.posted_at)));
        lines.truncate(query.limit);
        Ok(lines)
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        Ok(summaries(&self.read(), |batch| is_in_range(batch, from, until)))
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        let is_theirs = |session: &SessionId| tenants.iter().any(|own| own.as_str() == session.tenant());
        Ok(summaries(&self.read(), |batch| is_theirs(&batch.session) && is_in_range(batch, from, until)))
    }
}

fn is_in_range(batch: &EvidenceBatch, from: Option<Timestamp>, until: Option<Timestamp>) -> bool {
    let newest = batch.newest_at();
    from.is_none_or(|from| newest >= from) && until.is_none_or(|until| newest < until)
}

fn summaries(contents: &Contents, is_wanted: impl Fn(&EvidenceBatch) -> bool) -> Vec<SourceSummary> {
    let summary = |source: Source| {
        let batches = contents.evidence.iter().map(|(_, batch)| batch);
        let batches: Vec<_> = batches.filter(|batch| batch.source == source && is_wanted(batch)).collect();
        let sessions: BTreeSet<_> = batches.iter().map(|batch| &batch.session).collect();
        let newest_at = batches.iter().map(|batch| batch.newest_at()).max()?;
        let records = batches.iter().map(|batch| batch.records.len() as u64).sum();
        Some(SourceSummary { source, sessions: sessions.len() as u64, records, newest_at })
    };
    Source::ALL.into_iter().filter_map(summary).collect()
}

fn matches(line: &LedgerLine, filter: &Filter, as_of: Option<Timestamp>) -> bool {
    let posting = &line.posting;
    as_of.is_none_or(|boundary| line.posted_at <= boundary)
        && filter.posted_after.is_none_or(|boundary| line.posted_at > boundary)
        && (filter.kinds.is_empty() || filter.kinds.contains(&posting.kind))
        && filter.from.is_none_or(|from| posting.at >= from)
        && filter.until.is_none_or(|until| posting.at < until)
        && filter
            .among
            .iter()
            .all(|(dimension, values)| values.contains(&(dimension.column().get)(posting).to_value()))
}

fn key_of(line: &LedgerLine, group: &Group) -> Value {
    match group {
        Group::Dimension(dimension) => (dimension.column().get)(&line.posting).to_value(),
        Group::Time(bucket) => Value::Integer(bucket.bucket_of(line.posting.at)),
    }
}

fn figure_of(figure: Figure, lines: &[&LedgerLine]) -> i128 {
    match figure {
        Figure::Sum(measure) => {
            let signed = lines.iter().map(|line| {
                let value = (measure.column().get)(&line.posting).to_value().as_integer();
                i128::from(value) * i128::from(line.sign.factor())
            });
            signed.sum()
        }
        Figure::Distinct(dimension, kind) => {
            let of_kind = lines.iter().filter(|line| kind.is_none_or(|kind| line.posting.kind == kind));
            let remaining = remaining_by(of_kind, |line| (dimension.column().get)(&line.posting).to_value());
            remaining.len() as i128
        }
        Figure::Earliest => instant(remaining_by(lines.iter(), |line| line.posting.at).first()),
        Figure::Latest => instant(remaining_by(lines.iter(), |line| line.posting.at).last()),
        Figure::Lines => lines.len() as i128,
    }
}

/// The values with at least one line left after reversals.
fn remaining_by<'a, V: Ord>(
    lines: impl Iterator<Item = &'a &'a LedgerLine>,
    value: impl Fn(&LedgerLine) -> V,
) -> BTreeSet<V> {
    let mut counts: BTreeMap<V, i64> = BTreeMap::new();
    for line in lines {
        *counts.entry(value(line)).or_default() += line.sign.factor();
    }
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(value, _)| value).collect()
}

fn instant(at: Option<&Timestamp>) -> i128 {
    at.map_or(0, |at| i128::from(at.as_micros()))
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance::{self, Bench};

    struct InMemory;

    #[async_trait]
    impl Bench for InMemory {
        async fn open(&self) -> Arc<dyn Store> {
            Arc::new(MemoryStore::new())
        }

        fn is_durable(&self) -> bool {
            false
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms() {
        conformance::run(|| InMemory).await;
        conformance::run_at_length(|| InMemory).await;
    }
}
