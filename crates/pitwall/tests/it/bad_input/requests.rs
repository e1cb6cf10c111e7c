//! Requests that cannot be taken.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::numbered::{self, counted, each_once};
use crate::program::{Place, Server};

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

/// `code: 3`, invalid argument, which a `google.rpc.Status` in protobuf begins with.
const INVALID_ARGUMENT: [u8; 2] = [0x08, 0x03];

/// More than the largest body that is taken, which is 64 MiB.
const HUGE: usize = 100_000_000;

/// The most memory that a server may have had after all of this, in KiB. Of a body that is too large no more is
/// kept than may be taken, and that for a moment.
const PEAK_KIB: u64 = 512 * 1024;

/// A server with something in its ledger, and the assurance at the end that it is all still there and more comes in.
async fn stays_whole(harm: impl AsyncFnOnce(&Server)) {
    let place = Place::new();
    let mut server = place.serve().start();
    let (before, after) = (numbered::of_sessions(0..3), numbered::of_sessions(3..5));
    let taken = server.post("/v1/logs", &[JSON], numbered::export(&before)).await;
    assert_eq!(taken.status, 200, "{taken:?}");

    harm(&server).await;

    assert!(server.is_running(), "{}", server.log());
    assert_eq!(counted(&server).await, each_once(&before));
    let taken = server.post("/v1/logs", &[JSON], numbered::export(&after)).await;
    assert_eq!(taken.status, 200, "{taken:?}");
    assert_eq!(counted(&server).await, each_once(before.iter().chain(&after)));
    #[cfg(target_os = "linux")]
    assert!(server.peak_memory_kib() < PEAK_KIB, "{} KiB at the peak", server.peak_memory_kib());
    assert!(!server.log().contains("panicked"), "{}", server.log());
    assert!(server.stop().success());
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_a_status_that_says_why() {
    stays_whole(async |server| {
        for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
            for garbage in
                [&b"\xff\xff\xff\xff\xff"[..], b"not protobuf at all", &[0x0a, 0xff, 0xff, 0x03, 1]]
            {
                let answer = server.post(path, &[PROTOBUF], garbage.to_vec()).await;
                assert_eq!(
                    (answer.status, &answer.headers["content-type"]),
                    (400, &PROTOBUF.1.parse().unwrap())
                );
                assert!(answer.body.starts_with(&INVALID_ARGUMENT), "{answer:?}");
            }
            for garbage in
                ["", "{", "[]", "{\"resourceLogs\": 7, \"resourceMetrics\": 7, \"resourceSpans\": 7}"]
            {
                let answer = server.post(path, &[JSON], garbage).await;
                assert_eq!(
                    (answer.status, &answer.json()["code"]),
                    (400, &3.into()),
                    "{garbage}: {answer:?}"
                );
                assert!(!answer.json()["message"].as_str().unwrap().is_empty());
            }
            let unpacked = server.post(path, &[JSON, ("content-encoding", "gzip")], "not gzip").await;
            assert_eq!(unpacked.status, 400, "{unpacked:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_received_here_is_told_with_what_is() {
    stays_whole(async |server| {
        for content_type in ["text/plain", "application/grpc", "multipart/form-data; boundary=x"] {
            let answer = server.post("/v1/logs", &[("content-type", content_type)], "hello").await;
            let message = answer.json()["message"].as_str().unwrap().to_owned();
            assert_eq!(answer.status, 415, "{message}");
            assert!(
                message.contains("application/x-protobuf") && message.contains("application/json"),
                "{message}"
            );
        }
        assert_eq!(server.post("/v1/logs", &[], "{}").await.status, 415);
        let answer = server.post("/v1/logs", &[JSON, ("content-encoding", "br")], "{}").await;
        assert_eq!(answer.status, 415, "{answer:?}");
        assert_eq!(server.get("/v1/logs", &[]).await.status, 405);
        assert_eq!(server.post("/v1/unheard-of", &[JSON], "{}").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_body_of_100_megabytes_is_refused_whether_its_length_is_announced_or_not() {
    stays_whole(async |server| {
        for framing in ["content-length: 100000000", "transfer-encoding: chunked"] {
            let status = send_huge(server, framing).await;
            assert_eq!(status, "HTTP/1.1 413 Payload Too Large", "{framing}");
        }
    })
    .await;
}

/// Sends a huge body as a client does that does not look at the answer before it is through, or cannot go on.
async fn send_huge(server: &Server, framing: &str) -> String {
    let authority = server.address.trim_start_matches("http://").to_owned();
    let is_chunked = framing.contains("chunked");
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/x-protobuf\r\n\
         connection: close\r\n{framing}\r\n\r\n"
    );
    let sending = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(authority).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        connection.write_all(head.as_bytes()).unwrap();
        let piece = vec![0x0a; 1_000_000];
        for _ in 0..HUGE / piece.len() {
            let before = if is_chunked { format!("{:x}\r\n", piece.len()) } else { String::new() };
            let after = if is_chunked { "\r\n" } else { "" };
            let parts = [before.as_bytes(), &piece, after.as_bytes()];
            // The server may close the connection once it has answered.
            if parts.iter().any(|part| connection.write_all(part).is_err()) {
                break;
            }
        }
        let _end = if is_chunked { connection.write_all(b"0\r\n\r\n") } else { Ok(()) };
        let _closed = connection.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        // What was sent after the answer may break the connection, but not before the answer is here.
        let _broken_off = connection.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).lines().next().unwrap_or("no answer").to_owned()
    });
    sending.await.unwrap()
}

#[tokio::test]
async fn a_body_that_swells_when_unpacked_is_refused() {
    // A gigabyte in a megabyte: members of a gzip file may follow each other.
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![b' '; 10_000_000]).unwrap();
    let bomb = member.finish().unwrap().repeat(100);
    assert!(bomb.len() < 2_000_000);
    stays_whole(async |server| {
        for content_type in [JSON, PROTOBUF] {
            let headers = [content_type, ("content-encoding", "gzip")];
            let answer = server.post("/v1/logs", &headers, bomb.clone()).await;
            assert_eq!(answer.status, 413, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn noise_on_the_ports_disturbs_nobody() {
    stays_whole(async |server| {
        let grpc = server.grpc_address().await;
        for address in [&server.address, &grpc] {
            let authority = address.trim_start_matches("http://");
            for noise in
                [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0\0\0\0\0", b"HELLO\r\n\r\n"]
            {
                let mut connection = TcpStream::connect(authority).unwrap();
                connection.write_all(noise).unwrap();
            }
        }
        for garbage in [&b"\xff\xff\xff\xff"[..], b"not protobuf"] {
            let status = server.over_grpc(garbage).await.unwrap_err();
            assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status}");
        }
    })
    .await;
}
