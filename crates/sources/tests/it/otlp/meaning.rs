//! What is read from items that the captures do not hold: older and newer clients, other settings, bad data.

#![expect(clippy::needless_pass_by_value, reason = "composed JSON is written where it is passed")]

use std::collections::BTreeSet;

use model::{
    AttributeValue, Counter, Money, Observation, Record, RequestSeen, SessionId, Temporality, Timestamp,
    TokenKind,
};
use serde_json::{Value as Json, json};
use sources::claude_code::{ClaudeCode, Config, sequence_of, subagent_of};
use sources::otlp::{Admission, Encoding, Export, Rejections, Signal, Translate, decode, encode};

use super::fixtures::{self, records_of};

const AT: &str = "1795334889326000000";

fn attribute(name: &str, value: Json) -> Json {
    let value = match value {
        Json::String(text) => json!({"stringValue": text}),
        Json::Bool(value) => json!({"boolValue": value}),
        Json::Number(number) if number.is_i64() => json!({"intValue": number.to_string()}),
        Json::Number(number) => json!({"doubleValue": number}),
        other => other,
    };
    json!({"key": name, "value": value})
}

fn attributes(pairs: Json) -> Json {
    pairs.as_object().unwrap().iter().map(|(name, value)| attribute(name, value.clone())).collect()
}

fn event(resource: Json, name: &str, more: Json) -> Json {
    let mut all = json!({"event.name": name, "user.id": "installation", "session.id": "session"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"resourceLogs": [{
        "resource": {"attributes": attributes(resource)},
        "scopeLogs": [{
            "scope": {"name": "com.anthropic.claude_code.events"},
            "logRecords": [{"timeUnixNano": AT, "attributes": attributes(all)}],
        }],
    }]})
}

fn metric(name: &str, data: Json) -> Json {
    let mut metric = data;
    metric["name"] = json!(name);
    json!({"resourceMetrics": [{"scopeMetrics": [{
        "scope": {"name": "com.anthropic.claude_code"},
        "metrics": [metric],
    }]}]})
}

fn sum(pairs: Json, value: Json) -> Json {
    let mut all = json!({"user.id": "installation", "session.id": "session"});
    all.as_object_mut().unwrap().extend(pairs.as_object().unwrap().clone());
    json!({"sum": {"isMonotonic": true, "dataPoints": [
        {"timeUnixNano": AT, "startTimeUnixNano": "1795334880000000000", "asDouble": value,
         "attributes": attributes(all)},
    ]}})
}

fn export(body: &Json) -> Export {
    let signal = if body.get("resourceLogs").is_some() { Signal::Logs } else { Signal::Metrics };
    let mut rejections = Rejections::default();
    let export = decode(signal, Encoding::Json, body.to_string().as_bytes(), &mut rejections).unwrap();
    assert_eq!(rejections.count(), 0, "{}", rejections.message());
    export
}

/// The only record of a body.
fn record(body: &Json) -> Record {
    let mut records = records_of(export(body), "composed");
    assert_eq!(records.len(), 1);
    records.remove(0)
}

fn rejected(body: &Json) -> String {
    let mut rejections = Rejections::default();
    let records = ClaudeCode::default().translate(export(body), &Admission::default(), &mut rejections);
    assert!(records.is_empty());
    rejections.message()
}

fn request(more: Json) -> RequestSeen {
    match record(&event(json!({}), "api_request", more)).observation {
        Observation::Request(request) => request,
        other => panic!("{other:?}"),
    }
}

fn counter(name: &str, pairs: Json) -> Counter {
    match record(&metric(name, sum(pairs, json!(1)))).observation {
        Observation::Counter(point) => point.counter,
        other => panic!("{other:?}"),
    }
}

fn extra<'a>(record: &'a Record, name: &str) -> Option<&'a AttributeValue> {
    record.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

#[test]
fn numbers_of_older_clients_are_texts() {
    let numbers = json!({"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "duration_ms": 4,
        "cache_creation_tokens": 5, "cost_usd": 0.25});
    let texts = json!({"input_tokens": "1", "output_tokens": "2", "cache_read_tokens": "3", "duration_ms": "4",
        "cache_creation_tokens": "5", "cost_usd": "0.25"});
    let read = request(numbers);
    assert_eq!(read, request(texts));
    assert_eq!((read.usage.input, read.usage.cache_creation, read.duration_ms), (1, 5, Some(4)));
    assert_eq!(read.cost, Some(Money::from_micros(250_000)));
}

#[test]
fn the_exact_cost_is_preferred_and_the_rounded_one_accepted() {
    let both = request(json!({"cost_usd": 0.0000123, "cost_usd_micros": 12}));
    assert_eq!(both.cost, Some(Money::from_picos(12_300_000)));
    assert_eq!(request(json!({"cost_usd_micros": 12})).cost, Some(Money::from_micros(12)));
    assert_eq!(request(json!({})).cost, None);
    let broken = record(&event(json!({}), "api_request", json!({"cost_usd": "much"})));
    assert_eq!(extra(&broken, "cost_usd"), Some(&AttributeValue::Text("much".into())));
}

#[test]
fn speed_says_fast_or_stays() {
    assert!(request(json!({"speed": "fast"})).fast);
    assert!(!request(json!({"speed": "normal"})).fast);
    let other = record(&event(json!({}), "api_request", json!({"speed": "warp"})));
    assert_eq!(extra(&other, "speed"), Some(&AttributeValue::Text("warp".into())));
}

#[test]
fn the_tool_had_another_attribute_once() {
    let of = |name: &str| {
        counter(
            "claude_code.code_edit_tool.decision",
            json!({name: "MultiEdit", "decision": "reject", "source": "user_reject"}),
        )
    };
    let expected = Counter::EditDecisions {
        tool: "MultiEdit".into(),
        accepted: false,
        decided_by: "user_reject".into(),
        language: "unknown".into(),
    };
    assert_eq!(of("tool"), expected);
    assert_eq!(of("tool_name"), expected);
}

#[test]
fn counters_that_are_not_understood_are_kept_by_name() {
    for (name, pairs) in [
        ("claude_code.token.usage", json!({"type": "thinking", "model": "m"})),
        ("claude_code.lines_of_code.count", json!({"type": "moved"})),
        ("claude_code.code_edit_tool.decision", json!({"decision": "perhaps"})),
        ("claude_code.brand_new.count", json!({})),
    ] {
        let short = name.strip_prefix("claude_code.").unwrap().to_owned();
        assert_eq!(counter(name, pairs), Counter::Unknown(short));
    }
    let tokens = counter("claude_code.token.usage", json!({"type": "cacheRead", "model": "m"}));
    assert_eq!(tokens, Counter::Tokens { model: "m".into(), kind: TokenKind::CacheRead });
}

#[test]
fn a_sum_without_temporality_is_what_was_added() {
    let mut data = sum(json!({}), json!(3));
    let temporality =
        |data: &Json| match record(&metric("claude_code.commit.count", data.clone())).observation {
            Observation::Counter(point) => point.temporality,
            other => panic!("{other:?}"),
        };
    assert_eq!(temporality(&data), Temporality::Delta);
    for cumulative in [json!(2), json!("2"), json!("AGGREGATION_TEMPORALITY_CUMULATIVE")] {
        data["sum"]["aggregationTemporality"] = cumulative;
        assert_eq!(temporality(&data), Temporality::Cumulative);
    }
}

#[test]
fn other_kinds_of_metrics_are_kept_and_count_nothing() {
    let points = sum(json!({}), json!(7))["sum"]["dataPoints"].clone();
    for data in [
        json!({"gauge": {"dataPoints": points}}),
        json!({"sum": {"isMonotonic": false, "dataPoints": points}}),
        json!({"histogram": {"dataPoints": [{"timeUnixNano": AT, "sum": 7, "attributes": points[0]["attributes"]}]}}),
    ] {
        let record = record(&metric("claude_code.memory", data));
        assert_eq!(record.observation, Observation::Unknown { name: "memory".into() });
        assert_eq!(extra(&record, "value"), Some(&AttributeValue::Double(7.0)));
    }
}

#[test]
fn a_counter_cannot_be_negative_or_endless() {
    for value in [json!(-1), json!("NaN"), json!("Infinity")] {
        let message = rejected(&metric("claude_code.commit.count", sum(json!({}), value)));
        assert_eq!(message, "1 x claude_code.commit.count: not a value that a counter can have");
    }
    let mut ended = sum(json!({}), json!(0));
    ended["sum"]["dataPoints"][0]["flags"] = json!(1);
    assert_eq!(rejected(&metric("claude_code.commit.count", ended)), "");
}

#[test]
fn two_processes_of_a_session_send_different_points() {
    let first = sum(json!({}), json!(1));
    let mut second = first.clone();
    second["sum"]["dataPoints"][0]["startTimeUnixNano"] = json!("1795334880000001000");
    let [first, second] = [first, second].map(|data| record(&metric("claude_code.commit.count", data)));
    assert_ne!(first.key, second.key);
    let series = |record: &Record| match &record.observation {
        Observation::Counter(point) => point.series,
        other => panic!("{other:?}"),
    };
    assert_eq!(series(&first), series(&second));
}

#[test]
fn events_without_numbers_are_told_apart_by_all_they_say() {
    let of = |more: Json| record(&event(json!({}), "hook_registered", more)).key;
    assert_ne!(of(json!({"hook_event": "Stop"})), of(json!({"hook_event": "Start"})));
    assert_eq!(of(json!({"hook_event": "Stop"})), of(json!({"hook_event": "Stop"})));
    // With a number, the number tells.
    let numbered = |more: Json| of(json!({"event.sequence": 1, "hook_event": more}));
    assert_eq!(numbered(json!("Stop")), numbered(json!("Start")));
}

#[test]
fn keys_do_not_depend_on_batches() {
    let scenario = fixtures::own("http-protobuf/subagent");
    for capture in &scenario.captures {
        let whole: BTreeSet<_> = capture.records().into_iter().map(|record| record.key).collect();
        let mut apart = BTreeSet::new();
        let singles: Vec<Export> = match capture.decode() {
            Export::Logs(groups) => {
                groups.into_iter().flat_map(singles).map(|one| Export::Logs(vec![one])).collect()
            }
            Export::Metrics(groups) => {
                groups.into_iter().flat_map(singles).map(|one| Export::Metrics(vec![one])).collect()
            }
            Export::Traces(groups) => {
                groups.into_iter().flat_map(singles).map(|one| Export::Traces(vec![one])).collect()
            }
        };
        for single in singles.into_iter().rev() {
            let bytes = encode(single);
            let again =
                decode(capture.signal, Encoding::Protobuf, &bytes, &mut Rejections::default()).unwrap();
            apart.extend(records_of(again, "single").into_iter().map(|record| record.key));
        }
        assert_eq!(apart, whole);
    }
}

fn singles<T>(group: sources::otlp::Group<T>) -> Vec<sources::otlp::Group<T>> {
    let sources::otlp::Group { resource, scope, scope_version, items } = group;
    let single = |item| sources::otlp::Group {
        resource: resource.clone(),
        scope: scope.clone(),
        scope_version: scope_version.clone(),
        items: vec![item],
    };
    items.into_iter().map(single).collect()
}

#[test]
fn half_a_character_spoils_nothing_in_either_encoding() {
    let broken = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795334889326000000",
        "body":{"stringValue":"claude_code.skill_activated"},
        "attributes":[{"key":"session.id","value":{"stringValue":"s"}},
        {"key":"skill.name","value":{"stringValue":"CUT"}}]}]}]}]}"#;
    let mut rejections = Rejections::default();
    let in_json = broken.replace("CUT", "gre\\ud83d");
    let from_json = decode(Signal::Logs, Encoding::Json, in_json.as_bytes(), &mut rejections).unwrap();
    // The same text as writers put it out that know no better: three bytes that are not UTF-8.
    let placeholder = broken.replace("CUT", "greXYZ");
    let whole = decode(Signal::Logs, Encoding::Json, placeholder.as_bytes(), &mut rejections).unwrap();
    let mut bytes = encode(whole);
    let position = bytes.windows(6).position(|window| window == b"greXYZ").unwrap();
    bytes[position + 3..position + 6].copy_from_slice(b"\xED\xA0\xBD");
    let from_protobuf = decode(Signal::Logs, Encoding::Protobuf, &bytes, &mut rejections).unwrap();
    let [from_json, from_protobuf] = [from_json, from_protobuf].map(|export| records_of(export, "cut"));
    assert_eq!(from_json, from_protobuf);
    let Observation::Occurrence(skill) = &from_json[0].observation else { panic!("{from_json:?}") };
    assert_eq!(skill.subject.as_deref(), Some("gre\u{FFFD}"));
}

#[test]
fn telemetry_without_session_ids_is_filed_under_the_installation() {
    let body = event(json!({}), "user_prompt", json!({"session.id": ""}));
    assert_eq!(record(&body).session, SessionId::of_installation("installation"));
    let nobody = event(json!({}), "user_prompt", json!({"session.id": "", "user.id": ""}));
    assert_eq!(rejected(&nobody), "1 x user_prompt: neither session.id nor user.id to file it under");
}

#[test]
fn the_context_is_read_from_all_that_is_told() {
    let resource = json!({
        "service.name": "claude-code-desktop", "service.version": "2.1.0", "os.type": "linux",
        "department": "engineering", "team": "search", "cost_center": "cc-1", "enduser.id": "Mira@Example.org",
    });
    let more = json!({
        "ccr.session.id": "cloud", "vcs.repository.url.full": "https://github.com/acme/shop.git",
        "user.groups": "a,b", "anthropic.provider": "bedrock", "app.version": "2.1.9", "team": "search",
        "organization.id": "org", "user.account_id": "user_01", "workspace.host_paths":
        {"arrayValue": {"values": [{"stringValue": "/home/mira/shop"}]}},
    });
    let record = record(&event(resource, "user_prompt", more));
    let context = &record.context;
    assert_eq!(context.email.as_deref(), Some("mira@example.org"));
    assert_eq!(context.account.as_deref(), Some("user_01"));
    assert_eq!(context.organization.as_deref(), Some("org"));
    assert_eq!(context.team.as_deref(), Some("search"));
    assert_eq!(context.remote, Some(true));
    assert_eq!(context.entrypoint.as_deref(), Some("claude-desktop"));
    assert_eq!(context.client_version.as_deref(), Some("2.1.9"));
    assert_eq!(context.repository.as_deref(), Some("acme/shop"));
    assert_eq!(context.project.as_deref(), Some("/home/mira/shop"));
    let names: Vec<&str> = context.attributes.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["anthropic.provider", "cost_center", "department", "enduser.id", "team", "user.groups"]
    );
    let kept: Vec<&str> = record.extra.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept, ["ccr.session.id"]);
}

#[test]
fn an_own_attribute_that_is_called_like_one_of_the_clients_takes_nothing_away() {
    let resource = json!({"service.name": "claude-code", "model": "m", "type": "input"});
    let Observation::Request(request) =
        record(&event(resource, "api_request", json!({"model": "m", "input_tokens": 1}))).observation
    else {
        panic!("not a request")
    };
    assert_eq!(request.model, "m");
}

#[test]
fn the_operator_names_the_team_and_the_cloud() {
    let config = Config {
        team_attributes: vec!["squad".into(), "team".into()],
        remote_attributes: vec!["cloud".into()],
        ..Config::default()
    };
    let body = event(json!({"team": "t", "squad": "s", "cloud": "true"}), "user_prompt", json!({}));
    let records =
        ClaudeCode::new(config).translate(export(&body), &Admission::default(), &mut Rejections::default());
    assert_eq!(records[0].context.team.as_deref(), Some("s"));
    assert_eq!(records[0].context.remote, Some(true));
}

#[test]
fn content_is_kept_only_where_the_operator_wants_it() {
    let body = event(
        json!({}),
        "tool_result",
        json!({"tool_name": "Bash", "tool_input": "{\"command\":\"ls\"}", "error": "no such file",
               "error_type": "ShellError", "success": "false",
               "tool_parameters": "{\"full_command\":\"git commit\",\"git_commit_id\":\"abc\"}"}),
    );
    let bare = record(&body);
    assert_eq!(bare.extra, [("git_commit_id".to_owned(), AttributeValue::Text("abc".into()))]);
    let config = Config { keep_content: true, ..Config::default() };
    let full =
        ClaudeCode::new(config).translate(export(&body), &Admission::default(), &mut Rejections::default());
    for name in ["tool_input", "error", "tool_parameters"] {
        assert!(extra(&full[0], name).is_some(), "{name}");
    }
    assert_eq!(full[0].key, bare.key);
    assert_eq!(full[0].observation, bare.observation);
}

#[test]
fn events_that_count_by_name_say_what_and_how() {
    for (name, more, subject, outcome, duration_ms) in [
        (
            "mcp_server_connection",
            json!({"server_name": "git", "status": "failed", "duration_ms": "12"}),
            Some("git"),
            Some("failed"),
            Some(12),
        ),
        (
            "hook_execution_complete",
            json!({"hook_name": "Stop", "num_blocking": "1", "total_duration_ms": 9}),
            Some("Stop"),
            Some("blocked"),
            Some(9),
        ),
        (
            "compaction",
            json!({"trigger": "auto", "success": "true", "duration_ms": 5}),
            Some("auto"),
            Some("succeeded"),
            Some(5),
        ),
        (
            "feedback_survey",
            json!({"event_type": "responded", "response": "good"}),
            Some("responded"),
            Some("good"),
            None,
        ),
        ("auth", json!({"action": "login", "success": "false"}), Some("login"), Some("failed"), None),
        ("retention_sweep", json!({"result": "complete"}), None, Some("complete"), None),
    ] {
        let record = record(&event(json!({}), name, more));
        let Observation::Occurrence(read) = &record.observation else { panic!("{record:?}") };
        let told = (read.name.as_str(), read.subject.as_deref(), read.outcome.as_deref(), read.duration_ms);
        assert_eq!(told, (name, subject, outcome, duration_ms));
    }
    let new = record(&event(json!({}), "brand_new", json!({"x": 1})));
    assert_eq!(new.observation, Observation::Unknown { name: "brand_new".into() });
    assert_eq!(new.extra, [("x".to_owned(), AttributeValue::Int(1))]);
}

#[test]
fn the_time_comes_from_the_first_field_that_has_one() {
    let mut body = event(json!({}), "user_prompt", json!({"event.timestamp": "2026-11-22T08:08:09.326Z"}));
    let expected = Timestamp::from_millis(1_795_334_889_326);
    assert_eq!(record(&body).at, expected);
    body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["timeUnixNano"] = json!(0);
    assert_eq!(record(&body).at, expected);
    assert!(record(&body).extra.is_empty());
}

#[test]
fn what_events_keep_of_number_and_subagent_can_be_read() {
    let told = |more: Json| {
        let record = record(&event(json!({}), "tool_result", more));
        (sequence_of(&record), subagent_of(&record).map(str::to_owned))
    };
    assert_eq!(told(json!({"event.sequence": 17, "agent_id": "a1b2"})), (Some(17), Some("a1b2".into())));
    assert_eq!(told(json!({"event.sequence": "17"})), (Some(17), None));
    assert_eq!(told(json!({})), (None, None));
}
