//! What is going on now, and what small cards show.

use model::Source;
use report::coverage::SourceName;
use report::range::Zone;
use report::{arrivals, glance, live_now};

use crate::ledger::*;

/// It is 12:00. Session `old` ended at 11:44:59, `b` works since 9:00 and did so last at 11:50, `a` at 11:58.
async fn running() -> Ledger {
    let mut failing = request("a", "2026-11-20T11:58:30Z", "claude-opus-5-5", 0, 0);
    failing.kind = model::Kind::ApiError;
    failing.measures = model::Measures { api_errors: 1, ..model::Measures::default() };
    Ledger::of([
        request("old", "2026-11-20T11:44:59Z", "claude-opus-5-5", 10, 1_000),
        request("b", "2026-11-20T09:00:00Z", "claude-opus-5-5", 10, 5_000),
        request("b", "2026-11-20T11:50:00Z", "claude-opus-5-5", 10, 300),
        request("a", "2026-11-20T11:57:00Z", "claude-opus-5-5", 20, 450),
        results("a", "2026-11-20T11:58:00Z", "Bash", 2, 1),
        failing,
        // A client whose clock runs ahead.
        request("a", "2026-11-20T12:30:00Z", "claude-opus-5-5", 20, 7),
    ])
    .await
}

#[tokio::test]
async fn sessions_run_while_their_last_activity_is_a_quarter_of_an_hour_old() {
    let parameters = live_now::Parameters { now: at("2026-11-20T12:00:00Z") };
    let live = live_now::ask(&running().await.store, &parameters).await.unwrap();
    assert_eq!(live.running, 2);
    let told: Vec<_> = live
        .sessions
        .iter()
        .map(|session| {
            let cost = session.cost_micros.settled;
            (session.session_id.as_str(), cost, session.burn_micros_per_hour, session.api_errors)
        })
        .collect();
    assert_eq!(told, [("a", 457, 1_800, 1), ("b", 5_300, 1_200, 0)]);
    assert_eq!(live.sessions[1].started_at, at("2026-11-20T09:00:00Z").to_jiff());
    assert_eq!(live.sessions[0].last_at, at("2026-11-20T11:58:30Z").to_jiff());
    // 750 in a quarter of an hour.
    assert_eq!(live.burn_micros_per_hour, 3_000);
}

#[tokio::test]
async fn the_last_hour_is_told_in_twelve_steps() {
    let parameters = live_now::Parameters { now: at("2026-11-20T12:00:00Z") };
    let live = live_now::ask(&running().await.store, &parameters).await.unwrap();
    let costs: Vec<_> = live.steps.iter().map(|step| step.cost_micros.settled).collect();
    assert_eq!(costs, [0, 0, 0, 0, 0, 0, 0, 0, 1_000, 0, 300, 450]);
    let last = &live.steps[11];
    assert_eq!((last.tool_calls, last.tool_failures, last.api_errors, last.requests), (3, 1, 1, 1));
    assert_eq!((live.last_hour.cost_micros.settled, live.last_hour.requests), (1_750, 3));
}

#[tokio::test]
async fn cards_show_today_the_week_from_monday_and_the_month_from_the_first() {
    // 20 November 2026 is a Friday; Monday is the 16th.
    let ledger = Ledger::of([
        request("s", "2026-10-31T23:30:00Z", "claude-opus-5-5", 1_000, 1),
        request("s", "2026-11-15T12:00:00Z", "claude-opus-5-5", 100, 20),
        request("s", "2026-11-16T12:00:00Z", "claude-opus-5-5", 200, 300),
        by("bob", request("t", "2026-11-20T08:00:00Z", "claude-opus-5-5", 300, 4_000)),
        start("s", "2026-11-20T07:00:00Z"),
        lines("s", "2026-11-20T07:30:00Z", 9, 3),
    ])
    .await;
    let ask = async |zone: &str, actor: Option<&str>| {
        let parameters = glance::Parameters {
            now: at("2026-11-20T12:00:00Z"),
            zone: Zone::named(zone).unwrap(),
            actor: actor.map(str::to_owned),
        };
        glance::ask(&ledger.store, &parameters).await.unwrap()
    };
    let utc = ask("UTC", None).await;
    let costs = [&utc.today, &utc.week, &utc.month].map(|span| span.cost_micros.settled);
    assert_eq!(costs, [4_000, 4_300, 4_320]);
    let tokens = [&utc.today, &utc.week, &utc.month].map(|span| span.all_tokens);
    assert_eq!(tokens, [330, 550, 660]);
    assert_eq!((utc.today.sessions, utc.today.lines.added, utc.today.lines.removed), (1, 9, 3));
    assert_eq!(
        (utc.week.since.to_string(), utc.month.since.to_string()),
        ("2026-11-16".into(), "2026-11-01".into())
    );
    assert_eq!(utc.daily_cost_micros.len(), 30);
    assert_eq!(utc.daily_cost_micros[24..], [20, 300, 0, 0, 0, 4_000]);
    assert_eq!(utc.daily_tokens[29], 330);
    // In Berlin the first request is of November.
    assert_eq!(ask("Europe/Berlin", None).await.month.cost_micros.settled, 4_321);
    assert_eq!(ask("UTC", Some("bob")).await.month.cost_micros.settled, 4_000);
}

#[tokio::test]
async fn what_arrived_since_a_moment_is_told_the_newest_first() {
    let mut ledger = Ledger::of([request("a", "2026-11-20T08:00:00Z", "claude-opus-5-5", 1, 1)]).await;
    ledger.observe(Source::Metrics, &["old"], at("2026-11-20T08:00:00Z")).await;
    ledger.observe(Source::Events, &["a"], at("2026-11-20T08:00:00Z")).await;
    ledger.observe(Source::Transcripts, &["a", "b"], at("2026-11-20T07:00:00Z")).await;
    ledger.observe(Source::Events, &["b"], at("2026-11-20T09:00:00Z")).await;
    let arrivals = arrivals::ask(&ledger.store, Ledger::posted_at(3)).await.unwrap();
    let told: Vec<_> = arrivals
        .newest
        .iter()
        .map(|arrival| (arrival.session_id.as_str(), arrival.place.actor.as_str(), arrival.sources.clone()))
        .collect();
    let both = vec![SourceName::Events, SourceName::Transcripts];
    // Of the second, nothing has been posted yet.
    assert_eq!(told, [("b", "unknown", both.clone()), ("a", "mira@example.org", both)]);
    assert_eq!((arrivals.sessions, arrivals.newest[0].newest_at), (2, at("2026-11-20T09:00:00Z").to_jiff()));
    assert_eq!(arrivals::ask(&ledger.store, Ledger::posted_at(6)).await.unwrap().sessions, 0);
}
