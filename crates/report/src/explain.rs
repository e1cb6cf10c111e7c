//! Why a figure is what it is: the postings behind it, the evidence behind each, and the price used.
//!
//! Settlement is a pure function, so explaining runs it again: what a request was gathered from is exactly
//! what settlement says, not a second guess at it.

pub mod against;
mod evidence;
mod price;

use std::collections::BTreeMap;

use model::{Kind, LedgerLine, Posting, Timestamp};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened};
use crate::figures::{COST, Cost, TOKENS, Tokens, sums_of};
use crate::scope::Scope;
use crate::{ReportError, told, when_told};
use evidence::Found;
pub use evidence::Witness;
pub use price::{PriceUsed, Product};

/// The most postings that are explained at once.
pub const MAX_POSTINGS: usize = 10_000;

/// What is asked, beside the days and models of [`Asked`].
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Only this session, by the id that the client gave.
    pub session: Option<String>,
}

/// The postings of a day, with what is behind them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// All of it, postings beyond the limit included.
    pub totals: Explained,
    /// Oldest first; at most as many as asked for.
    pub postings: Vec<ExplainedPosting>,
}

/// What a figure comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explained {
    /// Postings that it is made of.
    pub postings: i64,
    /// Requests among them; the others are what only running totals know.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// The part without requests.
    pub unattributed: UnattributedPostings,
}

/// What only the client's running totals know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnattributedPostings {
    /// Postings.
    pub postings: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

/// One posting, with what is behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExplainedPosting {
    /// `request`, or `unattributed` for what only a running total knows.
    pub kind: String,
    /// The instant it belongs to.
    pub at: jiff::Timestamp,
    /// When it was written to the ledger.
    pub posted_at: jiff::Timestamp,
    /// Session.
    pub session_id: String,
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// What in the client asked, where known.
    #[schema(required)]
    pub query_source: Option<String>,
    /// Kind of the subagent, for requests of one.
    #[schema(required)]
    pub agent: Option<String>,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// The price used; null when the price book has none for the model.
    #[schema(required)]
    pub price: Option<PriceUsed>,
    /// The records it was settled from.
    pub evidence: Vec<Witness>,
}

/// A posting that stands, and when it was written.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) posting: Posting,
    pub(crate) posted_at: Timestamp,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`], [`ReportError::TooMany`] and
/// [`ReportError::Store`].
pub async fn ask(
    store: &dyn Store,
    asked: &Asked,
    parameters: &Parameters,
) -> Result<Explanation, ReportError> {
    let Some(opened) = Opened::new(store, asked).await? else {
        return Ok(Explanation {
            heading: Heading::new(asked, None),
            totals: Explained::default(),
            postings: Vec::new(),
        });
    };
    let limit = asked.limit.unwrap_or(MAX_POSTINGS);
    if limit > MAX_POSTINGS {
        return Err(ReportError::TooMany { limit: MAX_POSTINGS });
    }
    let is_asked_for = |posting: &Posting| {
        parameters.session.as_ref().is_none_or(|session| posting.session.told() == session)
    };
    let mut standing = standing(store, &opened.spending(), is_asked_for).await?;
    let totals = Explained::of(&standing);
    standing.truncate(limit);
    let found = Found::ask(store, &standing).await?;
    let postings = standing.iter().map(|standing| {
        let Standing { posting, posted_at } = standing;
        ExplainedPosting {
            kind: posting.kind.as_str().to_owned(),
            at: posting.at.to_jiff(),
            posted_at: posted_at.to_jiff(),
            session_id: posting.session.told().to_owned(),
            model: told(&posting.model),
            query_source: when_told(&posting.query_source),
            agent: when_told(&posting.agent),
            tokens: (&posting.measures.tokens).into(),
            cost_micros: (&posting.measures).into(),
            price: PriceUsed::of(posting, &asked.prices),
            evidence: found.of(posting),
        }
    });
    Ok(Explanation { heading: opened.heading(), totals, postings: postings.collect() })
}

/// The postings that are left of a scope when reversals are taken off, oldest first.
pub(crate) async fn standing(
    store: &dyn Store,
    scope: &Scope,
    is_asked_for: impl Fn(&Posting) -> bool,
) -> Result<Vec<Standing>, ReportError> {
    let mut counts: BTreeMap<Posting, (i64, Timestamp)> = BTreeMap::new();
    scope
        .for_each_line(store, |line: &LedgerLine| {
            if is_asked_for(&line.posting) {
                let (count, posted_at) = counts.entry(line.posting.clone()).or_insert((0, Timestamp::MIN));
                *count += line.sign.factor();
                *posted_at = line.posted_at.max(*posted_at);
            }
        })
        .await?;
    let left = counts.into_iter().filter(|(_, (count, _))| *count > 0);
    let mut standing: Vec<Standing> =
        left.map(|(posting, (_, posted_at))| Standing { posting, posted_at }).collect();
    standing.sort_by(|a, b| a.posting.at.cmp(&b.posting.at).then_with(|| a.posting.cmp(&b.posting)));
    Ok(standing)
}

impl Explained {
    fn of(standing: &[Standing]) -> Self {
        let postings = || standing.iter().map(|standing| &standing.posting);
        let without_requests = || postings().filter(|posting| posting.kind == Kind::Unattributed);
        let (tokens, cost_micros) = sums(postings());
        let requests = postings().map(|posting| posting.measures.requests).sum();
        let unattributed = sums(without_requests());
        Self {
            postings: standing.len() as i64,
            requests,
            tokens,
            cost_micros,
            unattributed: UnattributedPostings {
                postings: without_requests().count() as i64,
                tokens: unattributed.0,
                cost_micros: unattributed.1,
            },
        }
    }
}

/// Tokens and cost of some postings, rounded once.
pub(crate) fn sums<'p>(postings: impl Iterator<Item = &'p Posting>) -> (Tokens, Cost) {
    let asked = sums_of(&[&TOKENS, &COST]);
    let mut figures = crate::figures::Figures::new(&asked, &vec![0; asked.len()]);
    for posting in postings {
        figures.add(&crate::figures::Figures::of_posting(&asked, posting));
    }
    ((&figures).into(), (&figures).into())
}
