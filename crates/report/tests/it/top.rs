//! What is going on.

use report::range::Zone;
use report::top::{self, Minute};

use crate::ledger::*;

#[tokio::test]
async fn the_last_half_hour_is_told_by_session_and_by_minute() {
    let mut in_worktree = request("b", "2026-11-20T15:59:30Z", "claude-haiku-4-5", 200, 7);
    in_worktree.project = "/work/shop/.claude/worktrees/x".into();
    let mut slow = results("a", "2026-11-20T15:58:00Z", "Bash", 1, 0);
    slow.measures.duration_ms = 1_500;
    let ledger = Ledger::of([
        request("old", "2026-11-20T15:29:00Z", "claude-opus-5-5", 1, 1),
        request("a", "2026-11-20T15:40:10Z", "claude-opus-5-5", 10, 20),
        request("a", "2026-11-20T15:40:50Z", "claude-opus-5-5", 100, 30),
        unattributed("a", "2026-11-20T15:41:00Z", "claude-opus-5-5", 1_000, 40),
        in_worktree,
        slow,
        results("b", "2026-11-20T15:59:40Z", "Edit", 0, 1),
    ])
    .await;
    let top = top::ask(&ledger.store, &Zone::utc(), at("2026-11-20T16:00:05Z")).await.unwrap();
    let sessions: Vec<_> = top
        .sessions
        .iter()
        .map(|session| {
            let spent =
                (session.spent.requests, session.spent.tokens.input, session.spent.cost_micros.settled);
            (session.session_id.as_str(), session.project.as_str(), session.model.as_str(), spent)
        })
        .collect();
    assert_eq!(
        sessions,
        [
            ("b", "/work/shop", "claude-haiku-4-5", (1, 200, 7)),
            ("a", "unknown", "claude-opus-5-5", (2, 1_110, 90)),
        ]
    );
    // From 15:31 to 16:00: minute 9 is 15:40, minute 28 is 15:59. Output is a tenth of input.
    assert_eq!(top.minutes.len(), 30);
    assert_eq!(top.minutes[9], Minute { tokens: 121, cost_micros: 50 });
    assert_eq!(top.minutes[10], Minute { tokens: 1_100, cost_micros: 40 });
    assert_eq!(top.minutes[28], Minute { tokens: 220, cost_micros: 7 });
    assert_eq!(top.minutes.iter().filter(|minute| **minute == Minute::default()).count(), 27);
    let tools: Vec<_> =
        top.tools.iter().map(|call| (call.tool.as_str(), call.succeeded, call.duration_ms)).collect();
    assert_eq!(tools, [("Edit", false, None), ("Bash", true, Some(1_500))]);
    assert_eq!((top.today.requests, top.block.map(|block| block.spent.requests)), (4, Some(4)));
    assert_eq!(
        top.models.iter().map(|model| model.model.as_str()).collect::<Vec<_>>(),
        ["claude-opus-5-5", "claude-haiku-4-5"]
    );
}

#[tokio::test]
async fn nothing_goes_on_in_an_empty_ledger() {
    let top = top::ask(&Ledger::default().store, &Zone::utc(), at("2026-11-20T16:00:05Z")).await.unwrap();
    assert!(top.sessions.is_empty() && top.tools.is_empty() && top.models.is_empty() && top.block.is_none());
    assert!(top.minutes.iter().all(|minute| *minute == Minute::default()));
}
