//! A part of the data: some teams', terminals' or models'.

use store::{Dimension, Value};

use crate::NOT_TOLD;
use crate::scope::Scope;

/// Only what is of one of these. An empty list leaves nothing out; `unknown` stands for what no source told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Teams.
    pub teams: Vec<String>,
    /// Terminals.
    pub terminals: Vec<String>,
    /// Model ids.
    pub models: Vec<String>,
}

impl Narrowing {
    /// Whether it leaves models out.
    pub const fn is_of_models(&self) -> bool {
        !self.models.is_empty()
    }

    /// The part that is known by who worked and where: every kind of posting tells.
    pub(crate) fn of_people(&self, scope: &Scope) -> Scope {
        let scope = narrowed(scope, Dimension::Team, &self.teams);
        narrowed(&scope, Dimension::Terminal, &self.terminals)
    }

    /// The part that is known by model, of tokens and cost; other kinds of postings do not tell theirs.
    pub(crate) fn of_models(&self, scope: &Scope) -> Scope {
        narrowed(scope, Dimension::Model, &self.models)
    }
}

fn narrowed(scope: &Scope, dimension: Dimension, names: &[String]) -> Scope {
    let mut scope = scope.clone();
    if !names.is_empty() {
        let told = names.iter().map(|name| Value::from(name.as_str()));
        let not_told = names.iter().any(|name| name == NOT_TOLD).then(|| Value::from(""));
        scope.filter.among.push((dimension, told.chain(not_told).collect()));
    }
    scope
}
