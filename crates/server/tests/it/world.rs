//! A server in process, with everything behind it made by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use gauges::{Exposition, Gauged};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use ledger::PriceBook;
use model::{
    Actor, AttributeValue, Clock, EvidenceBatch, ItemKey, Kind, LedgerLine, Money, OrganizationId, Posting,
    SessionId, Sign, SourceSummary, Timestamp,
};
use report::meaning::Meaning;
use server::api::demo::{DemoControl, DemoState, DemoStatus};
use server::api::status::{DataKind, ImportStatus};
use server::v1::{CursorSecret, UsageDays};
use server::web::{Asset, Dashboard};
use server::{
    Access, AnalyticsSettings, App, LiveFeed, LocalToken, Organizations, RateLimits, Settings, WidgetSecret,
    Writing, WritingWatch, router, router_with,
};
use state::{
    Authentication, CreatedKey, Error, FileCursor, FileMark, Files, Key, KeyEvent, KeyId, KeyKind,
    KeyPresence, Keys, NewKey, Rejection, RejectionSummary, Result,
};
use store::{InTeams, LineQuery, MemoryStore, Query, Row, Store, StoreError, Transaction};
use tokio::sync::watch;
use tower::ServiceExt;

/// Keys of every kind and condition, by what is presented.
pub(crate) const ADMIN: &str = "admin";
pub(crate) const ADMIN_OF_A: &str = "admin of a";
pub(crate) const ADMIN_OF_B: &str = "admin of b";
pub(crate) const VIEWER_OF_A: &str = "viewer of a";
pub(crate) const INGEST: &str = "ingest";
pub(crate) const VIEWER: &str = "viewer";
pub(crate) const REVOKED: &str = "revoked";
pub(crate) const EXPIRED: &str = "expired";

/// The organization of whoever tells none.
pub(crate) const HOME: &str = "3f0c1b52-6a0e-4c1d-9a35-8f2f6e0b7a11";

pub(crate) const USAGE: &str = "/v1/organizations/usage_report/claude_code";

/// The instant of an RFC 3339 text.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// A clock that moves only when told.
pub(crate) struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    pub(crate) fn set(&self, now: &str) {
        *self.0.lock().unwrap() = at(now);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Keys in memory. Those above are known from the start; viewer and ingest keys close nothing until
/// `presence` says so.
pub(crate) struct KeysByHand {
    known: Mutex<BTreeMap<&'static str, Authentication>>,
    pub(crate) presence: Mutex<BTreeMap<KeyKind, KeyPresence>>,
    pub(crate) touched: Mutex<Vec<KeyId>>,
}

impl KeysByHand {
    fn new() -> Self {
        let key = |name: &str, kind, organization: Option<&str>| Key {
            id: KeyId::new(name),
            kind,
            name: name.to_owned(),
            organization: organization.map(Into::into),
            created_at: Timestamp::default(),
            expires_at: (name == EXPIRED).then(|| at("2026-11-01T00:00:00Z")),
            revoked_at: (name == REVOKED).then(|| at("2026-11-02T00:00:00Z")),
            last_used_at: None,
            hint: format!("{name}..."),
        };
        let known = BTreeMap::from([
            (ADMIN, Authentication::Valid(key(ADMIN, KeyKind::Admin, None))),
            (ADMIN_OF_A, Authentication::Valid(key(ADMIN_OF_A, KeyKind::Admin, Some("org-a")))),
            (ADMIN_OF_B, Authentication::Valid(key(ADMIN_OF_B, KeyKind::Admin, Some("org-b")))),
            (INGEST, Authentication::Valid(key(INGEST, KeyKind::Ingest, None))),
            (VIEWER, Authentication::Valid(key(VIEWER, KeyKind::Viewer, None))),
            (VIEWER_OF_A, Authentication::Valid(key(VIEWER_OF_A, KeyKind::Viewer, Some("org-a")))),
            (REVOKED, Authentication::Revoked(key(REVOKED, KeyKind::Admin, None))),
            (EXPIRED, Authentication::Expired(key(EXPIRED, KeyKind::Admin, None))),
        ]);
        Self { known: Mutex::new(known), presence: Mutex::default(), touched: Mutex::default() }
    }

    /// Somebody revokes one of the keys.
    pub(crate) fn revoke(&self, name: &'static str) {
        let mut known = self.known.lock().unwrap();
        if let Some(Authentication::Valid(key)) = known.get(name).cloned() {
            let revoked_at = Some(at("2026-11-22T11:59:00Z"));
            known.insert(name, Authentication::Revoked(Key { revoked_at, ..key }));
        }
    }
}

#[async_trait]
impl Keys for KeysByHand {
    async fn create_key(&self, _: NewKey, _: Timestamp) -> Result<CreatedKey> {
        Err(Error::UnknownKind("not made here".into()))
    }

    async fn list_keys(&self) -> Result<Vec<Key>> {
        let known = self.known.lock().unwrap();
        let keys = known.values().filter_map(|known| match known {
            Authentication::Valid(key) | Authentication::Revoked(key) | Authentication::Expired(key) => {
                Some(key.clone())
            }
            Authentication::Unknown => None,
        });
        Ok(keys.collect())
    }

    async fn revoke_key(&self, id: &KeyId, _: Timestamp) -> Result<Key> {
        Err(Error::KeyNotFound(id.clone()))
    }

    async fn authenticate(&self, presented: &str, _: Timestamp) -> Result<Authentication> {
        Ok(self.known.lock().unwrap().get(presented).cloned().unwrap_or(Authentication::Unknown))
    }

    async fn key_presence(&self, kinds: &[KeyKind], _: Timestamp) -> Result<KeyPresence> {
        let presence = self.presence.lock().unwrap();
        Ok(kinds.iter().filter_map(|kind| presence.get(kind)).next().copied().unwrap_or(KeyPresence::Never))
    }

    async fn touch_key(&self, id: &KeyId, _: Timestamp) -> Result<()> {
        self.touched.lock().unwrap().push(id.clone());
        Ok(())
    }

    async fn audit(&self, _: u32) -> Result<Vec<KeyEvent>> {
        Ok(Vec::new())
    }
}

/// What was rejected, as a test sets it.
#[derive(Default)]
pub(crate) struct FilesByHand(pub(crate) Mutex<Vec<RejectionSummary>>);

#[async_trait]
impl Files for FilesByHand {
    async fn file_cursors(&self) -> Result<Vec<FileCursor>> {
        Ok(Vec::new())
    }

    async fn file_marks(&self) -> Result<Vec<FileMark>> {
        Ok(Vec::new())
    }

    async fn file_cursors_of(&self, _: &[String]) -> Result<Vec<FileCursor>> {
        Ok(Vec::new())
    }

    async fn save_file_cursors(&self, _: &[FileCursor]) -> Result<()> {
        Ok(())
    }

    async fn forget_file_cursors(&self, _: &[String]) -> Result<()> {
        Ok(())
    }

    async fn count_rejections(&self, _: &[Rejection]) -> Result<()> {
        Ok(())
    }

    async fn rejections(&self) -> Result<Vec<RejectionSummary>> {
        Ok(self.0.lock().unwrap().clone())
    }
}

/// Reads the number that records of tests keep.
pub(crate) const NUMBERED: Meaning = Meaning {
    sequence: |record| match record.extra.first() {
        Some((_, AttributeValue::Int(number))) => Some(*number),
        _ => None,
    },
    ..Meaning::NONE
};

/// A demo that is filling once it was started.
#[derive(Default)]
struct DemoByHand(Mutex<bool>);

impl DemoControl for DemoByHand {
    fn status(&self) -> DemoStatus {
        match *self.0.lock().unwrap() {
            false => DemoStatus::NONE,
            true => DemoStatus { state: DemoState::Filling, progress: 0.25, ..DemoStatus::NONE },
        }
    }

    fn start(&self) -> DemoStatus {
        *self.0.lock().unwrap() = true;
        self.status()
    }
}

/// A writer that works until told otherwise.
#[derive(Default)]
pub(crate) struct WritingByHand(Mutex<Option<Writing>>);

impl WritingByHand {
    pub(crate) fn set(&self, writing: Writing) {
        *self.0.lock().unwrap() = Some(writing);
    }
}

impl WritingWatch for WritingByHand {
    fn writing(&self) -> Writing {
        self.0.lock().unwrap().unwrap_or(Writing::Works)
    }
}

/// A part that measures one thing.
struct OneFigure;

impl Gauged for OneFigure {
    fn expose(&self, to: &mut Exposition) {
        to.counter("pitwall_pit_stops_total", "Stops in the pit.", [(&[][..], 3)]);
    }
}

/// The organizations that have a name.
fn organizations() -> BTreeMap<OrganizationId, String> {
    [(HOME, "Example Ltd"), ("org-a", "A & Co"), ("org-b", "")]
        .map(|(id, name)| (id.into(), name.to_owned()))
        .into()
}

/// A server and what is behind it. It is 2026-11-22T12:00:00Z, on a loopback listener, with every posting
/// visible at once.
pub(crate) struct World {
    pub(crate) clock: Arc<StoppedClock>,
    pub(crate) keys: Arc<KeysByHand>,
    pub(crate) files: Arc<FilesByHand>,
    pub(crate) live: LiveFeed,
    pub(crate) import: watch::Sender<ImportStatus>,
    pub(crate) writing: Arc<WritingByHand>,
    store: Arc<MemoryStore>,
    app: Arc<App>,
    router: Router,
    transactions: Mutex<i64>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {}, page_files(), None)
    }

    pub(crate) fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with(change, page_files(), None)
    }

    pub(crate) fn without_dashboard() -> Self {
        Self::with(|_| {}, Dashboard::of_files(Vec::new()), None)
    }

    /// A server with the dashboard that was built, if it was.
    pub(crate) fn with_built_dashboard() -> Self {
        Self::with(|_| {}, Dashboard::embedded(), None)
    }

    /// A server whose ledger cannot be read.
    pub(crate) fn with_broken_ledger() -> Self {
        Self::with(|_| {}, page_files(), Some(Arc::new(BrokenStore)))
    }

    fn with(
        change: impl FnOnce(&mut Settings),
        dashboard: Dashboard,
        other_store: Option<Arc<dyn Store>>,
    ) -> Self {
        let clock = Arc::new(StoppedClock(Mutex::new(at("2026-11-22T12:00:00Z"))));
        let keys = Arc::new(KeysByHand::new());
        let files = Arc::new(FilesByHand::default());
        let store = Arc::new(MemoryStore::new());
        let live = LiveFeed::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let (import, importing) = watch::channel(ImportStatus::OFF);
        let writing = Arc::new(WritingByHand::default());
        let mut settings = Settings {
            access: Access::OpenUntilFirstKey,
            http_address: "127.0.0.1:4318".into(),
            grpc_address: Some("127.0.0.1:4317".into()),
            public_url: None,
            allowed_hosts: Vec::new(),
            data: DataKind::Main,
            price_book: "2026-11-22".into(),
            organizations: Organizations::new(HOME.into(), organizations()),
            team_attributes: vec!["team.id".into()],
            teams: Arc::default(),
            person_attribute: "person".into(),
            content_kept: false,
            monthly_budget: None,
            analytics: AnalyticsSettings { freshness: Duration::ZERO, rate_limit: None },
        };
        change(&mut settings);
        let app = Arc::new(App {
            store: other_store.unwrap_or_else(|| InTeams::over(&(Arc::clone(&store) as _), &settings.teams)),
            prices: Arc::new(PriceBook::embedded().unwrap()),
            keys: Arc::clone(&keys) as Arc<dyn Keys>,
            files: Arc::clone(&files) as Arc<dyn Files>,
            meaning: NUMBERED,
            widget_secret: WidgetSecret::new([7; 32]),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            settings,
            live: live.clone(),
            import: importing,
            demo: Arc::new(DemoByHand::default()),
            dashboard,
            cursor_secret: CursorSecret::new([42; 32]),
            local_token: Some(LocalToken::new("local-token".to_owned())),
            usage_days: UsageDays::default(),
            rate_limits: RateLimits::default(),
            writing: writing.clone(),
            gauged: vec![Arc::new(OneFigure)],
        });
        let router = router(Arc::clone(&app));
        Self { clock, keys, files, live, import, writing, store, app, router, transactions: Mutex::default() }
    }

    /// The server ends and starts again over the same ledger.
    pub(crate) fn restart(&mut self) {
        let app = &self.app;
        self.app = Arc::new(App {
            store: Arc::clone(&app.store),
            prices: Arc::clone(&app.prices),
            keys: Arc::clone(&app.keys),
            files: Arc::clone(&app.files),
            meaning: app.meaning,
            widget_secret: app.widget_secret.clone(),
            clock: Arc::clone(&app.clock),
            settings: app.settings.clone(),
            live: app.live.clone(),
            import: app.import.clone(),
            demo: Arc::clone(&app.demo),
            dashboard: app.dashboard.clone(),
            cursor_secret: app.cursor_secret.clone(),
            local_token: Some(LocalToken::new("local-token".to_owned())),
            usage_days: UsageDays::default(),
            rate_limits: RateLimits::default(),
            writing: app.writing.clone(),
            gauged: app.gauged.clone(),
        });
        self.router = router(Arc::clone(&self.app));
    }

    /// The same server with further routes.
    pub(crate) fn add(&mut self, more: Router) {
        self.router = router_with(Arc::clone(&self.app), more);
    }

    /// Commits postings in one transaction.
    pub(crate) async fn post(&self, postings: impl IntoIterator<Item = Posting>) {
        self.append(postings.into_iter().map(|posting| (Sign::Entry, posting)).collect()).await;
    }

    /// Commits postings in one transaction, with records that some of them may follow from.
    pub(crate) async fn keep(&self, evidence: Vec<EvidenceBatch>, postings: Vec<Posting>) {
        let lines = postings.into_iter().map(|posting| (Sign::Entry, posting)).collect();
        self.commit(evidence, lines).await;
    }

    /// Commits lines in one transaction, and tells who watches.
    pub(crate) async fn append(&self, lines: Vec<(Sign, Posting)>) {
        self.commit(Vec::new(), lines).await;
    }

    async fn commit(&self, evidence: Vec<EvidenceBatch>, lines: Vec<(Sign, Posting)>) {
        let transaction = {
            let mut transactions = self.transactions.lock().unwrap();
            *transactions += 1;
            at("2026-11-22T11:00:00Z").plus_micros(*transactions)
        };
        let posted =
            Transaction { posted_at: transaction, evidence, lines: lines.clone().into(), kin: Vec::new() };
        self.store.append(posted).await.unwrap();
        self.live.publish(&lines.into());
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.respond(request).await).await
    }

    /// The answer before its body has been read.
    pub(crate) async fn respond(&self, request: Request<Body>) -> http::Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The same, for a path without a key.
    pub(crate) async fn open(&self, path: &str) -> http::Response<Body> {
        self.respond(request("GET", path, &[])).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers)).await
    }

    /// A day's page of the Analytics API, asked with the admin key that sees everything.
    pub(crate) async fn usage(&self, query: &str) -> Answer {
        self.get(&format!("{USAGE}?{query}"), &[("x-api-key", ADMIN)]).await
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).unwrap()
}

/// The files of a small dashboard.
fn page_files() -> Dashboard {
    let file = |path: &str, media_type: &str, content: &'static str| {
        let content = content.as_bytes().into();
        (
            path.to_owned(),
            Asset { content, media_type: media_type.to_owned(), hash: format!("hash of {path}") },
        )
    };
    Dashboard::of_files(vec![
        file("index.html", "text/html", "<!doctype html>the dashboard"),
        file("icon.svg", "image/svg+xml", "<svg/>"),
        file("assets/index-4fd2.js", "text/javascript", "start()"),
    ])
}

/// A store that has nothing but an error for everybody.
struct BrokenStore;

fn broken<T>() -> Result<T, StoreError> {
    Err(StoreError::Engine("the secret of /var/lib/pitwall is out".into()))
}

#[async_trait]
impl Store for BrokenStore {
    async fn append(&self, _: Transaction) -> Result<(), StoreError> {
        broken()
    }

    async fn boundary(&self) -> Result<Timestamp, StoreError> {
        broken()
    }

    async fn priced_with(&self) -> Result<Option<String>, StoreError> {
        broken()
    }

    async fn evidence(&self, _: &[SessionId]) -> Result<Vec<EvidenceBatch>, StoreError> {
        broken()
    }

    async fn session_lines(&self, _: &[SessionId]) -> Result<Vec<LedgerLine>, StoreError> {
        broken()
    }

    async fn sessions_since(&self, _: Timestamp, _: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        broken()
    }

    async fn sessions_of_requests(
        &self,
        _: &[ItemKey],
        _: &[ItemKey],
    ) -> Result<Vec<(ItemKey, SessionId)>, StoreError> {
        broken()
    }

    async fn kin(&self, _: &[SessionId]) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        broken()
    }

    async fn aggregate(&self, _: &Query) -> Result<Vec<Row>, StoreError> {
        broken()
    }

    async fn sources_of(
        &self,
        _: &[OrganizationId],
        _: Option<Timestamp>,
        _: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        broken()
    }

    async fn lines(&self, _: &LineQuery) -> Result<Vec<LedgerLine>, StoreError> {
        broken()
    }

    async fn sources(
        &self,
        _: Option<Timestamp>,
        _: Option<Timestamp>,
    ) -> Result<Vec<SourceSummary>, StoreError> {
        broken()
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn of(response: http::Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The header's text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The Analytics API's error type and message; checks the rest of the body.
    pub(crate) fn analytics_error(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(body["type"], "error", "{body}");
        assert_eq!(body["request_id"], self.header("request-id"), "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        let text = |name: &str| body["error"][name].as_str().unwrap().to_owned();
        (self.status.as_u16(), text("type"), text("message"))
    }

    /// The dashboard API's error code and message.
    pub(crate) fn api_error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body["error"][name].as_str().unwrap().to_owned();
        (self.status.as_u16(), text("code"), text("message"))
    }
}

/// A request of this person, with this many input tokens, at one cent.
pub(crate) fn usage_of(email: &str, at_text: &str, input: i64) -> Posting {
    let item = ItemKey::of("request", &format!("{email} {at_text} {input}"));
    let mut posting = Posting::new(Kind::Request, at(at_text), "session-1".into(), item);
    posting.actor = Actor::User { email: email.into() };
    posting.terminal = "vscode".into();
    posting.model = "claude-opus-5-5".into();
    posting.measures.requests = 1;
    posting.measures.tokens.input = input;
    posting.measures.cost_settled = Money::PICOS_PER_CENT;
    posting
}
