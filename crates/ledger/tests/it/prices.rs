//! The price book against what is published and what the client was seen to reckon with.

use std::collections::BTreeSet;

use ledger::{Conditions, PriceBook};
use model::{Money, Timestamp, TokenUsage, canonical_model};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::arrival::cases;

const EMBEDDED: &str = include_str!("../../price-book.json");
/// The price lists as they were gathered, beside the project where it is developed.
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/spec/pricing.json");

/// Thousandths of a dollar per million tokens: input, output, cache read, five-minute and one-hour write.
type Prices = [i64; 5];

/// What the client reckons with, measured on 2026-11-22 (`../shared/spec/observed-client.md`, section 8).
const MEASURED: [(&str, Prices); 18] = [
    ("claude-opus-5-5", [4_000, 20_000, 200, 5_000, 8_000]),
    ("claude-opus-5", [5_000, 25_000, 500, 6_250, 10_000]),
    ("claude-opus-4-8", [5_000, 25_000, 500, 6_250, 10_000]),
    ("claude-opus-4-7", [5_000, 25_000, 500, 6_250, 10_000]),
    ("claude-opus-4-6", [5_000, 25_000, 500, 6_250, 10_000]),
    ("claude-opus-4-5", [5_000, 25_000, 500, 6_250, 10_000]),
    ("claude-sonnet-5-5", [2_000, 10_000, 100, 2_500, 4_000]),
    ("claude-sonnet-5", [2_000, 10_000, 200, 2_500, 4_000]),
    ("claude-sonnet-4-6", [3_000, 15_000, 300, 3_750, 6_000]),
    ("claude-sonnet-4-5", [3_000, 15_000, 300, 3_750, 6_000]),
    ("claude-sonnet-4", [3_000, 15_000, 300, 3_750, 6_000]),
    ("claude-3-7-sonnet", [3_000, 15_000, 300, 3_750, 6_000]),
    ("claude-haiku-5-5", [100, 500, 10, 125, 200]),
    ("claude-haiku-4-5", [1_000, 5_000, 100, 1_250, 2_000]),
    ("claude-3-5-haiku", [800, 4_000, 80, 1_000, 1_600]),
    ("claude-fable-5", [10_000, 50_000, 1_000, 12_500, 20_000]),
    ("claude-mythos-5", [10_000, 50_000, 1_000, 12_500, 20_000]),
    ("claude-fable-5-2", [8_000, 40_000, 200, 10_000, 16_000]),
];

/// The other models of the lists; most of them retired, and needed for old data.
const LISTED: [(&str, Prices); 7] = [
    ("claude-fable-5-1", [10_000, 50_000, 250, 12_500, 20_000]),
    ("claude-mythos-5-1", [10_000, 50_000, 250, 12_500, 20_000]),
    ("claude-opus-4-1", [15_000, 75_000, 1_500, 18_750, 30_000]),
    ("claude-opus-4", [15_000, 75_000, 1_500, 18_750, 30_000]),
    ("claude-3-5-sonnet", [3_000, 15_000, 300, 3_750, 6_000]),
    ("claude-3-opus", [15_000, 75_000, 1_500, 18_750, 30_000]),
    ("claude-3-haiku", [250, 1_250, 30, 300, 500]),
];

const STANDARD: Conditions = Conditions { fast: false, us_inference: false, batch: false };
const FAST: Conditions = Conditions { fast: true, ..STANDARD };

fn price(model: &str, at: &str, usage: &TokenUsage, conditions: Conditions) -> Option<i64> {
    let book = PriceBook::embedded().unwrap();
    let at = Timestamp::parse_rfc3339(at).unwrap();
    book.price(&canonical_model(model), at, usage, conditions).map(Money::as_picos)
}

/// A thousand tokens of each kind, one kind at a time.
fn thousands() -> [TokenUsage; 5] {
    let none = TokenUsage::default();
    [
        TokenUsage { input: 1_000, ..none },
        TokenUsage { output: 1_000, ..none },
        TokenUsage { cache_read: 1_000, ..none },
        TokenUsage { cache_creation: 1_000, cache_creation_5m: 1_000, ..none },
        TokenUsage { cache_creation: 1_000, cache_creation_1h: 1_000, ..none },
    ]
}

/// What a thousand tokens of each kind cost, in thousandths of a dollar per million.
fn prices_of(model: &str, at: &str, conditions: Conditions) -> Option<Prices> {
    let mut prices = [0; 5];
    for (found, usage) in prices.iter_mut().zip(thousands()) {
        // A dollar per million is a micro-dollar per token, which makes a billion picodollars a thousand.
        *found = price(model, at, &usage, conditions)? / 1_000_000;
    }
    Some(prices)
}

#[test]
fn every_measured_and_every_listed_price_is_in_the_book() {
    for (model, prices) in MEASURED.into_iter().chain(LISTED) {
        assert_eq!(prices_of(model, "2026-11-22T08:00:00Z", STANDARD), Some(prices), "{model}");
    }
}

#[test]
fn the_book_has_no_other_models() {
    let listed: BTreeSet<&str> = MEASURED.iter().chain(&LISTED).map(|(model, _)| *model).collect();
    let book: Value = serde_json::from_str(EMBEDDED).unwrap();
    let ids: BTreeSet<&str> =
        book["models"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, listed);
}

#[test]
fn a_mixed_request_is_the_sum_of_its_kinds() {
    let usage = TokenUsage {
        input: 12,
        output: 345,
        cache_read: 67_890,
        cache_creation: 1_500,
        cache_creation_5m: 1_000,
        cache_creation_1h: 500,
    };
    // 12 x 4 + 345 x 20 + 67,890 x 0.2 + 1,000 x 5 + 500 x 8 = 29,526 micro-dollars.
    assert_eq!(price("claude-opus-5-5", "2026-11-22T08:00:00Z", &usage, STANDARD), Some(29_526_000_000));
}

#[test]
fn the_larger_haiku_s_prompts_take_the_higher_price_for_everything() {
    let at = "2026-11-22T08:00:00Z";
    let prompt = |input, cache_read, five_minutes, one_hour| TokenUsage {
        input,
        cache_read,
        cache_creation: five_minutes + one_hour,
        cache_creation_5m: five_minutes,
        cache_creation_1h: one_hour,
        output: 1_000,
    };
    // Each prompt is 100,001 tokens; the output of 1,000 x 2.5 is dearer with it.
    for (usage, micros) in [
        (prompt(100_001, 0, 0, 0), 52_500_500_000),
        (prompt(1, 100_000, 0, 0), 7_500_500_000),
        (prompt(1, 0, 100_000, 0), 65_000_500_000),
        (prompt(1, 0, 0, 100_000), 102_500_500_000),
    ] {
        assert_eq!(price("claude-haiku-5-5", at, &usage, STANDARD), Some(micros), "{usage:?}");
    }
    // 100,000 x 0.1 + 1,000 x 0.5; output is no part of the prompt.
    assert_eq!(price("claude-haiku-5-5", at, &prompt(100_000, 0, 0, 0), STANDARD), Some(10_500_000_000));
}

#[test]
fn fast_prices_hold_while_fast_is_sold() {
    let opus_5 = Some([10_000, 50_000, 1_000, 12_500, 20_000]);
    let standard_5 = Some([5_000, 25_000, 500, 6_250, 10_000]);
    for (model, at, prices) in [
        ("claude-opus-5-5", "2026-11-22T08:00:00Z", Some([8_000, 40_000, 400, 10_000, 16_000])),
        ("claude-fable-5-2", "2026-11-22T08:00:00Z", Some([16_000, 80_000, 400, 20_000, 32_000])),
        ("claude-opus-5", "2026-11-22T08:00:00Z", opus_5),
        ("claude-opus-4-8", "2026-11-29T23:59:59.999999Z", opus_5),
        ("claude-opus-4-8", "2026-11-30T00:00:00Z", standard_5),
        ("claude-opus-4-7", "2026-07-01T00:00:00Z", standard_5),
        ("claude-opus-4-6", "2026-08-21T23:59:59.999999Z", Some([30_000, 150_000, 3_000, 37_500, 60_000])),
        ("claude-opus-4-6", "2026-08-22T00:00:00Z", standard_5),
        ("claude-haiku-4-5", "2026-11-22T08:00:00Z", Some([1_000, 5_000, 100, 1_250, 2_000])),
    ] {
        assert_eq!(prices_of(model, at, FAST), prices, "{model} at {at}");
    }
}

#[test]
fn reads_of_the_newest_sonnet_became_cheaper() {
    let read = |at| prices_of("claude-sonnet-5-5", at, STANDARD).map(|prices| prices[2]);
    assert_eq!(read("2026-09-28T00:00:00Z"), Some(200));
    assert_eq!(read("2026-10-06T23:59:59.999999Z"), Some(200));
    assert_eq!(read("2026-10-07T00:00:00Z"), Some(100));
}

#[test]
fn where_and_how_a_model_runs_changes_its_price() {
    let at = "2026-11-22T08:00:00Z";
    let us = Conditions { us_inference: true, ..STANDARD };
    let batch = Conditions { batch: true, ..STANDARD };
    assert_eq!(prices_of("claude-opus-5-5", at, us), Some([4_400, 22_000, 220, 5_500, 8_800]));
    assert_eq!(prices_of("claude-opus-5-5", at, batch), Some([2_000, 10_000, 100, 2_500, 4_000]));
    let fast_in_us = Conditions { fast: true, ..us };
    assert_eq!(prices_of("claude-opus-5-5", at, fast_in_us), Some([8_800, 44_000, 440, 11_000, 17_600]));
    let batch_in_us = Conditions { batch: true, ..us };
    assert_eq!(prices_of("claude-opus-5-5", at, batch_in_us), Some([2_200, 11_000, 110, 2_750, 4_400]));
    // Before the 4.6 models the place could not be chosen.
    assert_eq!(prices_of("claude-opus-4-5", at, us), prices_of("claude-opus-4-5", at, STANDARD));
}

#[test]
fn web_searches_are_ten_dollars_a_thousand() {
    let book = PriceBook::embedded().unwrap();
    assert_eq!(book.web_searches(1_000).as_picos(), 10 * Money::PICOS_PER_DOLLAR);
    assert_eq!(book.web_searches(1), Money::from_micros(10_000));
    assert_eq!(book.web_searches(0), Money::ZERO);
}

#[test]
fn a_name_is_never_guessed_by_its_beginning() {
    let at = "2026-11-22T08:00:00Z";
    for unknown in
        ["claude-opus", "claude-opus-5-6", "claude-opus-5-5-turbo", "claude", "", "<synthetic>", "gpt-5"]
    {
        assert_eq!(prices_of(unknown, at, STANDARD), None, "{unknown}");
    }
    let haiku = prices_of("claude-haiku-4-5", at, STANDARD);
    for spelling in [
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "claude-haiku-4-5@20251001",
        "vertex_ai/claude-haiku-4-5",
    ] {
        assert_eq!(prices_of(spelling, at, STANDARD), haiku, "{spelling}");
    }
}

/// The gathered price lists; says so loudly where they are not at hand.
fn published() -> Option<Value> {
    match std::fs::read_to_string(PUBLISHED) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            eprintln!("NOT CHECKED against the gathered price lists: {PUBLISHED}: {error}");
            None
        }
    }
}

fn models(lists: &Value) -> Vec<Value> {
    lists["models"].as_array().unwrap().clone()
}

#[test]
fn the_book_names_what_the_lists_name() {
    let Some(lists) = published() else { return };
    let book: Value = serde_json::from_str(EMBEDDED).unwrap();
    let names = |lists: &Value| -> BTreeSet<String> {
        let of_model = |model: &Value| {
            let aliases = model["aliases"].as_array().unwrap().clone();
            aliases.into_iter().chain([model["id"].clone()]).map(|name| name.as_str().unwrap().to_owned())
        };
        models(lists).iter().flat_map(of_model).collect()
    };
    assert_eq!(names(&book), names(&lists));
    let version = PriceBook::embedded().unwrap().version().to_owned();
    assert_eq!(lists["as_of"].as_str(), Some(version.as_str()));
    assert_eq!(book["web_search_per_1000"], lists["other_fees"]["web_search_per_1000"]);
}

/// The price by the lists' own notes, without the book.
fn by_the_lists(model: &Value, at: Timestamp, usage: &TokenUsage, conditions: Conditions) -> i64 {
    let holds = |period: &Value| {
        let day = |name: &str| {
            let day = period[name].as_str();
            day.map(|day| Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")).unwrap())
        };
        day("from").is_none_or(|from| from <= at) && day("to").is_none_or(|to| at < to)
    };
    let period = model["prices"].as_array().unwrap().iter().find(|period| holds(period)).unwrap();
    let prompt = usage.input + usage.cache_read + usage.cache_creation;
    let tiers = period["tiers"].as_array().unwrap();
    let applies = |tier: &&Value| prompt > tier["prompt_tokens_above"].as_i64().unwrap();
    let standard = tiers.iter().rfind(applies).unwrap_or(&tiers[0]);
    // What is not told of a fast price follows from its input price, as for the standard one.
    let fast = &model["fast"];
    let fast = (conditions.fast && fast["input"].is_number() && holds(fast)).then_some(fast);
    let told = fast.unwrap_or(standard);
    let exact = |price: &Value| (price.as_f64().unwrap() * 1e6).round() as i64;
    let input = exact(&told["input"]);
    let or = |name: &str, percent: i64| {
        if told[name].is_number() { exact(&told[name]) } else { input * percent / 100 }
    };
    let share = |name: &str, applies: bool| {
        let factor = model[name].as_f64().filter(|_| applies).unwrap_or(1.0);
        (factor * 10.0).round() as i64
    };
    let factor = share("us_inference_multiplier", conditions.us_inference)
        * share("batch_multiplier", conditions.batch);
    let sum = usage.input * input
        + usage.output * exact(&told["output"])
        + usage.cache_read * or("cache_read", 10)
        + usage.cache_creation_5m * or("cache_write_5m", 125)
        + usage.cache_creation_1h * or("cache_write_1h", 200);
    sum * factor / 100
}

fn usages() -> impl Strategy<Value = TokenUsage> {
    (0..90_000i64, 0..50_000i64, select(&[0, 10_001, 100_000][..]), 0..10_000i64, 0..10_000i64).prop_map(
        |(input, output, cache_read, cache_creation_5m, cache_creation_1h)| TokenUsage {
            input,
            output,
            cache_read,
            cache_creation: cache_creation_5m + cache_creation_1h,
            cache_creation_5m,
            cache_creation_1h,
        },
    )
}

/// The days on which prices change, and the moments before.
fn moments() -> impl Strategy<Value = Timestamp> {
    let days =
        select(&["2026-07-24", "2026-08-22", "2026-10-07", "2026-11-22", "2026-11-30", "2027-05-01"][..]);
    let moments = days.prop_map(|day| Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")).unwrap());
    (moments, -1..=1i64).prop_map(|(moment, micros)| moment.plus_micros(micros))
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn the_book_means_what_the_lists_mean(
        usage in usages(), at in moments(), fast: bool, us_inference: bool, batch: bool,
    ) {
        let Some(lists) = published() else { return Ok(()) };
        // Fast and batch never occur together.
        let conditions = Conditions { fast, us_inference, batch: batch && !fast };
        let book = PriceBook::embedded().unwrap();
        for model in models(&lists) {
            let name = model["id"].as_str().unwrap();
            let found = book.price(&canonical_model(name), at, &usage, conditions).map(Money::as_picos);
            prop_assert_eq!(found, Some(by_the_lists(&model, at, &usage, conditions)), "{} {:?}", name, conditions);
        }
    }
}
