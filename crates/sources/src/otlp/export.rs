//! One export, decoded: what the three signals have in common, and what one item of each is.
//!
//! The shapes follow the OpenTelemetry Protocol's data model (opentelemetry-proto 1.x), without the parts
//! that nothing here reads.

use super::value::{Attributes, Value};

/// What kind of telemetry an export carries. Each has its own endpoint and its own gRPC service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Metric data points.
    Metrics,
    /// Log records.
    Logs,
    /// Spans.
    Traces,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Signal; 3] = [Signal::Metrics, Signal::Logs, Signal::Traces];

    /// Path of the OTLP/HTTP endpoint.
    pub const fn http_path(self) -> &'static str {
        match self {
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
            Self::Traces => "/v1/traces",
        }
    }

    /// Path of the gRPC method.
    pub const fn grpc_path(self) -> &'static str {
        match self {
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        }
    }

    /// The source that records of this signal name.
    pub const fn source(self) -> model::Source {
        match self {
            Self::Metrics => model::Source::Metrics,
            Self::Logs => model::Source::Events,
            Self::Traces => model::Source::Traces,
        }
    }
}

/// An export, decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum Export {
    /// Metric data points.
    Metrics(Vec<Group<MetricPoint>>),
    /// Log records.
    Logs(Vec<Group<LogRecord>>),
    /// Spans.
    Traces(Vec<Group<Span>>),
}

impl Export {
    /// Number of items in it.
    pub fn len(&self) -> usize {
        match self {
            Self::Metrics(groups) => groups.iter().map(|group| group.items.len()).sum(),
            Self::Logs(groups) => groups.iter().map(|group| group.items.len()).sum(),
            Self::Traces(groups) => groups.iter().map(|group| group.items.len()).sum(),
        }
    }

    /// Whether it has no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Items with the same resource and scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group<T> {
    /// Attributes of the program that sent them.
    pub resource: Attributes,
    /// Name of the instrumentation scope; empty when unknown.
    pub scope: String,
    /// Version of the instrumentation scope; empty when unknown.
    pub scope_version: String,
    /// The items, as sent.
    pub items: Vec<T>,
}

/// One log record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRecord {
    /// When it happened, in nanoseconds since the Unix epoch; 0 when unknown.
    pub time_unix_nanos: u64,
    /// When it was seen by the sender's collection, in nanoseconds since the Unix epoch; 0 when unknown.
    pub observed_unix_nanos: u64,
    /// The event's name, where the sender sets it; else empty.
    pub event_name: String,
    /// The body.
    pub body: Value,
    /// The attributes.
    pub attributes: Attributes,
    /// Trace it belongs to: 16 bytes, or none.
    pub trace_id: Vec<u8>,
    /// Span it belongs to: 8 bytes, or none.
    pub span_id: Vec<u8>,
}

/// One data point of a metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricPoint {
    /// The metric's name.
    pub metric: String,
    /// The metric's unit; may be empty.
    pub unit: String,
    /// What kind of metric it is.
    pub kind: MetricKind,
    /// Start of the interval or of the counter's life, in nanoseconds since the Unix epoch; 0 when unknown.
    pub start_unix_nanos: u64,
    /// End of the interval, in nanoseconds since the Unix epoch; 0 when unknown.
    pub time_unix_nanos: u64,
    /// The value; of a distribution, its sum. `None` when the sender has none for this interval.
    pub value: Option<f64>,
    /// The attributes.
    pub attributes: Attributes,
}

/// What kind of metric a point belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricKind {
    /// A sum.
    Sum {
        /// Whether it only grows.
        monotonic: bool,
        /// Whether the value is a running total; otherwise, and when the sender does not tell, it is what
        /// was added in the interval.
        cumulative: bool,
    },
    /// A gauge.
    #[default]
    Gauge,
    /// A histogram, an exponential histogram or a summary.
    Distribution,
}

/// One span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// Trace it belongs to: 16 bytes.
    pub trace_id: Vec<u8>,
    /// Its own id: 8 bytes.
    pub span_id: Vec<u8>,
    /// The span above it: 8 bytes, or none for a root.
    pub parent_span_id: Vec<u8>,
    /// Name of the operation.
    pub name: String,
    /// Start, in nanoseconds since the Unix epoch.
    pub start_unix_nanos: u64,
    /// End, in nanoseconds since the Unix epoch.
    pub end_unix_nanos: u64,
    /// The attributes.
    pub attributes: Attributes,
    /// What happened within it.
    pub events: Vec<SpanEvent>,
    /// Whether its status is "error".
    pub failed: bool,
}

/// Something that happened within a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanEvent {
    /// When, in nanoseconds since the Unix epoch.
    pub time_unix_nanos: u64,
    /// What.
    pub name: String,
    /// The attributes.
    pub attributes: Attributes,
}

/// Items that were not taken, by reason. Rejecting one item never affects the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejections {
    reasons: Vec<Rejection>,
}

/// Items that were not taken for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why, in a few words, without content of the item.
    pub reason: String,
    /// Name of the first item it befell.
    pub sample: String,
    /// How many items.
    pub count: u64,
}

/// Reasons that are told apart in one export; what comes after is counted under the last of them.
const MAX_REASONS: usize = 16;

impl Rejections {
    /// Counts an item.
    pub fn add(&mut self, reason: &str, sample: &str) {
        let full = self.reasons.len() >= MAX_REASONS;
        let known = match self.reasons.iter().position(|known| known.reason == reason) {
            None if full => self.reasons.last_mut(),
            known => known.and_then(|index| self.reasons.get_mut(index)),
        };
        match known {
            Some(known) => known.count += 1,
            None => {
                self.reasons.push(Rejection {
                    reason: reason.to_owned(),
                    sample: sample.to_owned(),
                    count: 1,
                });
            }
        }
    }

    /// All items that were not taken.
    pub fn count(&self) -> u64 {
        self.reasons.iter().map(|rejection| rejection.count).sum()
    }

    /// Reason by reason, in the order they first came up.
    pub fn iter(&self) -> impl Iterator<Item = &Rejection> {
        self.reasons.iter()
    }

    /// One line for the sender; empty when nothing was rejected.
    pub fn message(&self) -> String {
        let parts: Vec<String> = self
            .reasons
            .iter()
            .map(|rejection| format!("{} x {}: {}", rejection.count, rejection.sample, rejection.reason))
            .collect();
        parts.join("; ")
    }
}
