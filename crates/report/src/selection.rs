//! Only some projects or models, named as a person would name them.

use model::canonical_model;
use store::{Dimension, Figure, Group, Measure, Store, Value};

use crate::ReportError;
use crate::projects::folding::Folding;
use crate::scope::Scope;

/// Which projects and models a question is about; every one where the list is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Projects: a directory, its last folder or folders, or a repository. A name takes the project's
    /// worktrees in.
    pub projects: Vec<String>,
    /// Models: an id in any spelling; when it is none, a part of one, such as `opus`.
    pub models: Vec<String>,
}

impl Selection {
    /// The part of a scope that is selected. Names that nothing goes by select nothing.
    pub(crate) async fn apply(&self, store: &dyn Store, mut scope: Scope) -> Result<Scope, ReportError> {
        if !self.projects.is_empty() {
            let folding = Folding::ask(store, scope.as_of).await?;
            scope.filter.among.extend(folding.conditions(&self.projects));
        }
        if !self.models.is_empty() {
            let known = names(store, &scope, Dimension::Model).await?;
            let chosen = self.models.iter().flat_map(|name| models_named(name, &known));
            scope.filter.among.push((Dimension::Model, chosen.map(Value::from).collect()));
        }
        Ok(scope)
    }
}

/// Every value that a dimension of text has in the scope.
async fn names(store: &dyn Store, scope: &Scope, dimension: Dimension) -> Result<Vec<String>, ReportError> {
    // Something that every posting has, so that no value is left out for having only zeros.
    let figures = vec![Figure::Latest, Figure::Sum(Measure::Requests)];
    let rows = scope.rows(store, vec![Group::Dimension(dimension)], figures).await?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}

fn models_named<'k>(name: &str, known: &'k [String]) -> Vec<&'k str> {
    let model = canonical_model(name);
    let exact = || known.iter().map(String::as_str).filter(|known| canonical_model(known) == model);
    let part = name.to_lowercase();
    let containing = || known.iter().map(String::as_str).filter(|known| known.to_lowercase().contains(&part));
    let exact: Vec<&str> = exact().collect();
    if exact.is_empty() { containing().collect() } else { exact }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_goes_by_its_id_else_by_a_part_of_it() {
        let known =
            ["claude-opus-5", "claude-opus-5-5", "claude-sonnet-4-5-20250929", ""].map(String::from).to_vec();
        for (name, expected) in [
            ("claude-opus-5", &["claude-opus-5"][..]),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", &["claude-sonnet-4-5-20250929"]),
            ("claude-sonnet-4-5", &["claude-sonnet-4-5-20250929"]),
            ("Opus", &["claude-opus-5", "claude-opus-5-5"]),
            ("haiku", &[]),
        ] {
            assert_eq!(models_named(name, &known), expected, "{name}");
        }
    }
}
