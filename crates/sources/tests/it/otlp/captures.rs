//! Whole captures: nothing is rejected, nothing is lost, and simple sums are the truth's.

use std::collections::{BTreeMap, BTreeSet};

use model::{Counter, Money, Observation, Record, Temporality, TokenKind};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;
use serde_json::{Value as Json, json};
use sources::otlp::{Encoding, Rejections, Signal, decode, encode};

use super::fixtures::{self, Capture, Scenario};

type Counts = BTreeMap<String, usize>;

/// Items by name, counted without any of the code under test.
fn counted_independently(capture: &Capture) -> Counts {
    let mut counts = Counts::new();
    let mut count = |name: &str, items: usize| *counts.entry(name.to_owned()).or_default() += items;
    let each = |json: &Json, path: &str| json[path].as_array().cloned().unwrap_or_default();
    match (capture.encoding, capture.signal) {
        (Encoding::Json, signal) => {
            let body: Json = serde_json::from_slice(&capture.body).unwrap();
            let (resources, scopes, items) = match signal {
                Signal::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
                Signal::Metrics => ("resourceMetrics", "scopeMetrics", "metrics"),
                Signal::Traces => ("resourceSpans", "scopeSpans", "spans"),
            };
            for resource in each(&body, resources) {
                for item in each(&resource, scopes).iter().flat_map(|scope| each(scope, items)) {
                    match signal {
                        Signal::Logs => count(item["body"]["stringValue"].as_str().unwrap(), 1),
                        Signal::Metrics => {
                            count(item["name"].as_str().unwrap(), each(&item["sum"], "dataPoints").len());
                        }
                        Signal::Traces => count(item["name"].as_str().unwrap(), 1),
                    }
                }
            }
        }
        (Encoding::Protobuf, Signal::Logs) => {
            let request = ExportLogsServiceRequest::decode(capture.body.as_slice()).unwrap();
            for scope in request.resource_logs.iter().flat_map(|resource| &resource.scope_logs) {
                for record in &scope.log_records {
                    count(&format!("claude_code.{}", text_of(&record.attributes, "event.name")), 1);
                }
            }
        }
        (Encoding::Protobuf, Signal::Metrics) => {
            let request = ExportMetricsServiceRequest::decode(capture.body.as_slice()).unwrap();
            for scope in request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics) {
                for metric in &scope.metrics {
                    let Some(Data::Sum(sum)) = &metric.data else { panic!("not a sum") };
                    count(&metric.name, sum.data_points.len());
                }
            }
        }
        (Encoding::Protobuf, Signal::Traces) => {
            let request = ExportTraceServiceRequest::decode(capture.body.as_slice()).unwrap();
            for scope in request.resource_spans.iter().flat_map(|resource| &resource.scope_spans) {
                scope.spans.iter().for_each(|span| count(&span.name, 1));
            }
        }
    }
    counts
}

fn text_of(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name).unwrap();
    match found.value.as_ref().unwrap().value.as_ref().unwrap() {
        any_value::Value::StringValue(text) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

fn name_of(record: &Record) -> &str {
    match &record.observation {
        Observation::Request(_) => "api_request",
        Observation::Decision(_) => "tool_decision",
        Observation::ToolResult(_) => "tool_result",
        Observation::Prompt(_) => "user_prompt",
        Observation::ApiError(_) => "api_error",
        Observation::Occurrence(occurrence) | Observation::Span(occurrence) => &occurrence.name,
        Observation::Counter(point) => match &point.counter {
            Counter::Sessions(_) => "session.count",
            Counter::LinesAdded | Counter::LinesRemoved => "lines_of_code.count",
            Counter::Commits => "commit.count",
            Counter::PullRequests => "pull_request.count",
            Counter::Cost { .. } => "cost.usage",
            Counter::Tokens { .. } => "token.usage",
            Counter::EditDecisions { .. } => "code_edit_tool.decision",
            Counter::ActiveUserSeconds | Counter::ActiveCliSeconds => "active_time.total",
            Counter::Unknown(name) => panic!("unknown counter {name}"),
        },
        other => panic!("a name that is not known: {other:?}"),
    }
}

#[test]
fn every_item_of_every_capture_is_kept_under_its_name() {
    for scenario in fixtures::all() {
        for capture in &scenario.captures {
            let mut counts = Counts::new();
            for record in capture.records() {
                assert_eq!(record.source, capture.signal.source());
                *counts.entry(format!("claude_code.{}", name_of(&record))).or_default() += 1;
            }
            assert_eq!(counts, counted_independently(capture), "{}", capture.path.display());
        }
    }
}

#[test]
fn no_two_items_of_a_scenario_share_a_key_unless_they_were_sent_twice() {
    for scenario in fixtures::all() {
        let mut bodies = BTreeSet::new();
        let items: usize = scenario
            .captures
            .iter()
            .filter(|capture| bodies.insert(&capture.body))
            .map(|capture| capture.decode().len())
            .sum();
        assert_eq!(scenario.distinct_records().len(), items, "{}", scenario.name);
        if let Some(retried) = scenario.expected["retried_bodies"].as_u64() {
            assert_eq!((scenario.captures.len() - bodies.len()) as u64, retried, "{}", scenario.name);
        }
    }
}

/// Everything that `expected.json` tells, summed from the records of one kind of source.
#[derive(Default, Debug, PartialEq)]
struct Sums {
    /// Model, then token kind.
    tokens: BTreeMap<String, BTreeMap<&'static str, i64>>,
    cost: i128,
    lines: (i64, i64),
    commits: i64,
    pull_requests: i64,
    sessions_started: i64,
    /// Tool, then `accept` or `reject`.
    edit_decisions: BTreeMap<String, BTreeMap<&'static str, i64>>,
}

fn accepted_name(accepted: bool) -> &'static str {
    if accepted { "accept" } else { "reject" }
}

fn sums_of_counters(records: &[Record]) -> Sums {
    let mut sums = Sums::default();
    for (counter, value) in totals(records) {
        let whole = value.round() as i64;
        match counter {
            Counter::Tokens { model, kind } => {
                let kind = match kind {
                    TokenKind::Input => "input",
                    TokenKind::Output => "output",
                    TokenKind::CacheRead => "cacheRead",
                    TokenKind::CacheCreation => "cacheCreation",
                };
                *sums.tokens.entry(model.into()).or_default().entry(kind).or_default() += whole;
            }
            Counter::Cost { .. } => sums.cost += i128::from(Money::from_dollars(value).unwrap().as_picos()),
            Counter::LinesAdded => sums.lines.0 += whole,
            Counter::LinesRemoved => sums.lines.1 += whole,
            Counter::Commits => sums.commits += whole,
            Counter::PullRequests => sums.pull_requests += whole,
            Counter::Sessions(_) => sums.sessions_started += whole,
            Counter::EditDecisions { tool, accepted, .. } => {
                let name = accepted_name(accepted);
                *sums.edit_decisions.entry(tool.into()).or_default().entry(name).or_default() += whole;
            }
            Counter::ActiveUserSeconds | Counter::ActiveCliSeconds => {}
            Counter::Unknown(name) => panic!("unknown counter {name}"),
        }
    }
    sums
}

/// What each series comes to: the sum of its deltas, or the largest of a process's running totals.
fn totals(records: &[Record]) -> Vec<(Counter, f64)> {
    let mut totals = BTreeMap::new();
    for record in records {
        let Observation::Counter(point) = &record.observation else { continue };
        let process = match point.temporality {
            Temporality::Delta => None,
            Temporality::Cumulative => point.start,
        };
        let total =
            totals.entry((point.series.as_i64(), process)).or_insert((point.counter.clone(), 0.0_f64));
        match point.temporality {
            Temporality::Delta => total.1 += point.value,
            Temporality::Cumulative => total.1 = total.1.max(point.value),
        }
    }
    totals.into_values().collect()
}

/// `{"model": {"input": 1, …}}` without the zeros, which counters leave out.
fn expected_tokens(expected: &Json, kinds: &[&'static str]) -> BTreeMap<String, BTreeMap<&'static str, i64>> {
    let mut tokens: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
    for (model, told) in expected["tokens"].as_object().unwrap() {
        for &kind in kinds {
            tokens.entry(model.clone()).or_default().insert(kind, told[kind].as_i64().unwrap());
        }
    }
    without_zeros(tokens)
}

fn without_zeros<K: Ord, L: Ord>(mut counts: BTreeMap<K, BTreeMap<L, i64>>) -> BTreeMap<K, BTreeMap<L, i64>> {
    counts.values_mut().for_each(|inner| inner.retain(|_, count| *count != 0));
    counts.retain(|_, inner| !inner.is_empty());
    counts
}

#[test]
fn counters_add_up_to_the_truth() {
    for Scenario { name, expected, captures, .. } in &fixtures::all() {
        let scenario_records = distinct(captures);
        let sums = sums_of_counters(&scenario_records);
        let kinds = ["input", "output", "cacheRead", "cacheCreation"];
        assert_eq!(without_zeros(sums.tokens), expected_tokens(expected, &kinds), "{name}");
        assert_eq!(Money::to_micros(sums.cost), micros(&expected["cost_usd"]), "{name}");
        assert_eq!(json!({"added": sums.lines.0, "removed": sums.lines.1}), expected["lines"], "{name}");
        assert_eq!(json!(sums.commits), expected["commits"], "{name}");
        assert_eq!(json!(sums.pull_requests), expected["pull_requests"], "{name}");
        assert_eq!(json!(sums.sessions_started), expected["sessions_started"], "{name}");
        assert_eq!(json!(sums.edit_decisions), expected["code_edit_decisions"], "{name}");
    }
}

#[test]
fn events_add_up_to_the_truth() {
    for Scenario { name, expected, captures, .. } in &fixtures::all() {
        let mut tokens: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
        let mut cost = 0_i128;
        let mut decisions: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
        let mut results: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
        let (mut requests, mut errors, mut prompts, mut commands) = (0, 0, 0, 0);
        for record in distinct(captures) {
            match record.observation {
                Observation::Request(request) => {
                    requests += 1;
                    cost += i128::from(request.cost.unwrap().as_picos());
                    let by_kind = tokens.entry(request.model.into()).or_default();
                    for (kind, count) in [
                        ("input", request.usage.input),
                        ("output", request.usage.output),
                        ("cacheRead", request.usage.cache_read),
                        ("cacheCreation", request.usage.cache_creation),
                        ("cacheCreation5m", request.usage.cache_creation_5m),
                        ("cacheCreation1h", request.usage.cache_creation_1h),
                    ] {
                        *by_kind.entry(kind).or_default() += count;
                    }
                    assert!(request.request_id.is_some() && request.finished, "{name}");
                }
                Observation::Decision(decision) => {
                    let counts = decisions.entry(decision.tool.into()).or_default();
                    *counts.entry(accepted_name(decision.accepted)).or_default() += 1;
                    assert!(decision.decided_by.is_some() && decision.tool_use_id.is_some(), "{name}");
                }
                Observation::ToolResult(result) => {
                    let outcome = if result.succeeded { "ok" } else { "failed" };
                    *results.entry(result.tool.into()).or_default().entry(outcome).or_default() += 1;
                    assert_eq!(result.succeeded, result.error.is_none(), "{name}");
                    assert!(result.duration_ms.is_some(), "{name}");
                }
                Observation::Prompt(prompt) if prompt.command.is_some() => commands += 1,
                Observation::Prompt(prompt) => {
                    prompts += 1;
                    assert!(prompt.prompt_id.is_some() && prompt.length > Some(0), "{name}");
                }
                Observation::ApiError(_) => errors += 1,
                _ => {}
            }
        }
        let kinds = ["input", "output", "cacheRead", "cacheCreation", "cacheCreation5m", "cacheCreation1h"];
        assert_eq!(without_zeros(tokens), expected_tokens(expected, &kinds), "{name}");
        assert_eq!(Money::to_micros(cost), micros(&expected["cost_usd"]), "{name}");
        assert_eq!(json!(requests), expected["api_requests_ok"], "{name}");
        assert_eq!(json!(decisions), expected["decisions"], "{name}");
        assert_eq!(json!(results), expected["tool_results"], "{name}");
        assert_eq!(json!(errors), expected["api_error_events"], "{name}");
        assert_eq!(json!(prompts), expected["prompts"], "{name}");
        assert_eq!(json!(commands), expected["slash_commands"], "{name}");
    }
}

fn distinct(captures: &[Capture]) -> Vec<Record> {
    let mut keys = BTreeSet::new();
    captures.iter().flat_map(Capture::records).filter(|record| keys.insert(record.key)).collect()
}

fn micros(dollars: &Json) -> i64 {
    (dollars.as_f64().unwrap() * 1e6).round() as i64
}

#[test]
fn records_are_the_same_in_json_and_in_protobuf() {
    let mut json_captures = 0;
    for scenario in fixtures::all() {
        for capture in scenario.captures.iter().filter(|capture| capture.encoding == Encoding::Json) {
            json_captures += 1;
            let bytes = encode(capture.decode());
            let mut rejections = Rejections::default();
            let again = decode(capture.signal, Encoding::Protobuf, &bytes, &mut rejections).unwrap();
            assert_eq!(fixtures::records_of(again, "encoded again"), capture.records());
        }
    }
    assert!(json_captures >= 2);
}

#[test]
fn the_sender_is_read_wherever_it_stands() {
    for scenario in fixtures::all() {
        let expected = &scenario.expected;
        let session_ids: BTreeSet<&str> =
            expected["session_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        for record in scenario.distinct_records() {
            let context = &record.context;
            if scenario.name.starts_with("no-session-id") {
                assert!(record.session.is_installation(), "{}", scenario.name);
            } else {
                let named = session_ids.contains(record.session.as_str());
                assert!(named || starts_provisionally(&record), "{}: {record:?}", scenario.name);
            }
            assert_eq!(context.email.as_deref(), expected["user_email"].as_str(), "{}", scenario.name);
            assert_eq!(context.account.as_deref(), expected["account_uuid"].as_str(), "{}", scenario.name);
            assert_eq!(context.organization.as_deref(), expected["organization_id"].as_str());
            if let Some(team) = expected["team_id"].as_str() {
                assert_eq!(context.team.as_deref(), Some(team), "{}", scenario.name);
                assert_eq!(context.attributes["department"], expected["department"].as_str().unwrap());
            }
            assert_eq!(context.installation.as_ref().map(|id| id.len()), Some(64), "{}", scenario.name);
            assert_eq!(context.client_version.as_deref(), Some("2.1.330"), "{}", scenario.name);
            assert!(context.terminal.is_some(), "{}", scenario.name);
        }
    }
}

/// A process that takes an older session up begins under an id of its own, until it has read that session.
fn starts_provisionally(record: &Record) -> bool {
    match &record.observation {
        Observation::Counter(point) => point.counter == Counter::Sessions("continue".into()),
        Observation::Occurrence(occurrence) => {
            matches!(
                occurrence.name.as_str(),
                "plugin_loaded" | "managed_settings_resolved" | "hook_registered"
            )
        }
        _ => false,
    }
}

#[test]
fn no_content_is_kept_and_nothing_is_kept_twice() {
    const CONTENT: [&str; 8] = [
        "prompt",
        "prompt_text",
        "response",
        "tool_input",
        "tool_parameters",
        "error",
        "body",
        "user_prompt",
    ];
    for scenario in fixtures::all() {
        for record in scenario.distinct_records() {
            let names: Vec<&str> = record.extra.iter().map(|(name, _)| name.as_str()).collect();
            let unique: BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(unique.len(), names.len(), "{}: {names:?}", scenario.name);
            for name in names {
                assert!(!CONTENT.contains(&name), "{}: {name}", scenario.name);
                let known = record.context.attributes.contains_key(name);
                assert!(!known && name != "session.id" && name != "user.id", "{}: {name}", scenario.name);
            }
            let text = serde_json::to_string(&(&record.observation, &record.extra)).unwrap();
            assert!(!text.contains("<REDACTED>"), "{}: {text}", scenario.name);
        }
    }
}

#[test]
fn items_of_one_sender_share_their_context() {
    let scenario = fixtures::own("team/ann");
    for capture in &scenario.captures {
        let records = capture.records();
        let first = records[0].context.clone();
        assert!(records.iter().all(|record| std::sync::Arc::ptr_eq(&record.context, &first)));
    }
}
