//! The demo: a second instance with its own data directory, started from the dashboard.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use model::{Clock, SystemClock};
use server::api::demo::{DemoControl, DemoState, DemoStatus};
use server::api::status::DataKind;
use tokio_util::sync::CancellationToken;

use super::{Instance, Options};
use crate::config::{Config, DataDirectory};
use crate::demo::{self, Plan};

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
        end: SystemClock.now(),
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
    let mark = data.path().join(FILLED);
    let wanted = format!("{} developers, {} days, seed {}", plan.developers, plan.days, plan.seed);
    match std::fs::read_to_string(&mark) {
        Ok(filled) if filled == wanted => {}
        Ok(filled) => {
            let data = data.path().display().to_string();
            instance.stop().await?;
            anyhow::bail!(
                "{data} holds a demo of {filled}; name another directory with --data, or remove this one"
            );
        }
        Err(_) => {
            demo::fill(&instance.receiver, plan, progress).await?;
            std::fs::write(mark, wanted)?;
        }
    }
    Ok(instance)
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

/// Marks a data directory whose demo data is complete, and says which it is.
const FILLED: &str = "demo-complete";
