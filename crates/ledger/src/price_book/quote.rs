//! A price and how it comes about: which prices, times what.

use model::{Money, TokenUsage};

use super::{Conditions, Factor, ModelPrices, Period, Tier};

/// The price of some tokens, with everything that went into it.
#[derive(Clone, Copy, Debug)]
pub struct Quote<'b> {
    /// The prices' period.
    pub period: &'b Period,
    /// The prices before factors.
    pub tier: &'b Tier,
    /// For inference confined to the US; one otherwise.
    pub us_inference: Factor,
    /// For a batch; one otherwise.
    pub batch: Factor,
    /// Whether the prices are those of fast mode.
    pub fast: bool,
    usage: TokenUsage,
}

/// Tokens of one kind times their price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// `input`, `output`, `cache_read`, `cache_write_5m` or `cache_write_1h`.
    pub kind: &'static str,
    /// How many.
    pub tokens: i64,
    /// Picodollars for each, factors applied.
    pub picos_per_token: i64,
}

impl Product {
    /// The product, in picodollars.
    pub const fn picos(&self) -> i128 {
        self.tokens as i128 * self.picos_per_token as i128
    }
}

impl<'b> Quote<'b> {
    pub(super) fn new(
        prices: &'b ModelPrices,
        period: &'b Period,
        tier: &'b Tier,
        usage: &TokenUsage,
        conditions: Conditions,
    ) -> Self {
        let fast = conditions.fast && prices.fast.iter().any(|fast| std::ptr::eq(fast, period));
        let when = |holds, factor| if holds { factor } else { Factor::ONE };
        Self {
            period,
            tier,
            us_inference: when(conditions.us_inference, prices.us_inference),
            batch: when(conditions.batch, prices.batch),
            fast,
            usage: *usage,
        }
    }

    /// What is added up, kinds without tokens included.
    pub fn products(&self) -> [Product; 5] {
        let (usage, tier) = (&self.usage, self.tier);
        let told = usage.cache_creation_5m.saturating_add(usage.cache_creation_1h);
        let untold = usage.cache_creation.saturating_sub(told).max(0);
        let product = |kind, tokens, price| {
            let picos_per_token = self.batch.apply(self.us_inference.apply(price));
            Product { kind, tokens, picos_per_token }
        };
        [
            product("input", usage.input, tier.input),
            product("output", usage.output, tier.output),
            product("cache_read", usage.cache_read, tier.cache_read),
            product("cache_write_5m", usage.cache_creation_5m.saturating_add(untold), tier.cache_write_5m),
            product("cache_write_1h", usage.cache_creation_1h, tier.cache_write_1h),
        ]
    }

    /// The sum of the products.
    pub fn total(&self) -> Money {
        let picos: i128 = self.products().iter().map(Product::picos).sum();
        Money::from_picos(picos.clamp(0, i128::from(i64::MAX)) as i64)
    }
}
