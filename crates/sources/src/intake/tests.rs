use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use ledger::{OwnPrice, PriceBook};
use model::{
    Clock, Context, Counter, CounterPoint, ItemKey, Kind, Lines, Observation, Record, RecordKey, RequestSeen,
    SessionId, Sign, Source, Temporality, Timestamp, TokenKind, TokenUsage,
};
use store::{Dimension, Figure, Group, LineQuery, Measure, MemoryStore, Query, Store, Within, net};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Clerk, CommitListener, Intake, IntakeError, IntakeGauges, NobodyListens, Settings, start};

const START: i64 = 1_795_132_800;

pub(super) struct SetClock(AtomicI64);

impl SetClock {
    pub(super) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(START + seconds)))
    }

    pub(super) fn set(&self, seconds: i64) {
        self.0.store(START + seconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

fn record(session: &str, seconds: i64, source: Source, name: &str, observation: Observation) -> Record {
    Record {
        key: RecordKey::of(&[name.as_bytes()]),
        session: session.into(),
        at: Timestamp::from_seconds(START + seconds),
        source,
        context: Arc::new(Context::default()),
        observation,
        extra: Vec::new(),
    }
}

pub(super) fn event(session: &str, seconds: i64, request_id: &str, output: i64) -> Record {
    let request = RequestSeen {
        request_id: Some(request_id.into()),
        model: "claude-opus-5-5".into(),
        usage: TokenUsage { output, ..TokenUsage::default() },
        finished: true,
        ..RequestSeen::default()
    };
    record(session, seconds, Source::Events, &format!("event {request_id}"), Observation::Request(request))
}

fn line(session: &str, seconds: i64, message_id: &str, output: i64) -> Record {
    let request = RequestSeen {
        message_id: Some(message_id.into()),
        model: "claude-opus-5-5".into(),
        usage: TokenUsage { output, ..TokenUsage::default() },
        finished: true,
        ..RequestSeen::default()
    };
    record(
        session,
        seconds,
        Source::Transcripts,
        &format!("line {message_id}"),
        Observation::Request(request),
    )
}

pub(super) fn metered(session: &str, seconds: i64, output: i64) -> Record {
    let counter = Counter::Tokens { model: "claude-opus-5-5".into(), kind: TokenKind::Output };
    let point = CounterPoint {
        counter,
        series: ItemKey::of("series", "output"),
        start: Some(Timestamp::from_seconds(START)),
        temporality: Temporality::Delta,
        value: output as f64,
    };
    record(session, seconds, Source::Metrics, &format!("point {seconds}"), Observation::Counter(point))
}

pub(super) async fn clerk(store: &Arc<MemoryStore>, clock: &Arc<SetClock>) -> Clerk {
    clerk_with(store, clock, Settings::default()).await
}

async fn clerk_with(store: &Arc<MemoryStore>, clock: &Arc<SetClock>, settings: Settings) -> Clerk {
    let prices = Arc::new(PriceBook::embedded().unwrap());
    let store: Arc<dyn Store> = store.clone();
    let clock: Arc<dyn Clock> = clock.clone();
    Clerk::new(store, prices, clock, Arc::new(NobodyListens), settings).await.unwrap()
}

/// Output tokens by session.
pub(super) async fn output(store: &MemoryStore) -> Vec<(String, i128)> {
    let query = Query {
        group_by: vec![Group::Dimension(Dimension::Session)],
        figures: vec![Figure::Sum(Measure::Output)],
        ..Query::default()
    };
    let rows = store.aggregate(&query).await.unwrap();
    rows.into_iter().map(|row| (row.keys[0].as_text().to_owned(), row.figures[0])).collect()
}

/// Has a clerk that works like this take records of 40 sessions in, some of them twice, and returns how many bytes were
/// at hand in the end, and how many in a file. None or some of the sessions were read back meanwhile.
async fn bytes_at_hand_with(settings: Settings, are_read_back: bool) -> (u64, u64) {
    const SESSIONS: usize = 40;
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(10));
    let gauges = Arc::new(IntakeGauges::default());
    let room = settings.bytes_at_hand;
    let mut clerk = clerk_with(&store, &clock, settings).await;
    clerk.measure_with(Arc::clone(&gauges));
    let requests =
        |round| (0..SESSIONS).map(move |n| event(&format!("s{n}"), 1, &format!("r{n} {round}"), 5));
    for round in 0..3 {
        clerk.take_in(vec![requests(round).collect()]).await.unwrap();
        clerk.take_in(vec![requests(0).collect()]).await.unwrap();
    }
    assert_eq!(gauges.settled_whole.get() > 0, are_read_back, "{room}");
    assert_eq!(gauges.at_hand_sessions.get() < SESSIONS as u64, are_read_back, "{room}");
    assert!(gauges.at_hand_bytes.get() <= room as u64);
    let output = output(&store).await;
    assert_eq!(output.len(), SESSIONS);
    assert!(output.iter().all(|(_, output)| *output == 15), "{output:?}");
    (gauges.at_hand_bytes.get(), gauges.shelved_bytes.get())
}

const fn with_room_for(bytes_at_hand: usize, overflow: Option<PathBuf>) -> Settings {
    Settings { bytes_at_hand, overflow, quiet_micros: 30_000_000, lines_staged: 0 }
}

#[tokio::test]
async fn sessions_that_wait_are_packed_before_they_are_let_go() {
    let (as_they_are, _) = bytes_at_hand_with(with_room_for(16 << 20, None), false).await;
    // Too little for all as they are, enough for all once most are packed; and too little for that.
    let less = usize::try_from(as_they_are * 9 / 10).unwrap();
    assert!(bytes_at_hand_with(with_room_for(less, None), false).await.0 < as_they_are);
    bytes_at_hand_with(with_room_for(16 << 10, None), true).await;
}

#[tokio::test]
async fn sessions_that_do_not_fit_into_memory_go_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let in_folder = |bytes| with_room_for(usize::try_from(bytes).unwrap(), Some(folder.path().into()));
    let (as_they_are, _) = bytes_at_hand_with(in_folder(16 << 20), false).await;
    let (packed, in_file) = bytes_at_hand_with(in_folder(as_they_are * 9 / 10), false).await;
    assert_eq!(in_file, 0, "there is room for all once they are packed");
    let (_, shelved) = bytes_at_hand_with(in_folder(packed * 19 / 20), false).await;
    assert!(shelved > 0, "{as_they_are} {packed}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    // Where no file can be made, they are read back from the store.
    bytes_at_hand_with(with_room_for(16 << 10, Some(folder.path().join("gone"))), true).await;
}

/// The same record, come in for an organization of its own.
fn within(tenant: &str, mut record: Record) -> Record {
    record.session = record.session.within(&tenant.into());
    record
}

#[tokio::test]
async fn organizations_that_tell_of_the_same_things_are_kept_apart() {
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(10));
    let mut clerk = clerk(&store, &clock).await;
    // The same session and request, and the same request copied into another session, in each.
    let all = |tenant: &str| {
        let records = [event("s", 1, "r1", 5), event("t", 2, "r1", 5)];
        records.map(|record| within(tenant, record)).to_vec()
    };
    // Together, and one after the other.
    let receipts = clerk.take_in(vec![all("a"), all("b")]).await.unwrap();
    assert_eq!(receipts.iter().map(|receipt| receipt.fresh).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(clerk.take_in(vec![all("")]).await.unwrap()[0].fresh, 2);
    for tenant in ["", "a", "b"] {
        let view = Within::new(store.clone(), vec![tenant.into()]);
        let lines = view.lines(&LineQuery { limit: 99, ..LineQuery::default() }).await.unwrap();
        let requests: Vec<_> =
            net(lines).into_iter().filter(|posting| posting.kind == Kind::Request).collect();
        let [request] = requests.as_slice() else { panic!("{tenant}: {requests:?}") };
        assert_eq!((request.tenant.as_str(), request.session.told()), (tenant, "s"));
        assert_eq!(request.measures.tokens.output, 5);
    }
}

#[tokio::test]
async fn a_retry_adds_nothing_also_after_a_restart() {
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(10));
    let mut first = clerk(&store, &clock).await;
    let receipts = first.take_in(vec![vec![event("s", 1, "r1", 5), event("s", 2, "r2", 6)]]).await.unwrap();
    assert_eq!((receipts[0].fresh, receipts[0].repeated), (2, 0));
    // Regrouped: one known, one new, and the new one twice in the same transaction.
    let again = vec![vec![event("s", 2, "r2", 6), event("s", 3, "r3", 7)], vec![event("s", 3, "r3", 7)]];
    let receipts = first.take_in(again).await.unwrap();
    assert_eq!((receipts[0].fresh, receipts[0].repeated), (1, 1));
    assert_eq!((receipts[1].fresh, receipts[1].repeated), (0, 1));
    drop(first);
    let mut second = clerk(&store, &clock).await;
    let receipts = second.take_in(vec![vec![event("s", 1, "r1", 5)]]).await.unwrap();
    assert_eq!((receipts[0].fresh, receipts[0].repeated), (0, 1));
    assert_eq!(output(&store).await, vec![("s".to_owned(), 18)]);
    assert_eq!(store.sources(None, None).await.unwrap()[0].records, 3);
}

#[tokio::test]
async fn copies_in_another_session_are_found_in_either_order() {
    for order in [["old", "new"], ["new", "old"]] {
        let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(10));
        for session in order {
            // A clerk of its own for each, so that kin is found through the store.
            let mut clerk = clerk(&store, &clock).await;
            let mut records = vec![line(session, 1, "m1", 5), line(session, 2, "m2", 6)];
            if session == "new" {
                records.push(line(session, 3, "m3", 7));
            }
            clerk.take_in(vec![records]).await.unwrap();
        }
        let sum: i128 = output(&store).await.iter().map(|(_, output)| output).sum();
        assert_eq!(sum, 18, "{order:?}");
        let mut clerk = clerk(&store, &clock).await;
        // More of the older session still belongs to the same family.
        clerk.take_in(vec![vec![line("old", 4, "m3", 7)]]).await.unwrap();
        let sum: i128 = output(&store).await.iter().map(|(_, output)| output).sum();
        assert_eq!(sum, 18, "{order:?}");
    }
}

#[tokio::test]
async fn a_total_waits_for_the_requests_it_counts() {
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(60));
    let mut clerk = clerk(&store, &clock).await;
    clerk.take_in(vec![vec![event("s", 50, "r1", 5)]]).await.unwrap();
    clerk.take_in(vec![vec![metered("s", 60, 12)]]).await.unwrap();
    assert_eq!(output(&store).await, vec![("s".to_owned(), 5)], "the total is too young to be compared");
    let due = clerk.next_due().expect("something waits");
    clock.set(91);
    assert!(due <= clock.now());
    while clerk.next_due().is_some() {
        clerk.settle_due().await.unwrap();
    }
    assert_eq!(output(&store).await, vec![("s".to_owned(), 12)]);
}

#[tokio::test]
async fn what_waited_is_settled_after_a_restart() {
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(60));
    let mut first = clerk(&store, &clock).await;
    first.take_in(vec![vec![event("s", 50, "r1", 5), metered("s", 60, 12)]]).await.unwrap();
    drop(first);
    clock.set(86_400);
    let mut second = clerk(&store, &clock).await;
    second.settle_due().await.unwrap();
    assert_eq!(output(&store).await, vec![("s".to_owned(), 12)]);
    assert_eq!(second.next_due(), None);
}

#[tokio::test]
async fn time_that_goes_back_does_not_disturb_the_ledger() {
    let (store, clock) = (Arc::new(MemoryStore::new()), SetClock::at(100));
    let mut clerk = clerk(&store, &clock).await;
    let first = clerk.take_in(vec![vec![event("s", 1, "r1", 5)]]).await.unwrap();
    clock.set(50);
    let second = clerk.take_in(vec![vec![event("s", 2, "r2", 5)]]).await.unwrap();
    assert!(second[0].boundary > first[0].boundary);
}

#[derive(Default)]
struct Heard(Mutex<Vec<(SessionId, Sign, Kind)>>);

impl CommitListener for Heard {
    fn committed(&self, _posted_at: Timestamp, lines: &Lines) {
        let heard = lines.iter().map(|(sign, posting)| (posting.session.clone(), sign, posting.kind));
        self.0.lock().unwrap().extend(heard);
    }
}

#[tokio::test]
async fn the_writer_answers_what_waits_before_it_stops() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let heard = Arc::new(Heard::default());
    let stop = CancellationToken::new();
    let prices = Arc::new(PriceBook::embedded().unwrap());
    let clock: Arc<dyn Clock> = SetClock::at(10);
    let (intake, writer) =
        start(Arc::clone(&store), prices, clock, heard.clone(), Settings::default(), stop.clone())
            .await
            .unwrap();
    let waiting: Vec<_> = (0..50)
        .map(|number| intake.try_submit(vec![event("s", number, &format!("r{number}"), 1)]).unwrap())
        .collect();
    stop.cancel();
    for receipt in waiting {
        assert_eq!(receipt.await.unwrap().fresh, 1);
    }
    writer.stopped().await;
    assert_eq!(intake.submit(Vec::new()).await, Err(IntakeError::Stopped));
    let requests = heard.0.lock().unwrap().iter().filter(|(_, _, kind)| *kind == Kind::Request).count();
    assert_eq!(requests, 50);
}

/// Senders that each wait for an answer before they send again, each a millisecond later than the one before;
/// when each of what they sent was written.
async fn sent_in_turn(senders: i64, rounds: i64) -> Vec<Timestamp> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (prices, clock) = (Arc::new(PriceBook::embedded().unwrap()), SetClock::at(10));
    let stop = CancellationToken::new();
    let (intake, _writer) =
        start(store, prices, clock, Arc::new(NobodyListens), Settings::default(), stop).await.unwrap();
    let sender = |sender: i64| {
        let intake = intake.clone();
        async move {
            let mut written_at = Vec::new();
            for round in 0..rounds {
                let pause = if round == 0 { 0 } else { sender.unsigned_abs() };
                tokio::time::sleep(Duration::from_millis(pause)).await;
                let record = event(&format!("s{sender}"), round, &format!("r{sender} {round}"), 1);
                written_at.push(intake.submit(vec![record]).await.unwrap().boundary);
            }
            written_at
        }
    };
    let senders: Vec<_> = (0..senders).map(|number| tokio::spawn(sender(number))).collect();
    let mut written_at = Vec::new();
    for sender in senders {
        written_at.extend(sender.await.unwrap());
    }
    written_at
}

#[tokio::test(start_paused = true)]
async fn senders_that_were_answered_together_are_written_together_again() {
    const ROUNDS: i64 = 10;
    let written_at = sent_in_turn(8, ROUNDS).await;
    let transactions: BTreeSet<Timestamp> = written_at.iter().copied().collect();
    assert_eq!(written_at.len(), 80);
    assert!(transactions.len() as i64 <= ROUNDS + 2, "{} transactions", transactions.len());
}

#[tokio::test(start_paused = true)]
async fn a_lone_sender_waits_for_nobody() {
    let began = Instant::now();
    assert_eq!(sent_in_turn(1, 10).await.len(), 10);
    assert!(began.elapsed().is_zero());
}

/// A writer that stages so many lines.
async fn staging(lines_staged: usize) -> (Arc<MemoryStore>, Intake, CancellationToken) {
    let store = Arc::new(MemoryStore::new());
    let (prices, clock) = (Arc::new(PriceBook::embedded().unwrap()), SetClock::at(10_000));
    let (stop, settings) = (CancellationToken::new(), Settings { lines_staged, ..Settings::default() });
    let written = Arc::clone(&store) as Arc<dyn Store>;
    let (intake, _writer) =
        start(written, prices, clock, Arc::new(NobodyListens), settings, stop.clone()).await.unwrap();
    (store, intake, stop)
}

#[tokio::test]
async fn who_has_more_to_send_is_answered_when_that_is_durable() {
    let (store, intake, _) = staging(1_000).await;
    let (receipt, first) = intake.submit_more_to_come(vec![vec![line("a", 1, "m1", 5)]]).await.unwrap();
    assert_eq!((receipt.fresh, receipt.repeated), (1, 0));
    let lists = vec![vec![line("a", 1, "m1", 5)], Vec::new(), vec![line("a", 2, "m2", 6)]];
    let (receipt, second) = intake.submit_more_to_come(lists).await.unwrap();
    assert_eq!((receipt.fresh, receipt.repeated), (1, 1), "what is staged is known");
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
    assert_eq!(intake.submit(Vec::new()).await.unwrap().fresh, 0);
    assert_eq!((first.now_or_never(), second.now_or_never()), (Some(Ok(())), Some(Ok(()))));
    assert_eq!(output(&store).await, [("a".to_owned(), 11)]);
}

#[tokio::test]
async fn enough_lines_are_made_durable_without_being_asked() {
    // A session's start, and a request.
    let (_, intake, _) = staging(4).await;
    let mut durable = Vec::new();
    for session in ["a", "b"] {
        let (_, one) = intake.submit_more_to_come(vec![vec![line(session, 1, session, 5)]]).await.unwrap();
        durable.push(one);
    }
    let (_, left) = intake.submit_more_to_come(vec![vec![line("c", 1, "m3", 5)]]).await.unwrap();
    for durable in durable {
        assert_eq!(durable.now_or_never(), Some(Ok(())));
    }
    assert_eq!(left.now_or_never(), None);

    let (_, intake, _) = staging(0).await;
    for number in 0..3 {
        let record = line("a", number, &format!("m{number}"), 5);
        let (_, durable) = intake.submit_more_to_come(vec![vec![record]]).await.unwrap();
        assert_eq!(durable.await, Ok(()));
    }
}

#[tokio::test]
async fn what_is_staged_is_made_durable_before_the_writer_stops() {
    let (_, intake, stop) = staging(1_000).await;
    let (_, durable) = intake.submit_more_to_come(vec![vec![line("a", 1, "m1", 5)]]).await.unwrap();
    stop.cancel();
    assert_eq!(durable.await, Ok(()));
}

#[tokio::test]
async fn an_error_is_told_to_everybody_whose_records_were_staged() {
    let (store, intake, _) = staging(1_000).await;
    let (_, first) = intake.submit_more_to_come(vec![vec![line("a", 1, "m1", 5)]]).await.unwrap();
    // Somebody else has written what is later than all that this writer will.
    let posted_at = Timestamp::from_seconds(START + 20_000);
    store.append(store::Transaction { posted_at, ..store::Transaction::default() }).await.unwrap();
    let second = intake.submit_more_to_come(vec![vec![line("b", 1, "m2", 5)]]).await;
    assert!(matches!(second.map(drop), Err(IntakeError::Store(_))));
    assert!(matches!(first.await, Err(IntakeError::Store(_))));
}

/// What everything is priced at, in micro-dollars.
async fn priced_micros(store: &dyn Store) -> i128 {
    let figures = vec![Figure::Sum(Measure::CostPriced)];
    let rows = store.aggregate(&Query { figures, ..Query::default() }).await.unwrap();
    rows.first().map_or(0, |row| row.figures[0] / 1_000_000)
}

#[tokio::test]
async fn history_is_priced_again_when_prices_change() {
    let store = Arc::new(MemoryStore::new());
    let clock = SetClock::at(0);
    let clerk = async |prices: PriceBook| {
        let store = Arc::clone(&store) as Arc<dyn Store>;
        let clock = Arc::clone(&clock) as Arc<dyn Clock>;
        Clerk::new(store, Arc::new(prices), clock, Arc::new(NobodyListens), Settings::default())
            .await
            .unwrap()
    };
    let list_prices = || PriceBook::embedded().unwrap();
    let mut first = clerk(list_prices()).await;
    assert_eq!(store.priced_with().await.unwrap().as_deref(), Some("2026-11-22"));
    // Output of Opus 5.5 is 20 dollars a million: 20 micro-dollars a token.
    first.take_in(vec![vec![event("a", 0, "r1", 100), event("b", 0, "r2", 10)]]).await.unwrap();
    assert_eq!(priced_micros(store.as_ref()).await, 2_200);
    let before = store.boundary().await.unwrap();
    drop(first);

    clock.set(3_600);
    let discount = OwnPrice { model: "*".into(), discount_percent: Some(10.0), ..OwnPrice::default() };
    let agreed = list_prices().with_own(&[discount]).unwrap();
    let version = agreed.version().to_owned();
    let mut second = clerk(agreed.clone()).await;
    let left = second.repricing();
    assert_eq!(*left.borrow(), 2);
    assert_eq!(store.priced_with().await.unwrap().as_deref(), Some("2026-11-22"), "not before it is so");
    second.settle_due().await.unwrap();
    assert_eq!((*left.borrow(), priced_micros(store.as_ref()).await), (0, 1_980));
    assert_eq!(store.priced_with().await.unwrap(), Some(version));
    // What the ledger said before can still be asked for.
    let figures = vec![Figure::Sum(Measure::CostPriced)];
    let then = Query { as_of: Some(before), figures, ..Query::default() };
    assert_eq!(store.aggregate(&then).await.unwrap()[0].figures[0] / 1_000_000, 2_200);
    drop(second);

    let lines = store.session_lines(&["a".into(), "b".into()]).await.unwrap().len();
    let mut third = clerk(agreed).await;
    assert_eq!(*third.repricing().borrow(), 0);
    third.settle_due().await.unwrap();
    assert_eq!(store.session_lines(&["a".into(), "b".into()]).await.unwrap().len(), lines);
}
