//! Why a request is not taken, and how both transports say so.
//!
//! One table maps each reason to an HTTP status and a gRPC code, after the "Failures" sections of the OTLP
//! specification. What is worth sending again is answered with 503 or `RESOURCE_EXHAUSTED` and a delay:
//! clients drop what is answered with 500.

use prost::Message;
use thiserror::Error;

use super::admission::Denied;
use super::decode::{DecodeError, Encoding};
use crate::intake::IntakeError;

/// After how many seconds a sender should try again.
pub const RETRY_AFTER_SECONDS: u64 = 1;

/// Why a request is not taken. Nothing of it has been kept.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not what it should be.
    #[error("{0}")]
    Malformed(String),
    /// The credential is missing or not good.
    #[error("{0}")]
    Unauthenticated(String),
    /// The body is in a format that is not received.
    #[error("content type {0:?} is not received; send application/x-protobuf or application/json")]
    ContentType(String),
    /// The body is compressed in a way that is not received.
    #[error("content encoding {0:?} is not received; send gzip or no compression")]
    ContentEncoding(String),
    /// The body is larger than is received.
    #[error("the request is larger than {limit_bytes} bytes; let the sender export smaller batches")]
    TooLarge {
        /// The limit it is over, in bytes.
        limit_bytes: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive within {seconds} s")]
    TooSlow {
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// Too much is waiting already.
    #[error("{0}")]
    Overloaded(String),
    /// The records could not be kept just now.
    #[error("{0}")]
    Unavailable(String),
}

impl Refusal {
    /// The HTTP status.
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Unauthenticated(_) => 401,
            Self::TooSlow { .. } => 408,
            Self::TooLarge { .. } => 413,
            Self::ContentType(_) | Self::ContentEncoding(_) => 415,
            Self::Overloaded(_) | Self::Unavailable(_) => 503,
        }
    }

    /// The gRPC code, which is also the code in `google.rpc.Status`.
    pub const fn grpc_code(&self) -> tonic::Code {
        match self {
            Self::Malformed(_) | Self::TooLarge { .. } | Self::ContentType(_) | Self::ContentEncoding(_) => {
                tonic::Code::InvalidArgument
            }
            Self::Unauthenticated(_) => tonic::Code::Unauthenticated,
            Self::TooSlow { .. } => tonic::Code::DeadlineExceeded,
            Self::Overloaded(_) => tonic::Code::ResourceExhausted,
            Self::Unavailable(_) => tonic::Code::Unavailable,
        }
    }

    /// Whether the same request can succeed later, and if so after how many seconds.
    pub const fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Overloaded(_) | Self::Unavailable(_) => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }

    /// The reason without particulars of this request, for counting.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "request that cannot be read",
            Self::Unauthenticated(_) => "request without a valid ingest key",
            Self::ContentType(_) => "request of a content type that is not received",
            Self::ContentEncoding(_) => "request with a content encoding that is not received",
            Self::TooLarge { .. } => "request that is too large",
            Self::TooSlow { .. } => "request whose body did not arrive in time",
            Self::Overloaded(_) => "request while too much was waiting",
            Self::Unavailable(_) => "request while records could not be kept",
        }
    }

    /// The body of an HTTP answer: `google.rpc.Status`, in the request's encoding.
    pub fn body(&self, encoding: Encoding) -> Vec<u8> {
        let (code, message) = (self.grpc_code() as i32, self.to_string());
        match encoding {
            Encoding::Protobuf => RpcStatus { code, message, details: self.details() }.encode_to_vec(),
            Encoding::Json => {
                serde_json::json!({ "code": code, "message": message }).to_string().into_bytes()
            }
        }
    }

    /// The answer over gRPC. Senders that follow the specification try again only if the details ask to.
    pub fn grpc_status(&self) -> tonic::Status {
        let (code, message) = (self.grpc_code(), self.to_string());
        let details = self.details();
        if details.is_empty() {
            return tonic::Status::new(code, message);
        }
        let status = RpcStatus { code: code as i32, message: message.clone(), details };
        tonic::Status::with_details(code, message, status.encode_to_vec().into())
    }

    fn details(&self) -> Vec<RpcAny> {
        let retry = self.retry_after_seconds().map(|seconds| {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            let info = RpcRetryInfo { retry_delay: Some(RpcDuration { seconds, nanos: 0 }) };
            RpcAny {
                type_url: "type.googleapis.com/google.rpc.RetryInfo".into(),
                value: info.encode_to_vec(),
            }
        });
        retry.into_iter().collect()
    }
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Credential(message) => Self::Unauthenticated(message),
            unavailable @ Denied::Unavailable(_) => Self::Unavailable(unavailable.to_string()),
        }
    }
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        match error {
            full @ IntakeError::Full => Self::Overloaded(full.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// `google.rpc.Status`, as published in googleapis.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<RpcAny>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RpcAny {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct RpcRetryInfo {
    #[prost(message, optional, tag = "1")]
    pub(crate) retry_delay: Option<RpcDuration>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct RpcDuration {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overloaded_receiver_says_when_to_come_back() {
        let status = Refusal::Overloaded("full".into()).grpc_status();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        let details = RpcStatus::decode(status.details()).unwrap().details;
        let retry = RpcRetryInfo::decode(details[0].value.as_slice()).unwrap();
        assert_eq!(retry.retry_delay, Some(RpcDuration { seconds: 1, nanos: 0 }));
    }

    #[test]
    fn a_status_is_written_in_the_encoding_of_the_request() {
        let refusal = Refusal::Malformed("no".into());
        let status = RpcStatus::decode(refusal.body(Encoding::Protobuf).as_slice()).unwrap();
        assert_eq!((status.code, status.message.as_str()), (3, "no"));
        assert_eq!(refusal.body(Encoding::Json), br#"{"code":3,"message":"no"}"#);
    }
}
