//! Projects, with their worktrees folded in.

use model::Posting;
use report::filter::Filter;
use report::project_list::{self, Parameters};

use crate::ledger::*;

fn november() -> Parameters {
    Parameters { range: range("2026-11-01", "2026-11-03", "UTC"), filter: Filter::default() }
}

fn placed(posting: Posting, project: &str, repository: &str, branch: &str) -> Posting {
    Posting { project: project.into(), repository: repository.into(), branch: branch.into(), ..posting }
}

/// The shop is worked on in its own directory, in a worktree that Claude Code made, and in a clone beside it
/// of the same repository. `/work/tools` is another project, and one request is of none.
async fn ledger() -> Ledger {
    let shop = "/work/shop";
    let worktree = "/work/shop/.claude/worktrees/fox";
    let clone = "/work/shop-clone";
    let spent = |session: &str, at: &str, cost| request(session, at, "claude-opus-5-5", 10, cost);
    Ledger::of([
        placed(by("ann", start("a", "2026-11-01T08:00:00Z")), shop, "acme/shop", "main"),
        placed(by("ann", spent("a", "2026-11-01T09:00:00Z", 100)), shop, "acme/shop", "main"),
        placed(by("ann", lines("a", "2026-11-01T09:05:00Z", 5, 2)), shop, "acme/shop", "main"),
        placed(by("bob", start("b", "2026-11-02T08:00:00Z")), worktree, "", "fix"),
        placed(by("bob", spent("b", "2026-11-02T09:00:00Z", 30)), worktree, "", "fix"),
        placed(by("ann", start("c", "2026-11-03T08:00:00Z")), clone, "acme/shop", "main"),
        placed(by("ann", spent("c", "2026-11-03T09:00:00Z", 7)), clone, "acme/shop", "main"),
        placed(by("bob", spent("d", "2026-11-03T09:00:00Z", 2_000)), "/work/tools", "", ""),
        by("bob", spent("e", "2026-11-03T10:00:00Z", 1)),
        placed(by("eve", spent("f", "2026-10-31T10:00:00Z", 9)), "/work/old", "", ""),
    ])
    .await
}

#[tokio::test]
async fn worktrees_and_clones_are_told_with_their_project() {
    let list = project_list::ask(&ledger().await.store, &november()).await.unwrap();
    let told: Vec<_> = list
        .projects
        .iter()
        .map(|project| {
            (project.project.as_str(), project.cost_micros.settled, project.sessions, project.people)
        })
        .collect();
    assert_eq!(told, [("/work/tools", 2_000, 0, 1), ("/work/shop", 137, 3, 2), ("unknown", 1, 0, 1)]);
    let shop = &list.projects[1];
    assert_eq!((list.found, shop.branches, shop.lines.added), (3, 2, 5));
    assert_eq!(shop.repositories, ["acme/shop"]);
    assert_eq!(shop.worktrees, ["/work/shop-clone", "/work/shop/.claude/worktrees/fox"]);
    assert_eq!(shop.members, ["/work/shop", "/work/shop-clone", "/work/shop/.claude/worktrees/fox"]);
    assert_eq!(shop.daily_cost_micros, [100, 30, 7]);
    assert_eq!(list.projects[2].members, ["unknown"]);
}

#[tokio::test]
async fn a_project_is_told_by_branch_and_directory() {
    let ledger = ledger().await;
    let parts = project_list::ask_one(&ledger.store, &november(), "/work/shop").await.unwrap().unwrap();
    assert_eq!((parts.project.cost_micros.settled, parts.project.sessions), (137, 3));
    let branches: Vec<_> = parts
        .branches
        .iter()
        .map(|branch| (branch.branch.as_deref(), branch.cost_micros.settled, branch.sessions, branch.people))
        .collect();
    assert_eq!(branches, [(Some("main"), 107, 2, 1), (Some("fix"), 30, 1, 1)]);
    let directories: Vec<_> = parts
        .directories
        .iter()
        .map(|row| (row.directory.as_str(), row.is_worktree, row.cost_micros.settled))
        .collect();
    assert_eq!(
        directories,
        [
            ("/work/shop-clone", true, 7),
            ("/work/shop/.claude/worktrees/fox", true, 30),
            ("/work/shop", false, 100),
        ]
    );
    let tools = project_list::ask_one(&ledger.store, &november(), "/work/tools").await.unwrap().unwrap();
    assert_eq!((tools.branches[0].branch.as_deref(), tools.branches.len()), (None, 1));
    assert_eq!(project_list::ask_one(&ledger.store, &november(), "/work/old").await.unwrap(), None);
    assert_eq!(project_list::ask_one(&ledger.store, &november(), "/work/nowhere").await.unwrap(), None);
}

#[tokio::test]
async fn a_filter_narrows_what_a_project_took() {
    let filter = Filter { people: vec!["ann".into()], ..Filter::default() };
    let list = project_list::ask(&ledger().await.store, &Parameters { filter, ..november() }).await.unwrap();
    let told: Vec<_> =
        list.projects.iter().map(|project| (project.project.as_str(), project.cost_micros.settled)).collect();
    assert_eq!(told, [("/work/shop", 107)]);
}
