//! The demo: a second instance with its own data directory, started from the dashboard.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use model::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use server::api::demo::{DemoControl, DemoState, DemoStatus};
use server::api::status::DataKind;
use tokio_util::sync::CancellationToken;

use super::{Instance, Options};
use crate::config::{Config, DataDirectory};
use crate::demo::{self, Filled, Plan};

/// Developers in the demo's organization.
pub(crate) const DEFAULT_DEVELOPERS: u32 = 40;
/// Days that its history goes back.
pub(crate) const DEFAULT_DAYS: u32 = 90;
/// What its dice begin with.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// Starts the demo once, and knows how it stands.
pub(crate) struct DemoInstance {
    data: DataDirectory,
    stop: CancellationToken,
    status: Arc<Mutex<DemoStatus>>,
}

impl DemoInstance {
    /// With a data directory of its own; the demo stops with `stop`.
    pub(crate) fn new(data: DataDirectory, stop: CancellationToken) -> Self {
        Self { data, stop, status: Arc::new(Mutex::new(DemoStatus::NONE)) }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, DemoStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DemoControl for DemoInstance {
    fn status(&self) -> DemoStatus {
        self.locked().clone()
    }

    fn start(&self) -> DemoStatus {
        let mut status = self.locked();
        if matches!(status.state, DemoState::Filling | DemoState::Ready) {
            return status.clone();
        }
        *status = DemoStatus { state: DemoState::Filling, ..DemoStatus::NONE };
        let (data, stop, shared) = (self.data.clone(), self.stop.clone(), Arc::clone(&self.status));
        tokio::spawn(async move {
            let tell = |status: DemoStatus| *shared.lock().unwrap_or_else(PoisonError::into_inner) = status;
            if let Err(error) = run(data, stop, &tell).await {
                tracing::error!(error = format!("{error:#}"), "the demo could not be started");
                let message = Some(format!("{error:#}"));
                tell(DemoStatus { state: DemoState::Failed, message, ..DemoStatus::NONE });
            }
        });
        status.clone()
    }
}

async fn run(
    data: DataDirectory,
    stop: CancellationToken,
    tell: &(impl Fn(DemoStatus) + Sync),
) -> Result<()> {
    let plan = Plan {
        developers: DEFAULT_DEVELOPERS,
        days: DEFAULT_DAYS,
        seed: DEFAULT_SEED,
        end: Plan::end_before(SystemClock.now()),
    };
    let mut instance = start(data, &plan, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), |progress| {
        tell(DemoStatus { state: DemoState::Filling, progress, ..DemoStatus::NONE });
    })
    .await?;
    let address = Some(instance.address.clone());
    tell(DemoStatus { state: DemoState::Ready, progress: 1.0, address, message: None });
    keep_going(&mut instance, plan);
    stop.cancelled().await;
    instance.stop().await
}

/// An instance with demo data, filled first where that has not been done.
pub(crate) async fn start(
    data: DataDirectory,
    plan: &Plan,
    http: SocketAddr,
    progress: impl FnMut(f64) + Send,
) -> Result<Instance> {
    let config = Config::default();
    let options = Options { config, data: data.clone(), kind: DataKind::Demo, http, grpc: None };
    let instance = Instance::start(options).await?;
    match Made::read(&data)? {
        None => {
            let filled = demo::fill(&instance.receiver, plan, progress).await?;
            Made { plan: *plan, filled }.write(&data)?;
        }
        Some(made) if made.is_of(plan) => {}
        Some(made) => {
            let Plan { developers, days, seed, .. } = made.plan;
            instance.stop().await?;
            anyhow::bail!(
                "{} holds a demo of {developers} developers over {days} days from seed {seed}; \
                 name another directory with --data, or remove this one",
                data.path().display()
            );
        }
    }
    Ok(instance)
}

/// What the demo data in a directory was made from, and what it amounts to as it was counted when it was
/// made. Written when the data is complete.
#[derive(Serialize, Deserialize)]
pub(crate) struct Made {
    #[serde(flatten)]
    plan: Plan,
    filled: Filled,
}

impl Made {
    /// `None` where no demo data is complete yet.
    ///
    /// # Errors
    /// When what is written there cannot be read.
    pub(crate) fn read(data: &DataDirectory) -> Result<Option<Self>> {
        let path = data.path().join(MADE);
        match std::fs::read(&path) {
            Ok(json) => {
                let made = serde_json::from_slice(&json);
                made.with_context(|| format!("cannot read {}; remove the demo's directory", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn write(&self, data: &DataDirectory) -> Result<()> {
        Ok(std::fs::write(data.path().join(MADE), serde_json::to_vec_pretty(self)?)?)
    }

    /// Whether it is the same company over as many days, whenever these end.
    fn is_of(&self, plan: &Plan) -> bool {
        Plan { end: plan.end, ..self.plan } == *plan
    }
}

/// People go on working while the demo is looked at.
pub(crate) fn keep_going(instance: &mut Instance, plan: Plan) {
    let (receiver, stop) = (instance.receiver.clone(), instance.stopping());
    instance.spawn(async move {
        if let Err(error) = demo::keep_going(&receiver, &plan, &SystemClock, stop).await {
            tracing::warn!(error = format!("{error:#}"), "the demo stands still");
        }
    });
}

/// The file that [`Made`] lies in.
const MADE: &str = "demo-made.json";
