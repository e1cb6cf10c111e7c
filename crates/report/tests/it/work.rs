//! Tools, models, productivity, the calendar, and the postings behind a figure.

use model::{Actor, ItemKey, Kind, Money, Posting};
use report::activity;
use report::decision_mix::{self, Decided, DecisionMix, DecisionPart, DecisionRow};
use report::figures::{Decisions, Spread};
use report::filter::Filter;
use report::model_mix;
use report::postings::{self, ATTRIBUTES, FigureName, PostingList};
use report::productivity;
use report::range::Comparison;
use report::tool_use;

use crate::ledger::*;

const OPUS: &str = "claude-opus-5-5";
const HAIKU: &str = "claude-haiku-5-5";
const DOLLAR: i64 = 1_000_000;

fn decided(accepted: i64, rejected: i64, rate: f64) -> Decisions {
    Decisions { accepted, rejected, acceptance_rate: Some(rate) }
}

fn took(milliseconds: i64, posting: Posting) -> Posting {
    let mut posting = posting;
    posting.measures.duration_ms = milliseconds;
    posting
}

#[tokio::test]
async fn tools_are_told_by_decision_and_result() {
    let told = |language: &str, decided_by: &str, posting: Posting| Posting {
        language: language.into(),
        decided_by: decided_by.into(),
        ..posting
    };
    let failed = |error: &str, at: &str| Posting { outcome: error.into(), ..results("a", at, "Bash", 0, 1) };
    let ledger = Ledger::of([
        told("Rust", "config", decisions("a", "2026-11-20T08:00:00Z", "Edit", 3, 0)),
        told("Rust", "user_reject", decisions("a", "2026-11-20T08:01:00Z", "Write", 0, 1)),
        told("Go", "user_temporary", decisions("a", "2026-11-21T08:02:00Z", "Edit", 1, 1)),
        // Not an edit.
        told("", "config", decisions("a", "2026-11-20T08:03:00Z", "Bash", 10, 0)),
        took(100, results("a", "2026-11-20T08:04:00Z", "Bash", 1, 0)),
        took(300, results("a", "2026-11-20T08:05:00Z", "Bash", 1, 0)),
        took(9_000, failed("timeout", "2026-11-20T08:06:00Z")),
        failed("exit code", "2026-11-20T08:07:00Z"),
        failed("exit code", "2026-11-20T08:08:00Z"),
        // The days before.
        decisions("a", "2026-11-19T08:00:00Z", "Edit", 1, 0),
    ])
    .await;
    let parameters = tool_use::Parameters {
        range: range("2026-11-20", "2026-11-21", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
        now: at("2026-11-21T12:00:00Z"),
    };
    let answer = tool_use::ask(&ledger.store, &parameters).await.unwrap();
    assert_eq!((answer.edits, answer.previous_edits), (decided(4, 2, 4.0 / 6.0), decided(1, 0, 1.0)));
    assert_eq!(answer.all, decided(14, 2, 14.0 / 16.0));

    let calls: Vec<_> = answer.tools.iter().map(|row| (row.tool.as_str(), row.edits, row.calls)).collect();
    assert_eq!(calls, [("Bash", false, 10), ("Edit", true, 5), ("Write", true, 1)]);
    let bash = answer.tools[0].results;
    assert_eq!((bash.succeeded, bash.failed, bash.success_rate), (2, 3, Some(0.4)));
    // Of 100, 300 and 9,000; two results do not tell.
    assert_eq!(bash.duration_ms, Spread { p50: Some(300), p95: Some(9_000) });
    assert_eq!(answer.tools[1].results.duration_ms, Spread::default());
    let errors: Vec<_> = answer.errors.iter().map(|row| (row.error.as_deref(), row.count)).collect();
    assert_eq!(errors, [(Some("exit code"), 2), (Some("timeout"), 1)]);
    let days: Vec<_> =
        answer.days.iter().map(|day| (day.complete, day.edits, day.succeeded, day.failed)).collect();
    assert_eq!(days, [(true, decided(3, 1, 0.75), 2, 3), (false, decided(1, 1, 0.5), 0, 0)]);
}

#[tokio::test]
async fn decisions_are_told_day_by_day_by_who_decided_tool_and_language() {
    let told = |language: &str, decided_by: &str, posting: Posting| Posting {
        language: language.into(),
        decided_by: decided_by.into(),
        ..posting
    };
    let of = |at: &str, tool: &str, accepted, rejected| decisions("a", at, tool, accepted, rejected);
    let ledger = Ledger::of([
        told("Rust", "config", of("2026-11-20T08:00:00Z", "Edit", 3, 0)),
        told("Rust", "user_reject", of("2026-11-20T08:01:00Z", "Write", 0, 1)),
        told("Go", "config", of("2026-11-21T08:02:00Z", "Edit", 1, 0)),
        told("", "", of("2026-11-21T08:03:00Z", "NotebookEdit", 1, 0)),
        // No edits.
        told("", "config", of("2026-11-20T08:04:00Z", "Bash", 10, 0)),
        told("", "user_reject", of("2026-11-21T08:05:00Z", "Bash", 0, 4)),
        // The day before.
        told("Rust", "config", of("2026-11-19T08:00:00Z", "Edit", 1, 0)),
    ])
    .await;
    let ask = async |by| {
        let parameters = decision_mix::Parameters {
            range: range("2026-11-20", "2026-11-21", "UTC"),
            filter: Filter::default(),
            by,
            now: at("2026-11-21T12:00:00Z"),
        };
        decision_mix::ask(&ledger.store, &parameters).await.unwrap()
    };
    let pair = |decided: &Decided| (decided.decisions.accepted, decided.decisions.rejected);
    let rows = |answer: &DecisionMix| -> Vec<(String, i64, (i64, i64))> {
        let row = |row: &DecisionRow| (row.value.clone(), row.decisions.all, pair(&row.decisions));
        answer.rows.iter().map(row).collect()
    };
    let days = |answer: &DecisionMix| -> Vec<(bool, Vec<(i64, i64)>)> {
        answer.days.iter().map(|day| (day.complete, day.values.iter().map(pair).collect())).collect()
    };
    let row = |value: &str, all, pair| (value.to_owned(), all, pair);

    let deciders = ask(DecisionPart::DecidedBy).await;
    assert_eq!((deciders.total.all, pair(&deciders.total), deciders.others), (20, (15, 5), 0));
    assert_eq!(
        rows(&deciders),
        [row("config", 14, (14, 0)), row("user_reject", 5, (0, 5)), row("unknown", 1, (1, 0))]
    );
    assert_eq!(
        days(&deciders),
        [(true, vec![(13, 0), (0, 1), (0, 0)]), (false, vec![(1, 0), (0, 4), (1, 0)])]
    );
    let tools = ask(DecisionPart::Tool).await;
    assert_eq!(
        rows(&tools),
        [
            row("Bash", 14, (10, 4)),
            row("Edit", 4, (4, 0)),
            row("NotebookEdit", 1, (1, 0)),
            row("Write", 1, (0, 1))
        ]
    );
    // Only edits have a language, and one of them tells none.
    let languages = ask(DecisionPart::Language).await;
    assert_eq!((languages.total.all, pair(&languages.total)), (6, (5, 1)));
    assert_eq!(rows(&languages), [row("Rust", 4, (3, 1)), row("Go", 1, (1, 0)), row("unknown", 1, (1, 0))]);
    assert_eq!(languages.rows[0].decisions.decisions.acceptance_rate, Some(0.75));
}

#[tokio::test]
async fn what_comes_after_the_sixth_is_told_together() {
    let of = |number: i64| {
        let at = format!("2026-11-20T08:0{number}:00Z");
        decisions("a", &at, &format!("Tool{number}"), 10 - number, number)
    };
    let ledger = Ledger::of((0..8).map(of)).await;
    let parameters = decision_mix::Parameters {
        range: range("2026-11-20", "2026-11-20", "UTC"),
        filter: Filter::default(),
        by: DecisionPart::Tool,
        now: at("2026-11-21T12:00:00Z"),
    };
    let answer = decision_mix::ask(&ledger.store, &parameters).await.unwrap();
    let [day] = answer.days.as_slice() else { panic!("one day: {:?}", answer.days) };
    // Each was decided ten times, so they come by name; of the last two 4 and 3 were accepted.
    assert_eq!((answer.rows.len(), answer.others, day.values.len()), (8, 0, 6));
    assert_eq!((day.others.all, day.others.decisions), (20, decided(7, 13, 0.35)));
}

fn api_error(model: &str, status: &str, at_text: &str) -> Posting {
    let item = ItemKey::of("error", at_text);
    let mut posting = Posting::new(Kind::ApiError, at(at_text), "a".into(), item);
    posting.model = model.into();
    posting.subject = status.into();
    posting.measures.api_errors = 1;
    posting
}

#[tokio::test]
async fn models_are_told_by_mix_cost_latency_and_errors() {
    let mut gave_up = api_error("", "", "2026-11-20T09:09:00Z");
    gave_up.kind = Kind::Occurrence;
    gave_up.subject = "api_retries_exhausted".into();
    gave_up.agent = "claude-opus-5-5[1m]".into();
    gave_up.measures = model::Measures { occurrences: 1, ..model::Measures::default() };
    let ledger = Ledger::of([
        took(1_000, request("a", "2026-11-20T08:00:00Z", OPUS, 100, 2 * DOLLAR)),
        took(2_000, request("a", "2026-11-20T08:01:00Z", OPUS, 300, 3 * DOLLAR)),
        took(500, request("a", "2026-11-20T08:02:00Z", HAIKU, 1_000, DOLLAR)),
        unattributed("a", "2026-11-20T08:03:00Z", OPUS, 0, 2 * DOLLAR),
        api_error(OPUS, "529", "2026-11-20T09:00:00Z"),
        api_error(OPUS, "529", "2026-11-20T09:01:00Z"),
        api_error("", "", "2026-11-20T09:02:00Z"),
        gave_up,
    ])
    .await;
    let parameters = model_mix::Parameters {
        range: range("2026-11-20", "2026-11-20", "UTC"),
        filter: Filter::default(),
        now: at("2026-11-21T12:00:00Z"),
    };
    let answer = model_mix::ask(&ledger.store, &parameters).await.unwrap();
    let [opus, haiku] = answer.models.as_slice() else { panic!("two models: {:?}", answer.models) };
    assert_eq!((opus.model.as_str(), opus.requests, opus.cost_micros.settled), (OPUS, 2, 7 * DOLLAR));
    assert_eq!((opus.cost_share, opus.request_share), (Some(7.0 / 8.0), Some(2.0 / 3.0)));
    // What only a total knows is no request's cost.
    assert_eq!((opus.cost_per_request, opus.output_per_request), (Some(2_500_000), Some(20)));
    assert_eq!(opus.duration_ms, Spread { p50: Some(1_000), p95: Some(2_000) });
    assert_eq!(opus.first_token_ms, Spread::default());
    assert_eq!((opus.errors, opus.error_rate, opus.gave_up), (2, Some(0.5), 1));
    assert_eq!((haiku.model.as_str(), haiku.errors, haiku.error_rate), (HAIKU, 0, Some(0.0)));
    assert_eq!((answer.all.requests, answer.all.errors, answer.all.gave_up), (3, 3, 1));
    assert_eq!(answer.all.duration_ms, Spread { p50: Some(1_000), p95: Some(2_000) });
    let errors: Vec<_> =
        answer.errors.iter().map(|row| (row.model.as_str(), row.status.as_deref(), row.count)).collect();
    assert_eq!(errors, [(OPUS, Some("529"), 2), ("unknown", None, 1)]);
    assert_eq!((answer.days[0].errors, answer.days[0].models.len()), (3, 2));
}

#[tokio::test]
async fn productivity_is_told_by_day_person_and_money() {
    let noah = |posting: Posting| Posting {
        actor: Actor::User { email: "noah@example.org".into() },
        team: "web".into(),
        ..posting
    };
    let [commit, pull_request] = commit_and_pull_request("a", "2026-11-20T09:00:00Z");
    let [second, _] = commit_and_pull_request("a", "2026-11-21T09:00:00Z");
    let mut active =
        Posting::new(Kind::ActiveTime, at("2026-11-20T10:00:00Z"), "a".into(), ItemKey::of("active", "1"));
    active.measures.active_user_ms = 6_000;
    let ledger = Ledger::of([
        start("a", "2026-11-20T08:00:00Z"),
        request("a", "2026-11-20T08:00:00Z", OPUS, 1, 3 * DOLLAR),
        request("a", "2026-11-21T08:00:00Z", OPUS, 1, 2 * DOLLAR),
        noah(request("b", "2026-11-21T08:00:00Z", OPUS, 1, DOLLAR)),
        lines("a", "2026-11-20T08:30:00Z", 200, 40),
        noah(lines("b", "2026-11-21T08:30:00Z", 100, 0)),
        commit,
        pull_request,
        second,
        active,
    ])
    .await;
    let parameters = productivity::Parameters {
        range: range("2026-11-20", "2026-11-21", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
        now: at("2026-11-22T12:00:00Z"),
    };
    let answer = productivity::ask(&ledger.store, &parameters).await.unwrap();
    let total = answer.total;
    assert_eq!((total.lines.added, total.lines.removed), (300, 40));
    assert_eq!((total.commits, total.pull_requests, total.sessions), (2, 1, 1));
    // Mira on two days, Noah on one.
    assert_eq!((total.people, total.person_days), (2, 3));
    assert_eq!(total.per_person_day.lines_added, Some(100));
    assert_eq!(total.per_person_day.milli_commits, Some(667));
    assert_eq!(total.per_person_day.milli_pull_requests, Some(333));
    assert_eq!(total.per_person_day.active_user_ms, Some(2_000));
    assert_eq!(total.per_person_day.cost_micros, Some(2 * DOLLAR));
    assert_eq!((total.cost_per_commit, total.cost_per_pull_request), (Some(3 * DOLLAR), Some(6 * DOLLAR)));
    assert_eq!(total.cost_per_hundred_lines, Some(2 * DOLLAR));
    assert_eq!(answer.previous, productivity::Output::default());
    let days: Vec<_> = answer.days.iter().map(|day| (day.lines.added, day.commits, day.people)).collect();
    assert_eq!(days, [(200, 1, 1), (100, 1, 2)]);
    let teams: Vec<_> = answer
        .teams
        .iter()
        .map(|team| {
            (
                team.value.as_str(),
                team.output.lines.added,
                team.output.person_days,
                team.output.cost_per_commit,
            )
        })
        .collect();
    assert_eq!(teams, [("unknown", 200, 2, Some(2_500_000)), ("web", 100, 1, None)]);
}

#[tokio::test]
async fn the_calendar_begins_on_a_monday_a_year_ago() {
    let ledger = Ledger::of([
        request("a", "2026-11-20T08:00:00Z", OPUS, 1, DOLLAR),
        request("a", "2026-11-20T09:00:00Z", OPUS, 1, DOLLAR),
        request("a", "2025-11-17T00:00:00Z", OPUS, 1, 3 * DOLLAR),
        // A second before it begins.
        request("a", "2025-11-16T23:59:59Z", OPUS, 1, DOLLAR),
    ])
    .await;
    // 22 November 2026 is a Sunday.
    let days = range("2026-11-01", "2026-11-22", "UTC");
    let answer = activity::ask(&ledger.store, &days, &Filter::default()).await.unwrap();
    assert_eq!(answer.range.start.to_string(), "2025-11-17");
    assert_eq!((answer.days.len(), answer.most_requests, answer.active_days), (7 * 53, 2, 2));
    assert_eq!((answer.days[0].requests, answer.days[0].cost_micros), (1, 3 * DOLLAR));
    let monday = range("2026-11-23", "2026-11-23", "UTC");
    let answer = activity::ask(&ledger.store, &monday, &Filter::default()).await.unwrap();
    assert_eq!((answer.range.start.to_string().as_str(), answer.days.len()), ("2025-11-24", 7 * 52 + 1));
}

async fn behind(
    ledger: &Ledger,
    figure: FigureName,
    condition: (&str, &[&str]),
    limit: usize,
) -> PostingList {
    let attribute = ATTRIBUTES.into_iter().find(|attribute| attribute.name == condition.0).unwrap();
    let values = condition.1.iter().map(|value| (*value).to_owned()).collect();
    let parameters = postings::Parameters {
        range: range("2026-11-20", "2026-11-20", "UTC"),
        filter: Filter::default(),
        conditions: vec![(attribute, values)],
        figure,
        limit,
    };
    postings::ask(&ledger.store, &parameters).await.unwrap()
}

#[tokio::test]
async fn a_figure_is_told_by_its_postings_newest_first() {
    let wrong = request("a", "2026-11-20T08:00:00Z", OPUS, 100, 9 * DOLLAR);
    let mut right = wrong.clone();
    right.measures.cost_settled = DOLLAR * Money::PICOS_PER_MICRO;
    let agents =
        Posting { agent: "Explore".into(), ..request("b", "2026-11-20T09:00:00Z", HAIKU, 50, 3 * DOLLAR) };
    let free = request("c", "2026-11-20T10:00:00Z", HAIKU, 7, 0);
    let mut ledger = Ledger::of([
        wrong.clone(),
        agents,
        free,
        start("a", "2026-11-20T07:00:00Z"),
        decisions("a", "2026-11-20T08:00:00Z", "Edit", 2, 1),
        decisions("a", "2026-11-20T08:01:00Z", "Write", 1, 0),
    ])
    .await;
    ledger.correct(wrong, right).await;
    let all = ("agent", [].as_slice());

    let cost = behind(&ledger, FigureName::Cost, all, 10).await;
    // What cost nothing is not behind a cost.
    assert_eq!((cost.total, cost.count), (4 * DOLLAR, 2));
    let rows: Vec<_> = cost.postings.iter().map(|row| (row.session_id.as_str(), row.value)).collect();
    assert_eq!(rows, [("b", 3 * DOLLAR), ("a", DOLLAR)]);
    let newest = behind(&ledger, FigureName::Cost, all, 1).await;
    assert_eq!((newest.total, newest.count, newest.postings.len()), (4 * DOLLAR, 2, 1));

    let tokens = behind(&ledger, FigureName::Tokens, all, 10).await;
    assert_eq!((tokens.total, tokens.count), (110 + 55 + 7, 3));
    let main_thread = behind(&ledger, FigureName::Tokens, ("agent", &["unknown"]), 10).await;
    assert_eq!((main_thread.total, main_thread.count), (110 + 7, 2));

    let accepted = behind(&ledger, FigureName::Accepted, ("tool", &["Edit"]), 10).await;
    assert_eq!((accepted.total, accepted.postings[0].kind), (2, "decision"));
    let rejected = behind(&ledger, FigureName::Rejected, all, 10).await;
    assert_eq!((rejected.total, rejected.count), (1, 1));
    let sessions = behind(&ledger, FigureName::Sessions, all, 10).await;
    assert_eq!((sessions.total, sessions.postings[0].kind), (1, "session_start"));
    let people = behind(&ledger, FigureName::People, all, 10).await;
    assert_eq!((people.total, people.count), (1, 3));
}
