//! Prices and discounts that the operator has agreed with whoever sends the bill.

use jiff::civil::Date;
use model::{RecordKey, Timestamp, canonical_model};
use serde::{Deserialize, Serialize};

use super::file::{picos_per_token, start_of};
use super::{Factor, ModelPrices, Period, PriceBook, PriceBookError, Tier};

/// Stands for every model of the book.
const EVERY_MODEL: &str = "*";
/// How much of the mark of own prices goes into the version.
const MARK_LENGTH: usize = 8;

/// One agreed price, or a discount, for some days. Prices are in dollars per million tokens.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnPrice {
    /// The model in any spelling, or `*` for every one in the book.
    pub model: String,
    /// First day (UTC); from the beginning when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The day after the last (UTC); until further notice when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Whether it is about fast mode. Discounts are about both.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fast: bool,
    /// Uncached input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<f64>,
    /// Output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<f64>,
    /// Read from the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<f64>,
    /// Written to the cache for five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<f64>,
    /// Written to the cache for an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<f64>,
    /// Percent off, on these prices, or on the book's where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<f64>,
}

impl PriceBook {
    /// The book with own prices over it. They are applied in order, each on the result of those before, so a
    /// discount may follow a price.
    ///
    /// # Errors
    /// [`PriceBookError`] names the own price that cannot be applied.
    pub fn with_own(mut self, own: &[OwnPrice]) -> Result<Self, PriceBookError> {
        for price in own {
            self.apply(price)?;
        }
        if !own.is_empty() {
            let mark = RecordKey::of(&[self.own.as_bytes(), serde_json::to_string(own)?.as_bytes()]);
            self.own = mark.to_string().chars().take(MARK_LENGTH).collect();
            self.version = format!("{}+own.{}", self.as_of, self.own);
        }
        Ok(self)
    }

    fn apply(&mut self, own: &OwnPrice) -> Result<(), PriceBookError> {
        let change = Rewrite::new(own)?;
        if own.model == EVERY_MODEL {
            return self.models.iter_mut().try_for_each(|prices| change.rewrite(prices));
        }
        let name = canonical_model(&own.model);
        let place = match self.places.get(&name) {
            Some(place) => *place,
            None => {
                self.models.push(change.new_model()?);
                self.places.insert(name, self.models.len() - 1);
                return Ok(());
            }
        };
        self.models.get_mut(place).map_or(Ok(()), |prices| change.rewrite(prices))
    }
}

/// An own price, ready to be applied.
struct Rewrite<'o> {
    own: &'o OwnPrice,
    from: Timestamp,
    until: Timestamp,
    /// What is left after the discount, in ten-thousandths.
    kept: i64,
}

impl<'o> Rewrite<'o> {
    fn new(own: &'o OwnPrice) -> Result<Self, PriceBookError> {
        let from = own.from.map_or(Timestamp::MIN, start_of);
        let until = own.to.map_or(Timestamp::MAX, start_of);
        if until <= from {
            return Err(PriceBookError::NoDays(own.model.clone()));
        }
        let percent = own.discount_percent.unwrap_or(0.0);
        let hundredths = (percent * 100.0).round();
        if !(0.0..=100.0).contains(&percent) || (hundredths / 100.0 - percent).abs() > 1e-9 {
            return Err(PriceBookError::BadDiscount { model: own.model.clone(), percent });
        }
        let rewrite = Self { own, from, until, kept: 10_000 - hundredths as i64 };
        if !rewrite.sets_prices() && own.discount_percent.is_none() {
            return Err(PriceBookError::Empty(own.model.clone()));
        }
        Ok(rewrite)
    }

    fn prices(&self) -> [Option<f64>; 5] {
        let own = self.own;
        [own.input, own.output, own.cache_read, own.cache_write_5m, own.cache_write_1h]
    }

    fn sets_prices(&self) -> bool {
        self.prices().iter().any(Option::is_some)
    }

    fn rewrite(&self, prices: &mut ModelPrices) -> Result<(), PriceBookError> {
        let set_fast = self.own.fast && self.sets_prices();
        if set_fast && prices.fast.is_empty() {
            prices.fast.push(self.period_from_scratch()?);
            return Ok(());
        }
        if !self.own.fast {
            prices.standard = self.split(&prices.standard, self.sets_prices())?;
        }
        if self.own.fast || !self.sets_prices() {
            prices.fast = self.split(&prices.fast, set_fast)?;
        }
        Ok(())
    }

    /// The periods, cut at this price's dates and changed between them.
    fn split(&self, periods: &[Period], set: bool) -> Result<Vec<Period>, PriceBookError> {
        let mut result = Vec::with_capacity(periods.len() + 2);
        for period in periods {
            let (from, until) = (period.from.max(self.from), period.until.min(self.until));
            if from >= until {
                result.push(period.clone());
                continue;
            }
            let tiers = period.tiers.iter().map(|tier| self.tier(tier, set));
            let tiers = tiers.collect::<Result<_, _>>()?;
            let before = Period { until: from, ..period.clone() };
            let changed = Period { from, until, tiers, own: true };
            let after = Period { from: until, ..period.clone() };
            result.extend([before, changed, after].into_iter().filter(|period| period.from < period.until));
        }
        Ok(result)
    }

    fn tier(&self, tier: &Tier, set: bool) -> Result<Tier, PriceBookError> {
        let price = |own: Option<f64>, list: i64| {
            let price = match own.filter(|_| set) {
                Some(own) => picos_per_token(&self.own.model, own)?,
                None => list,
            };
            let discounted = i128::from(price) * i128::from(self.kept);
            if discounted % 10_000 != 0 {
                let price = discounted as f64 / 1e10;
                return Err(PriceBookError::Inexact { model: self.own.model.clone(), price });
            }
            Ok((discounted / 10_000) as i64)
        };
        let own = self.own;
        Ok(Tier {
            above_prompt_tokens: tier.above_prompt_tokens,
            input: price(own.input, tier.input)?,
            output: price(own.output, tier.output)?,
            cache_read: price(own.cache_read, tier.cache_read)?,
            cache_write_5m: price(own.cache_write_5m, tier.cache_write_5m)?,
            cache_write_1h: price(own.cache_write_1h, tier.cache_write_1h)?,
        })
    }

    /// A model, or a mode, that the book does not know.
    fn period_from_scratch(&self) -> Result<Period, PriceBookError> {
        if self.prices().iter().any(Option::is_none) {
            return Err(PriceBookError::Incomplete(self.own.model.clone()));
        }
        let nothing = Tier {
            above_prompt_tokens: 0,
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write_5m: 0,
            cache_write_1h: 0,
        };
        let tiers = vec![self.tier(&nothing, true)?];
        Ok(Period { from: self.from, until: self.until, tiers, own: true })
    }

    fn new_model(&self) -> Result<ModelPrices, PriceBookError> {
        if self.own.fast {
            return Err(PriceBookError::NoPrice(self.own.model.clone()));
        }
        Ok(ModelPrices {
            id: canonical_model(&self.own.model).as_str().to_owned(),
            aliases: Vec::new(),
            standard: vec![self.period_from_scratch()?],
            fast: Vec::new(),
            us_inference: Factor::ONE,
            batch: Factor::ONE,
        })
    }
}
