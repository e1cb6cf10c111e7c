//! What the intake measures of itself.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gauges::{Counter, Exposition, Gauge, Gauged, Histogram};
use tokio::time::Instant;

/// Counts and times since the writer was started.
#[derive(Debug, Default)]
pub struct IntakeGauges {
    /// Records that were new.
    pub(super) fresh: Counter,
    /// Records that were known already.
    pub(super) repeated: Counter,
    /// Submissions that found the queue full.
    pub(super) refused: Counter,
    /// Submissions that the store did not take.
    pub(super) failed: Counter,
    /// Submissions that wait for the writer.
    pub(super) queued: Gauge,
    /// Transactions, from taking what waits to its being durable.
    pub(super) transactions: Histogram,
    /// From a submission to its records being settled and durable.
    pub(super) settled_after: Histogram,
    /// Sessions whose totals wait to be compared.
    pub(super) waiting: Gauge,
    /// Memory taken up by sessions at hand, in bytes.
    pub(super) at_hand_bytes: Gauge,
    /// Sessions at hand.
    pub(super) at_hand_sessions: Gauge,
    /// What of them is in a file, in bytes.
    pub(super) shelved_bytes: Gauge,
    /// Sessions that were settled from all their records.
    pub(super) settled_whole: Counter,
    /// Sessions that were settled from what was new of them.
    pub(super) settled_live: Counter,
    /// When a transaction failed the last time.
    failed_at: Mutex<Option<Instant>>,
}

impl IntakeGauges {
    /// A transaction has failed.
    pub(super) fn note_failure(&self) {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a transaction has failed this short a time ago.
    pub(super) fn has_failed_within(&self, time: Duration) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| at.elapsed() < time)
    }
}

impl Gauged for IntakeGauges {
    fn expose(&self, to: &mut Exposition) {
        let kinds =
            [(&[("kind", "new")][..], self.fresh.get()), (&[("kind", "repeated")], self.repeated.get())];
        to.counter(
            "pitwall_ingest_records_total",
            "Records taken in; repeated ones were known already.",
            kinds,
        );
        let outcomes =
            [(&[("reason", "full")][..], self.refused.get()), (&[("reason", "store")], self.failed.get())];
        to.counter(
            "pitwall_ingest_submissions_refused_total",
            "Groups of records that were not taken: the queue was full, or the store failed.",
            outcomes,
        );
        let none = &[][..];
        to.gauge(
            "pitwall_ingest_queue_depth",
            "Groups of records that wait for the writer.",
            [(none, self.queued.get() as f64)],
        );
        to.histogram(
            "pitwall_ingest_transaction_seconds",
            "How long it takes to settle and commit what waits.",
            [(none, &self.transactions)],
        );
        to.histogram(
            "pitwall_settlement_lag_seconds",
            "From handing records over to their being settled and durable.",
            [(none, &self.settled_after)],
        );
        to.gauge(
            "pitwall_settlement_waiting_sessions",
            "Sessions with totals that are too young to be compared.",
            [(none, self.waiting.get() as f64)],
        );
        let ways = [
            (&[("from", "new")][..], self.settled_live.get()),
            (&[("from", "all")], self.settled_whole.get()),
        ];
        to.counter(
            "pitwall_settlement_sessions_total",
            "Sessions settled, from their new records alone or from all of them.",
            ways,
        );
        to.gauge(
            "pitwall_settlement_at_hand_sessions",
            "Sessions that need not be read back to be settled.",
            [(none, self.at_hand_sessions.get() as f64)],
        );
        to.gauge(
            "pitwall_settlement_at_hand_bytes",
            "Memory that these take up.",
            [(none, self.at_hand_bytes.get() as f64)],
        );
        to.gauge(
            "pitwall_settlement_shelved_bytes",
            "What of them did not fit into memory and is in a file.",
            [(none, self.shelved_bytes.get() as f64)],
        );
    }
}
