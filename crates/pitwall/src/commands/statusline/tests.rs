//! Lines from what is known.

use report::blocks::{BurnRate, Projection};
use report::figures::{Cost, Tokens};
use report::status_line::{RunningBlock, Spent};

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn spent(micros: i64, tokens: i64) -> Spent {
    let cost_micros = Cost { settled: micros, ..Cost::default() };
    Spent { requests: 7, tokens: Tokens { input: tokens, ..Tokens::default() }, cost_micros }
}

fn figures() -> StatusLine {
    let block = RunningBlock {
        ends_at: at("2026-11-20T20:00:00Z").to_jiff(),
        spent: spent(2_340_000, 1_234_567),
        burn_rate: Some(BurnRate {
            tokens_per_minute: 12_345,
            uncached_tokens_per_minute: 100,
            cost_micros_per_hour: 1_500_000,
        }),
        projection: Some(Projection { tokens: 9, cost_micros: 5_000_000, remaining_minutes: 130 }),
    };
    StatusLine {
        now: at("2026-11-20T17:50:00Z").to_jiff(),
        today: spent(4_560_000, 2_000_000),
        block: Some(block),
        session: Some(spent(1_230_000, 500)),
    }
}

fn fill(input: &str, figures: Option<StatusLine>, format: &str) -> String {
    let input = Input::parse(input);
    let line = Line { input: &input, figures, now: at("2026-11-20T17:50:00Z"), cost: CostArg::Settled };
    line.fill(&Template::parse(format).unwrap())
}

const TOLD: &str = r#"{"model":{"display_name":"Opus 5.5"},"cost":{"total_cost_usd":1.5},"cwd":"/work/shop/",
    "context_window":{"used_percentage":42},
    "rate_limits":{"five_hour":{"used_percentage":23.4,"resets_at":1795200000},"seven_day":{"used_percentage":5}}}"#;

#[test]
fn the_default_line_shows_everything_known() {
    assert_eq!(
        fill(TOLD, Some(figures()), DEFAULT_FORMAT),
        "Opus 5.5 · $1.50 session · $4.56 today · $2.34 block, 2h 10m left · $1.50/h · 42% context · 5h 23% · 7d 5%"
    );
    assert_eq!(fill(TOLD, None, DEFAULT_FORMAT), "Opus 5.5 · $1.50 session · 42% context · 5h 23% · 7d 5%");
    assert_eq!(
        fill("", Some(figures()), DEFAULT_FORMAT),
        "$1.23 session · $4.56 today · $2.34 block, 2h 10m left · $1.50/h"
    );
    assert_eq!(fill("", None, DEFAULT_FORMAT), "");
}

#[test]
fn every_field_has_a_text() {
    let all = r#"{"model":{"id":"m"},"workspace":{"project_dir":"/work/shop"},
        "cost":{"total_cost_usd":0,"total_duration_ms":3720000,"total_lines_added":1500,"total_lines_removed":2},
        "context_window":{"context_window_size":1000,"current_usage":{"input_tokens":100}},
        "rate_limits":{"five_hour":{"used_percentage":1,"resets_at":1795200000},
                       "seven_day":{"used_percentage":2,"resets_at":1795400000}}}"#;
    let text = |name: &str| fill(all, Some(figures()), &format!("{{{name}}}"));
    for (name, _) in FIELDS {
        assert_ne!(text(name), "", "{name}");
    }
    // 1795200000 is 2026-11-20T18:40:00Z.
    let expected = [
        ("project", "shop"),
        ("session_time", "1h 02m"),
        ("lines", "+1.5k -2"),
        ("block_tokens", "1.2M"),
        ("block_projection", "$5.00"),
        ("burn_tokens", "12.3k"),
        ("context", "10%"),
        ("limit_5h_left", "50m"),
        ("limit_7d_left", "2d 8h"),
    ];
    for (name, expected) in expected {
        assert_eq!(text(name), expected, "{name}");
    }
}

#[test]
fn the_default_format_has_known_fields_only() {
    let template = Template::parse(DEFAULT_FORMAT).unwrap();
    assert!(template.fields().all(|name| FIELDS.iter().any(|(known, _)| *known == name)));
}

#[test]
fn the_documentation_has_the_format_and_the_fields() {
    const PAGE: &str = include_str!("../../../../../docs/statusline.md");
    assert!(PAGE.contains(&format!("\n{DEFAULT_FORMAT}\n")), "docs/statusline.md has another format");
    for (name, meaning) in FIELDS {
        assert!(PAGE.contains(&format!("| `{name}` | {meaning} |")), "docs/statusline.md lacks {name}");
    }
}
