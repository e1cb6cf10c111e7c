//! What cost consists of: kinds of tokens, what the cache saved, and what the client reported against what the
//! price book says.

use futures::future::try_join3;
use ledger::{PriceBook, Rates};
use model::{Money, Timestamp, canonical_model};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, TimeBucket, Width};
use utoipa::ToSchema;

use crate::coverage::Unattributed;
use crate::figures::{COST, Cost, Figures, SPENDING, Tokens, share, sums_of};
use crate::filter::Filter;
use crate::models::ModelSums;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// What they are compared with.
    pub comparison: Comparison,
    /// Which part of the ledger.
    pub filter: Filter,
}

/// What cost consists of, in micro-dollars.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CostReport {
    /// The days.
    pub range: Range,
    /// The days compared with.
    pub compared: Range,
    /// Version of the price book.
    pub price_book: String,
    /// Everything.
    pub total: Cost,
    /// Everything of the days compared with.
    pub previous: Cost,
    /// Tokens, all together.
    pub tokens: Tokens,
    /// Settled cost by kind of token.
    pub kinds: CostByKind,
    /// What the cache did to it.
    pub cache: CacheSavings,
    /// What the client reported, beside what the price book says of the same.
    pub reported: Reported,
    /// What only running totals know.
    pub unattributed: Unattributed,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
}

/// Settled cost by kind of token, in micro-dollars. The cost of a day's work with a model is split as its list
/// prices split it, so that the kinds add up to what is settled, whoever told it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostByKind {
    /// Input outside the cache.
    pub input: i64,
    /// Output, thinking included.
    pub output: i64,
    /// Input read from the cache.
    pub cache_read: i64,
    /// Input written to the cache.
    pub cache_creation: i64,
    /// Web searches.
    pub web_search: i64,
    /// Cost of models that the price book has no price for, which nobody can split.
    pub unsplit: i64,
}

/// What the cache did to cost, at list prices, in micro-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct CacheSavings {
    /// What reading from the cache cost less than sending the same as input.
    pub saved_by_reads: i64,
    /// What writing to the cache cost more than sending the same as input.
    pub paid_for_writes: i64,
    /// The first less the second.
    pub net: i64,
    /// Tokens read from the cache of all tokens sent, 0 to 1; null when none were sent.
    #[schema(required)]
    pub hit_rate: Option<f64>,
}

/// What the client reported, beside the price book, in micro-dollars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Reported {
    /// What the client reported.
    pub reported: i64,
    /// What the price book says of the same requests.
    pub priced: i64,
    /// The first less the second.
    pub difference: i64,
    /// What the price book says where the client reported nothing.
    pub only_priced: i64,
    /// By model, the largest difference first.
    pub models: Vec<ReportedOfModel>,
}

/// One model's part of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportedOfModel {
    /// Model id.
    pub model: String,
    /// What the client reported.
    pub reported: i64,
    /// What the price book says of the same requests.
    pub priced: i64,
    /// The first less the second.
    pub difference: i64,
    /// The difference of what the price book says; null when it has no price.
    #[schema(required)]
    pub share: Option<f64>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when the days compared with would reach back before 1970, and
/// [`ReportError::Store`].
pub async fn ask(
    store: &dyn Store,
    prices: &PriceBook,
    parameters: &Parameters,
) -> Result<CostReport, ReportError> {
    let Parameters { range, filter, .. } = parameters;
    let boundary = store.boundary().await?;
    let compared = range.compared(parameters.comparison)?;
    let scope = Scope::filtered(range, boundary, filter).of_kinds(&SPENDING);
    let before = Scope::filtered(&compared, boundary, filter).of_kinds(&SPENDING);
    let (spent, previous, told) = try_join3(
        Spent::ask(store, prices, &scope),
        before.total(store, sums_of(&[&COST])),
        told_by_client(store, &scope),
    )
    .await?;
    let total = spent.by_model.total();
    Ok(CostReport {
        range: range.into(),
        compared: (&compared).into(),
        price_book: prices.version().to_owned(),
        total: (&total).into(),
        previous: (&previous).into(),
        tokens: (&total).into(),
        kinds: spent.kinds.rounded(),
        cache: spent.cache.rounded(&total),
        reported: reported(&told, &total),
        unattributed: Unattributed::new(&spent.unattributed, &total),
        unpriced_models: spent.by_model.unpriced(),
    })
}

/// Spending, and what it is of, in picodollars.
#[derive(Default)]
struct Spent {
    by_model: ModelSums,
    unattributed: Figures,
    kinds: Kinds,
    cache: Cache,
}

#[derive(Default)]
struct Kinds {
    input: i128,
    output: i128,
    cache_read: i128,
    cache_creation: i128,
    web_search: i128,
    unsplit: i128,
}

#[derive(Default)]
struct Cache {
    saved: i128,
    paid: i128,
}

impl Spent {
    /// Prices change with the day (UTC), the model and its speed: within those, cost is linear in tokens.
    async fn ask(store: &dyn Store, prices: &PriceBook, scope: &Scope) -> Result<Self, ReportError> {
        let day = TimeBucket::utc(Width::Day);
        let group_by = vec![
            Group::Time(day),
            Group::Dimension(Dimension::Model),
            Group::Dimension(Dimension::Fast),
            Group::Dimension(Dimension::Kind),
        ];
        let mut figures = ModelSums::figures();
        figures.push(Figure::Sum(Measure::WebSearches));
        let mut spent = Self::default();
        for row in scope.rows(store, group_by, figures).await? {
            let at = Timestamp::from_micros(row.integer(0).saturating_mul(Width::Day.micros()));
            let is_fast = row.keys.get(2).is_some_and(store::Value::as_boolean);
            let rates = prices.rates(&canonical_model(row.text(1)), at, is_fast);
            let searches = prices.web_searches(row.figures.sum(Measure::WebSearches));
            spent.by_model.add(row.text(1), &row.figures);
            spent.kinds.add(&row.figures, rates, searches);
            if let Some(rates) = rates {
                spent.cache.add(&row.figures, rates);
            }
            if row.text(3) == model::Kind::Unattributed.as_str() {
                spent.unattributed.add(&row.figures);
            }
        }
        Ok(spent)
    }
}

/// Tokens of the five kinds that have prices. Writes of untold lifetime are taken as five-minute ones, as the
/// price book takes them.
fn priced_tokens(figures: &Figures) -> [i128; 5] {
    let exact = |measure| figures.exact(Figure::Sum(measure));
    let hour = exact(Measure::CacheCreation1h);
    let minutes = (exact(Measure::CacheCreation) - hour).max(0);
    [exact(Measure::Input), exact(Measure::Output), exact(Measure::CacheRead), minutes, hour]
}

impl Kinds {
    /// Splits settled cost in proportion to list prices; what rounding leaves goes to output, the dearest kind.
    fn add(&mut self, figures: &Figures, rates: Option<Rates>, searches: Money) {
        let settled = figures.exact(Figure::Sum(Measure::CostSettled));
        let Some(rates) = rates else {
            self.unsplit += settled;
            return;
        };
        let [input, output, read, minutes, hour] = priced_tokens(figures);
        let listed = [
            input * i128::from(rates.input),
            output * i128::from(rates.output),
            read * i128::from(rates.cache_read),
            minutes * i128::from(rates.cache_write_5m) + hour * i128::from(rates.cache_write_1h),
            i128::from(searches.as_picos()),
        ];
        let whole: i128 = listed.iter().sum();
        if whole <= 0 {
            self.unsplit += settled;
            return;
        }
        // 128 bits hold the product up to ten million dollars a day and model.
        let part = |of: i128| settled.saturating_mul(of) / whole;
        let [input, _, read, write, search] = listed.map(part);
        self.input += input;
        self.cache_read += read;
        self.cache_creation += write;
        self.web_search += search;
        self.output += settled - input - read - write - search;
    }

    fn rounded(&self) -> CostByKind {
        CostByKind {
            input: Money::to_micros(self.input),
            output: Money::to_micros(self.output),
            cache_read: Money::to_micros(self.cache_read),
            cache_creation: Money::to_micros(self.cache_creation),
            web_search: Money::to_micros(self.web_search),
            unsplit: Money::to_micros(self.unsplit),
        }
    }
}

impl Cache {
    fn add(&mut self, figures: &Figures, rates: Rates) {
        let [_, _, read, minutes, hour] = priced_tokens(figures);
        self.saved += read * i128::from(rates.input - rates.cache_read);
        self.paid += minutes * i128::from(rates.cache_write_5m - rates.input)
            + hour * i128::from(rates.cache_write_1h - rates.input);
    }

    fn rounded(&self, total: &Figures) -> CacheSavings {
        let exact = |measure| total.exact(Figure::Sum(measure));
        let read = exact(Measure::CacheRead);
        CacheSavings {
            saved_by_reads: Money::to_micros(self.saved),
            paid_for_writes: Money::to_micros(self.paid),
            net: Money::to_micros(self.saved - self.paid),
            hit_rate: share(read, exact(Measure::Input) + read + exact(Measure::CacheCreation)),
        }
    }
}

/// Compares like with like: only postings whose cost the client told.
/// What clients told the cost of, by model.
async fn told_by_client(store: &dyn Store, scope: &Scope) -> Result<Vec<Found>, ReportError> {
    let mut told = scope.clone();
    told.filter.any_of = vec![Measure::CostReported];
    told.rows(store, vec![Group::Dimension(Dimension::Model)], sums_of(&[&COST])).await
}

fn reported(rows: &[Found], total: &Figures) -> Reported {
    let mut whole = Figures::default();
    rows.iter().for_each(|row| whole.add(&row.figures));
    let model = |row: &Found| {
        let exact = |measure| row.figures.exact(Figure::Sum(measure));
        let (reported, priced) = (exact(Measure::CostReported), exact(Measure::CostPriced));
        ReportedOfModel {
            model: told(row.text(0)),
            reported: Money::to_micros(reported),
            priced: Money::to_micros(priced),
            difference: Money::to_micros(reported - priced),
            share: (priced > 0).then(|| (reported - priced) as f64 / priced as f64),
        }
    };
    let mut models: Vec<ReportedOfModel> = rows.iter().map(model).collect();
    models.sort_by(|a, b| b.difference.abs().cmp(&a.difference.abs()).then_with(|| a.model.cmp(&b.model)));
    let exact = |figures: &Figures, measure| figures.exact(Figure::Sum(measure));
    let difference = exact(&whole, Measure::CostReported) - exact(&whole, Measure::CostPriced);
    let only_priced = exact(total, Measure::CostSettled) - exact(&whole, Measure::CostSettled);
    Reported {
        reported: whole.micros(Measure::CostReported),
        priced: whole.micros(Measure::CostPriced),
        difference: Money::to_micros(difference),
        only_priced: Money::to_micros(only_priced),
        models,
    }
}
