//! OTLP over gRPC, with the generated clients.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use sources::otlp::{Signal, grpc_services};
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request};

use super::fixtures::{self, Capture};
use super::transport::World;

#[tokio::test]
async fn captured_requests_are_taken_by_all_three_services() {
    let (receiver, _, writer) = World::new().write_everything();
    let services = grpc_services(&receiver);
    let mut logs = LogsServiceClient::new(services.clone()).send_compressed(CompressionEncoding::Gzip);
    let mut metrics = MetricsServiceClient::new(services.clone());
    let mut traces = TraceServiceClient::new(services.clone());
    drop((services, receiver));
    let mut captures = fixtures::own("grpc/commit-and-pr").captures;
    captures.extend(fixtures::own("traces/subagent").captures);
    for Capture { signal, body, .. } in &captures {
        let body = body.as_slice();
        let rejected = match signal {
            Signal::Logs => {
                let request = ExportLogsServiceRequest::decode(body).unwrap();
                logs.export(request).await.unwrap().into_inner().partial_success.is_some()
            }
            Signal::Metrics => {
                let request = ExportMetricsServiceRequest::decode(body).unwrap();
                metrics.export(request).await.unwrap().into_inner().partial_success.is_some()
            }
            Signal::Traces => {
                let request = ExportTraceServiceRequest::decode(body).unwrap();
                traces.export(request).await.unwrap().into_inner().partial_success.is_some()
            }
        };
        assert!(!rejected);
    }
    drop((logs, metrics, traces));
    let expected: Vec<_> = captures.iter().flat_map(Capture::records).collect();
    assert_eq!(writer.await.unwrap(), expected);
}

fn some_metrics() -> ExportMetricsServiceRequest {
    let capture = fixtures::own("grpc/commit-and-pr").captures.remove(1);
    assert_eq!(capture.signal, Signal::Metrics);
    ExportMetricsServiceRequest::decode(capture.body.as_slice()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_stays_full_exhausts_patience() {
    let world = World::new();
    world.fill_queue();
    let started = tokio::time::Instant::now();
    let mut client = MetricsServiceClient::new(grpc_services(&world.receiver));
    let status = client.export(some_metrics()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(!status.details().is_empty(), "without retry information senders give up");
    assert!(started.elapsed() >= world.receiver.limits().grpc_patience);
}

#[tokio::test]
async fn only_known_keys_are_let_in() {
    let (receiver, ..) = World::with_keys().write_everything();
    let mut client = MetricsServiceClient::new(grpc_services(&receiver));
    let status = client.export(some_metrics()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    for (name, value) in [("authorization", "Bearer right"), ("x-api-key", "right")] {
        let mut request = Request::new(some_metrics());
        request.metadata_mut().insert(name, MetadataValue::from_static(value));
        client.export(request).await.unwrap();
    }
}

#[tokio::test]
async fn messages_over_the_limit_are_refused() {
    let world = World::with(|parts| parts.limits.body_bytes = 1_000);
    let mut client = MetricsServiceClient::new(grpc_services(&world.receiver));
    let status = client.export(some_metrics()).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    let mut client = client.send_compressed(CompressionEncoding::Gzip);
    assert!(client.export(some_metrics()).await.is_err());
}
