//! From what clients export to the requests that are sent.

use bytes::Bytes;
use model::Timestamp;
use sources::claude_code::emit::Body;
use sources::otlp::Signal;

use crate::truth::Truth;

/// What one client exports at a time.
#[derive(Clone, Debug)]
pub struct Export {
    /// When, in simulated time.
    pub at: Timestamp,
    /// Events or metrics.
    pub signal: Signal,
    /// The body.
    pub body: Body,
    /// What it amounts to.
    pub truth: Truth,
}

/// One request: an export, or several that a collector between clients and server put together.
#[derive(Clone, Debug)]
pub struct Request {
    /// When the newest of it was exported, in simulated time.
    pub at: Timestamp,
    /// Events or metrics.
    pub signal: Signal,
    /// The body, in protobuf.
    pub body: Bytes,
    /// Log records or metric points in it.
    pub records: usize,
    /// What it amounts to.
    pub truth: Truth,
}

impl From<Export> for Request {
    fn from(export: Export) -> Self {
        let Export { at, signal, body, truth } = export;
        Self { at, signal, body: body.bytes.into(), records: body.records, truth }
    }
}

/// Puts exports together as a collector does: by signal, until a request holds enough records.
#[derive(Debug)]
pub struct Collector {
    records: usize,
    logs: Vec<Export>,
    metrics: Vec<Export>,
}

impl Collector {
    /// Requests of at least `records` records; with one or less every export is a request.
    pub fn new(records: usize) -> Self {
        Self { records, logs: Vec::new(), metrics: Vec::new() }
    }

    /// Takes an export, and returns a request when one is full.
    pub fn take(&mut self, export: Export) -> Option<Request> {
        let waiting = if export.signal == Signal::Logs { &mut self.logs } else { &mut self.metrics };
        waiting.push(export);
        let records: usize = waiting.iter().map(|export| export.body.records).sum();
        (records >= self.records).then(|| join(std::mem::take(waiting))).flatten()
    }

    /// What waits, however little.
    pub fn rest(&mut self) -> impl Iterator<Item = Request> {
        [join(std::mem::take(&mut self.logs)), join(std::mem::take(&mut self.metrics))].into_iter().flatten()
    }
}

/// Requests of one signal are lists of resources, and two protobuf messages one after the other are read as
/// one whose lists follow each other.
fn join(exports: Vec<Export>) -> Option<Request> {
    let mut exports = exports.into_iter();
    let mut first = exports.next()?;
    for export in exports {
        first.at = first.at.max(export.at);
        first.body.records += export.body.records;
        first.body.bytes.extend_from_slice(&export.body.bytes);
        first.truth.add(&export.truth);
    }
    Some(first.into())
}
