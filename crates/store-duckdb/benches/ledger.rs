//! What the store costs: lines appended per second, bytes a line, and how long each kind of question takes
//! on a ledger of a million lines, while nothing else runs and while lines are being appended.
//!
//! `cargo bench -p store-duckdb` prints a table; `-- --lines N` makes another size.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{
    Actor, Context, EvidenceBatch, ItemKey, Kind, Observation, Posting, Record, RecordKey, RequestSeen, Sign,
    Source, Timestamp, TokenUsage,
};
use store::{
    Dimension, Figure, Filter, Group, LineQuery, Measure, Query, Store, TimeBucket, Transaction, Width,
};
use store_duckdb::DuckDbStore;

/// 2026-01-01T00:00:00Z, in microseconds.
const START: i64 = 1_767_225_600_000_000;
const DAY: i64 = 86_400_000_000;
const DAYS: i64 = 90;
const USERS: i64 = 1_000;
const LINES_IN_A_SESSION: i64 = 120;
/// Times each question is asked; the median is told.
const ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--lines").skip(1);
    let lines: i64 = arguments.next().map_or(1_000_000, |number| number.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for size in [100, 1_000, 2_000] {
        let folder = tempfile::tempdir().unwrap();
        let total = if size == 100 { lines / 10 } else { lines / 2 };
        runtime.block_on(appending(&folder.path().join("ledger.duckdb"), total, size));
    }
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(asking(&folder.path().join("ledger.duckdb"), lines));
}

/// Mixes what a developer's day brings: of ten lines four are requests, three tool results, two decisions
/// and one a prompt.
fn posting(number: i64, total: i64) -> Posting {
    // Many sessions go on at the same time, each line belongs to another one than the line before.
    let together = 200;
    let block = number / (together * LINES_IN_A_SESSION);
    let session = block * together + number % together;
    let scattered = ItemKey::of("session", &session.to_string()).as_i64().unsigned_abs();
    let user = (scattered % USERS as u64) as i64;
    let at = Timestamp::from_micros(START + number * (DAYS * DAY / total));
    let (kind, subject) = match number / together % 10 {
        0..4 => (Kind::Request, ""),
        4..7 => (Kind::ToolResult, ["Bash", "Edit", "Read", "mcp_tool"][(scattered % 4) as usize]),
        7..9 => (Kind::Decision, ["Edit", "Write"][(scattered % 2) as usize]),
        _ => (Kind::Prompt, ""),
    };
    let id = format!("{scattered:016x}-{session:08x}");
    let mut posting = Posting::new(kind, at, id.as_str().into(), ItemKey::of("item", &number.to_string()));
    posting.actor = Actor::User { email: format!("developer.{user}@example.org").into() };
    posting.organization = "6f1ed002-ab5c-4d5e-9b1e-1a2b3c4d5e6f".into();
    posting.terminal = ["vscode", "iTerm.app", "tmux"][(user % 3) as usize].into();
    posting.project = format!("/home/developer{user}/work/service-{}", scattered % 40).into();
    posting.repository = format!("example/service-{}", scattered % 40).into();
    posting.branch = format!("feature/{}", scattered % 500).into();
    posting.team = format!("team-{}", user % 25).into();
    posting.entrypoint = "cli".into();
    posting.client_version = format!("2.0.{}", number * 20 / total).into();
    posting.subject = subject.into();
    match kind {
        Kind::Request => fill_request(&mut posting, number),
        Kind::ToolResult => {
            posting.measures.succeeded = 1;
            posting.measures.duration_ms = number % 3_000;
        }
        Kind::Decision => {
            posting.decided_by = "user_temporary".into();
            posting.language = "Rust".into();
            posting.measures.accepted = 1;
        }
        _ => posting.measures.prompts = 1,
    }
    posting
}

fn fill_request(posting: &mut Posting, number: i64) {
    posting.model = ["claude-opus-5-5", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"]
        [(number % 3) as usize]
        .into();
    posting.query_source = "repl_main_thread".into();
    posting.request = Some(ItemKey::of("request", &number.to_string()));
    posting.message = Some(ItemKey::of("message", &number.to_string()));
    let measures = &mut posting.measures;
    measures.requests = 1;
    measures.tokens.input = number % 900;
    measures.tokens.output = number * 7 % 4_000;
    measures.tokens.cache_read = 20_000 + number * 13 % 90_000;
    measures.tokens.cache_creation = number * 3 % 5_000;
    measures.tokens.cache_creation_5m = measures.tokens.cache_creation;
    measures.cost_reported = 25_000_000 * measures.tokens.output + 500_000 * measures.tokens.cache_read;
    measures.cost_settled = measures.cost_reported;
    measures.cost_priced = measures.cost_reported;
    measures.duration_ms = 800 + number % 20_000;
    measures.ttft_ms = 300 + number % 900;
}

/// One batch of evidence for each session in the transaction, a record for each of its lines.
fn evidence(lines: &[(Sign, Posting)]) -> Vec<EvidenceBatch> {
    let mut batches: Vec<EvidenceBatch> = Vec::new();
    for (_, posting) in lines {
        let context = Context {
            email: Some(posting.actor.name().into()),
            organization: Some(posting.organization.to_string().into()),
            terminal: Some(posting.terminal.clone()),
            project: Some(posting.project.clone()),
            ..Context::default()
        };
        let request = RequestSeen {
            request_id: Some(format!("req_{:024x}", posting.item.as_i64())),
            model: posting.model.clone(),
            usage: TokenUsage { ..posting.measures.tokens },
            finished: true,
            duration_ms: Some(posting.measures.duration_ms),
            ..RequestSeen::default()
        };
        let record = Record {
            key: RecordKey::of(&[&posting.item.as_i64().to_le_bytes()]),
            session: posting.session.clone(),
            at: posting.at,
            source: Source::Events,
            context: Arc::new(context),
            observation: Observation::Request(request),
            extra: Vec::new(),
        };
        match batches.iter_mut().find(|batch| batch.session == posting.session) {
            Some(batch) => batch.records.push(record),
            None => batches.push(EvidenceBatch {
                session: posting.session.clone(),
                source: Source::Events,
                records: vec![record],
            }),
        }
    }
    batches
}

fn transactions(total: i64, size: i64, with_evidence: bool) -> impl Iterator<Item = Transaction> {
    (0..total / size).map(move |transaction| {
        let lines: Vec<_> = (transaction * size..(transaction + 1) * size)
            .map(|number| (Sign::Entry, posting(number, total)))
            .collect();
        let evidence = if with_evidence { evidence(&lines) } else { Vec::new() };
        let posted_at = Timestamp::from_micros(START + transaction);
        Transaction { posted_at, evidence, lines: lines.into(), ..Transaction::default() }
    })
}

async fn appending(file: &Path, total: i64, size: i64) {
    let store = DuckDbStore::open(file).unwrap();
    let mut times = Vec::new();
    let mut worked = Duration::ZERO;
    for transaction in transactions(total, size, false) {
        let (start, worked_before) = (Instant::now(), processor_time());
        store.append(transaction).await.unwrap();
        times.push(start.elapsed());
        worked += processor_time().saturating_sub(worked_before);
    }
    let spent: Duration = times.iter().sum();
    times.sort_unstable();
    let log = std::fs::metadata(file.with_extension("duckdb.wal")).map_or(0, |metadata| metadata.len());
    println!(
        "append {total} lines in transactions of {size}: {:.0} lines/s, {:.1} µs of processor a line, median {:?}, 99th {:?}, worst {:?}, {} MB in the log, {} MB resident",
        total as f64 / spent.as_secs_f64(),
        worked.as_secs_f64() * 1e6 / total as f64,
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
        log >> 20,
        resident_megabytes(),
    );
    let start = Instant::now();
    store.close().await.unwrap();
    let bytes = std::fs::metadata(file).unwrap().len();
    println!("  closed in {:?}, {:.0} bytes a line", start.elapsed(), bytes as f64 / total as f64);
}

async fn asking(file: &Path, total: i64) {
    let store = DuckDbStore::open(file).unwrap();
    let start = Instant::now();
    for transaction in transactions(total, 2_000, true) {
        store.append(transaction).await.unwrap();
    }
    println!("append {total} lines with evidence, making them included: {:?}", start.elapsed());
    store.close().await.unwrap();
    let bytes = std::fs::metadata(file).unwrap().len();
    println!("  {:.0} bytes a line with its evidence", bytes as f64 / total as f64);
    let start = Instant::now();
    let store = DuckDbStore::open(file).unwrap();
    println!("  open: {:?}", start.elapsed());
    questions(&store, total).await;
    println!("{} MB resident", resident_megabytes());
}

async fn questions(store: &DuckDbStore, total: i64) {
    let sessions_of = |numbers: &mut dyn Iterator<Item = i64>| -> Vec<_> {
        numbers.map(|number| posting(number, total).session).collect()
    };
    let one = sessions_of(&mut std::iter::once(total / 2));
    let newest = sessions_of(&mut std::iter::once(total - 1));
    let hundred = sessions_of(&mut (total - 100..total));
    let keys: Vec<_> =
        (0..100).map(|key| ItemKey::of("request", &(key * total / 100 / 200 * 200).to_string())).collect();
    for (name, sessions) in
        [("one old session", &one), ("the newest session", &newest), ("100 new sessions", &hundred)]
    {
        let found = store.session_lines(sessions).await.unwrap().len();
        timed(&format!("session_lines, {name}: {found}"), async || {
            store.session_lines(sessions).await.unwrap().len()
        })
        .await;
        let found = store.evidence(sessions).await.unwrap().len();
        timed(&format!("evidence, {name}: {found}"), async || store.evidence(sessions).await.unwrap().len())
            .await;
    }
    let found = store.sessions_of_requests(&keys, &keys).await.unwrap().len();
    timed(&format!("sessions_of_requests, 2 x 100 keys: {found}"), async || {
        store.sessions_of_requests(&keys, &keys).await.unwrap().len()
    })
    .await;
    let many: Vec<_> = (0..2_000).map(|key| ItemKey::of("request", &key.to_string())).collect();
    timed("sessions_of_requests, 2 x 2000 keys", async || {
        store.sessions_of_requests(&many, &many).await.unwrap().len()
    })
    .await;
    let newest = LineQuery {
        filter: Filter { kinds: vec![Kind::Request], ..Filter::default() },
        limit: 50,
        as_of: None,
    };
    timed("lines, newest 50 requests", async || store.lines(&newest).await.unwrap().len()).await;
    timed("sources", async || store.sources(None, None).await.unwrap().len()).await;
    for (name, query) in aggregates() {
        let rows = store.aggregate(&query).await.unwrap().len();
        timed(&format!("aggregate, {name}: {rows} rows"), async || {
            store.aggregate(&query).await.unwrap().len()
        })
        .await;
    }
}

fn aggregates() -> Vec<(&'static str, Query)> {
    let sums =
        [Measure::CostSettled, Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation];
    let sums: Vec<_> = sums.into_iter().map(Figure::Sum).collect();
    let everything: Vec<_> = Measure::ALL.iter().map(|measure| Figure::Sum(*measure)).collect();
    let day = || Group::Time(TimeBucket::utc(Width::Day));
    let one_day = Filter {
        from: Some(Timestamp::from_micros(START + 40 * DAY)),
        until: Some(Timestamp::from_micros(START + 41 * DAY)),
        ..Filter::default()
    };
    let by_user = vec![Group::Dimension(Dimension::ActorName)];
    vec![
        (
            "cost by day and model",
            Query {
                group_by: vec![day(), Group::Dimension(Dimension::Model)],
                figures: sums.clone(),
                ..Query::default()
            },
        ),
        ("cost by user", Query { group_by: by_user.clone(), figures: sums.clone(), ..Query::default() }),
        (
            "everything by user, one day",
            Query {
                group_by: by_user.clone(),
                figures: everything.clone(),
                filter: one_day,
                ..Query::default()
            },
        ),
        ("everything by user", Query { group_by: by_user, figures: everything, ..Query::default() }),
        (
            "sessions by day",
            Query {
                group_by: vec![day()],
                figures: vec![Figure::Distinct(Dimension::Session, None)],
                ..Query::default()
            },
        ),
        (
            "cost and span by session",
            Query {
                group_by: vec![Group::Dimension(Dimension::Session)],
                figures: [sums, vec![Figure::Earliest, Figure::Latest]].concat(),
                ..Query::default()
            },
        ),
    ]
}

async fn timed(name: &str, question: impl AsyncFn() -> usize) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        question().await;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!("  {name}: {:?}", times[ROUNDS / 2]);
}

/// Time that this process's threads have spent on processors, from Linux's own account; zero elsewhere.
/// Unlike elapsed time it hardly depends on what else the machine does.
fn processor_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// Memory of this process, from Linux's own account; 0 elsewhere.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|text| text.parse::<u64>().ok());
    kilobytes.unwrap_or(0) >> 10
}
