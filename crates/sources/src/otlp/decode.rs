//! From the bytes of a request to an [`Export`].

use thiserror::Error;

use super::export::{Export, Rejections, Signal};
use super::{json, protobuf, wire};

/// How a request's body is written. The answer is written the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Binary protobuf, `application/x-protobuf`.
    Protobuf,
    /// Protobuf's JSON form, `application/json`.
    Json,
}

impl Encoding {
    /// The encoding that a `Content-Type` names; parameters such as a charset do not matter.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/x-protobuf")
            || media_type.eq_ignore_ascii_case("application/protobuf")
        {
            Some(Self::Protobuf)
        } else if media_type.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }

    /// The `Content-Type` of a body written this way.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// Why a body as a whole cannot be read.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// Not the protobuf message of this signal.
    #[error("the body is not an OTLP protobuf message: {0}")]
    Protobuf(prost::DecodeError),
    /// Not JSON, or not the message of this signal.
    #[error("the body is not an OTLP JSON message: {0}")]
    Json(serde_json::Error),
}

/// Decodes a request. Items that cannot be read in a body that as a whole can are left out and counted.
pub fn decode(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    rejections: &mut Rejections,
) -> Result<Export, DecodeError> {
    match encoding {
        Encoding::Protobuf => protobuf::decode(signal, body),
        Encoding::Json => json::decode(signal, body, rejections),
    }
}

/// What decoding a body will take up in memory, in bytes, from above.
pub(crate) fn footprint(signal: Signal, encoding: Encoding, body: &[u8]) -> usize {
    /// More than any struct that one JSON object is decoded into, on average.
    const BYTES_PER_OBJECT: usize = 64;
    match encoding {
        Encoding::Protobuf => wire::footprint(signal, body),
        Encoding::Json => body.len() + BYTES_PER_OBJECT * body.iter().filter(|&&byte| byte == b'{').count(),
    }
}
