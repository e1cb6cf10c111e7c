//! One day and model: what the difference is, and what of it can be proved.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::PriceBook;
use model::{Money, Posting, TokenUsage};
use store::Store;

use super::counting::{Choice, Shifted, as_read, list_price, tokens_of};
use super::{Difference, ForeignRow, Place, Reason, ReasonKind, Side};
use crate::ReportError;
use crate::explain::evidence::Found;
use crate::explain::{Standing, sums};

/// What other readers call messages that the client wrote itself.
const SYNTHETIC: &str = "<synthetic>";

/// Costs are floating-point numbers elsewhere: a difference of no more than this, in micro-dollars, is none.
const ROUNDING_MICROS: i64 = 1;

/// One day and model.
pub(super) struct Case<'a> {
    pub(super) place: &'a Place,
    pub(super) spelling: String,
    pub(super) ours: Side,
    pub(super) unattributed: Side,
    pub(super) theirs: Option<ForeignRow>,
    /// Their tokens of the model, by day.
    pub(super) their_days: &'a BTreeMap<Date, [i64; 4]>,
    pub(super) shifted: &'a Shifted,
    pub(super) prices: &'a PriceBook,
}

/// A difference being worked off.
struct Working {
    left: Side,
    reasons: Vec<Reason>,
}

impl Working {
    fn explain(&mut self, kind: ReasonKind, text: impl Into<String>, amount: Side) {
        self.left = self.left.minus(amount);
        self.reasons.push(Reason { kind, text: text.into(), amount });
    }

    /// Adds what else a reason accounts for to it.
    fn add_cost(&mut self, kind: ReasonKind, cost_micros: i64) {
        let amount = Side { cost_micros, ..Side::default() };
        if let Some(reason) = self.reasons.iter_mut().find(|reason| reason.kind == kind) {
            reason.amount = reason.amount.plus(amount);
            self.left = self.left.minus(amount);
        }
    }

    fn has(&self, kind: ReasonKind) -> bool {
        self.reasons.iter().any(|reason| reason.kind == kind)
    }

    fn tokens_are_left(&self) -> bool {
        self.left.tokens() != [0; 4]
    }

    fn cost_is_left(&self) -> bool {
        self.left.cost_micros.abs() > ROUNDING_MICROS
    }
}

impl Case<'_> {
    fn side_of_theirs(&self) -> Side {
        self.theirs.as_ref().map(|row| row.side).unwrap_or_default()
    }

    fn difference(&self) -> Side {
        let difference = self.ours.minus(self.side_of_theirs());
        let is_rounding = difference.tokens() == [0; 4] && difference.cost_micros.abs() <= ROUNDING_MICROS;
        if is_rounding { Side::default() } else { difference }
    }

    /// Whether single requests have to be looked at: something is left when what is known without them is
    /// taken off.
    pub(super) fn needs_postings(&self) -> bool {
        self.difference().minus(self.unattributed) != Side::default()
    }

    pub(super) async fn solve(
        self,
        store: &dyn Store,
        postings: &[Standing],
    ) -> Result<Difference, ReportError> {
        let difference = self.difference();
        let mut working = Working { left: difference, reasons: Vec::new() };
        if difference != Side::default() {
            self.without_requests(&mut working);
            if working.left != Side::default() {
                self.with_requests(&mut working, store, postings).await?;
            }
        }
        Ok(Difference {
            date: self.place.0,
            theirs: self.side_of_theirs(),
            model: self.spelling,
            ours: self.ours,
            difference,
            reasons: working.reasons,
            unexplained: working.left,
        })
    }

    /// What is known without looking at single requests.
    fn without_requests(&self, working: &mut Working) {
        if self.unattributed != Side::default() {
            let text = if self.unattributed.tokens() == [0; 4] {
                "only the client's own totals tell that cost"
            } else {
                "only the client's own totals have it: titles, compaction and the like, without a request"
            };
            working.explain(ReasonKind::Unattributed, text, self.unattributed);
        }
        if self.place.1 == SYNTHETIC {
            let text = "messages that the client wrote itself took no request, and cost nothing";
            working.explain(ReasonKind::Synthetic, text, working.left);
        }
    }

    async fn with_requests(
        &self,
        working: &mut Working,
        store: &dyn Store,
        postings: &[Standing],
    ) -> Result<(), ReportError> {
        let found = Found::ask(store, postings).await?;
        let (mut read, mut telemetry_only) = (Vec::new(), Vec::new());
        for posting in
            postings.iter().map(|standing| &standing.posting).filter(|posting| found.knows(posting))
        {
            let is_read = !found.transcript_copies(posting).is_empty();
            if is_read { read.push(posting) } else { telemetry_only.push(posting) }
        }
        if !telemetry_only.is_empty() {
            let text = format!("requests known from telemetry only: {}", telemetry_only.len());
            working.explain(ReasonKind::NotInTranscripts, text, side_of(&telemetry_only));
        }
        let answers = self.tokens(working, &found, &read);
        if working.tokens_are_left() {
            self.zone(working);
        }
        if !working.tokens_are_left() && working.cost_is_left() {
            self.cost(working, &answers);
        }
        Ok(())
    }

    fn zone(&self, working: &mut Working) {
        let Some((minutes, shifted)) = self.shifted.offset_with(self.place, self.their_days) else { return };
        let (hours, rest) = (minutes / 60, minutes.abs() % 60);
        let text = format!("their day is one of UTC{hours:+03}:{rest:02}");
        let requests = self.ours.minus(self.unattributed);
        working.explain(ReasonKind::Zone, text, requests.minus(shifted));
    }

    /// Tries ways of counting lines; gives the answers as the other reader takes them.
    fn tokens<'p>(
        &self,
        working: &mut Working,
        found: &Found,
        read: &[&'p Posting],
    ) -> Vec<(&'p Posting, Vec<TokenUsage>)> {
        let taken = |choice| -> Vec<(&'p Posting, Vec<TokenUsage>)> {
            read.iter().map(|posting| (*posting, as_read(found, posting, choice))).collect()
        };
        let as_settled = || read.iter().map(|posting| (*posting, vec![posting.measures.tokens])).collect();
        if !working.tokens_are_left() {
            return as_settled();
        }
        let theirs = self.side_of_theirs();
        for choice in Choice::ALL {
            let answers = taken(choice);
            let counted = tokens_of(answers.iter().flat_map(|(_, usages)| usages));
            if counted.tokens() == theirs.tokens() {
                let many = answers.iter().filter(|(_, usages)| usages.len() > 1).count();
                let text = match (many, choice) {
                    (0, Choice::First) => {
                        "they take an answer's first line, which does not have its final counts".to_owned()
                    }
                    (0, _) => "they take another line of an answer than the final one".to_owned(),
                    (many, _) => format!(
                        "{many} answers stand in transcripts under several ids, or without one, and are counted several times"
                    ),
                };
                let amount = Side { cost_micros: 0, ..working.left };
                working.explain(ReasonKind::Copies, text, amount);
                return answers;
            }
        }
        as_settled()
    }

    /// Tries ways of pricing.
    fn cost(&self, working: &mut Working, answers: &[(&Posting, Vec<TokenUsage>)]) {
        let theirs = self.side_of_theirs().cost_micros;
        let amount = Side { cost_micros: working.left.cost_micros, ..Side::default() };
        let is_theirs =
            |price: Option<i64>| price.is_some_and(|price| (price - theirs).abs() <= ROUNDING_MICROS);
        let searches = answers.iter().map(|(posting, _)| posting.measures.web_searches).sum();
        let searches = Money::to_micros(self.prices.web_searches(searches).as_picos().into());
        let we_have_none = self.prices.model(&self.place.1).is_none();
        if theirs == 0 && self.theirs.as_ref().is_some_and(|row| row.unpriced || row.side.tokens() != [0; 4])
        {
            working.explain(ReasonKind::TheyHaveNoPrice, "they have no price for the model", amount);
        } else if we_have_none && self.ours.cost_micros == self.unattributed.cost_micros {
            working.explain(
                ReasonKind::WeHaveNoPrice,
                "the price book here has no price for the model",
                amount,
            );
        } else if searches != 0 && (working.left.cost_micros - searches).abs() <= ROUNDING_MICROS {
            working.explain(ReasonKind::WebSearches, "they do not price web searches", amount);
        } else if working.has(ReasonKind::Copies) && is_theirs(list_price(self.prices, answers, false)) {
            working.add_cost(ReasonKind::Copies, amount.cost_micros);
        } else if is_theirs(list_price(self.prices, answers, false)) {
            let text = "they use list prices where the client reported another cost";
            working.explain(ReasonKind::ListPrices, text, amount);
        } else if is_theirs(list_price(self.prices, answers, true)) {
            let text = "they price one-hour cache writes like five-minute ones";
            working.explain(ReasonKind::OneHourWrites, text, amount);
        }
    }
}

fn side_of(postings: &[&Posting]) -> Side {
    let (tokens, cost) = sums(postings.iter().copied());
    Side {
        input: tokens.input,
        output: tokens.output,
        cache_read: tokens.cache_read,
        cache_creation: tokens.cache_creation,
        cost_micros: cost.settled,
    }
}
