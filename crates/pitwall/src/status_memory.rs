//! What the status line remembers from one prompt to the next, where no server can be asked.

use anyhow::Result;
use model::Timestamp;
use report::range::Zone;
use report::status_line::StatusLine;
use serde::{Deserialize, Serialize};

use crate::config::DataDirectory;

/// Figures older than this are worked out anew, in seconds.
const FRESH_SECONDS: i64 = 15;
/// How long a process that works them out may take before another is started, in seconds.
const REFRESH_SECONDS: i64 = 120;
/// How long a process may take to end after that, in seconds.
const ENDING_SECONDS: i64 = 5;

/// Figures as they are left for the next prompt (`status-line.json` in the data directory).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// The zone that today was cut in.
    pub(crate) zone: String,
    /// When a process began to work them out, in microseconds since the Unix epoch.
    pub(crate) refresh_began_at: Timestamp,
    /// The figures, once there were any.
    pub(crate) figures: Option<StatusLine>,
}

impl Remembered {
    /// What is left there; nothing when there is nothing, or nothing that can be read.
    pub(crate) fn read(data: &DataDirectory) -> Self {
        let text = std::fs::read(data.status_line_file()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Leaves it, whole or not at all.
    pub(crate) fn write(&self, data: &DataDirectory) -> Result<()> {
        let path = data.status_line_file();
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&beside, serde_json::to_vec(self)?)?;
        Ok(std::fs::rename(&beside, &path)?)
    }

    /// What of the figures still holds: not those of another day, nor a window that has ended. Sessions are
    /// not remembered.
    pub(crate) fn holding(&self, zone: &Zone, now: Timestamp) -> Option<StatusLine> {
        let mut figures = self.figures.clone()?;
        if zone.name() != self.zone || zone.day_of(figures.now.into()) != zone.day_of(now) {
            figures.today = Default::default();
        }
        figures.block = figures.block.filter(|block| Timestamp::from(block.ends_at) > now);
        figures.session = None;
        Some(figures)
    }

    /// Whether the figures are old, and nobody is working them out.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now.micros_since(self.worked_out_at()) >= FRESH_SECONDS * 1_000_000 && !self.is_being_refreshed(now)
    }

    /// Whether another process probably holds the ledger for a moment: it works them out, or is about to end.
    pub(crate) fn may_hold_the_ledger(&self, now: Timestamp) -> bool {
        let since = now.micros_since(self.worked_out_at());
        self.is_being_refreshed(now) || (0..ENDING_SECONDS * 1_000_000).contains(&since)
    }

    /// Whether another process is probably working them out.
    fn is_being_refreshed(&self, now: Timestamp) -> bool {
        let since = now.micros_since(self.refresh_began_at);
        self.refresh_began_at > self.worked_out_at() && since < REFRESH_SECONDS * 1_000_000
    }

    fn worked_out_at(&self) -> Timestamp {
        self.figures.as_ref().map_or(Timestamp::MIN, |figures| figures.now.into())
    }
}

#[cfg(test)]
mod tests {
    use report::status_line::{RunningBlock, Spent};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn remembered(now: &str) -> Remembered {
        let spent = |requests| Spent { requests, ..Spent::default() };
        let block = RunningBlock {
            ends_at: at("2026-11-20T20:00:00Z").to_jiff(),
            spent: spent(2),
            burn_rate: None,
            projection: None,
        };
        let figures = StatusLine {
            now: at(now).to_jiff(),
            today: spent(3),
            block: Some(block),
            session: Some(spent(1)),
        };
        Remembered { zone: "UTC".into(), refresh_began_at: at(now), figures: Some(figures) }
    }

    #[test]
    fn figures_hold_as_long_as_their_day_and_window() {
        let remembered = remembered("2026-11-20T16:00:00Z");
        let holding = |zone: &str, now: &str| {
            let figures = remembered.holding(&Zone::named(zone).unwrap(), at(now)).unwrap();
            (figures.today.requests, figures.block.map(|block| block.spent.requests), figures.session)
        };
        assert_eq!(holding("UTC", "2026-11-20T17:00:00Z"), (3, Some(2), None));
        assert_eq!(holding("UTC", "2026-11-20T20:00:00Z"), (3, None, None));
        assert_eq!(holding("UTC", "2026-11-21T00:00:00Z"), (0, None, None));
        assert_eq!(holding("Europe/Berlin", "2026-11-20T17:00:00Z"), (0, Some(2), None));
        assert_eq!(Remembered::default().holding(&Zone::utc(), at("2026-11-20T17:00:00Z")), None);
    }

    #[test]
    fn whoever_worked_them_out_may_hold_the_ledger_a_moment_longer() {
        let remembered = remembered("2026-11-20T16:00:00Z");
        let now = at("2026-11-20T16:00:00Z");
        assert!(remembered.may_hold_the_ledger(now.plus_seconds(4)));
        assert!(!remembered.may_hold_the_ledger(now.plus_seconds(5)));
        let begun = Remembered { refresh_began_at: now.plus_seconds(20), ..remembered };
        assert!(begun.may_hold_the_ledger(now.plus_seconds(60)));
        assert!(!Remembered::default().may_hold_the_ledger(now));
    }

    #[test]
    fn figures_are_worked_out_again_when_they_are_old_by_one_process_at_a_time() {
        let now = at("2026-11-20T16:00:00Z");
        assert!(Remembered::default().is_due(now));
        let mut fresh = remembered("2026-11-20T16:00:00Z");
        assert!(!fresh.is_due(now.plus_seconds(14)));
        assert!(fresh.is_due(now.plus_seconds(15)));
        fresh.refresh_began_at = now.plus_seconds(15);
        assert!(!fresh.is_due(now.plus_seconds(60)));
        assert!(fresh.is_due(now.plus_seconds(15 + 120)), "a process that died is not waited for");
    }
}
