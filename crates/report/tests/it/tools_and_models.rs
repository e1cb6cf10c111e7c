//! Tools and models, one by one.

use report::asked::{Asked, RowOrder};
use report::{model_usage, tools};
use serde_json::json;

use crate::ledger::*;

#[tokio::test]
async fn tools_are_sorted_by_use_and_told_whole() {
    let at = "2026-11-20T10:00:00Z";
    let mut edited = lines("a", at, 12, 3);
    edited.subject = "Edit".into();
    let mut slow = results("a", at, "Bash", 3, 1);
    slow.measures.duration_ms = 1_500;
    let ledger = Ledger::of([
        decisions("a", at, "Edit", 4, 1),
        results("a", at, "Edit", 4, 0),
        edited,
        slow,
        results("a", at, "Read", 20, 0),
        lines("b", at, 5, 5),
        prompt("a", at),
    ])
    .await;
    let report = tools::ask(&ledger.store, &everything()).await.unwrap();
    let names: Vec<_> = report.rows.iter().map(|row| (row.tool.as_str(), row.figures.calls)).collect();
    // Lines that belong to no tool are only known from a running total.
    assert_eq!(names, [("Read", 20), ("Edit", 5), ("Bash", 4), ("unknown", 0)]);
    assert_eq!(
        serde_json::to_value(&report.rows[1]).unwrap(),
        json!({
            "tool": "Edit", "calls": 5, "succeeded": 4, "failed": 0,
            "decisions": { "accepted": 4, "rejected": 1, "acceptance_rate": 0.8 },
            "lines": { "added": 12, "removed": 3 }, "duration_ms": 0
        })
    );
    assert_eq!(report.rows[2].figures.duration_ms, 1_500);
    assert_eq!((report.totals.calls, report.totals.succeeded, report.totals.lines.added), (29, 27, 17));
    let least = Asked { order: Some(RowOrder::Ascending), limit: Some(2), ..everything() };
    let least = tools::ask(&ledger.store, &least).await.unwrap();
    assert_eq!(least.rows.iter().map(|row| row.tool.as_str()).collect::<Vec<_>>(), ["Edit", "Read"]);
}

#[tokio::test]
async fn models_are_sorted_by_cost_and_know_their_share() {
    let at = "2026-11-20T10:00:00Z";
    let mut unheard = request("a", at, "claude-unheard-9", 5, 0);
    unheard.measures.unpriced_tokens = 5;
    let ledger = Ledger::of([
        request("a", at, "claude-opus-5-5", 1, 100),
        request("b", at, "claude-haiku-4-5", 10, 25),
        unattributed("b", at, "claude-haiku-4-5", 100, 275),
        unheard,
    ])
    .await;
    let report = model_usage::ask(&ledger.store, &everything()).await.unwrap();
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|row| (row.model.as_str(), row.requests, row.tokens.input, row.cost_share, row.priced))
        .collect();
    assert_eq!(
        rows,
        [
            ("claude-haiku-4-5", 1, 110, Some(0.75), true),
            ("claude-opus-5-5", 1, 1, Some(0.25), true),
            ("claude-unheard-9", 1, 5, Some(0.0), false),
        ]
    );
    assert_eq!(report.totals.unpriced_models, ["claude-unheard-9"]);
}
