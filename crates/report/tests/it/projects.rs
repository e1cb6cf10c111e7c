//! Projects, with their worktrees.

use model::Posting;
use report::projects::{self, ProjectUsage};

use crate::ledger::*;

fn in_place(project: &str, repository: &str, posting: Posting) -> Posting {
    Posting { project: project.into(), repository: repository.into(), ..posting }
}

#[tokio::test]
async fn worktrees_are_part_of_their_project() {
    let at = "2026-11-20T10:00:00Z";
    let [commit, pull_request] = commit_and_pull_request("c", at);
    let beside = |posting| in_place("/work/shop-hotfix", "acme/shop", posting);
    let ledger = Ledger::of([
        in_place("/work/shop", "acme/shop", start("a", at)),
        in_place("/work/shop", "acme/shop", request("a", at, "claude-opus-5-5", 1, 10)),
        in_place("/work/shop/.claude/worktrees/x", "", start("b", at)),
        in_place("/work/shop/.claude/worktrees/x", "", request("b", at, "claude-haiku-4-5", 10, 20)),
        beside(start("c", at)),
        beside(request("c", at, "claude-opus-5-5", 100, 30)),
        beside(lines("c", at, 7, 2)),
        beside(commit),
        beside(pull_request),
        in_place("", "acme/tools", request("d", at, "claude-opus-5-5", 1_000, 70)),
        request("e", at, "claude-opus-5-5", 10_000, 5),
    ])
    .await;
    let report = projects::ask(&ledger.store, &everything()).await.unwrap();
    let summary = |row: &ProjectUsage| {
        let figures = &row.figures;
        (row.project.clone(), figures.sessions, figures.tokens.input, figures.cost_micros.settled)
    };
    assert_eq!(
        report.rows.iter().map(summary).collect::<Vec<_>>(),
        [
            ("acme/tools".to_owned(), 0, 1_000, 70),
            ("/work/shop".to_owned(), 3, 111, 60),
            ("unknown".to_owned(), 0, 10_000, 5),
        ]
    );
    let shop = &report.rows[1];
    assert_eq!(shop.worktrees, ["/work/shop-hotfix", "/work/shop/.claude/worktrees/x"]);
    assert_eq!(shop.repositories, ["acme/shop"]);
    let work = (shop.figures.lines.added, shop.figures.commits, shop.figures.pull_requests);
    assert_eq!(work, (7, 1, 1));
    let models: Vec<_> =
        shop.figures.models.iter().map(|model| (model.model.as_str(), model.requests)).collect();
    assert_eq!(models, [("claude-opus-5-5", 2), ("claude-haiku-4-5", 1)]);
    assert_eq!((report.totals.sessions, report.totals.tokens.input), (3, 11_111));
}
