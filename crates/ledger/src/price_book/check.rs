//! Whether a book makes sense, and what a newer one changes.

use std::collections::BTreeMap;

use model::Timestamp;

use super::{ModelPrices, Period, PriceBook, Tier};

/// Something in a book that is probably a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The model's id.
    pub model: String,
    /// What is odd.
    pub problem: String,
}

/// A model that two books price differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the newer book has it.
    Added(String),
    /// Only the older book has it.
    Gone(String),
    /// Both have it, with other prices or dates.
    Changed(String),
}

impl PriceBook {
    /// What is odd about the book: days without or with two prices, and prices in an unusual order.
    pub fn findings(&self) -> Vec<Finding> {
        self.models.iter().flat_map(findings_of).collect()
    }

    /// What this book changes about `older`, by model.
    pub fn changes_since(&self, older: &Self) -> Vec<Change> {
        let by_id = |book: &Self| -> BTreeMap<String, ModelPrices> {
            book.models.iter().map(|prices| (prices.id.clone(), prices.clone())).collect()
        };
        let (old, new) = (by_id(older), by_id(self));
        let gone = old.keys().filter(|id| !new.contains_key(*id)).map(|id| Change::Gone(id.clone()));
        let rest = new.iter().filter_map(|(id, prices)| match old.get(id) {
            None => Some(Change::Added(id.clone())),
            Some(known) if same_prices(known, prices) => None,
            Some(_) => Some(Change::Changed(id.clone())),
        });
        rest.chain(gone).collect()
    }
}

fn same_prices(one: &ModelPrices, other: &ModelPrices) -> bool {
    (&one.standard, &one.fast, one.us_inference, one.batch)
        == (&other.standard, &other.fast, other.us_inference, other.batch)
}

fn findings_of(prices: &ModelPrices) -> Vec<Finding> {
    let finding = |problem: &str| Finding { model: prices.id.clone(), problem: problem.to_owned() };
    let mut problems = Vec::new();
    problems.extend(dates(&prices.standard));
    problems.extend(dates(&prices.fast).into_iter().filter(|problem| *problem != A_GAP));
    let tiers = prices.standard.iter().chain(&prices.fast).flat_map(|period| &period.tiers);
    problems.extend(tiers.filter_map(order));
    if prices.us_inference.thousandths() < 1_000 {
        problems.push("US inference costs less than elsewhere");
    }
    if prices.batch.thousandths() > 1_000 {
        problems.push("a batch costs more than single requests");
    }
    problems.dedup();
    problems.into_iter().map(finding).collect()
}

const A_GAP: &str = "some days between two prices have none";

fn dates(periods: &[Period]) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if periods.iter().any(|period| period.until <= period.from) {
        problems.push("a price ends before it begins");
    }
    for pair in periods.windows(2) {
        let [earlier, later] = pair else { continue };
        if later.from < earlier.until {
            problems.push("two prices hold on the same day");
        }
        if later.from > earlier.until {
            problems.push(A_GAP);
        }
    }
    if periods.last().is_some_and(|last| last.until < Timestamp::MAX) && periods.len() > 1 {
        problems.push("the last price has an end, and none follows");
    }
    problems
}

fn order(tier: &Tier) -> Option<&'static str> {
    if tier.output < tier.input {
        Some("output is cheaper than input")
    } else if tier.cache_read > tier.input {
        Some("reading from the cache costs more than input")
    } else if tier.cache_write_1h < tier.cache_write_5m {
        Some("an hour in the cache is cheaper than five minutes")
    } else {
        None
    }
}
