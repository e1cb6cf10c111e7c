//! The price of a posting, worked out again for everybody to see.

use ledger::{PriceBook, Quote};
use model::{Kind, Money, Posting, Timestamp, canonical_model};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::price_now::{conditions_of, told_cost};

/// Which prices were used, times what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PriceUsed {
    /// Version of the price book.
    pub price_book: String,
    /// First day (UTC) that the prices hold on; null for "from the beginning".
    #[schema(required)]
    pub from: Option<String>,
    /// The day after the last; null for "until further notice".
    #[schema(required)]
    pub to: Option<String>,
    /// Whether the operator's own prices have a part in it.
    pub own: bool,
    /// Whether they are those of fast mode.
    pub fast: bool,
    /// Whether inference was confined to the US, which the prices below include.
    pub us_inference: bool,
    /// The tier: prompts with more tokens than this. Zero is the first, or only, one.
    pub prompt_tokens_above: i64,
    /// Tokens of the prompt, which choose the tier.
    pub prompt_tokens: i64,
    /// Tokens times prices, kinds without tokens left out.
    pub products: Vec<Product>,
    /// Web searches.
    pub web_searches: i64,
    /// What they cost, in micro-dollars.
    pub web_search_cost_micros: i64,
    /// The sum in micro-dollars, rounded once.
    pub total_micros: i64,
    /// Whether that is what the ledger has as the price, to the picodollar. It is not for a moment while
    /// history is priced again.
    pub as_posted: bool,
}

/// Tokens of one kind times their price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// `input`, `output`, `cache_read`, `cache_write_5m` or `cache_write_1h`.
    pub kind: String,
    /// How many.
    pub tokens: i64,
    /// Dollars for a million of them.
    pub usd_per_million: f64,
    /// The product, in micro-dollars; rounded, so that products may add up to a little more or less than
    /// the sum.
    pub cost_micros: i64,
}

impl PriceUsed {
    /// `None` when the price book does not know the model, or there are no tokens to price.
    pub(super) fn of(posting: &Posting, prices: &PriceBook) -> Option<Self> {
        let model = canonical_model(&posting.model);
        let (measures, usage) = (&posting.measures, &posting.measures.tokens);
        let conditions = conditions_of(posting, prices);
        let quote = if posting.kind == Kind::Unattributed {
            // The price of the day, unless the client's cost told that it was another day's.
            let posted = Money::from_picos(measures.cost_priced);
            let of_the_day =
                prices.quote_of_several(&model, posting.at, usage, told_cost(posting), posting.fast)?;
            match prices.quote_that_comes_to(posted, &model, usage, posting.fast) {
                Some(other) if of_the_day.total() != posted => other,
                _ => of_the_day,
            }
        } else {
            prices.quote(&model, posting.at, usage, conditions)?
        };
        let searches = prices.web_searches(measures.web_searches);
        let total = quote.total().plus(searches);
        let day = |at: Timestamp| at.to_rfc3339().get(..10).unwrap_or_default().to_owned();
        Some(Self {
            price_book: prices.version().to_owned(),
            from: (quote.period.from != Timestamp::MIN).then(|| day(quote.period.from)),
            to: (quote.period.until != Timestamp::MAX).then(|| day(quote.period.until)),
            own: quote.period.own,
            fast: quote.fast,
            us_inference: conditions.us_inference,
            prompt_tokens_above: quote.tier.above_prompt_tokens,
            prompt_tokens: usage.prompt(),
            products: products(&quote),
            web_searches: measures.web_searches,
            web_search_cost_micros: Money::to_micros(searches.as_picos().into()),
            total_micros: Money::to_micros(total.as_picos().into()),
            as_posted: total.as_picos() == measures.cost_priced,
        })
    }
}

fn products(quote: &Quote<'_>) -> Vec<Product> {
    let product = |product: ledger::Product| Product {
        kind: product.kind.to_owned(),
        tokens: product.tokens,
        usd_per_million: product.picos_per_token as f64 / 1e6,
        cost_micros: Money::to_micros(product.picos()),
    };
    quote.products().into_iter().filter(|product| product.tokens != 0).map(product).collect()
}
