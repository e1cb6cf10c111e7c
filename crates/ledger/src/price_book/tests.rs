//! Prices against the published lists, worked out by hand.

use super::*;

fn usage(input: i64, output: i64, cache_read: i64, five_minutes: i64, one_hour: i64) -> TokenUsage {
    TokenUsage {
        input,
        output,
        cache_read,
        cache_creation: five_minutes + one_hour,
        cache_creation_5m: five_minutes,
        cache_creation_1h: one_hour,
    }
}

fn noon(date: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("{date}T12:00:00Z")).unwrap()
}

fn micros_in(
    book: &PriceBook,
    model: &str,
    date: &str,
    usage: &TokenUsage,
    conditions: Conditions,
) -> Option<i64> {
    let price = book.price(&canonical_model(model), noon(date), usage, conditions)?;
    Some(Money::to_micros(price.as_picos().into()))
}

fn micros(model: &str, date: &str, usage: &TokenUsage, conditions: Conditions) -> Option<i64> {
    micros_in(&PriceBook::embedded().unwrap(), model, date, usage, conditions)
}

fn own(toml_like: serde_json::Value) -> OwnPrice {
    serde_json::from_value(toml_like).unwrap()
}

fn book_with(own_prices: &[OwnPrice]) -> PriceBook {
    PriceBook::embedded().unwrap().with_own(own_prices).unwrap()
}

const PLAIN: Conditions = Conditions { fast: false, us_inference: false, batch: false };
const FAST: Conditions = Conditions { fast: true, ..PLAIN };

#[test]
fn the_published_example_row_comes_out() {
    // 100,000 in, 35,000 out, 10,000 read, 5,000 written on Opus 5: 0.5 + 0.875 + 0.005 + 0.03125.
    let usage = usage(100_000, 35_000, 10_000, 5_000, 0);
    assert_eq!(micros("claude-opus-5", "2026-08-01", &usage, PLAIN), Some(1_411_250));
}

#[test]
fn prices_change_with_the_date() {
    let reads = usage(0, 0, 1_000_000, 0, 0);
    assert_eq!(micros("claude-sonnet-5-5", "2026-10-06", &reads, PLAIN), Some(200_000));
    assert_eq!(micros("claude-sonnet-5-5", "2026-10-07", &reads, PLAIN), Some(100_000));
}

#[test]
fn the_prompt_size_picks_the_tier_for_the_whole_request() {
    let small = usage(50_000, 1_000, 50_000, 0, 0);
    let large = usage(50_001, 1_000, 50_000, 0, 0);
    assert_eq!(micros("claude-haiku-5-5", "2026-11-01", &small, PLAIN), Some(6_000));
    // 50,001 x 0.5 + 1,000 x 2.5 + 50,000 x 0.05 micro-dollars, half up.
    assert_eq!(micros("claude-haiku-5-5", "2026-11-01", &large, PLAIN), Some(30_001));
}

#[test]
fn conditions_multiply() {
    let usage = usage(1_000_000, 0, 0, 0, 1_000_000);
    let us = Conditions { us_inference: true, ..PLAIN };
    let batch = Conditions { batch: true, ..PLAIN };
    assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, PLAIN), Some(12_000_000));
    assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, us), Some(13_200_000));
    assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, FAST), Some(24_000_000));
    assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, batch), Some(6_000_000));
    // Opus 4.7 lost its fast mode; Sonnet 4.5 never had US inference to choose.
    assert_eq!(micros("claude-opus-4-7", "2026-11-01", &usage, FAST), Some(15_000_000));
    assert_eq!(micros("claude-sonnet-4-5", "2026-11-01", &usage, us), Some(9_000_000));
}

#[test]
fn an_unknown_model_has_no_price() {
    let usage = usage(1, 1, 1, 1, 1);
    assert_eq!(micros("claude-unheard-9-9-20990101", "2026-11-01", &usage, PLAIN), None);
    assert_eq!(micros("claude-opus-5-6", "2026-11-01", &usage, PLAIN), None);
}

#[test]
fn a_damaged_book_is_refused() {
    let with = |old: &str, new: &str| PriceBook::from_json(&EMBEDDED.replacen(old, new, 1)).unwrap_err();
    assert!(matches!(PriceBook::from_json("{}"), Err(PriceBookError::Unreadable(_))));
    assert!(matches!(with("\"input\": 8,", "\"input\": 8.00000001,"), PriceBookError::Inexact { .. }));
    assert!(matches!(with("2026-11-22", "lately"), PriceBookError::BadDate(_)));
    assert!(matches!(with("claude-fable-5-1", "claude-fable-5-2"), PriceBookError::Twice(_)));
}

#[test]
fn a_quote_shows_its_products() {
    let book = PriceBook::embedded().unwrap();
    // 90,000 + 20,000 + 1,000 are more than 100,000: the dearer tier, 0.5 / 2.5 / 0.05 / 0.625 / 1 a million.
    let usage = TokenUsage { cache_creation: 1_500, ..usage(90_000, 2_000, 20_000, 0, 1_000) };
    let quote = book.quote(&canonical_model("claude-haiku-5-5"), noon("2026-11-01"), &usage, PLAIN).unwrap();
    assert_eq!(quote.tier.above_prompt_tokens, 100_000);
    let products = quote.products().map(|product| (product.kind, product.tokens, product.picos_per_token));
    assert_eq!(
        products,
        [
            ("input", 90_000, 500_000),
            ("output", 2_000, 2_500_000),
            ("cache_read", 20_000, 50_000),
            // The 500 of which no lifetime is told.
            ("cache_write_5m", 500, 625_000),
            ("cache_write_1h", 1_000, 1_000_000),
        ]
    );
    assert_eq!(Money::to_micros(quote.total().as_picos().into()), 45_000 + 5_000 + 1_000 + 313 + 1_000);
}

#[test]
fn the_embedded_book_is_in_order() {
    let findings = PriceBook::embedded().unwrap().findings();
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn odd_books_are_told() {
    let book = |old: &str, new: &str| PriceBook::from_json(&EMBEDDED.replacen(old, new, 1)).unwrap();
    let gap = book("\"from\": \"2026-10-07\"", "\"from\": \"2026-10-09\"");
    assert_eq!(
        gap.findings(),
        [Finding {
            model: "claude-sonnet-5-5".into(),
            problem: "some days between two prices have none".into()
        }]
    );
    let both = book("\"from\": \"2026-10-07\"", "\"from\": \"2026-10-01\"");
    assert_eq!(both.findings()[0].problem, "two prices hold on the same day");
    let dear_reads = book("\"cache_read\": 0.2 }", "\"cache_read\": 9 }");
    assert_eq!(dear_reads.findings()[0].problem, "reading from the cache costs more than input");
}

#[test]
fn a_newer_book_says_what_it_changes() {
    let old = PriceBook::embedded().unwrap();
    let json = EMBEDDED.replacen("claude-fable-5-2", "claude-fable-6", 1).replacen(
        "\"input\": 10,",
        "\"input\": 9,",
        1,
    );
    let new = PriceBook::from_json(&json).unwrap();
    assert_eq!(
        new.changes_since(&old),
        [
            Change::Changed("claude-fable-5-1".into()),
            Change::Added("claude-fable-6".into()),
            Change::Gone("claude-fable-5-2".into()),
        ]
    );
    assert!(old.changes_since(&old).is_empty());
}

#[test]
fn an_own_price_holds_on_its_days_and_for_its_kinds_of_tokens() {
    let agreed = own(serde_json::json!({
        "model": "us.anthropic.claude-opus-5-5", "from": "2026-11-01", "to": "2026-12-01", "input": 3.5
    }));
    let book = book_with(&[agreed]);
    let usage = usage(1_000_000, 1_000_000, 0, 0, 0);
    let on = |date| micros_in(&book, "claude-opus-5-5", date, &usage, PLAIN);
    assert_eq!(on("2026-10-31"), Some(24_000_000));
    assert_eq!(on("2026-11-01"), Some(23_500_000));
    assert_eq!(on("2026-11-30"), Some(23_500_000));
    assert_eq!(on("2026-12-01"), Some(24_000_000));
    // Fast mode has prices of its own.
    assert_eq!(micros_in(&book, "claude-opus-5-5", "2026-11-02", &usage, FAST), Some(48_000_000));
}

#[test]
fn discounts_apply_to_everything_and_on_top() {
    let book = book_with(&[
        own(serde_json::json!({ "model": "claude-opus-5-5", "output": 10.0 })),
        own(serde_json::json!({ "model": "*", "from": "2026-11-01", "discount_percent": 12.5 })),
    ]);
    let usage = usage(1_000_000, 1_000_000, 0, 0, 0);
    let on = |model, date, conditions| micros_in(&book, model, date, &usage, conditions);
    assert_eq!(on("claude-opus-5-5", "2026-10-31", PLAIN), Some(14_000_000));
    assert_eq!(on("claude-opus-5-5", "2026-11-01", PLAIN), Some(12_250_000));
    assert_eq!(on("claude-opus-5-5", "2026-11-01", FAST), Some(42_000_000));
    assert_eq!(on("claude-haiku-4-5", "2026-11-01", PLAIN), Some(5_250_000));
    assert_eq!(on("claude-haiku-4-5", "2026-10-31", PLAIN), Some(6_000_000));
}

#[test]
fn own_prices_can_add_a_model() {
    let all = serde_json::json!({
        "model": "claude-inhouse-1", "input": 1, "output": 2, "cache_read": 0.1, "cache_write_5m": 1.25,
        "cache_write_1h": 2
    });
    let book = book_with(&[own(all.clone())]);
    assert_eq!(
        micros_in(&book, "claude-inhouse-1", "2026-11-01", &usage(10, 10, 10, 4, 1), PLAIN),
        Some(10 + 20 + 1 + 5 + 2)
    );
    let mut part = all;
    part.as_object_mut().unwrap().remove("cache_read");
    let refused = PriceBook::embedded().unwrap().with_own(&[own(part)]).unwrap_err();
    assert!(matches!(refused, PriceBookError::Incomplete(_)));
}

#[test]
fn own_prices_that_cannot_be_meant_are_refused() {
    for (price, expected) in [
        (serde_json::json!({ "model": "*" }), "it has neither prices nor a discount"),
        (serde_json::json!({ "model": "*", "discount_percent": 101 }), "0 to 100 percent"),
        (
            serde_json::json!({ "model": "*", "discount_percent": 1, "from": "2026-11-02", "to": "2026-11-02" }),
            "ends before it begins",
        ),
        (serde_json::json!({ "model": "claude-opus-5-5", "input": -1 }), "cannot be kept exactly"),
        (
            serde_json::json!({ "model": "claude-opus-5-5", "input": 0.000_001, "discount_percent": 10 }),
            "cannot be kept exactly",
        ),
    ] {
        let error = PriceBook::embedded().unwrap().with_own(&[own(price)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(serde_json::from_value::<OwnPrice>(serde_json::json!({ "modle": "*" })).is_err());
}

#[test]
fn the_version_changes_with_own_prices() {
    let version = |own_prices: &[OwnPrice]| book_with(own_prices).version().to_owned();
    let ten = own(serde_json::json!({ "model": "*", "discount_percent": 10 }));
    let twelve = own(serde_json::json!({ "model": "*", "discount_percent": 12 }));
    assert_eq!(version(&[]), "2026-11-22");
    let with_ten = version(std::slice::from_ref(&ten));
    assert!(with_ten.starts_with("2026-11-22+own.") && with_ten.len() == "2026-11-22+own.".len() + 8);
    assert_eq!(with_ten, version(&[ten]));
    assert_ne!(with_ten, version(&[twelve]));
}

#[test]
fn spans_with_other_prices_than_now_are_known() {
    let book = book_with(&[own(serde_json::json!({
        "model": "claude-opus-5", "from": "2026-11-01", "to": "2026-11-10", "input": 4
    }))]);
    let now = noon("2026-11-22");
    let midnight = |date: &str| Timestamp::parse_rfc3339(&format!("{date}T00:00:00Z")).unwrap();
    let spans = |model: &str| book.spans_priced_otherwise(&canonical_model(model), now);
    assert_eq!(spans("claude-sonnet-5-5"), [(Timestamp::MIN, midnight("2026-10-07"))]);
    assert_eq!(spans("claude-opus-5"), [(midnight("2026-11-01"), midnight("2026-11-10"))]);
    assert_eq!(spans("claude-opus-5-5"), []);
    assert_eq!(spans("claude-unheard-9"), []);
    // Fast mode of Opus 4.8 ends on 2026-11-30: from then on, the time before is priced otherwise.
    let later = book.spans_priced_otherwise(&canonical_model("claude-opus-4-8"), noon("2026-12-24"));
    assert_eq!(later, [(Timestamp::MIN, midnight("2026-11-30"))]);
}

#[test]
fn rates_are_those_that_requests_are_priced_with() {
    let book = PriceBook::embedded().unwrap();
    let at = noon("2026-11-01");
    let opus = canonical_model("claude-opus-5-5");
    let rates = book.rates(&opus, at, false).unwrap();
    let one_of_each = TokenUsage { cache_creation: 2, ..usage(1, 1, 1, 1, 1) };
    let price = book.price(&opus, at, &one_of_each, Conditions::default()).unwrap().as_picos();
    let sum = rates.input + rates.output + rates.cache_read + rates.cache_write_5m + rates.cache_write_1h;
    assert_eq!(sum, price);
    assert_eq!(book.rates(&opus, at, true).unwrap().input, 2 * rates.input);
    assert_eq!(book.rates(&canonical_model("claude-opus-5-6"), at, false), None);
}
