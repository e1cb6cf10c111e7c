//! Connections that are opened and not used: others are served all the same, and nothing is lost.

use std::io::Write as _;
use std::net::TcpStream;

use crate::numbered::{self, counted, each_once};
use crate::program::{Place, skipped, until};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Connections that nobody uses.
const IDLE: usize = 3_000;

/// Opens connections, every third of which begins a request and does not go on; `None` when this process may not have
/// that many.
fn idle(address: &str, count: usize) -> Option<Vec<TcpStream>> {
    let authority = address.trim_start_matches("http://");
    let mut streams = Vec::with_capacity(count);
    for number in 0..count {
        let mut stream = TcpStream::connect(authority).ok()?;
        if number % 3 == 0 {
            stream.write_all(b"POST /v1/logs HTTP/1.1\r\nhost: local").ok()?;
        }
        streams.push(stream);
    }
    Some(streams)
}

#[tokio::test]
async fn thousands_of_idle_connections_keep_nobody_out() {
    let place = Place::new();
    let mut server = place.serve().start();
    let all = numbered::of_sessions(0..10);
    let grpc = server.grpc_address().await;
    let (Some(http), Some(grpc)) = (idle(&server.address, IDLE), idle(&grpc, IDLE / 10)) else {
        return skipped("thousands of connections", "this process may not have as many files open");
    };
    // A client of its own, which has no connection yet.
    assert_eq!(server.sender().send("/v1/logs", numbered::export(&all)).await.unwrap(), 200);
    assert_eq!(counted(&server).await, each_once(&all));
    assert!(server.is_running());
    drop((http, grpc));
    assert!(server.stop().success());
}

#[tokio::test]
async fn where_few_files_may_be_open_data_is_written_all_the_same() {
    let place = Place::new();
    // For each of two listeners (400 - 256) / 2 connections are left. Some more wait to be accepted, not so many that
    // the system takes no further ones.
    let few = ["sh", "-c", "ulimit -n 400 && exec \"$0\" \"$@\""];
    let server = place.serve().under(&few).start();
    let (before, meanwhile, after) =
        (numbered::of_sessions(0..3), numbered::of_sessions(3..6), numbered::of_sessions(6..9));
    let send =
        async |requests: &[_]| server.post("/v1/logs", &[JSON], numbered::export(requests)).await.status;
    assert_eq!(send(&before).await, 200);
    let Some(many) = idle(&server.address, 120) else {
        return skipped("more connections than files", "this process may not have as many files open");
    };
    // The connection that is there already goes on, and what it sends is written.
    assert_eq!(send(&meanwhile).await, 200);
    drop(many);
    until("others are let in again", async || {
        server
            .sender()
            .send("/v1/logs", numbered::export(&after))
            .await
            .map_err(drop)
            .and_then(|status| if status == 200 { Ok(()) } else { Err(()) })
    })
    .await;
    let all: Vec<_> = [before, meanwhile, after].concat();
    assert_eq!(counted(&server).await, each_once(&all));
    assert!(!server.log().contains("Too many open files"), "{}", server.log());
    assert!(server.stop().success());
}
