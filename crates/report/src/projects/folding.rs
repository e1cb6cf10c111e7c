//! Which directories are one project.
//!
//! A worktree of a project is no project of its own. Two things prove that a directory is one:
//! - it lies in `.claude/worktrees/` of another, where Claude Code makes its worktrees;
//! - the records name the same repository for both, and neither contains the other. Such directories are
//!   shown as the one with the shortest name. A folder inside a repository stays apart.
//!
//! Where records name a repository and no directory, as telemetry does, the repository stands for it.

use std::collections::{BTreeMap, BTreeSet};

use model::Timestamp;
use store::{Dimension, Figure, Filter, Group, Store, Value};

use crate::scope::Scope;
use crate::{NOT_TOLD, ReportError};

/// Where Claude Code makes its worktrees, inside a project.
const WORKTREES: [&str; 2] = [".claude", "worktrees"];

/// Directory and repository of postings, each empty where it is not told.
type Place = (String, String);

/// The project that each directory and repository belongs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folding {
    projects: BTreeMap<Place, String>,
}

impl Folding {
    /// Looks through the whole ledger, so that the answer does not depend on the days asked about.
    pub(crate) async fn ask(store: &dyn Store, as_of: Timestamp) -> Result<Self, ReportError> {
        let everything = Scope { as_of, filter: Filter::default() };
        let by_place = vec![Group::Dimension(Dimension::Project), Group::Dimension(Dimension::Repository)];
        // Every posting is of a kind, so that no place is left out.
        let figures = vec![Figure::Distinct(Dimension::Kind, None)];
        let rows = everything.rows(store, by_place, figures).await?;
        Ok(Self::of(rows.iter().map(|row| (row.text(0).to_owned(), row.text(1).to_owned()))))
    }

    fn of(places: impl IntoIterator<Item = Place>) -> Self {
        let places: BTreeSet<Place> = places.into_iter().collect();
        let roots: BTreeMap<&str, &str> =
            places.iter().map(|(path, _)| (path.as_str(), without_worktree(path))).collect();
        let mut repository_of: BTreeMap<&str, &str> = BTreeMap::new();
        let mut roots_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (path, repository) in &places {
            let Some(root) = roots.get(path.as_str()) else { continue };
            if !repository.is_empty() && !path.is_empty() {
                repository_of.entry(root).or_insert(repository);
                roots_of.entry(repository).or_default().insert(root);
            }
        }
        let main_of = |repository: &str| -> Option<&str> {
            let roots = roots_of.get(repository)?;
            roots.iter().copied().min_by_key(|root| (root.chars().count(), *root))
        };
        let project_of = |(path, repository): &Place| {
            if path.is_empty() {
                let known = main_of(repository).unwrap_or(repository);
                return if known.is_empty() { NOT_TOLD } else { known }.to_owned();
            }
            let root = roots.get(path.as_str()).copied().unwrap_or(path);
            let main = repository_of.get(root).and_then(|repository| main_of(repository));
            main.filter(|main| !is_inside(root, main)).unwrap_or(root).to_owned()
        };
        let projects = places.iter().map(|place| (place.clone(), project_of(place))).collect();
        Self { projects }
    }

    /// The project that postings of a directory and a repository belong to.
    pub(crate) fn project(&self, path: &str, repository: &str) -> String {
        let known = self.projects.get(&(path.to_owned(), repository.to_owned())).cloned();
        known.unwrap_or_else(|| if path.is_empty() { NOT_TOLD.to_owned() } else { path.to_owned() })
    }

    /// Conditions that choose the projects which go by one of the names: their directory, its last folder or
    /// folders, a directory folded into it, or the repository, with or without its owner.
    pub(crate) fn conditions(&self, names: &[String]) -> Vec<(Dimension, Vec<Value>)> {
        let named = |(place, project): &(&Place, &String)| {
            let (path, repository) = place;
            names.iter().any(|name| [path, repository, project].iter().any(|known| goes_by(known, name)))
        };
        let projects: BTreeSet<&String> =
            self.projects.iter().filter(named).map(|(_, project)| project).collect();
        let places: Vec<&Place> = self
            .projects
            .iter()
            .filter(|(_, project)| projects.contains(project))
            .map(|(place, _)| place)
            .collect();
        let paths = |places: &[&Place]| values(places.iter().map(|(path, _)| path));
        let has_unplaced = places.iter().any(|(path, _)| path.is_empty());
        if !has_unplaced {
            return vec![(Dimension::Project, paths(&places))];
        }
        // Directory and repository are asked apart, so what tells neither would be chosen along with what
        // tells only one; where there is such, it is the directories that count, if there are any.
        let repositories = (Dimension::Repository, values(places.iter().map(|(_, repository)| repository)));
        let is_told = |place: &Place| place != &Place::default();
        if self.projects.keys().all(is_told) {
            return vec![(Dimension::Project, paths(&places)), repositories];
        }
        let placed: Vec<&Place> = places.iter().copied().filter(|(path, _)| !path.is_empty()).collect();
        if placed.is_empty() { vec![repositories] } else { vec![(Dimension::Project, paths(&placed))] }
    }
}

fn values<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<Value> {
    let texts: BTreeSet<&String> = texts.collect();
    texts.into_iter().map(|text| Value::from(text.as_str())).collect()
}

/// The directory that a worktree was made in, or the directory itself.
fn without_worktree(path: &str) -> &str {
    let mut end = 0;
    let mut parts = path.split_inclusive(['/', '\\']).peekable();
    let plain = |part: &str| part.trim_end_matches(['/', '\\']).to_owned();
    while let Some(part) = parts.next() {
        let next = parts.peek().map(|next| plain(next));
        if plain(part) == WORKTREES[0] && next.as_deref() == Some(WORKTREES[1]) && end > 1 {
            return path.get(..end - 1).unwrap_or(path);
        }
        end += part.len();
    }
    path
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with(['/', '\\']))
}

/// Whether a directory or repository is the name, or ends with it.
fn goes_by(known: &str, name: &str) -> bool {
    let (known, name) = (known.trim_end_matches(['/', '\\']), name.trim_end_matches(['/', '\\']));
    let ends = || known.strip_suffix(name).is_some_and(|before| before.ends_with(['/', '\\']));
    !name.is_empty() && (known == name || ends())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folding(places: &[(&str, &str)]) -> Folding {
        Folding::of(places.iter().map(|(path, repository)| (path.to_string(), repository.to_string())))
    }

    #[test]
    fn worktrees_of_the_client_belong_to_their_project() {
        for (path, project) in [
            ("/work/shop/.claude/worktrees/red-fox", "/work/shop"),
            ("/work/shop/.claude/worktrees/red-fox/api", "/work/shop"),
            ("C:\\work\\shop\\.claude\\worktrees\\red-fox", "C:\\work\\shop"),
            ("/work/shop/.claude", "/work/shop/.claude"),
            ("/work/worktrees/shop", "/work/worktrees/shop"),
            ("/.claude/worktrees/x", "/.claude/worktrees/x"),
        ] {
            assert_eq!(folding(&[(path, "")]).project(path, ""), project);
        }
    }

    #[test]
    fn directories_of_one_repository_are_one_project() {
        let folding = folding(&[
            ("/work/shop", "acme/shop"),
            ("/work/shop-hotfix", "acme/shop"),
            ("/work/shop-hotfix/.claude/worktrees/x", ""),
            ("/work/shop/docs", "acme/shop"),
            ("/work/other", ""),
            ("", "acme/shop"),
            ("", "acme/tools"),
            ("", ""),
        ]);
        for (path, repository, project) in [
            ("/work/shop-hotfix", "acme/shop", "/work/shop"),
            // Nothing names its repository, but it lies in a directory of which it is known.
            ("/work/shop-hotfix/.claude/worktrees/x", "", "/work/shop"),
            ("/work/shop/docs", "acme/shop", "/work/shop/docs"),
            ("/work/other", "", "/work/other"),
            ("", "acme/shop", "/work/shop"),
            ("", "acme/tools", "acme/tools"),
            ("", "", "unknown"),
        ] {
            assert_eq!(folding.project(path, repository), project, "{path} {repository}");
        }
    }

    #[test]
    fn projects_go_by_their_last_folders_and_take_worktrees_in() {
        let folding = folding(&[
            ("/work/shop", ""),
            ("/work/shop/.claude/worktrees/x", ""),
            ("/home/mira/shop", ""),
            ("/work/workshop", ""),
        ]);
        let chosen = |name: &str| -> Vec<String> {
            let conditions = folding.conditions(&[name.to_owned()]);
            assert_eq!((conditions.len(), conditions[0].0), (1, Dimension::Project));
            conditions[0].1.iter().map(|value| value.as_text().to_owned()).collect()
        };
        assert_eq!(chosen("shop"), ["/home/mira/shop", "/work/shop", "/work/shop/.claude/worktrees/x"]);
        assert_eq!(chosen("work/shop/"), ["/work/shop", "/work/shop/.claude/worktrees/x"]);
        assert_eq!(chosen("/home/mira/shop"), ["/home/mira/shop"]);
        assert_eq!(chosen("nowhere"), Vec::<String>::new());
        assert_eq!(chosen(""), Vec::<String>::new());
    }

    #[test]
    fn a_repository_without_directories_can_be_chosen() {
        let conditions = folding(&[("", "acme/shop"), ("", "")]).conditions(&["shop".to_owned()]);
        assert_eq!(conditions, [(Dimension::Repository, vec![Value::from("acme/shop")])]);
    }
}
