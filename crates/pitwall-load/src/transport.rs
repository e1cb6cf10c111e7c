//! One connection to a server, over HTTP or gRPC, and what its answers mean.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use sources::otlp::{Signal, WholeMessages};
use tonic::Code;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;

/// How long a client waits for an answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// Where to send to, and how.
#[derive(Clone, Debug)]
pub struct Target {
    /// Base address, such as `http://127.0.0.1:4318`.
    pub address: String,
    /// Whether it takes gRPC.
    pub grpc: bool,
    /// Ingest key.
    pub key: Option<String>,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Taken.
    Taken,
    /// Not now; perhaps after a while.
    Later(Option<Duration>),
    /// No answer: the connection failed, or the deadline passed.
    None(String),
    /// Not taken for good.
    Refused(String),
}

/// A connection.
pub enum Connection {
    /// HTTP/1.1, kept alive.
    Http {
        /// The client, with one connection.
        client: reqwest::Client,
        /// Where to.
        target: Target,
    },
    /// gRPC.
    Grpc {
        /// The channel.
        channel: Channel,
        /// Value of the header `authorization`.
        authorization: Option<MetadataValue<tonic::metadata::Ascii>>,
    },
}

impl Connection {
    /// Prepares a connection; it is made with the first request.
    pub fn new(target: &Target) -> anyhow::Result<Self> {
        if target.grpc {
            let channel = Channel::from_shared(target.address.clone())?.timeout(DEADLINE).connect_lazy();
            let authorization = target.key.as_ref().map(|key| format!("Bearer {key}").parse()).transpose()?;
            return Ok(Self::Grpc { channel, authorization });
        }
        let client = reqwest::Client::builder().timeout(DEADLINE).pool_max_idle_per_host(1).build()?;
        Ok(Self::Http { client, target: target.clone() })
    }

    /// Sends a request and tells what became of it.
    pub async fn send(&self, signal: Signal, body: Bytes) -> Answer {
        match self {
            Self::Http { client, target } => http(client, target, signal, body).await,
            Self::Grpc { channel, authorization } => {
                grpc(channel, authorization.as_ref(), signal, body).await
            }
        }
    }
}

async fn http(client: &reqwest::Client, target: &Target, signal: Signal, body: Bytes) -> Answer {
    let url = format!("{}{}", target.address, signal.http_path());
    let mut request = client.post(url).header("content-type", "application/x-protobuf").body(body);
    if let Some(key) = &target.key {
        request = request.bearer_auth(key);
    }
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Answer::None(error.to_string()),
    };
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    // Read to its end, so that the connection can be used again.
    let body = response.bytes().await.map_err(|error| error.to_string());
    match (status, body) {
        (200, Ok(answer)) if answer.is_empty() => Answer::Taken,
        (200, Ok(answer)) => Answer::Refused(format!("in part: {}", String::from_utf8_lossy(&answer))),
        (200, Err(error)) => Answer::None(error),
        (429 | 502 | 503, _) => Answer::Later(retry_after),
        (status, _) => Answer::Refused(format!("status {status}")),
    }
}

async fn grpc(
    channel: &Channel,
    authorization: Option<&MetadataValue<tonic::metadata::Ascii>>,
    signal: Signal,
    body: Bytes,
) -> Answer {
    let mut client = tonic::client::Grpc::new(channel.clone());
    if let Err(error) = client.ready().await {
        return Answer::None(error.to_string());
    }
    let mut request = tonic::Request::new(body);
    if let Some(value) = authorization {
        request.metadata_mut().insert("authorization", value.clone());
    }
    let path = PathAndQuery::from_static(signal.grpc_path());
    match client.unary(request, path, WholeMessages).await {
        Ok(answer) if answer.get_ref().is_empty() => Answer::Taken,
        Ok(answer) => Answer::Refused(format!("in part: {}", String::from_utf8_lossy(answer.get_ref()))),
        Err(status) => match status.code() {
            Code::ResourceExhausted => Answer::Later(None),
            Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded | Code::Unknown => {
                Answer::None(status.to_string())
            }
            _ => Answer::Refused(status.to_string()),
        },
    }
}
