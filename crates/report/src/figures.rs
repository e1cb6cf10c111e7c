//! The figures that answers are made of, and how they are filled from the store's.

use model::{Kind, Money};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Measure};
use utoipa::ToSchema;

/// Distinct sessions started or taken up again.
pub(crate) const SESSIONS: Figure = Figure::Distinct(Dimension::Item, Some(Kind::SessionStart));
/// Distinct actors with at least one request.
pub(crate) const ACTIVE_PEOPLE: Figure = Figure::Distinct(Dimension::ActorName, Some(Kind::Request));
/// Distinct sessions with anything in the ledger.
pub(crate) const SESSIONS_SEEN: Figure = Figure::Distinct(Dimension::Session, None);

/// Kinds of postings that carry tokens and cost.
pub(crate) const SPENDING: [Kind; 2] = [Kind::Request, Kind::Unattributed];

pub(crate) const TOKENS: [Measure; 6] = [
    Measure::Input,
    Measure::Output,
    Measure::CacheRead,
    Measure::CacheCreation,
    Measure::CacheCreation5m,
    Measure::CacheCreation1h,
];
pub(crate) const COST: [Measure; 3] = [Measure::CostSettled, Measure::CostReported, Measure::CostPriced];
pub(crate) const LINES: [Measure; 2] = [Measure::LinesAdded, Measure::LinesRemoved];

/// Sums of these measures, as figures to ask for.
pub(crate) fn sums_of(measures: &[&[Measure]]) -> Vec<Figure> {
    measures.concat().into_iter().map(Figure::Sum).collect()
}

/// Exact figures of one row, by what they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    told: Vec<(Figure, i128)>,
    /// Picodollars at the prices of now, where they were asked for.
    priced_now: Option<i128>,
}

impl Figures {
    /// Pairs what was asked with what was answered, both in the query's order.
    pub(crate) fn new(asked: &[Figure], answered: &[i128]) -> Self {
        let told = asked.iter().copied().zip(answered.iter().copied()).collect();
        Self { told, priced_now: None }
    }

    /// The sums of one posting.
    pub(crate) fn of_posting(asked: &[Figure], posting: &model::Posting) -> Self {
        let value = |figure: &Figure| match figure {
            Figure::Sum(measure) => (measure.column().get)(posting).to_value().as_integer().into(),
            _ => 0,
        };
        Self::new(asked, &asked.iter().map(value).collect::<Vec<i128>>())
    }

    /// The figure, exact; zero when it was not asked for.
    pub(crate) fn exact(&self, figure: Figure) -> i128 {
        self.told.iter().find(|(known, _)| *known == figure).map_or(0, |(_, value)| *value)
    }

    /// A count; saturates at the ends of 64 bits.
    pub(crate) fn count(&self, figure: Figure) -> i64 {
        saturated(self.exact(figure))
    }

    /// The sum of a measure; saturates at the ends of 64 bits.
    pub(crate) fn sum(&self, measure: Measure) -> i64 {
        self.count(Figure::Sum(measure))
    }

    /// A sum of picodollars, in whole micro-dollars.
    pub(crate) fn micros(&self, measure: Measure) -> i64 {
        Money::to_micros(self.exact(Figure::Sum(measure)))
    }

    /// Adds the other's figures to these; of instants the first or the last is left. Counts of distinct things add up
    /// to a count only where the two sides cannot share any; the caller sees to that.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.told.is_empty() {
            // The first that are added, mostly the only ones.
            self.told.clone_from(&other.told);
        } else {
            other.told.iter().for_each(|(figure, value)| self.add_one(*figure, *value));
        }
        if let Some(more) = other.priced_now {
            self.priced_now = Some(self.priced_now.unwrap_or(0) + more);
        }
    }

    fn add_one(&mut self, figure: Figure, value: i128) {
        match self.told.iter_mut().find(|(known, _)| *known == figure) {
            Some((Figure::Earliest, first)) if *first != 0 && value != 0 => *first = (*first).min(value),
            Some((Figure::Latest, last)) if *last != 0 && value != 0 => *last = (*last).max(value),
            // Where one of two instants is not known it is zero.
            Some((_, sum)) => *sum += value,
            None => self.told.push((figure, value)),
        }
    }

    /// Says what the figures' tokens cost at the prices of now: so much more than they are priced at.
    pub(crate) fn price_now(&mut self, difference_picos: i128) {
        self.priced_now = Some(self.exact(Figure::Sum(Measure::CostPriced)) + difference_picos);
    }

    /// Takes over what other figures, of the same tokens, say of the prices of now.
    pub(crate) fn price_now_like(&mut self, other: &Self) {
        self.priced_now = other.priced_now;
    }
}

fn saturated(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// Tokens by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// Input that came neither from nor went into the cache.
    pub input: i64,
    /// Output, thinking included.
    pub output: i64,
    /// Input read from the cache.
    pub cache_read: i64,
    /// Input written to the cache, whatever its lifetime.
    pub cache_creation: i64,
    /// The part of `cache_creation` known to live five minutes.
    pub cache_creation_5m: i64,
    /// The part of `cache_creation` known to live one hour.
    pub cache_creation_1h: i64,
}

impl Tokens {
    /// All of them: input, output, and both sides of the cache. Saturates.
    pub const fn all(&self) -> i64 {
        let cached = self.cache_read.saturating_add(self.cache_creation);
        self.input.saturating_add(self.output).saturating_add(cached)
    }
}

impl From<&Figures> for Tokens {
    fn from(figures: &Figures) -> Self {
        Self {
            input: figures.sum(Measure::Input),
            output: figures.sum(Measure::Output),
            cache_read: figures.sum(Measure::CacheRead),
            cache_creation: figures.sum(Measure::CacheCreation),
            cache_creation_5m: figures.sum(Measure::CacheCreation5m),
            cache_creation_1h: figures.sum(Measure::CacheCreation1h),
        }
    }
}

impl From<&model::TokenUsage> for Tokens {
    fn from(usage: &model::TokenUsage) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_creation: usage.cache_creation,
            cache_creation_5m: usage.cache_creation_5m,
            cache_creation_1h: usage.cache_creation_1h,
        }
    }
}

/// Cost in micro-dollars (millionths of a US dollar), rounded once from exact amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// What the client said; where it said nothing, what the price book says.
    pub settled: i64,
    /// What the client said; zero where it said nothing.
    pub reported: i64,
    /// What the price book says of the day of each request; zero for models it does not know.
    pub priced: i64,
    /// What the price book says of the same tokens at the prices of now; only where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub priced_now: Option<i64>,
}

impl From<&Figures> for Cost {
    fn from(figures: &Figures) -> Self {
        Self {
            settled: figures.micros(Measure::CostSettled),
            reported: figures.micros(Measure::CostReported),
            priced: figures.micros(Measure::CostPriced),
            priced_now: figures.priced_now.map(Money::to_micros),
        }
    }
}

impl From<&model::Measures> for Cost {
    fn from(measures: &model::Measures) -> Self {
        let micros = |picos: i64| Money::to_micros(i128::from(picos));
        Self {
            settled: micros(measures.cost_settled),
            reported: micros(measures.cost_reported),
            priced: micros(measures.cost_priced),
            priced_now: None,
        }
    }
}

/// Lines of code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lines {
    /// Lines added.
    pub added: i64,
    /// Lines removed.
    pub removed: i64,
}

impl From<&Figures> for Lines {
    fn from(figures: &Figures) -> Self {
        Self { added: figures.sum(Measure::LinesAdded), removed: figures.sum(Measure::LinesRemoved) }
    }
}

/// Permission decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decisions {
    /// Accepted.
    pub accepted: i64,
    /// Rejected.
    pub rejected: i64,
    /// Accepted of all, 0 to 1; null when there were none.
    #[schema(required)]
    pub acceptance_rate: Option<f64>,
}

impl Decisions {
    pub(crate) fn new(accepted: i64, rejected: i64) -> Self {
        let all = accepted.saturating_add(rejected);
        Self { accepted, rejected, acceptance_rate: share(accepted.into(), all.into()) }
    }
}

impl From<&Figures> for Decisions {
    fn from(figures: &Figures) -> Self {
        Self::new(figures.sum(Measure::Accepted), figures.sum(Measure::Rejected))
    }
}

/// A quotient, half up; nothing when there is nothing to divide by.
pub(crate) fn quotient(dividend: i128, divisor: i64) -> Option<i64> {
    let divisor = i128::from(divisor);
    (divisor > 0).then(|| saturated((2 * dividend + divisor).div_euclid(2 * divisor)))
}

/// `part` of `whole`; nothing when there is no whole.
pub(crate) fn share(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Time in which somebody or something was active, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActiveTime {
    /// The user typed.
    pub user: i64,
    /// The client worked.
    pub cli: i64,
}

/// The middle and the slow end, by nearest rank; null where nothing was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spread {
    /// Half took no longer.
    #[schema(required)]
    pub p50: Option<i64>,
    /// Nineteen of twenty took no longer.
    #[schema(required)]
    pub p95: Option<i64>,
}

impl Spread {
    /// What has to be asked for.
    pub(crate) const fn figures(measure: Measure) -> [Figure; 2] {
        [Figure::Percentile(measure, 500), Figure::Percentile(measure, 950)]
    }

    pub(crate) fn new(figures: &Figures, measure: Measure) -> Self {
        let [p50, p95] =
            Self::figures(measure).map(|figure| Some(figures.count(figure)).filter(|value| *value != 0));
        Self { p50, p95 }
    }
}

/// The figures of a whole range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Prompts typed or sent.
    pub prompts: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Decisions on calls of the tools that edit files. Other tools are mostly allowed by rule, which
    /// says nothing about how suggestions are received.
    pub decisions: Decisions,
    /// Requests that failed for good.
    pub api_errors: i64,
    /// Active time in milliseconds.
    pub active_time_ms: ActiveTime,
    /// Distinct actors with at least one request.
    pub active_people: i64,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
}

impl Totals {
    /// What [`Totals::new`] reads.
    pub(crate) fn figures() -> Vec<Figure> {
        let counts = [
            Measure::Requests,
            Measure::Prompts,
            Measure::Commits,
            Measure::PullRequests,
            Measure::ApiErrors,
            Measure::ActiveUser,
            Measure::ActiveCli,
        ];
        let mut figures = sums_of(&[&counts, &TOKENS, &COST, &LINES]);
        figures.extend([SESSIONS, ACTIVE_PEOPLE]);
        figures
    }

    pub(crate) fn new(figures: &Figures, edits: Decisions, unpriced_models: Vec<String>) -> Self {
        Self {
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            prompts: figures.sum(Measure::Prompts),
            tokens: figures.into(),
            cost_micros: figures.into(),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            decisions: edits,
            api_errors: figures.sum(Measure::ApiErrors),
            active_time_ms: ActiveTime {
                user: figures.sum(Measure::ActiveUser),
                cli: figures.sum(Measure::ActiveCli),
            },
            active_people: figures.count(ACTIVE_PEOPLE),
            unpriced_models,
        }
    }
}

/// The figures of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelFigures {
    /// Model id, or `unknown` where the source did not tell.
    #[schema(example = "claude-opus-5-5")]
    pub model: String,
    /// Requests.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_once_after_adding() {
        let figures = |picos| Figures::new(&[Figure::Sum(Measure::CostSettled)], &[picos]);
        // Three requests of 0.4 micro-dollars each: 1.2 together, 0 if each were rounded.
        let mut sum = figures(400_000);
        sum.add(&figures(400_000));
        sum.add(&figures(400_000));
        assert_eq!(Cost::from(&sum).settled, 1);
    }

    #[test]
    fn nothing_decided_has_no_rate() {
        assert_eq!(Decisions::new(0, 0).acceptance_rate, None);
        assert_eq!(Decisions::new(3, 1).acceptance_rate, Some(0.75));
    }
}
