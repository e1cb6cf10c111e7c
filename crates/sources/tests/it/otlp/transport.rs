//! Helpers: a receiver, a store's writer that is not there, and captured bodies.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::{CustomerType, Record, Source, Timestamp};
use sources::claude_code::ClaudeCode;
use sources::intake::{Intake, IntakeError, Receipt, Submission};
use sources::otlp::{Admission, Denied, IngestAuth, Limits, Parts, Receiver, ReceptionLog};
use tokio::sync::mpsc;

/// A log that remembers.
#[derive(Default)]
pub(super) struct Remembered(Mutex<Vec<(Source, String, String, u64)>>);

impl ReceptionLog for Remembered {
    fn received(&self, source: Source, fresh: u64, _repeated: u64) {
        self.0.lock().unwrap().push((source, "received".into(), String::new(), fresh));
    }

    fn rejected(&self, source: Source, reason: &str, sample: &str, count: u64) {
        self.0.lock().unwrap().push((source, reason.into(), sample.into(), count));
    }
}

impl Remembered {
    pub(super) fn entries(&self) -> Vec<(Source, String, String, u64)> {
        self.0.lock().unwrap().clone()
    }
}

/// Lets in who says `right`; cannot check who says `broken`.
struct OneKey;

#[async_trait]
impl IngestAuth for OneKey {
    async fn admit(&self, credential: Option<&str>) -> Result<Admission, Denied> {
        match credential {
            Some("right") => {
                let (ingest_key, organization) = (Some("laptops".into()), Some("org".into()));
                let customer_type = Some(CustomerType::Subscription);
                Ok(Admission { ingest_key, organization, customer_type, subscription: Some("team".into()) })
            }
            Some("broken") => Err(Denied::Unavailable("the database is away".into())),
            Some(_) => Err(Denied::Credential("this ingest key is not known".into())),
            None => Err(Denied::Credential("an ingest key is needed".into())),
        }
    }
}

/// A receiver, what it hands over, and what it logs.
pub(super) struct World {
    pub(super) receiver: Receiver,
    pub(super) intake: Intake,
    pub(super) submissions: mpsc::Receiver<Submission>,
    pub(super) log: Arc<Remembered>,
}

/// Limits that tests can reach.
pub(super) fn small_limits() -> Limits {
    Limits {
        body_bytes: 1 << 20,
        in_flight_bytes: 4 << 20,
        body_patience: Duration::from_secs(30),
        grpc_patience: Duration::from_secs(5),
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with_keys() -> Self {
        Self::with(|parts| parts.auth = Arc::new(OneKey))
    }

    pub(super) fn with(change: impl FnOnce(&mut Parts)) -> Self {
        let (intake, submissions) = Intake::with_capacity(1);
        let log = Arc::new(Remembered::default());
        let mut parts = Parts::open(intake.clone(), Arc::new(ClaudeCode::default()));
        parts.limits = small_limits();
        parts.log = Arc::clone(&log) as Arc<dyn ReceptionLog>;
        change(&mut parts);
        Self { receiver: Receiver::new(parts), intake, submissions, log }
    }

    /// Answers every submission in the background; gives the records of all of them when the receiver is gone.
    pub(super) fn write_everything(
        self,
    ) -> (Receiver, Arc<Remembered>, tokio::task::JoinHandle<Vec<Record>>) {
        let Self { receiver, intake, mut submissions, log } = self;
        drop(intake);
        let writer = tokio::spawn(async move {
            let mut written = Vec::new();
            while let Some(Submission { records, answer, .. }) = submissions.recv().await {
                let before = written.len();
                written.extend(records.into_iter().flatten());
                let receipt =
                    Receipt { fresh: written.len() - before, repeated: 0, boundary: Timestamp::MIN };
                let _ = answer.send(Ok(receipt));
            }
            written
        });
        (receiver, log, writer)
    }

    /// Fills the queue and keeps it full.
    pub(super) fn fill_queue(&self) {
        drop(self.intake.try_submit(Vec::new()).expect("the queue has room for one"));
        assert!(matches!(self.intake.try_submit(Vec::new()).map(drop), Err(IntakeError::Full)));
    }
}
