//! A day as the Claude Code Analytics API tells it.

use model::{Actor, CustomerType, Posting, Timestamp};
use report::claude_code_usage::{self, ClaudeCodeUsage, Parameters, RowKey, UsageDay};
use serde_json::json;

use crate::ledger::*;

const HOME: &str = "3f0c1b52-6a0e-4c1d-9a35-8f2f6e0b7a11";

fn parameters() -> Parameters {
    Parameters {
        day: "2026-11-20".parse().unwrap(),
        organization: None,
        home_organization: HOME.into(),
        as_of: Timestamp::MAX,
        before: Timestamp::MAX,
    }
}

async fn ask(ledger: &Ledger, parameters: Parameters) -> UsageDay {
    claude_code_usage::ask(&ledger.store, &parameters).await.unwrap()
}

fn tool_action(accepted: i64, rejected: i64) -> serde_json::Value {
    json!({ "accepted": accepted, "rejected": rejected })
}

#[tokio::test]
async fn a_row_is_as_the_documentation_shows_it() {
    let mut new_tool = decisions("a", "2026-11-20T10:04:00Z", "PatchFile", 0, 3);
    new_tool.language = "Rust".into();
    let mut cached = request("a", "2026-11-20T10:01:00Z", "claude-opus-5-5", 100_000, 1_411_250);
    cached.measures.tokens.output = 35_000;
    cached.measures.tokens.cache_read = 10_000;
    cached.measures.tokens.cache_creation = 5_000;
    cached.measures.tokens.cache_creation_5m = 5_000;
    let mut ledger = Ledger::of([
        start("a", "2026-11-20T10:00:00Z"),
        start("b", "2026-11-20T11:00:00Z"),
        start("b", "2026-11-20T12:00:00Z"),
        cached,
        // Half a cent goes up; less goes down.
        request("a", "2026-11-20T10:02:00Z", "claude-haiku-5-5", 10, 4_999),
        unattributed("a", "2026-11-20T10:02:30Z", "claude-haiku-5-5", 10, 1),
        request("a", "2026-11-20T10:03:00Z", "claude-zeta-1", 10, 4_999),
        lines("a", "2026-11-20T10:03:00Z", 310, 77),
        decisions("a", "2026-11-20T10:04:00Z", "Edit", 21, 2),
        decisions("a", "2026-11-20T10:04:00Z", "Write", 5, 0),
        decisions("a", "2026-11-20T10:04:00Z", "Bash", 40, 4),
        new_tool,
    ])
    .await;
    ledger.post(commit_and_pull_request("a", "2026-11-20T10:05:00Z")).await;

    let day = ask(&ledger, parameters()).await;
    let model = |name: &str, input: i64, output: i64, read: i64, written: i64, cents: i64| {
        json!({
            "model": name,
            "tokens": { "input": input, "output": output, "cache_read": read, "cache_creation": written },
            "estimated_cost": { "currency": "USD", "amount": cents }
        })
    };
    let expected = json!([{
        "date": "2026-11-20T00:00:00Z",
        "actor": { "type": "user_actor", "email_address": "mira@example.org" },
        "organization_id": HOME,
        "customer_type": "api",
        "subscription_type": null,
        "terminal_type": "vscode",
        "is_remote": false,
        "core_metrics": {
            "num_sessions": 2,
            "lines_of_code": { "added": 310, "removed": 77 },
            "commits_by_claude_code": 1,
            "pull_requests_by_claude_code": 1
        },
        "tool_actions": {
            "edit_tool": tool_action(21, 2),
            "multi_edit_tool": tool_action(0, 0),
            "notebook_edit_tool": tool_action(0, 0),
            "patch_file_tool": tool_action(0, 3),
            "write_tool": tool_action(5, 0)
        },
        "model_breakdown": [
            model("claude-haiku-5-5", 20, 2, 0, 0, 1),
            model("claude-opus-5-5", 100_000, 35_000, 10_000, 5_000, 141),
            model("claude-zeta-1", 10, 1, 0, 0, 0)
        ]
    }]);
    assert_eq!(serde_json::to_value(day.rows().collect::<Vec<_>>()).unwrap(), expected);
}

/// Sessions that differ in one thing each.
fn varied() -> Vec<Posting> {
    let changed = |session: &str, change: fn(&mut Posting)| {
        let mut posting = start(session, "2026-11-20T10:00:00Z");
        change(&mut posting);
        posting
    };
    vec![
        changed("plain", |_| {}),
        changed("remote", |posting| posting.remote = true),
        changed("tmux", |posting| posting.terminal = "tmux".into()),
        changed("no terminal", |posting| posting.terminal = String::new()),
        changed("subscription", |posting| {
            posting.customer_type = CustomerType::Subscription;
            posting.subscription_type = "team".into();
        }),
        changed("key", |posting| posting.actor = Actor::Api { name: "zz key".into() }),
        changed("nobody", |posting| posting.actor = Actor::Api { name: String::new() }),
        changed("other", |posting| posting.organization = "0-first".into()),
        changed("home", |posting| posting.organization = HOME.into()),
    ]
}

fn name(row: &ClaudeCodeUsage) -> String {
    let actor = serde_json::to_value(&row.actor).unwrap();
    let actor = actor["email_address"].as_str().or(actor["api_key_name"].as_str()).unwrap().to_owned();
    format!(
        "{} {actor} {} {} {} {} {}",
        &row.organization_id[..3],
        row.customer_type,
        row.subscription_type.as_deref().unwrap_or("-"),
        row.terminal_type,
        row.is_remote,
        row.core_metrics.num_sessions
    )
}

#[tokio::test]
async fn rows_are_told_apart_and_ordered_as_documented() {
    let ledger = Ledger::of(varied()).await;
    let names: Vec<_> = ask(&ledger, parameters()).await.rows().map(name).collect();
    let expected = [
        "0-f mira@example.org api - vscode false 1",
        "3f0 unknown api - vscode false 1",
        "3f0 zz key api - vscode false 1",
        "3f0 mira@example.org api - tmux false 1",
        "3f0 mira@example.org api - unknown false 1",
        // Who told no organization belongs to the same one as who told this.
        "3f0 mira@example.org api - vscode false 2",
        "3f0 mira@example.org api - vscode true 1",
        "3f0 mira@example.org subscription team vscode false 1",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn an_organization_sees_its_own_rows_only() {
    let ledger = Ledger::of(varied()).await;
    let rows = async |organization: &str| {
        let parameters = Parameters { organization: Some(organization.into()), ..parameters() };
        ask(&ledger, parameters).await.rows().map(|row| row.organization_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(rows("0-first").await, ["0-first"]);
    assert_eq!(rows("stranger").await, [""; 0]);
    // What told no organization is the home organization's.
    assert_eq!(rows(HOME).await.len(), 7);
}

#[tokio::test]
async fn only_the_day_and_only_what_is_old_enough() {
    let ledger = Ledger::of([
        request("a", "2026-11-19T23:59:59.999999Z", "m", 10_000, 1),
        request("a", "2026-11-20T00:00:00Z", "m", 1, 1),
        request("a", "2026-11-20T11:00:00Z", "m", 10, 1),
        request("a", "2026-11-20T23:59:59.999999Z", "m", 100, 1),
        request("a", "2026-11-21T00:00:00Z", "m", 1_000, 1),
    ])
    .await;
    let input = async |before: Timestamp| {
        let day = ask(&ledger, Parameters { before, ..parameters() }).await;
        day.rows().map(|row| row.model_breakdown[0].tokens.input).collect::<Vec<_>>()
    };
    assert_eq!(input(Timestamp::MAX).await, [111]);
    assert_eq!(input(at("2026-11-20T11:00:00Z")).await, [1]);
    assert_eq!(input(at("2026-11-20T11:00:00.000001Z")).await, [11]);
    assert_eq!(input(at("2026-11-19T00:00:00Z")).await, [0; 0]);
}

#[tokio::test]
async fn a_row_without_anything_to_tell_is_left_out() {
    let wrong = request("a", "2026-11-20T10:00:00Z", "m", 10, 1);
    let mut elsewhere = wrong.clone();
    elsewhere.at = at("2026-11-21T10:00:00Z");
    let mut ledger = Ledger::of([
        wrong.clone(),
        prompt("b", "2026-11-20T10:00:00Z"),
        decisions("b", "2026-11-20T10:00:00Z", "Bash", 1, 0),
    ])
    .await;
    ledger.correct(wrong, elsewhere).await;
    assert_eq!(ask(&ledger, parameters()).await.rows().count(), 0);
}

#[tokio::test]
async fn days_beyond_the_calendar_are_empty() {
    let ledger = Ledger::of(varied()).await;
    for day in ["0000-01-01", "1969-12-31", "2019-12-31", "2400-01-01", "9999-12-31"] {
        let day = Parameters { day: day.parse().unwrap(), ..parameters() };
        assert_eq!(ask(&ledger, day).await.rows().count(), 0);
    }
}

fn of_person(number: usize, at: &str, input: i64) -> Posting {
    let mut posting = request(&format!("session-{number}"), at, "m", input, 10_000);
    posting.actor = Actor::User { email: format!("person-{number:03}@example.org") };
    posting
}

/// All pages of a run, with something that may happen between them.
async fn pages(ledger: &mut Ledger, limit: usize, as_of: Timestamp, meddle: bool) -> Vec<ClaudeCodeUsage> {
    let mut rows = Vec::new();
    let mut after: Option<RowKey> = None;
    let mut round = 0;
    loop {
        let page = ask(ledger, Parameters { as_of, ..parameters() }).await.page(after.as_ref(), limit);
        assert!(page.rows.len() <= limit);
        rows.extend(page.rows);
        if page.last_key.is_none() {
            return rows;
        }
        after = page.last_key;
        if meddle {
            round += 1;
            // New people before and after, more for known ones, and known ones taken away.
            ledger.post([of_person(900 + round, "2026-11-20T01:00:00Z", 5)]).await;
            ledger.post([of_person(round % 50, "2026-11-20T02:00:00Z", 7)]).await;
            let gone = of_person((round * 7) % 50, "2026-11-20T09:00:00Z", 1);
            let mut moved = gone.clone();
            moved.at = at("2026-11-25T09:00:00Z");
            ledger.correct(gone, moved).await;
        }
    }
}

#[tokio::test]
async fn pages_of_a_run_show_its_first_moment_whatever_arrives() {
    for limit in [1, 7, 49, 50, 1_000] {
        let people = (0..50).map(|number| of_person(number, "2026-11-20T09:00:00Z", 1));
        let mut ledger = Ledger::of(people).await;
        let as_of = Ledger::posted_at(1);
        let at_first: Vec<_> =
            ask(&ledger, Parameters { as_of, ..parameters() }).await.rows().cloned().collect();
        assert_eq!(at_first.len(), 50);
        assert_eq!(pages(&mut ledger, limit, as_of, false).await, at_first, "quiet, limit {limit}");
        assert_eq!(pages(&mut ledger, limit, as_of, true).await, at_first, "busy, limit {limit}");
    }
}
