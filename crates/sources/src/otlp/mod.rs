//! OTLP: receiving exports over HTTP and gRPC, and decoding them into a neutral form.
//!
//! Follows the OpenTelemetry Protocol specification 1.x. The only module that names its generated types.
//! What exports mean is not known here: a [`Translate`] tells ([`crate::claude_code`]). A request is
//! answered when its records are durable.

mod admission;
mod answer;
mod body;
mod decode;
mod direct;
mod encode;
mod export;
mod grpc;
mod http;
mod json;
mod json_value;
mod protobuf;
mod receiver;
mod refusal;
mod room;
mod text_repair;
mod value;
mod wire;

pub use admission::{Admission, AdmitEverybody, Denied, IngestAuth};
pub use answer::Accepted;
pub use body::Compression;
pub use decode::{DecodeError, Encoding, decode};
pub use encode::encode;
pub use export::{
    Export, Group, LogRecord, MetricKind, MetricPoint, Rejection, Rejections, Signal, Span, SpanEvent,
};
pub use grpc::{WholeMessages, grpc_services};
pub use http::routes;
pub use receiver::{Limits, NoLog, Parts, Receiver, ReceptionLog, Translate, WhenFull};
pub use refusal::{RETRY_AFTER_SECONDS, Refusal};
pub(crate) use value::hexadecimal;
pub use value::{Attributes, Value};
