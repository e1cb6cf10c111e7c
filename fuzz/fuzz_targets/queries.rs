//! Queries and paging cursors of any bytes: every endpoint answers them, and never with an error of its own.
//!
//! The first byte chooses the endpoint, in the order of the API's description; what follows is the query. From
//! [`CURSORS`] on it is a cursor of the Analytics API instead: what it says, which is signed as this server does.

#![no_main]

#[path = "../../crates/server/tests/it/world.rs"]
#[allow(dead_code, unused_imports, reason = "the tests of the server use more of it")]
mod world;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::fuzz_target;
use model::Posting;
use serde_json::Value;
use sha2::Sha256;
use tokio::runtime::{Builder, Runtime};
use world::{ADMIN, USAGE, World, usage_of};

/// First bytes from this one on make cursors.
const CURSORS: u8 = 224;

/// Endpoints that answer a `GET` and come to an end. A part of the path that varies is a text of its own.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let described: Value =
        serde_json::from_str(include_str!("../../web/openapi.json")).expect("a description");
    let paths = described["paths"].as_object().expect("paths").iter();
    let ends = |methods: &Value| {
        let content = &methods["get"]["responses"]["200"]["content"];
        content.is_object() && content.get("text/event-stream").is_none()
    };
    paths.filter(|(_, methods)| ends(methods)).map(|(path, _)| path.replace(['{', '}'], "")).collect()
});

/// A server with a few days of two people behind it.
static WORLD: LazyLock<(Runtime, World)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let world = World::new();
    runtime.block_on(world.post([
        of_session("a-1", usage_of("ann@example.org", "2026-11-20T08:00:00Z", 10)),
        of_session("a-1", usage_of("ann@example.org", "2026-11-20T09:00:00Z", 20)),
        of_session("a-2", usage_of("ann@example.org", "2026-11-21T09:00:00Z", 30)),
        of_session("b-1", usage_of("bob@example.org", "2026-11-22T10:00:00Z", 40)),
    ]));
    (runtime, world)
});

fn of_session(session: &str, posting: Posting) -> Posting {
    Posting { session: session.into(), ..posting }
}

/// Bytes that may stand in a query as they are; others are written as `%` and two digits.
fn query_of(bytes: &[u8]) -> String {
    let mut query = String::new();
    for byte in bytes {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'&'
            | b'='
            | b'%'
            | b'+'
            | b'-'
            | b'.'
            | b'_'
            | b':' => {
                query.push(char::from(*byte));
            }
            other => query += &format!("%{other:02X}"),
        }
    }
    query
}

/// What was said, signed with the secret of the server of tests, as a cursor is.
fn cursor_of(said: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&[42; 32]).expect("a key of any length");
    mac.update(b"pitwall paging cursor");
    mac.update(said);
    let signed = [said, &mac.finalize().into_bytes()].concat();
    format!("page_{}", URL_SAFE_NO_PAD.encode(signed))
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let path = match *choice {
        CURSORS.. => format!("{USAGE}?starting_at=2026-11-20&limit=1&page={}", cursor_of(rest)),
        choice => format!("{}?{}", PATHS[usize::from(choice) % PATHS.len()], query_of(rest)),
    };
    // The address of a request has at most so many bytes.
    if path.len() > usize::from(u16::MAX) - 1 {
        return;
    }
    let (runtime, world) = &*WORLD;
    let answer = runtime.block_on(world.get(&path, &[("x-api-key", ADMIN)]));
    // What depends on files that are not there in a test may say so, and nothing else.
    assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.body);
});
