//! A disk that takes its time: what cannot wait is asked to come back, and nothing is lost or counted twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use ledger::PriceBook;
use model::{
    Clock, EvidenceBatch, ItemKey, LedgerLine, OrganizationId, RequestSeen, SessionId, SourceSummary,
    Timestamp, TokenUsage,
};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use prost::Message as _;
use sources::claude_code::ClaudeCode;
use sources::claude_code::emit::{Emitter, Identity};
use sources::intake::{NobodyListens, Settings, start};
use sources::otlp::{Parts, Receiver, grpc_services, routes};
use store::{Figure, LineQuery, Measure, MemoryStore, Query, Row, Store, StoreError, Transaction};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Code;

/// More than twice as many as may wait: the writer may have taken one queue's worth before it meets the disk.
const SENDERS: i64 = 2_200;
/// Longer than anything waits, on a clock that jumps when nothing else happens.
const LONG: Duration = Duration::from_secs(60);

/// A store in memory whose transactions wait for a turn each.
struct SlowStore {
    memory: MemoryStore,
    turns: Semaphore,
}

#[async_trait]
impl Store for SlowStore {
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.turns.acquire().await.unwrap().forget();
        self.memory.append(transaction).await
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        self.memory.boundary().await
    }

    async fn evidence(&self, sessions: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        self.memory.evidence(sessions).await
    }

    async fn session_lines(&self, sessions: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        self.memory.session_lines(sessions).await
    }

    async fn sessions_since(
        &self,
        posted_at: Timestamp,
        newest_at: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.memory.sessions_since(posted_at, newest_at).await
    }

    async fn sessions_of_requests(
        &self,
        requests: &[ItemKey],
        messages: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        self.memory.sessions_of_requests(requests, messages).await
    }

    async fn kin(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        self.memory.kin(sessions).await
    }

    async fn aggregate(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        self.memory.aggregate(query).await
    }

    async fn lines(&self, query: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        self.memory.lines(query).await
    }

    async fn sources(
        &self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.memory.sources(from, until).await
    }

    async fn sources_of(
        &self,
        tenants: &[OrganizationId],
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        self.memory.sources_of(tenants, from, until).await
    }
}

/// It is always the same moment.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_334_400)
    }
}

/// What one sender has to tell: a request of `number` output tokens, in a session of its own.
fn told_by(number: i64) -> Vec<u8> {
    let mut emitter = Emitter::new(Identity {
        installation: "installation".into(),
        email: Some("ann@example.com".into()),
        account: None,
        organization: None,
        terminal: None,
        entrypoint: None,
        client_version: "2.1.330".into(),
        repository: None,
        resource_attributes: Vec::new(),
    });
    emitter.start_process(Noon.now(), &format!("session {number}"), "fresh");
    let request = RequestSeen {
        request_id: Some(format!("req_{number}")),
        model: "claude-opus-5-5".into(),
        usage: TokenUsage { output: number, ..TokenUsage::default() },
        finished: true,
        ..RequestSeen::default()
    };
    emitter.request(Noon.now(), &request);
    emitter.take_logs().unwrap().bytes
}

/// Sends over HTTP; the status, and when to come back.
async fn send(router: &Router, number: i64) -> (i64, StatusCode, Option<String>) {
    let request = Request::post("/v1/logs").header("content-type", "application/x-protobuf");
    let request = request.body(Body::from(told_by(number))).unwrap();
    let response = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (number, status, retry_after)
}

async fn counted(store: &SlowStore) -> Vec<i128> {
    let figures = vec![Figure::Sum(Measure::Requests), Figure::Sum(Measure::Output)];
    let rows = store.aggregate(&Query { figures, ..Query::default() }).await.unwrap();
    rows.into_iter().next().map(|row| row.figures).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn what_cannot_wait_is_asked_to_come_back_and_nothing_is_lost() {
    let store = Arc::new(SlowStore { memory: MemoryStore::new(), turns: Semaphore::new(0) });
    let prices = Arc::new(PriceBook::embedded().unwrap());
    let stop = CancellationToken::new();
    let (behind, listener) = (Arc::clone(&store) as Arc<dyn Store>, Arc::new(NobodyListens));
    let (intake, writer) =
        start(behind, prices, Arc::new(Noon), listener, Settings::default(), stop.clone()).await.unwrap();
    let receiver = Receiver::new(Parts::open(intake, Arc::new(ClaudeCode::default())));
    let router = routes(receiver.clone());

    // The first transaction waits for the disk, the queue behind it fills, and who comes then is sent away.
    let mut waiting: FuturesUnordered<_> = (1..=SENDERS).map(|number| send(&router, number)).collect();
    let mut sent_away = Vec::new();
    while let Ok(Some((number, status, retry_after))) = tokio::time::timeout(LONG, waiting.next()).await {
        assert_eq!(
            (status, retry_after.as_deref()),
            (StatusCode::SERVICE_UNAVAILABLE, Some("1")),
            "{number}"
        );
        sent_away.push(number);
    }
    assert!(!sent_away.is_empty() && !waiting.is_empty());
    assert_eq!(counted(&store).await.iter().sum::<i128>(), 0, "nothing is durable yet");
    let mut client = LogsServiceClient::new(grpc_services(&receiver));
    let refused = client.export(ExportLogsServiceRequest::decode(&*told_by(1)).unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(!refused.details().is_empty(), "without retry information senders give up");

    // The disk comes back: whoever waited is answered, and whoever was sent away comes again, some of them twice.
    store.turns.add_permits(Semaphore::MAX_PERMITS);
    while let Some((number, status, _)) = waiting.next().await {
        assert_eq!(status, StatusCode::OK, "{number}");
    }
    for number in sent_away.iter().chain(sent_away.iter().take(10)).chain(&[1, SENDERS / 2]) {
        assert_eq!(send(&router, *number).await.1, StatusCode::OK, "{number}");
    }
    let [senders, tokens] = [SENDERS, SENDERS * (SENDERS + 1) / 2].map(i128::from);
    assert_eq!(counted(&store).await, [senders, tokens]);

    stop.cancel();
    writer.stopped().await;
}
