//! How the parts behind a server say how they are.

use gauges::{Exposition, Gauged};
use server::{Writing, WritingWatch};
use sources::intake::{Condition, Intake};

/// The writer behind an intake.
pub(crate) struct WriterBehind(pub(crate) Intake);

impl WritingWatch for WriterBehind {
    fn writing(&self) -> Writing {
        match self.0.condition() {
            Condition::Works => Writing::Works,
            Condition::Fails => Writing::Fails,
            Condition::Ended => Writing::Ended,
        }
    }
}

/// What the process uses, as Linux tells; nothing elsewhere. The names are those that every Prometheus client
/// gives them.
pub(crate) struct ThisProcess;

/// Clock ticks in a second, as `/proc` counts them on every Linux that has not been built otherwise.
const TICKS_PER_SECOND: f64 = 100.0;

impl Gauged for ThisProcess {
    fn expose(&self, to: &mut Exposition) {
        let none = &[][..];
        if let Some(seconds) = cpu_seconds() {
            to.seconds("process_cpu_seconds_total", "Processor time used.", [(none, seconds)]);
        }
        if let Some(kib) = resident_kib() {
            let bytes = kib as f64 * 1024.0;
            to.gauge("process_resident_memory_bytes", "Memory in use.", [(none, bytes)]);
        }
        let version: &[(&str, &str)] = &[("version", env!("CARGO_PKG_VERSION"))];
        to.gauge("pitwall_build_info", "The version that runs.", [(version, 1.0)]);
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name before the last parenthesis may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
