//! What was refused, kept for `pitwall doctor`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{Clock, Source};
use sources::otlp::ReceptionLog;
use state::{Files, Rejection};
use tokio_util::sync::CancellationToken;

/// How often counts are written down.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// How many kinds of rejection wait to be written; more are dropped, and logged.
const MAX_WAITING: usize = 1_000;

type Waiting = BTreeMap<(Source, String), (String, u64)>;

/// Collects rejections and writes them to the state from time to time.
pub(crate) struct Reception {
    waiting: Mutex<Waiting>,
    clock: Arc<dyn Clock>,
}

impl Reception {
    /// An empty log.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), clock })
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

impl ReceptionLog for Reception {
    fn received(&self, source: Source, fresh: u64, repeated: u64) {
        tracing::debug!(source = source.as_str(), fresh, repeated, "received");
    }

    fn rejected(&self, source: Source, reason: &str, sample: &str, count: u64) {
        tracing::warn!(source = source.as_str(), reason, sample, count, "rejected");
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING && !waiting.contains_key(&(source, reason.to_owned())) {
            return;
        }
        let (place, counted) = waiting.entry((source, reason.to_owned())).or_default();
        sample.clone_into(place);
        *counted += count;
    }
}
