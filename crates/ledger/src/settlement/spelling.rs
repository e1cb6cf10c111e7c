//! The spellings of model ids that a family's records use.

use std::collections::HashMap;

use model::{
    CanonicalModel, ClientTotals, Counter, Observation, Record, Text, canonical_model, displayed_model,
};

/// What each spelling stands for; worked out once, since a session repeats few of them many times.
pub(super) struct Spellings<'a> {
    known: HashMap<&'a str, Spelling>,
    none: CanonicalModel,
}

struct Spelling {
    canonical: CanonicalModel,
    displayed: Text,
}

impl<'a> Spellings<'a> {
    pub(super) fn of(records: &[&'a Record]) -> Self {
        let mut known = HashMap::new();
        for record in records {
            for_each_model(record, |model| {
                known.entry(model).or_insert_with(|| Spelling {
                    canonical: canonical_model(model),
                    displayed: displayed_model(model),
                });
            });
        }
        Self { known, none: canonical_model("") }
    }

    /// The id that prices and comparisons go by.
    pub(super) fn canonical(&self, model: &str) -> &CanonicalModel {
        self.known.get(model).map_or(&self.none, |spelling| &spelling.canonical)
    }

    /// Of several spellings of one model, the one that tells most, as it is shown.
    pub(super) fn best<'s>(&self, spellings: impl Iterator<Item = &'s str>) -> Text {
        let known = spellings.filter_map(|model| self.known.get(model));
        let longest =
            known.map(|spelling| &spelling.displayed).max_by_key(|text| (text.len(), text.as_str()));
        longest.cloned().unwrap_or_default()
    }
}

/// Calls `note` with every model id that a record names.
pub(super) fn for_each_model<'a>(record: &'a Record, mut note: impl FnMut(&'a str)) {
    match &record.observation {
        Observation::Request(request) => note(&request.model),
        Observation::Totals(ClientTotals { models, .. }) => {
            models.iter().for_each(|(model, _, _)| note(model));
        }
        Observation::Counter(point) => match &point.counter {
            Counter::Tokens { model, .. } | Counter::Cost { model } => note(model),
            _ => {}
        },
        _ => {}
    }
}
