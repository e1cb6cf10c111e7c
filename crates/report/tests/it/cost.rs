//! What cost consists of, what it went to, and what changed.

use ledger::PriceBook;
use model::{Money, Posting};
use report::breakdown::{self, Part};
use report::cost::{self, CacheSavings, CostByKind, CostReport};
use report::filter::Filter;
use report::movers::{self, Mover};
use report::range::Comparison;

use crate::ledger::*;

const OPUS: &str = "claude-opus-5-5";
const HAIKU: &str = "claude-haiku-5-5";
const UNHEARD: &str = "claude-unheard-9-9";
const DOLLAR: i64 = 1_000_000;

async fn ask(ledger: &Ledger) -> CostReport {
    let parameters = cost::Parameters {
        range: range("2026-11-20", "2026-11-20", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
    };
    cost::ask(&ledger.store, &PriceBook::embedded().unwrap(), &parameters).await.unwrap()
}

/// A request whose tokens cost four, two, two and two dollars by the list prices of Opus 5.5 (4, 20, 0.20 and
/// 5 dollars a million), and for which the client said twice as much.
fn ten_dollars() -> Posting {
    let mut posting = request("a", "2026-11-20T08:00:00Z", OPUS, 1_000_000, 20 * DOLLAR);
    posting.measures.tokens.output = 100_000;
    posting.measures.tokens.cache_read = 10_000_000;
    posting.measures.tokens.cache_creation = 400_000;
    posting.measures.tokens.cache_creation_5m = 400_000;
    posting.measures.cost_reported = posting.measures.cost_settled;
    posting.measures.cost_priced = posting.measures.cost_settled / 2;
    posting
}

#[tokio::test]
async fn cost_is_split_by_kind_of_token_as_list_prices_split_it() {
    let answer = ask(&Ledger::of([ten_dollars()]).await).await;
    let kinds = CostByKind {
        input: 8 * DOLLAR,
        output: 4 * DOLLAR,
        cache_read: 4 * DOLLAR,
        cache_creation: 4 * DOLLAR,
        ..CostByKind::default()
    };
    assert_eq!(answer.kinds, kinds);
    assert_eq!(answer.total.settled, 20 * DOLLAR);
}

#[tokio::test]
async fn web_searches_are_a_kind_and_unpriced_models_are_not_split() {
    let mut searching = ten_dollars();
    // A thousand searches cost ten dollars: half of what is listed, so half of what is settled.
    searching.measures.web_searches = 1_000;
    let mut unheard = request("b", "2026-11-20T09:00:00Z", UNHEARD, 50, DOLLAR);
    unheard.measures.cost_priced = 0;
    unheard.measures.cost_reported = unheard.measures.cost_settled;
    unheard.measures.unpriced_tokens = 55;
    let answer = ask(&Ledger::of([searching, unheard]).await).await;
    assert_eq!(answer.kinds.web_search, 10 * DOLLAR);
    assert_eq!((answer.kinds.input, answer.kinds.unsplit), (4 * DOLLAR, DOLLAR));
    assert_eq!(answer.unpriced_models, [UNHEARD]);
}

#[tokio::test]
async fn the_cache_saved_what_reads_cost_less_than_input_would() {
    let answer = ask(&Ledger::of([ten_dollars()]).await).await;
    let expected = CacheSavings {
        // Ten million at 4 - 0.20 dollars; 400,000 written at 5 - 4 dollars.
        saved_by_reads: 38 * DOLLAR,
        paid_for_writes: 400_000,
        net: 37_600_000,
        hit_rate: Some(10.0 / 11.4),
    };
    assert_eq!(answer.cache, expected);
}

#[tokio::test]
async fn what_the_client_reported_is_compared_with_the_price_of_the_same() {
    let mut unheard = request("b", "2026-11-20T09:00:00Z", UNHEARD, 50, DOLLAR);
    unheard.measures.cost_priced = 0;
    unheard.measures.cost_reported = unheard.measures.cost_settled;
    let only_priced = request("c", "2026-11-20T10:00:00Z", HAIKU, 50, 3 * DOLLAR);
    let answer = ask(&Ledger::of([ten_dollars(), unheard, only_priced]).await).await.reported;
    assert_eq!((answer.reported, answer.priced, answer.only_priced), (21 * DOLLAR, 10 * DOLLAR, 3 * DOLLAR));
    assert_eq!(answer.difference, 11 * DOLLAR);
    let models: Vec<_> =
        answer.models.iter().map(|row| (row.model.as_str(), row.difference, row.share)).collect();
    assert_eq!(models, [(OPUS, 10 * DOLLAR, Some(1.0)), (UNHEARD, DOLLAR, None)]);
}

/// What two agents and no agent cost on two days.
async fn of_agents() -> Ledger {
    let of = |agent: &str, at: &str, dollars: i64| Posting {
        agent: agent.into(),
        ..request(agent, at, OPUS, dollars, dollars * DOLLAR)
    };
    Ledger::of([
        of("Explore", "2026-11-20T08:00:00Z", 6),
        of("Explore", "2026-11-21T08:00:00Z", 1),
        of("Plan", "2026-11-21T09:00:00Z", 2),
        of("", "2026-11-21T10:00:00Z", 1),
        of("Plan", "2026-11-18T09:00:00Z", 9),
        of("Gone", "2026-11-19T09:00:00Z", 3),
    ])
    .await
}

#[tokio::test]
async fn a_breakdown_has_parts_days_and_what_they_were_before() {
    let ledger = of_agents().await;
    let parameters = breakdown::Parameters {
        range: range("2026-11-20", "2026-11-21", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
        by: Part::Agent,
        now: at("2026-11-21T12:00:00Z"),
    };
    let answer = breakdown::ask(&ledger.store, &parameters).await.unwrap();
    assert_eq!((answer.total.settled, answer.previous.settled), (10 * DOLLAR, 12 * DOLLAR));
    let rows: Vec<_> = answer
        .rows
        .iter()
        .map(|row| (row.value.as_str(), row.cost_micros.settled, row.previous_micros, row.share))
        .collect();
    let expected = [
        ("Explore", 7 * DOLLAR, 0, Some(0.7)),
        ("Plan", 2 * DOLLAR, 9 * DOLLAR, Some(0.2)),
        ("unknown", DOLLAR, 0, Some(0.1)),
    ];
    assert_eq!(rows, expected);
    let days: Vec<_> =
        answer.days.iter().map(|day| (day.complete, day.total, day.values.clone(), day.others)).collect();
    let expected = [
        (true, 6 * DOLLAR, vec![6 * DOLLAR, 0, 0], 0),
        (false, 4 * DOLLAR, vec![DOLLAR, 2 * DOLLAR, DOLLAR], 0),
    ];
    assert_eq!(days, expected);
}

#[tokio::test]
async fn a_breakdown_puts_days_beyond_the_sixth_part_together() {
    let of = |number: i64| Posting {
        team: format!("team {number}").into(),
        ..request("a", "2026-11-20T08:00:00Z", OPUS, number, number * DOLLAR)
    };
    let ledger = Ledger::of((1..=8).map(of)).await;
    let parameters = breakdown::Parameters {
        range: range("2026-11-20", "2026-11-20", "UTC"),
        comparison: Comparison::DaysBefore,
        filter: Filter::default(),
        by: Part::Team,
        now: at("2026-11-21T12:00:00Z"),
    };
    let answer = breakdown::ask(&ledger.store, &parameters).await.unwrap();
    assert_eq!(answer.rows.len(), 8);
    assert_eq!(answer.days[0].values, [8, 7, 6, 5, 4, 3].map(|dollars| dollars * DOLLAR));
    assert_eq!((answer.days[0].others, answer.days[0].total), (3 * DOLLAR, 36 * DOLLAR));
}

#[tokio::test]
async fn movers_add_up_to_the_change() {
    let ledger = of_agents().await;
    let range = range("2026-11-20", "2026-11-21", "UTC");
    let answer =
        movers::ask(&ledger.store, &range, Comparison::DaysBefore, &Filter::default()).await.unwrap();
    assert_eq!((answer.before, answer.now, answer.change), (12 * DOLLAR, 10 * DOLLAR, -2 * DOLLAR));
    let agents = answer.parts.iter().find(|part| part.by == Part::Agent).unwrap();
    let mover = |value: &str, before: i64, now: i64| Mover {
        value: value.into(),
        before: before * DOLLAR,
        now: now * DOLLAR,
        change: (now - before) * DOLLAR,
    };
    let expected = [mover("Explore", 0, 7), mover("Plan", 9, 2), mover("Gone", 3, 0), mover("unknown", 0, 1)];
    assert_eq!((agents.movers.as_slice(), agents.others), (&expected[..], 0));
    for part in &answer.parts {
        let sum: i64 = part.movers.iter().map(|mover| mover.change).sum();
        assert_eq!(sum + part.others, answer.change, "{:?}", part.by);
    }
}

#[tokio::test]
async fn small_movers_are_put_together() {
    let of = |number: i64| Posting {
        project: format!("/work/{number}").into(),
        ..request("a", "2026-11-20T08:00:00Z", OPUS, number, number * DOLLAR)
    };
    let ledger = Ledger::of((1..=9).map(of)).await;
    let range = range("2026-11-20", "2026-11-20", "UTC");
    let answer =
        movers::ask(&ledger.store, &range, Comparison::DaysBefore, &Filter::default()).await.unwrap();
    let projects = answer.parts.iter().find(|part| part.by == Part::Project).unwrap();
    assert_eq!(projects.movers.len(), movers::MOST_MOVERS);
    assert_eq!(projects.others, (1 + 2 + 3) * DOLLAR);
    assert_eq!(Money::from_micros(projects.movers[0].change), Money::from_micros(9 * DOLLAR));
}
