//! What `ccusage daily --json` and `ccusage claude daily --json` print, as rows to compare with.

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use model::Money;
use report::explain::against::{ForeignReport, ForeignRow, Side};
use serde::Deserialize;
use serde_json::Value;

/// What it puts after the name of a model whose requests ran in fast mode.
const FAST: &str = "-fast";

/// A model of a day.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Breakdown {
    model_name: String,
    #[serde(default)]
    input_tokens: i64,
    #[serde(default)]
    output_tokens: i64,
    #[serde(default)]
    cache_creation_tokens: i64,
    #[serde(default)]
    cache_read_tokens: i64,
    #[serde(default)]
    cost: f64,
    #[serde(default)]
    missing_pricing: bool,
}

/// Reads the days: from `daily`, or with `--instances` from every list in `projects`.
pub(super) fn parse(text: &str) -> Result<ForeignReport> {
    let report: Value = serde_json::from_str(text)?;
    let projects = report.get("projects").and_then(Value::as_object);
    let days: Vec<&Value> = match (report.get("daily").and_then(Value::as_array), projects) {
        (Some(days), _) => days.iter().collect(),
        (None, Some(projects)) => projects.values().filter_map(Value::as_array).flatten().collect(),
        (None, None) => Vec::new(),
    };
    ensure!(
        report.get("daily").is_some() || projects.is_some(),
        "it has no list of days: give it the output of `ccusage daily --json`"
    );
    let mut rows = Vec::new();
    for day in days {
        let date = day.get("date").or_else(|| day.get("period")).and_then(Value::as_str);
        let date: Date =
            date.context("a row has no date")?.parse().context("a row has a date that is none")?;
        let breakdowns = day.get("modelBreakdowns").cloned().context("a row has no models")?;
        for model in serde_json::from_value::<Vec<Breakdown>>(breakdowns)? {
            rows.push(row(date, model));
        }
    }
    Ok(ForeignReport { rows })
}

fn row(date: Date, model: Breakdown) -> ForeignRow {
    let cost = Money::from_dollars(model.cost).unwrap_or_default();
    ForeignRow {
        date,
        model: model.model_name.strip_suffix(FAST).map(str::to_owned).unwrap_or(model.model_name),
        side: Side {
            input: model.input_tokens,
            output: model.output_tokens,
            cache_read: model.cache_read_tokens,
            cache_creation: model.cache_creation_tokens,
            cost_micros: Money::to_micros(cost.as_picos().into()),
        },
        unpriced: model.missing_pricing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKDOWN: &str = r#"{"cacheCreationTokens":2000,"cacheReadTokens":1000,"cost":0.04675000000000001,
        "inputTokens":1000,"modelName":"claude-opus-4-5-20251101","outputTokens":70,"missingPricing":true}"#;

    #[test]
    fn every_way_of_printing_days_is_read() {
        let day = |name: &str| format!(r#"{{"{name}":"2026-11-22","modelBreakdowns":[{BREAKDOWN}]}}"#);
        for text in [
            format!(r#"{{"daily":[{}],"totals":{{}}}}"#, day("period")),
            format!(r#"{{"daily":[{}]}}"#, day("date")),
            format!(r#"{{"projects":{{"-work-shop":[{}]}}}}"#, day("date")),
        ] {
            let report = parse(&text).unwrap();
            let side = Side {
                input: 1_000,
                output: 70,
                cache_read: 1_000,
                cache_creation: 2_000,
                cost_micros: 46_750,
            };
            let model = "claude-opus-4-5-20251101".to_owned();
            let date = "2026-11-22".parse().unwrap();
            assert_eq!(report.rows, [ForeignRow { date, model, side, unpriced: true }], "{text}");
        }
    }

    #[test]
    fn fast_mode_is_no_model_of_its_own() {
        let text = format!(r#"{{"daily":[{{"date":"2026-11-22","modelBreakdowns":[{BREAKDOWN}]}}]}}"#);
        let report = parse(&text.replace("-20251101", "-fast")).unwrap();
        assert_eq!(report.rows[0].model, "claude-opus-4-5");
    }

    #[test]
    fn other_output_is_refused() {
        for text in [
            "",
            "{}",
            r#"{"sessions":[]}"#,
            r#"{"daily":[{"date":"2026-11-22"}]}"#,
            r#"{"daily":[{"date":"soon","modelBreakdowns":[]}]}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(r#"{"daily":[]}"#).unwrap().rows.is_empty());
    }
}
