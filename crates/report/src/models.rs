//! Figures by model, the same in every report that shows them.

use std::collections::BTreeMap;

use store::{Figure, Measure};

use crate::figures::{COST, Figures, ModelFigures, TOKENS, sums_of};
use crate::told;

/// Figures of several models, exact until they are read out.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelSums(BTreeMap<String, Figures>);

impl ModelSums {
    /// What has to be asked for.
    pub(crate) fn figures() -> Vec<Figure> {
        sums_of(&[&[Measure::CostSettled, Measure::Requests, Measure::UnpricedTokens], &TOKENS, &COST[1..]])
    }

    /// Adds a row's figures to the model's.
    pub(crate) fn add(&mut self, model: &str, figures: &Figures) {
        self.0.entry(told(model)).or_default().add(figures);
    }

    /// Every model's figures, to be changed in place.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Figures)> {
        self.0.iter_mut().map(|(name, figures)| (name.as_str(), figures))
    }

    /// Adds the other's models to these.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for (name, figures) in &other.0 {
            self.0.entry(name.clone()).or_default().add(figures);
        }
    }

    /// The sum over all models.
    pub(crate) fn total(&self) -> Figures {
        let mut total = Figures::default();
        for figures in self.0.values() {
            total.add(figures);
        }
        total
    }

    /// The models by settled cost, most first, equal ones by name; with whether the price book knows them.
    pub(crate) fn by_cost(&self) -> Vec<(ModelFigures, bool)> {
        let mut models: Vec<_> = self.0.iter().collect();
        let cost = |figures: &Figures| figures.exact(Figure::Sum(Measure::CostSettled));
        models.sort_by(|(name, a), (other, b)| cost(b).cmp(&cost(a)).then_with(|| name.cmp(other)));
        models.into_iter().map(|(name, figures)| (row(name, figures), is_priced(figures))).collect()
    }

    /// The same without the prices' side.
    pub(crate) fn rows(&self) -> Vec<ModelFigures> {
        self.by_cost().into_iter().map(|(row, _)| row).collect()
    }

    /// Models with tokens that the price book has no price for, by name.
    pub(crate) fn unpriced(&self) -> Vec<String> {
        self.0.iter().filter(|(_, figures)| !is_priced(figures)).map(|(name, _)| name.clone()).collect()
    }
}

fn row(name: &str, figures: &Figures) -> ModelFigures {
    ModelFigures {
        model: name.to_owned(),
        requests: figures.sum(Measure::Requests),
        tokens: figures.into(),
        cost_micros: figures.into(),
    }
}

fn is_priced(figures: &Figures) -> bool {
    figures.sum(Measure::UnpricedTokens) == 0
}
