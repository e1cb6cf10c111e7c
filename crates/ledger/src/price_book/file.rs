//! The book as a file.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Money, Timestamp, canonical_model};
use serde::Deserialize;

use super::{Factor, ModelPrices, Period, PriceBook, PriceBookError, Tier};

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

impl PriceBook {
    /// Reads a book in the shape of the embedded one. Fields that are not known are passed over.
    ///
    /// # Errors
    /// [`PriceBookError`] says what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, PriceBookError> {
        let file: BookFile = serde_json::from_str(json)?;
        let as_of = date_of(&file.as_of)?;
        let mut models = Vec::with_capacity(file.models.len());
        let mut places = HashMap::new();
        for entry in file.models {
            for name in entry.aliases.iter().chain([&entry.id]) {
                let other = places.insert(canonical_model(name), models.len());
                if other.is_some_and(|other| other != models.len()) {
                    return Err(PriceBookError::Twice(name.clone()));
                }
            }
            models.push(entry.prices()?);
        }
        let per_search = file.web_search_per_1000 / 1_000.0;
        let web_search = Money::from_dollars(per_search)
            .ok_or(PriceBookError::Inexact { model: "web search".into(), price: per_search })?;
        Ok(Self { as_of, own: String::new(), version: as_of.to_string(), web_search, models, places })
    }
}

impl ModelEntry {
    fn prices(self) -> Result<ModelPrices, PriceBookError> {
        let standard = self.prices.iter().map(|entry| self.period(&entry.from, &entry.to, &entry.tiers));
        let mut standard = standard.collect::<Result<Vec<_>, _>>()?;
        standard.sort_by_key(|period| period.from);
        if standard.is_empty() {
            return Err(PriceBookError::NoPrice(self.id));
        }
        let fast = self.fast.as_ref();
        let fast = fast.map(|fast| self.period(&fast.from, &fast.to, std::slice::from_ref(&fast.tier)));
        let fast = fast.transpose()?.into_iter().collect();
        Ok(ModelPrices {
            us_inference: Factor::from_number(self.us_inference_multiplier),
            batch: Factor::from_number(self.batch_multiplier),
            id: self.id,
            aliases: self.aliases,
            standard,
            fast,
        })
    }

    fn period(
        &self,
        from: &Option<String>,
        to: &Option<String>,
        tiers: &[TierEntry],
    ) -> Result<Period, PriceBookError> {
        let mut tiers = tiers.iter().map(|tier| tier.exact(&self.id)).collect::<Result<Vec<_>, _>>()?;
        tiers.sort_by_key(|tier| tier.above_prompt_tokens);
        if tiers.is_empty() {
            return Err(PriceBookError::NoPrice(self.id.clone()));
        }
        let start = |date: &str| date_of(date).map(start_of);
        let from = from.as_deref().map_or(Ok(Timestamp::MIN), start)?;
        let until = to.as_deref().map_or(Ok(Timestamp::MAX), start)?;
        Ok(Period { from, until, tiers, own: false })
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
pub(super) fn picos_per_token(model: &str, price: f64) -> Result<i64, PriceBookError> {
    let picos = (price * 1_000_000.0).round();
    let is_exact = (picos / 1_000_000.0 - price).abs() < 1e-9;
    if is_exact && (0.0..1e15).contains(&picos) {
        Ok(picos as i64)
    } else {
        Err(PriceBookError::Inexact { model: model.to_owned(), price })
    }
}

fn date_of(text: &str) -> Result<Date, PriceBookError> {
    text.parse().map_err(|_| PriceBookError::BadDate(text.to_owned()))
}

/// Midnight UTC.
pub(super) fn start_of(day: Date) -> Timestamp {
    match day.to_zoned(TimeZone::UTC) {
        Ok(midnight) => midnight.timestamp().into(),
        // Only at the calendar's ends.
        Err(_) if day.year() < 1970 => Timestamp::MIN,
        Err(_) => Timestamp::MAX,
    }
}
