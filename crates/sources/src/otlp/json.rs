//! From protobuf's JSON form to [`Export`].
//!
//! Senders differ: 64-bit numbers come as numbers or as text, doubles with or without a point, enums as
//! numbers or names. All are accepted, unknown fields are ignored and `null` is the same as absent, as the
//! OTLP specification asks. An item that cannot be read is left out alone.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::DecodeError;
use super::export::{Export, Group, LogRecord, MetricKind, MetricPoint, Rejections, Signal, Span, SpanEvent};
use super::json_value::{Double, Hex, JsonAttributes, Nanos, Whole};
use super::text_repair;
use super::value::Value;

/// Bit of a data point's flags that says that there is no value for this interval.
const NO_RECORDED_VALUE: i64 = 1;
/// The enum number of cumulative temporality, and its name.
const CUMULATIVE: (i64, &str) = (2, "AGGREGATION_TEMPORALITY_CUMULATIVE");
/// The enum number of a span's status "error", and its name.
const STATUS_ERROR: (i64, &str) = (2, "STATUS_CODE_ERROR");

/// Decodes a request.
pub(crate) fn decode(
    signal: Signal,
    body: &[u8],
    rejections: &mut Rejections,
) -> Result<Export, DecodeError> {
    let text = text_repair::json_text(body);
    let export = match signal {
        Signal::Logs => serde_json::from_str(&text).map(|request: LogsRequest<'_>| {
            Export::Logs(groups(request.resource_logs, rejections, |items, raw, rejections| {
                items.extend(item::<JsonLogRecord>(raw, "log record", rejections).map(LogRecord::from));
            }))
        }),
        Signal::Metrics => serde_json::from_str(&text).map(|request: MetricsRequest<'_>| {
            Export::Metrics(groups(request.resource_metrics, rejections, |items, raw, rejections| {
                if let Some(metric) = item::<JsonMetric<'_>>(raw, "metric", rejections) {
                    metric.read_points(items, rejections);
                }
            }))
        }),
        Signal::Traces => serde_json::from_str(&text).map(|request: TracesRequest<'_>| {
            Export::Traces(groups(request.resource_spans, rejections, |items, raw, rejections| {
                items.extend(item::<JsonSpan>(raw, "span", rejections).map(Span::from));
            }))
        }),
    };
    export.map_err(DecodeError::Json)
}

#[derive(Deserialize)]
struct LogsRequest<'a> {
    #[serde(borrow, rename = "resourceLogs")]
    resource_logs: Option<Vec<JsonResourceItems<'a>>>,
}

#[derive(Deserialize)]
struct MetricsRequest<'a> {
    #[serde(borrow, rename = "resourceMetrics")]
    resource_metrics: Option<Vec<JsonResourceItems<'a>>>,
}

#[derive(Deserialize)]
struct TracesRequest<'a> {
    #[serde(borrow, rename = "resourceSpans")]
    resource_spans: Option<Vec<JsonResourceItems<'a>>>,
}

/// `ResourceLogs`, `ResourceMetrics` and `ResourceSpans`, which differ in the names of the fields below.
#[derive(Deserialize)]
struct JsonResourceItems<'a> {
    resource: Option<JsonResource>,
    #[serde(borrow, alias = "scopeLogs", alias = "scopeMetrics", alias = "scopeSpans")]
    scopes: Option<Vec<JsonScopeItems<'a>>>,
}

#[derive(Default, Deserialize)]
struct JsonResource {
    attributes: Option<JsonAttributes>,
}

#[derive(Deserialize)]
struct JsonScopeItems<'a> {
    scope: Option<JsonScope>,
    /// Each is read on its own, so that a broken one spoils no other.
    #[serde(borrow, alias = "logRecords", alias = "metrics", alias = "spans")]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
struct JsonScope {
    name: Option<String>,
    version: Option<String>,
}

fn groups<T>(
    resources: Option<Vec<JsonResourceItems<'_>>>,
    rejections: &mut Rejections,
    read: impl Fn(&mut Vec<T>, &RawValue, &mut Rejections),
) -> Vec<Group<T>> {
    let mut groups = Vec::new();
    for JsonResourceItems { resource, scopes } in resources.unwrap_or_default() {
        let resource = resource.and_then(|resource| resource.attributes).unwrap_or_default().0;
        for JsonScopeItems { scope, items: raw_items } in scopes.unwrap_or_default() {
            let scope = scope.unwrap_or_default();
            let mut items = Vec::new();
            for raw in raw_items.unwrap_or_default() {
                read(&mut items, raw, rejections);
            }
            groups.push(Group {
                resource: resource.clone(),
                scope: scope.name.unwrap_or_default(),
                scope_version: scope.version.unwrap_or_default(),
                items,
            });
        }
    }
    groups
}

/// Reads one item; counts it when it cannot be read.
fn item<'a, T: Deserialize<'a>>(raw: &'a RawValue, what: &str, rejections: &mut Rejections) -> Option<T> {
    // The parser's own message can quote the item, which may be content.
    serde_json::from_str(raw.get())
        .map_err(|_| rejections.add("not in the form that OTLP gives it in JSON", what))
        .ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonLogRecord {
    time_unix_nano: Option<Nanos>,
    observed_time_unix_nano: Option<Nanos>,
    event_name: Option<String>,
    body: Option<Value>,
    attributes: Option<JsonAttributes>,
    trace_id: Option<Hex>,
    span_id: Option<Hex>,
}

impl From<JsonLogRecord> for LogRecord {
    fn from(record: JsonLogRecord) -> Self {
        Self {
            time_unix_nanos: record.time_unix_nano.unwrap_or_default().0,
            observed_unix_nanos: record.observed_time_unix_nano.unwrap_or_default().0,
            event_name: record.event_name.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
            attributes: record.attributes.unwrap_or_default().0,
            trace_id: record.trace_id.unwrap_or_default().0,
            span_id: record.span_id.unwrap_or_default().0,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonMetric<'a> {
    name: Option<String>,
    unit: Option<String>,
    #[serde(borrow)]
    sum: Option<JsonData<'a>>,
    gauge: Option<JsonData<'a>>,
    #[serde(alias = "exponentialHistogram", alias = "summary")]
    histogram: Option<JsonData<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonData<'a> {
    #[serde(borrow)]
    data_points: Option<Vec<&'a RawValue>>,
    aggregation_temporality: Option<Whole>,
    is_monotonic: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonPoint {
    attributes: Option<JsonAttributes>,
    start_time_unix_nano: Option<Nanos>,
    time_unix_nano: Option<Nanos>,
    as_double: Option<Double>,
    as_int: Option<Whole>,
    /// Of distributions.
    sum: Option<Double>,
    flags: Option<Whole>,
}

impl JsonMetric<'_> {
    fn read_points(self, points: &mut Vec<MetricPoint>, rejections: &mut Rejections) {
        let name = self.name.unwrap_or_default();
        let unit = self.unit.unwrap_or_default();
        let of_sum = |data: &JsonData<'_>| MetricKind::Sum {
            monotonic: data.is_monotonic.unwrap_or(false),
            cumulative: data.aggregation_temporality.as_ref().is_some_and(|value| value.is(CUMULATIVE)),
        };
        let data = match (self.sum, self.gauge, self.histogram) {
            (Some(data), _, _) => Some((of_sum(&data), data)),
            (_, Some(data), _) => Some((MetricKind::Gauge, data)),
            (_, _, Some(data)) => Some((MetricKind::Distribution, data)),
            (None, None, None) => None,
        };
        let Some((kind, data)) = data else { return };
        for raw in data.data_points.unwrap_or_default() {
            if let Some(point) = item::<JsonPoint>(raw, &name, rejections) {
                points.push(point.named(name.clone(), unit.clone(), kind));
            }
        }
    }
}

impl JsonPoint {
    fn named(self, metric: String, unit: String, kind: MetricKind) -> MetricPoint {
        let recorded =
            self.flags.and_then(|flags| flags.number()).unwrap_or_default() & NO_RECORDED_VALUE == 0;
        let value = match kind {
            MetricKind::Distribution => self.sum.map(|value| value.0),
            _ => self
                .as_double
                .map(|value| value.0)
                .or_else(|| self.as_int.and_then(|value| value.number()).map(|value| value as f64)),
        };
        MetricPoint {
            metric,
            unit,
            kind,
            start_unix_nanos: self.start_time_unix_nano.unwrap_or_default().0,
            time_unix_nanos: self.time_unix_nano.unwrap_or_default().0,
            value: value.filter(|_| recorded),
            attributes: self.attributes.unwrap_or_default().0,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSpan {
    trace_id: Option<Hex>,
    span_id: Option<Hex>,
    parent_span_id: Option<Hex>,
    name: Option<String>,
    start_time_unix_nano: Option<Nanos>,
    end_time_unix_nano: Option<Nanos>,
    attributes: Option<JsonAttributes>,
    events: Option<Vec<JsonSpanEvent>>,
    status: Option<JsonStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSpanEvent {
    time_unix_nano: Option<Nanos>,
    name: Option<String>,
    attributes: Option<JsonAttributes>,
}

#[derive(Deserialize)]
struct JsonStatus {
    code: Option<Whole>,
}

impl From<JsonSpan> for Span {
    fn from(span: JsonSpan) -> Self {
        let event = |event: JsonSpanEvent| SpanEvent {
            time_unix_nanos: event.time_unix_nano.unwrap_or_default().0,
            name: event.name.unwrap_or_default(),
            attributes: event.attributes.unwrap_or_default().0,
        };
        Self {
            trace_id: span.trace_id.unwrap_or_default().0,
            span_id: span.span_id.unwrap_or_default().0,
            parent_span_id: span.parent_span_id.unwrap_or_default().0,
            name: span.name.unwrap_or_default(),
            start_unix_nanos: span.start_time_unix_nano.unwrap_or_default().0,
            end_unix_nanos: span.end_time_unix_nano.unwrap_or_default().0,
            attributes: span.attributes.unwrap_or_default().0,
            events: span.events.unwrap_or_default().into_iter().map(event).collect(),
            failed: span.status.and_then(|status| status.code).is_some_and(|code| code.is(STATUS_ERROR)),
        }
    }
}
