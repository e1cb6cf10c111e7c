//! The reference: everything in memory, nothing clever.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, Kind, LedgerLine, OrganizationId, SessionId, Sign, Source, SourceSummary,
    TeamBook, Timestamp,
};

use crate::{
    Audit, Figure, Filter, Group, LineQuery, Maintenance, Measure, Order, PackedBatch, Query, Rewriting,
    Rewritten, Row, Seal, SessionSpan, Store, StoreError, Stretch, Transaction, Value, Wear, codec, folded,
};

/// A store that keeps everything in memory and forgets it when dropped. The oracle of the conformance
/// suite; its answers are meant to be obvious, not quick.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: RwLock<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    boundary: Option<Timestamp>,
    transactions: BTreeSet<Timestamp>,
    evidence: Vec<(Timestamp, EvidenceBatch)>,
    lines: Vec<LedgerLine>,
    kin: BTreeSet<(SessionId, SessionId)>,
    priced_with: Option<String>,
    seals: BTreeMap<SessionId, Seal>,
    /// Batches whose newest record is older than the first and that came up to the second are thin.
    thinned: Option<(Timestamp, Timestamp)>,
    /// Batches that were posted before this are together.
    gathered: Timestamp,
    /// Ids that are kept whole: this store is for comparing.
    forgotten: BTreeSet<SessionId>,
}

impl Contents {
    /// The batches that can be read, with the times of their transactions.
    fn readable(&self) -> impl Iterator<Item = &(Timestamp, EvidenceBatch)> {
        self.evidence.iter().filter(|(posted_at, batch)| {
            self.seals.get(&batch.session).is_none_or(|seal| *posted_at > seal.posted_at)
        })
    }

    /// Places of the batches that are to be thinned.
    fn thick(&self, before: Timestamp) -> impl Iterator<Item = usize> {
        let is_thin = move |posted_at: Timestamp, newest: Timestamp| {
            self.thinned.is_some_and(|(until, boundary)| newest < until && posted_at <= boundary)
        };
        let is_thick = move |(posted_at, batch): &(Timestamp, EvidenceBatch)| {
            let newest = batch.newest_at();
            let is_readable = self.seals.get(&batch.session).is_none_or(|seal| *posted_at > seal.posted_at);
            newest < before && !is_thin(*posted_at, newest) && is_readable
        };
        let places = self.evidence.iter().enumerate();
        places.filter(move |(_, batch)| is_thick(batch)).map(|(place, _)| place)
    }

    /// How many batches fewer there could be.
    fn scattered(&self, before: Timestamp) -> u64 {
        let of_time = self.readable().filter(|(posted_at, _)| (self.gathered..before).contains(posted_at));
        let owners: Vec<_> = of_time.map(|(_, batch)| (&batch.session, batch.source)).collect();
        (owners.len() - owners.iter().collect::<BTreeSet<_>>().len()) as u64
    }

    /// Puts batches together that can be read and were posted before an instant, as if they came with the newest.
    fn gather(&mut self, before: Timestamp) {
        let mut together: BTreeMap<(SessionId, Source), (Timestamp, EvidenceBatch)> = BTreeMap::new();
        let mut evidence = Vec::new();
        for (posted_at, mut batch) in std::mem::take(&mut self.evidence) {
            let is_sealed = self.seals.get(&batch.session).is_some_and(|seal| posted_at <= seal.posted_at);
            if is_sealed || posted_at >= before {
                evidence.push((posted_at, batch));
                continue;
            }
            let owner = (batch.session.clone(), batch.source);
            if let Some((newest, earlier)) = together.get_mut(&owner) {
                *newest = posted_at;
                earlier.records.append(&mut batch.records);
            } else {
                together.insert(owner, (posted_at, batch));
            }
        }
        evidence.extend(together.into_values());
        evidence.sort_by_key(|(posted_at, _)| *posted_at);
        self.evidence = evidence;
        self.gathered = self.gathered.max(before);
    }

    fn is_forgotten(&self, session: &SessionId) -> bool {
        self.forgotten.contains(session)
    }
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

impl Contents {
    /// The lines that fulfil every condition, in the filter's teams.
    fn matching<'a>(
        &'a self,
        filter: &'a Filter,
        as_of: Option<Timestamp>,
    ) -> impl Iterator<Item = Cow<'a, LedgerLine>> {
        let told = self.evidence.iter().filter(|(posted_at, batch)| {
            filter.told_by.contains(&batch.source) && as_of.is_none_or(|boundary| *posted_at <= boundary)
        });
        let told: BTreeSet<SessionId> = told.map(|(_, batch)| batch.session.clone()).collect();
        let is_told = move |session: &SessionId| filter.told_by.is_empty() || told.contains(session);
        let lines = self.lines.iter().map(|line| in_team(line, filter.teams.as_deref()));
        lines.filter(move |line| matches(line, filter, as_of) && is_told(&line.posting.session))
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
        contents.transactions.insert(posted_at);
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
        let wanted = contents.readable().filter(|(_, batch)| sessions.contains(&batch.session));
        Ok(wanted.map(|(_, batch)| batch.clone()).collect())
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        let contents = self.read();
        let wanted = contents.readable().filter(|(_, batch)| sessions.contains(&batch.session));
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

    async fn seals(&self, sessions: &[SessionId]) -> Result<Vec<Seal>, StoreError> {
        let contents = self.read();
        Ok(sessions.iter().filter_map(|session| contents.seals.get(session).cloned()).collect())
    }

    async fn forgotten(&self, sessions: &[SessionId]) -> Result<Vec<SessionId>, StoreError> {
        let contents = self.read();
        Ok(sessions.iter().filter(|session| contents.is_forgotten(session)).cloned().collect())
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
        let matching: Vec<_> = contents.matching(&query.filter, query.as_of).collect();
        let mut groups: BTreeMap<Vec<Value>, Vec<&LedgerLine>> = BTreeMap::new();
        for line in &matching {
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
        let mut lines: Vec<_> = contents.matching(&query.filter, query.as_of).map(Cow::into_owned).collect();
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

/// A few rows from a place on, and where those after them begin.
fn part_of<T>(rows: impl Iterator<Item = T>, from: u64) -> (Vec<T>, Option<u64>) {
    /// So few that whoever reads all has to ask again.
    const ROWS_AT_ONCE: usize = 7;
    let mut rows = rows.skip(usize::try_from(from).unwrap_or(usize::MAX));
    let part: Vec<T> = rows.by_ref().take(ROWS_AT_ONCE).collect();
    let next = rows.next().map(|_| from + ROWS_AT_ONCE as u64);
    (part, next)
}

#[async_trait]
impl Maintenance for MemoryStore {
    async fn sessions(
        &self,
        after: Option<&SessionId>,
        limit: usize,
    ) -> Result<Vec<SessionSpan>, StoreError> {
        let contents = self.read();
        let mut spans: BTreeMap<&SessionId, SessionSpan> = BTreeMap::new();
        for (_, batch) in contents.evidence.iter().filter(|(_, batch)| !contents.is_forgotten(&batch.session))
        {
            let (session, newest_at) = (&batch.session, batch.newest_at());
            let span = spans.entry(session).or_insert_with(|| SessionSpan {
                session: session.clone(),
                newest_at,
                records: 0,
            });
            span.newest_at = span.newest_at.max(newest_at);
        }
        for (_, batch) in contents.readable() {
            if let Some(span) = spans.get_mut(&batch.session) {
                span.records += batch.records.len() as u64;
            }
        }
        let following = spans.into_values().filter(|span| after.is_none_or(|after| span.session > *after));
        Ok(following.take(limit).collect())
    }

    async fn sessions_of_actor(&self, name: &str) -> Result<Vec<SessionId>, StoreError> {
        let contents = self.read();
        let own = contents.lines.iter().filter(|line| line.posting.actor.name() == name);
        let sessions: BTreeSet<_> = own.map(|line| line.posting.session.clone()).collect();
        Ok(sessions.into_iter().filter(|session| !contents.is_forgotten(session)).collect())
    }

    async fn evidence_in_order(
        &self,
        from: u64,
        until: Timestamp,
    ) -> Result<Stretch<PackedBatch>, StoreError> {
        let contents = self.read();
        let wanted = contents
            .readable()
            .filter(|(posted_at, batch)| *posted_at <= until && !contents.is_forgotten(&batch.session));
        let mut encoder = codec::Encoder::new()?;
        let (rows, next) = part_of(wanted, from);
        let packed = rows.into_iter().map(|(posted_at, batch)| {
            Ok(PackedBatch {
                posted_at: *posted_at,
                session: batch.session.clone(),
                source: batch.source,
                records: batch.records.len() as u64,
                payload: encoder.encode(batch)?,
            })
        });
        Ok(Stretch { rows: packed.collect::<Result<_, StoreError>>()?, next })
    }

    async fn lines_in_order(&self, from: u64, until: Timestamp) -> Result<Stretch<LedgerLine>, StoreError> {
        let contents = self.read();
        let wanted = contents
            .lines
            .iter()
            .filter(|line| line.posted_at <= until && !contents.is_forgotten(&line.posting.session));
        let (rows, next) = part_of(wanted, from);
        Ok(Stretch { rows: rows.into_iter().cloned().collect(), next })
    }

    async fn seal(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        let posted_at = contents.boundary.unwrap_or(Timestamp::MIN);
        for session in sessions {
            let own = contents.evidence.iter().filter(|(_, batch)| batch.session == *session);
            let Some(newest_at) = own.map(|(_, batch)| batch.newest_at()).max() else { continue };
            let seal = Seal { session: session.clone(), posted_at, newest_at };
            contents.seals.insert(session.clone(), seal);
        }
        Ok(())
    }

    async fn forget(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        contents.forgotten.extend(sessions.iter().cloned());
        Ok(())
    }

    async fn wear(&self, how: Rewriting) -> Result<Wear, StoreError> {
        let contents = self.read();
        let is_folded = |line: &&LedgerLine| {
            line.sign == Sign::Reversal && how.fold_before.is_some_and(|before| line.posted_at < before)
        };
        Ok(Wear {
            lines: contents.lines.len() as u64,
            reversals: contents.lines.iter().filter(is_folded).count() as u64,
            batches: contents.evidence.len() as u64,
            scattered: how.fold_before.map_or(0, |before| contents.scattered(before)),
            thick: how.thin.map_or(0, |thin| contents.thick(thin.before).count() as u64),
        })
    }

    async fn rewrite(&self, how: Rewriting) -> Result<Rewritten, StoreError> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        let before = contents.lines.len() as u64;
        let gone = contents.forgotten.clone();
        contents.evidence.retain(|(_, batch)| !gone.contains(&batch.session));
        contents.kin.retain(|(session, relative)| !gone.contains(session) && !gone.contains(relative));
        contents.seals.retain(|session, _| !gone.contains(session));
        contents.lines.retain(|line| !gone.contains(&line.posting.session));
        if let Some(thinning) = how.thin {
            let thick: Vec<usize> = contents.thick(thinning.before).collect();
            for place in thick {
                contents.evidence[place].1.records.iter_mut().for_each(thinning.thin);
            }
            contents.thinned = contents.boundary.map(|boundary| (thinning.before, boundary));
        }
        if let Some(before) = how.fold_before {
            contents.lines = folded(std::mem::take(&mut contents.lines), before);
            contents.gather(before);
        }
        Ok(Rewritten { lines: (before, contents.lines.len() as u64), bytes: (0, 0) })
    }

    async fn audit(&self) -> Result<Audit, StoreError> {
        let contents = self.read();
        let named = |sessions: BTreeSet<&SessionId>| -> Vec<SessionId> {
            sessions.into_iter().take(Audit::MOST).cloned().collect()
        };
        let requests = || contents.lines.iter().filter(|line| line.posting.kind == Kind::Request);
        let mut standing: BTreeMap<_, i64> = BTreeMap::new();
        for line in requests() {
            *standing.entry((&line.posting.tenant, line.posting.item)).or_default() += line.sign.factor();
        }
        let is_doubled = |line: &&LedgerLine| standing[&(&line.posting.tenant, line.posting.item)] > 1;
        let told: BTreeSet<&SessionId> = contents.evidence.iter().map(|(_, batch)| &batch.session).collect();
        let has_kin: BTreeSet<&SessionId> = contents.kin.iter().map(|(session, _)| session).collect();
        let of_lines = contents.lines.iter().map(|line| (line.posted_at, &line.posting.session));
        let of_evidence = contents.evidence.iter().map(|(posted_at, batch)| (*posted_at, &batch.session));
        let is_untimed =
            |(posted_at, _): &(Timestamp, &SessionId)| !contents.transactions.contains(posted_at);
        let is_lopsided = |(session, relative): &&(SessionId, SessionId)| {
            !contents.kin.contains(&(relative.clone(), session.clone()))
        };
        Ok(Audit {
            lines: contents.lines.len() as u64,
            records: contents.evidence.iter().map(|(_, batch)| batch.records.len() as u64).sum(),
            transactions: contents.transactions.len() as u64,
            doubled: named(requests().filter(is_doubled).map(|line| &line.posting.session).collect()),
            unfounded: named(
                of_lines
                    .clone()
                    .map(|(_, session)| session)
                    .filter(|session| !told.contains(session) && !has_kin.contains(session))
                    .collect(),
            ),
            untimed: named(
                of_lines.chain(of_evidence).filter(is_untimed).map(|(_, session)| session).collect(),
            ),
            lopsided: named(contents.kin.iter().filter(is_lopsided).map(|(session, _)| session).collect()),
            wrongly_added: Vec::new(),
        })
    }

    async fn back_up(&self, _file: &Path) -> Result<Timestamp, StoreError> {
        Err(StoreError::Engine("what is only in memory cannot be backed up".into()))
    }
}

/// The line, with the book's team in place of the sender's.
fn in_team<'a>(line: &'a LedgerLine, teams: Option<&TeamBook>) -> Cow<'a, LedgerLine> {
    let Some(team) = teams.and_then(|book| book.team_of(line.posting.actor.name())) else {
        return Cow::Borrowed(line);
    };
    let mut line = line.clone();
    line.posting.team = team.into();
    Cow::Owned(line)
}

fn matches(line: &LedgerLine, filter: &Filter, as_of: Option<Timestamp>) -> bool {
    let posting = &line.posting;
    as_of.is_none_or(|boundary| line.posted_at <= boundary)
        && filter.posted_after.is_none_or(|boundary| line.posted_at > boundary)
        && (filter.kinds.is_empty() || filter.kinds.contains(&posting.kind))
        && filter.from.is_none_or(|from| posting.at >= from)
        && filter.until.is_none_or(|until| posting.at < until)
        && (filter.any_of.is_empty() || filter.any_of.iter().any(|measure| value_of(*measure, line) != 0))
        && filter
            .among
            .iter()
            .all(|(dimension, values)| values.contains(&(dimension.column().get)(posting).to_value()))
}

fn value_of(measure: Measure, line: &LedgerLine) -> i64 {
    (measure.column().get)(&line.posting).to_value().as_integer()
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
            let signed =
                lines.iter().map(|line| i128::from(value_of(measure, line)) * i128::from(line.sign.factor()));
            signed.sum()
        }
        Figure::Distinct(dimension, kind) => {
            let of_kind = lines.iter().filter(|line| kind.is_none_or(|kind| line.posting.kind == kind));
            let remaining = remaining_by(of_kind, |line| (dimension.column().get)(&line.posting).to_value());
            remaining.len() as i128
        }
        Figure::Percentile(measure, permille) => percentile(lines, measure, permille),
        Figure::Earliest => instant(remaining_by(lines.iter(), |line| line.posting.at).first()),
        Figure::Latest => instant(remaining_by(lines.iter(), |line| line.posting.at).last()),
        Figure::Lines => lines.len() as i128,
    }
}

/// The value of the nearest rank, counted through one by one.
fn percentile(lines: &[&LedgerLine], measure: Measure, permille: u16) -> i128 {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for line in lines {
        *counts.entry(value_of(measure, line)).or_default() += line.sign.factor();
    }
    counts.retain(|value, count| *value != 0 && *count > 0);
    let total: i64 = counts.values().sum();
    let mut reached = 0;
    let found = counts.into_iter().find(|(_, count)| {
        reached += count;
        reached * 1_000 >= total * i64::from(permille)
    });
    found.map_or(0, |(value, _)| value.into())
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
    use crate::conformance::{self, Bench, MaintenanceBench};

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

    #[async_trait]
    impl MaintenanceBench for InMemory {
        async fn open_for_maintenance(&self) -> Arc<dyn Maintenance> {
            Arc::new(MemoryStore::new())
        }

        fn backup(&self) -> Option<std::path::PathBuf> {
            None
        }

        async fn open_backup(&self, _file: std::path::PathBuf) -> Arc<dyn Store> {
            self.open().await
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms_when_it_is_looked_after() {
        conformance::run_maintenance(|| InMemory).await;
        conformance::run_maintenance_beside_writing(|| InMemory).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms() {
        conformance::run(|| InMemory).await;
        conformance::run_at_length(|| InMemory).await;
    }
}
