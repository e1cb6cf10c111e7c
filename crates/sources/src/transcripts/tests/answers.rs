//! Answers of the model, rule by rule.

use model::{ApiError, AttributeValue, Money, Observation, RequestSeen, Timestamp, TokenUsage};
use serde_json::{Value, json};

use super::makers::{SESSION, answer, line, merge, read, read_as, requests};
use crate::transcripts::FileRole;

#[test]
fn an_answer_is_a_request() {
    let records = read(&[line(
        7,
        json!({"type": "assistant", "requestId": "req_1", "effort": "high", "attributionSkill": "greet",
        "attributionMcpServer": "toy", "message": {"id": "msg_1", "model": "us.anthropic.claude-opus-5-5-v1:0",
        "stop_reason": "tool_use",
        "content": [{"type": "text", "text": "x"}, {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}],
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 9,
            "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5}, "service_tier": "batch",
            "server_tool_use": {"web_search_requests": 6}, "speed": "fast", "inference_geo": "us"}}}),
    )]);
    let record = records.last().unwrap();
    assert_eq!(record.session.as_str(), SESSION);
    assert_eq!(Some(record.at), Timestamp::parse_rfc3339("2026-11-22T08:00:07Z"));
    assert_eq!(record.context.branch.as_deref(), Some("main"));
    assert_eq!(record.extra, [("service_tier".to_owned(), AttributeValue::Text("batch".into()))]);
    let expected = RequestSeen {
        request_id: Some("req_1".into()),
        message_id: Some("msg_1".into()),
        model: "us.anthropic.claude-opus-5-5-v1:0".into(),
        usage: TokenUsage {
            input: 1,
            output: 2,
            cache_read: 3,
            cache_creation: 9,
            cache_creation_5m: 4,
            cache_creation_1h: 5,
        },
        finished: true,
        fast: true,
        us_inference: true,
        web_searches: 6,
        skill: Some("greet".into()),
        mcp_server: Some("toy".into()),
        effort: Some("high".into()),
        tool_uses: vec!["toolu_1".into()],
        ..RequestSeen::default()
    };
    assert_eq!(requests(&records), [&expected]);
}

#[test]
fn older_lines_tell_the_cost_and_may_lack_ids() {
    let records = read(&[line(
        1,
        json!({"type": "assistant", "costUSD": 0.012345, "durationMs": 900, "requestId": "",
        "message": {"id": "", "model": "claude-3-7-sonnet-20250219", "usage": {"input_tokens": 1, "output_tokens": 2}}}),
    )]);
    let requests = requests(&records);
    assert_eq!(requests[0].cost, Some(Money::from_micros(12_345)));
    assert_eq!(requests[0].duration_ms, Some(900));
    assert_eq!((&requests[0].request_id, &requests[0].message_id), (&None, &None));
    assert!(!requests[0].finished);
}

#[test]
fn a_copy_names_its_session_and_a_subagent_its_kind() {
    let mut copied = answer(1, "msg_1", 1, json!([]));
    copied["requestSessionId"] = json!("the-first");
    assert_eq!(requests(&read(&[copied.clone()]))[0].origin_session, Some("the-first".into()));
    copied["requestSessionId"] = json!(SESSION);
    assert_eq!(requests(&read(&[copied]))[0].origin_session, None);

    let mut sidechain = answer(1, "msg_1", 1, json!([]));
    sidechain["isSidechain"] = json!(true);
    assert_eq!(requests(&read(&[sidechain.clone()]))[0].agent.as_deref(), Some("subagent"));
    let role = FileRole { subagent: true, agent: Some("Explore".into()), ..FileRole::default() };
    let by_file = read_as(role.clone(), &[sidechain.clone()]);
    assert_eq!(requests(&by_file)[0].agent.as_deref(), Some("Explore"));
    sidechain["attributionAgent"] = json!("reviewer");
    assert_eq!(requests(&read_as(role, &[sidechain]))[0].agent.as_deref(), Some("reviewer"));
}

#[test]
fn the_growing_lines_of_one_message_are_different_records() {
    let mut first = answer(1, "msg_1", 1, json!([{"type": "text", "text": "a"}]));
    first["message"]["stop_reason"] = Value::Null;
    let mut last = answer(1, "msg_1", 250, json!([{"type": "text", "text": "a"}]));
    last["uuid"] = first["uuid"].clone();
    let records = read(&[first.clone(), last, first]);
    let requests: Vec<(bool, i64)> =
        requests(&records).iter().map(|request| (request.finished, request.usage.output)).collect();
    assert_eq!(requests, [(false, 1), (true, 250), (false, 1)]);
    assert_ne!(records[1].key, records[2].key);
    assert_eq!(records[1].key, records[3].key);
}

#[test]
fn synthetic_answers_cost_nothing_and_may_be_errors() {
    let synthetic = |more: Value| {
        let mut line = answer(1, "5f0e", 0, json!([{"type": "text", "text": "API Error: 529"}]));
        line["message"]["model"] = json!("<synthetic>");
        merge(&mut line, more);
        read(&[line])
    };
    let records = synthetic(json!({"isApiErrorMessage": true, "apiErrorStatus": 529,
        "apiErrorType": "overloaded_error", "error": "server_error"}));
    let error = ApiError {
        request_id: Some("req_5f0e".into()),
        status: Some(529),
        error: Some("overloaded_error".into()),
        ..ApiError::default()
    };
    assert_eq!(records.last().unwrap().observation, Observation::ApiError(error));
    let older = synthetic(json!({"isApiErrorMessage": true, "error": "server_error"}));
    assert!(matches!(&older.last().unwrap().observation,
        Observation::ApiError(error) if error.error.as_deref() == Some("server_error") && error.status.is_none()));
    let silent = synthetic(json!({}));
    assert!(silent.iter().all(|record| matches!(record.observation, Observation::ProcessStart(_))));
}
