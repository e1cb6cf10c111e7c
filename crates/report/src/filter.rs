//! Which part of the ledger a question is asked of: some people, teams, projects, models, terminals, sources.

use model::Source;
use store::{Dimension, Value};

use crate::NOT_TOLD;

/// The most values that one filter takes.
pub const MAX_VALUES: usize = 200;

/// What to look at. Every list that is not empty narrows it: to postings that have one of its values. In each
/// [`NOT_TOLD`](crate::NOT_TOLD) also stands for postings whose source did not tell.
///
/// A list of models leaves only what belongs to a model: requests, their tokens, cost and errors. Sessions,
/// lines, commits, decisions and the like belong to none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// E-mail addresses or names of people.
    pub people: Vec<String>,
    /// Teams.
    pub teams: Vec<String>,
    /// Projects: directories, or repositories.
    pub projects: Vec<String>,
    /// Model ids.
    pub models: Vec<String>,
    /// Terminals.
    pub terminals: Vec<String>,
    /// Sources that told of the session.
    pub sources: Vec<Source>,
}

impl Filter {
    /// The filters that are a dimension of postings, with what they let through.
    pub(crate) fn dimensions(&self) -> [(Dimension, &Vec<String>); 5] {
        [
            (Dimension::ActorName, &self.people),
            (Dimension::Team, &self.teams),
            (Dimension::Project, &self.projects),
            (Dimension::Model, &self.models),
            (Dimension::Terminal, &self.terminals),
        ]
    }

    /// Adds the conditions to what is asked of the store.
    pub(crate) fn narrow(&self, filter: &mut store::Filter) {
        for (dimension, values) in self.dimensions() {
            if !values.is_empty() {
                filter.among.push((dimension, stored(values)));
            }
        }
        filter.told_by.clone_from(&self.sources);
    }
}

/// The values as postings have them, where empty text says "not told".
pub(crate) fn stored(values: &[String]) -> Vec<Value> {
    let untold = values.iter().any(|value| value == NOT_TOLD).then(|| Value::from(""));
    values.iter().map(|value| Value::from(value.as_str())).chain(untold).collect()
}
