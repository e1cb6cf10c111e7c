//! From [`Export`] to the bytes of a request: the inverse of decoding, for what sends instead of receives.

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::{logs, metrics, trace};
use prost::Message;

use super::export::{Export, Group, LogRecord, MetricKind, MetricPoint, Span};
use super::value::{Attributes, Value};

/// The export as a protobuf request. Points of one metric and unit that follow each other share it. Of a
/// distribution only the sum is written.
pub fn encode(export: Export) -> Vec<u8> {
    match export {
        Export::Logs(groups) => {
            let resource_logs = groups.into_iter().map(resource_logs).collect();
            ExportLogsServiceRequest { resource_logs }.encode_to_vec()
        }
        Export::Metrics(groups) => {
            let resource_metrics = groups.into_iter().map(resource_metrics).collect();
            ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
        }
        Export::Traces(groups) => {
            let resource_spans = groups.into_iter().map(resource_spans).collect();
            ExportTraceServiceRequest { resource_spans }.encode_to_vec()
        }
    }
}

fn resource_logs(group: Group<LogRecord>) -> logs::v1::ResourceLogs {
    let (resource, scope) = heads(group.resource, group.scope, group.scope_version);
    let log_records = group.items.into_iter().map(log_record).collect();
    logs::v1::ResourceLogs {
        resource,
        scope_logs: vec![logs::v1::ScopeLogs { scope, log_records, ..Default::default() }],
        ..Default::default()
    }
}

fn resource_metrics(group: Group<MetricPoint>) -> metrics::v1::ResourceMetrics {
    let (resource, scope) = heads(group.resource, group.scope, group.scope_version);
    let mut metrics: Vec<metrics::v1::Metric> = Vec::new();
    let mut last_kind = None;
    for mut point in group.items {
        let (name, unit) = (std::mem::take(&mut point.metric), std::mem::take(&mut point.unit));
        let continues = last_kind == Some(point.kind)
            && metrics.last().is_some_and(|last| last.name == name && last.unit == unit);
        last_kind = Some(point.kind);
        if !continues {
            metrics.push(metrics::v1::Metric {
                name,
                unit,
                data: Some(data(point.kind)),
                ..Default::default()
            });
        }
        if let Some(data) = metrics.last_mut().and_then(|metric| metric.data.as_mut()) {
            push_point(data, point);
        }
    }
    metrics::v1::ResourceMetrics {
        resource,
        scope_metrics: vec![metrics::v1::ScopeMetrics { scope, metrics, ..Default::default() }],
        ..Default::default()
    }
}

fn resource_spans(group: Group<Span>) -> trace::v1::ResourceSpans {
    let (resource, scope) = heads(group.resource, group.scope, group.scope_version);
    let spans = group.items.into_iter().map(span).collect();
    trace::v1::ResourceSpans {
        resource,
        scope_spans: vec![trace::v1::ScopeSpans { scope, spans, ..Default::default() }],
        ..Default::default()
    }
}

fn heads(
    resource: Attributes,
    name: String,
    version: String,
) -> (Option<Resource>, Option<InstrumentationScope>) {
    let resource = Resource { attributes: key_values(resource.0), ..Default::default() };
    (Some(resource), Some(InstrumentationScope { name, version, ..Default::default() }))
}

fn log_record(record: LogRecord) -> logs::v1::LogRecord {
    logs::v1::LogRecord {
        time_unix_nano: record.time_unix_nanos,
        observed_time_unix_nano: record.observed_unix_nanos,
        event_name: record.event_name,
        body: any_value(record.body),
        attributes: key_values(record.attributes.0),
        trace_id: record.trace_id,
        span_id: record.span_id,
        ..Default::default()
    }
}

fn data(kind: MetricKind) -> metrics::v1::metric::Data {
    use metrics::v1::AggregationTemporality::{Cumulative, Delta};
    use metrics::v1::metric::Data;
    match kind {
        MetricKind::Sum { monotonic, cumulative } => Data::Sum(metrics::v1::Sum {
            aggregation_temporality: if cumulative { Cumulative } else { Delta }.into(),
            is_monotonic: monotonic,
            ..Default::default()
        }),
        MetricKind::Gauge => Data::Gauge(metrics::v1::Gauge::default()),
        MetricKind::Distribution => Data::Histogram(metrics::v1::Histogram::default()),
    }
}

fn push_point(data: &mut metrics::v1::metric::Data, point: MetricPoint) {
    use metrics::v1::metric::Data;
    let attributes = key_values(point.attributes.0);
    let flags = match point.value {
        Some(_) => 0,
        None => metrics::v1::DataPointFlags::NoRecordedValueMask as u32,
    };
    let points = match data {
        Data::Sum(sum) => &mut sum.data_points,
        Data::Gauge(gauge) => &mut gauge.data_points,
        Data::Histogram(histogram) => {
            histogram.data_points.push(metrics::v1::HistogramDataPoint {
                start_time_unix_nano: point.start_unix_nanos,
                time_unix_nano: point.time_unix_nanos,
                sum: point.value,
                attributes,
                flags,
                ..Default::default()
            });
            return;
        }
        Data::ExponentialHistogram(_) | Data::Summary(_) => return,
    };
    points.push(metrics::v1::NumberDataPoint {
        start_time_unix_nano: point.start_unix_nanos,
        time_unix_nano: point.time_unix_nanos,
        value: point.value.map(metrics::v1::number_data_point::Value::AsDouble),
        attributes,
        flags,
        ..Default::default()
    });
}

fn span(span: Span) -> trace::v1::Span {
    let code =
        if span.failed { trace::v1::status::StatusCode::Error } else { trace::v1::status::StatusCode::Unset };
    trace::v1::Span {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        name: span.name,
        start_time_unix_nano: span.start_unix_nanos,
        end_time_unix_nano: span.end_unix_nanos,
        attributes: key_values(span.attributes.0),
        events: span
            .events
            .into_iter()
            .map(|event| trace::v1::span::Event {
                time_unix_nano: event.time_unix_nanos,
                name: event.name,
                attributes: key_values(event.attributes.0),
                ..Default::default()
            })
            .collect(),
        status: Some(trace::v1::Status { code: code.into(), ..Default::default() }),
        ..Default::default()
    }
}

fn key_values(entries: Vec<(String, Value)>) -> Vec<KeyValue> {
    entries
        .into_iter()
        .map(|(key, value)| KeyValue { key, value: any_value(value), ..Default::default() })
        .collect()
}

fn any_value(value: Value) -> Option<AnyValue> {
    let all =
        |values: Vec<Value>| values.into_iter().map(|value| any_value(value).unwrap_or_default()).collect();
    let value = match value {
        Value::Empty => return None,
        Value::Bool(value) => any_value::Value::BoolValue(value),
        Value::Int(value) => any_value::Value::IntValue(value),
        Value::Double(value) => any_value::Value::DoubleValue(value),
        Value::Text(text) => any_value::Value::StringValue(text),
        Value::Bytes(bytes) => any_value::Value::BytesValue(bytes),
        Value::List(values) => any_value::Value::ArrayValue(ArrayValue { values: all(values) }),
        Value::Map(entries) => any_value::Value::KvlistValue(KeyValueList { values: key_values(entries) }),
    };
    Some(AnyValue { value: Some(value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::{Encoding, Rejections, Signal, decode};

    #[test]
    fn points_of_one_name_in_two_units_keep_their_units() {
        let in_unit = |unit: &str| MetricPoint {
            metric: "claude_code.token.usage".to_owned(),
            unit: unit.to_owned(),
            value: Some(1.0),
            ..MetricPoint::default()
        };
        let items = ["tokens", "", "", "tokens"].map(in_unit).to_vec();
        let group = Group {
            resource: Attributes(Vec::new()),
            scope: "scope".to_owned(),
            scope_version: String::new(),
            items,
        };
        let export = Export::Metrics(vec![group]);
        let bytes = encode(export.clone());
        let again = decode(Signal::Metrics, Encoding::Protobuf, &bytes, &mut Rejections::default()).unwrap();
        assert_eq!(again, export);
    }
}
