//! Lines of answers and events of requests, each source by itself.

use model::{ItemKey, Kind, Observation, Record, RequestSeen, TokenUsage};

use super::harness::{only, requests, settled, sum};
use super::makers::{OPUS, answer, answered, asked, event, line, request};

fn line_of(uuid: &str, seconds: i64, seen: RequestSeen) -> Record {
    line("s", seconds, uuid, Observation::Request(seen))
}

fn unfinished(tokens: i64) -> RequestSeen {
    RequestSeen { finished: false, ..answered("m1", "r1", tokens) }
}

#[test]
fn every_line_of_an_answer_repeats_its_figures() {
    let blocks = ["text", "first call", "second call"].map(|uuid| line_of(uuid, 5, answered("m1", "r1", 40)));
    assert_eq!(requests(&settled(&blocks)), [("s", 5, 40)]);
}

#[test]
fn while_an_answer_streams_the_largest_line_stands() {
    let lines =
        [line_of("a", 1, unfinished(3)), line_of("b", 2, unfinished(30)), line_of("c", 3, unfinished(7))];
    assert_eq!(requests(&settled(&lines)), [("s", 2, 30)]);
}

#[test]
fn the_finished_line_stands_also_against_a_larger_one() {
    let lines = [
        line_of("a", 1, unfinished(3)),
        line_of("b", 2, unfinished(1_000)),
        line_of("c", 3, answered("m1", "r1", 900)),
    ];
    assert_eq!(requests(&settled(&lines)), [("s", 3, 900)]);
}

#[test]
fn one_line_that_was_written_again_with_its_final_figures_is_one_answer() {
    let lines = [line_of("a", 1, unfinished(1)), line_of("a", 1, answered("m1", "r1", 900))];
    assert_eq!(requests(&settled(&lines)), [("s", 1, 900)]);
}

#[test]
fn an_answer_that_never_got_figures_is_no_request() {
    let begun = RequestSeen { usage: TokenUsage::default(), ..unfinished(0) };
    assert_eq!(
        settled(&[line_of("a", 1, begun), answer("s", 2, "m2", 5)]).len(),
        2,
        "a start and one request"
    );
}

#[test]
fn an_answer_that_finished_without_tokens_is_a_request() {
    let postings = settled(&[line_of("a", 1, answered("m1", "r1", 0))]);
    assert_eq!(requests(&postings), [("s", 1, 0)]);
    assert_eq!(only(&postings, Kind::Request).measures.requests, 1);
}

#[test]
fn a_replayed_message_may_carry_another_request_id() {
    let lines = [line_of("a", 1, answered("m1", "r1", 40)), line_of("b", 9, answered("m1", "r2", 40))];
    let postings = settled(&lines);
    assert_eq!(requests(&postings).len(), 1);
    assert_eq!(only(&postings, Kind::Request).message, Some(ItemKey::of("message-id", "m1")));
}

#[test]
fn messages_that_share_a_request_id_are_as_many_requests() {
    let lines = [line_of("a", 1, answered("m1", "proxy", 40)), line_of("b", 2, answered("m2", "proxy", 50))];
    let postings = settled(&lines);
    assert_eq!(requests(&postings), [("s", 1, 40), ("s", 2, 50)]);
    assert_ne!(postings[0].item, postings[1].item);
}

#[test]
fn lines_without_a_message_id_are_told_apart_by_the_request_id() {
    let nameless = |request_id: &str| RequestSeen { message_id: None, ..answered("", request_id, 40) };
    let lines =
        [line_of("a", 1, nameless("r1")), line_of("b", 1, nameless("r1")), line_of("c", 2, nameless("r2"))];
    assert_eq!(requests(&settled(&lines)), [("s", 1, 40), ("s", 2, 40)]);
}

#[test]
fn lines_without_any_id_are_a_request_each() {
    let nameless = || RequestSeen { message_id: None, request_id: None, ..answered("", "", 40) };
    let postings = settled(&[line_of("a", 1, nameless()), line_of("b", 2, nameless())]);
    assert_eq!(requests(&postings), [("s", 1, 40), ("s", 2, 40)]);
    assert_ne!(postings[0].item, postings[1].item);
}

#[test]
fn events_without_a_request_id_are_a_request_each() {
    let nameless = || Observation::Request(RequestSeen { request_id: None, ..asked("", 40) });
    assert_eq!(sum(&settled(&[event("s", 1, nameless()), event("s", 2, nameless())]), |m| m.requests), 2);
}

#[test]
fn an_event_that_says_the_same_again_is_a_repetition() {
    // A client that numbers its events sends the same once more under another number.
    let again = Record { key: answer("s", 0, "other", 0).key, ..request("s", 1, "r1", 40) };
    assert_eq!(requests(&settled(&[request("s", 1, "r1", 40), again])), [("s", 1, 40)]);
}

#[test]
fn events_that_share_a_request_id_are_as_many_requests() {
    let events = [request("s", 1, "proxy", 40), request("s", 2, "proxy", 40), request("s", 2, "proxy", 50)];
    let postings = settled(&events);
    assert_eq!(sum(&postings, |measures| measures.requests), 3);
    assert_eq!(sum(&postings, |measures| measures.tokens.output), 130);
}

#[test]
fn the_item_of_a_request_is_the_same_from_either_source() {
    let from_event = settled(&[request("s", 1, "r1", 40)]);
    let from_lines = settled(&[line_of("a", 2, answered("m1", "r1", 40))]);
    let item = ItemKey::of("request-id", "r1");
    assert_eq!(only(&from_event, Kind::Request).item, item);
    assert_eq!(only(&from_lines, Kind::Request).item, item);
}

#[test]
fn all_that_an_event_says_of_a_request_is_posted() {
    let seen = RequestSeen {
        query_source: Some("agent:builtin:general-purpose".into()),
        agent: Some("general-purpose".into()),
        skill: Some("review".into()),
        mcp_server: Some("custom".into()),
        effort: Some("high".into()),
        duration_ms: Some(1_200),
        ttft_ms: Some(300),
        ..asked("r1", 40)
    };
    let postings = settled(&[event("s", 1, Observation::Request(seen))]);
    let posting = only(&postings, Kind::Request);
    let told = [&posting.query_source, &posting.agent, &posting.skill, &posting.mcp_server, &posting.effort];
    assert_eq!(told, ["agent:builtin:general-purpose", "general-purpose", "review", "custom", "high"]);
    assert_eq!((posting.measures.duration_ms, posting.measures.ttft_ms), (1_200, 300));
    assert_eq!(posting.model, OPUS);
    assert!(!posting.fast);
}
