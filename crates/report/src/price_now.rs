//! What tokens would cost at the prices of now.
//!
//! Most prices never changed, so most requests cost now what they cost then, to the picodollar. Only
//! requests from spans of time with other prices are looked at one by one, since the tier of each depends
//! on its own prompt.

use std::collections::BTreeMap;

use ledger::{Conditions, PriceBook};
use model::{Kind, Money, Posting, Timestamp, canonical_model};
use store::{Dimension, Figure, Group, Measure, Store, Value};

use crate::ReportError;
use crate::asked::Opened;
use crate::figures::Figures;
use crate::scope::Scope;

/// By key, how much more than they are priced at tokens cost now, in picodollars.
pub(crate) struct PriceNow<K> {
    /// Nothing when nobody asked.
    differences: Option<BTreeMap<K, i128>>,
}

impl<K: Ord> PriceNow<K> {
    /// Finds the differences in a question's part of the ledger, if they are asked for.
    pub(crate) async fn ask(
        store: &dyn Store,
        opened: &Opened<'_>,
        key_of: impl Fn(&Posting) -> K,
    ) -> Result<Self, ReportError> {
        let Some(now) = opened.asked.price_now else { return Ok(Self { differences: None }) };
        let prices = opened.asked.prices.as_ref();
        let scope = opened.spending();
        let figures = vec![Figure::Sum(Measure::CostPriced)];
        let mut differences: BTreeMap<K, i128> = BTreeMap::new();
        for row in scope.rows(store, vec![Group::Dimension(Dimension::Model)], figures).await? {
            let model = row.text(0);
            for (from, until) in prices.spans_priced_otherwise(&canonical_model(model), now) {
                let Some(scope) = span_of(&scope, from, until, model) else { continue };
                scope
                    .for_each_line(store, |line| {
                        let difference = difference_of(&line.posting, prices, now);
                        *differences.entry(key_of(&line.posting)).or_default() +=
                            i128::from(line.sign.factor()) * difference;
                    })
                    .await?;
            }
        }
        Ok(Self { differences: Some(differences) })
    }

    /// Tells figures what their tokens cost now, if that was asked for.
    pub(crate) fn tell(&self, key: &K, figures: &mut Figures) {
        if let Some(differences) = &self.differences {
            figures.price_now(differences.get(key).copied().unwrap_or(0));
        }
    }
}

/// A part of the scope: one model, between two instants; `None` when that is empty.
fn span_of(scope: &Scope, from: Timestamp, until: Timestamp, model: &str) -> Option<Scope> {
    let mut scope = scope.clone();
    let filter = &mut scope.filter;
    let from = filter.from.map_or(from, |earliest| earliest.max(from));
    let until = filter.until.map_or(until, |latest| latest.min(until));
    filter.from = Some(from);
    filter.until = Some(until);
    filter.among.push((Dimension::Model, vec![Value::from(model)]));
    (from < until).then_some(scope)
}

/// How much more than it is priced at a posting costs now, in picodollars.
fn difference_of(posting: &Posting, prices: &PriceBook, now: Timestamp) -> i128 {
    let then = Money::from_picos(posting.measures.cost_priced);
    i128::from(price_now(posting, prices, now).unwrap_or(then).minus(then).as_picos())
}

/// The price of a posting's tokens and searches at a moment; `None` when the book does not know the model.
pub(crate) fn price_now(posting: &Posting, prices: &PriceBook, now: Timestamp) -> Option<Money> {
    let model = canonical_model(&posting.model);
    let (usage, measures) = (&posting.measures.tokens, &posting.measures);
    if posting.kind == Kind::Unattributed {
        return prices.price_of_several(&model, now, usage, told_cost(posting), posting.fast);
    }
    let tokens = prices.price(&model, now, usage, conditions_of(posting, prices))?;
    Some(tokens.plus(prices.web_searches(measures.web_searches)))
}

/// What the client told that the tokens of an unattributed posting cost, where it did.
pub(crate) fn told_cost(posting: &Posting) -> Option<Money> {
    let measures = &posting.measures;
    (measures.cost_reported != 0).then(|| Money::from_picos(measures.cost_settled))
}

/// Under which conditions a request was priced. Whether inference was confined to the US is not kept beside
/// the figures, but they tell: the price they add up to is one or the other.
pub(crate) fn conditions_of(posting: &Posting, prices: &PriceBook) -> Conditions {
    let elsewhere = Conditions { fast: posting.fast, ..Conditions::default() };
    let in_us = Conditions { us_inference: true, ..elsewhere };
    let model = canonical_model(&posting.model);
    let priced = Money::from_picos(posting.measures.cost_priced);
    let tokens_priced = priced.minus(prices.web_searches(posting.measures.web_searches));
    let matches = |conditions| {
        prices.price(&model, posting.at, &posting.measures.tokens, conditions) == Some(tokens_priced)
    };
    if !matches(elsewhere) && matches(in_us) { in_us } else { elsewhere }
}
