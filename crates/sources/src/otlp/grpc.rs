//! OTLP over gRPC.
//!
//! The services are spelt out here instead of generated, because messages must come as bytes: decoding is
//! then the same as over HTTP, with its repairs, its limits and its own thread for large ones.

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::routing::any;
use bytes::{Buf, BufMut, Bytes};
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, UnaryService};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::body::Compression;
use super::decode::Encoding;
use super::export::Signal;
use super::receiver::{Receiver, WhenFull};
use super::refusal::Refusal;

/// The three services. Messages may be compressed with gzip and be as large as the receiver's limit says.
pub fn grpc_services(receiver: &Receiver) -> Routes {
    let route = |signal: Signal| {
        let receiver = receiver.clone();
        any(move |request: HttpRequest| {
            let receiver = receiver.clone();
            async move { call(receiver, signal, request).await }
        })
    };
    let router = Signal::ALL
        .into_iter()
        .fold(Router::new(), |router, signal| router.route(signal.grpc_path(), route(signal)))
        .fallback(async || Status::unimplemented("no such method").into_http::<tonic::body::Body>());
    Routes::from(router)
}

async fn call(receiver: Receiver, signal: Signal, request: HttpRequest) -> http::Response<tonic::body::Body> {
    let limit_bytes = receiver.limits().body_bytes;
    Grpc::new(WholeMessages)
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(limit_bytes)
        .unary(ExportService { receiver, signal }, request)
        .await
}

/// The only method of a service.
struct ExportService {
    receiver: Receiver,
    signal: Signal,
}

impl UnaryService<Bytes> for ExportService {
    type Response = Bytes;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (receiver, signal) = (self.receiver.clone(), self.signal);
        Box::pin(async move {
            match take(&receiver, signal, request).await {
                Ok(answer) => Ok(Response::new(answer)),
                Err(refusal) => {
                    receiver.log_refusal(signal, &refusal);
                    Err(refusal.grpc_status())
                }
            }
        })
    }
}

async fn take(receiver: &Receiver, signal: Signal, request: Request<Bytes>) -> Result<Bytes, Refusal> {
    let (metadata, _, message) = request.into_parts();
    let admission = receiver.admit(&metadata.into_headers()).await?;
    let mut body = receiver.open_body(Compression::Identity);
    body.grow_to(message.len())?;
    let when_full = WhenFull::WaitFor(receiver.limits().grpc_patience);
    let accepted =
        receiver.receive_body(signal, Encoding::Protobuf, body.fill(message), &admission, when_full).await?;
    Ok(accepted.body(signal, Encoding::Protobuf).into())
}

/// Messages as the bytes they are, on either side of a call.
#[derive(Clone, Copy, Debug)]
pub struct WholeMessages;

impl Codec for WholeMessages {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for WholeMessages {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for WholeMessages {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
