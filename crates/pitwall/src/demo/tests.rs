//! The demo against the ledger that it fills.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::civil::{Date, date};
use model::{Clock, Kind, Lines, Money, Timestamp, TokenUsage};
use sources::claude_code::ClaudeCode;
use sources::intake::{self, CommitListener, NobodyListens};
use sources::otlp::Parts;
use store::{Dimension, Figure, Filter, Group, Measure, MemoryStore, Query, Store};
use tokio_util::sync::CancellationToken;

use super::facts::Fact;
use super::*;

/// First days of the models that came out while the default plan runs or shortly before (UTC), by
/// Anthropic's announcements.
const FIRST_DAYS: [(&str, Date); 9] = [
    ("claude-sonnet-5", date(2026, 6, 30)),
    ("claude-opus-5", date(2026, 7, 24)),
    ("claude-fable-5", date(2026, 6, 9)),
    ("claude-fable-5-1", date(2026, 9, 1)),
    ("claude-opus-5-5", date(2026, 9, 21)),
    ("claude-sonnet-5-5", date(2026, 9, 28)),
    ("claude-haiku-5-5", date(2026, 10, 7)),
    ("claude-fable-5-2", date(2026, 11, 9)),
    ("claude-haiku-4-5-20251001", date(2025, 10, 1)),
];

const PREVIEW: &str = "claude-opus-6-preview";

/// A Friday afternoon in Europe, morning in America.
fn plan(developers: u32, days: u32) -> Plan {
    let end = Timestamp::parse_rfc3339("2026-11-20T15:30:00Z").unwrap();
    Plan { developers, days, seed: 7, end }
}

fn fingerprint(plan: &Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    for export in History::new(&Company::new(plan).unwrap()) {
        (export.at, export.signal, &export.body, &export.admission.ingest_key).hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn equal_plans_make_equal_bytes() {
    let small = plan(5, 10);
    assert_eq!(fingerprint(&small), fingerprint(&small));
    assert_ne!(fingerprint(&small), fingerprint(&Plan { seed: 8, ..small }));
}

#[test]
fn exports_come_in_order_of_time_and_none_from_the_future() {
    let plan = plan(40, 12);
    let company = Company::new(&plan).unwrap();
    let mut last = Calendar::midnight(date(2026, 11, 9));
    let mut sent_today = 0;
    for export in History::new(&company) {
        assert!(last <= export.at && export.at <= plan.end, "{:?}", export.at);
        last = export.at;
        sent_today += usize::from(date_of(export.at) == date(2026, 11, 20));
    }
    assert!(sent_today > 50, "{sent_today}");
}

/// Everything that happens in the sessions of a plan, whether it is before its end or not.
fn everything(plan: &Plan) -> Vec<(Timestamp, Fact)> {
    let company = Company::new(plan).unwrap();
    let mut facts = Vec::new();
    let mut day = company.calendar.days.start;
    while day < company.calendar.days.end {
        for person in &company.people {
            for planned in company.calendar.sessions(person, day) {
                facts.extend(session::course(&company, &planned).into_iter().map(|of| (of.at, of.fact)));
            }
        }
        day = plus_days(day, 1);
    }
    facts
}

#[test]
fn no_request_is_made_before_its_model_is_out() {
    let mut seen = BTreeSet::new();
    for (at, fact) in everything(&plan(12, 90)) {
        let Fact::Answered(request) = fact else { continue };
        if request.model != PREVIEW {
            let first = FIRST_DAYS.iter().find(|(model, _)| *model == request.model);
            let (_, first) = first.unwrap_or_else(|| panic!("unexpected model {}", request.model));
            assert!(*first <= date_of(at), "{} on {}", request.model, date_of(at));
        }
        seen.insert(request.model);
    }
    // Some of the models that came out within the range are in use by its end.
    for model in ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-2", PREVIEW] {
        assert!(seen.contains(model), "nobody uses {model}: {seen:?}");
    }
}

#[test]
fn the_default_plan_has_a_comfortable_number_of_requests() {
    let plan = plan(40, 90);
    let made = everything(&plan).into_iter();
    let requests = made.filter(|(at, fact)| *at <= plan.end && matches!(fact, Fact::Answered(_))).count();
    assert!((60_000..120_000).contains(&requests), "{requests} requests");
}

#[test]
fn every_export_is_counted() {
    let company = Company::new(&plan(6, 8)).unwrap();
    let mut history = History::new(&company);
    let exports = history.by_ref().count();
    assert!(exports > 100);
    assert_eq!(exports as u64, history.filled().exports);
}

struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A receiver before an empty ledger in memory, at a time.
async fn receiver(
    store: &Arc<MemoryStore>,
    now: Timestamp,
    listener: Arc<dyn CommitListener>,
    stop: CancellationToken,
) -> (Receiver, intake::Writer) {
    let prices = Arc::new(PriceBook::embedded().unwrap());
    let clock = Arc::new(SetClock(AtomicI64::new(now.as_micros())));
    let store: Arc<dyn Store> = store.clone();
    let settings = intake::Settings::default();
    let (intake, writer) = intake::start(store, prices, clock, listener, settings, stop).await.unwrap();
    (Receiver::new(Parts::open(intake, Arc::new(ClaudeCode::default()))), writer)
}

async fn ask(store: &MemoryStore, filter: Filter, figures: &[Figure]) -> Vec<i128> {
    let query = Query { filter, figures: figures.to_vec(), ..Query::default() };
    let rows = store.aggregate(&query).await.unwrap();
    rows.first().map_or_else(|| vec![0; figures.len()], |row| row.figures.clone())
}

async fn sum(store: &MemoryStore, measure: Measure) -> i64 {
    i64::try_from(ask(store, Filter::default(), &[Figure::Sum(measure)]).await[0]).unwrap()
}

async fn distinct(store: &MemoryStore, dimension: Dimension, kind: Kind) -> i128 {
    ask(store, Filter::default(), &[Figure::Distinct(dimension, Some(kind))]).await[0]
}

/// What the ledger says, in the generator's words.
async fn ledger(store: &MemoryStore) -> Filled {
    use Measure as M;
    Filled {
        exports: 0,
        sessions: distinct(store, Dimension::Session, Kind::SessionStart).await as i64,
        resumed: 0,
        requests: sum(store, M::Requests).await,
        tokens: TokenUsage {
            input: sum(store, M::Input).await,
            output: sum(store, M::Output).await,
            cache_read: sum(store, M::CacheRead).await,
            cache_creation: sum(store, M::CacheCreation).await,
            cache_creation_5m: sum(store, M::CacheCreation5m).await,
            cache_creation_1h: sum(store, M::CacheCreation1h).await,
        },
        cost_picos: 0,
        prompts: sum(store, M::Prompts).await,
        commands: sum(store, M::Commands).await,
        accepted: sum(store, M::Accepted).await,
        rejected: sum(store, M::Rejected).await,
        succeeded: sum(store, M::Succeeded).await,
        failed: sum(store, M::Failed).await,
        api_errors: sum(store, M::ApiErrors).await,
        lines_added: sum(store, M::LinesAdded).await,
        lines_removed: sum(store, M::LinesRemoved).await,
        commits: sum(store, M::Commits).await,
        pull_requests: sum(store, M::PullRequests).await,
        active_user_ms: sum(store, M::ActiveUser).await,
        active_cli_ms: sum(store, M::ActiveCli).await,
        occurrences: sum(store, M::Occurrences).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_holds_what_was_made() {
    let plan = plan(5, 10);
    let store = Arc::new(MemoryStore::new());
    let stop = CancellationToken::new();
    // Late enough that no total waits for anything.
    let now = plan.end.plus_seconds(3_600);
    let (receiver, writer) = receiver(&store, now, Arc::new(NobodyListens), stop.clone()).await;
    let mut reached = Vec::new();
    let filled = fill(&receiver, &plan, |part| reached.push(part)).await.unwrap();
    stop.cancel();
    writer.stopped().await;

    assert!(reached.is_sorted() && reached.last().is_some_and(|part| (0.9..=1.0).contains(part)));
    // That nothing is compared with nothing:
    for (what, count) in [
        ("requests", filled.requests),
        ("resumed", filled.resumed),
        ("rejected", filled.rejected),
        ("lines", filled.lines_removed),
        ("commits", filled.commits),
        ("pull requests", filled.pull_requests),
        ("commands", filled.commands),
        ("errors", filled.api_errors),
    ] {
        assert!(count > 0, "no {what}");
    }
    let expected = Filled { exports: 0, resumed: 0, cost_picos: 0, ..filled };
    assert_eq!(ledger(&store).await, expected);
    // Metrics give cost as floating-point dollars; what is left of it is below a micro-dollar.
    let picos = ask(
        &store,
        Filter::default(),
        &[Figure::Sum(Measure::CostSettled), Figure::Sum(Measure::CostReported)],
    )
    .await;
    assert_eq!(Money::to_micros(picos[0]), Money::to_micros(filled.cost_picos));
    assert_eq!(picos[1], picos[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_s_prices_are_the_book_s_but_for_the_preview() {
    let plan = Plan { developers: 12, days: 5, ..plan(12, 5) };
    let store = Arc::new(MemoryStore::new());
    let stop = CancellationToken::new();
    let (receiver, _) = receiver(&store, plan.end.plus_seconds(3_600), Arc::new(NobodyListens), stop).await;
    fill(&receiver, &plan, |_| {}).await.unwrap();
    let figures = [Measure::CostReported, Measure::CostPriced, Measure::UnpricedTokens].map(Figure::Sum);
    let query = Query {
        filter: Filter { kinds: vec![Kind::Request], ..Filter::default() },
        group_by: vec![Group::Dimension(Dimension::Model)],
        figures: figures.to_vec(),
        ..Query::default()
    };
    let rows = store.aggregate(&query).await.unwrap();
    assert!(rows.len() >= 4, "{rows:?}");
    for row in rows {
        let (reported, priced, unpriced) = (row.figures[0], row.figures[1], row.figures[2]);
        assert!(reported > 0);
        if row.keys[0].as_text() == PREVIEW {
            assert!(priced == 0 && unpriced > 0);
        } else {
            assert!(reported == priced && unpriced == 0, "{row:?}");
        }
    }
}

/// A clock that goes on by some seconds whenever it is looked at, so that nobody has to wait.
struct HastyClock(AtomicI64);

impl Clock for HastyClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(6_000_000, Ordering::SeqCst))
    }
}

/// Stops the demo after some requests.
struct StopAfter {
    requests: usize,
    seen: AtomicUsize,
    sessions: Mutex<BTreeSet<String>>,
    stop: CancellationToken,
}

impl CommitListener for StopAfter {
    fn committed(&self, _posted_at: Timestamp, lines: &Lines) {
        for (_, posting) in lines.iter().filter(|(_, posting)| posting.kind == Kind::Request) {
            self.sessions.lock().unwrap().insert(posting.session.as_str().to_owned());
            if self.seen.fetch_add(1, Ordering::SeqCst) + 1 >= self.requests {
                self.stop.cancel();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_demo_goes_on_after_the_end() {
    let plan = plan(20, 3);
    let store = Arc::new(MemoryStore::new());
    let stop = CancellationToken::new();
    let listener = Arc::new(StopAfter {
        requests: 200,
        seen: AtomicUsize::new(0),
        sessions: Mutex::default(),
        stop: stop.clone(),
    });
    let now = plan.end.plus_seconds(7 * 24 * 3_600);
    let (receiver, _) = receiver(&store, now, listener.clone(), CancellationToken::new()).await;
    let clock = HastyClock(AtomicI64::new(plan.end.as_micros()));
    keep_going(&receiver, &plan, &clock, stop).await.unwrap();

    let figures = [Figure::Sum(Measure::Requests), Figure::Earliest, Figure::Latest];
    let figures = ask(&store, Filter { kinds: vec![Kind::Request], ..Filter::default() }, &figures).await;
    let lasted_seconds = (figures[2] - i128::from(plan.end.as_micros())) / 1_000_000;
    assert!(figures[0] >= 200 && figures[1] > i128::from(plan.end.as_micros()));
    // A few requests a minute, by more people than can be at work at a time.
    assert!((600..12_000).contains(&lasted_seconds), "200 requests took {lasted_seconds} s");
    assert!(listener.sessions.lock().unwrap().len() > 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_just_filled_waits_for_nothing() {
    // A session is under way then, and has just told its totals.
    let now = Timestamp::from_seconds(1_795_695_900);
    let waiting = |end: Timestamp| async move {
        let plan = Plan { days: 14, seed: 3, end, ..plan(6, 14) };
        let store = Arc::new(MemoryStore::new());
        let stop = CancellationToken::new();
        let (receiver, writer) = receiver(&store, now, Arc::new(NobodyListens), stop.clone()).await;
        let filled = fill(&receiver, &plan, |_| ()).await.unwrap();
        stop.cancel();
        writer.stopped().await;
        filled.active_user_ms - sum(&store, Measure::ActiveUser).await
    };
    assert!(waiting(now).await > 0, "the last point waits for its requests");
    assert_eq!(waiting(Plan::end_before(now)).await, 0);
}
