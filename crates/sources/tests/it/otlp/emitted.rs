//! What the emitter sends is read back as what it was given.

use model::{
    ApiError, Counter, Decision, Money, Observation, Occurrence, Prompt, Record, RequestSeen, Temporality,
    Timestamp, TokenKind, TokenUsage, ToolOutcome,
};
use sources::claude_code::emit::{Emitter, Identity};
use sources::otlp::{Encoding, Rejections, Signal, decode};

use super::fixtures::records_of;

fn emitter() -> Emitter {
    Emitter::new(Identity {
        installation: "installation".into(),
        email: Some("ann@example.com".into()),
        account: Some("account".into()),
        organization: Some("organization".into()),
        terminal: Some("vscode".into()),
        entrypoint: Some("cli".into()),
        client_version: "2.1.330".into(),
        repository: Some(("acme".into(), "shop".into())),
        resource_attributes: vec![("team.id".into(), "platform".into())],
    })
}

fn read(signal: Signal, body: &[u8]) -> Vec<Record> {
    let mut rejections = Rejections::default();
    let export = decode(signal, Encoding::Protobuf, body, &mut rejections).unwrap();
    records_of(export, "emitted")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_334_400 + second)
}

fn request() -> RequestSeen {
    RequestSeen {
        request_id: Some("req_1".into()),
        model: "claude-opus-5-5".into(),
        usage: TokenUsage {
            input: 10,
            output: 20,
            cache_read: 300,
            cache_creation: 40,
            cache_creation_5m: 30,
            cache_creation_1h: 10,
        },
        finished: true,
        cost: Some(Money::from_picos(690_123_456)),
        query_source: Some("agent:builtin:general-purpose".into()),
        agent: Some("general-purpose".into()),
        effort: Some("high".into()),
        duration_ms: Some(1_234),
        ttft_ms: Some(200),
        ..RequestSeen::default()
    }
}

#[test]
fn events_come_back_as_the_observations_they_were_made_of() {
    let decision = Decision {
        tool_use_id: Some("toolu_1".into()),
        tool: "Edit".into(),
        accepted: true,
        decided_by: Some("user_temporary".into()),
        language: None,
    };
    let result = ToolOutcome {
        tool_use_id: Some("toolu_1".into()),
        tool: "Bash".into(),
        succeeded: false,
        error: Some("ShellError".into()),
        duration_ms: Some(77),
        ..ToolOutcome::default()
    };
    let error = ApiError {
        request_id: Some("req_2".into()),
        model: Some("claude-opus-5-5".into()),
        status: Some(529),
        error: Some("overloaded_error".into()),
        attempts: Some(3),
    };
    let prompt = Prompt { prompt_id: Some("prompt".into()), command: None, length: Some(12) };
    let skill = Occurrence {
        name: "skill_activated".into(),
        subject: Some("greet".into()),
        outcome: Some("user-slash".into()),
        ..Occurrence::default()
    };
    let compaction = Occurrence {
        name: "compaction".into(),
        subject: Some("auto".into()),
        outcome: Some("succeeded".into()),
        duration_ms: Some(201),
        identity: None,
    };

    let mut emitter = emitter();
    emitter.start_process(at(0), "session", "fresh");
    emitter.prompt(at(1), &prompt);
    emitter.request(at(2), &request());
    emitter.decision(at(3), &decision);
    emitter.tool_result(at(4), &result);
    emitter.api_error(at(5), &error);
    emitter.occurrence(at(6), &skill);
    emitter.occurrence(at(7), &compaction);
    let records = read(Signal::Logs, &emitter.take_logs().unwrap().bytes);
    assert!(emitter.take_logs().is_none());

    let expected = [
        Observation::Prompt(prompt),
        Observation::Request(request()),
        Observation::Decision(decision),
        Observation::ToolResult(result),
        Observation::ApiError(error),
        Observation::Occurrence(skill),
        Observation::Occurrence(compaction),
    ];
    for (index, (record, expected)) in records.iter().zip(expected).enumerate() {
        assert_eq!(record.observation, expected);
        assert_eq!(record.at, at(index as i64 + 1));
        assert_eq!(record.session.as_str(), "session");
    }
    assert_eq!(records.len(), 7);
    let context = &records[0].context;
    assert_eq!(context.email.as_deref(), Some("ann@example.com"));
    assert_eq!(context.team.as_deref(), Some("platform"));
    assert_eq!(context.repository.as_deref(), Some("acme/shop"));
    assert_eq!(context.terminal.as_deref(), Some("vscode"));
    assert_eq!(context.entrypoint.as_deref(), Some("cli"));
}

/// Sums by counter, in the order of the counters.
fn sums(records: &[Record]) -> Vec<(Counter, f64)> {
    let mut sums = std::collections::BTreeMap::new();
    for record in records {
        let Observation::Counter(point) = &record.observation else { panic!("{record:?}") };
        assert_eq!(point.temporality, Temporality::Delta);
        assert!(point.start.unwrap() <= record.at);
        *sums.entry(point.counter.clone()).or_insert(0.0) += point.value;
    }
    sums.into_iter().collect()
}

#[test]
fn metrics_hold_what_was_added_since_the_export_before() {
    let mut emitter = emitter();
    emitter.start_process(at(0), "session", "fresh");
    emitter.request(at(10), &request());
    emitter.lines(at(11), 5, 0, "claude-opus-5-5");
    emitter.commit(at(12));
    let first = read(Signal::Metrics, &emitter.take_metrics(at(60)).unwrap().bytes);
    assert!(emitter.take_metrics(at(61)).is_none());
    emitter.request(at(70), &request());
    emitter.request(at(80), &request());
    emitter.pull_request(at(81));
    let edit = Decision {
        tool: "Edit".into(),
        accepted: true,
        language: Some("Rust".into()),
        ..Decision::default()
    };
    emitter.decision(at(82), &edit);
    emitter.active_time(at(83), 1.5, 30.0);
    let second = read(Signal::Metrics, &emitter.take_metrics(at(120)).unwrap().bytes);

    let model = || "claude-opus-5-5".to_owned();
    let tokens = |kind| Counter::Tokens { model: model().into(), kind };
    let first_sums = sums(&first);
    assert!(first_sums.contains(&(Counter::Sessions("fresh".into()), 1.0)));
    assert!(first_sums.contains(&(Counter::LinesAdded, 5.0)));
    assert!(first_sums.contains(&(Counter::LinesRemoved, 0.0)));
    assert!(first_sums.contains(&(Counter::Commits, 1.0)));
    assert!(first_sums.contains(&(tokens(TokenKind::CacheRead), 300.0)));
    let second_sums = sums(&second);
    assert!(second_sums.contains(&(tokens(TokenKind::Output), 40.0)));
    assert!(second_sums.contains(&(tokens(TokenKind::CacheCreation), 80.0)));
    assert!(second_sums.contains(&(Counter::Cost { model: model().into() }, 2.0 * 0.000_690_123_456)));
    assert!(second_sums.contains(&(Counter::PullRequests, 1.0)));
    assert!(second_sums.contains(&(Counter::ActiveUserSeconds, 1.5)));
    assert!(!second_sums.iter().any(|(counter, _)| *counter == Counter::Commits));
    let series_of = |records: &[Record], kind| {
        records.iter().find_map(|record| match &record.observation {
            Observation::Counter(point) if point.counter == tokens(kind) => Some((point.series, point.start)),
            _ => None,
        })
    };
    let (first_series, first_start) = series_of(&first, TokenKind::Input).unwrap();
    let (second_series, second_start) = series_of(&second, TokenKind::Input).unwrap();
    assert_eq!(first_series, second_series);
    assert_eq!((first_start, second_start), (Some(at(10)), Some(at(60))));
}

#[test]
fn cumulative_metrics_count_from_the_start_of_the_process() {
    let mut emitter = emitter().with_temporality(Temporality::Cumulative);
    emitter.start_process(at(0), "session", "fresh");
    emitter.commit(at(10));
    let first = read(Signal::Metrics, &emitter.take_metrics(at(60)).unwrap().bytes);
    emitter.commit(at(70));
    let second = emitter.take_metrics(at(120)).unwrap();
    let commits = |records: &[Record]| {
        records.iter().find_map(|record| match &record.observation {
            Observation::Counter(point) if point.counter == Counter::Commits => {
                Some((point.temporality, point.start.unwrap(), point.value))
            }
            _ => None,
        })
    };
    assert_eq!(commits(&first), Some((Temporality::Cumulative, at(10), 1.0)));
    let second_records = read(Signal::Metrics, &second.bytes);
    assert_eq!(commits(&second_records), Some((Temporality::Cumulative, at(10), 2.0)));
    // The count of sessions did not change, and is told again all the same.
    assert_eq!((second.records, second_records.len()), (2, 2));
    emitter.start_process(at(200), "session", "resume");
    emitter.commit(at(201));
    let third = read(Signal::Metrics, &emitter.take_metrics(at(260)).unwrap().bytes);
    assert_eq!(commits(&third), Some((Temporality::Cumulative, at(201), 1.0)));
}
