//! Which tools edit files, and what the Analytics API calls them.

use std::collections::BTreeMap;

use model::Kind;
use store::{Dimension, Figure, Group, Measure, Store};

use crate::ReportError;
use crate::figures::{Decisions, Figures};
use crate::scope::Scope;

/// Claude Code's editing tools with the names that the Claude Code Analytics API gives them.
pub(crate) const EDITING_TOOLS: [(&str, &str); 4] = [
    ("Edit", "edit_tool"),
    ("MultiEdit", "multi_edit_tool"),
    ("NotebookEdit", "notebook_edit_tool"),
    ("Write", "write_tool"),
];

/// The Analytics API's name of an editing tool; `None` for tools that do not edit.
///
/// Only decisions on edits name a programming language, so a tool unknown here that has one is an editing
/// tool of a client newer than this list.
pub(crate) fn analytics_name(tool: &str, language: &str) -> Option<String> {
    let known =
        EDITING_TOOLS.iter().find(|(name, _)| *name == tool).map(|(_, api_name)| api_name.to_string());
    known.or_else(|| (!language.is_empty() && !tool.is_empty()).then(|| format!("{}_tool", snake_case(tool))))
}

/// `PatchFile` becomes `patch_file`; what is neither letter nor digit becomes `_`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for character in name.chars() {
        if character.is_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = character.is_lowercase() || character.is_numeric();
        if character.is_alphanumeric() {
            snake.extend(character.to_lowercase());
        } else {
            snake.push('_');
        }
    }
    snake
}

/// Decisions and results of every tool in a scope, and the decisions on edits among them.
pub(crate) struct ToolFigures {
    /// By tool name.
    pub(crate) by_tool: BTreeMap<String, Figures>,
    /// Of the editing tools together.
    pub(crate) edits: Decisions,
}

impl ToolFigures {
    pub(crate) async fn ask(store: &dyn Store, scope: &Scope) -> Result<Self, ReportError> {
        let measures = [Measure::Accepted, Measure::Rejected, Measure::Succeeded, Measure::Failed];
        let group_by = vec![Group::Dimension(Dimension::Subject), Group::Dimension(Dimension::Language)];
        let figures = measures.map(Figure::Sum).to_vec();
        let scope = scope.of_kinds(&[Kind::Decision, Kind::ToolResult]);
        let rows = scope.rows(store, group_by, figures).await?;

        let mut by_tool: BTreeMap<String, Figures> = BTreeMap::new();
        let mut edits = Figures::default();
        for row in rows {
            let (tool, language) = (row.text(0), row.text(1));
            if analytics_name(tool, language).is_some() {
                edits.add(&row.figures);
            }
            by_tool.entry(crate::told(tool)).or_default().add(&row.figures);
        }
        Ok(Self { by_tool, edits: (&edits).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_tools_have_their_published_names() {
        for (tool, language, name) in [
            ("Edit", "Rust", Some("edit_tool")),
            ("MultiEdit", "", Some("multi_edit_tool")),
            ("Write", "unknown", Some("write_tool")),
            ("NotebookEdit", "", Some("notebook_edit_tool")),
            ("PatchFile", "Python", Some("patch_file_tool")),
            ("Bash", "", None),
            ("Read", "", None),
            ("", "Rust", None),
        ] {
            assert_eq!(analytics_name(tool, language).as_deref(), name, "{tool} {language}");
        }
    }
}
