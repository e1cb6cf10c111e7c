//! What tokens cost, by published prices.
//!
//! The book is data with validity dates (`price-book.json`, from Anthropic's published price lists).
//! Prices are looked up by exact canonical id: a model that is not in the book has no price, rather than
//! a guessed one.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{CanonicalModel, Money, Timestamp, TokenUsage, canonical_model};
use serde::Deserialize;
use thiserror::Error;

const EMBEDDED: &str = include_str!("../price-book.json");

/// Why a price book could not be read.
#[derive(Debug, Error)]
pub enum PriceBookError {
    /// Not the expected JSON.
    #[error("the price book is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A price that is negative, not a number, or has more than six decimals per million tokens.
    #[error("the price book has a price that cannot be kept exactly: {model}: {price}")]
    Inexact {
        /// The model's id.
        model: String,
        /// The price, in dollars per million tokens.
        price: f64,
    },
    /// A date that is not `YYYY-MM-DD`.
    #[error("the price book has a date that is none: {0}")]
    BadDate(String),
}

/// What else a request's price depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Fast mode; without a fast price on that day the model ran, and is billed, at standard speed.
    pub fast: bool,
    /// Inference confined to the US.
    pub us_inference: bool,
    /// Sent as part of a batch.
    pub batch: bool,
}

/// Prices by model and date.
#[derive(Clone, Debug)]
pub struct PriceBook {
    version: String,
    web_search: Money,
    models: HashMap<CanonicalModel, ModelPrices>,
}

#[derive(Clone, Debug)]
struct ModelPrices {
    standard: Vec<Period>,
    fast: Option<Period>,
    us_inference: Factor,
    batch: Factor,
}

/// A price period: from its first day (UTC) to the day before `until`.
#[derive(Clone, Debug)]
struct Period {
    from: Timestamp,
    until: Timestamp,
    tiers: Vec<Tier>,
}

/// Picodollars per token, for prompts above a size.
#[derive(Clone, Copy, Debug)]
struct Tier {
    above_prompt_tokens: i64,
    input: i64,
    output: i64,
    cache_read: i64,
    cache_write_5m: i64,
    cache_write_1h: i64,
}

/// A multiplier in thousandths.
#[derive(Clone, Copy, Debug)]
struct Factor(i64);

impl Factor {
    const ONE: Factor = Factor(1_000);

    fn from_number(number: Option<f64>) -> Self {
        number.map_or(Self::ONE, |number| Self((number * 1_000.0).round() as i64))
    }

    const fn apply(self, price: i64) -> i64 {
        price * self.0 / 1_000
    }
}

impl PriceBook {
    /// The book that ships with the program.
    pub fn embedded() -> Result<Self, PriceBookError> {
        Self::from_json(EMBEDDED)
    }

    /// Reads a book in the shape of the embedded one.
    pub fn from_json(json: &str) -> Result<Self, PriceBookError> {
        let file: BookFile = serde_json::from_str(json)?;
        let mut models = HashMap::new();
        for entry in file.models {
            let prices = entry.prices()?;
            for name in entry.aliases.iter().chain([&entry.id]) {
                models.insert(canonical_model(name), prices.clone());
            }
        }
        let per_search = file.web_search_per_1000 / 1_000.0;
        let web_search = Money::from_dollars(per_search)
            .ok_or(PriceBookError::Inexact { model: "web search".into(), price: per_search })?;
        Ok(Self { version: file.as_of, web_search, models })
    }

    /// The day the prices were gathered; names the book in reports.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the book knows the model at all.
    pub fn knows(&self, model: &CanonicalModel) -> bool {
        self.models.contains_key(model)
    }

    /// The price of web searches made for a request.
    pub const fn web_searches(&self, searches: i64) -> Money {
        Money::from_picos(self.web_search.as_picos().saturating_mul(searches))
    }

    /// The price of one request's tokens on the day it was made; `None` when the model is not in the book.
    ///
    /// Cache writes whose lifetime is not told are taken as five-minute ones, the client's default.
    pub fn price(
        &self,
        model: &CanonicalModel,
        at: Timestamp,
        usage: &TokenUsage,
        conditions: Conditions,
    ) -> Option<Money> {
        let prices = self.models.get(model)?;
        let period = prices.period(at, conditions.fast)?;
        let prompt = usage.prompt();
        let tier = period.tiers.iter().rev().find(|tier| prompt > tier.above_prompt_tokens);
        let tier = tier.or(period.tiers.first())?;
        let scaled = |price| {
            let price = if conditions.us_inference { prices.us_inference.apply(price) } else { price };
            if conditions.batch { prices.batch.apply(price) } else { price }
        };
        Some(tier.price(usage, scaled))
    }

    /// The price of the tokens of an unknown number of requests; `None` when the model is not in the book.
    ///
    /// What tier each request fell into cannot be told from their sum. It is taken to be the one that
    /// comes nearest to what the client `reported`; without that, the one for small prompts.
    pub fn price_of_several(
        &self,
        model: &CanonicalModel,
        at: Timestamp,
        usage: &TokenUsage,
        reported: Option<Money>,
    ) -> Option<Money> {
        let period = self.models.get(model)?.period(at, false)?;
        let mut prices = period.tiers.iter().map(|tier| tier.price(usage, |price| price));
        match reported {
            Some(reported) => prices.min_by_key(|price| price.minus(reported).as_picos().abs_diff(0)),
            None => prices.next(),
        }
    }
}

impl ModelPrices {
    /// The prices of a moment; those of the first period where the book does not reach back.
    fn period(&self, at: Timestamp, fast: bool) -> Option<&Period> {
        let holds = |period: &&Period| period.from <= at && at < period.until;
        let fast = self.fast.as_ref().filter(|_| fast).filter(holds);
        fast.or_else(|| self.standard.iter().find(holds)).or(self.standard.first())
    }
}

impl Tier {
    /// Tokens times prices, after each price went through `scaled`.
    fn price(&self, usage: &TokenUsage, scaled: impl Fn(i64) -> i64) -> Money {
        let told = usage.cache_creation_5m.saturating_add(usage.cache_creation_1h);
        let untold = usage.cache_creation.saturating_sub(told).max(0);
        let products = [
            (usage.input, self.input),
            (usage.output, self.output),
            (usage.cache_read, self.cache_read),
            (usage.cache_creation_5m.saturating_add(untold), self.cache_write_5m),
            (usage.cache_creation_1h, self.cache_write_1h),
        ];
        let picos = products.iter().map(|(tokens, price)| i128::from(*tokens) * i128::from(scaled(*price)));
        let picos = picos.sum::<i128>().clamp(0, i128::from(i64::MAX));
        Money::from_picos(picos as i64)
    }
}

#[derive(Deserialize)]
struct BookFile {
    as_of: String,
    web_search_per_1000: f64,
    models: Vec<ModelEntry>,
}

#[derive(Deserialize)]
struct ModelEntry {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    us_inference_multiplier: Option<f64>,
    batch_multiplier: Option<f64>,
    prices: Vec<PeriodEntry>,
    fast: Option<FastEntry>,
}

#[derive(Deserialize)]
struct PeriodEntry {
    from: Option<String>,
    to: Option<String>,
    tiers: Vec<TierEntry>,
}

#[derive(Deserialize)]
struct FastEntry {
    from: Option<String>,
    to: Option<String>,
    #[serde(flatten)]
    tier: TierEntry,
}

#[derive(Deserialize)]
struct TierEntry {
    #[serde(default)]
    prompt_tokens_above: i64,
    input: f64,
    output: f64,
    cache_write_5m: f64,
    cache_write_1h: f64,
    cache_read: f64,
}

impl ModelEntry {
    fn prices(&self) -> Result<ModelPrices, PriceBookError> {
        let period = |from: &Option<String>, to: &Option<String>, tiers: &[&TierEntry]| {
            let mut tiers = tiers.iter().map(|tier| tier.exact(&self.id)).collect::<Result<Vec<_>, _>>()?;
            tiers.sort_by_key(|tier| tier.above_prompt_tokens);
            let from = from.as_deref().map_or(Ok(Timestamp::MIN), start_of)?;
            let until = to.as_deref().map_or(Ok(Timestamp::MAX), start_of)?;
            Ok(Period { from, until, tiers })
        };
        let standard = self
            .prices
            .iter()
            .map(|entry| period(&entry.from, &entry.to, &entry.tiers.iter().collect::<Vec<_>>()))
            .collect::<Result<_, PriceBookError>>()?;
        let fast = self.fast.as_ref().map(|fast| period(&fast.from, &fast.to, &[&fast.tier])).transpose()?;
        Ok(ModelPrices {
            standard,
            fast,
            us_inference: Factor::from_number(self.us_inference_multiplier),
            batch: Factor::from_number(self.batch_multiplier),
        })
    }
}

impl TierEntry {
    fn exact(&self, model: &str) -> Result<Tier, PriceBookError> {
        let exact = |price: f64| picos_per_token(model, price);
        Ok(Tier {
            above_prompt_tokens: self.prompt_tokens_above,
            input: exact(self.input)?,
            output: exact(self.output)?,
            cache_read: exact(self.cache_read)?,
            cache_write_5m: exact(self.cache_write_5m)?,
            cache_write_1h: exact(self.cache_write_1h)?,
        })
    }
}

/// Dollars per million tokens are picodollars per token, times a million.
fn picos_per_token(model: &str, price: f64) -> Result<i64, PriceBookError> {
    let picos = (price * 1_000_000.0).round();
    let is_exact = (picos / 1_000_000.0 - price).abs() < 1e-9;
    if is_exact && (0.0..1e15).contains(&picos) {
        Ok(picos as i64)
    } else {
        Err(PriceBookError::Inexact { model: model.to_owned(), price })
    }
}

fn start_of(date: &str) -> Result<Timestamp, PriceBookError> {
    let parsed: Date = date.parse().map_err(|_| PriceBookError::BadDate(date.to_owned()))?;
    let midnight = parsed.to_zoned(TimeZone::UTC).map_err(|_| PriceBookError::BadDate(date.to_owned()))?;
    Ok(midnight.timestamp().into())
}

#[cfg(test)]
mod tests {
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

    fn micros(model: &str, date: &str, usage: &TokenUsage, conditions: Conditions) -> Option<i64> {
        let book = PriceBook::embedded().unwrap();
        let at = Timestamp::parse_rfc3339(&format!("{date}T12:00:00Z")).unwrap();
        let price = book.price(&canonical_model(model), at, usage, conditions)?;
        Some(Money::to_micros(price.as_picos().into()))
    }

    #[test]
    fn the_published_example_row_comes_out() {
        // 100,000 in, 35,000 out, 10,000 read, 5,000 written on Opus 5: 0.5 + 0.875 + 0.005 + 0.03125.
        let usage = usage(100_000, 35_000, 10_000, 5_000, 0);
        assert_eq!(micros("claude-opus-5", "2026-08-01", &usage, Conditions::default()), Some(1_411_250));
    }

    #[test]
    fn prices_change_with_the_date() {
        let reads = usage(0, 0, 1_000_000, 0, 0);
        assert_eq!(micros("claude-sonnet-5-5", "2026-10-06", &reads, Conditions::default()), Some(200_000));
        assert_eq!(micros("claude-sonnet-5-5", "2026-10-07", &reads, Conditions::default()), Some(100_000));
    }

    #[test]
    fn the_prompt_size_picks_the_tier_for_the_whole_request() {
        let small = usage(50_000, 1_000, 50_000, 0, 0);
        let large = usage(50_001, 1_000, 50_000, 0, 0);
        assert_eq!(micros("claude-haiku-5-5", "2026-11-01", &small, Conditions::default()), Some(6_000));
        // 50,001 x 0.5 + 1,000 x 2.5 + 50,000 x 0.05 micro-dollars, half up.
        assert_eq!(micros("claude-haiku-5-5", "2026-11-01", &large, Conditions::default()), Some(30_001));
    }

    #[test]
    fn conditions_multiply() {
        let usage = usage(1_000_000, 0, 0, 0, 1_000_000);
        let us = Conditions { us_inference: true, ..Conditions::default() };
        let fast = Conditions { fast: true, ..Conditions::default() };
        let batch = Conditions { batch: true, ..Conditions::default() };
        assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, Conditions::default()), Some(12_000_000));
        assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, us), Some(13_200_000));
        assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, fast), Some(24_000_000));
        assert_eq!(micros("claude-opus-5-5", "2026-11-01", &usage, batch), Some(6_000_000));
        // Opus 4.7 lost its fast mode; Sonnet 4.5 never had US inference to choose.
        assert_eq!(micros("claude-opus-4-7", "2026-11-01", &usage, fast), Some(15_000_000));
        assert_eq!(micros("claude-sonnet-4-5", "2026-11-01", &usage, us), Some(9_000_000));
    }

    #[test]
    fn an_unknown_model_has_no_price() {
        let usage = usage(1, 1, 1, 1, 1);
        assert_eq!(micros("claude-unheard-9-9-20990101", "2026-11-01", &usage, Conditions::default()), None);
        assert_eq!(micros("claude-opus-5-6", "2026-11-01", &usage, Conditions::default()), None);
    }

    #[test]
    fn a_damaged_book_is_refused() {
        assert!(matches!(PriceBook::from_json("{}"), Err(PriceBookError::Unreadable(_))));
        let inexact = EMBEDDED.replacen("\"input\": 8,", "\"input\": 8.00000001,", 1);
        assert!(matches!(PriceBook::from_json(&inexact), Err(PriceBookError::Inexact { .. })));
    }
}
