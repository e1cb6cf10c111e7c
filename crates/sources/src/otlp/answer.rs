//! The answer to a request that was taken, in part or in whole.

use opentelemetry_proto::tonic::collector::{logs, metrics, trace};
use prost::Message;
use serde_json::json;

use super::decode::Encoding;
use super::export::{Rejections, Signal};

/// What was taken of a request. All of it is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Records that were new.
    pub fresh: usize,
    /// Records that were known already.
    pub repeated: usize,
    /// Items that were not taken, by reason.
    pub rejections: Rejections,
}

impl Accepted {
    /// The body of the answer, the same over HTTP and gRPC: `Export…ServiceResponse`, with a partial success
    /// when items were rejected.
    pub fn body(&self, signal: Signal, encoding: Encoding) -> Vec<u8> {
        let count = self.rejections.count();
        match encoding {
            Encoding::Json if count == 0 => b"{}".to_vec(),
            Encoding::Json => {
                let field = match signal {
                    Signal::Metrics => "rejectedDataPoints",
                    Signal::Logs => "rejectedLogRecords",
                    Signal::Traces => "rejectedSpans",
                };
                let partial = json!({ field: count.to_string(), "errorMessage": self.rejections.message() });
                json!({ "partialSuccess": partial }).to_string().into_bytes()
            }
            Encoding::Protobuf if count == 0 => Vec::new(),
            Encoding::Protobuf => self.protobuf(signal, i64::try_from(count).unwrap_or(i64::MAX)),
        }
    }

    fn protobuf(&self, signal: Signal, count: i64) -> Vec<u8> {
        let error_message = self.rejections.message();
        match signal {
            Signal::Metrics => metrics::v1::ExportMetricsServiceResponse {
                partial_success: Some(metrics::v1::ExportMetricsPartialSuccess {
                    rejected_data_points: count,
                    error_message,
                }),
            }
            .encode_to_vec(),
            Signal::Logs => logs::v1::ExportLogsServiceResponse {
                partial_success: Some(logs::v1::ExportLogsPartialSuccess {
                    rejected_log_records: count,
                    error_message,
                }),
            }
            .encode_to_vec(),
            Signal::Traces => trace::v1::ExportTraceServiceResponse {
                partial_success: Some(trace::v1::ExportTracePartialSuccess {
                    rejected_spans: count,
                    error_message,
                }),
            }
            .encode_to_vec(),
        }
    }
}
