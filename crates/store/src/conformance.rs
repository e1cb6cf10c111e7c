//! What every engine must do, as a suite.
//!
//! An engine's tests implement [`Bench`] and call [`run`] and [`run_at_length`]. Every answer is compared
//! with [`MemoryStore`]'s on the same transactions.

#![expect(clippy::expect_used, clippy::panic, reason = "a test suite fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use model::{
    Actor, Context, EvidenceBatch, ItemKey, Kind, LedgerLine, Observation, Posting, Prompt, Record,
    RecordKey, SessionId, Sign, Source, TeamBook, Timestamp,
};

use crate::{
    Dimension, Figure, Filter, Group, LineQuery, Measure, MemoryStore, Order, Query, Store, StoreError,
    TimeBucket, Transaction, Width, net,
};

mod continuity;
mod maintenance;

pub use maintenance::{MaintenanceBench, run_maintenance, run_maintenance_beside_writing};

/// One data location that stores can be opened on, one after the other.
#[async_trait]
pub trait Bench: Send + Sync {
    /// Opens the store; a second call reopens the same data after the first store was dropped.
    async fn open(&self) -> Arc<dyn Store>;

    /// Whether data outlives the store.
    fn is_durable(&self) -> bool;

    /// Has the store do at once what it does on its own in quiet moments. Answers must not change by it.
    async fn rest(&self) {}
}

/// Runs the whole suite, each part on fresh data from `bench`. Panics where the engine is wrong.
pub async fn run<B: Bench>(bench: impl Fn() -> B) {
    an_empty_store_answers(&bench()).await;
    transactions_are_read_back(&bench()).await;
    order_is_enforced(&bench()).await;
    every_boundary_stays_as_it_was(&bench()).await;
    questions_agree_with_the_reference(&bench()).await;
    readers_see_whole_transactions(&bench()).await;
    the_price_book_is_noted(&bench()).await;
    reopening_finds_everything(&bench()).await;
}

/// The longer parts, apart from [`run`] so that both can run at once.
pub async fn run_at_length<B: Bench>(bench: impl Fn() -> B) {
    continuity::an_empty_transaction_counts(&bench()).await;
    continuity::restarts_leave_no_trace(&bench()).await;
    continuity::a_transaction_of_any_size_is_whole(&bench()).await;
    continuity::boundaries_hold_while_more_is_written(&bench()).await;
}

async fn the_price_book_is_noted(bench: &impl Bench) {
    let store = bench.open().await;
    assert_eq!(store.priced_with().await.expect("price book"), None);
    for version in ["2026-11-22", "it's own"] {
        store.note_priced_with(version).await.expect("noted");
        assert_eq!(store.priced_with().await.expect("price book").as_deref(), Some(version));
    }
    if bench.is_durable() {
        drop(store);
        let store = bench.open().await;
        assert_eq!(store.priced_with().await.expect("price book").as_deref(), Some("it's own"));
        assert_eq!(store.boundary().await.expect("boundary"), Timestamp::MIN, "a note is no transaction");
    }
}

fn micros(value: i64) -> Timestamp {
    Timestamp::from_micros(value)
}

/// 2026-11-20T00:00:00Z.
const DAY: i64 = 1_795_132_800_000_000;
const HOUR: i64 = 3_600_000_000;

/// One of five sessions; one of them is filed under an organization of its own.
fn session_of(number: i64) -> String {
    let session = SessionId::new(format!("session-{}", number % 5));
    let tenant = if number % 5 == 4 { "acme" } else { "" };
    session.within(&tenant.into()).as_str().to_owned()
}

/// A request posting that differs in most columns with `number`.
fn request(number: i64) -> Posting {
    let session = session_of(number);
    let at = micros(DAY + number * HOUR + number);
    let mut posting =
        Posting::new(Kind::Request, at, session.as_str().into(), ItemKey::of("request", &number.to_string()));
    posting.actor = match number % 3 {
        0 => Actor::User { email: format!("ann{}@example.org", number % 2).into() },
        _ => Actor::Api { name: format!("key {}", number % 2).into() },
    };
    posting.organization = "org".into();
    posting.team = format!("crew {}", number % 2).into();
    posting.tenant = posting.session.tenant().into();
    posting.model = format!("model-{}", number % 4).into();
    posting.terminal = if number % 2 == 0 { "vscode".into() } else { "it's \"tmux\"; ü".into() };
    posting.remote = number % 7 == 0;
    posting.project = format!("/project/{}", number % 6).into();
    posting.request = Some(ItemKey::of("request-id", &number.to_string()));
    posting.message = (number % 2 == 0).then(|| ItemKey::of("message-id", &number.to_string()));
    posting.measures.requests = 1;
    posting.measures.tokens.input = number;
    posting.measures.tokens.output = 10 * number;
    posting.measures.cost_settled = 9_000_000_000_000_000_000 / (number + 1);
    posting
}

fn start(number: i64) -> Posting {
    let session = session_of(number);
    let item = ItemKey::of("session", &session);
    let mut posting =
        Posting::new(Kind::SessionStart, micros(DAY + number * HOUR), session.as_str().into(), item);
    posting.organization = "org".into();
    posting.tenant = posting.session.tenant().into();
    posting
}

fn prompt_record(session: &str, number: i64) -> Record {
    Record {
        key: RecordKey::of(&[session.as_bytes(), &number.to_le_bytes()]),
        session: session.into(),
        at: micros(DAY + number),
        source: Source::Events,
        context: Arc::new(Context { terminal: Some("vscode".into()), ..Context::default() }),
        observation: Observation::Prompt(Prompt { length: Some(number), ..Prompt::default() }),
        extra: Vec::new(),
    }
}

fn batch(session: &str, source: Source, numbers: std::ops::Range<i64>) -> EvidenceBatch {
    let records = numbers.map(|number| Record { source, ..prompt_record(session, number) }).collect();
    EvidenceBatch { session: session.into(), source, records }
}

/// Forty transactions: entries, and from the tenth on reversals of earlier ones with changed entries.
fn history() -> Vec<Transaction> {
    let transaction = |number: i64| {
        let mut lines = vec![(Sign::Entry, request(number)), (Sign::Entry, start(number))];
        if number >= 10 && number % 3 == 0 {
            let mut changed = request(number - 10);
            changed.measures.tokens.input += 1_000;
            changed.at = changed.at.plus_micros(HOUR * 5);
            lines.push((Sign::Reversal, request(number - 10)));
            lines.push((Sign::Entry, changed));
        }
        if number >= 20 && number % 4 == 0 {
            lines.push((Sign::Reversal, start(number - 20)));
        }
        let session = session_of(number);
        let source = if number % 2 == 0 { Source::Events } else { Source::Transcripts };
        Transaction {
            posted_at: micros(DAY + number),
            evidence: vec![batch(&session, source, number * 10..number * 10 + 3)],
            lines: lines.into(),
            kin: if number % 5 == 1 {
                vec![("session-0".into(), session.as_str().into())]
            } else {
                Vec::new()
            },
        }
    };
    (0..40).map(transaction).collect()
}

async fn fill(store: &dyn Store) {
    for transaction in history() {
        store.append(transaction).await.expect("a transaction in order is taken");
    }
}

fn all_figures() -> Vec<Figure> {
    let sums = Measure::ALL.iter().map(|measure| Figure::Sum(*measure));
    let others = [
        Figure::Distinct(Dimension::Item, Some(Kind::SessionStart)),
        Figure::Distinct(Dimension::ActorName, Some(Kind::Request)),
        Figure::Distinct(Dimension::Session, None),
        Figure::Percentile(Measure::Input, 500),
        Figure::Percentile(Measure::Input, 950),
        Figure::Earliest,
        Figure::Latest,
        Figure::Lines,
    ];
    sums.chain(others).collect()
}

fn questions() -> Vec<Query> {
    let summer_then_winter = vec![(Timestamp::MIN, 7_200), (micros(DAY + 20 * HOUR), -3_600)];
    let other_zones = [19_800, 20_700, -34_200].map(|seconds| vec![(Timestamp::MIN, seconds)]);
    let by = |dimension| vec![Group::Dimension(dimension)];
    let all = Query { figures: all_figures(), ..Query::default() };
    let mut questions = vec![all.clone()];
    questions
        .extend(Dimension::ALL.iter().map(|dimension| Query { group_by: by(*dimension), ..all.clone() }));
    for width in [Width::Day, Width::Hour] {
        for offsets in other_zones.iter().chain([&summer_then_winter]) {
            let bucket = TimeBucket { offsets: offsets.clone(), width };
            let group_by = vec![Group::Time(bucket), Group::Dimension(Dimension::Model)];
            questions.push(Query { group_by, ..all.clone() });
        }
    }
    let filter = Filter {
        kinds: vec![Kind::Request],
        from: Some(micros(DAY + 5 * HOUR)),
        until: Some(micros(DAY + 30 * HOUR)),
        posted_after: None,
        among: vec![
            (Dimension::Terminal, vec!["it's \"tmux\"; ü".into(), "other".into()]),
            (Dimension::Remote, vec![crate::Value::Boolean(false)]),
        ],
        any_of: vec![Measure::CostPriced, Measure::Output],
        told_by: Vec::new(),
        teams: None,
    };
    for any_of in [filter.any_of.clone(), Vec::new()] {
        for odd in [0, 1, HOUR / 2] {
            let moved = |at: Option<Timestamp>| at.map(|at| at.plus_micros(odd));
            let (from, until) = (moved(filter.from), moved(filter.until));
            let filter = Filter { from, until, any_of: any_of.clone(), ..filter.clone() };
            questions.push(Query { filter, group_by: by(Dimension::Project), ..all.clone() });
        }
    }
    for as_of in [DAY + 10, DAY + 36, DAY + 38].map(micros) {
        questions.push(Query { as_of: Some(as_of), group_by: by(Dimension::ActorName), ..all.clone() });
    }
    for measure in [Measure::Input, Measure::CostReported] {
        let with_any = Filter { any_of: vec![measure], ..Filter::default() };
        questions.push(Query { filter: with_any, group_by: by(Dimension::Kind), ..all.clone() });
    }
    for told_by in [vec![Source::Metrics], vec![Source::Transcripts], vec![Source::Events, Source::Metrics]] {
        // After three transactions the sources have told of different sessions, in the end of the same.
        for as_of in [Some(micros(DAY + 2)), None] {
            let filter = Filter { told_by: told_by.clone(), ..Filter::default() };
            questions.push(Query { filter, as_of, group_by: by(Dimension::Session), ..all.clone() });
        }
    }
    questions.push(Query {
        group_by: by(Dimension::Model),
        order: Some(Order::LargestFirst(1)),
        limit: Some(2),
        ..all.clone()
    });
    // More values than are worth looking for one by one, some of them nobody's.
    let sessions = (0..9).map(|number| crate::Value::Text(format!("session-{number}")));
    let messages = (0..9).map(|number: i64| ItemKey::of("message-id", &number.to_string()).as_i64());
    for (dimension, values) in [
        (Dimension::Session, sessions.chain(["it's".into(), "".into()]).collect::<Vec<crate::Value>>()),
        (Dimension::Message, messages.map(crate::Value::Integer).collect()),
    ] {
        let filter = Filter { among: vec![(dimension, values)], ..Filter::default() };
        questions.push(Query { filter, group_by: by(Dimension::Kind), ..all.clone() });
    }
    for figures in [vec![Figure::Latest, Figure::Earliest], vec![Figure::Earliest]] {
        let (order, limit) = (Some(Order::LargestFirst(0)), Some(3));
        questions.push(Query { figures, order, limit, group_by: by(Dimension::Session), ..Query::default() });
    }
    let since = Filter { posted_after: Some(micros(DAY + 25)), ..Filter::default() };
    questions.push(Query { filter: since, group_by: by(Dimension::Session), ..all.clone() });
    let nobody = Filter { among: vec![(Dimension::Team, vec!["nobody".into()])], ..Filter::default() };
    // Where it begins and ends: the first start of a session is taken back, the first request is not.
    let of_kind = |kind| Filter { kinds: vec![kind], ..Filter::default() };
    for filter in [Filter::default(), of_kind(Kind::Request), of_kind(Kind::SessionStart), nobody.clone()] {
        let figures = vec![Figure::Latest, Figure::Earliest];
        questions.push(Query { filter, figures, ..Query::default() });
    }
    questions.push(Query { filter: nobody, ..all });
    let named = Some(team_book(&[("core", "ann1@example.org"), ("web", "key 0")]));
    let named = Filter { teams: named, ..Filter::default() };
    let of_domain = Filter { teams: Some(team_book(&[("it's", "*@example.org")])), ..Filter::default() };
    let figures = vec![
        Figure::Sum(Measure::Requests),
        Figure::Distinct(Dimension::Team, None),
        Figure::Distinct(Dimension::Item, None),
        Figure::Percentile(Measure::Input, 500),
        Figure::Latest,
    ];
    let of_teams = Query { figures, ..Query::default() };
    questions.push(Query { filter: of_domain, group_by: by(Dimension::Team), ..of_teams.clone() });
    questions.push(Query { filter: named.clone(), group_by: by(Dimension::Team), ..of_teams.clone() });
    questions.push(Query { filter: named.clone(), group_by: by(Dimension::Model), ..of_teams.clone() });
    for team in ["core", "crew 1"] {
        let filter = Filter { among: vec![(Dimension::Team, vec![team.into()])], ..named.clone() };
        questions.push(Query { filter, group_by: by(Dimension::ActorName), ..of_teams.clone() });
    }
    questions
}

fn team_book(teams: &[(&str, &str)]) -> Arc<TeamBook> {
    let members = teams.iter().map(|(team, member)| ((*team).to_owned(), vec![(*member).to_owned()]));
    Arc::new(TeamBook::new(members.collect()).expect("a book"))
}

async fn an_empty_store_answers(bench: &impl Bench) {
    let store = bench.open().await;
    assert_eq!(store.boundary().await.expect("boundary"), Timestamp::MIN);
    assert!(store.evidence(&["nobody".into()]).await.expect("evidence").is_empty());
    assert!(store.aggregate(&questions()[0]).await.expect("aggregate").is_empty());
    assert!(store.sources(None, None).await.expect("sources").is_empty());
    assert!(store.evidence(&[]).await.expect("evidence of no session").is_empty());
    assert!(store.session_sources(&["nobody".into()]).await.expect("sources of nobody").is_empty());
    assert!(store.session_sources(&[]).await.expect("sources of no session").is_empty());
    assert!(store.sessions_of_requests(&[], &[]).await.expect("no keys").is_empty());
}

async fn transactions_are_read_back(bench: &impl Bench) {
    let store = bench.open().await;
    fill(store.as_ref()).await;
    agrees_on_rows(store.as_ref()).await;
}

/// Everything that is not an aggregate equals the reference's answer.
async fn agrees_on_rows(store: &dyn Store) {
    let reference = MemoryStore::new();
    fill(&reference).await;
    assert_eq!(store.boundary().await.expect("boundary"), micros(DAY + 39));
    let sessions = ["session-1".into(), "session-3".into(), "nobody,'\n".into()];
    let evidence = store.evidence(&sessions).await.expect("evidence");
    assert_eq!(evidence, reference.evidence(&sessions).await.expect("evidence"));
    let dated = store.dated_evidence(&sessions).await.expect("dated evidence");
    assert_eq!(dated, reference.dated_evidence(&sessions).await.expect("dated evidence"));
    for source in [Source::Events, Source::Transcripts] {
        let told = store.evidence_from(source, &sessions).await.expect("evidence from one source");
        assert!(told.iter().eq(evidence.iter().filter(|batch| batch.source == source)));
    }
    let sorted = |mut lines: Vec<LedgerLine>| {
        lines.sort_by(|a, b| (a.posted_at, a.sign, &a.posting).cmp(&(b.posted_at, b.sign, &b.posting)));
        lines
    };
    let lines = sorted(store.session_lines(&sessions).await.expect("lines"));
    assert_eq!(lines, sorted(reference.session_lines(&sessions).await.expect("lines")));
    let told = store.session_sources(&sessions).await.expect("sources of sessions");
    assert_eq!(told, reference.session_sources(&sessions).await.expect("sources of sessions"));
    // Transactions 1, 11, 21 and 31 tell of session 1 from transcripts, 6, 16, 26 and 36 from events, each
    // three records of which the last is the newest.
    let of_first: Vec<_> = told.iter().filter(|told| told.session.as_str() == "session-1").collect();
    let facts: Vec<_> = of_first.iter().map(|told| (told.source, told.records, told.newest_at)).collect();
    let expected = [(Source::Events, 12, micros(DAY + 362)), (Source::Transcripts, 12, micros(DAY + 312))];
    assert_eq!(facts, expected);
    for (since, newest) in [(DAY, 0), (DAY + 38, 0), (DAY + 40, 0), (DAY, DAY + 150), (DAY + 20, DAY + 300)] {
        let (since, newest) = (micros(since), micros(newest));
        let expected = reference.sessions_since(since, newest).await.expect("sessions");
        let found = store.sessions_since(since, newest).await.expect("sessions");
        let found: BTreeSet<_> = found.into_iter().collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
    let requests = [3, 4, 999].map(|number: i64| ItemKey::of("request-id", &number.to_string()));
    let messages = [6, 7].map(|number: i64| ItemKey::of("message-id", &number.to_string()));
    let found: BTreeSet<_> =
        store.sessions_of_requests(&requests, &messages).await.expect("sessions").into_iter().collect();
    let expected = reference.sessions_of_requests(&requests, &messages).await.expect("sessions");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    for sessions in [vec!["session-0".into()], vec!["session-1".into()], vec!["session-3".into()]] {
        let found: BTreeSet<_> = store.kin(&sessions).await.expect("kin").into_iter().collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), reference.kin(&sessions).await.expect("kin"));
    }
    for (from, until) in [(None, None), (Some(micros(DAY + 100)), Some(micros(DAY + 200)))] {
        let found = store.sources(from, until).await.expect("sources");
        assert_eq!(found, reference.sources(from, until).await.expect("sources"));
        for tenants in [vec![], vec!["".into()], vec!["acme".into()], vec!["".into(), "acme".into()]] {
            let found = store.sources_of(&tenants, from, until).await.expect("sources");
            assert_eq!(found, reference.sources_of(&tenants, from, until).await.expect("sources"));
        }
    }
    let query = LineQuery {
        filter: Filter { kinds: vec![Kind::Request], ..Filter::default() },
        limit: 7,
        as_of: None,
    };
    let facts = |lines: &[LedgerLine]| -> Vec<(Timestamp, String)> {
        lines.iter().map(|line| (line.posting.at, line.posting.team.to_string())).collect()
    };
    let newest = store.lines(&query).await.expect("lines");
    let expected = reference.lines(&query).await.expect("lines");
    assert_eq!(facts(&newest), facts(&expected));
    let filter = Filter {
        teams: Some(team_book(&[("core", "*@example.org")])),
        among: vec![(Dimension::Team, vec!["core".into()])],
        ..query.filter
    };
    let of_core = LineQuery { filter, ..query };
    let newest = facts(&store.lines(&of_core).await.expect("lines"));
    assert!(newest.iter().all(|(_, team)| team == "core") && newest.len() == 7, "{newest:?}");
    assert_eq!(newest, facts(&reference.lines(&of_core).await.expect("lines")));
    agrees_on_newest_lines(store, &reference).await;
}

/// However far they reach back: some of a few lines, all of them, more than there are.
async fn agrees_on_newest_lines(store: &dyn Store, reference: &MemoryStore) {
    let among =
        |dimension, value: &str| Filter { among: vec![(dimension, vec![value.into()])], ..Filter::default() };
    let day = Filter { from: Some(micros(DAY)), until: Some(micros(DAY + 24 * HOUR)), ..Filter::default() };
    let filters = [
        Filter::default(),
        among(Dimension::Session, "session-3"),
        among(Dimension::Session, "nobody"),
        among(Dimension::ActorName, "ann1@example.org"),
        among(Dimension::Model, "model-2"),
        Filter { kinds: vec![Kind::SessionStart], ..day.clone() },
        Filter { until: Some(micros(DAY + 24 * HOUR + 1)), ..day.clone() },
        Filter { told_by: vec![Source::Transcripts], ..day },
    ];
    for filter in filters {
        for (limit, as_of) in [(1, None), (3, None), (1_000, None), (0, None), (5, Some(micros(DAY + 20)))] {
            let query = LineQuery { as_of, filter: filter.clone(), limit };
            let found = store.lines(&query).await.expect("lines");
            let expected = reference.lines(&query).await.expect("lines");
            let times = |lines: &[LedgerLine]| lines.iter().map(|line| line.posting.at).collect::<Vec<_>>();
            assert_eq!(times(&found), times(&expected), "{query:?}");
        }
    }
}

async fn order_is_enforced(bench: &impl Bench) {
    let store = bench.open().await;
    let at = |time| Transaction {
        posted_at: micros(time),
        lines: vec![(Sign::Entry, request(1))].into(),
        ..Transaction::default()
    };
    store.append(at(10)).await.expect("the first transaction");
    for late in [10, 9] {
        assert!(matches!(store.append(at(late)).await, Err(StoreError::OutOfOrder { .. })));
    }
    store.append(at(11)).await.expect("the next transaction");
    assert_eq!(store.session_lines(&["session-1".into()]).await.expect("lines").len(), 2);
}

/// What was reported at a boundary is reported for it for ever.
async fn every_boundary_stays_as_it_was(bench: &impl Bench) {
    let store = bench.open().await;
    let mut reported = Vec::new();
    let total = Query {
        figures: all_figures(),
        group_by: vec![Group::Dimension(Dimension::Model)],
        ..Query::default()
    };
    for transaction in history() {
        let boundary = transaction.posted_at;
        store.append(transaction).await.expect("append");
        bench.rest().await;
        reported.push((boundary, store.aggregate(&total).await.expect("aggregate")));
    }
    for (boundary, rows) in reported {
        let again =
            store.aggregate(&Query { as_of: Some(boundary), ..total.clone() }).await.expect("aggregate");
        assert_eq!(again, rows, "as of {boundary:?}");
    }
}

async fn questions_agree_with_the_reference(bench: &impl Bench) {
    let store = bench.open().await;
    let reference = MemoryStore::new();
    fill(&reference).await;
    for (number, transaction) in history().into_iter().enumerate() {
        store.append(transaction).await.expect("append");
        // More is to come afterwards, of the same hours and sessions too.
        if number % 12 == 0 {
            bench.rest().await;
        }
    }
    for question in questions() {
        let answer = store.aggregate(&question).await.expect("aggregate");
        assert_eq!(answer, reference.aggregate(&question).await.expect("aggregate"), "{question:?}");
    }
}

/// Two lines a transaction, one entry each for two sessions: a reader that counts both ways never
/// sees one without the other, and the count never falls.
async fn readers_see_whole_transactions(bench: &impl Bench) {
    let store = bench.open().await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for number in 0..200 {
            let mut left = request(number);
            left.session = "left".into();
            let mut right = request(number);
            right.session = "right".into();
            let lines = vec![(Sign::Entry, left), (Sign::Entry, right)];
            let transaction = Transaction {
                posted_at: micros(DAY + number),
                lines: lines.into(),
                ..Transaction::default()
            };
            writer.append(transaction).await.expect("append");
        }
    });
    let question = Query {
        group_by: vec![Group::Dimension(Dimension::Session)],
        figures: vec![Figure::Sum(Measure::Requests)],
        ..Query::default()
    };
    let mut seen = 0;
    while seen < 200 {
        let rows = store.aggregate(&question).await.expect("aggregate");
        let counts: Vec<_> = rows.iter().map(|row| row.figures[0]).collect();
        match counts.as_slice() {
            [] => assert_eq!(seen, 0),
            [left, right] => {
                assert_eq!(left, right);
                assert!(*left >= seen, "{left} after {seen}");
                seen = *left;
            }
            other => panic!("a reader saw half a transaction: {other:?}"),
        }
        tokio::task::yield_now().await;
    }
    writing.await.expect("the writer ends");
}

async fn reopening_finds_everything(bench: &impl Bench) {
    if !bench.is_durable() {
        return;
    }
    let store = bench.open().await;
    fill(store.as_ref()).await;
    drop(store);
    let store = bench.open().await;
    agrees_on_rows(store.as_ref()).await;
    let again = store.append(Transaction { posted_at: micros(DAY), ..Transaction::default() }).await;
    assert!(matches!(again, Err(StoreError::OutOfOrder { .. })), "the boundary survives");
    let lines = store.session_lines(&["session-2".into()]).await.expect("lines");
    assert!(!net(lines).is_empty());
}
