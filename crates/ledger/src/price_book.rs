//! What tokens cost, by published prices and by the operator's own.
//!
//! The book is data with validity dates (`price-book.json`, from Anthropic's published price lists, or a
//! newer file in the same shape), changed by the prices and discounts that the operator has agreed
//! ([`OwnPrice`]). Prices are looked up by exact canonical id: a model that is not in the book has no
//! price, rather than a guessed one.

mod check;
mod file;
mod own;
mod quote;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::civil::Date;
use model::{CanonicalModel, Money, Timestamp, TokenUsage, canonical_model};
use thiserror::Error;

pub use check::{Change, Finding};
pub use own::OwnPrice;
pub use quote::{Product, Quote};

const EMBEDDED: &str = include_str!("../price-book.json");

/// Why a price book could not be read, or not be changed as asked.
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
    /// Two entries are about the same model.
    #[error("the price book has a model twice: {0}")]
    Twice(String),
    /// A model without any price.
    #[error("the price book has a model without prices: {0}")]
    NoPrice(String),
    /// Dates that leave no day.
    #[error("own price of {0}: it ends before it begins")]
    NoDays(String),
    /// A discount outside of 0 to 100 percent.
    #[error("own price of {model}: a discount is 0 to 100 percent, not {percent}")]
    BadDiscount {
        /// The model, as written.
        model: String,
        /// The discount.
        percent: f64,
    },
    /// An own price for a model that the book does not know, with some prices left out.
    #[error("own price of {0}: the price book does not know it, so all five prices have to be given")]
    Incomplete(String),
    /// An own price that changes nothing.
    #[error("own price of {0}: it has neither prices nor a discount")]
    Empty(String),
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
    as_of: Date,
    /// What tells the operator's own prices from others'; empty without any.
    own: String,
    version: String,
    web_search: Money,
    models: Vec<ModelPrices>,
    /// Where in `models` an id or alias is.
    places: HashMap<CanonicalModel, usize>,
}

/// The prices of one model.
#[derive(Clone, Debug)]
pub struct ModelPrices {
    /// Its id.
    pub id: String,
    /// Other ids under which it is known.
    pub aliases: Vec<String>,
    /// Prices at standard speed, oldest first.
    pub standard: Vec<Period>,
    /// Prices in fast mode, oldest first; empty when there is none.
    pub fast: Vec<Period>,
    /// On all prices, when inference is confined to the US.
    pub us_inference: Factor,
    /// On all prices, in a batch.
    pub batch: Factor,
}

/// Prices that hold from one instant to before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// First instant: midnight UTC of the first day; [`Timestamp::MIN`] for "always".
    pub from: Timestamp,
    /// First instant after; [`Timestamp::MAX`] for "until further notice".
    pub until: Timestamp,
    /// By prompt size, smallest first; never empty.
    pub tiers: Vec<Tier>,
    /// Whether the operator's own prices have a part in it.
    pub own: bool,
}

/// Picodollars per token, for prompts above a size. A million times that is dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The prompt must have more tokens than this, cached ones included.
    pub above_prompt_tokens: i64,
    /// Uncached input.
    pub input: i64,
    /// Output.
    pub output: i64,
    /// Read from the cache.
    pub cache_read: i64,
    /// Written to the cache for five minutes.
    pub cache_write_5m: i64,
    /// Written to the cache for an hour.
    pub cache_write_1h: i64,
}

/// A multiplier in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor(i64);

impl Factor {
    const ONE: Factor = Factor(1_000);

    fn from_number(number: Option<f64>) -> Self {
        number.map_or(Self::ONE, |number| Self((number * 1_000.0).round() as i64))
    }

    /// In thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    const fn apply(self, price: i64) -> i64 {
        price * self.0 / 1_000
    }
}

impl PriceBook {
    /// The book that ships with the program.
    ///
    /// # Errors
    /// [`PriceBookError`], when the program was built with a damaged one.
    pub fn embedded() -> Result<Self, PriceBookError> {
        Self::from_json(EMBEDDED)
    }

    /// The day the prices were gathered.
    pub const fn as_of(&self) -> Date {
        self.as_of
    }

    /// Names the book in reports: the day the prices were gathered, and with own prices a mark that changes
    /// whenever one of them does.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the book knows the model at all.
    pub fn knows(&self, model: &CanonicalModel) -> bool {
        self.places.contains_key(model)
    }

    /// Every model, as the book orders them.
    pub fn models(&self) -> &[ModelPrices] {
        &self.models
    }

    /// The prices of a model by any of its spellings.
    pub fn model(&self, name: &str) -> Option<&ModelPrices> {
        self.prices(&canonical_model(name))
    }

    fn prices(&self, model: &CanonicalModel) -> Option<&ModelPrices> {
        self.places.get(model).and_then(|place| self.models.get(*place))
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
        self.quote(model, at, usage, conditions).map(|quote| quote.total())
    }

    /// How [`PriceBook::price`] comes to its result.
    pub fn quote(
        &self,
        model: &CanonicalModel,
        at: Timestamp,
        usage: &TokenUsage,
        conditions: Conditions,
    ) -> Option<Quote<'_>> {
        let prices = self.prices(model)?;
        let period = prices.period(at, conditions.fast)?;
        let tier = period.tier(usage.prompt())?;
        Some(Quote::new(prices, period, tier, usage, conditions))
    }

    /// The prices by kind of token of a moment; `None` when the model is not in the book.
    pub fn rates(&self, model: &CanonicalModel, at: Timestamp, fast: bool) -> Option<Rates> {
        let tier = self.prices(model)?.period(at, fast)?.tiers.first()?;
        Some(Rates {
            input: tier.input,
            output: tier.output,
            cache_read: tier.cache_read,
            cache_write_5m: tier.cache_write_5m,
            cache_write_1h: tier.cache_write_1h,
        })
    }

    /// The price of the tokens of an unknown number of requests, all in fast mode or none; `None` when the
    /// model is not in the book.
    ///
    /// What tier each request fell into cannot be told from their sum. It is taken to be the one that
    /// comes nearest to what the client `reported` for them; without that, the one for small prompts.
    pub fn price_of_several(
        &self,
        model: &CanonicalModel,
        at: Timestamp,
        usage: &TokenUsage,
        reported: Option<Money>,
        fast: bool,
    ) -> Option<Money> {
        self.quote_of_several(model, at, usage, reported, fast).map(|quote| quote.total())
    }

    /// How [`PriceBook::price_of_several`] comes to its result.
    pub fn quote_of_several(
        &self,
        model: &CanonicalModel,
        at: Timestamp,
        usage: &TokenUsage,
        reported: Option<Money>,
        fast: bool,
    ) -> Option<Quote<'_>> {
        let prices = self.prices(model)?;
        let period = prices.period(at, fast)?;
        let conditions = Conditions { fast, ..Conditions::default() };
        let quote = |tier| Quote::new(prices, period, tier, usage, conditions);
        let mut quotes = period.tiers.iter().map(quote);
        match reported {
            Some(reported) => quotes.min_by_key(|quote| quote.total().minus(reported).as_picos().abs_diff(0)),
            None => quotes.next(),
        }
    }

    /// The quote of whatever day and tier under which tokens come to a price, to the picodollar.
    pub fn quote_that_comes_to(
        &self,
        price: Money,
        model: &CanonicalModel,
        usage: &TokenUsage,
        fast: bool,
    ) -> Option<Quote<'_>> {
        let prices = self.prices(model)?;
        let conditions = Conditions { fast, ..Conditions::default() };
        let periods = if fast { &prices.fast } else { &prices.standard };
        let tiers = periods.iter().flat_map(|period| period.tiers.iter().map(move |tier| (period, tier)));
        let mut quotes = tiers.map(|(period, tier)| Quote::new(prices, period, tier, usage, conditions));
        quotes.find(|quote| quote.total() == price)
    }

    /// The spans of time in which the model's prices are not those of `now`, oldest first.
    pub fn spans_priced_otherwise(
        &self,
        model: &CanonicalModel,
        now: Timestamp,
    ) -> Vec<(Timestamp, Timestamp)> {
        let Some(prices) = self.prices(model) else { return Vec::new() };
        let periods = || prices.standard.iter().chain(&prices.fast);
        let mut edges: Vec<Timestamp> =
            periods().flat_map(|period| [period.from, period.until]).chain([Timestamp::MIN]).collect();
        edges.sort_unstable();
        edges.dedup();
        let tiers = |at, fast| prices.period(at, fast).map(|period| &period.tiers);
        let differs = |at| [false, true].iter().any(|fast| tiers(at, *fast) != tiers(now, *fast));
        let ends = edges.iter().copied().skip(1).chain([Timestamp::MAX]);
        edges.iter().copied().zip(ends).filter(|(from, until)| from < until && differs(*from)).collect()
    }
}

/// Prices of one kind of token each, in picodollars per token, for small prompts and without further conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Input outside the cache.
    pub input: i64,
    /// Output.
    pub output: i64,
    /// Input read from the cache.
    pub cache_read: i64,
    /// Input written to the cache for five minutes.
    pub cache_write_5m: i64,
    /// Input written to the cache for an hour.
    pub cache_write_1h: i64,
}

impl ModelPrices {
    /// The prices of a moment; those of the first period where the book does not reach back.
    pub fn period(&self, at: Timestamp, fast: bool) -> Option<&Period> {
        let holds = |period: &&Period| period.from <= at && at < period.until;
        let fast = self.fast.iter().filter(|_| fast).find(holds);
        fast.or_else(|| self.standard.iter().find(holds)).or(self.standard.first())
    }
}

impl Period {
    /// The prices for a prompt of so many tokens.
    pub fn tier(&self, prompt_tokens: i64) -> Option<&Tier> {
        let fits = self.tiers.iter().rev().find(|tier| prompt_tokens > tier.above_prompt_tokens);
        fits.or(self.tiers.first())
    }
}
