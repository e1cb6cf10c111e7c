//! A running server: everything behind one pair of addresses. A program can run several.

mod demo_control;
mod ingest_keys;
mod listener;
mod measured;
mod reception;
mod transcript_status;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gauges::Gauged;
use model::{Lines, SystemClock, Timestamp};
use report::meaning::Meaning;
use server::api::demo::{DemoControl, NoDemo};
use server::api::status::{DataKind, ImportStatus};
use server::v1::{CursorSecret, UsageDays};
use server::web::Dashboard;
use server::{
    Access, AnalyticsSettings, App, LiveFeed, LocalToken, RateLimit, RateLimits, WidgetSecret, router_with,
};
use sources::claude_code::{self, ClaudeCode};
use sources::intake::CommitListener;
use sources::otlp::{Limits, Parts, Receiver, grpc_services, routes};
use state::{KeyKind, Keys};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::care::{door as care_door, retention};
use crate::config::{Config, DataDirectory};
use crate::running_server::ServerFile;
use crate::wire::Local;
use demo_control::DemoInstance;
pub(crate) use demo_control::{
    DEFAULT_DAYS, DEFAULT_DEVELOPERS, DEFAULT_SEED, Made, keep_going, start as start_demo,
};
use ingest_keys::IngestKeys;
use listener::Speaks;
use measured::{ThisProcess, WriterBehind};
use reception::Reception;

/// How long requests under way may take to end when the server stops.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);

/// What to run.
pub(crate) struct Options {
    /// Settings, flags applied.
    pub(crate) config: Config,
    /// Where the data lies.
    pub(crate) data: DataDirectory,
    /// Whose data it is.
    pub(crate) kind: DataKind,
    /// Address for everything HTTP; port 0 takes a free one.
    pub(crate) http: SocketAddr,
    /// Address for OTLP over gRPC; `None` serves none.
    pub(crate) grpc: Option<SocketAddr>,
}

/// A server that runs.
pub(crate) struct Instance {
    /// Its address, such as `http://127.0.0.1:4318`.
    pub(crate) address: String,
    /// The way in for telemetry made in this process.
    pub(crate) receiver: Receiver,
    /// How the import of transcripts stands.
    pub(crate) import: watch::Receiver<ImportStatus>,
    local: Local,
    live: LiveFeed,
    data: DataDirectory,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// Shows committed requests to whoever watches the dashboard.
struct ToLiveFeed(LiveFeed);

impl CommitListener for ToLiveFeed {
    fn listens(&self) -> bool {
        self.0.is_watched()
    }

    fn committed(&self, _posted_at: Timestamp, lines: &Lines) {
        self.0.publish(lines);
    }
}

impl Instance {
    /// Opens the data, binds the addresses and serves. Returns once requests are answered.
    pub(crate) async fn start(options: Options) -> Result<Self> {
        let Options { config, data, kind, http, grpc } = options;
        let http = bind(http, "http").await?;
        let grpc = match grpc {
            Some(address) => Some(bind(address, "grpc").await?),
            None => None,
        };
        let http_address = http.local_addr()?;
        let grpc_address = grpc.as_ref().map(TcpListener::local_addr).transpose()?;
        let live = LiveFeed::new(Arc::new(SystemClock));
        let local = Local::open_to_serve(&config, &data, Arc::new(ToLiveFeed(live.clone()))).await?;
        let access = access(&[Some(http_address), grpc_address]);
        require_keys(access, &local).await?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();

        let reception = Reception::new(Arc::clone(&local.clock));
        tasks.spawn(Arc::clone(&reception).keep_writing(local.state.clone(), stop.clone()));
        let keys: Arc<dyn Keys> = local.state.clone();
        let receiver = Receiver::new(Parts {
            intake: local.intake.clone(),
            translate: Arc::new(ClaudeCode::new(meaning(&config))),
            auth: Arc::new(IngestKeys::new(
                Arc::clone(&keys),
                Arc::clone(&local.clock),
                access,
                local.organizations.clone(),
                local.customers.clone(),
            )),
            log: reception.clone(),
            limits: Limits::default(),
        });
        let import = follow_transcripts(&config, kind, &local, &mut tasks, &stop);
        let demo: Arc<dyn DemoControl> = match kind {
            DataKind::Main => Arc::new(DemoInstance::new(data.demo(), stop.clone())),
            DataKind::Demo => Arc::new(NoDemo),
        };
        let secret = local.state.secret("local-commands").await?;
        let token: String = secret.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        let app = App {
            store: Arc::clone(&local.store),
            prices: Arc::clone(&local.prices),
            keys,
            files: local.state.clone(),
            meaning: Meaning { sequence: claude_code::sequence_of, subagent: claude_code::subagent_of },
            clock: Arc::clone(&local.clock),
            settings: server::Settings {
                access,
                http_address: http_address.to_string(),
                grpc_address: grpc_address.map(|address| address.to_string()),
                public_url: Some(config.server.public_url.trim_end_matches('/').to_owned())
                    .filter(|url| !url.is_empty()),
                allowed_hosts: config.server.allowed_hosts.iter().map(|host| host.to_lowercase()).collect(),
                data: kind,
                price_book: local.prices.version().to_owned(),
                organizations: local.organizations.clone(),
                team_attributes: config.team.attributes.clone(),
                teams: Arc::clone(&local.teams),
                person_attribute: claude_code::PERSON_ATTRIBUTE.to_owned(),
                content_kept: config.privacy.keep_content,
                monthly_budget: config.budget.monthly()?,
                analytics: AnalyticsSettings {
                    freshness: config.analytics.freshness.unsigned_abs(),
                    rate_limit: RateLimit::new(config.analytics.requests_per_minute, config.analytics.burst),
                },
            },
            local_token: Some(LocalToken::new(token.clone())),
            live: live.clone(),
            import: import.clone(),
            demo,
            dashboard: Dashboard::embedded(),
            cursor_secret: CursorSecret::new(*local.state.secret("paging-cursors").await?.expose()),
            widget_secret: WidgetSecret::new(*local.state.secret("widgets").await?.expose()),
            usage_days: UsageDays::default(),
            rate_limits: RateLimits::default(),
            writing: Arc::new(WriterBehind(local.intake.clone())),
            gauged: vec![
                reception,
                Arc::clone(local.intake.gauges()) as Arc<dyn Gauged>,
                Arc::clone(&local.store_gauges),
                Arc::new(ThisProcess),
            ],
        };
        let app = Arc::new(app);
        let answers = Arc::clone(&app);
        let care =
            care_door::routes(local.caretaker(), LocalToken::new(token.clone()), stop.clone(), move || {
                answers.usage_days.clear();
            });
        let answers = Arc::clone(&app);
        tasks.spawn(retention::keep(local.caretaker(), stop.clone(), move || answers.usage_days.clear()));
        let router = router_with(app, routes(receiver.clone()).merge(care));
        tasks.spawn(listener::serve(http, Speaks::Http, router, stop.clone()));
        if let Some(grpc) = grpc {
            let services = grpc_services(&receiver).prepare().into_axum_router();
            tasks.spawn(listener::serve(grpc, Speaks::Http2, services, stop.clone()));
        }
        let address = format!("http://{}", reachable(http_address));
        ServerFile { process: std::process::id(), address: address.clone(), token }.write(&data)?;
        Ok(Self { address, receiver, import, local, live, data, stop, tasks })
    }

    /// A token that is cancelled when the instance stops.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a task beside the server until it stops.
    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Stops in order: no new requests, those under way end, what waits is written, the data is closed.
    pub(crate) async fn stop(mut self) -> Result<()> {
        ServerFile::remove(&self.data);
        self.stop.cancel();
        self.live.close();
        let ended = tokio::time::timeout(SHUTDOWN_PATIENCE, async {
            while self.tasks.join_next().await.is_some() {}
        });
        if ended.await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
            self.tasks.shutdown().await;
        }
        drop(self.receiver);
        self.local.close().await
    }
}

fn access(addresses: &[Option<SocketAddr>]) -> Access {
    let reachable = addresses.iter().flatten().map(|address| Access::for_listener(*address));
    reachable.max_by_key(|access| *access == Access::KeysRequired).unwrap_or(Access::KeysRequired)
}

/// A server that others can reach does not start without keys.
async fn require_keys(access: Access, local: &Local) -> Result<()> {
    if access == Access::OpenUntilFirstKey {
        return Ok(());
    }
    let now = local.clock.now();
    let mut missing = Vec::new();
    for kind in [KeyKind::Ingest, KeyKind::Viewer] {
        if !local.state.any_key(&[kind], now).await? {
            missing.push(kind.as_str());
        }
    }
    if !missing.is_empty() {
        bail!(
            "this address can be reached from other machines, so keys are needed first; missing: {}. \
             Make them with: pitwall key create --kind KIND --name NAME",
            missing.join(", ")
        );
    }
    Ok(())
}

async fn bind(address: SocketAddr, name: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; is another server using it? Choose another with --{name}")
    })
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address }
}

fn meaning(config: &Config) -> claude_code::Config {
    claude_code::Config {
        keep_content: config.privacy.keep_content,
        team_attributes: config.team.attributes.clone(),
        ..claude_code::Config::default()
    }
}

fn follow_transcripts(
    config: &Config,
    kind: DataKind,
    local: &Local,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> watch::Receiver<ImportStatus> {
    if kind == DataKind::Demo || !config.transcripts.enabled {
        return watch::channel(ImportStatus::OFF).1;
    }
    let directories: Vec<PathBuf> = config.transcripts.directories.clone();
    let transcripts = local.transcripts(&directories);
    let (status, import) = watch::channel(ImportStatus::OFF);
    tasks.spawn(transcript_status::translate(transcripts.progress(), status));
    let stop = stop.clone();
    tasks.spawn(async move {
        if let Err(error) = transcripts.run(stop).await {
            tracing::error!(%error, "stopped reading transcripts");
        }
    });
    import
}
