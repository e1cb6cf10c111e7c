//! Everything measured of a session: items and counters side by side, and what is posted for the difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    CanonicalModel, Counter, Posting, Record, SessionId, Sign, Text, Timestamp, TokenKind, canonical_model,
    displayed_model,
};
use serde::{Deserialize, Serialize};

use super::WholeNeeded;
use super::curve::Curve;
use super::series::AllSeries;
use crate::amend;
use crate::settlement::Rules;
use crate::settlement::counters::point_of;
use crate::settlement::family::Family;
use crate::settlement::measured::{Measured, Steps, measured_by};
use crate::settlement::missing::{Account, Deciders, Known, ROUNDING_PICOS_PER_ITEM, Use, note_decider};
use crate::settlement::profile::Profile;
use crate::settlement::remainder::Step;
use crate::settlement::spelling::for_each_model;

/// The measures of a session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Measures {
    series: AllSeries,
    curves: BTreeMap<Measure, Curve>,
    /// Every spelling of a model, and what it stands for.
    models: BTreeMap<String, Arc<CanonicalModel>>,
    /// How each model was used.
    uses: BTreeMap<CanonicalModel, Use>,
    /// Whether any item tells of any measure: totals wait for items only where there are some.
    has_items: bool,
    /// The steps of counters of edits that are not explained by decisions, or not yet.
    edits: Vec<(Timestamp, Counter)>,
}

/// A [`Measured`] that borrows nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Measure {
    Tokens(Arc<CanonicalModel>, TokenKind),
    CostSettled(Arc<CanonicalModel>),
    CostReported(Arc<CanonicalModel>),
    Decisions(Arc<str>, bool),
    LinesAdded,
    LinesRemoved,
    Commits,
    PullRequests,
    ActiveUser,
    ActiveCli,
}

impl Measure {
    fn as_measured(&self) -> Measured<'_> {
        match self {
            Self::Tokens(model, kind) => Measured::Tokens(model, *kind),
            Self::CostSettled(model) => Measured::CostSettled(model),
            Self::CostReported(model) => Measured::CostReported(model),
            Self::Decisions(tool, accepted) => Measured::Decisions(tool, *accepted),
            Self::LinesAdded => Measured::LinesAdded,
            Self::LinesRemoved => Measured::LinesRemoved,
            Self::Commits => Measured::Commits,
            Self::PullRequests => Measured::PullRequests,
            Self::ActiveUser => Measured::ActiveUser,
            Self::ActiveCli => Measured::ActiveCli,
        }
    }

    const fn is_of_model(&self) -> bool {
        matches!(self, Self::Tokens(..) | Self::CostSettled(_) | Self::CostReported(_))
    }
}

/// What is missing of some measures, at its instants.
type Missing = Vec<(Measure, Vec<Step>)>;

/// Whose totals they are.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub session: &'a SessionId,
    pub profile: &'a Profile,
}

impl Measures {
    /// Notes the models that records name.
    pub(super) fn note_models(&mut self, records: &[&Record]) {
        for record in records {
            for_each_model(record, |spelling| {
                if !self.models.contains_key(spelling) {
                    let model = self.known_model(&canonical_model(spelling));
                    self.models.insert(spelling.to_owned(), model);
                }
            });
        }
    }

    fn known_model(&self, model: &CanonicalModel) -> Arc<CanonicalModel> {
        let known = self.models.values().find(|known| ***known == *model);
        known.map_or_else(|| Arc::new(model.clone()), Arc::clone)
    }

    /// An item's posting adds to what it measures. `model` is a request's.
    pub(super) fn add_item(
        &mut self,
        posting: &Posting,
        model: Option<&CanonicalModel>,
        rules: Rules<'_>,
    ) -> Result<(), WholeNeeded> {
        if let Some(model) = model {
            self.uses.entry(model.clone()).or_default().note(posting);
        }
        let mut amounts = Vec::new();
        measured_by(posting, model, |measured, amount| amounts.push((self.owned(measured), amount)));
        if !amounts.is_empty() && !self.has_items {
            self.has_items = true;
            // From now on totals wait; those that were compared too young would be taken back.
            let youngest = youngest(rules);
            if self.curves.values().any(|curve| curve.compared_until > Some(youngest)) {
                return Err(WholeNeeded);
            }
        }
        for (measure, amount) in amounts {
            self.curves.entry(measure).or_default().add_item(posting.at, amount)?;
        }
        Ok(())
    }

    fn owned(&self, measured: Measured<'_>) -> Measure {
        let model = |model: &CanonicalModel| self.known_model(model);
        match measured {
            Measured::Tokens(of, kind) => Measure::Tokens(model(of), kind),
            Measured::CostSettled(of) => Measure::CostSettled(model(of)),
            Measured::CostReported(of) => Measure::CostReported(model(of)),
            Measured::Decisions(tool, accepted) => Measure::Decisions(tool.into(), accepted),
            Measured::LinesAdded => Measure::LinesAdded,
            Measured::LinesRemoved => Measure::LinesRemoved,
            Measured::Commits => Measure::Commits,
            Measured::PullRequests => Measure::PullRequests,
            Measured::ActiveUser => Measure::ActiveUser,
            Measured::ActiveCli => Measure::ActiveCli,
        }
    }

    /// What a record's point adds, if it is one of a counter, is a step of the totals.
    pub(super) fn add_point(&mut self, record: &Record, rules: Rules<'_>) -> Result<(), WholeNeeded> {
        let Some(point) = point_of(record) else { return Ok(()) };
        // What is dated so far ahead is not waited for, but would be once its time comes.
        if record.at > rules.now.plus_micros(rules.quiet_micros) {
            return Err(WholeNeeded);
        }
        let added = self.series.add(record, point)?;
        if added == 0 {
            return Ok(());
        }
        let is_edit = matches!(point.counter, Counter::EditDecisions { .. });
        for measure in self.measures_of(&point.counter) {
            let curve = self.curves.entry(measure).or_default();
            // Who decided what is posted already might change with it.
            if is_edit && curve.compared_until >= Some(record.at) {
                return Err(WholeNeeded);
            }
            curve.add_step(record.at, added)?;
        }
        if is_edit {
            self.edits.push((record.at, point.counter.clone()));
        }
        Ok(())
    }

    fn measures_of(&self, counter: &Counter) -> Vec<Measure> {
        let model = |spelling: &str| {
            let known = self.models.get(spelling).cloned();
            known.unwrap_or_else(|| Arc::new(canonical_model(spelling)))
        };
        match counter {
            Counter::Tokens { model: of, kind } => vec![Measure::Tokens(model(of), *kind)],
            Counter::Cost { model: of } => {
                vec![Measure::CostSettled(model(of)), Measure::CostReported(model(of))]
            }
            Counter::EditDecisions { tool, accepted, .. } => {
                vec![Measure::Decisions(tool.as_str().into(), *accepted)]
            }
            Counter::LinesAdded => vec![Measure::LinesAdded],
            Counter::LinesRemoved => vec![Measure::LinesRemoved],
            Counter::Commits => vec![Measure::Commits],
            Counter::PullRequests => vec![Measure::PullRequests],
            Counter::ActiveUserSeconds => vec![Measure::ActiveUser],
            Counter::ActiveCliSeconds => vec![Measure::ActiveCli],
            Counter::Sessions(_) | Counter::Unknown(_) => Vec::new(),
        }
    }

    /// What is posted for tokens and cost beyond the requests. How much of that is rounding depends on how many
    /// requests there are, so it can change with every one.
    pub(super) fn unattributed(&self, owner: Owner<'_>, rules: Rules<'_>) -> Vec<Posting> {
        if self.only_rounding() {
            return Vec::new();
        }
        let of_models = self.curves.iter().filter(|(measure, _)| measure.is_of_model());
        let missing: Missing = of_models.map(|(measure, curve)| (measure.clone(), curve.missing())).collect();
        self.postings(owner, rules, &missing)
    }

    /// Whether nothing is missing of any model but what rounding explains.
    fn only_rounding(&self) -> bool {
        self.curves.iter().all(|(measure, curve)| match measure {
            Measure::Tokens(..) => curve.level() == 0,
            Measure::CostSettled(_) | Measure::CostReported(_) => {
                curve.level() <= ROUNDING_PICOS_PER_ITEM.saturating_mul(curve.item_count as i64)
            }
            Measure::Decisions(..)
            | Measure::LinesAdded
            | Measure::LinesRemoved
            | Measure::Commits
            | Measure::PullRequests
            | Measure::ActiveUser
            | Measure::ActiveCli => true,
        })
    }

    /// Compares the totals that are old enough, and adds what changes by that. `unattributed` is what was posted
    /// of models before anything new came.
    pub(super) fn compare(
        &mut self,
        owner: Owner<'_>,
        unattributed: &[Posting],
        rules: Rules<'_>,
        lines: &mut Vec<(Sign, Posting)>,
    ) {
        let until = if self.has_items { youngest(rules) } else { Timestamp::MAX };
        let (mut gone, mut new) = (Missing::new(), Missing::new());
        for (measure, curve) in &mut self.curves {
            if measure.is_of_model() || !curve.is_due(until) {
                curve.compare_until(until);
                continue;
            }
            let before = curve.missing();
            curve.compare_until(until);
            let now = curve.missing();
            let same = before.iter().zip(&now).take_while(|(before, now)| before == now).count();
            gone.push((measure.clone(), before.into_iter().skip(same).collect()));
            new.push((measure.clone(), now.into_iter().skip(same).collect()));
        }
        lines.extend(amend(&self.postings(owner, rules, &gone), &self.postings(owner, rules, &new)));
        lines.extend(amend(unattributed, &self.unattributed(owner, rules)));
        self.forget_explained_edits();
    }

    fn forget_explained_edits(&mut self) {
        let curves = &self.curves;
        self.edits.retain(|(at, counter)| match counter {
            Counter::EditDecisions { tool, accepted, .. } => {
                let curve = curves.get(&Measure::Decisions(tool.as_str().into(), *accepted));
                curve.is_some_and(|curve| curve.compared_until < Some(*at) || curve.rises_at(*at))
            }
            _ => false,
        });
    }

    fn postings(&self, owner: Owner<'_>, rules: Rules<'_>, missing: &Missing) -> Vec<Posting> {
        let missing = missing.iter().filter(|(_, steps)| !steps.is_empty());
        let missing: Steps<'_> =
            missing.map(|(measure, steps)| (measure.as_measured(), steps.clone())).collect();
        if missing.is_empty() {
            return Vec::new();
        }
        let family = Family::of_one(owner.session, owner.profile.clone(), Vec::new());
        Account { family: &family, session: owner.session, known: self }.postings(&missing, rules)
    }

    /// When the first total that waits is old enough.
    pub(super) fn matures_at(&self, rules: Rules<'_>) -> Option<Timestamp> {
        let first = self.curves.values().filter_map(Curve::waits_since).min()?;
        Some(first.plus_micros(rules.quiet_micros))
    }

    /// About how many bytes they take up.
    pub(super) fn bytes(&self) -> usize {
        const NAME: usize = 64;
        let curves: usize = self.curves.values().map(Curve::bytes).sum();
        // Half of each node of a tree is empty, as a rule.
        let nodes = 2 * self.curves.len() * size_of::<(Measure, Curve)>();
        let texts = self.curves.len() + self.models.len() + self.uses.len() + 2 * self.edits.len();
        self.series.bytes() + nodes + curves + NAME * texts
    }
}

impl<'f> Known<'f> for &'f Measures {
    fn items_of(&self, measured: Measured<'f>) -> usize {
        let curve = self.curves.iter().find(|(measure, _)| measure.as_measured() == measured);
        curve.map_or(0, |(_, curve)| curve.item_count)
    }

    fn use_of(&self, model: &'f CanonicalModel) -> Use {
        self.uses.get(model).copied().unwrap_or_default()
    }

    fn tells_cost_of(&self, model: &'f CanonicalModel) -> bool {
        self.series.counters().any(|counter| match counter {
            Counter::Cost { model: spelling } => {
                self.models.get(spelling.as_str()).is_some_and(|told| **told == *model)
            }
            _ => false,
        })
    }

    fn spellings(&self) -> BTreeMap<&'f CanonicalModel, Text> {
        let mut best: BTreeMap<&CanonicalModel, Text> = BTreeMap::new();
        for (spelling, model) in &self.models {
            let displayed = displayed_model(spelling);
            let best = best.entry(model).or_default();
            if (displayed.len(), &displayed) > (best.len(), best) {
                *best = displayed;
            }
        }
        best
    }

    fn deciders(&self) -> Deciders<'f> {
        let mut deciders = Deciders::new();
        for (at, counter) in &self.edits {
            note_decider(&mut deciders, counter, *at);
        }
        deciders
    }
}

/// Totals that were told after this wait for items.
fn youngest(rules: Rules<'_>) -> Timestamp {
    rules.now.plus_micros(-rules.quiet_micros)
}
