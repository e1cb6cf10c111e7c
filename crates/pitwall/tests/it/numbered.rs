//! Requests whose tokens tell how often each was counted.
//!
//! Request `n` of a session has `10^n` input tokens. So the session's sum is a number whose digits say it: 1 for a
//! request counted once, 0 for one that is missing, 2 for one counted twice.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::program::Server;

/// Requests per session.
pub(crate) const PER_SESSION: u32 = 8;

/// 2026-11-22T08:00:00Z, in seconds since 1970: long enough ago for everything to be settled at once.
const BEGINNING: i64 = 1_795_334_400;

/// One request, of which there is one in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Numbered {
    pub(crate) session: u32,
    number: u32,
}

/// All requests of this many sessions, session by session.
pub(crate) fn of_sessions(sessions: std::ops::Range<u32>) -> Vec<Numbered> {
    let of_session = |session| (0..PER_SESSION).map(move |number| Numbered { session, number });
    sessions.flat_map(of_session).collect()
}

impl Numbered {
    fn session_id(self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.session)
    }

    fn request_id(self) -> String {
        format!("req_{}_{}", self.session, self.number)
    }

    fn input_tokens(self) -> i64 {
        10_i64.pow(self.number)
    }

    fn at_seconds(self) -> i64 {
        BEGINNING + i64::from(self.session % 3_600) + i64::from(self.number)
    }

    /// As the client's telemetry tells of it.
    fn as_event(self) -> Json {
        let at = format!("{}000000000", self.at_seconds());
        let text = |name: &str, value: &str| json!({"key": name, "value": {"stringValue": value}});
        let count = |name: &str, value: i64| json!({"key": name, "value": {"intValue": value.to_string()}});
        json!({
            "timeUnixNano": at,
            "body": {"stringValue": "claude_code.api_request"},
            "attributes": [
                text("event.name", "api_request"),
                count("event.sequence", self.number.into()),
                text("user.id", "installation"),
                text("session.id", &self.session_id()),
                text("request_id", &self.request_id()),
                text("model", "claude-opus-5-5"),
                count("input_tokens", self.input_tokens()),
                count("output_tokens", 1),
                {"key": "cost_usd", "value": {"doubleValue": 0.001}},
            ],
        })
    }

    /// As the client writes it into its transcript.
    fn as_line(self) -> String {
        let at = jiff::Timestamp::from_second(self.at_seconds()).unwrap();
        let line = json!({
            "type": "assistant",
            "sessionId": self.session_id(),
            "uuid": format!("line {}", self.request_id()),
            "requestId": self.request_id(),
            "timestamp": at.to_string(),
            "cwd": "/project",
            "version": "2.1.330",
            "message": {
                "id": format!("msg_{}_{}", self.session, self.number),
                "role": "assistant",
                "model": "claude-opus-5-5",
                "content": [{"type": "text", "text": "Done."}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": self.input_tokens(), "output_tokens": 1},
            },
        });
        format!("{line}\n")
    }
}

/// One export with these requests, in JSON.
pub(crate) fn export(requests: &[Numbered]) -> String {
    let events: Vec<Json> = requests.iter().map(|request| request.as_event()).collect();
    let scope = json!({"name": "com.anthropic.claude_code.events"});
    let resource = json!({"attributes": []});
    json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": events}]}]})
        .to_string()
}

/// The transcript of these requests.
pub(crate) fn transcript(requests: &[Numbered]) -> String {
    requests.iter().map(|request| request.as_line()).collect()
}

/// How often the server has counted each request; those it has not are not in it.
pub(crate) async fn counted(server: &Server) -> BTreeMap<Numbered, u32> {
    let report = server.json("/api/v1/reports/session?start=2026-11-20&end=2026-11-24&timezone=UTC").await;
    let mut counted = BTreeMap::new();
    for row in report["sessions"].as_array().unwrap() {
        let session = row["session_id"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
        let tokens = row["tokens"]["input"].as_u64().unwrap();
        let mut rest = tokens;
        let mut of_session = 0;
        for number in 0..PER_SESSION {
            let times = (rest % 10) as u32;
            rest /= 10;
            of_session += times;
            if times > 0 {
                counted.insert(Numbered { session, number }, times);
            }
        }
        // Ten times the same request would look like the next one once; the number of requests would not.
        assert_eq!(
            (rest, row["requests"].as_u64()),
            (0, Some(of_session.into())),
            "{tokens} tokens in {row}"
        );
    }
    counted
}

/// How often each is counted when all is well.
pub(crate) fn each_once<'r>(requests: impl IntoIterator<Item = &'r Numbered>) -> BTreeMap<Numbered, u32> {
    requests.into_iter().map(|request| (*request, 1)).collect()
}
