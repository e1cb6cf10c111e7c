//! What holds from one opening of the data to the next, at every boundary, and for transactions of any size.

use std::sync::Arc;

use super::*;

/// More lines than an engine writes or reads at once.
const MANY_LINES: i64 = 2_500;
/// More sessions and pairs than fit into one statement.
const MANY_SESSIONS: i64 = 1_200;

/// However often the program was stopped in between, the answers are those of one run, and nothing that was
/// known is taken for new.
pub(super) async fn restarts_leave_no_trace(bench: &impl Bench) {
    if !bench.is_durable() {
        return;
    }
    let reference = MemoryStore::new();
    fill(&reference).await;
    for transactions in history().chunks(15) {
        let store = bench.open().await;
        for transaction in transactions {
            store.append(transaction.clone()).await.expect("a later transaction is taken");
        }
    }
    let store = bench.open().await;
    agrees_on_rows(store.as_ref()).await;
    agree_at_every_boundary(store.as_ref(), &reference).await;

    let sessions: Vec<SessionId> = (0..5).map(|number| session_of(number).as_str().into()).collect();
    let records = |batches: Vec<EvidenceBatch>| -> Vec<(SessionId, RecordKey)> {
        let of_batch =
            |batch: EvidenceBatch| batch.records.into_iter().map(|record| (record.session, record.key));
        batches.into_iter().flat_map(of_batch).collect()
    };
    let known = records(store.evidence(&sessions).await.expect("evidence"));
    let distinct: BTreeSet<_> = known.iter().cloned().collect();
    assert_eq!((known.len(), distinct.len()), (120, 120), "three records of each of forty transactions");
    // The same pair was found in several transactions, before and after a restart.
    let mut kin = store.kin(&["session-0".into()]).await.expect("kin");
    kin.sort();
    assert_eq!(kin, [("session-0".into(), "session-1".into())]);
}

/// Sums and single lines as they stood after each transaction.
async fn agree_at_every_boundary(store: &dyn Store, reference: &MemoryStore) {
    for boundary in (-1..40).step_by(5).map(|number| micros(DAY + number)) {
        let query = Query {
            as_of: Some(boundary),
            figures: all_figures(),
            group_by: vec![Group::Dimension(Dimension::Session)],
            ..Query::default()
        };
        let found = store.aggregate(&query).await.expect("aggregate");
        assert_eq!(found, reference.aggregate(&query).await.expect("aggregate"), "as of {boundary:?}");
        let filter = Filter {
            kinds: vec![Kind::Request],
            until: Some(micros(DAY + 35 * HOUR)),
            among: vec![(Dimension::Terminal, vec!["vscode".into()])],
            ..Filter::default()
        };
        let query = LineQuery { filter, limit: 9, as_of: Some(boundary) };
        let found = store.lines(&query).await.expect("lines");
        assert_eq!(found, reference.lines(&query).await.expect("lines"), "as of {boundary:?}");
    }
}

/// A transaction that adds nothing else still moves the boundary, also after a restart.
pub(super) async fn an_empty_transaction_counts(bench: &impl Bench) {
    let empty = |at| Transaction { posted_at: micros(at), ..Transaction::default() };
    let mut store = bench.open().await;
    store.append(empty(10)).await.expect("the first transaction");
    if bench.is_durable() {
        drop(store);
        store = bench.open().await;
    }
    assert_eq!(store.boundary().await.expect("boundary"), micros(10));
    assert!(matches!(store.append(empty(10)).await, Err(StoreError::OutOfOrder { .. })));
    store.append(empty(11)).await.expect("the next transaction");
}

/// A first import brings more in one transaction than any statement or buffer holds.
pub(super) async fn a_transaction_of_any_size_is_whole(bench: &impl Bench) {
    let name = |number: i64| SessionId::new(format!("session-{number}"));
    let sessions: Vec<SessionId> = (0..MANY_SESSIONS).map(name).collect();
    let line = |number: i64| {
        let mut posting = request(number);
        posting.session = name(number % MANY_SESSIONS);
        posting.measures.cost_settled = i64::MAX - number;
        (Sign::Entry, posting)
    };
    let of_session = |session: &SessionId| batch(session.as_str(), Source::Transcripts, 0..2);
    let transaction = Transaction {
        posted_at: micros(DAY),
        lines: (0..MANY_LINES).map(line).collect(),
        evidence: sessions.iter().map(of_session).collect(),
        kin: sessions.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
    };
    let (store, reference) = (bench.open().await, MemoryStore::new());
    store.append(transaction.clone()).await.expect("a large transaction");
    reference.append(transaction).await.expect("a large transaction");

    let query = Query {
        figures: vec![Figure::Sum(Measure::CostSettled), Figure::Distinct(Dimension::Session, None)],
        ..Query::default()
    };
    let found = store.aggregate(&query).await.expect("aggregate");
    // 2,500 times the largest number of 64 bits, less 0 + 1 + … + 2,499.
    let sum = 2_500 * i128::from(i64::MAX) - 3_123_750;
    assert_eq!(found[0].figures, [sum, i128::from(MANY_SESSIONS)]);
    let mut lines = net(store.session_lines(&sessions).await.expect("lines"));
    lines.sort();
    assert_eq!(lines, net(reference.session_lines(&sessions).await.expect("lines")));
    assert_eq!(
        store.evidence(&sessions).await.expect("evidence"),
        reference.evidence(&sessions).await.expect("evidence")
    );
    let mut kin = store.kin(&sessions).await.expect("kin");
    kin.sort();
    assert_eq!(kin, reference.kin(&sessions).await.expect("kin"));
    let requests: Vec<ItemKey> =
        (0..MANY_LINES).map(|number| ItemKey::of("request-id", &number.to_string())).collect();
    let mut holders = store.sessions_of_requests(&requests, &[]).await.expect("sessions");
    holders.sort();
    assert_eq!(holders, reference.sessions_of_requests(&requests, &[]).await.expect("sessions"));
}

/// Whatever is asked while transactions come in is answered from whole ones, and what was answered as of a
/// boundary stays.
pub(super) async fn boundaries_hold_while_more_is_written(bench: &impl Bench) {
    let store = bench.open().await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move { fill(writer.as_ref()).await });
    let last = micros(DAY + 39);
    let sums = |boundary| Query {
        as_of: Some(boundary),
        figures: all_figures(),
        group_by: vec![Group::Dimension(Dimension::Model)],
        ..Query::default()
    };
    let mut reported = Vec::new();
    let mut records_before = 0;
    loop {
        let boundary = store.boundary().await.expect("boundary");
        reported.push((boundary, store.aggregate(&sums(boundary)).await.expect("aggregate")));
        let evidence = store.evidence(&["session-1".into()]).await.expect("evidence");
        let records: usize = evidence.iter().map(|batch| batch.records.len()).sum();
        assert!(
            records >= records_before && records.is_multiple_of(3),
            "{records} records after {records_before}"
        );
        records_before = records;
        if boundary == last {
            break;
        }
        tokio::task::yield_now().await;
    }
    writing.await.expect("the writer ends");
    for (boundary, rows) in reported {
        assert_eq!(store.aggregate(&sums(boundary)).await.expect("aggregate"), rows, "as of {boundary:?}");
    }
}
