//! From what happens to what the client exports of it.

use std::collections::VecDeque;

use model::Timestamp;
use sources::claude_code::emit::{Emitter, Identity};
use sources::otlp::{Admission, Signal};

use super::Company;
use super::calendar::{Kind, SessionPlan};
use super::company::{ORGANIZATION, REPOSITORY_OWNER};
use super::facts::{Fact, Happening};
use super::filled::Filled;
use super::people::{Person, Signals, days_between, plus_days};
use super::session;

/// One request of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Export {
    /// When the client sends it.
    pub(super) at: Timestamp,
    pub(super) signal: Signal,
    /// What the receiver learns from the credential it comes with.
    pub(super) admission: Admission,
    /// The body, in protobuf.
    pub(super) body: Vec<u8>,
}

/// How often the company's clients export, in microseconds: less often than by default, as operators of
/// many clients set them.
pub(super) const EXPORT_INTERVAL_MICROS: i64 = 5 * 60 * 1_000_000;

/// The operator's own attribute for the team.
const TEAM_ATTRIBUTE: &str = "team.id";

/// A client process, with what is still to happen in its session.
pub(super) struct Client {
    emitter: Emitter,
    signals: Signals,
    admission: Admission,
    session: String,
    start_type: &'static str,
    coming: VecDeque<Happening>,
    /// Whether anything was exported yet.
    has_exported: bool,
}

impl Client {
    /// The client that a session is run with.
    pub(super) fn new(company: &Company, plan: &SessionPlan) -> Self {
        let person = &company.people[plan.person];
        Self {
            emitter: Emitter::new(identity(person, plan)),
            signals: person.signals,
            admission: Admission {
                ingest_key: person.ingest_key().map(str::to_owned),
                ..Admission::default()
            },
            session: plan.id.clone(),
            start_type: plan.start_type,
            coming: session::course(company, plan).into(),
            has_exported: false,
        }
    }

    /// When the next thing happens; `None` when the session is over.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.coming.front().map(|happening| happening.at)
    }

    /// Takes out of every pause what is longer than this, in microseconds.
    pub(super) fn shorten_pauses(&mut self, longest_micros: i64) {
        let mut earlier_micros = 0;
        let mut last: Option<Timestamp> = None;
        for happening in &mut self.coming {
            let pause_micros = last.map_or(0, |last| happening.at.micros_since(last));
            last = Some(happening.at);
            earlier_micros += (pause_micros - longest_micros).max(0);
            happening.at = happening.at.plus_micros(-earlier_micros);
        }
    }

    /// Lives through what happens up to an instant, and counts it.
    pub(super) fn live_until(&mut self, until: Timestamp, filled: &mut Filled) {
        while let Some(happening) = self.coming.pop_front_if(|happening| happening.at <= until) {
            filled.count(&happening.fact, self.signals);
            self.emit(happening);
        }
    }

    fn emit(&mut self, happening: Happening) {
        let Happening { at, fact } = happening;
        let emitter = &mut self.emitter;
        match fact {
            Fact::Started => emitter.start_process(at, &self.session, self.start_type),
            Fact::Prompted(prompt) => emitter.prompt(at, &prompt),
            Fact::Answered(request) => emitter.request(at, &request),
            Fact::Failed(error) => emitter.api_error(at, &error),
            Fact::Decided(decision) => emitter.decision(at, &decision),
            Fact::ToolEnded(outcome) => emitter.tool_result(at, &outcome),
            Fact::Edited { added, removed, model } => emitter.lines(at, added, removed, model),
            Fact::Committed => emitter.commit(at),
            Fact::OpenedPullRequest => emitter.pull_request(at),
            Fact::Worked { user_ms, cli_ms } => emitter.active_time(at, seconds(user_ms), seconds(cli_ms)),
            Fact::Occurred(occurrence) => emitter.occurrence(at, &occurrence),
        }
    }

    /// The events since the last export.
    pub(super) fn export_events(&mut self, at: Timestamp, filled: &mut Filled) -> Option<Export> {
        let body = self.emitter.take_logs().filter(|_| self.signals.events())?;
        Some(self.export(at, Signal::Logs, body.bytes, filled))
    }

    /// What was counted since the last export.
    pub(super) fn export_metrics(&mut self, at: Timestamp, filled: &mut Filled) -> Option<Export> {
        let body = self.emitter.take_metrics(at).filter(|_| self.signals.metrics())?;
        Some(self.export(at, Signal::Metrics, body.bytes, filled))
    }

    fn export(&mut self, at: Timestamp, signal: Signal, body: Vec<u8>, filled: &mut Filled) -> Export {
        if !self.has_exported {
            self.has_exported = true;
            filled.count_process(self.start_type);
        }
        filled.exports += 1;
        Export { at, signal, admission: self.admission.clone(), body }
    }

    /// Everything the client sends from its start to its end, or to `until` if that is earlier.
    pub(super) fn run(mut self, until: Timestamp, filled: &mut Filled) -> Vec<Export> {
        let mut exports = Vec::new();
        let Some(started_at) = self.next_at() else { return exports };
        let mut collected_at = started_at;
        while let Some(next_at) = self.next_at().filter(|at| *at <= until) {
            // Intervals in which nothing happens send nothing.
            let idle = next_at.micros_since(collected_at) / EXPORT_INTERVAL_MICROS;
            collected_at = collected_at.plus_micros((idle + 1) * EXPORT_INTERVAL_MICROS).min(until);
            self.live_until(collected_at, filled);
            exports.extend(self.export_events(collected_at, filled));
            exports.extend(self.export_metrics(collected_at, filled));
        }
        exports
    }
}

fn identity(person: &Person, plan: &SessionPlan) -> Identity {
    let (terminal, entrypoint) = match plan.kind {
        Kind::Interactive => (person.terminal, person.entrypoint),
        Kind::Remote => (None, "remote"),
        Kind::Script | Kind::RunawayLoop => (person.terminal, "sdk-cli"),
    };
    Identity {
        installation: person.installation.clone(),
        email: person.email.clone(),
        account: person.account.clone(),
        organization: Some(ORGANIZATION.to_owned()),
        terminal: terminal.map(str::to_owned),
        entrypoint: Some(entrypoint.to_owned()),
        client_version: client_version(person, plan),
        repository: Some((REPOSITORY_OWNER.to_owned(), plan.repository.name.to_owned())),
        resource_attributes: vec![(TEAM_ATTRIBUTE.to_owned(), person.team.name.to_owned())],
    }
}

/// The client's version: there is about one a day, and people update sooner or later.
fn client_version(person: &Person, plan: &SessionPlan) -> String {
    const KNOWN: (jiff::civil::Date, i64) = (jiff::civil::date(2026, 8, 22), 240);
    let updated = plus_days(plan.date, -person.updates_after_days);
    format!("2.1.{}", (KNOWN.1 + days_between(KNOWN.0, updated)).max(1))
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
