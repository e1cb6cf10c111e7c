//! What a process uses, as Linux tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// Clock ticks in a second, as `/proc` counts them on every Linux that has not been built otherwise.
const TICKS_PER_SECOND: f64 = 100.0;

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What a process used while it was watched.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Usage {
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
    /// The most memory that was in use, in MiB.
    pub peak_mib: f64,
    /// Memory in use at the end, in MiB.
    pub end_mib: f64,
}

/// A process that is watched.
pub struct Watch {
    process: u32,
    cpu_before: f64,
    peak_kib: Arc<AtomicU64>,
    looking: tokio::task::JoinHandle<()>,
}

impl Watch {
    /// Watches a process; `None` where the system does not tell.
    pub fn start(process: u32) -> Option<Self> {
        let cpu_before = cpu_seconds(process)?;
        let peak_kib = Arc::new(AtomicU64::new(memory_kib(process)?));
        let peak = Arc::clone(&peak_kib);
        let looking = tokio::spawn(async move {
            while let Some(kib) = memory_kib(process) {
                peak.fetch_max(kib, Ordering::Relaxed);
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        Some(Self { process, cpu_before, peak_kib, looking })
    }

    /// What it used since then; `None` when it has ended.
    pub fn stop(self) -> Option<Usage> {
        self.looking.abort();
        let cpu_seconds = cpu_seconds(self.process)? - self.cpu_before;
        let end = memory_kib(self.process)?;
        let peak = self.peak_kib.load(Ordering::Relaxed).max(end);
        Some(Usage { cpu_seconds, peak_mib: peak as f64 / 1024.0, end_mib: end as f64 / 1024.0 })
    }
}

fn cpu_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before the last parenthesis may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

fn memory_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
