//! What requests cost: what the client said, and what the price list says.

use model::{Kind, Measures, Money, Observation, Posting, Record, RequestSeen, TokenKind, TokenUsage};

use super::harness::{of_kind, only, settled, sum};
use super::makers::{HAIKU, OPUS, answered, asked, cost, delta, event, line, output, tokens, totals_of};

fn seen(seen: RequestSeen) -> Measures {
    only(&settled(&[line("s", 10, "a", Observation::Request(seen))]), Kind::Request).measures
}

fn micros(micros: i64) -> i64 {
    Money::from_micros(micros).as_picos()
}

#[test]
fn the_client_s_own_cost_is_settled_and_the_list_price_stands_beside_it() {
    let told = RequestSeen { cost: Some(Money::from_micros(123)), ..asked("r1", 40) };
    let postings = settled(&[event("s", 10, Observation::Request(told))]);
    let measures = only(&postings, Kind::Request).measures;
    assert_eq!(measures.cost_settled, micros(123));
    assert_eq!(measures.cost_reported, micros(123));
    assert_eq!(measures.cost_priced, micros(800), "40 x 20");
}

#[test]
fn without_the_client_s_word_the_list_price_is_settled() {
    let measures = seen(answered("m1", "r1", 40));
    assert_eq!((measures.cost_settled, measures.cost_reported), (micros(800), 0));
    // Older transcripts hold the cost.
    let old = seen(RequestSeen { cost: Some(Money::from_micros(5)), ..answered("m1", "r1", 40) });
    assert_eq!((old.cost_settled, old.cost_reported), (micros(5), micros(5)));
}

#[test]
fn the_event_s_cost_stands_against_the_line_s() {
    let old = RequestSeen { cost: Some(Money::from_micros(900)), ..answered("m1", "r1", 40) };
    let told = RequestSeen { cost: Some(Money::from_micros(7)), ..asked("r1", 40) };
    let records = [line("s", 9, "a", Observation::Request(old)), event("s", 10, Observation::Request(told))];
    assert_eq!(sum(&settled(&records), |measures| measures.cost_settled), micros(7));
}

#[test]
fn a_cost_of_nothing_is_a_cost() {
    let told = RequestSeen { cost: Some(Money::ZERO), ..asked("r1", 40) };
    let postings = settled(&[event("s", 10, Observation::Request(told))]);
    assert_eq!(only(&postings, Kind::Request).measures.cost_settled, 0);
}

#[test]
fn an_unknown_model_is_unpriced_and_keeps_its_tokens() {
    let usage = TokenUsage { input: 1, cache_read: 2, ..output(40) };
    let unheard = RequestSeen { model: "claude-unheard-9".into(), usage, ..answered("m1", "r1", 0) };
    let measures = seen(unheard);
    assert_eq!((measures.unpriced_tokens, measures.tokens), (43, usage));
    assert_eq!((measures.cost_priced, measures.cost_settled), (0, 0));
    let metered = settled(&[delta("s", (0, 60), &tokens("claude-unheard-9", TokenKind::Output), 40.0)]);
    assert_eq!(sum(&metered, |measures| measures.unpriced_tokens), 40);
    assert_eq!(sum(&metered, |measures| measures.cost_settled), 0);
}

#[test]
fn an_unknown_model_costs_what_the_client_says() {
    let told = RequestSeen { model: "claude-unheard-9".into(), ..asked("r1", 40) };
    let measures = only(&settled(&[event("s", 10, Observation::Request(told))]), Kind::Request).measures;
    assert_eq!((measures.cost_settled, measures.cost_priced), (micros(800), 0));
    assert_eq!(measures.unpriced_tokens, 40);
}

#[test]
fn fast_requests_cost_more_where_fast_is_sold() {
    let fast = |model: &str| {
        let records = [line(
            "s",
            10,
            "a",
            Observation::Request(RequestSeen { fast: true, model: model.into(), ..answered("m1", "r1", 40) }),
        )];
        let postings = settled(&records);
        assert!(only(&postings, Kind::Request).fast);
        sum(&postings, |measures| measures.cost_settled)
    };
    assert_eq!(fast(OPUS), micros(1_600), "40 x 40");
    assert_eq!(fast(HAIKU), micros(20), "40 x 0.5");
    // On 2026-11-20 Opus 4.8 still had its fast mode, Opus 4.6 no longer.
    assert_eq!(fast("claude-opus-4-8"), micros(2_000), "40 x 50");
    assert_eq!(fast("claude-opus-4-6"), micros(1_000), "40 x 25");
}

#[test]
fn inference_in_the_us_costs_a_tenth_more() {
    assert_eq!(
        seen(RequestSeen { us_inference: true, ..answered("m1", "r1", 40) }).cost_settled,
        micros(880)
    );
}

#[test]
fn the_size_of_the_prompt_picks_the_price_of_the_whole_request() {
    let prompt = |cache_read, input| {
        let usage = TokenUsage { input, cache_read, ..output(1_000) };
        seen(RequestSeen { model: HAIKU.into(), usage, ..answered("m1", "r1", 0) }).cost_settled
    };
    // 40,000 x 0.1 + 60,000 x 0.01 + 1,000 x 0.5.
    assert_eq!(prompt(60_000, 40_000), micros(5_100));
    // 40,001 x 0.5 + 60,000 x 0.05 + 1,000 x 2.5: one token more, five times the price.
    assert_eq!(prompt(60_000, 40_001), 25_500_500_000);
}

#[test]
fn writes_that_live_an_hour_cost_more() {
    let usage = |five_minutes, one_hour, all| TokenUsage {
        cache_creation: all,
        cache_creation_5m: five_minutes,
        cache_creation_1h: one_hour,
        ..TokenUsage::default()
    };
    let cost = |usage| seen(RequestSeen { usage, ..answered("m1", "r1", 0) }).cost_settled;
    assert_eq!(cost(usage(1_000, 0, 1_000)), micros(5_000));
    assert_eq!(cost(usage(0, 1_000, 1_000)), micros(8_000));
    assert_eq!(cost(usage(400, 600, 1_000)), micros(6_800));
    assert_eq!(cost(usage(0, 0, 1_000)), micros(5_000), "five minutes unless told");
}

#[test]
fn web_searches_cost_a_cent_each() {
    let searched = RequestSeen { web_searches: 3, ..answered("m1", "r1", 40) };
    let measures = seen(searched.clone());
    assert_eq!((measures.web_searches, measures.cost_settled), (3, micros(30_800)));
    // Only the line tells of them; the event's cost has them in it.
    let told = RequestSeen { cost: Some(Money::from_micros(30_800)), ..asked("r1", 40) };
    let records =
        [line("s", 9, "a", Observation::Request(searched)), event("s", 10, Observation::Request(told))];
    let measures = only(&settled(&records), Kind::Request).measures;
    assert_eq!(
        (measures.web_searches, measures.cost_settled, measures.cost_priced),
        (3, micros(30_800), micros(30_800))
    );
}

#[test]
fn prices_are_those_of_the_day_of_the_request() {
    let reads = TokenUsage { cache_read: 1_000_000, ..TokenUsage::default() };
    let at = |date: &str| {
        let sonnet =
            RequestSeen { model: "claude-sonnet-5-5".into(), usage: reads, ..answered("m1", "r1", 0) };
        let mut record = line("s", 0, "a", Observation::Request(sonnet));
        record.at = model::Timestamp::parse_rfc3339(date).unwrap();
        sum(&settled(&[record]), |measures| measures.cost_priced)
    };
    assert_eq!(at("2026-10-06T23:59:59.999Z"), micros(200_000));
    assert_eq!(at("2026-10-07T00:00:00Z"), micros(100_000));
}

fn unattributed(records: &[Record]) -> Measures {
    let postings: Vec<Posting> = settled(records);
    let rest = of_kind(&postings, Kind::Unattributed);
    assert_eq!(rest.len(), 1, "{rest:#?}");
    rest[0].measures
}

#[test]
fn tokens_that_only_metrics_know_cost_what_the_metric_says() {
    let records = [
        delta("s", (0, 60), &tokens(OPUS, TokenKind::Output), 40.0),
        delta("s", (0, 60), &cost(OPUS), 0.001),
    ];
    let measures = unattributed(&records);
    assert_eq!((measures.cost_settled, measures.cost_reported), (micros(1_000), micros(1_000)));
    assert_eq!(measures.cost_priced, micros(800));
    let without = unattributed(&records[..1]);
    assert_eq!((without.cost_settled, without.cost_reported), (micros(800), 0));
}

#[test]
fn the_tier_of_several_requests_is_the_one_that_the_client_s_cost_points_to() {
    let usage = TokenUsage { input: 200_000, ..output(2_000) };
    let told = |cost| totals_of("s", 10, vec![(HAIKU.into(), usage, cost)], (0, 0));
    // Two requests of 100,000: 200,000 x 0.1 + 2,000 x 0.5. One of 200,000: five times that.
    assert_eq!(unattributed(&[told(Money::from_micros(21_000))]).cost_priced, micros(21_000));
    assert_eq!(unattributed(&[told(Money::from_micros(105_000))]).cost_priced, micros(105_000));
    let without_cost = [
        delta("s", (0, 60), &tokens(HAIKU, TokenKind::Input), 200_000.0),
        delta("s", (0, 60), &tokens(HAIKU, TokenKind::Output), 2_000.0),
    ];
    assert_eq!(unattributed(&without_cost).cost_settled, micros(21_000));
}

#[test]
fn a_sum_beyond_the_range_does_not_wrap() {
    let huge = seen(answered("m1", "r1", i64::MAX));
    assert_eq!(huge.cost_settled, i64::MAX);
}
