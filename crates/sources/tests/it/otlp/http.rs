//! OTLP over HTTP, through the router.

use std::io::Write;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::{CustomerType, Source};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use prost::Message;
use serde_json::{Value as Json, json};
use sources::intake::{IntakeError, Submission};
use sources::otlp::{Encoding, routes};
use tower::ServiceExt;

use super::fixtures;
use super::transport::World;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// `google.rpc.Status`, by its published definition.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Json {
        assert_eq!(self.headers["content-type"], JSON);
        serde_json::from_slice(&self.body).unwrap()
    }

    fn rpc_status(&self) -> RpcStatus {
        assert_eq!(self.headers["content-type"], PROTOBUF);
        RpcStatus::decode(self.body.clone()).unwrap()
    }
}

async fn post(router: &Router, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(Method::POST).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router, request.body(body.into()).unwrap()).await
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A body that comes in pieces and does not announce its length.
fn chunked(body: &[u8]) -> Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        body.chunks(1_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures::stream::iter(pieces))
}

#[tokio::test]
async fn captured_requests_are_taken_as_the_client_sent_them() {
    for name in
        ["http-json/edits-accepted", "gzip/edits-accepted", "traces/subagent", "http-protobuf/subagent"]
    {
        let scenario = fixtures::own(name);
        let (receiver, _, writer) = World::new().write_everything();
        let router = routes(receiver);
        for capture in &scenario.captures {
            let stem = capture.path.with_extension("");
            let meta: Json =
                serde_json::from_slice(&std::fs::read(stem.with_extension("meta.json")).unwrap()).unwrap();
            let headers: Vec<(&str, &str)> = meta["headers"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
                .collect();
            let wire = std::fs::read(stem.with_extension("wire")).unwrap_or_else(|_| capture.body.clone());
            let answer = post(&router, meta["path"].as_str().unwrap(), &headers, wire).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", capture.path.display());
            assert_eq!(answer.headers["content-type"], capture.encoding.content_type());
            let nothing_rejected: &[u8] = if capture.encoding == Encoding::Json { b"{}" } else { b"" };
            assert_eq!(answer.body, nothing_rejected);
        }
        drop(router);
        let expected: Vec<_> = scenario.captures.iter().flat_map(fixtures::Capture::records).collect();
        assert_eq!(writer.await.unwrap(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_request_is_answered_only_when_its_records_are_durable() {
    let mut world = World::new();
    let router = routes(world.receiver.clone());
    let body = fixtures::own("http-json/edits-accepted").captures.remove(0).body;
    let answer =
        tokio::spawn(async move { post(&router, "/v1/logs", &[("content-type", JSON)], body).await });
    let Submission { records, answer: durable, .. } = world.submissions.recv().await.unwrap();
    assert!(!records.concat().is_empty());
    assert!(!answer.is_finished());
    durable.send(Err(IntakeError::Store("disk full".into()))).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.json()["message"], "could not write to the store: disk full");
}

#[tokio::test]
async fn chunked_and_compressed_bodies_are_read_whole() {
    let (receiver, _, writer) = World::new().write_everything();
    let router = routes(receiver);
    let capture = fixtures::own("http-json/edits-accepted").captures.remove(0);
    for (headers, body) in [
        (vec![("content-type", JSON)], chunked(&capture.body)),
        (vec![("content-type", "application/json; charset=utf-8")], Body::from(capture.body.clone())),
        (vec![("content-type", JSON), ("content-encoding", "gzip")], chunked(&gzip(&capture.body))),
        (vec![("content-type", JSON), ("content-encoding", "identity")], Body::from(capture.body.clone())),
    ] {
        let answer = post(&router, "/v1/logs", &headers, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?}");
    }
    drop(router);
    assert_eq!(writer.await.unwrap().len(), 4 * capture.records().len());
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_status_in_the_same_encoding() {
    let world = World::new();
    let router = routes(world.receiver.clone());
    let answer = post(&router, "/v1/logs", &[("content-type", PROTOBUF)], "not protobuf").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.rpc_status().code, 3);
    assert!(answer.rpc_status().message.starts_with("the body is not an OTLP protobuf message"));

    for body in ["{", "[]", r#"{"resourceLogs":3}"#, ""] {
        let answer = post(&router, "/v1/logs", &[("content-type", JSON)], body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["code"], 3);
    }

    let headers = [("content-type", JSON), ("content-encoding", "gzip")];
    let answer = post(&router, "/v1/logs", &headers, "{}").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    let logged = world.log.entries();
    assert_eq!(logged.len(), 6);
    assert_eq!((logged[0].0, logged[0].1.as_str()), (Source::Events, "request that cannot be read"));
}

#[tokio::test]
async fn other_formats_and_methods_are_refused() {
    let router = routes(World::new().receiver);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = post(&router, "/v1/metrics", &[("content-type", content_type)], "{}").await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
        assert_eq!(answer.json()["code"], 3);
    }
    assert_eq!(post(&router, "/v1/metrics", &[], "{}").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let headers = [("content-type", JSON), ("content-encoding", "br")];
    assert_eq!(post(&router, "/v1/metrics", &headers, "{}").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(method).uri("/v1/traces").body(Body::empty()).unwrap();
        assert_eq!(send(&router, request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_however_they_come() {
    let router = routes(World::new().receiver);
    let large = vec![b' '; (1 << 20) + 1];
    let plain = [("content-type", JSON)];
    let packed = [("content-type", JSON), ("content-encoding", "gzip")];
    for (headers, body) in [
        (&plain[..], Body::from(large.clone())),
        (&plain[..], chunked(&large)),
        (&packed[..], Body::from(gzip(&large))),
    ] {
        let answer = post(&router, "/v1/logs", headers, body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("larger than 1048576 bytes"), "{message}");
    }
    // Two bytes each on the wire, hundreds in memory.
    let swelling = [0x0A, 0x00].repeat(400_000);
    let answer = post(&router, "/v1/logs", &[("content-type", PROTOBUF)], swelling).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_full_queue_asks_to_come_back() {
    let world = World::new();
    world.fill_queue();
    let router = routes(world.receiver.clone());
    let capture = fixtures::own("http-protobuf/subagent").captures.remove(0);
    let path = capture.signal.http_path();
    let answer = post(&router, path, &[("content-type", PROTOBUF)], capture.body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.rpc_status().code, 8);
}

#[tokio::test]
async fn requests_that_take_up_all_room_ask_others_to_come_back() {
    let mut world = World::with(|parts| parts.limits.in_flight_bytes = 1 << 20);
    let router = routes(world.receiver.clone());
    let capture = fixtures::own("http-json/edits-accepted").captures.remove(0);
    let headers = [("content-type", JSON)];
    // About 160 kB each once decoded, and none of them answered yet.
    let mut waiting = Vec::new();
    let refused = loop {
        let (router, body) = (router.clone(), capture.body.clone());
        let mut request = tokio::spawn(async move { post(&router, "/v1/logs", &headers, body).await });
        tokio::select! {
            submission = world.submissions.recv() => waiting.push((submission.unwrap(), request)),
            answer = &mut request => break answer.unwrap(),
        }
        assert!(waiting.len() < 20, "never refused");
    };
    assert!(waiting.len() > 1);
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "1");
    // Room comes back with the answers.
    for (submission, request) in waiting {
        submission.answer.send(Err(IntakeError::Stopped)).unwrap();
        request.await.unwrap();
    }
    let request = tokio::spawn(async move { post(&router, "/v1/logs", &headers, capture.body).await });
    assert!(world.submissions.recv().await.is_some());
    request.abort();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let router = routes(World::new().receiver);
    let body = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let answer = post(&router, "/v1/logs", &[("content-type", JSON)], body).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn only_known_keys_are_let_in() {
    let (receiver, log, writer) = World::with_keys().write_everything();
    let router = routes(receiver);
    let body = || fixtures::own("http-json/edits-accepted").captures.remove(0).body;
    for (header, status) in [
        (("x-none", ""), StatusCode::UNAUTHORIZED),
        (("authorization", "Bearer wrong"), StatusCode::UNAUTHORIZED),
        (("authorization", "Basic right"), StatusCode::UNAUTHORIZED),
        (("authorization", "Bearer broken"), StatusCode::SERVICE_UNAVAILABLE),
        (("authorization", "Bearer right"), StatusCode::OK),
        (("x-api-key", "right"), StatusCode::OK),
    ] {
        let answer = post(&router, "/v1/logs", &[("content-type", JSON), header], body()).await;
        assert_eq!(answer.status, status, "{header:?}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == StatusCode::UNAUTHORIZED);
    }
    drop(router);
    let records = writer.await.unwrap();
    assert!(!records.is_empty());
    for record in records {
        assert_eq!(record.context.ingest_key.as_deref(), Some("laptops"));
        assert_eq!(record.context.customer_type, Some(CustomerType::Subscription));
        assert_eq!(record.context.subscription.as_deref(), Some("team"));
        assert_eq!(record.session.tenant(), "org");
    }
    assert!(!format!("{:?}", log.entries()).contains("wrong"), "a credential was logged");
}

/// A log record in JSON, with the attributes of one that is taken.
fn log_record(name: &str, more: &[Json]) -> Json {
    let mut attributes = vec![
        json!({"key": "event.name", "value": {"stringValue": name}}),
        json!({"key": "session.id", "value": {"stringValue": "s"}}),
    ];
    attributes.extend(more.iter().cloned());
    json!({"timeUnixNano": "1795334889326000000", "attributes": attributes})
}

fn logs_of(service: &str, records: &[Json]) -> Json {
    json!({
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
        "scopeLogs": [{"logRecords": records}],
    })
}

#[tokio::test]
async fn bad_records_are_rejected_alone() {
    let (receiver, log, writer) = World::new().write_everything();
    let router = routes(receiver);
    let count = |value: Json| json!({"key": "input_tokens", "value": value});
    let no_session = json!({"timeUnixNano": 1, "attributes": [
        {"key": "event.name", "value": {"stringValue": "user_prompt"}},
    ]});
    let no_time = json!({"attributes": log_record("user_prompt", &[])["attributes"]});
    let body = json!({"resourceLogs": [
        logs_of("claude-code", &[
            log_record("api_request", &[count(json!({"intValue": 5}))]),
            log_record("api_request", &[count(json!({"intValue": "five"}))]),
            log_record("api_request", &[count(json!({"stringValue": "five"}))]),
            log_record("api_request", &[count(json!({"intValue": -5}))]),
            no_session,
            no_time,
            json!("not a record"),
            log_record("brand_new_event", &[]),
        ]),
        logs_of("web-shop", &[log_record("order", &[])]),
        logs_of("renamed", &[log_record("claude_code.user_prompt", &[])]),
    ]});
    let answer = post(&router, "/v1/logs", &[("content-type", JSON)], body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "7");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("1 x order: not from Claude Code"), "{message}");
    drop(router);
    assert_eq!(writer.await.unwrap().len(), 3);
    let rejected: u64 =
        log.entries().iter().filter(|(_, reason, ..)| reason != "received").map(|(.., count)| count).sum();
    assert_eq!(rejected, 7);
}

#[tokio::test]
async fn partial_success_is_told_in_protobuf_too() {
    let (receiver, _, _writer) = World::new().write_everything();
    let router = routes(receiver);
    let body = json!({"resourceLogs": [logs_of("web-shop", &[log_record("order", &[])])]});
    let mut rejections = sources::otlp::Rejections::default();
    let export = sources::otlp::decode(
        sources::otlp::Signal::Logs,
        Encoding::Json,
        body.to_string().as_bytes(),
        &mut rejections,
    )
    .unwrap();
    let answer =
        post(&router, "/v1/logs", &[("content-type", PROTOBUF)], sources::otlp::encode(export)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let partial = ExportLogsServiceResponse::decode(answer.body).unwrap().partial_success.unwrap();
    assert_eq!(partial.rejected_log_records, 1);
    assert_eq!(partial.error_message, "1 x order: not from Claude Code");
}
