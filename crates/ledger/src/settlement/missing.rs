//! The postings for what only running totals tell of.

use std::collections::{BTreeMap, BTreeSet};

use model::{CanonicalModel, Counter, ItemKey, Measures, Money, Posting, SessionId, Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::Rules;
use super::family::Family;
use super::measured::{Measured, Steps};
use super::remainder::Step;
use super::spelling::for_each_model;
use super::totals::Running;

/// A cost beyond the items that is no more than this per item, without tokens beyond them, is rounding.
pub(super) const ROUNDING_PICOS_PER_ITEM: i64 = 1_000_000;

/// How a session used a model, as far as its requests tell.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Use {
    /// When the first of them was made.
    began: Option<Timestamp>,
    /// Whether any ran in fast mode.
    ran_fast: bool,
}

impl Use {
    /// Notes one more request.
    pub(super) fn note(&mut self, request: &Posting) {
        self.began = Some(self.began.map_or(request.at, |began| began.min(request.at)));
        self.ran_fast |= request.fast;
    }
}

/// What is known of the session whose totals were compared, beside what its items lack.
pub(super) trait Known<'f> {
    /// How many items tell of the measure.
    fn items_of(&self, measured: Measured<'f>) -> usize;

    /// How the session used the model.
    fn use_of(&self, model: &'f CanonicalModel) -> Use;

    /// Whether a total tells what the model cost.
    fn tells_cost_of(&self, model: &'f CanonicalModel) -> bool;

    /// For each model of the session, the spelling that tells most.
    fn spellings(&self) -> BTreeMap<&'f CanonicalModel, Text>;

    /// Who decided what the counters of edits tell of.
    fn deciders(&self) -> Deciders<'f>;
}

/// The session that totals were compared with.
pub(super) struct Account<'r, 'f, K> {
    pub family: &'r Family<'f>,
    pub session: &'r SessionId,
    pub known: K,
}

type Rows<'f> = BTreeMap<(&'f CanonicalModel, Timestamp), Measures>;

/// By tool, decision and step: who decided and the language, `None` where several series took part.
pub(super) type Deciders<'f> = BTreeMap<(&'f str, bool, Timestamp), Option<(&'f str, &'f str)>>;

impl<'f, K: Known<'f>> Account<'_, 'f, K> {
    pub(super) fn postings(&self, missing: &Steps<'f>, rules: Rules<'_>) -> Vec<Posting> {
        let mut postings = self.unattributed(missing, rules);
        postings.extend(self.activity(missing));
        postings
    }

    /// Tokens and cost without requests, one posting per model and step.
    fn unattributed(&self, missing: &Steps<'f>, rules: Rules<'_>) -> Vec<Posting> {
        let mut rows = Rows::new();
        for (measured, steps) in missing {
            let Some(model) = measured.model() else { continue };
            for (at, amount) in steps {
                *measured.field(rows.entry((model, *at)).or_default()) = *amount;
            }
        }
        self.drop_rounding(&mut rows);
        let spellings = if rows.is_empty() { BTreeMap::new() } else { self.known.spellings() };
        let postings = rows.into_iter().map(|((model, at), measures)| {
            let mut posting = self.posting(Measured::CostSettled(model), at);
            posting.model = spellings.get(model).cloned().unwrap_or_else(|| model.as_str().into());
            posting.measures = measures;
            self.price(&mut posting, model, rules);
            posting
        });
        postings.collect()
    }

    /// Drops a cost that is only what rounding each request left over.
    fn drop_rounding(&self, rows: &mut Rows<'f>) {
        for told in [Measured::CostSettled as fn(&'f CanonicalModel) -> Measured<'f>, Measured::CostReported]
        {
            let mut without_tokens: BTreeMap<&CanonicalModel, i64> = BTreeMap::new();
            for ((model, _), row) in rows.iter_mut().filter(|(_, row)| row.tokens.is_empty()) {
                let sum = without_tokens.entry(model).or_default();
                *sum = sum.saturating_add(*told(model).field(row));
            }
            for ((model, _), row) in rows.iter_mut().filter(|(_, row)| row.tokens.is_empty()) {
                let measured = told(model);
                let requests = self.known.items_of(measured) as i64;
                let sum = without_tokens.get(model).copied().unwrap_or(0);
                if sum <= requests.saturating_mul(ROUNDING_PICOS_PER_ITEM) {
                    *measured.field(row) = 0;
                }
            }
        }
        rows.retain(|_, row| *row != Measures::default());
    }

    /// Prices tokens by the book; the client's own cost stands where it told one for the model. Its part for
    /// these tokens is the settled cost: what it reported for requests is not known where only transcripts
    /// tell of them.
    fn price(&self, posting: &mut Posting, model: &'f CanonicalModel, rules: Rules<'_>) {
        let told = self.known.tells_cost_of(model);
        let cost = told.then_some(Money::from_picos(posting.measures.cost_settled));
        let (fast, price) = self.mode_and_price(posting, model, cost, rules);
        let measures = &mut posting.measures;
        match price {
            Some(price) => measures.cost_priced = price.as_picos(),
            None => measures.unpriced_tokens = measures.tokens.total(),
        }
        if !told {
            measures.cost_settled = measures.cost_priced;
        }
        posting.fast = fast;
    }

    /// Totals tell neither the mode nor the day of what they hold, but where they tell its cost, that does: it is
    /// taken to be what comes nearest of the prices at the end and at the beginning, and of the modes that the
    /// model's requests ran in. Without a cost it is the standard price of the end: the lowest, so that what is
    /// told later was not counted too high meanwhile.
    fn mode_and_price(
        &self,
        posting: &Posting,
        model: &'f CanonicalModel,
        cost: Option<Money>,
        rules: Rules<'_>,
    ) -> (bool, Option<Money>) {
        let price = |at, fast| rules.prices.price_of_several(model, at, &posting.measures.tokens, cost, fast);
        let Some(cost) = cost else { return (false, price(posting.at, false)) };
        let Use { began, ran_fast } = self.known.use_of(model);
        let began = began.map_or(posting.at, |began| began.min(posting.at));
        let modes: &[bool] = if ran_fast { &[false, true] } else { &[false] };
        let quotes = [posting.at, began].into_iter().flat_map(|at| modes.iter().map(move |fast| (at, *fast)));
        let priced = quotes.filter_map(|(at, fast)| Some((fast, price(at, fast)?)));
        let nearest = priced.min_by_key(|(_, price)| price.minus(cost).as_picos().unsigned_abs());
        nearest.map_or((false, None), |(fast, price)| (fast, Some(price)))
    }

    /// Lines, commits, pull requests, edit decisions and active time that only totals know.
    fn activity(&self, missing: &Steps<'f>) -> Vec<Posting> {
        let mut deciders = None;
        let mut postings = Vec::new();
        for (measured, steps) in missing.iter().filter(|(measured, _)| measured.model().is_none()) {
            for (at, amount) in steps {
                let mut posting = self.posting(*measured, *at);
                *measured.field(&mut posting.measures) = *amount;
                if let Measured::Decisions(tool, accepted) = measured {
                    posting.subject = (*tool).into();
                    let deciders = deciders.get_or_insert_with(|| self.known.deciders());
                    if let Some(Some((decided_by, language))) = deciders.get(&(*tool, *accepted, *at)) {
                        posting.decided_by = (*decided_by).into();
                        posting.language = (*language).into();
                    }
                }
                postings.push(posting);
            }
        }
        postings
    }

    fn posting(&self, measured: Measured<'_>, at: Timestamp) -> Posting {
        let name = format!("{} {} {}", self.session, measured.name(), at.as_micros());
        let kind = measured.kind();
        self.family.posting(kind, at, self.session, ItemKey::of(kind.as_str(), &name), &[])
    }
}

/// What the family's records tell of an account.
pub(super) struct FromRecords<'r, 'f> {
    pub family: &'f Family<'f>,
    pub session: &'f SessionId,
    pub items: &'r Steps<'f>,
    pub counters: &'r BTreeMap<&'f Counter, Vec<Step>>,
    pub running: &'r Running<'f>,
    pub uses: &'r BTreeMap<&'f CanonicalModel, Use>,
}

impl<'f> Known<'f> for FromRecords<'_, 'f> {
    fn items_of(&self, measured: Measured<'f>) -> usize {
        self.items.get(&measured).map_or(0, Vec::len)
    }

    fn use_of(&self, model: &'f CanonicalModel) -> Use {
        self.uses.get(model).copied().unwrap_or_default()
    }

    fn tells_cost_of(&self, model: &'f CanonicalModel) -> bool {
        self.running.contains_key(&Measured::CostReported(model))
    }

    fn spellings(&self) -> BTreeMap<&'f CanonicalModel, Text> {
        let mut seen: BTreeMap<&CanonicalModel, BTreeSet<&str>> = BTreeMap::new();
        let own =
            self.family.by_session().filter(|(session, _)| self.family.account(session) == self.session);
        for record in own.flat_map(|(_, records)| records) {
            for_each_model(record, |model| {
                seen.entry(self.family.spellings.canonical(model)).or_default().insert(model);
            });
        }
        let best =
            seen.into_iter().map(|(model, seen)| (model, self.family.spellings.best(seen.into_iter())));
        best.collect()
    }

    fn deciders(&self) -> Deciders<'f> {
        let mut deciders = Deciders::new();
        for (counter, steps) in self.counters {
            for (at, _) in steps {
                note_decider(&mut deciders, counter, *at);
            }
        }
        deciders
    }
}

/// Notes who decided by a step of a counter, if it counts decisions on edits.
pub(super) fn note_decider<'f>(deciders: &mut Deciders<'f>, counter: &'f Counter, at: Timestamp) {
    if let Counter::EditDecisions { tool, accepted, decided_by, language } = counter {
        deciders
            .entry((tool.as_str(), *accepted, at))
            .and_modify(|only| *only = None)
            .or_insert(Some((decided_by.as_str(), language.as_str())));
    }
}
