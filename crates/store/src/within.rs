//! One organization's part of the store.

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, SessionId, SessionSource, Source, SourceSummary,
    Timestamp,
};

use crate::{Dimension, Filter, LineQuery, Query, Row, Store, StoreError, Transaction, Value};

/// What came in for some tenants, and nothing else, as a store to read.
///
/// Whoever asks for one organization asks this instead of the whole store, so that no question can forget to
/// leave the others out. Nothing can be appended through it.
pub struct Within {
    store: Arc<dyn Store>,
    tenants: Vec<OrganizationId>,
}

impl Within {
    /// The part of the store that belongs to these tenants; the empty id stands for data that came in for
    /// none.
    pub const fn new(store: Arc<dyn Store>, tenants: Vec<OrganizationId>) -> Self {
        Self { store, tenants }
    }

    fn has(&self, session: &SessionId) -> bool {
        self.tenants.iter().any(|tenant| tenant.as_str() == session.tenant())
    }

    fn own(&self, sessions: &[SessionId]) -> Vec<SessionId> {
        sessions.iter().filter(|session| self.has(session)).cloned().collect()
    }

    fn narrowed(&self, filter: &Filter) -> Filter {
        let tenants = self.tenants.iter().map(|tenant| Value::from(tenant.as_str())).collect();
        let mut filter = filter.clone();
        filter.among.push((Dimension::Tenant, tenants));
        filter
    }
}

#[async_trait]
impl Store for Within {
    async fn append(&self, _: Transaction) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        self.store.boundary().await
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        self.store.evidence(&self.own(sessions)).await
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        self.store.session_lines(&self.own(sessions)).await
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.own(&self.store.sessions_since(posted_at, newest_at).await?))
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        self.store.dated_evidence(&self.own(sessions)).await
    }

    async fn evidence_from(
        &self,
        source: Source,
        sessions: &[SessionId],
    ) -> Result<Vec<EvidenceBatch>, StoreError> {
        self.store.evidence_from(source, &self.own(sessions)).await
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        self.store.priced_with().await
    }

    async fn note_priced_with(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        let mut found = self.store.sessions_of_requests(requests, messages).await?;
        found.retain(|(_, session)| self.has(session));
        Ok(found)
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        let mut pairs = self.store.kin(&self.own(sessions)).await?;
        pairs.retain(|(_, relative)| self.has(relative));
        Ok(pairs)
    }

    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        self.store.aggregate(&Query { filter: self.narrowed(&query.filter), ..query.clone() }).await
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        self.store.lines(&LineQuery { filter: self.narrowed(&query.filter), ..query.clone() }).await
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.store.sources_of(&self.tenants, from, until).await
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        let tenants: Vec<_> = self.tenants.iter().filter(|own| tenants.contains(own)).cloned().collect();
        self.store.sources_of(&tenants, from, until).await
    }

    async fn session_sources(&self, sessions: &[SessionId]) -> Result<Vec<SessionSource>, StoreError> {
        self.store.session_sources(&self.own(sessions)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{
        EvidenceBatch, ItemKey, Kind, Observation, Posting, Prompt, Record, RecordKey, Sign, Source,
    };

    use super::*;
    use crate::{Figure, Group, Measure, MemoryStore};

    /// The organizations that have a session of the same id.
    const TENANTS: [&str; 3] = ["", "a", "b"];

    fn session(tenant: &str) -> SessionId {
        SessionId::new("s").within(&tenant.into())
    }

    fn request(tenant: &str, requests: i64) -> Posting {
        let key = ItemKey::of("request", "1");
        let mut posting = Posting::new(Kind::Request, Timestamp::default(), session(tenant), key);
        posting.tenant = tenant.into();
        posting.request = Some(key);
        posting.measures.requests = requests;
        posting
    }

    fn evidence(tenant: &str) -> EvidenceBatch {
        let record = Record {
            key: RecordKey::of(&[b"the same everywhere"]),
            session: session(tenant),
            at: Timestamp::default(),
            source: Source::Events,
            context: Default::default(),
            observation: Observation::Prompt(Prompt::default()),
            extra: Vec::new(),
        };
        EvidenceBatch { session: session(tenant), source: Source::Events, records: vec![record] }
    }

    async fn store() -> Arc<dyn Store> {
        let store = MemoryStore::new();
        let pair = |tenant: &str| (session(tenant), SessionId::new("kin").within(&tenant.into()));
        let transaction = Transaction {
            posted_at: Timestamp::from_seconds(1),
            evidence: TENANTS.map(evidence).to_vec(),
            lines: vec![
                (Sign::Entry, request("", 1)),
                (Sign::Entry, request("a", 10)),
                (Sign::Entry, request("b", 100)),
            ]
            .into(),
            kin: TENANTS.map(pair).to_vec(),
        };
        store.append(transaction).await.unwrap();
        Arc::new(store)
    }

    #[tokio::test]
    async fn every_question_is_answered_from_the_tenants_own() {
        let (whole, everybody) = (store().await, TENANTS.map(session));
        for (tenants, requests) in [(&["a"][..], 10), (&["b"], 100), (&["", "a"], 11), (&["c"], 0), (&[], 0)]
        {
            let view =
                Within::new(Arc::clone(&whole), tenants.iter().map(|tenant| (*tenant).into()).collect());
            let own: Vec<_> = tenants.iter().filter(|tenant| TENANTS.contains(tenant)).collect();
            let figures = vec![Figure::Sum(Measure::Requests)];
            let sum = view.aggregate(&Query { figures, ..Query::default() }).await.unwrap();
            assert_eq!(sum.first().map_or(0, |row| row.figures[0]), requests, "{tenants:?}");

            let is_own = |session: &SessionId| own.iter().any(|tenant| **tenant == session.tenant());
            let lines = view.lines(&LineQuery { limit: 9, ..LineQuery::default() }).await.unwrap();
            assert!(lines.iter().all(|line| is_own(&line.posting.session)));
            let by_session = view.session_lines(&everybody).await.unwrap();
            let batches = view.evidence(&everybody).await.unwrap();
            assert!(batches.iter().all(|batch| is_own(&batch.session)));
            let since = view.sessions_since(Timestamp::MIN, Timestamp::MIN).await.unwrap();
            let holders = view.sessions_of_requests(&[ItemKey::of("request", "1")], &[]).await.unwrap();
            let kin = view.kin(&everybody).await.unwrap();
            let counts =
                [lines.len(), by_session.len(), batches.len(), since.len(), holders.len(), kin.len()];
            assert_eq!(counts, [own.len(); 6], "{tenants:?}");
            let told = view.session_sources(&everybody).await.unwrap();
            assert_eq!(told.len(), own.len(), "{tenants:?}");
            let sources = view.sources(None, None).await.unwrap();
            assert_eq!(sources.iter().map(|source| source.records).sum::<u64>(), own.len() as u64);
        }
    }

    #[tokio::test]
    async fn a_filter_of_the_question_does_not_widen_it() {
        let view = Within::new(store().await, vec!["a".into()]);
        let filter = Filter { among: vec![(Dimension::Tenant, vec![Value::from("b")])], ..Filter::default() };
        let figures = vec![Figure::Sum(Measure::Requests)];
        let group_by = vec![Group::Dimension(Dimension::Tenant)];
        let query = Query { filter, figures, group_by, ..Query::default() };
        assert_eq!(view.aggregate(&query).await.unwrap(), []);
        assert_eq!(view.sources_of(&["b".into()], None, None).await.unwrap(), []);
    }

    #[tokio::test]
    async fn nothing_can_be_written() {
        let view = Within::new(store().await, vec!["a".into()]);
        let refused = view.append(Transaction::default()).await;
        assert!(matches!(refused, Err(StoreError::ReadOnly)));
    }
}
