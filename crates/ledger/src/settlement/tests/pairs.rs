//! Requests that an event and the lines of the answer both tell of.

use model::{Kind, Money, Observation, Record, RequestSeen, TokenUsage};

use super::harness::{only, requests, settled, sum};
use super::makers::{OPUS_OUTPUT, answer, answered, asked, event, line, output, request};

fn line_of(uuid: &str, seconds: i64, seen: RequestSeen) -> Record {
    line("s", seconds, uuid, Observation::Request(seen))
}

fn event_of(seconds: i64, seen: RequestSeen) -> Record {
    event("s", seconds, Observation::Request(seen))
}

fn written(five_minutes: i64, one_hour: i64) -> TokenUsage {
    TokenUsage {
        cache_creation: five_minutes + one_hour,
        cache_creation_5m: five_minutes,
        cache_creation_1h: one_hour,
        ..output(10)
    }
}

#[test]
fn the_request_id_joins_both_and_the_event_dates_it() {
    let postings = settled(&[answer("s", 4, "r1", 40), request("s", 5, "r1", 40)]);
    assert_eq!(requests(&postings), [("s", 5, 40)]);
}

#[test]
fn the_cost_is_the_event_s_and_the_lifetimes_of_cache_writes_are_the_lines() {
    let unsplit = TokenUsage { cache_creation_5m: 0, cache_creation_1h: 0, ..written(100, 50) };
    let cost = Money::from_micros(777);
    let told = event_of(5, RequestSeen { usage: unsplit, cost: Some(cost), ..asked("r1", 10) });
    let seen = line_of("a", 4, RequestSeen { usage: written(100, 50), ..answered("m1", "r1", 10) });
    let postings = settled(&[told, seen]);
    let measures = only(&postings, Kind::Request).measures;
    assert_eq!(measures.tokens, written(100, 50));
    assert_eq!((measures.cost_settled, measures.cost_reported), (cost.as_picos(), cost.as_picos()));
    // 10 x 20 + 100 x 5 + 50 x 8 micro-dollars, and no guess that all writes live five minutes.
    assert_eq!(measures.cost_priced, Money::from_micros(1_100).as_picos());
}

#[test]
fn the_lifetimes_of_cache_writes_may_also_come_from_the_event() {
    let unsplit = TokenUsage { cache_creation_5m: 0, cache_creation_1h: 0, ..written(0, 150) };
    let told = event_of(5, RequestSeen { usage: written(0, 150), ..asked("r1", 10) });
    let seen = line_of("a", 4, RequestSeen { usage: unsplit, ..answered("m1", "r1", 10) });
    assert_eq!(only(&settled(&[told, seen]), Kind::Request).measures.tokens, written(0, 150));
}

#[test]
fn lifetimes_of_other_amounts_are_no_help() {
    let unsplit = TokenUsage { cache_creation_5m: 0, cache_creation_1h: 0, ..written(100, 50) };
    let early = RequestSeen { finished: false, usage: written(7, 0), ..answered("m1", "r1", 10) };
    let told = event_of(5, RequestSeen { usage: unsplit, ..asked("r1", 10) });
    assert_eq!(only(&settled(&[told, line_of("a", 4, early)]), Kind::Request).measures.tokens, unsplit);
}

#[test]
fn a_line_that_was_never_finished_gives_way_to_the_event() {
    let begun = RequestSeen { finished: false, ..answered("m1", "r1", 3) };
    let postings = settled(&[line_of("a", 4, begun), request("s", 5, "r1", 900)]);
    assert_eq!(requests(&postings), [("s", 5, 900)]);
    assert_eq!(sum(&postings, |measures| measures.cost_settled), 900 * OPUS_OUTPUT);
}

#[test]
fn an_event_without_a_request_id_is_joined_by_its_figures() {
    let nameless = RequestSeen { request_id: None, ..asked("", 40) };
    let postings = settled(&[answer("s", 4, "r1", 40), answer("s", 6, "r2", 50), event_of(5, nameless)]);
    assert_eq!(requests(&postings), [("s", 5, 40), ("s", 6, 50)]);
}

#[test]
fn a_message_without_a_request_id_is_joined_by_its_figures() {
    let nameless = RequestSeen { request_id: None, ..answered("m1", "", 40) };
    let postings =
        settled(&[line_of("a", 4, nameless), request("s", 5, "r1", 40), request("s", 6, "r2", 50)]);
    assert_eq!(requests(&postings), [("s", 5, 40), ("s", 6, 50)]);
}

#[test]
fn nameless_on_both_sides_each_event_takes_one_message() {
    let message = |name: &str| RequestSeen { request_id: None, ..answered(name, "", 40) };
    let told = || RequestSeen { request_id: None, ..asked("", 40) };
    let lines =
        [line_of("a", 4, message("m1")), line_of("b", 6, message("m2")), line_of("c", 8, message("m3"))];
    let records = [&lines[..], &[event_of(5, told()), event_of(7, told())]].concat();
    // Two of the three are told by both.
    assert_eq!(sum(&settled(&records), |measures| measures.requests), 3);
}

#[test]
fn of_requests_alike_each_event_takes_the_one_of_its_time() {
    let message = |name: &str| RequestSeen { request_id: None, ..answered(name, "", 40) };
    let nameless = RequestSeen { request_id: None, ..asked("", 40) };
    let lines = [line_of("a", 10, message("m1")), line_of("b", 90_000, message("m2"))];
    let records = [&lines[..], &[event_of(90_001, nameless)]].concat();
    assert_eq!(requests(&settled(&records)), [("s", 10, 40), ("s", 90_001, 40)]);
}

#[test]
fn figures_join_nothing_across_models() {
    let nameless = RequestSeen { request_id: None, model: "claude-sonnet-5-5".into(), ..asked("", 40) };
    let postings = settled(&[answer("s", 4, "r1", 40), event_of(5, nameless)]);
    assert_eq!(sum(&postings, |measures| measures.requests), 2);
}

#[test]
fn figures_join_nothing_across_sessions() {
    let nameless = RequestSeen { request_id: None, ..asked("", 40) };
    let told = event("other", 5, Observation::Request(nameless));
    assert_eq!(requests(&settled(&[answer("s", 4, "r1", 40), told])), [("s", 4, 40), ("other", 5, 40)]);
}

#[test]
fn a_named_pair_is_not_broken_by_a_nameless_one_with_its_figures() {
    let nameless = RequestSeen { request_id: None, ..answered("m2", "", 40) };
    let records = [line_of("a", 3, nameless), answer("s", 4, "r1", 40), request("s", 5, "r1", 40)];
    assert_eq!(requests(&settled(&records)), [("s", 3, 40), ("s", 5, 40)]);
}

#[test]
fn figures_sort_out_a_repeated_request_id() {
    let lines = [line_of("a", 1, answered("m1", "proxy", 40)), line_of("b", 3, answered("m2", "proxy", 50))];
    let cost = |micros| Some(Money::from_micros(micros));
    // Told in the other order.
    let events = [
        event_of(4, RequestSeen { cost: cost(5), ..asked("proxy", 50) }),
        event_of(5, RequestSeen { cost: cost(4), ..asked("proxy", 40) }),
    ];
    let postings = settled(&[lines, events].concat());
    assert_eq!(requests(&postings), [("s", 4, 50), ("s", 5, 40)]);
    let costs: Vec<i64> = postings[..2].iter().map(|posting| posting.measures.cost_settled).collect();
    assert_eq!(costs, [5_000_000, 4_000_000]);
    assert_ne!(postings[0].item, postings[1].item);
}

#[test]
fn providers_spell_one_model_differently() {
    let long = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
    let told = RequestSeen { request_id: None, model: "claude-haiku-4-5".into(), ..asked("", 40) };
    let seen = RequestSeen { model: long.into(), ..answered("m1", "r1", 40) };
    let postings = settled(&[event_of(5, told), line_of("a", 4, seen)]);
    assert_eq!(only(&postings, Kind::Request).model, "claude-haiku-4-5-20251001");
}

#[test]
fn the_event_names_the_model_that_answered() {
    let seen = RequestSeen { model: "claude-opus-4-1".into(), ..answered("m1", "r1", 40) };
    let postings = settled(&[request("s", 5, "r1", 40), line_of("a", 4, seen)]);
    assert_eq!(only(&postings, Kind::Request).model, "claude-opus-5-5");
}

#[test]
fn a_replayed_message_is_joined_by_any_of_its_request_ids() {
    let lines = [line_of("a", 1, answered("m1", "r1", 40)), line_of("b", 9, answered("m1", "r2", 40))];
    for id in ["r1", "r2"] {
        let records = [&lines[..], &[request("s", 2, id, 40)]].concat();
        assert_eq!(requests(&settled(&records)), [("s", 2, 40)], "{id}");
    }
}
