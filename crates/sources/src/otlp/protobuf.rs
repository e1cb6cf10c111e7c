//! From protobuf, by the generated types, to [`Export`].

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::{logs, metrics, trace};
use prost::Message;

use super::decode::DecodeError;
use super::direct;
use super::export::{Export, Group, LogRecord, MetricKind, MetricPoint, Signal, Span, SpanEvent};
use super::text_repair;
use super::value::{Attributes, Value};

/// Bit of a data point's flags that says that there is no value for this interval.
pub(super) const NO_RECORDED_VALUE: u32 = metrics::v1::DataPointFlags::NoRecordedValueMask as u32;

/// Decodes a request.
pub(crate) fn decode(signal: Signal, body: &[u8]) -> Result<Export, DecodeError> {
    if let Ok(export) = direct::export(signal, body) {
        return Ok(export);
    }
    match decode_strictly(signal, body) {
        Ok(export) => Ok(export),
        Err(error) => match text_repair::protobuf_texts(signal, body) {
            Some(repaired) => decode_strictly(signal, &repaired).map_err(DecodeError::Protobuf),
            None => Err(DecodeError::Protobuf(error)),
        },
    }
}

/// By the generated types alone.
pub(super) fn decode_strictly(signal: Signal, body: &[u8]) -> Result<Export, prost::DecodeError> {
    Ok(match signal {
        Signal::Metrics => {
            Export::Metrics(metric_groups(ExportMetricsServiceRequest::decode(body)?.resource_metrics))
        }
        Signal::Logs => Export::Logs(log_groups(ExportLogsServiceRequest::decode(body)?.resource_logs)),
        Signal::Traces => {
            Export::Traces(span_groups(ExportTraceServiceRequest::decode(body)?.resource_spans))
        }
    })
}

fn log_groups(resources: Vec<logs::v1::ResourceLogs>) -> Vec<Group<LogRecord>> {
    let mut groups = Vec::new();
    for resource in resources {
        push_groups(&mut groups, resource.resource, resource.scope_logs, |scope| {
            (scope.scope, scope.log_records.into_iter().map(log_record).collect())
        });
    }
    groups
}

fn metric_groups(resources: Vec<metrics::v1::ResourceMetrics>) -> Vec<Group<MetricPoint>> {
    let mut groups = Vec::new();
    for resource in resources {
        push_groups(&mut groups, resource.resource, resource.scope_metrics, |scope| {
            (scope.scope, scope.metrics.into_iter().flat_map(points).collect())
        });
    }
    groups
}

fn span_groups(resources: Vec<trace::v1::ResourceSpans>) -> Vec<Group<Span>> {
    let mut groups = Vec::new();
    for resource in resources {
        push_groups(&mut groups, resource.resource, resource.scope_spans, |scope| {
            (scope.scope, scope.spans.into_iter().map(span).collect())
        });
    }
    groups
}

/// One group per scope; the resource's attributes are copied for all but the last.
fn push_groups<S, T>(
    groups: &mut Vec<Group<T>>,
    resource: Option<Resource>,
    scopes: Vec<S>,
    open: impl Fn(S) -> (Option<InstrumentationScope>, Vec<T>),
) {
    let mut shared = resource.map(|resource| attributes(resource.attributes)).unwrap_or_default();
    let mut remaining = scopes.len();
    for scope in scopes {
        remaining -= 1;
        let resource = if remaining == 0 { std::mem::take(&mut shared) } else { shared.clone() };
        let (scope, items) = open(scope);
        let scope = scope.unwrap_or_default();
        groups.push(Group { resource, scope: scope.name, scope_version: scope.version, items });
    }
}

fn log_record(record: logs::v1::LogRecord) -> LogRecord {
    LogRecord {
        time_unix_nanos: record.time_unix_nano,
        observed_unix_nanos: record.observed_time_unix_nano,
        event_name: record.event_name,
        body: record.body.map(value).unwrap_or_default(),
        attributes: attributes(record.attributes),
        trace_id: record.trace_id,
        span_id: record.span_id,
    }
}

fn points(metric: metrics::v1::Metric) -> Vec<MetricPoint> {
    use metrics::v1::metric::Data;
    let (name, unit) = (metric.name, metric.unit);
    let point = |kind, start_unix_nanos, time_unix_nanos, value, flags, point_attributes| MetricPoint {
        metric: name.clone(),
        unit: unit.clone(),
        kind,
        start_unix_nanos,
        time_unix_nanos,
        value: if flags & NO_RECORDED_VALUE == 0 { value } else { None },
        attributes: attributes(point_attributes),
    };
    let number = |kind, data: metrics::v1::NumberDataPoint| {
        let value = data.value.map(number_value);
        point(kind, data.start_time_unix_nano, data.time_unix_nano, value, data.flags, data.attributes)
    };
    match metric.data {
        None => Vec::new(),
        Some(Data::Sum(sum)) => {
            let kind = MetricKind::Sum {
                monotonic: sum.is_monotonic,
                cumulative: is_cumulative(sum.aggregation_temporality),
            };
            sum.data_points.into_iter().map(|data| number(kind, data)).collect()
        }
        Some(Data::Gauge(gauge)) => {
            gauge.data_points.into_iter().map(|data| number(MetricKind::Gauge, data)).collect()
        }
        Some(Data::Histogram(histogram)) => distribution(histogram.data_points, |data| {
            let times = (data.start_time_unix_nano, data.time_unix_nano);
            point(MetricKind::Distribution, times.0, times.1, data.sum, data.flags, data.attributes)
        }),
        Some(Data::ExponentialHistogram(histogram)) => distribution(histogram.data_points, |data| {
            let times = (data.start_time_unix_nano, data.time_unix_nano);
            point(MetricKind::Distribution, times.0, times.1, data.sum, data.flags, data.attributes)
        }),
        Some(Data::Summary(summary)) => distribution(summary.data_points, |data| {
            let times = (data.start_time_unix_nano, data.time_unix_nano);
            point(MetricKind::Distribution, times.0, times.1, Some(data.sum), data.flags, data.attributes)
        }),
    }
}

fn distribution<D>(points: Vec<D>, read: impl Fn(D) -> MetricPoint) -> Vec<MetricPoint> {
    points.into_iter().map(read).collect()
}

fn number_value(value: metrics::v1::number_data_point::Value) -> f64 {
    match value {
        metrics::v1::number_data_point::Value::AsDouble(value) => value,
        metrics::v1::number_data_point::Value::AsInt(value) => value as f64,
    }
}

pub(super) fn is_cumulative(temporality: i32) -> bool {
    temporality == metrics::v1::AggregationTemporality::Cumulative as i32
}

fn span(span: trace::v1::Span) -> Span {
    let error = trace::v1::status::StatusCode::Error as i32;
    Span {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        name: span.name,
        start_unix_nanos: span.start_time_unix_nano,
        end_unix_nanos: span.end_time_unix_nano,
        attributes: attributes(span.attributes),
        events: span
            .events
            .into_iter()
            .map(|event| SpanEvent {
                time_unix_nanos: event.time_unix_nano,
                name: event.name,
                attributes: attributes(event.attributes),
            })
            .collect(),
        failed: span.status.is_some_and(|status| status.code == error),
    }
}

fn attributes(entries: Vec<KeyValue>) -> Attributes {
    Attributes(
        entries.into_iter().map(|entry| (entry.key, entry.value.map(value).unwrap_or_default())).collect(),
    )
}

fn value(value: AnyValue) -> Value {
    match value.value {
        // Indexes into a table of strings belong to profiles, which are not received.
        None | Some(any_value::Value::StringValueStrindex(_)) => Value::Empty,
        Some(any_value::Value::StringValue(text)) => Value::Text(text),
        Some(any_value::Value::BoolValue(value)) => Value::Bool(value),
        Some(any_value::Value::IntValue(value)) => Value::Int(value),
        Some(any_value::Value::DoubleValue(value)) => Value::Double(value),
        Some(any_value::Value::BytesValue(bytes)) => Value::Bytes(bytes),
        Some(any_value::Value::ArrayValue(array)) => {
            Value::List(array.values.into_iter().map(self::value).collect())
        }
        Some(any_value::Value::KvlistValue(list)) => Value::Map(attributes(list.values).0),
    }
}
