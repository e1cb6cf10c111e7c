//! What was received and refused: counted for Prometheus, and refusals kept for `pitwall doctor`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gauges::{Exposition, Gauged};
use model::{Clock, Source};
use sources::otlp::ReceptionLog;
use state::{Files, Rejection};
use tokio_util::sync::CancellationToken;

/// How often counts are written down.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// How many kinds of rejection wait to be written; more are dropped, and logged.
const MAX_WAITING: usize = 1_000;

/// How many reasons of rejection are told apart in the figures; what comes after is counted as `other`.
const MAX_REASONS: usize = 100;

type Waiting = BTreeMap<(Source, String), (String, u64)>;

/// Collects rejections and writes them to the state from time to time.
pub(crate) struct Reception {
    waiting: Mutex<Waiting>,
    clock: Arc<dyn Clock>,
    counted: Mutex<Counted>,
}

/// Counts since the server was started.
#[derive(Default)]
struct Counted {
    /// Records by source: new ones, and ones that were known.
    received: BTreeMap<Source, (u64, u64)>,
    /// By source and reason.
    rejected: BTreeMap<(Source, String), u64>,
}

impl Reception {
    /// An empty log.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), clock, counted: Mutex::default() })
    }

    /// Writes what is collected until `stop` is cancelled, and once more then.
    pub(crate) async fn keep_writing(self: Arc<Self>, files: Arc<dyn Files>, stop: CancellationToken) {
        loop {
            let stopped = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(WRITE_EVERY) => false,
            };
            self.write(files.as_ref()).await;
            if stopped {
                return;
            }
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, files: &dyn Files) {
        let collected = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if collected.is_empty() {
            return;
        }
        let at = self.clock.now();
        let rejections = collected.into_iter().map(|((source, reason), (place, count))| Rejection {
            source: source.as_str().to_owned(),
            reason,
            place,
            count,
            at,
        });
        let rejections: Vec<_> = rejections.collect();
        if let Err(error) = files.count_rejections(&rejections).await {
            tracing::warn!(%error, kinds = rejections.len(), "could not note what was rejected");
        }
    }
}

impl Counted {
    fn reject(&mut self, source: Source, reason: &str, count: u64) {
        let reason = (source, reason.to_owned());
        let is_one_too_many = self.rejected.len() >= MAX_REASONS && !self.rejected.contains_key(&reason);
        let reason = if is_one_too_many { (source, "other".to_owned()) } else { reason };
        *self.rejected.entry(reason).or_default() += count;
    }
}

impl Gauged for Reception {
    fn expose(&self, to: &mut Exposition) {
        let counted = self.counted();
        let received = counted.received.iter().flat_map(|(source, (fresh, repeated))| {
            let source = ("source", source.as_str());
            [([source, ("kind", "new")], *fresh), ([source, ("kind", "repeated")], *repeated)]
        });
        let received: Vec<_> = received.collect();
        to.counter(
            "pitwall_otlp_records_total",
            "Records received over OTLP by source; repeated ones were known already.",
            received.iter().map(|(labels, count)| (&labels[..], *count)),
        );
        let rejected: Vec<_> = counted
            .rejected
            .iter()
            .map(|((source, reason), count)| {
                ([("source", source.as_str()), ("reason", reason.as_str())], *count)
            })
            .collect();
        to.counter(
            "pitwall_otlp_rejected_total",
            "Records that were not taken, and whole requests, each counted as one.",
            rejected.iter().map(|(labels, count)| (&labels[..], *count)),
        );
    }
}

impl ReceptionLog for Reception {
    fn received(&self, source: Source, fresh: u64, repeated: u64) {
        tracing::debug!(source = source.as_str(), fresh, repeated, "received");
        let mut counted = self.counted();
        let (all_fresh, all_repeated) = counted.received.entry(source).or_default();
        *all_fresh += fresh;
        *all_repeated += repeated;
    }

    fn rejected(&self, source: Source, reason: &str, sample: &str, count: u64) {
        tracing::warn!(source = source.as_str(), reason, sample, count, "rejected");
        self.counted().reject(source, reason, count);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING && !waiting.contains_key(&(source, reason.to_owned())) {
            return;
        }
        let (place, counted) = waiting.entry((source, reason.to_owned())).or_default();
        sample.clone_into(place);
        *counted += count;
    }
}
