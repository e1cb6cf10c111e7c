//! Accepting connections: not more than there are file handles for, and none that is silent for long.

use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Connections that a listener has at the same time; further ones wait to be accepted. Half of them on each of two
/// listeners fit into the file handles that most systems allow.
const MAX_CONNECTIONS: usize = 4_096;

/// File handles that are kept for everything else: data, transcripts, the program itself.
const OTHER_FILES: u64 = 256;

/// How long a client may take to send the head of a request, and be silent between two requests. Longer than the
/// minute that lies between two exports of metrics.
const SILENCE: Duration = Duration::from_secs(120);

/// How often an HTTP/2 connection is asked whether somebody is still there, and how long that may take.
const ASK_EVERY: Duration = Duration::from_secs(60);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What a client says first that speaks HTTP/2 without a negotiation
/// (<https://www.rfc-editor.org/rfc/rfc9113#section-3.4>).
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long until it is looked whether the rest of that has come.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How long accepting pauses when it fails, as when there are no file handles left.
const PAUSE: Duration = Duration::from_millis(200);

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// HTTP of any version.
    Http,
    /// HTTP/2 without a negotiation, as gRPC does.
    Http2,
}

/// Serves until `stop` is cancelled, then lets requests that are under way end.
pub(super) async fn serve(listener: TcpListener, speaks: Speaks, router: Router, stop: CancellationToken) {
    let (builder, graceful) = (builder(speaks), GracefulShutdown::new());
    let most = connections_that_fit();
    // Those that are under way are cut off when this is dropped.
    let mut connections: JoinSet<()> = JoinSet::new();
    loop {
        let stream = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_ended) = connections.join_next() => continue,
            stream = accept(&listener), if connections.len() < most => stream,
        };
        // Answers are small, and wait for nothing.
        let _only_slower = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let (builder, watcher, stop) = (builder.clone(), graceful.watcher(), stop.clone());
        connections.spawn(async move {
            let speaks_up = tokio::select! {
                speaks_up = speaks_up(&stream) => speaks_up,
                () = stop.cancelled() => false,
            };
            if !speaks_up {
                return;
            }
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection.into_owned()).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Waits until it can be told which version of HTTP a client speaks; whether it says so in time.
async fn speaks_up(stream: &TcpStream) -> bool {
    let told = async {
        let mut first = [0; HTTP_2.len()];
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return false,
                Ok(count) if count == HTTP_2.len() || !HTTP_2.starts_with(&first[..count]) => return true,
                // Part of it is there, and stays so until the rest comes.
                Ok(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
    };
    tokio::time::timeout(SILENCE, told).await.unwrap_or(false)
}

fn builder(speaks: Speaks) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SILENCE);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(ASK_EVERY).keep_alive_timeout(ANSWER_WITHIN);
    match speaks {
        Speaks::Http => builder,
        Speaks::Http2 => builder.http2_only(),
    }
}

/// How many connections each of two listeners may have, so that file handles are left for everything else.
fn connections_that_fit() -> usize {
    let files = open_files_allowed().saturating_sub(OTHER_FILES) / 2;
    usize::try_from(files).unwrap_or(usize::MAX).clamp(1, MAX_CONNECTIONS)
}

/// How many files this process may have open at the same time, after asking for as many as are needed.
#[cfg(unix)]
fn open_files_allowed() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let wanted = 2 * MAX_CONNECTIONS as u64 + OTHER_FILES;
    let now = getrlimit(Resource::Nofile);
    let current = now.current.unwrap_or(u64::MAX);
    if current >= wanted {
        return current;
    }
    let raised = wanted.min(now.maximum.unwrap_or(u64::MAX));
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: now.maximum }) {
        Ok(()) => raised,
        Err(_) => current,
    }
}

#[cfg(not(unix))]
fn open_files_allowed() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::Instant;

    use super::*;

    async fn listening(speaks: Speaks) -> (std::net::SocketAddr, CancellationToken, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let router = Router::new().route("/", get(async || "here"));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, speaks, router, stop.clone()));
        (address, stop, serving)
    }

    /// What a client gets that sends so much and then waits, and how long it waited.
    async fn sent(address: std::net::SocketAddr, told: &str) -> (String, Duration) {
        let began = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(told.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Closed with something unread, a connection is broken off.
        let _end = stream.read_to_end(&mut answer).await;
        (String::from_utf8(answer).unwrap(), began.elapsed())
    }

    // Time is not waited for: it jumps to the next moment that something is due.
    #[tokio::test(start_paused = true)]
    async fn who_is_silent_is_not_waited_for_for_ever() {
        let (address, _stop, _serving) = listening(Speaks::Http).await;
        for silent in ["", "PRI * H", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
            let (answer, waited) = sent(address, silent).await;
            assert!(!answer.contains("here"), "{silent:?}: {answer}");
            assert!(waited >= SILENCE && waited < 2 * SILENCE, "{silent:?}: {waited:?}");
        }
        let (answer, _) = sent(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.ends_with("here"), "answered, and closed when nothing more came: {answer}");
    }

    #[tokio::test]
    async fn stopping_ends_idle_connections_at_once() {
        let (address, stop, mut serving) = listening(Speaks::Http).await;
        let client = tokio::spawn(sent(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
        let (answer, _) = sent(address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(answer.ends_with("here"), "{answer}");
        stop.cancel();
        serving.join_next().await.unwrap().unwrap();
        // Its answer may have come before or not; what matters is that it is not waited for.
        client.await.unwrap();
        TcpStream::connect(address).await.unwrap_err();
    }
}
