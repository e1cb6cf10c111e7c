//! The other direction: what a client would send for given facts.
//!
//! For demonstration data and tests, which then go through the same door as real telemetry. Facts are given
//! as the observations they shall become again.

use std::collections::BTreeMap;

use model::{
    ApiError, Decision, Money, Occurrence, Prompt, RequestSeen, Temporality, Timestamp, ToolOutcome,
};

use super::names::{self, event, metric, value};
use super::occurrences;
use crate::otlp::{Attributes, Export, Group, LogRecord, MetricKind, MetricPoint, Value, encode};

/// Who sends, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The installation's random id; every client has one.
    pub installation: String,
    /// E-mail address, when signed in.
    pub email: Option<String>,
    /// Account UUID, when signed in.
    pub account: Option<String>,
    /// Organization id, when signed in.
    pub organization: Option<String>,
    /// Terminal.
    pub terminal: Option<String>,
    /// How the client was started.
    pub entrypoint: Option<String>,
    /// The client's version.
    pub client_version: String,
    /// Owner and name of the repository.
    pub repository: Option<(String, String)>,
    /// The operator's own resource attributes, which the client copies onto everything.
    pub resource_attributes: Vec<(String, String)>,
}

/// One client process at a time, and what it has not exported yet.
#[derive(Clone, Debug)]
pub struct Emitter {
    identity: Identity,
    session: String,
    sequence: i64,
    prompt: Option<String>,
    logs: Vec<LogRecord>,
    /// By metric and attributes.
    series: BTreeMap<(&'static str, Vec<u8>), Series>,
    temporality: Temporality,
}

/// The body of one export request, in protobuf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Log records or metric points in it.
    pub records: usize,
}

#[derive(Clone, Debug)]
struct Series {
    attributes: Attributes,
    /// Start of the interval that `value` belongs to: of the process, where series are cumulative.
    since: Timestamp,
    value: f64,
    /// Whether anything was added since the last export, if only zero.
    has_changed: bool,
}

impl Emitter {
    /// A client that has not started yet. Its metrics are deltas, as is the default.
    pub fn new(identity: Identity) -> Self {
        let (session, prompt, logs, series) = (String::new(), None, Vec::new(), BTreeMap::new());
        Self { identity, session, sequence: 0, prompt, logs, series, temporality: Temporality::Delta }
    }

    /// The same with metrics of this temporality.
    pub fn with_temporality(self, temporality: Temporality) -> Self {
        Self { temporality, ..self }
    }

    /// A process takes a session up: `fresh`, `resume` or `continue`. Export what the one before left first.
    pub fn start_process(&mut self, at: Timestamp, session: &str, start_type: &str) {
        session.clone_into(&mut self.session);
        self.sequence = 0;
        self.prompt = None;
        self.series.clear();
        self.count(at, metric::SESSIONS, 1.0, [(names::START_TYPE, start_type)]);
    }

    /// A prompt or slash command; what follows belongs to it.
    pub fn prompt(&mut self, at: Timestamp, prompt: &Prompt) {
        self.prompt.clone_from(&prompt.prompt_id);
        let mut attributes = Attributes::default();
        push_text(&mut attributes, names::PROMPT_LENGTH, prompt.length.map(|length| length.to_string()));
        push_text(&mut attributes, names::COMMAND_NAME, prompt.command.clone());
        self.log(at, event::USER_PROMPT, attributes);
    }

    /// A finished request: the event, and its part of the token and cost metrics.
    pub fn request(&mut self, at: Timestamp, request: &RequestSeen) {
        let usage = &request.usage;
        let cost = request.cost.unwrap_or(Money::ZERO).as_picos();
        let dollars = cost as f64 / Money::PICOS_PER_DOLLAR as f64;
        let speed = if request.fast { value::FAST } else { value::NORMAL };
        let mut attributes: Attributes = [
            (names::INPUT_TOKENS, usage.input),
            (names::OUTPUT_TOKENS, usage.output),
            (names::CACHE_READ_TOKENS, usage.cache_read),
            (names::CACHE_CREATION_TOKENS, usage.cache_creation),
            (names::CACHE_CREATION_5M_TOKENS, usage.cache_creation_5m),
            (names::CACHE_CREATION_1H_TOKENS, usage.cache_creation_1h),
        ]
        .into_iter()
        .collect();
        if request.cost.is_some() {
            attributes.push(names::COST_USD, dollars);
            attributes.push(names::COST_USD_MICROS, Money::to_micros(i128::from(cost)));
        }
        push_int(&mut attributes, names::DURATION_MS, request.duration_ms);
        push_int(&mut attributes, names::TTFT_MS, request.ttft_ms);
        attributes.push(names::MODEL, request.model.as_str());
        attributes.push(names::SPEED, speed);
        push_text(&mut attributes, names::REQUEST_ID, request.request_id.clone());
        push_text(&mut attributes, names::QUERY_SOURCE, request.query_source.clone());
        let attribution = attribution(request);
        attributes.0.extend(attribution.0.iter().cloned());
        self.log(at, event::API_REQUEST, attributes);

        let counted = |kind: Option<&str>| {
            let mut counted = attribution.clone();
            counted.push(names::MODEL, request.model.as_str());
            counted.push(names::QUERY_SOURCE, broad_source(request.query_source.as_deref()));
            if request.fast {
                counted.push(names::SPEED, value::FAST);
            }
            push_text(&mut counted, names::TYPE, kind.map(str::to_owned));
            counted
        };
        for (kind, tokens) in [
            (value::INPUT, usage.input),
            (value::OUTPUT, usage.output),
            (value::CACHE_READ, usage.cache_read),
            (value::CACHE_CREATION, usage.cache_creation),
        ] {
            self.add(at, metric::TOKENS, tokens as f64, counted(Some(kind)));
        }
        self.add(at, metric::COST, dollars, counted(None));
    }

    /// A decision on a tool call; with a language, it is one on an edit and counted as such.
    pub fn decision(&mut self, at: Timestamp, decision: &Decision) {
        let mut attributes = Attributes::default();
        attributes.push(names::DECISION, if decision.accepted { value::ACCEPT } else { value::REJECT });
        attributes.push(names::TOOL_NAME, decision.tool.as_str());
        push_text(&mut attributes, names::SOURCE, decision.decided_by.clone());
        if let Some(language) = &decision.language {
            let mut counted = attributes.clone();
            counted.push(names::LANGUAGE, language.as_str());
            self.add(at, metric::EDIT_DECISIONS, 1.0, counted);
        }
        push_text(&mut attributes, names::TOOL_USE_ID, decision.tool_use_id.clone());
        self.log(at, event::TOOL_DECISION, attributes);
    }

    /// A tool call's end. What it did is counted by the methods below.
    pub fn tool_result(&mut self, at: Timestamp, result: &ToolOutcome) {
        let mut attributes = Attributes::default();
        attributes.push(names::TOOL_NAME, result.tool.as_str());
        attributes.push(names::SUCCESS, result.succeeded.to_string());
        push_text(&mut attributes, names::TOOL_USE_ID, result.tool_use_id.clone());
        push_text(&mut attributes, names::ERROR_TYPE, result.error.clone());
        push_text(
            &mut attributes,
            names::DURATION_MS,
            result.duration_ms.map(|duration| duration.to_string()),
        );
        self.log(at, event::TOOL_RESULT, attributes);
    }

    /// A request that failed for good.
    pub fn api_error(&mut self, at: Timestamp, error: &ApiError) {
        let mut attributes = Attributes::default();
        push_text(&mut attributes, names::REQUEST_ID, error.request_id.clone());
        push_text(&mut attributes, names::MODEL, error.model.clone());
        push_text(&mut attributes, names::ERROR, error.error.clone());
        push_int(&mut attributes, names::STATUS_CODE, error.status);
        push_int(&mut attributes, names::ATTEMPT, error.attempts);
        self.log(at, event::API_ERROR, attributes);
    }

    /// An event that is counted by name.
    pub fn occurrence(&mut self, at: Timestamp, occurrence: &Occurrence) {
        self.log(at, &occurrence.name, occurrences::attributes_of(occurrence));
    }

    /// Lines changed by an edit.
    pub fn lines(&mut self, at: Timestamp, added: u32, removed: u32, model: &str) {
        for (kind, lines) in [(value::ADDED, added), (value::REMOVED, removed)] {
            self.count(at, metric::LINES, f64::from(lines), [(names::TYPE, kind), (names::MODEL, model)]);
        }
    }

    /// A commit.
    pub fn commit(&mut self, at: Timestamp) {
        self.add(at, metric::COMMITS, 1.0, Attributes::default());
    }

    /// A pull request.
    pub fn pull_request(&mut self, at: Timestamp) {
        self.add(at, metric::PULL_REQUESTS, 1.0, Attributes::default());
    }

    /// Seconds in which the user typed and the client worked.
    pub fn active_time(&mut self, at: Timestamp, user_seconds: f64, cli_seconds: f64) {
        for (kind, seconds) in [(value::USER, user_seconds), (value::CLI, cli_seconds)] {
            if seconds > 0.0 {
                self.count(at, metric::ACTIVE_TIME, seconds, [(names::TYPE, kind)]);
            }
        }
    }

    /// A logs export with the events since the last one; `None` without any.
    pub fn take_logs(&mut self) -> Option<Body> {
        let items = std::mem::take(&mut self.logs);
        let records = items.len();
        (records > 0).then(|| {
            let bytes = encode(Export::Logs(vec![self.group(names::EVENTS_SCOPE_SUFFIX, items)]));
            Body { bytes, records }
        })
    }

    /// A metrics export with what was counted since the last one, or since the process started where series
    /// are cumulative; `None` when nothing was. `at` is the time of collection, after everything counted.
    pub fn take_metrics(&mut self, at: Timestamp) -> Option<Body> {
        let cumulative = self.temporality == Temporality::Cumulative;
        let mut items = Vec::new();
        for ((name, _), series) in &mut self.series {
            if !cumulative && !series.has_changed {
                continue;
            }
            items.push(MetricPoint {
                metric: format!("{}{name}", names::PREFIX),
                unit: unit(name).to_owned(),
                kind: MetricKind::Sum { monotonic: true, cumulative },
                start_unix_nanos: nanos(series.since),
                time_unix_nanos: nanos(at),
                value: Some(series.value),
                attributes: series.attributes.clone(),
            });
            if !cumulative {
                (series.since, series.value, series.has_changed) = (at, 0.0, false);
            }
        }
        let records = items.len();
        (records > 0).then(|| Body { bytes: encode(Export::Metrics(vec![self.group("", items)])), records })
    }

    fn group<T>(&self, scope_suffix: &str, items: Vec<T>) -> Group<T> {
        let mut resource: Attributes = self
            .identity
            .resource_attributes
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        resource.push(names::SERVICE_NAME, names::SERVICE_PREFIX);
        resource.push(names::SERVICE_VERSION, self.identity.client_version.as_str());
        let scope = format!("{}{scope_suffix}", names::SCOPE_PREFIX);
        Group { resource, scope, scope_version: self.identity.client_version.clone(), items }
    }

    fn log(&mut self, at: Timestamp, name: &str, mut attributes: Attributes) {
        let mut all = self.common_attributes();
        all.push(names::EVENT_NAME, name);
        all.push(names::EVENT_TIMESTAMP, at.to_rfc3339());
        all.push(names::EVENT_SEQUENCE, self.sequence);
        push_text(&mut all, names::PROMPT_ID, self.prompt.clone());
        all.0.append(&mut attributes.0);
        self.sequence += 1;
        self.logs.push(LogRecord {
            time_unix_nanos: nanos(at),
            observed_unix_nanos: nanos(at),
            body: format!("{}{name}", names::PREFIX).into(),
            attributes: all,
            ..LogRecord::default()
        });
    }

    fn count<const N: usize>(
        &mut self,
        at: Timestamp,
        metric: &'static str,
        added: f64,
        attributes: [(&str, &str); N],
    ) {
        self.add(at, metric, added, attributes.into_iter().collect());
    }

    fn add(&mut self, at: Timestamp, metric: &'static str, added: f64, mut attributes: Attributes) {
        let mut all = self.common_attributes();
        all.0.append(&mut attributes.0);
        let series = self.series.entry((metric, all.identity())).or_insert_with(|| Series {
            attributes: all,
            since: at,
            value: 0.0,
            has_changed: false,
        });
        series.value += added;
        series.has_changed = true;
    }

    fn common_attributes(&self) -> Attributes {
        let identity = &self.identity;
        let mut attributes = Attributes::default();
        attributes.push(names::INSTALLATION_ID, identity.installation.as_str());
        attributes.push(names::SESSION_ID, self.session.as_str());
        for (name, told) in [
            (names::USER_EMAIL, &identity.email),
            (names::ACCOUNT_UUID, &identity.account),
            (names::ORGANIZATION_ID, &identity.organization),
            (names::TERMINAL_TYPE, &identity.terminal),
            (names::APP_ENTRYPOINT, &identity.entrypoint),
        ] {
            push_text(&mut attributes, name, told.clone());
        }
        if let Some((owner, name)) = &identity.repository {
            attributes.push(names::REPOSITORY_OWNER, owner.as_str());
            attributes.push(names::REPOSITORY_NAME, name.as_str());
        }
        for (name, text) in &identity.resource_attributes {
            attributes.push(name.as_str(), text.as_str());
        }
        attributes
    }
}

/// What the request is attributed to, on events and metrics alike.
fn attribution(request: &RequestSeen) -> Attributes {
    let mut attributes = Attributes::default();
    for (name, told) in [
        (names::EFFORT, &request.effort),
        (names::AGENT_NAME, &request.agent),
        (names::SKILL_NAME, &request.skill),
        (names::MCP_SERVER_NAME, &request.mcp_server),
    ] {
        push_text(&mut attributes, name, told.clone());
    }
    attributes
}

/// Metrics tell only three sources of requests apart.
fn broad_source(source: Option<&str>) -> &'static str {
    match source {
        None | Some(value::TERMINAL_SOURCE | value::SDK_SOURCE) => value::MAIN,
        Some(source) if source.starts_with(value::AGENT_SOURCE_PREFIX) => value::SUBAGENT,
        Some(_) => value::AUXILIARY,
    }
}

fn unit(metric: &str) -> &'static str {
    match metric {
        metric::COST => "USD",
        metric::TOKENS => "tokens",
        metric::ACTIVE_TIME => "s",
        _ => "",
    }
}

fn push_text(attributes: &mut Attributes, name: &str, text: Option<impl Into<String>>) {
    if let Some(text) = text {
        attributes.push(name, text.into());
    }
}

fn push_int(attributes: &mut Attributes, name: &str, value: Option<i64>) {
    if let Some(value) = value {
        attributes.push(name, Value::Int(value));
    }
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(0).saturating_mul(1_000)
}
