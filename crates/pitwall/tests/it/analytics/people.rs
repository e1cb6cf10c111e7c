//! Many people at work on one day, and what that amounts to.

use std::collections::BTreeMap;

use model::{Money, RequestSeen, Timestamp, TokenUsage};
use sources::claude_code::emit::{Emitter, Identity};

/// The day that everybody works on.
pub(super) const DAY: &str = "2026-11-20";
/// What every request costs, in micro-dollars: a third of a cent, so that cents are rounded.
const COST_MICROS: i64 = 3_333;

/// What is known of one person: requests and input tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) requests: i64,
    pub(super) input: i64,
}

impl Work {
    /// The cost in whole cents, half up.
    pub(super) fn cents(self) -> i64 {
        (self.requests * COST_MICROS + 5_000) / 10_000
    }
}

/// Everybody's clients, and the truth about what they have sent.
#[derive(Default)]
pub(super) struct People {
    clients: BTreeMap<String, (Emitter, Work)>,
}

impl People {
    /// A person makes a request of so many input tokens. Returned is what the client sends of it.
    pub(super) fn work(&mut self, email: &str, input: i64) -> Vec<u8> {
        let midnight = Timestamp::parse_rfc3339(&format!("{DAY}T00:00:00Z")).unwrap();
        let (emitter, work) = self.clients.entry(email.to_owned()).or_insert_with(|| {
            let mut emitter = Emitter::new(Identity {
                installation: format!("installation of {email}"),
                email: Some(email.to_owned()),
                terminal: Some("vscode".to_owned()),
                client_version: "2.1.330".to_owned(),
                ..Identity::default()
            });
            emitter.start_process(midnight.plus_seconds(60), &format!("session of {email}"), "fresh");
            (emitter, Work::default())
        });
        work.requests += 1;
        work.input += input;
        let at = midnight.plus_seconds(3_600 + work.requests);
        let request = RequestSeen {
            request_id: Some(format!("req {email} {}", work.requests)),
            model: "claude-opus-5-5".into(),
            usage: TokenUsage { input, ..TokenUsage::default() },
            cost: Some(Money::from_micros(COST_MICROS)),
            finished: true,
            ..RequestSeen::default()
        };
        emitter.request(at, &request);
        emitter.take_logs().unwrap().bytes
    }

    /// What everybody has done, by address, which is the order of the Analytics API.
    pub(super) fn truth(&self) -> Vec<(String, Work)> {
        self.clients.iter().map(|(email, (_, work))| (email.clone(), *work)).collect()
    }
}
