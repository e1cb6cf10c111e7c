//! What both transports hand requests to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use model::{Record, Source};

use super::admission::{self, Admission, AdmitEverybody, IngestAuth};
use super::answer::Accepted;
use super::body::{Compression, gunzip};
use super::decode::{self, Encoding};
use super::export::{Export, Rejections, Signal};
use super::refusal::Refusal;
use super::room::{Lease, Room};
use crate::intake::{Intake, IntakeError};

/// Gives exports their meaning.
pub trait Translate: Send + Sync {
    /// The records of an export. Items that are not taken are counted with a reason; they affect no other.
    fn translate(&self, export: Export, admission: &Admission, rejections: &mut Rejections) -> Vec<Record>;
}

/// Told what was received and what was not, for an operator to look at.
pub trait ReceptionLog: Send + Sync {
    /// Items were taken; `repeated` of them were known already.
    fn received(&self, source: Source, fresh: u64, repeated: u64);

    /// Items, or a whole request (then `count` is 1), were not taken. `sample` is the name of the first item,
    /// or the refusal's text; neither holds content.
    fn rejected(&self, source: Source, reason: &str, sample: &str, count: u64);
}

/// Keeps no log.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLog;

impl ReceptionLog for NoLog {
    fn received(&self, _source: Source, _fresh: u64, _repeated: u64) {}

    fn rejected(&self, _source: Source, _reason: &str, _sample: &str, _count: u64) {}
}

/// What bounds a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest body, compressed or not, in bytes.
    pub body_bytes: usize,
    /// Memory that all requests together may take up until they are answered, decoded or not, in bytes.
    pub in_flight_bytes: usize,
    /// How long a body may take to arrive.
    pub body_patience: Duration,
    /// How long a gRPC request waits for room in the queue. Clients drop what is refused over gRPC, so it
    /// pays to wait; over HTTP they try again.
    pub grpc_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 20,
            in_flight_bytes: 256 << 20,
            body_patience: Duration::from_secs(30),
            // Clients give up after ten seconds.
            grpc_patience: Duration::from_secs(5),
        }
    }
}

/// Bodies from this size on are decoded on a thread where they hold up no other connection, in bytes.
const DECODED_ASIDE_BYTES: usize = 64 * 1024;

/// Takes OTLP requests and answers them when their records are durable. Clones share everything.
#[derive(Clone)]
pub struct Receiver {
    shared: Arc<Shared>,
}

struct Shared {
    intake: Intake,
    translate: Arc<dyn Translate>,
    auth: Arc<dyn IngestAuth>,
    log: Arc<dyn ReceptionLog>,
    limits: Limits,
    room: Room,
}

/// What a [`Receiver`] is made of.
pub struct Parts {
    /// Where records go.
    pub intake: Intake,
    /// What exports mean.
    pub translate: Arc<dyn Translate>,
    /// Who may send.
    pub auth: Arc<dyn IngestAuth>,
    /// Who is told.
    pub log: Arc<dyn ReceptionLog>,
    /// How much at most.
    pub limits: Limits,
}

impl Parts {
    /// Everybody may send, nobody is told, default limits.
    pub fn open(intake: Intake, translate: Arc<dyn Translate>) -> Self {
        Self {
            intake,
            translate,
            auth: Arc::new(AdmitEverybody),
            log: Arc::new(NoLog),
            limits: Limits::default(),
        }
    }
}

/// What to do when the queue to the writer is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Refuse at once.
    Refuse,
    /// Wait for room, this long at most.
    WaitFor(Duration),
    /// Wait for room, however long that takes.
    Wait,
}

impl Receiver {
    /// Puts a receiver together.
    pub fn new(parts: Parts) -> Self {
        let Parts { intake, translate, auth, log, limits } = parts;
        let room = Room::of_bytes(limits.in_flight_bytes);
        Self { shared: Arc::new(Shared { intake, translate, auth, log, limits, room }) }
    }

    /// The limits it was made with.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Takes a request from a sender that is already known, for callers in this process.
    pub async fn receive(
        &self,
        signal: Signal,
        encoding: Encoding,
        body: Bytes,
        admission: &Admission,
        when_full: WhenFull,
    ) -> Result<Accepted, Refusal> {
        let body = Body { bytes: body, compression: Compression::Identity, lease: self.shared.room.lease() };
        self.receive_body(signal, encoding, body, admission, when_full).await
    }

    /// Decides on a sender by its headers.
    pub(crate) async fn admit(&self, headers: &HeaderMap) -> Result<Admission, Refusal> {
        Ok(self.shared.auth.admit(admission::credential(headers)).await?)
    }

    /// An empty body, to be filled.
    pub(crate) fn open_body(&self, compression: Compression) -> Body {
        Body { bytes: Bytes::new(), compression, lease: self.shared.room.lease() }
    }

    /// Takes a request: decodes it, hands its records over and waits until they are durable.
    pub(crate) async fn receive_body(
        &self,
        signal: Signal,
        encoding: Encoding,
        body: Body,
        admission: &Admission,
        when_full: WhenFull,
    ) -> Result<Accepted, Refusal> {
        let Decoded { records, rejections, lease } = self.decode(signal, encoding, body, admission).await?;
        for rejection in rejections.iter() {
            self.shared.log.rejected(signal.source(), &rejection.reason, &rejection.sample, rejection.count);
        }
        let mut accepted = Accepted { fresh: 0, repeated: 0, rejections };
        if !records.is_empty() {
            let receipt = self.hand_over(records, when_full).await?;
            accepted.fresh = receipt.fresh;
            accepted.repeated = receipt.repeated;
            self.shared.log.received(signal.source(), receipt.fresh as u64, receipt.repeated as u64);
        }
        drop(lease);
        Ok(accepted)
    }

    async fn decode(
        &self,
        signal: Signal,
        encoding: Encoding,
        body: Body,
        admission: &Admission,
    ) -> Result<Decoded, Refusal> {
        let shared = Arc::clone(&self.shared);
        if body.bytes.len() < DECODED_ASIDE_BYTES && body.compression == Compression::Identity {
            return shared.decode(signal, encoding, body, admission);
        }
        let admission = admission.clone();
        tokio::task::spawn_blocking(move || shared.decode(signal, encoding, body, &admission))
            .await
            .map_err(|_| Refusal::Unavailable("the server is stopping".into()))?
    }

    async fn hand_over(
        &self,
        records: Vec<Record>,
        when_full: WhenFull,
    ) -> Result<crate::intake::Receipt, IntakeError> {
        match when_full {
            WhenFull::Refuse => self.shared.intake.try_submit(records)?.await,
            WhenFull::Wait => self.shared.intake.submit(records).await,
            // Records that were queued in time but not written in time may be kept all the same: the
            // sender is told that they were not, and sending them again adds nothing.
            WhenFull::WaitFor(patience) => tokio::time::timeout(patience, self.shared.intake.submit(records))
                .await
                .unwrap_or(Err(IntakeError::Full)),
        }
    }

    /// Logs a request that was not taken.
    pub(crate) fn log_refusal(&self, signal: Signal, refusal: &Refusal) {
        tracing::debug!(
            otlp.signal = signal.http_path(),
            http.status = refusal.http_status(),
            error = %refusal,
            "refused an export"
        );
        self.shared.log.rejected(signal.source(), refusal.reason(), &refusal.to_string(), 1);
    }
}

impl Shared {
    /// CPU work: decompresses, decodes and translates.
    fn decode(
        &self,
        signal: Signal,
        encoding: Encoding,
        body: Body,
        admission: &Admission,
    ) -> Result<Decoded, Refusal> {
        let Body { bytes, compression, mut lease } = body;
        let limit_bytes = self.limits.body_bytes;
        if bytes.len() > limit_bytes {
            return Err(Refusal::TooLarge { limit_bytes });
        }
        let plain = match compression {
            Compression::Identity => bytes,
            Compression::Gzip => gunzip(&bytes, limit_bytes, &mut lease)?.into(),
        };
        lease.grow_to(decode::footprint(signal, encoding, &plain))?;
        let mut rejections = Rejections::default();
        let export = decode::decode(signal, encoding, &plain, &mut rejections)?;
        drop(plain);
        let records = self.translate.translate(export, admission, &mut rejections);
        Ok(Decoded { records, rejections, lease })
    }
}

/// A request's body, and the room it takes up.
pub(crate) struct Body {
    bytes: Bytes,
    compression: Compression,
    lease: Lease,
}

impl Body {
    /// Makes room for a body of this size.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.lease.grow_to(bytes)
    }

    /// The body's bytes.
    pub(crate) fn fill(mut self, bytes: Bytes) -> Self {
        self.bytes = bytes;
        self
    }
}

struct Decoded {
    records: Vec<Record>,
    rejections: Rejections,
    lease: Lease,
}
