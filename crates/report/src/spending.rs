//! Tokens and cost by model, cut in some further way: what every report shows in each of its rows.

use std::collections::BTreeMap;

use model::Posting;
use store::{Dimension, Group, Store};

use crate::asked::Opened;
use crate::models::ModelSums;
use crate::price_now::PriceNow;
use crate::scope::Found;
use crate::{ReportError, told};

/// Sums by model for each key. The store groups by `groups` and then by model; `of_row` and `of_posting` say
/// to which key a row, and a single posting, belongs: they have to agree.
pub(crate) async fn by<K: Ord + Clone>(
    store: &dyn Store,
    opened: &Opened<'_>,
    groups: Vec<Group>,
    of_row: impl Fn(&Found) -> K,
    of_posting: impl Fn(&Posting) -> K,
) -> Result<BTreeMap<K, ModelSums>, ReportError> {
    let model_place = groups.len();
    let groups = [groups, vec![Group::Dimension(Dimension::Model)]].concat();
    let mut sums: BTreeMap<K, ModelSums> = BTreeMap::new();
    for row in opened.spending().rows(store, groups, ModelSums::figures()).await? {
        sums.entry(of_row(&row)).or_default().add(row.text(model_place), &row.figures);
    }
    let now = PriceNow::ask(store, opened, |posting| (of_posting(posting), told(&posting.model))).await?;
    for (key, models) in &mut sums {
        for (model, figures) in models.iter_mut() {
            now.tell(&(key.clone(), model.to_owned()), figures);
        }
    }
    Ok(sums)
}

/// All of them together.
pub(crate) fn total<K>(sums: &BTreeMap<K, ModelSums>) -> ModelSums {
    let mut total = ModelSums::default();
    for models in sums.values() {
        total.add_all(models);
    }
    total
}
