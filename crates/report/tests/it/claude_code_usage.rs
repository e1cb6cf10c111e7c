//! A day as the Claude Code Analytics API tells it.

use model::{Actor, CustomerType, Posting, Timestamp};
use report::analytics_record::AnalyticsRecord;
use report::claude_code_usage::{self, ClaudeCodeUsage, Parameters, RowKey, UsageDay};
use report::narrowing::Narrowing;
use serde_json::json;

use crate::ledger::*;

const HOME: &str = "3f0c1b52-6a0e-4c1d-9a35-8f2f6e0b7a11";

fn parameters() -> Parameters {
    Parameters {
        day: "2026-11-20".parse().unwrap(),
        organization: HOME.into(),
        as_of: Timestamp::MAX,
        before: Timestamp::MAX,
        narrowing: Narrowing::default(),
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
        changed("no terminal", |posting| posting.terminal = "".into()),
        changed("subscription", |posting| {
            posting.customer_type = CustomerType::Subscription;
            posting.subscription_type = "team".into();
        }),
        changed("key", |posting| posting.actor = Actor::Api { name: "zz key".into() }),
        changed("nobody", |posting| posting.actor = Actor::Api { name: "".into() }),
        // What a sign-in says of its organization tells no rows apart.
        changed("signed in", |posting| posting.organization = "6f1ed002".into()),
    ]
}

fn name(row: &ClaudeCodeUsage) -> String {
    let actor = serde_json::to_value(&row.actor).unwrap();
    let actor = actor["email_address"].as_str().or(actor["api_key_name"].as_str()).unwrap().to_owned();
    format!(
        "{actor} {} {} {} {} {}",
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
    let names: Vec<_> = ask(&ledger, parameters()).await.rows().map(|row| name(&row)).collect();
    let expected = [
        "unknown api - vscode false 1",
        "zz key api - vscode false 1",
        "mira@example.org api - tmux false 1",
        "mira@example.org api - unknown false 1",
        "mira@example.org api - vscode false 2",
        "mira@example.org api - vscode true 1",
        "mira@example.org subscription team vscode false 1",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn rows_are_of_the_organization_that_is_asked_for() {
    let ledger = Ledger::of(varied()).await;
    let day = ask(&ledger, Parameters { organization: "acme".into(), ..parameters() }).await;
    assert!(day.len() > 1 && day.rows().all(|row| row.organization_id == "acme"));
}

#[tokio::test]
async fn narrowing_leaves_the_rest_out() {
    let of = |team: &str, terminal: &str, mut posting: Posting| {
        posting.team = team.into();
        posting.terminal = terminal.into();
        posting
    };
    let ledger = Ledger::of([
        of("search", "vscode", start("a", "2026-11-20T10:00:00Z")),
        of("search", "vscode", request("a", "2026-11-20T10:01:00Z", "opus", 10, 10_000)),
        of("search", "vscode", request("a", "2026-11-20T10:02:00Z", "haiku", 5, 10_000)),
        of("", "tmux", start("b", "2026-11-20T10:00:00Z")),
        of("", "tmux", request("b", "2026-11-20T10:03:00Z", "haiku", 7, 10_000)),
        of("infra", "", start("c", "2026-11-20T10:00:00Z")),
    ])
    .await;
    // Terminal, sessions, and input tokens by model.
    let rows = async |teams: &[&str], terminals: &[&str], models: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let narrowing = Narrowing { teams: texts(teams), terminals: texts(terminals), models: texts(models) };
        let day = ask(&ledger, Parameters { narrowing, ..parameters() }).await;
        let row = |row: ClaudeCodeUsage| {
            let models = row.model_breakdown.iter().map(|model| (model.model.clone(), model.tokens.input));
            (row.terminal_type.clone(), row.core_metrics.num_sessions, models.collect::<Vec<_>>())
        };
        day.rows().map(row).collect::<Vec<_>>()
    };
    let model = |name: &str, input: i64| (name.to_owned(), input);
    let tmux = ("tmux".to_owned(), 1, vec![model("haiku", 7)]);
    let vscode = ("vscode".to_owned(), 1, vec![model("haiku", 5), model("opus", 10)]);
    let unknown = ("unknown".to_owned(), 1, vec![]);
    assert_eq!(rows(&[], &[], &[]).await, [tmux.clone(), unknown.clone(), vscode.clone()]);
    assert_eq!(rows(&["search"], &[], &[]).await, std::slice::from_ref(&vscode));
    assert_eq!(rows(&["unknown"], &[], &[]).await, std::slice::from_ref(&tmux));
    assert_eq!(rows(&[], &["unknown", "vscode"], &[]).await, [unknown, vscode]);
    let only_opus = ("vscode".to_owned(), 1, vec![model("opus", 10)]);
    assert_eq!(rows(&[], &[], &["opus"]).await, [only_opus]);
    assert_eq!(rows(&["search"], &["tmux"], &[]).await, []);
    assert_eq!(rows(&["nobody"], &[], &[]).await, []);
}

#[tokio::test]
async fn exact_cost_stands_beside_the_cents() {
    let ledger = Ledger::of([
        request("a", "2026-11-20T10:00:00Z", "haiku", 10, 4_999),
        request("a", "2026-11-20T10:01:00Z", "opus", 20, 12_345),
    ])
    .await;
    let page = ask(&ledger, parameters()).await.page(None, 9);
    let record = serde_json::to_value(AnalyticsRecord::from(page.rows[0].clone())).unwrap();
    let cents = |place: usize| record["model_breakdown"][place]["estimated_cost"]["amount"].clone();
    let micros = |place: usize| record["model_breakdown"][place]["cost_micros"]["settled"].clone();
    assert_eq!([cents(0), cents(1)], [0, 1]);
    assert_eq!([micros(0), micros(1)], [4_999, 12_345]);
    assert_eq!(record["cost_micros"], json!({ "settled": 17_344, "reported": 0, "priced": 17_344 }));
    assert_eq!(record["tokens"]["input"], 30);
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

/// Twelve transactions of the kinds that change a day: more of the same, corrections that leave every sum as
/// it was, people who come and go, and others that a row is shared with.
async fn busy_day() -> Ledger {
    let mut ledger = Ledger::of(varied()).await;
    ledger.post((0..6).map(|number| of_person(number, "2026-11-20T09:00:00Z", 1))).await;
    for hour in 10..14 {
        let at = format!("2026-11-20T{hour}:00:00Z");
        ledger.post([of_person(hour, &at, 5), of_person(hour % 6, &at, 7)]).await;
    }
    let known = of_person(1, "2026-11-20T09:00:00Z", 1);
    let changed = |change: fn(&mut Posting)| {
        let mut posting = known.clone();
        change(&mut posting);
        posting
    };
    let at_tmux = changed(|posting| posting.terminal = "tmux".into());
    ledger.correct(known.clone(), at_tmux.clone()).await;
    let of_another = changed(|posting| posting.actor = Actor::User { email: "another@example.org".into() });
    ledger.correct(at_tmux, of_another.clone()).await;
    ledger.correct(of_another, changed(|posting| posting.model = "n".into())).await;
    let mut unknown = request("unknown", "2026-11-20T15:00:00Z", "m", 3, 4);
    unknown.actor = Actor::Api { name: "unknown".into() };
    ledger.post([unknown]).await;
    ledger.post([decisions("plain", "2026-11-20T16:00:00Z", "Edit", 1, 0)]).await;
    ledger.post([request("plain", "2026-11-21T09:00:00Z", "m", 1, 1)]).await;
    ledger
}

#[tokio::test]
async fn a_day_worked_out_from_an_earlier_one_is_the_day() {
    let ledger = busy_day().await;
    let moments: Vec<Parameters> = (1..=12)
        .flat_map(|transaction| {
            let befores = ["2026-11-20T09:30:00Z", "2026-11-20T12:00:00Z", "2026-12-01T00:00:00Z"];
            let as_of = Ledger::posted_at(transaction);
            befores.map(|before| Parameters { as_of, before: at(before), ..parameters() })
        })
        .collect();
    let narrowed = Narrowing { models: vec!["m".into()], ..Narrowing::default() };
    for narrowing in [Narrowing::default(), narrowed] {
        let moments =
            moments.iter().map(|moment| Parameters { narrowing: narrowing.clone(), ..moment.clone() });
        let moments: Vec<_> = moments.collect();
        let mut days = Vec::new();
        for moment in &moments {
            days.push(ask(&ledger, moment.clone()).await);
        }
        // Earlier ones and, which must do no harm, later ones.
        for earlier in &days {
            for (moment, day) in moments.iter().zip(&days) {
                let after = claude_code_usage::ask_after(&ledger.store, moment, earlier).await.unwrap();
                assert_eq!(after, *day, "{moment:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_day_is_not_worked_out_from_another_question() {
    let ledger = busy_day().await;
    let earlier = ask(&ledger, Parameters { as_of: Ledger::posted_at(1), ..parameters() }).await;
    let others = [
        Parameters { day: "2026-11-21".parse().unwrap(), ..parameters() },
        Parameters { organization: "another".into(), ..parameters() },
        Parameters {
            narrowing: Narrowing { terminals: vec!["tmux".into()], ..Narrowing::default() },
            ..parameters()
        },
    ];
    for other in others {
        let after = claude_code_usage::ask_after(&ledger.store, &other, &earlier).await.unwrap();
        assert_eq!(after, ask(&ledger, other).await);
    }
}

fn of_person(number: usize, at: &str, input: i64) -> Posting {
    let mut posting = request(&format!("session-{number}"), at, "m", input, 10_000);
    posting.actor = Actor::User { email: format!("person-{number:03}@example.org").into() };
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
        rows.extend(page.rows.into_iter().map(|row| row.usage));
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
        let at_first: Vec<_> = ask(&ledger, Parameters { as_of, ..parameters() }).await.rows().collect();
        assert_eq!(at_first.len(), 50);
        assert_eq!(pages(&mut ledger, limit, as_of, false).await, at_first, "quiet, limit {limit}");
        assert_eq!(pages(&mut ledger, limit, as_of, true).await, at_first, "busy, limit {limit}");
    }
}
