//! Where the parts are put together, and the only place that names an engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use gauges::Gauged;
use ledger::PriceBook;
use model::{Clock, OrganizationId, SourceSummary, SystemClock, TeamBook};
use server::Organizations;
use sources::intake::{self, CommitListener, Intake, NobodyListens, Writer};
use sources::transcripts::{Environment, Look, Progress, Transcripts};
use state::{Files, SqliteState, State};
use store::{InTeams, Maintenance, Store, StoreError};
use store_duckdb::{DuckDbStore, Settings};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::care::Caretaker;
use crate::config::{Config, Customer, Customers, DataDirectory, RetentionConfig};
use crate::status_memory::Remembered;
use crate::stop_signal::stop_signal;
use crate::terminal::note;
use crate::{prices, progress};

/// How long a status line that works its figures out is waited for.
const STATUS_LINE_PATIENCE: Duration = Duration::from_secs(15);
/// Lines of transcripts that a command makes durable together: those of some gigabytes, which takes seconds to read again
/// if it is killed. A server has others to answer meanwhile, and does so for each transaction.
const LINES_STAGED: usize = 500_000;
/// How often it is looked whether it has ended.
const STATUS_LINE_STEP: Duration = Duration::from_millis(50);

/// A data directory, opened: the store, its writer, and what is remembered beside it.
pub(crate) struct Local {
    /// Records and postings, to read: with everybody in the team that the configuration says.
    pub(crate) store: Arc<dyn Store>,
    /// Who that puts into which team.
    pub(crate) teams: Arc<TeamBook>,
    /// What the store measures of itself.
    pub(crate) store_gauges: Arc<dyn Gauged>,
    /// Keys, cursors, secrets.
    pub(crate) state: Arc<dyn State>,
    /// Prices that the ledger is settled with.
    pub(crate) prices: Arc<PriceBook>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// The door into the ledger.
    pub(crate) intake: Intake,
    /// Who shares this data.
    pub(crate) organizations: Organizations,
    /// How they pay.
    pub(crate) customers: Customers,
    writer: Writer,
    stop: CancellationToken,
    sqlite: Arc<SqliteState>,
    engine: Arc<DuckDbStore>,
    quiet_micros: i64,
    data: DataDirectory,
    retention: RetentionConfig,
    turn: Arc<Mutex<()>>,
}

impl Local {
    /// Opens the data directory, making it when it is not there.
    pub(crate) async fn open(config: &Config, data: &DataDirectory) -> Result<Self> {
        let settings = Settings::for_a_command(&data.ledger_file());
        let opened = Opened::open(config, data, settings, None).await?;
        Self::with_files(config, data, opened, Arc::new(NobodyListens), LINES_STAGED).await
    }

    /// The same, with these Claude directories looked through meanwhile, for [`Local::read`].
    pub(crate) async fn open_to_read(
        config: &Config,
        data: &DataDirectory,
        directories: &[PathBuf],
    ) -> Result<(Self, Transcripts)> {
        let settings = Settings::for_a_command(&data.ledger_file());
        let mut opened = Opened::open(config, data, settings, Some(directories)).await?;
        let look = opened.look.take();
        let local = Self::with_files(config, data, opened, Arc::new(NobodyListens), LINES_STAGED).await?;
        let transcripts = local.transcripts(directories);
        let transcripts = look.into_iter().fold(transcripts, Transcripts::with_look);
        Ok((local, transcripts))
    }

    /// The same, with new transcript lines read, as [`Local::read`] does.
    pub(crate) async fn open_and_read(config: &Config, data: &DataDirectory, visible: bool) -> Result<Self> {
        let directories = &config.transcripts.directories;
        let (local, transcripts) = Self::open_to_read(config, data, directories).await?;
        local.read(transcripts, visible).await?;
        Ok(local)
    }

    /// The same to serve it for long, with somebody who is told of every transaction.
    pub(crate) async fn open_to_serve(
        config: &Config,
        data: &DataDirectory,
        listener: Arc<dyn CommitListener>,
    ) -> Result<Self> {
        let opened = Opened::open(config, data, Settings::default(), None).await?;
        opened.engine.keep_added_up();
        Self::with_files(config, data, opened, listener, 0).await
    }

    async fn with_files(
        config: &Config,
        data: &DataDirectory,
        opened: Opened,
        listener: Arc<dyn CommitListener>,
        lines_staged: usize,
    ) -> Result<Self> {
        let Opened { engine, sqlite, organizations, customers, .. } = opened;
        let store_gauges = Arc::clone(engine.gauges()) as Arc<dyn Gauged>;
        let store: Arc<dyn Store> = engine.clone();
        let state: Arc<dyn State> = sqlite.clone();
        let prices = Arc::new(prices::load(config, data)?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let stop = CancellationToken::new();
        let quiet_micros = quiet_micros(config);
        let overflow = Some(data.path().to_owned());
        let settings =
            intake::Settings { quiet_micros, overflow, lines_staged, ..intake::Settings::default() };
        let (intake, writer) = intake::start(
            Arc::clone(&store),
            Arc::clone(&prices),
            Arc::clone(&clock),
            listener,
            settings,
            stop.clone(),
        )
        .await?;
        let teams = Arc::new(config.team.book()?);
        Ok(Self {
            store: InTeams::over(&store, &teams),
            teams,
            store_gauges,
            state,
            prices,
            clock,
            intake,
            organizations,
            customers,
            writer,
            stop,
            sqlite,
            engine,
            quiet_micros,
            data: data.clone(),
            retention: config.retention.clone(),
            turn: Arc::default(),
        })
    }

    /// What looks after this data. It has to be gone before [`Local::close`].
    pub(crate) fn caretaker(&self) -> Caretaker {
        Caretaker {
            ledger: Arc::clone(&self.engine) as Arc<dyn Maintenance>,
            state: Arc::clone(&self.sqlite),
            prices: Arc::clone(&self.prices),
            clock: Arc::clone(&self.clock),
            intake: Some(self.intake.clone()),
            quiet_micros: self.quiet_micros,
            data: self.data.clone(),
            retention: self.retention.clone(),
            turn: Arc::clone(&self.turn),
        }
    }

    /// Reads new transcript lines, showing progress on a terminal when `visible`.
    pub(crate) async fn read(&self, mut transcripts: Transcripts, visible: bool) -> Result<Progress> {
        let shown = progress::show(transcripts.progress(), visible);
        let cancel = CancellationToken::new();
        let interrupted = cancel.clone();
        let on_interrupt = tokio::spawn(async move {
            stop_signal().await;
            interrupted.cancel();
        });
        let outcome = transcripts.scan_once(&cancel).await;
        on_interrupt.abort();
        let progress = transcripts.progress().borrow().clone();
        shown.abort();
        outcome.context("could not read all transcripts; run the command again to go on")?;
        anyhow::ensure!(
            !cancel.is_cancelled() || progress.files_done == progress.files_total,
            "interrupted: {} of {} files are read and kept; run the command again to go on where it stopped",
            progress.files_done,
            progress.files_total
        );
        Ok(progress)
    }

    /// Reads new transcript lines for a limited time, without showing anything.
    pub(crate) async fn read_for(&self, mut transcripts: Transcripts, time: Duration) -> Result<()> {
        let cancel = CancellationToken::new();
        let out_of_time = cancel.clone();
        let timer = tokio::spawn(async move {
            tokio::time::sleep(time).await;
            out_of_time.cancel();
        });
        let outcome = transcripts.scan_once(&cancel).await;
        timer.abort();
        Ok(outcome?)
    }

    /// Waits until history is priced with the prices of now, after they have changed, and says so when
    /// `visible`.
    pub(crate) async fn wait_for_prices(&self, visible: bool) {
        let mut left = self.writer.repricing();
        let waiting = *left.borrow();
        if waiting > 0 && visible {
            let sessions = if waiting == 1 { "session" } else { "sessions" };
            note(&format!("Prices have changed: pricing {waiting} {sessions} again."));
        }
        // The writer is gone only when it has failed, which it has told itself.
        let _writer_is_gone = left.wait_for(|left| *left == 0).await;
    }

    /// A reader of transcripts that hands over to this ledger.
    pub(crate) fn transcripts(&self, directories: &[PathBuf]) -> Transcripts {
        let settings = transcript_settings(directories, &self.organizations, &self.customers);
        Transcripts::new(settings, self.intake.clone(), self.state.clone(), Arc::clone(&self.clock))
    }

    /// Writes what waits and leaves the rest to the end of the process, which has to come next. To close what took long
    /// to open would have the user wait for what nobody needs any more.
    pub(crate) async fn leave(self) -> Result<()> {
        self.stop.cancel();
        self.writer.stopped().await;
        self.sqlite.leave();
        Ok(self.engine.leave().await?)
    }

    /// Writes what waits and closes everything, in that order.
    pub(crate) async fn close(self) -> Result<()> {
        self.stop.cancel();
        self.writer.stopped().await;
        drop(self.state);
        self.sqlite.close().await?;
        drop(self.engine);
        let store = self.store;
        // The last holder folds the log into the file, which may take a moment.
        tokio::task::spawn_blocking(move || drop(store)).await.context("closing the ledger was interrupted")
    }
}

/// A data directory that is opened to be looked at: nobody writes to the ledger.
pub(crate) struct Watched {
    keeper: Caretaker,
}

impl Watched {
    /// Opens the files, which have to be there.
    pub(crate) async fn open(config: &Config, data: &DataDirectory) -> Result<Self> {
        let ledger = open_ledger(data, &Settings::default()).await?;
        let keeper = Caretaker {
            ledger: Arc::new(ledger),
            state: Arc::new(SqliteState::open(&data.state_file()).await?),
            prices: Arc::new(prices::load(config, data)?),
            clock: Arc::new(SystemClock),
            intake: None,
            quiet_micros: quiet_micros(config),
            data: data.clone(),
            retention: config.retention.clone(),
            turn: Arc::default(),
        };
        Ok(Self { keeper })
    }

    /// What looks at it. It has to be gone before [`Watched::close`].
    pub(crate) fn caretaker(&self) -> Caretaker {
        self.keeper.clone()
    }

    /// Closes the files.
    pub(crate) async fn close(self) -> Result<()> {
        self.keeper.state.close().await?;
        let ledger = self.keeper.ledger;
        tokio::task::spawn_blocking(move || drop(ledger)).await.context("closing the ledger was interrupted")
    }
}

fn quiet_micros(config: &Config) -> i64 {
    i64::try_from(config.settlement.quiet.as_micros()).unwrap_or(i64::MAX)
}

/// The files of a data directory, opened, and what the one for small things says.
struct Opened {
    engine: Arc<DuckDbStore>,
    sqlite: Arc<SqliteState>,
    organizations: Organizations,
    customers: Customers,
    /// A look through transcripts that has begun.
    look: Option<Look>,
}

impl Opened {
    /// Makes what is not there. Everything that does not need the ledger is done while that is opened, which takes
    /// longest.
    async fn open(
        config: &Config,
        data: &DataDirectory,
        settings: Settings,
        to_read: Option<&[PathBuf]>,
    ) -> Result<Self> {
        data.create()?;
        let beside = async {
            let sqlite = Arc::new(SqliteState::open(&data.state_file()).await?);
            let organizations = organizations(config, sqlite.as_ref()).await?;
            let customers = Customers::new(&config.organizations);
            let look = to_read.map(|directories| {
                let settings = transcript_settings(directories, &organizations, &customers);
                let files: Arc<dyn Files> = sqlite.clone();
                Look::begin(&settings, &files)
            });
            anyhow::Ok((sqlite, organizations, customers, look))
        };
        let (engine, beside) = tokio::join!(open_ledger(data, &settings), beside);
        let engine = Arc::new(engine?);
        let (sqlite, organizations, customers, look) = beside?;
        Ok(Self { engine, sqlite, organizations, customers, look })
    }
}

/// How transcripts of this machine are read. They belong to the default organization.
fn transcript_settings(
    directories: &[PathBuf],
    organizations: &Organizations,
    customers: &Customers,
) -> sources::transcripts::Settings {
    let Customer { customer_type, subscription } = customers.of(organizations.default_id());
    sources::transcripts::Settings {
        directories: directories.to_vec(),
        environment: Environment { customer_type, subscription, ..environment() },
        ..sources::transcripts::Settings::default()
    }
}

/// Opens the ledger. While a status line works its figures out beside a prompt, which takes a moment, it is
/// waited for.
async fn open_ledger(data: &DataDirectory, settings: &Settings) -> Result<DuckDbStore> {
    let mut waited = Duration::ZERO;
    loop {
        let (file, settings) = (data.ledger_file(), settings.clone());
        let opened = tokio::task::spawn_blocking(move || DuckDbStore::open_with(file, settings))
            .await
            .context("opening the ledger was interrupted")?;
        let is_for_a_moment = || Remembered::read(data).may_hold_the_ledger(SystemClock.now());
        match opened {
            Err(StoreError::InUse { .. }) if waited < STATUS_LINE_PATIENCE && is_for_a_moment() => {
                tokio::time::sleep(STATUS_LINE_STEP).await;
                waited += STATUS_LINE_STEP;
            }
            opened => return opened.map_err(|error| cannot_open(data, error)),
        }
    }
}

/// Why the ledger cannot be opened, with what to do where somebody has to do something about the file.
fn cannot_open(data: &DataDirectory, error: StoreError) -> anyhow::Error {
    let advice = match error {
        StoreError::Damaged(_) => {
            " (nothing was changed; move the directory away and restore a backup: pitwall restore)"
        }
        _ => "",
    };
    anyhow::Error::new(error).context(format!("cannot open the data in {}{advice}", data.path().display()))
}

/// The organizations of the configuration. Without a default one among them, that has a random id, the same for
/// ever.
pub(crate) async fn organizations(config: &Config, secrets: &dyn State) -> Result<Organizations> {
    let named = config.organizations.iter();
    let names =
        named.map(|(id, organization)| (OrganizationId::new(id), organization.name.clone())).collect();
    let default = match config.analytics.organization.as_str() {
        "" => {
            let secret = secrets.secret("home-organization").await?;
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&secret.expose()[..16]);
            uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
        }
        id => id.to_owned(),
    };
    Ok(Organizations::new(OrganizationId::new(default), names))
}

/// What a ledger's file holds from each source, for a look without a server.
pub(crate) async fn sources_in(ledger_file: PathBuf) -> Result<Vec<SourceSummary>> {
    let store = tokio::task::spawn_blocking(move || DuckDbStore::open(ledger_file)).await??;
    let sources = store.sources(None, None).await?;
    store.close().await?;
    Ok(sources)
}

/// Where Claude Code keeps its files, and who works here.
pub(crate) fn environment() -> Environment {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER").or_else(|| variable("USERNAME")).or_else(|| variable("LOGNAME"));
    let host = variable("HOSTNAME").or_else(|| variable("COMPUTERNAME")).or_else(host_file);
    let login = match (user, host) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (user, host) => user.or(host),
    };
    let claude_config_dir = variable("CLAUDE_CONFIG_DIR");
    Environment { claude_config_dir, home: etcetera::home_dir().ok(), login, ..Environment::default() }
}

fn host_file() -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
