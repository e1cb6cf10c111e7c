//! The store with people in the teams that the operator put them in.

use std::sync::Arc;

use async_trait::async_trait;
use model::{
    EvidenceBatch, ItemKey, LedgerLine, OrganizationId, SessionId, SessionSource, Source, SourceSummary,
    TeamBook, Timestamp,
};

use crate::{LineQuery, Query, Row, Seal, Store, StoreError, Transaction};

/// A store to read in which everybody in a team book is of the book's team.
///
/// The ledger keeps the team that a sender told. Whoever shows figures asks this instead, so that no question can
/// forget the book, and a change of the book regroups all of history at once.
pub struct InTeams {
    store: Arc<dyn Store>,
    book: Arc<TeamBook>,
}

impl InTeams {
    /// The store by this book; the store itself when nobody is in it.
    pub fn over(store: &Arc<dyn Store>, book: &Arc<TeamBook>) -> Arc<dyn Store> {
        if book.is_empty() {
            return Arc::clone(store);
        }
        Arc::new(Self { store: Arc::clone(store), book: Arc::clone(book) })
    }

    fn regrouped(&self, mut lines: Vec<LedgerLine>) -> Vec<LedgerLine> {
        for line in &mut lines {
            if let Some(team) = self.book.team_of(line.posting.actor.name()) {
                line.posting.team = team.into();
            }
        }
        lines
    }
}

#[async_trait]
impl Store for InTeams {
    async fn append(&self, _: Transaction) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        self.store.boundary().await
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        self.store.evidence(sessions).await
    }

    async fn dated_evidence(
        &self,
        sessions: &[SessionId],
    ) -> Result<Vec<(Timestamp, EvidenceBatch)>, StoreError> {
        self.store.dated_evidence(sessions).await
    }

    async fn evidence_from(
        &self,
        source: Source,
        sessions: &[SessionId],
    ) -> Result<Vec<EvidenceBatch>, StoreError> {
        self.store.evidence_from(source, sessions).await
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        Ok(self.regrouped(self.store.session_lines(sessions).await?))
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.store.sessions_since(posted_at, newest_at).await
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        self.store.sessions_of_requests(requests, messages).await
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        self.store.kin(sessions).await
    }

    async fn seals(&self, sessions: &[SessionId]) -> Result<Vec<Seal>, StoreError> {
        self.store.seals(sessions).await
    }

    async fn forgotten(&self, sessions: &[SessionId]) -> Result<Vec<SessionId>, StoreError> {
        self.store.forgotten(sessions).await
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        self.store.priced_with().await
    }

    async fn note_priced_with(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        let mut query = query.clone();
        query.filter.teams = Some(Arc::clone(&self.book));
        self.store.aggregate(&query).await
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        let mut query = query.clone();
        query.filter.teams = Some(Arc::clone(&self.book));
        self.store.lines(&query).await
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.store.sources(from, until).await
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.store.sources_of(tenants, from, until).await
    }

    async fn session_sources(&self, sessions: &[SessionId]) -> Result<Vec<SessionSource>, StoreError> {
        self.store.session_sources(sessions).await
    }
}

#[cfg(test)]
mod tests {
    use model::{Actor, Kind, Posting, Sign};

    use super::*;
    use crate::{Dimension, Figure, Filter, Group, Measure, MemoryStore, Value};

    /// Mira changed her team between two sessions, as her client tells it; nobody told Noah's.
    async fn told() -> Arc<dyn Store> {
        let posting = |session: &str, email: &str, team: &str, requests: i64| {
            let key = ItemKey::of("request", session);
            let mut posting = Posting::new(Kind::Request, Timestamp::default(), session.into(), key);
            posting.actor = Actor::User { email: email.into() };
            posting.team = team.into();
            posting.measures.requests = requests;
            (Sign::Entry, posting)
        };
        let lines = vec![
            posting("1", "mira@example.org", "web", 1),
            posting("2", "mira@example.org", "search", 10),
            posting("3", "noah@infra.example.org", "", 100),
            posting("4", "ann@example.org", "web", 1_000),
        ];
        let store = MemoryStore::new();
        let posted_at = Timestamp::from_seconds(1);
        store.append(Transaction { posted_at, lines: lines.into(), ..Transaction::default() }).await.unwrap();
        Arc::new(store)
    }

    async fn in_teams(teams: &[(&str, &str)]) -> Arc<dyn Store> {
        let members = teams.iter().map(|(team, member)| ((*team).to_owned(), vec![(*member).to_owned()]));
        InTeams::over(&told().await, &Arc::new(TeamBook::new(members.collect()).unwrap()))
    }

    /// Requests and people of each team.
    async fn by_team(store: &Arc<dyn Store>, filter: Filter) -> Vec<(String, i128, i128)> {
        let figures = vec![Figure::Sum(Measure::Requests), Figure::Distinct(Dimension::ActorName, None)];
        let group_by = vec![Group::Dimension(Dimension::Team)];
        let rows = store.aggregate(&Query { filter, figures, group_by, ..Query::default() }).await.unwrap();
        rows.iter().map(|row| (row.keys[0].as_text().to_owned(), row.figures[0], row.figures[1])).collect()
    }

    fn among(dimension: Dimension, value: &str) -> Filter {
        Filter { among: vec![(dimension, vec![Value::from(value)])], ..Filter::default() }
    }

    #[tokio::test]
    async fn everybody_in_the_book_is_of_its_team_and_everybody_else_of_the_told_one() {
        let store = in_teams(&[("platform", "mira@example.org"), ("infra", "*@infra.example.org")]).await;
        let team = |name: &str, requests, people| (name.to_owned(), requests, people);
        let all = [team("infra", 100, 1), team("platform", 11, 1), team("web", 1_000, 1)];
        assert_eq!(by_team(&store, Filter::default()).await, all);
        assert_eq!(by_team(&store, among(Dimension::Team, "web")).await, [team("web", 1_000, 1)]);
        assert_eq!(by_team(&store, among(Dimension::Team, "platform")).await, [team("platform", 11, 1)]);
        assert_eq!(by_team(&store, among(Dimension::Team, "search")).await, []);
        let by_person = by_team(&store, among(Dimension::ActorName, "noah@infra.example.org")).await;
        assert_eq!(by_person, [team("infra", 100, 1)]);
    }

    #[tokio::test]
    async fn lines_are_read_in_their_teams() {
        let store = in_teams(&[("web", "*@infra.example.org")]).await;
        let filter = among(Dimension::Team, "web");
        let lines = store.lines(&LineQuery { filter, limit: 9, as_of: None }).await.unwrap();
        let mut found: Vec<_> = lines.iter().map(|line| line.posting.session.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, ["1", "3", "4"]);
        assert!(lines.iter().all(|line| line.posting.team == "web"));
        let own = store.session_lines(&["2".into(), "3".into()]).await.unwrap();
        let teams: Vec<_> = own.iter().map(|line| line.posting.team.as_str()).collect();
        assert_eq!(teams, ["search", "web"]);
    }

    #[tokio::test]
    async fn nothing_can_be_written() {
        let store = in_teams(&[("web", "mira@example.org")]).await;
        assert!(matches!(store.append(Transaction::default()).await, Err(StoreError::ReadOnly)));
        assert!(matches!(store.note_priced_with("1").await, Err(StoreError::ReadOnly)));
    }
}
