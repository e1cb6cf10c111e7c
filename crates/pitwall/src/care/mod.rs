//! Looking after the data: recounting, mending, copying.
//!
//! A [`Job`] runs in the process that holds the data: in the server when one runs on it, which a command asks
//! ([`remote`]), else in the command itself ([`run`]). Either way it tells how far it is, and ends with an
//! [`Outcome`].

pub(crate) mod backup;
pub(crate) mod door;
pub(crate) mod forget;
mod manifest;
mod rebuild;
pub(crate) mod remote;
pub(crate) mod restore;
pub(crate) mod retention;
mod search;
pub(crate) mod verify;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, ensure};
use ledger::PriceBook;
use model::{Clock, SessionId};
use serde::{Deserialize, Serialize};
use sources::intake::{Intake, Recounting};
use state::SqliteState;
use store::Maintenance;
use tokio::sync::{Mutex, watch};

use crate::config::{Config, DataDirectory, RetentionConfig};
use crate::progress;
use crate::running_server::RunningServer;
use crate::wire::{Local, Watched};
use backup::BackedUp;
use forget::Forgotten;
use rebuild::Rebuilt;
use retention::Retained;
use verify::Verdict;

/// What can be done to the data.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub(crate) enum Job {
    /// Count everything again, and compare.
    Verify,
    /// Settle everything again from its records, and post what differs.
    Rebuild,
    /// Copy everything into a folder that is not there yet.
    BackUp {
        /// The folder, as an absolute path.
        to: PathBuf,
    },
    /// Erase a person.
    Forget {
        /// E-mail address, account id, or the name of an actor without a sign-in.
        person: String,
        /// Only look what there is to erase.
        dry_run: bool,
    },
    /// Let data go that is older than it is to be kept, and fold what was taken back long ago.
    Retention {
        /// Only look what there is to do.
        dry_run: bool,
        /// Leave the file alone where little would be gained.
        only_if_worth_it: bool,
    },
}

/// How far a job is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// What is being done, such as `Counting sessions`.
    pub(crate) what: String,
    /// How much of it is done.
    pub(crate) done: u64,
    /// How much there is in all; zero where nobody knows.
    pub(crate) of: u64,
}

/// What came of a job.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Of [`Job::Verify`].
    Verify(Verdict),
    /// Of [`Job::Rebuild`].
    Rebuild(Rebuilt),
    /// Of [`Job::BackUp`].
    BackUp(BackedUp),
    /// Of [`Job::Forget`].
    Forget(Forgotten),
    /// Of [`Job::Retention`].
    Retention(Retained),
}

/// Where a job tells how far it is.
pub(crate) type Teller = watch::Sender<Step>;

/// Everything that jobs need of an open data directory.
#[derive(Clone)]
pub(crate) struct Caretaker {
    pub(crate) ledger: Arc<dyn Maintenance>,
    pub(crate) state: Arc<SqliteState>,
    pub(crate) prices: Arc<PriceBook>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where orders to the writer go; `None` where nobody writes.
    pub(crate) intake: Option<Intake>,
    /// `settlement.quiet`, in microseconds.
    pub(crate) quiet_micros: i64,
    pub(crate) data: DataDirectory,
    /// How long data is kept.
    pub(crate) retention: RetentionConfig,
    /// Held by whoever has a job done, one at a time.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Caretaker {
    /// Does the job.
    pub(crate) async fn run(&self, job: Job, told: &Teller) -> Result<Outcome> {
        Ok(match job {
            Job::Verify => Outcome::Verify(verify::verify(self, told).await?),
            Job::Rebuild => Outcome::Rebuild(rebuild::rebuild(self, told).await?),
            Job::BackUp { to } => Outcome::BackUp(backup::back_up(self, &to, told).await?),
            Job::Forget { person, dry_run } => {
                Outcome::Forget(forget::forget(self, &person, dry_run, told).await?)
            }
            Job::Retention { dry_run, only_if_worth_it } => {
                Outcome::Retention(retention::apply(self, dry_run, only_if_worth_it, told).await?)
            }
        })
    }

    fn recounting(&self) -> Recounting {
        Recounting {
            prices: Arc::clone(&self.prices),
            clock: Arc::clone(&self.clock),
            quiet_micros: self.quiet_micros,
            folder: self.data.path().to_owned(),
        }
    }
}

/// Has the job done by the server that holds the data, or does it here. Shows how far it is when `visible`.
pub(crate) async fn run(config: &Config, data: &DataDirectory, job: Job, visible: bool) -> Result<Outcome> {
    ensure!(data.ledger_file().exists(), "there is no ledger in {}", data.path().display());
    let told = watch::Sender::new(Step::default());
    let shown = progress::show_steps(told.subscribe(), visible);
    let outcome = match RunningServer::find(data).await? {
        Some(server) => remote::ask(&server, &job, &told).await,
        None => here(config, data, job, &told).await,
    };
    shown.abort();
    outcome
}

async fn here(config: &Config, data: &DataDirectory, job: Job, told: &Teller) -> Result<Outcome> {
    if matches!(job, Job::Rebuild) {
        let local = Local::open(config, data).await?;
        let outcome = local.caretaker().run(job, told).await;
        local.close().await?;
        return outcome;
    }
    // Nothing is settled on the way: what is looked at stays as it is.
    let watched = Watched::open(config, data).await?;
    let outcome = watched.caretaker().run(job, told).await;
    watched.close().await?;
    outcome
}

/// Sessions that are listed in one go.
const SESSIONS_AT_ONCE: usize = 50_000;

/// Every session that records came in for.
async fn all_sessions(keeper: &Caretaker) -> Result<Vec<SessionId>> {
    let mut sessions: Vec<SessionId> = Vec::new();
    loop {
        let page = keeper.ledger.sessions(sessions.last(), SESSIONS_AT_ONCE).await?;
        if page.is_empty() {
            return Ok(sessions);
        }
        sessions.extend(page.into_iter().map(|span| span.session));
    }
}

/// Tells how far something is; whether anybody listens does not matter.
fn tell(told: &Teller, what: &str, done: u64, of: u64) {
    told.send_replace(Step { what: what.to_owned(), done, of });
}
