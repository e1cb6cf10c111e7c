//! Sending captured exports again, byte for byte, over the protocol that they came by.

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::uri::PathAndQuery;
use serde_json::Value as Json;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::Server;

/// Headers that belong to the connection, not to the export.
const OF_THE_CONNECTION: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// One captured export.
pub(crate) struct Capture {
    file: PathBuf,
    is_grpc: bool,
    path: String,
    headers: Vec<(String, String)>,
    /// The body as it was sent, so compressed where it was.
    body: Vec<u8>,
}

/// The exports of a scenario, in the order in which they came.
pub(crate) fn captures(scenario: &Path) -> Vec<Capture> {
    let mut metas: Vec<PathBuf> = fs::read_dir(scenario)
        .unwrap_or_else(|error| panic!("{}: {error}", scenario.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".meta.json"))
        .collect();
    metas.sort();
    assert!(!metas.is_empty(), "no captures in {}", scenario.display());
    metas.iter().map(|meta| Capture::read(meta)).collect()
}

impl Capture {
    fn read(meta_file: &Path) -> Self {
        let meta: Json = serde_json::from_slice(&fs::read(meta_file).unwrap()).unwrap();
        // `0001-logs.meta.json` tells of `0001-logs.wire`, else `0001-logs.pb` or `0001-logs.json`.
        let stem = meta_file.with_extension("").with_extension("");
        let body = ["wire", "pb", "json"].iter().find_map(|kind| fs::read(stem.with_extension(kind)).ok());
        let headers = meta["headers"].as_object().unwrap().iter();
        let headers = headers.filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
        Self {
            file: meta_file.to_owned(),
            is_grpc: meta["protocol"] == "grpc",
            path: meta["path"].as_str().unwrap().to_owned(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body: body.unwrap_or_else(|| panic!("no body beside {}", meta_file.display())),
        }
    }
}

impl Server {
    /// Sends captured exports one after the other, as a client does; each has to be taken whole.
    pub(crate) async fn replay(&self, captures: &[Capture]) {
        let mut grpc = None;
        for capture in captures {
            let answer = if capture.is_grpc {
                if grpc.is_none() {
                    grpc = Some(self.grpc().await);
                }
                let answer = unary(grpc.as_mut().unwrap(), &capture.path, &capture.body).await;
                answer.unwrap_or_else(|status| panic!("{}: {status}", capture.file.display()))
            } else {
                let headers: Vec<_> =
                    capture.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let answer = self.post(&capture.path, &headers, capture.body.clone()).await;
                assert_eq!(answer.status, 200, "{}: {answer:?}", capture.file.display());
                answer.body
            };
            // A success with nothing to tell is an empty message, or an empty object in JSON.
            assert!(answer.is_empty() || answer == b"{}", "{}: {answer:?}", capture.file.display());
        }
    }

    /// Sends log records over gRPC.
    pub(crate) async fn over_grpc(&self, body: &[u8]) -> Result<Vec<u8>, Status> {
        unary(&mut self.grpc().await, LOGS, body).await
    }

    async fn grpc(&self) -> Grpc<Channel> {
        let channel = Channel::from_shared(self.grpc_address().await).unwrap();
        Grpc::new(channel.connect().await.unwrap())
    }
}

/// The method that takes log records.
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

async fn unary(client: &mut Grpc<Channel>, path: &str, body: &[u8]) -> Result<Vec<u8>, Status> {
    client.ready().await.unwrap();
    let path: PathAndQuery = path.parse().unwrap();
    Ok(client.unary(Request::new(body.to_vec()), path, AsTheyAre).await?.into_inner())
}

/// Messages as bytes: what was captured is sent as it is, without a detour over types of our own.
struct AsTheyAre;

impl Codec for AsTheyAre {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AsTheyAre {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use bytes::BufMut as _;
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for AsTheyAre {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use bytes::Buf as _;
        let mut message = vec![0; from.remaining()];
        from.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
