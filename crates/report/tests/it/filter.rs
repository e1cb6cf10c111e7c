//! Looking at a part of the ledger.

use model::{Actor, Posting, Source};
use report::coverage::SourceName;
use report::filter::Filter;
use report::filter_values::{self, FilterValues, Values};
use report::overview;
use report::range::Comparison;

use crate::ledger::*;

const OPUS: &str = "claude-opus-5-5";
const HAIKU: &str = "claude-haiku-5-5";

/// Mira of web and Noah of nobody knows which team, each with a start and a request; Mira's second request is
/// to another model.
async fn two_people() -> Ledger {
    let mira = |posting: Posting| Posting { team: "web".into(), project: "/work/shop".into(), ..posting };
    let noah = |posting: Posting| Posting {
        actor: Actor::User { email: "noah@example.org".into() },
        terminal: "tmux".into(),
        ..posting
    };
    let mut ledger = Ledger::of([
        mira(start("a", "2026-11-20T08:00:00Z")),
        mira(request("a", "2026-11-20T08:01:00Z", OPUS, 100, 10)),
        mira(request("a", "2026-11-20T08:02:00Z", HAIKU, 30, 1)),
        mira(lines("a", "2026-11-20T08:03:00Z", 7, 2)),
        noah(start("b", "2026-11-20T09:00:00Z")),
        noah(request("b", "2026-11-20T09:01:00Z", OPUS, 4_000, 200)),
    ])
    .await;
    ledger.observe(Source::Events, &["a"], at("2026-11-20T08:01:00Z")).await;
    ledger.observe(Source::Transcripts, &["a", "b"], at("2026-11-20T09:01:00Z")).await;
    ledger
}

/// Input tokens, sessions and lines added.
async fn seen(ledger: &Ledger, filter: Filter) -> (i64, i64, i64) {
    let range = range("2026-11-20", "2026-11-20", "UTC");
    let comparison = Comparison::DaysBefore;
    let now = at("2026-11-20T12:00:00Z");
    let parameters = overview::Parameters { range, comparison, filter, now, price_book: String::new() };
    let totals = overview::ask(&ledger.store, &parameters).await.unwrap().totals;
    (totals.tokens.input, totals.sessions, totals.lines.added)
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[tokio::test]
async fn a_filter_leaves_what_has_one_of_its_values() {
    let ledger = two_people().await;
    let nothing = Filter::default();
    for (filter, expected) in [
        (nothing.clone(), (4_130, 2, 7)),
        (Filter { people: texts(&["mira@example.org"]), ..nothing.clone() }, (130, 1, 7)),
        (
            Filter { people: texts(&["mira@example.org", "noah@example.org"]), ..nothing.clone() },
            (4_130, 2, 7),
        ),
        (Filter { teams: texts(&["web"]), ..nothing.clone() }, (130, 1, 7)),
        (Filter { projects: texts(&["/work/shop"]), ..nothing.clone() }, (130, 1, 7)),
        (Filter { terminals: texts(&["tmux"]), ..nothing.clone() }, (4_000, 1, 0)),
        // What belongs to no model is left out.
        (Filter { models: texts(&[OPUS]), ..nothing.clone() }, (4_100, 0, 0)),
        (Filter { models: texts(&[OPUS]), teams: texts(&["web"]), ..nothing.clone() }, (100, 0, 0)),
        (Filter { teams: texts(&["nobody"]), ..nothing.clone() }, (0, 0, 0)),
    ] {
        assert_eq!(seen(&ledger, filter.clone()).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn unknown_stands_for_what_no_source_told() {
    let ledger = two_people().await;
    let untold = Filter { teams: texts(&["unknown"]), ..Filter::default() };
    assert_eq!(seen(&ledger, untold).await, (4_000, 1, 0));
    let both = Filter { teams: texts(&["unknown", "web"]), ..Filter::default() };
    assert_eq!(seen(&ledger, both).await, (4_130, 2, 7));
}

#[tokio::test]
async fn a_filter_by_source_leaves_sessions_that_it_told_of() {
    let ledger = two_people().await;
    let told_by = |sources: &[Source]| Filter { sources: sources.to_vec(), ..Filter::default() };
    assert_eq!(seen(&ledger, told_by(&[Source::Events])).await, (130, 1, 7));
    assert_eq!(seen(&ledger, told_by(&[Source::Transcripts])).await, (4_130, 2, 7));
    assert_eq!(seen(&ledger, told_by(&[Source::Metrics])).await, (0, 0, 0));
    assert_eq!(seen(&ledger, told_by(&[Source::Metrics, Source::Events])).await, (130, 1, 7));
}

#[tokio::test]
async fn the_year_before_can_be_compared_with() {
    let ledger = Ledger::of([
        request("a", "2026-11-20T08:00:00Z", OPUS, 100, 10),
        request("b", "2025-11-20T23:59:59Z", OPUS, 50, 10),
        request("c", "2026-11-19T08:00:00Z", OPUS, 2, 10),
    ])
    .await;
    let compared = async |comparison| {
        let parameters = overview::Parameters {
            range: range("2026-11-20", "2026-11-20", "UTC"),
            comparison,
            filter: Filter::default(),
            now: at("2026-11-20T12:00:00Z"),
            price_book: String::new(),
        };
        let answer = overview::ask(&ledger.store, &parameters).await.unwrap();
        (answer.compared.start.to_string(), answer.previous.tokens.input)
    };
    assert_eq!(compared(Comparison::DaysBefore).await, ("2026-11-19".into(), 2));
    assert_eq!(compared(Comparison::YearBefore).await, ("2025-11-20".into(), 50));
}

#[tokio::test]
async fn values_are_those_that_lead_to_something() {
    let ledger = two_people().await;
    let range = range("2026-11-20", "2026-11-20", "UTC");
    let values = async |filter| filter_values::ask(&ledger.store, &range, &filter).await.unwrap();
    let all = |listed: &[&str]| Values { values: texts(listed), all: true };
    let everything = FilterValues {
        people: all(&["mira@example.org", "noah@example.org"]),
        teams: all(&["unknown", "web"]),
        projects: all(&["/work/shop", "unknown"]),
        models: all(&[HAIKU, OPUS]),
        terminals: all(&["tmux", "vscode"]),
        sources: vec![SourceName::Events, SourceName::Transcripts],
    };
    assert_eq!(values(Filter::default()).await, everything);
    let of_web = FilterValues {
        people: all(&["mira@example.org"]),
        projects: all(&["/work/shop"]),
        terminals: all(&["vscode"]),
        // A filter does not hide the values beside those that it has.
        ..everything
    };
    assert_eq!(values(Filter { teams: texts(&["web"]), ..Filter::default() }).await, of_web);
}
