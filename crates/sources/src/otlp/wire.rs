//! The skeleton of OTLP's protobuf messages: which fields nest and which are text.
//!
//! Decoding proper is done by the generated types. This walk serves what they cannot: finding texts that
//! are not UTF-8, and telling what a message will cost in memory before it is decoded. Field numbers are
//! those of the published `opentelemetry/proto` definitions, which never change.

use super::export::Signal;

/// The messages that contain texts or other messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    MetricsRequest,
    LogsRequest,
    TraceRequest,
    ResourceMetrics,
    ResourceLogs,
    ResourceSpans,
    ScopeMetrics,
    ScopeLogs,
    ScopeSpans,
    Resource,
    EntityRef,
    Scope,
    KeyValue,
    AnyValue,
    ArrayValue,
    KeyValueList,
    LogRecord,
    Metric,
    NumberData,
    HistogramData,
    ExponentialHistogramData,
    SummaryData,
    NumberPoint,
    HistogramPoint,
    ExponentialHistogramPoint,
    SummaryPoint,
    Exemplar,
    Span,
    SpanEvent,
    SpanLink,
    SpanStatus,
}

/// What a length-delimited field holds.
enum Field {
    Message(Shape),
    Text,
    Other,
}

impl Shape {
    /// The request message of a signal.
    pub(crate) const fn request(signal: Signal) -> Self {
        match signal {
            Signal::Metrics => Self::MetricsRequest,
            Signal::Logs => Self::LogsRequest,
            Signal::Traces => Self::TraceRequest,
        }
    }

    fn field(self, number: u64) -> Field {
        use Field::{Message, Text};
        match (self, number) {
            (Self::MetricsRequest, 1) => Message(Self::ResourceMetrics),
            (Self::LogsRequest, 1) => Message(Self::ResourceLogs),
            (Self::TraceRequest, 1) => Message(Self::ResourceSpans),
            (Self::ResourceMetrics | Self::ResourceLogs | Self::ResourceSpans, 1) => Message(Self::Resource),
            (Self::ResourceMetrics, 2) => Message(Self::ScopeMetrics),
            (Self::ResourceLogs, 2) => Message(Self::ScopeLogs),
            (Self::ResourceSpans, 2) => Message(Self::ScopeSpans),
            (Self::ScopeMetrics | Self::ScopeLogs | Self::ScopeSpans, 1) => Message(Self::Scope),
            (Self::ScopeMetrics, 2) => Message(Self::Metric),
            (Self::ScopeLogs, 2) => Message(Self::LogRecord),
            (Self::ScopeSpans, 2) => Message(Self::Span),
            (
                Self::ResourceMetrics
                | Self::ResourceLogs
                | Self::ResourceSpans
                | Self::ScopeMetrics
                | Self::ScopeLogs
                | Self::ScopeSpans,
                3,
            ) => Text,
            (Self::Resource, 1) | (Self::Scope, 3) => Message(Self::KeyValue),
            (Self::Resource, 3) => Message(Self::EntityRef),
            (Self::EntityRef, 1..=4) | (Self::Scope, 1 | 2) => Text,
            (Self::KeyValue, 1) | (Self::AnyValue, 1) => Text,
            (Self::KeyValue, 2) | (Self::ArrayValue, 1) => Message(Self::AnyValue),
            (Self::AnyValue, 5) => Message(Self::ArrayValue),
            (Self::AnyValue, 6) => Message(Self::KeyValueList),
            (Self::KeyValueList, 1) => Message(Self::KeyValue),
            (Self::LogRecord, 3 | 12) => Text,
            (Self::LogRecord, 5) => Message(Self::AnyValue),
            (Self::LogRecord, 6) => Message(Self::KeyValue),
            _ => self.field_of_metric_or_span(number),
        }
    }

    fn field_of_metric_or_span(self, number: u64) -> Field {
        use Field::{Message, Other, Text};
        match (self, number) {
            (Self::Metric, 1..=3) => Text,
            (Self::Metric, 5 | 7) => Message(Self::NumberData),
            (Self::Metric, 9) => Message(Self::HistogramData),
            (Self::Metric, 10) => Message(Self::ExponentialHistogramData),
            (Self::Metric, 11) => Message(Self::SummaryData),
            (Self::Metric, 12) => Message(Self::KeyValue),
            (Self::NumberData, 1) => Message(Self::NumberPoint),
            (Self::HistogramData, 1) => Message(Self::HistogramPoint),
            (Self::ExponentialHistogramData, 1) => Message(Self::ExponentialHistogramPoint),
            (Self::SummaryData, 1) => Message(Self::SummaryPoint),
            (Self::NumberPoint | Self::SummaryPoint | Self::Exemplar, 7)
            | (Self::HistogramPoint, 9)
            | (Self::ExponentialHistogramPoint, 1) => Message(Self::KeyValue),
            (Self::NumberPoint, 5) | (Self::HistogramPoint, 8) | (Self::ExponentialHistogramPoint, 11) => {
                Message(Self::Exemplar)
            }
            (Self::Span, 3 | 5) | (Self::SpanEvent, 2) | (Self::SpanLink, 3) | (Self::SpanStatus, 2) => Text,
            (Self::Span, 9) | (Self::SpanEvent, 3) | (Self::SpanLink, 4) => Message(Self::KeyValue),
            (Self::Span, 11) => Message(Self::SpanEvent),
            (Self::Span, 13) => Message(Self::SpanLink),
            (Self::Span, 15) => Message(Self::SpanStatus),
            _ => Other,
        }
    }
}

/// Something met on a walk through a message.
pub(crate) enum Content<'a> {
    /// A nested message begins.
    Message(Shape),
    /// A text, or what should be one.
    Text {
        /// Where it begins, in bytes from the start of the request.
        position: usize,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// Bytes or packed numbers, of a length.
    Other(usize),
}

/// The bytes are not a protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAMessage;

/// Messages may nest this deep; the generated decoder's own limit.
const MAX_DEPTH: usize = 100;

/// Visits every text and every nested message, in the order of the bytes.
pub(crate) fn walk<'a>(
    shape: Shape,
    request: &'a [u8],
    visit: &mut impl FnMut(Content<'a>),
) -> Result<(), NotAMessage> {
    walk_range(shape, request, 0, request.len(), MAX_DEPTH, visit)
}

fn walk_range<'a>(
    shape: Shape,
    request: &'a [u8],
    start: usize,
    end: usize,
    depth: usize,
    visit: &mut impl FnMut(Content<'a>),
) -> Result<(), NotAMessage> {
    let depth = depth.checked_sub(1).ok_or(NotAMessage)?;
    let mut position = start;
    while position < end {
        let tag = varint(request, &mut position, end)?;
        let length = match tag & 7 {
            0 => {
                varint(request, &mut position, end)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(request, &mut position, end)?).map_err(|_| NotAMessage)?,
            5 => 4,
            _ => return Err(NotAMessage),
        };
        let after = position.checked_add(length).filter(|&after| after <= end).ok_or(NotAMessage)?;
        if tag & 7 == 2 {
            match shape.field(tag >> 3) {
                Field::Message(inner) => {
                    visit(Content::Message(inner));
                    walk_range(inner, request, position, after, depth, visit)?;
                }
                Field::Text => visit(Content::Text { position, bytes: &request[position..after] }),
                Field::Other => visit(Content::Other(length)),
            }
        }
        position = after;
    }
    Ok(())
}

fn varint(request: &[u8], position: &mut usize, end: usize) -> Result<u64, NotAMessage> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *request[..end].get(*position).ok_or(NotAMessage)?;
        *position += 1;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(NotAMessage)
}

/// What decoding a request will take up in memory, in bytes, from above.
///
/// An empty message is two bytes on the wire and a hundred times that when decoded, so the length of a body
/// says little about what it costs. Bodies that are no such message are refused soon after and cost their
/// length.
pub(crate) fn footprint(signal: Signal, request: &[u8]) -> usize {
    let mut bytes = request.len();
    let _ = walk(Shape::request(signal), request, &mut |content| match content {
        Content::Message(Shape::AnyValue) => bytes += 32,
        Content::Message(Shape::KeyValue) => bytes += 64,
        Content::Message(_) => bytes += 256,
        // Numbers of one byte each become eight.
        Content::Other(length) => bytes += 8 * length,
        Content::Text { .. } => {}
    });
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told() {
        for bytes in [&[0x0A][..], &[0x0A, 5, 1], &[0xFF; 11], &[0x0B], &[0x09, 1, 2]] {
            assert_eq!(walk(Shape::LogsRequest, bytes, &mut |_| {}), Err(NotAMessage), "{bytes:?}");
        }
        assert_eq!(walk(Shape::LogsRequest, &[], &mut |_| {}), Ok(()));
    }

    #[test]
    fn endless_nesting_is_refused() {
        // An array value in an array value in an array value, each wrapped in its two lengths.
        let mut value = Vec::new();
        for _ in 0..200 {
            let mut array = Vec::new();
            prost::encoding::bytes::encode(1, &value, &mut array);
            value.clear();
            prost::encoding::bytes::encode(5, &array, &mut value);
        }
        assert_eq!(walk(Shape::AnyValue, &value, &mut |_| {}), Err(NotAMessage));
    }

    #[test]
    fn many_empty_messages_cost_more_than_their_bytes() {
        let request: Vec<u8> = [0x0A, 0x00].repeat(1_000);
        assert!(footprint(Signal::Logs, &request) > 100 * request.len());
    }
}
