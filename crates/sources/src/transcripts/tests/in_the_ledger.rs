//! What hard cases come to in the ledger: tokens, money and whose they are, worked out by hand.
//!
//! Prices in dollars per million tokens, as published: Opus 5.5 takes 4 for input, 20 for output, 0.20 for
//! cache reads, 5 and 8 for cache writes of five minutes and an hour, and twice all of it in fast mode. So a
//! token of input costs 4 micro-dollars.

use std::sync::Arc;

use ledger::PriceBook;
use model::{Clock, Kind, Money, Timestamp};
use serde_json::{Value, json};
use store::{Dimension, Figure, Filter, Group, Measure, MemoryStore, Query, Store};
use tokio_util::sync::CancellationToken;

use super::harness::Harness;
use super::makers::{SESSION, answer, line, merge, prompt};
use crate::intake::{NobodyListens, Settings, start};

/// Long after all lines.
struct Later;

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }
}

/// A ledger that holds what a Claude directory amounts to.
struct Books(Arc<MemoryStore>);

/// What a session spent on a model, by its own hand or a subagent's.
#[derive(Debug, PartialEq, Eq)]
struct Spent {
    session: String,
    model: String,
    agent: String,
    requests: i128,
    /// Input, output, cache read, cache written, and how much of that for an hour.
    tokens: [i128; 5],
    micros: i128,
}

fn spent(session: &str, model: &str, requests: i128, tokens: [i128; 5], micros: i128) -> Spent {
    let (session, model) = (session.to_owned(), model.to_owned());
    Spent { session, model, agent: String::new(), requests, tokens, micros }
}

impl Books {
    /// Reads the directory's files as the program does.
    async fn of(harness: &Harness) -> Self {
        let memory = Arc::new(MemoryStore::new());
        let store: Arc<dyn Store> = Arc::<MemoryStore>::clone(&memory);
        let prices = Arc::new(PriceBook::embedded().unwrap());
        let stop = CancellationToken::new();
        let (clock, listener) = (Arc::new(Later), Arc::new(NobodyListens));
        let (intake, writer) =
            start(store, prices, clock, listener, Settings::default(), stop.clone()).await.unwrap();
        harness.scan_into(intake).await;
        stop.cancel();
        writer.stopped().await;
        Self(memory)
    }

    /// One session's file with these lines.
    async fn of_lines(lines: &[Value]) -> Self {
        let harness = Harness::new().await;
        harness.write(&format!("{SESSION}.jsonl"), text(lines));
        Self::of(&harness).await
    }

    async fn sums(&self, groups: &[Dimension], measures: &[Measure]) -> Vec<(Vec<String>, Vec<i128>)> {
        let query = Query {
            filter: Filter { kinds: vec![Kind::Request, Kind::Unattributed], ..Filter::default() },
            group_by: groups.iter().copied().map(Group::Dimension).collect(),
            figures: measures.iter().copied().map(Figure::Sum).collect(),
            ..Query::default()
        };
        let rows = self.0.aggregate(&query).await.unwrap().into_iter();
        let texts = |keys: Vec<store::Value>| keys.iter().map(|key| key.as_text().to_owned()).collect();
        rows.map(|row| (texts(row.keys), row.figures)).collect()
    }

    async fn spent(&self) -> Vec<Spent> {
        use Measure::{CacheCreation, CacheCreation1h, CacheRead, CostSettled, Input, Output, Requests};
        let by = [Dimension::Session, Dimension::Model, Dimension::Agent];
        let measures = [Requests, Input, Output, CacheRead, CacheCreation, CacheCreation1h, CostSettled];
        let spent = |(keys, figures): (Vec<String>, Vec<i128>)| {
            let [session, model, agent] = keys.try_into().unwrap();
            let [requests, tokens @ .., picos] = <[i128; 7]>::try_from(figures).unwrap();
            let in_a_micro = i128::from(Money::PICOS_PER_MICRO);
            assert_eq!(picos % in_a_micro, 0, "the case should come to whole micro-dollars");
            Spent { session, model, agent, requests, tokens, micros: picos / in_a_micro }
        };
        self.sums(&by, &measures).await.into_iter().map(spent).collect()
    }
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

const OPUS: &str = "claude-opus-5-5";

/// A whole answer with this usage.
fn used(number: u32, message: &str, usage: Value) -> Value {
    let mut line = answer(number, message, 0, json!([]));
    line["message"]["usage"] = usage;
    line
}

/// 100 tokens of input and 10 of output: 600 micro-dollars.
fn small(number: u32, message: &str) -> Value {
    used(number, message, json!({"input_tokens": 100, "output_tokens": 10}))
}

fn with_model(mut line: Value, model: &str) -> Value {
    line["message"]["model"] = json!(model);
    line
}

fn unfinished(mut line: Value) -> Value {
    line["message"]["stop_reason"] = Value::Null;
    line
}

fn in_session(mut line: Value, session: &str) -> Value {
    line["sessionId"] = json!(session);
    line
}

#[tokio::test]
async fn the_last_streamed_copy_wins_over_placeholders() {
    let with_output =
        |number, output| used(number, "msg_1", json!({"input_tokens": 100, "output_tokens": output}));
    let lines = [
        prompt(1, "Hello"),
        unfinished(with_output(2, 1)),
        unfinished(with_output(3, 8)),
        with_output(4, 200),
    ];
    // 100 x 4 + 200 x 20.
    let expected = [spent(SESSION, OPUS, 1, [100, 200, 0, 0, 0], 4_400)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
    // In whatever order the lines stand.
    let reversed: Vec<Value> = lines.iter().rev().cloned().collect();
    assert_eq!(Books::of_lines(&reversed).await.spent().await, expected);
}

#[tokio::test]
async fn a_message_in_a_resumed_session_s_new_file_counts_once() {
    let harness = Harness::new().await;
    let history = [prompt(1, "Hello"), small(2, "msg_1"), small(3, "msg_2")];
    harness.write("first.jsonl", text(&history.clone().map(|line| in_session(line, "first"))));
    // The oldest clients copied the lines into a new file and did not say so.
    let copied = history.into_iter().map(|line| in_session(line, "second"));
    let resumed: Vec<Value> = copied.chain([in_session(small(30, "msg_3"), "second")]).collect();
    harness.write("second.jsonl", text(&resumed));
    let expected = [
        spent("first", OPUS, 2, [200, 20, 0, 0, 0], 1_200),
        spent("second", OPUS, 1, [100, 10, 0, 0, 0], 600),
    ];
    assert_eq!(Books::of(&harness).await.spent().await, expected);
}

#[tokio::test]
async fn a_message_copied_into_a_fork_belongs_to_the_session_that_asked() {
    let harness = Harness::new().await;
    let history = [prompt(1, "Hello"), small(2, "msg_1"), small(3, "msg_2")];
    harness.write("parent.jsonl", text(&history.clone().map(|line| in_session(line, "parent"))));
    let copied = history.into_iter().map(|line| {
        let mut line = in_session(line, "fork");
        if line["type"] == "assistant" {
            line["requestSessionId"] = json!("parent");
        }
        line
    });
    let forked: Vec<Value> = copied.chain([in_session(small(30, "msg_3"), "fork")]).collect();
    harness.write("fork.jsonl", text(&forked));
    let expected = [
        spent("fork", OPUS, 1, [100, 10, 0, 0, 0], 600),
        spent("parent", OPUS, 2, [200, 20, 0, 0, 0], 1_200),
    ];
    assert_eq!(Books::of(&harness).await.spent().await, expected);
    // The client may have removed the parent's file; the copies still belong to it.
    std::fs::remove_file(harness.path("parent.jsonl")).unwrap();
    assert_eq!(Books::of(&harness).await.spent().await, expected);
}

#[tokio::test]
async fn messages_written_again_after_a_compaction_count_once() {
    let mut again = small(12, "msg_1");
    again["timestamp"] = json!("2026-11-22T08:30:00.000Z");
    let lines = [
        prompt(1, "Hello"),
        small(2, "msg_1"),
        line(
            10,
            json!({"type": "system", "subtype": "compact_boundary", "compactMetadata": {"trigger": "auto"}}),
        ),
        line(
            11,
            json!({"type": "user", "isCompactSummary": true, "message": {"role": "user", "content": "So far: …"}}),
        ),
        // What was kept of the conversation, with ids of its own for the lines.
        again,
        small(13, "msg_2"),
    ];
    let expected = [spent(SESSION, OPUS, 2, [200, 20, 0, 0, 0], 1_200)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn request_ids_may_be_missing_empty_or_repeated() {
    let with_request = |number, message: &str, request: Value| {
        let mut line = small(number, message);
        line["requestId"] = request;
        line
    };
    let without = |mut line: Value, pointer: &str, name: &str| {
        line.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
        line
    };
    let lines = [
        without(small(1, "msg_1"), "", "requestId"),
        without(small(2, "msg_1"), "", "requestId"),
        with_request(3, "msg_2", json!("")),
        with_request(4, "msg_2", Value::Null),
        // A proxy that gives every request the same id: still two messages.
        with_request(5, "msg_3", json!("req_same")),
        with_request(6, "msg_4", json!("req_same")),
        // A message that was replayed under another request: still one.
        with_request(7, "msg_5", json!("req_one")),
        with_request(8, "msg_5", json!("req_other")),
        // Without a message's id the request tells, without both each line stands for itself.
        without(with_request(9, "x", json!("req_only")), "/message", "id"),
        without(with_request(10, "x", json!("req_only")), "/message", "id"),
        without(without(small(11, "x"), "", "requestId"), "/message", "id"),
        without(without(small(12, "x"), "", "requestId"), "/message", "id"),
    ];
    // msg_1 to msg_5, req_only, and two lines without a name.
    let expected = [spent(SESSION, OPUS, 8, [800, 80, 0, 0, 0], 4_800)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn subagents_count_once_and_under_their_parent() {
    let harness = Harness::new().await;
    let sidechain = |line: Value| {
        let mut line = line;
        merge(&mut line, json!({"isSidechain": true, "agentId": "a1"}));
        line
    };
    let inside = sidechain(small(10, "msg_inside"));
    harness
        .write(&format!("{SESSION}.jsonl"), text(&[prompt(1, "Hello"), small(2, "msg_own"), inside.clone()]));
    // The same line once more in the subagent's own file, which has another one besides.
    harness.write(
        &format!("{SESSION}/subagents/agent-a1.jsonl"),
        text(&[inside, sidechain(small(11, "msg_beside"))]),
    );
    harness.write(&format!("{SESSION}/subagents/agent-a1.meta.json"), r#"{"agentType":"Explore"}"#);
    harness.write(
        &format!("{SESSION}/subagents/workflows/w1/agent-a2.jsonl"),
        text(&[sidechain(small(12, "msg_deep"))]),
    );
    // Older clients put the file beside the session's; its lines name the session.
    harness.write("agent-a3.jsonl", text(&[sidechain(small(13, "msg_older"))]));
    let books = Books::of(&harness).await;
    let total: Vec<_> = books.sums(&[Dimension::Session], &[Measure::Requests, Measure::Input]).await;
    assert_eq!(total, [(vec![SESSION.to_owned()], vec![5, 500])]);
    let by_agent = books.sums(&[Dimension::Agent], &[Measure::Requests]).await;
    let own = by_agent.iter().find(|(keys, _)| keys[0].is_empty()).unwrap();
    assert_eq!(own.1, [1], "{by_agent:?}");
    assert!(by_agent.iter().any(|(keys, _)| keys[0] == "Explore"), "{by_agent:?}");
}

#[tokio::test]
async fn cache_writes_cost_by_how_long_they_last() {
    let split = json!({"input_tokens": 0, "output_tokens": 1, "cache_read_input_tokens": 10_000,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000}});
    // 20 + 10,000 x 0.2 + 1,000 x 5 + 2,000 x 8.
    let expected = [spent(SESSION, OPUS, 1, [0, 1, 10_000, 3_000, 2_000], 23_020)];
    assert_eq!(Books::of_lines(&[used(1, "msg_1", split)]).await.spent().await, expected);
    // Older lines do not tell; five minutes is what there was.
    let whole = json!({"input_tokens": 0, "output_tokens": 1, "cache_creation_input_tokens": 3_000});
    let expected = [spent(SESSION, OPUS, 1, [0, 1, 0, 3_000, 0], 15_020)];
    assert_eq!(Books::of_lines(&[used(1, "msg_1", whole)]).await.spent().await, expected);
}

#[tokio::test]
async fn fast_mode_costs_twice() {
    let fast = json!({"input_tokens": 1_000, "output_tokens": 100, "speed": "fast"});
    let normal = json!({"input_tokens": 1_000, "output_tokens": 100, "speed": "standard"});
    // 1,000 x 8 + 100 x 40, and 1,000 x 4 + 100 x 20.
    let lines = [used(1, "msg_1", fast), used(2, "msg_2", normal)];
    let expected = [spent(SESSION, OPUS, 2, [2_000, 200, 0, 0, 0], 12_000 + 6_000)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn web_searches_cost_a_cent_each() {
    let usage = json!({"input_tokens": 100, "output_tokens": 10,
        "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 2}});
    // Told on each of the message's lines, made once.
    let lines = [used(1, "msg_1", usage.clone()), used(2, "msg_1", usage)];
    let expected = [spent(SESSION, OPUS, 1, [100, 10, 0, 0, 0], 600 + 30_000)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn synthetic_messages_cost_nothing_whatever_they_say() {
    let mut error = with_model(small(2, "msg_2"), "<synthetic>");
    error["isApiErrorMessage"] = json!(true);
    let lines = [small(1, "msg_1"), error, with_model(small(3, "msg_3"), "<synthetic>")];
    let expected = [spent(SESSION, OPUS, 1, [100, 10, 0, 0, 0], 600)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn bedrock_and_vertex_ids_are_the_same_model() {
    let lines = [
        with_model(small(1, "msg_1"), "claude-sonnet-4-5-20250929"),
        with_model(small(2, "msg_2"), "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        with_model(small(3, "msg_3"), "claude-sonnet-4-5@20250929"),
        with_model(
            small(4, "msg_4"),
            "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
    ];
    // Sonnet 4.5 takes 3 and 15: 100 x 3 + 10 x 15 each.
    let expected = [spent(SESSION, "claude-sonnet-4-5-20250929", 4, [400, 40, 0, 0, 0], 4 * 450)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn haiku_s_tier_goes_by_the_whole_prompt() {
    let prompt_of = |input: i64| {
        json!({"input_tokens": input, "output_tokens": 1_000, "cache_read_input_tokens": 50_000,
            "cache_creation_input_tokens": 10_000})
    };
    let haiku = "claude-haiku-5-5";
    let at = |input| with_model(used(1, "msg_1", prompt_of(input)), haiku);
    // Up to 100,000 tokens: 40,000 x 0.1 + 1,000 x 0.5 + 50,000 x 0.01 + 10,000 x 0.125.
    let expected = [spent(SESSION, haiku, 1, [40_000, 1_000, 50_000, 10_000, 0], 6_250)];
    assert_eq!(Books::of_lines(&[at(40_000)]).await.spent().await, expected);
    // Beyond: 40,010 x 0.5 + 1,000 x 2.5 + 50,000 x 0.05 + 10,000 x 0.625.
    let expected = [spent(SESSION, haiku, 1, [40_010, 1_000, 50_000, 10_000, 0], 31_255)];
    assert_eq!(Books::of_lines(&[at(40_010)]).await.spent().await, expected);
}

#[tokio::test]
async fn unknown_models_are_named_and_have_no_price() {
    let lines = [with_model(small(1, "msg_1"), "claude-unheard-9"), small(2, "msg_2")];
    let books = Books::of_lines(&lines).await;
    let expected = [
        spent(SESSION, OPUS, 1, [100, 10, 0, 0, 0], 600),
        spent(SESSION, "claude-unheard-9", 1, [100, 10, 0, 0, 0], 0),
    ];
    assert_eq!(books.spent().await, expected);
    let unpriced = books.sums(&[Dimension::Model], &[Measure::UnpricedTokens]).await;
    assert_eq!(unpriced, [(vec!["claude-unheard-9".to_owned()], vec![110])]);
}

#[tokio::test]
async fn older_lines_tell_the_client_s_own_cost() {
    let mut older = small(1, "msg_1");
    merge(&mut older, json!({"costUSD": 0.0123, "version": "1.0.3"}));
    let books = Books::of_lines(&[older]).await;
    assert_eq!(books.spent().await, [spent(SESSION, OPUS, 1, [100, 10, 0, 0, 0], 12_300)]);
    let costs = books.sums(&[], &[Measure::CostReported, Measure::CostPriced]).await;
    assert_eq!(costs, [(vec![], vec![12_300_000_000, 600_000_000])]);
}

#[tokio::test]
async fn the_same_file_in_several_directories_counts_once() {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("projects/-w");
    std::fs::create_dir_all(&copy).unwrap();
    let lines = text(&[prompt(1, "Hello"), small(2, "msg_1")]);
    std::fs::write(copy.join(format!("{SESSION}.jsonl")), &lines).unwrap();
    let harness = Harness::new().await.also_reading(elsewhere.path());
    harness.write(&format!("{SESSION}.jsonl"), &lines);
    // A project's folder that was copied before it was moved.
    harness.write(&format!("../-moved/{SESSION}.jsonl"), &lines);
    let expected = [spent(SESSION, OPUS, 1, [100, 10, 0, 0, 0], 600)];
    assert_eq!(Books::of(&harness).await.spent().await, expected);
}

#[tokio::test]
async fn what_only_repeats_usage_costs_nothing() {
    let quoted = small(90, "msg_quoted").to_string();
    let usage = json!({"input_tokens": 5_000, "output_tokens": 500});
    let inner = json!({"type": "assistant", "message": {"id": "msg_p", "model": OPUS, "usage": usage}});
    let lines = [
        prompt(1, &quoted),
        small(2, "msg_1"),
        line(3, json!({"type": "progress", "data": {"type": "agent_progress", "message": inner}})),
        line(
            4,
            json!({"type": "user", "message": {"content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": quoted}]},
            "toolUseResult": {"status": "completed", "totalTokens": 5_500, "usage": usage}}),
        ),
        line(5, json!({"type": "system", "subtype": "api_error", "error": {"status": 529}})),
        small(6, "msg_2"),
    ];
    let expected = [spent(SESSION, OPUS, 2, [200, 20, 0, 0, 0], 1_200)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn lines_of_two_messages_may_be_interleaved() {
    let with_output = |number, message: &str, output| {
        used(number, message, json!({"input_tokens": 100, "output_tokens": output}))
    };
    let lines = [
        unfinished(with_output(1, "msg_a", 1)),
        unfinished(with_output(2, "msg_b", 2)),
        with_output(3, "msg_a", 50),
        unfinished(with_output(4, "msg_b", 7)),
        with_output(5, "msg_b", 60),
    ];
    // 200 x 4 + 110 x 20.
    let expected = [spent(SESSION, OPUS, 2, [200, 110, 0, 0, 0], 3_000)];
    assert_eq!(Books::of_lines(&lines).await.spent().await, expected);
}

#[tokio::test]
async fn a_damaged_file_gives_what_is_whole_in_it() {
    let harness = Harness::new().await;
    let mut bytes = "\u{feff}".to_owned().into_bytes();
    bytes.extend(text(&[prompt(1, "Hello"), small(2, "msg_1")]).replace('\n', "\r\n").bytes());
    bytes.extend(b"\n   \n{\"type\":\"assistant\",\"message\":{\"id\":\"msg_cut\n");
    let mut broken = small(3, "msg_2");
    broken["message"]["content"] = json!([{"type": "text", "text": "??"}]);
    let broken = broken.to_string();
    let place = broken.find("??").unwrap();
    bytes.extend(&broken.as_bytes()[..place]);
    bytes.extend(b"\xff\xfe");
    bytes.extend(&broken.as_bytes()[place + 2..]);
    bytes.push(b'\n');
    // The client is still writing the last one.
    let last = small(4, "msg_3").to_string();
    bytes.extend(&last.as_bytes()[..last.len() / 2]);
    harness.write(&format!("{SESSION}.jsonl"), bytes);
    let expected = [spent(SESSION, OPUS, 2, [200, 20, 0, 0, 0], 1_200)];
    assert_eq!(Books::of(&harness).await.spent().await, expected);
}
