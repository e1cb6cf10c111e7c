//! How far the figures can be trusted.

use model::{Observation, Posting, Prompt, Source};
use report::coverage::SourceName;
use report::data_health::{self, Parameters};
use report::filter::Filter;
use report::source_days;
use serde_json::json;

use crate::ledger::*;

fn parameters() -> Parameters {
    Parameters {
        range: range("2026-11-18", "2026-11-20", "UTC"),
        filter: Filter::default(),
        now: at("2026-11-20T12:00:00Z"),
        price_book: "2026-11-22".into(),
        meaning: NUMBERED,
    }
}

fn unpriced(mut posting: Posting, tokens: i64, reported_micros: i64) -> Posting {
    posting.measures.unpriced_tokens = tokens;
    posting.measures.cost_reported = reported_micros * 1_000_000;
    posting
}

/// Ann works in `a` on the 18th and 19th, of which events and transcripts tell; Bob in `b` on the 18th and in
/// `c` on the 20th, of which metrics tell, and of `c` nothing but the posting.
async fn ledger() -> Ledger {
    let mut ledger = Ledger::of([
        by("ann", request("a", "2026-11-18T10:00:00Z", "claude-opus-5-5", 10, 300)),
        by("ann", request("a", "2026-11-19T10:00:00Z", "claude-opus-5-5", 10, 100)),
        by("ann", unattributed("a", "2026-11-18T11:00:00Z", "claude-opus-5-5", 5, 100)),
        by("bob", unattributed("b", "2026-11-18T12:00:00Z", "claude-opus-5-5", 5, 600)),
        by("bob", unpriced(request("c", "2026-11-20T10:00:00Z", "claude-new-9", 70, 0), 77, 12)),
    ])
    .await;
    let event = |number: i64| {
        let at = at("2026-11-18T10:00:00Z").plus_seconds(number);
        (at, Observation::Prompt(Prompt::default()), number)
    };
    ledger.keep("a", Source::Events, [event(0), event(1), event(4), event(5)]).await;
    ledger.observe(Source::Transcripts, &["a"], at("2026-11-19T10:00:00Z")).await;
    ledger.observe(Source::Metrics, &["b"], at("2026-11-18T12:00:00Z")).await;
    ledger
}

#[tokio::test]
async fn each_day_tells_what_is_missing() {
    let health = data_health::ask(&ledger().await.store, &parameters()).await.unwrap();
    let expected = json!([
        {
            "date": "2026-11-18", "complete": true, "sessions": 2, "people": 2,
            "unattributed_cost_micros": 700, "unattributed_share": 0.7, "unpriced_tokens": 0
        },
        {
            "date": "2026-11-19", "complete": true, "sessions": 1, "people": 1,
            "unattributed_cost_micros": 0, "unattributed_share": 0.0, "unpriced_tokens": 0
        },
        {
            "date": "2026-11-20", "complete": false, "sessions": 1, "people": 1,
            "unattributed_cost_micros": 0, "unattributed_share": null, "unpriced_tokens": 77
        }
    ]);
    assert_eq!(serde_json::to_value(&health.days).unwrap(), expected);
    assert_eq!(health.coverage.sessions, 3);
    assert_eq!(health.coverage.unattributed.cost_share, Some(700.0 / 1_100.0));
}

#[tokio::test]
async fn skipped_events_are_told_with_their_session() {
    let health = data_health::ask(&ledger().await.store, &parameters()).await.unwrap();
    assert_eq!(health.events.sessions_read, 1);
    assert_eq!((health.events.coverage.received, health.events.coverage.missing), (4, 2));
    let lossy = &health.events.sessions[0];
    assert_eq!((lossy.session_id.as_str(), lossy.actor.as_str()), ("a", "ann"));
    assert_eq!(lossy.events.received_share, Some(4.0 / 6.0));
    assert_eq!(lossy.last_gap_at, at("2026-11-18T10:00:04Z").to_jiff());
}

#[tokio::test]
async fn models_without_a_price_are_named_with_what_the_client_said() {
    let health = data_health::ask(&ledger().await.store, &parameters()).await.unwrap();
    let expected = json!([{ "model": "claude-new-9", "requests": 1, "tokens": 77, "reported_micros": 12 }]);
    assert_eq!(serde_json::to_value(&health.unpriced).unwrap(), expected);
}

#[tokio::test]
async fn each_persons_days_tell_which_sources_knew_of_them() {
    let ledger = ledger().await;
    let range = range("2026-11-18", "2026-11-20", "UTC");
    let parameters = source_days::Parameters { range, filter: Filter::default(), offset: 0, limit: 10 };
    let days = source_days::ask(&ledger.store, &parameters).await.unwrap();
    let day = |date: &str, sessions, events, metrics, transcripts| {
        json!({
            "date": date, "sessions": sessions, "events": events, "metrics": metrics, "traces": 0,
            "transcripts": transcripts
        })
    };
    let expected = json!([
        {
            "actor": "ann",
            "newest": [
                { "source": "events", "at": "2026-11-18T10:00:05Z" },
                { "source": "transcripts", "at": "2026-11-19T10:00:00Z" }
            ],
            "unattributed_share": 0.2,
            "days": [day("2026-11-18", 1, 1, 0, 1), day("2026-11-19", 1, 1, 0, 1)]
        },
        {
            "actor": "bob",
            "newest": [{ "source": "metrics", "at": "2026-11-18T12:00:00Z" }],
            "unattributed_share": 1.0,
            "days": [day("2026-11-18", 1, 0, 1, 0), day("2026-11-20", 1, 0, 0, 0)]
        }
    ]);
    assert_eq!(serde_json::to_value(&days.people).unwrap(), expected);
    let second = source_days::Parameters { offset: 1, ..parameters };
    let second = source_days::ask(&ledger.store, &second).await.unwrap();
    assert_eq!((second.found, second.people[0].actor.as_str()), (2, "bob"));
    assert_eq!(second.people[0].newest[0].source, SourceName::Metrics);
}

#[tokio::test]
async fn of_a_long_range_the_last_days_are_cut() {
    let parameters = source_days::Parameters {
        range: range("2026-01-01", "2026-11-20", "UTC"),
        filter: Filter::default(),
        offset: 0,
        limit: 10,
    };
    let days = source_days::ask(&ledger().await.store, &parameters).await.unwrap();
    assert_eq!(days.range.start.to_string(), "2026-08-21");
}
