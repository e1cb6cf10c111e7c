//! How a session's context and its cost grew.

use std::collections::BTreeMap;

use model::{Kind, Money, Posting};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{told, when_told};

/// The most points of a curve; of more, every second, third, … is told, and the last.
const MAX_POINTS: usize = 2_000;

/// What the model was given with one request of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContextPoint {
    /// When it was made.
    pub at: jiff::Timestamp,
    /// Tokens of its prompt: uncached input, cache reads and cache writes together.
    pub tokens: i64,
    /// The part of them that the cache had.
    pub cached: i64,
    /// Model id.
    pub model: String,
}

/// The cost so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostPoint {
    /// When it had come to this.
    pub at: jiff::Timestamp,
    /// Settled cost since the session began, in micro-dollars.
    pub cost_micros: i64,
}

/// The context of the conversation itself. Subagents have contexts of their own, and so do requests aside,
/// such as the one for a title; they are told from the conversation by what in the client asked, which most
/// requests have in common.
pub(super) fn context(postings: &[Posting]) -> Vec<ContextPoint> {
    let requests = postings.iter().filter(|posting| posting.kind == Kind::Request);
    let main: Vec<&Posting> = requests.filter(|posting| posting.agent.is_empty()).collect();
    let mut askers: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &main {
        *askers.entry(&request.query_source).or_default() += 1;
    }
    let asker = askers.iter().max_by_key(|(_, count)| **count).map_or("", |(asker, _)| asker);
    let of_conversation = main
        .into_iter()
        .filter(|request| when_told(&request.query_source).as_deref() == when_told(asker).as_deref());
    let points = of_conversation.map(|request| ContextPoint {
        at: request.at.to_jiff(),
        tokens: request.measures.tokens.prompt(),
        cached: request.measures.tokens.cache_read,
        model: told(&request.model),
    });
    thinned(points.collect())
}

/// The cost after each posting that has one, beginning with what was spent before, in picodollars.
pub(super) fn spending(postings: &[Posting], before: i128) -> Vec<CostPoint> {
    let mut sum = before;
    let spent = postings.iter().filter(|posting| posting.measures.cost_settled != 0);
    let points = spent.map(|posting| {
        sum += i128::from(posting.measures.cost_settled);
        CostPoint { at: posting.at.to_jiff(), cost_micros: Money::to_micros(sum) }
    });
    thinned(points.collect())
}

fn thinned<T>(points: Vec<T>) -> Vec<T> {
    let step = points.len().div_ceil(MAX_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.into_iter().enumerate().filter(|(index, _)| index % step == 0 || *index == last);
    kept.map(|(_, point)| point).collect()
}
