//! What must hold when a store is looked after.

use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use model::AttributeValue;

use crate::{Audit, Maintenance, Rewriting, Rewritten, SessionSpan, Thinning, Wear, codec};

/// A [`Bench`] for stores that can be looked after.
#[async_trait]
pub trait MaintenanceBench: Bench {
    /// As [`Bench::open`].
    async fn open_for_maintenance(&self) -> Arc<dyn Maintenance>;

    /// A file that is not there yet, for a backup; `None` where nothing is kept on a disk.
    fn backup(&self) -> Option<PathBuf>;

    /// Opens a backup.
    async fn open_backup(&self, file: PathBuf) -> Arc<dyn Store>;
}

/// Runs the part of the suite about maintenance. Panics where the engine is wrong.
pub async fn run_maintenance<B: MaintenanceBench>(bench: impl Fn() -> B) {
    sessions_are_listed(&bench()).await;
    sealed_records_are_given_up(&bench()).await;
    forgotten_sessions_are_gone(&bench()).await;
    folding_changes_no_figure_that_is_promised(&bench()).await;
    batches_of_old_records_are_put_together(&bench()).await;
}

/// Runs the part about maintenance while others write.
pub async fn run_maintenance_beside_writing<B: MaintenanceBench>(bench: impl Fn() -> B) {
    writing_goes_on_beside_a_rewriting(&bench()).await;
    a_backup_holds_what_was_there(&bench()).await;
    an_audit_finds_what_cannot_be(&bench()).await;
    old_records_are_thinned_once(&bench()).await;
}

/// The engine's store and the reference, filled alike.
async fn both(bench: &impl MaintenanceBench) -> (Arc<dyn Maintenance>, Arc<dyn Maintenance>) {
    let store = bench.open_for_maintenance().await;
    let reference: Arc<dyn Maintenance> = Arc::new(MemoryStore::new());
    for store in [&store, &reference] {
        for transaction in history() {
            store.append(transaction).await.expect("a transaction in order is taken");
        }
    }
    (store, reference)
}

async fn all_sessions(store: &dyn Maintenance) -> Vec<SessionSpan> {
    let mut spans: Vec<SessionSpan> = Vec::new();
    loop {
        let after = spans.last().map(|span| &span.session);
        let page = store.sessions(after, 2).await.expect("sessions");
        if page.is_empty() {
            return spans;
        }
        spans.extend(page);
    }
}

/// All evidence and all lines up to a boundary, read in the order in which they lie; sorted, since that is each
/// engine's own.
async fn read_through(
    store: &dyn Maintenance,
    until: Timestamp,
) -> (Vec<(Timestamp, SessionId, Source, Vec<RecordKey>)>, Vec<(Timestamp, Sign, Posting)>) {
    let (mut evidence, mut lines) = (Vec::new(), Vec::new());
    let mut decoder = codec::Decoder::new().expect("a decoder");
    let mut place = Some(0);
    while let Some(from) = place {
        let part = store.evidence_in_order(from, until).await.expect("evidence");
        for packed in part.rows {
            let (posted_at, records) = (packed.posted_at, packed.records);
            let batch = packed.unpack(&mut decoder).expect("a batch");
            assert_eq!(batch.records.len() as u64, records);
            let keys = batch.records.iter().map(|record| record.key).collect();
            evidence.push((posted_at, batch.session, batch.source, keys));
        }
        place = part.next;
    }
    let mut place = Some(0);
    while let Some(from) = place {
        let part = store.lines_in_order(from, until).await.expect("lines");
        lines.extend(part.rows.into_iter().map(|line| (line.posted_at, line.sign, line.posting)));
        place = part.next;
    }
    evidence.sort();
    lines.sort();
    (evidence, lines)
}

/// Everything that can be asked of either is answered alike.
async fn assert_alike(store: &dyn Maintenance, reference: &dyn Maintenance) {
    assert_eq!(all_sessions(store).await, all_sessions(reference).await);
    let sessions: Vec<SessionId> = (0..6).map(session_of).map(|session| session.as_str().into()).collect();
    assert_eq!(
        store.evidence(&sessions).await.expect("evidence"),
        reference.evidence(&sessions).await.expect("evidence")
    );
    let sorted = |mut lines: Vec<LedgerLine>| {
        lines.sort_by(|a, b| (a.posted_at, a.sign, &a.posting).cmp(&(b.posted_at, b.sign, &b.posting)));
        lines
    };
    assert_eq!(
        sorted(store.session_lines(&sessions).await.expect("lines")),
        sorted(reference.session_lines(&sessions).await.expect("lines"))
    );
    for until in [micros(DAY + 20), micros(DAY + 1_000)] {
        assert_eq!(read_through(store, until).await, read_through(reference, until).await, "until {until:?}");
    }
    for question in questions() {
        let expected = reference.aggregate(&question).await.expect("aggregate");
        assert_eq!(store.aggregate(&question).await.expect("aggregate"), expected, "{question:?}");
    }
    assert_eq!(
        store.seals(&sessions).await.expect("seals"),
        reference.seals(&sessions).await.expect("seals")
    );
    assert_eq!(
        store.forgotten(&sessions).await.expect("forgotten"),
        reference.forgotten(&sessions).await.expect("forgotten")
    );
    let sources = store.sources(None, None).await.expect("sources");
    assert_eq!(sources, reference.sources(None, None).await.expect("sources"));
    for name in ["ann0@example.org", "ann1@example.org", "key 0", "nobody"] {
        assert_eq!(
            store.sessions_of_actor(name).await.expect("sessions"),
            reference.sessions_of_actor(name).await.expect("sessions")
        );
    }
}

async fn sessions_are_listed(bench: &impl MaintenanceBench) {
    let (store, reference) = both(bench).await;
    assert_alike(store.as_ref(), reference.as_ref()).await;
    assert_eq!(all_sessions(store.as_ref()).await.iter().map(|span| span.records).sum::<u64>(), 120);
}

async fn sealed_records_are_given_up(bench: &impl MaintenanceBench) {
    let (store, reference) = both(bench).await;
    let sealed: SessionId = session_of(1).as_str().into();
    for store in [&store, &reference] {
        store.seal(&[sealed.clone(), "nobody".into()]).await.expect("sealed");
        let evidence = store.evidence(std::slice::from_ref(&sealed)).await.expect("evidence");
        assert!(evidence.is_empty());
        let later = Transaction {
            posted_at: micros(DAY + 100),
            evidence: vec![batch(sealed.as_str(), Source::Events, 900..902)],
            ..Transaction::default()
        };
        store.append(later).await.expect("append");
        let evidence = store.evidence(std::slice::from_ref(&sealed)).await.expect("evidence");
        assert_eq!(evidence.len(), 1, "what comes later is kept");
    }
    assert_alike(store.as_ref(), reference.as_ref()).await;
    for _ in 0..2 {
        store.rewrite(Rewriting::default()).await.expect("rewritten");
        assert_alike(store.as_ref(), reference.as_ref()).await;
    }
    for store in [&store, &reference] {
        store.seal(std::slice::from_ref(&sealed)).await.expect("sealed again");
    }
    store.rewrite(Rewriting::default()).await.expect("rewritten");
    assert_alike(store.as_ref(), reference.as_ref()).await;
}

async fn forgotten_sessions_are_gone(bench: &impl MaintenanceBench) {
    let (store, reference) = both(bench).await;
    let gone: Vec<SessionId> = vec![session_of(0).as_str().into(), session_of(3).as_str().into()];
    for store in [&store, &reference] {
        store.forget(&gone).await.expect("forgotten");
        assert_eq!(store.forgotten(&gone).await.expect("forgotten"), gone);
        store.rewrite(Rewriting::default()).await.expect("rewritten");
        assert!(store.session_lines(&gone).await.expect("lines").is_empty());
        assert!(store.evidence(&gone).await.expect("evidence").is_empty());
        assert!(store.kin(&gone).await.expect("kin").is_empty());
    }
    assert_alike(store.as_ref(), reference.as_ref()).await;
    if bench.is_durable() {
        drop(store);
        let store = bench.open_for_maintenance().await;
        assert_alike(store.as_ref(), reference.as_ref()).await;
        let again = Transaction { posted_at: micros(DAY + 39), ..Transaction::default() };
        assert!(matches!(store.append(again).await, Err(StoreError::OutOfOrder { .. })));
    }
}

fn folding(before: Timestamp) -> Rewriting {
    Rewriting { fold_before: Some(before), ..Rewriting::default() }
}

async fn folding_changes_no_figure_that_is_promised(bench: &impl MaintenanceBench) {
    let (store, reference) = both(bench).await;
    let before = micros(DAY + 25);
    let boundaries = [25, 30, 39].map(|number| micros(DAY + number));
    let at_boundaries = async |store: &dyn Store| {
        let mut answers = Vec::new();
        for as_of in boundaries {
            for question in questions() {
                let mut question = Query { as_of: Some(as_of), ..question };
                // How many lines there are is what folding is to change.
                question.figures.retain(|figure| *figure != Figure::Lines);
                answers.push(store.aggregate(&question).await.expect("aggregate"));
            }
        }
        answers
    };
    let promised = at_boundaries(store.as_ref()).await;
    let rewritten = store.rewrite(folding(before)).await.expect("rewritten");
    let expected = reference.rewrite(folding(before)).await.expect("rewritten");
    assert_eq!(rewritten.lines, expected.lines);
    assert!(rewritten.lines.1 < rewritten.lines.0, "there were pairs to fold");
    assert_alike(store.as_ref(), reference.as_ref()).await;
    assert_eq!(at_boundaries(store.as_ref()).await, promised);
    assert_eq!(store.wear(folding(before)).await.expect("wear").reversals, 0, "nothing is left to fold");
    let Rewritten { lines: (lines, again), .. } = store.rewrite(folding(before)).await.expect("rewritten");
    assert_eq!(lines, again, "nothing is left to fold");
}

async fn batches_of_old_records_are_put_together(bench: &impl MaintenanceBench) {
    let (store, reference) = (bench.open_for_maintenance().await, Arc::new(MemoryStore::new()));
    let stores: [&dyn Maintenance; 2] = [store.as_ref(), reference.as_ref()];
    let told = |number: i64, sources: &[Source], session: &str| -> Vec<EvidenceBatch> {
        sources.iter().map(|source| batch(session, *source, number * 10..number * 10 + 3)).collect()
    };
    let append = async |store: &dyn Maintenance, number: i64| {
        // A session with two sources, one that is sealed after the second, and one that tells but once.
        let mut evidence = told(number, &[Source::Events, Source::Metrics], "busy");
        evidence.extend(told(number, &[Source::Events], "sealed"));
        if number == 2 {
            evidence.extend(told(number, &[Source::Events], "seldom"));
        }
        let posted_at = micros(DAY + number);
        store.append(Transaction { posted_at, evidence, ..Transaction::default() }).await.expect("append");
    };
    let dated = async |store: &dyn Maintenance, session: &str| -> Vec<(i64, Source, usize)> {
        let evidence = store.dated_evidence(&[session.into()]).await.expect("evidence");
        let mut found: Vec<_> = evidence
            .iter()
            .map(|(at, batch)| (at.micros_since(micros(DAY)), batch.source, batch.records.len()))
            .collect();
        found.sort_unstable();
        found
    };
    let how = folding(micros(DAY + 5));
    for store in stores {
        for number in 1..=6 {
            append(store, number).await;
            if number == 2 {
                store.seal(&["sealed".into()]).await.expect("sealed");
            }
        }
        let records = async || {
            let evidence =
                store.evidence(&["busy".into(), "sealed".into(), "seldom".into()]).await.expect("evidence");
            let mut records: Vec<Record> = evidence.into_iter().flat_map(|batch| batch.records).collect();
            records.sort_by_key(|record| (record.session.clone(), record.key));
            records
        };
        let before = records().await;
        // Three each of the two sources of the first, and one of what came after the seal.
        assert_eq!(store.wear(how).await.expect("wear").scattered, 7);
        store.rewrite(how).await.expect("rewritten");
        assert_eq!(store.wear(how).await.expect("wear").scattered, 0);
        let of_both =
            |at: i64, records: usize| [(at, Source::Events, records), (at, Source::Metrics, records)];
        let expected = [of_both(4, 12), of_both(5, 3), of_both(6, 3)].concat();
        assert_eq!(dated(store, "busy").await, expected);
        let expected = [(4, 6), (5, 3), (6, 3)].map(|(at, records)| (at, Source::Events, records));
        assert_eq!(dated(store, "sealed").await, expected);
        assert_eq!(dated(store, "seldom").await, [(2, Source::Events, 3)]);
        assert_eq!(records().await, before);
        // What came since is put to it the next time.
        store.rewrite(folding(micros(DAY + 6))).await.expect("rewritten");
        let expected = [of_both(5, 15), of_both(6, 3)].concat();
        assert_eq!(dated(store, "busy").await, expected);
        assert_eq!(records().await, before);
        // Also where records are made thinner at the same time.
        let thin = Some(Thinning { before: micros(2 * DAY), thin });
        store.rewrite(Rewriting { thin, ..folding(micros(DAY + 7)) }).await.expect("rewritten");
        assert_eq!(dated(store, "busy").await, of_both(6, 18));
        assert_eq!(records().await.len(), before.len());
    }
    assert_alike(store.as_ref(), reference.as_ref()).await;
}

/// Transactions that come while everything is written anew are all there afterwards.
async fn writing_goes_on_beside_a_rewriting(bench: &impl MaintenanceBench) {
    let (store, _) = both(bench).await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for number in 100..160 {
            let lines = vec![(Sign::Entry, request(number))];
            let evidence = vec![batch(&session_of(number), Source::Events, number * 10..number * 10 + 1)];
            let posted_at = micros(DAY + number);
            let transaction =
                Transaction { posted_at, lines: lines.into(), evidence, ..Transaction::default() };
            writer.append(transaction).await.expect("append");
        }
    });
    while !writing.is_finished() {
        store.rewrite(Rewriting::default()).await.expect("rewritten");
    }
    writing.await.expect("the writer ends");
    assert_eq!(all_sessions(store.as_ref()).await.iter().map(|span| span.records).sum::<u64>(), 180);
    let query = Query { figures: vec![Figure::Sum(Measure::Requests)], ..Query::default() };
    let rows = store.aggregate(&query).await.expect("aggregate");
    assert_eq!(rows[0].figures, [100]);
    assert_eq!(store.boundary().await.expect("boundary"), micros(DAY + 159));
}

async fn a_backup_holds_what_was_there(bench: &impl MaintenanceBench) {
    let Some(file) = bench.backup() else { return };
    let (store, _) = both(bench).await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for number in 100..160 {
            let lines = vec![(Sign::Entry, request(number))];
            let transaction = Transaction {
                posted_at: micros(DAY + number),
                lines: lines.into(),
                ..Transaction::default()
            };
            writer.append(transaction).await.expect("append");
        }
    });
    let boundary = store.back_up(&file).await.expect("backed up");
    writing.await.expect("the writer ends");
    store.back_up(&file).await.expect_err("a backup is never written over");
    let copy = bench.open_backup(file).await;
    assert_eq!(copy.boundary().await.expect("boundary"), boundary);
    for question in questions() {
        let then = Query { as_of: Some(boundary), ..question };
        let expected = store.aggregate(&then).await.expect("aggregate");
        assert_eq!(copy.aggregate(&then).await.expect("aggregate"), expected);
    }
}

/// What an append can leave behind that no clerk writes; what only damage can is left to the engines' own tests.
async fn an_audit_finds_what_cannot_be(bench: &impl MaintenanceBench) {
    let (store, reference) = both(bench).await;
    let audit = store.audit().await.expect("audit");
    assert_eq!(audit, reference.audit().await.expect("audit"));
    assert_eq!((audit.records, audit.transactions), (120, 40));
    let nothing = Audit { lines: audit.lines, records: 120, transactions: 40, ..Audit::default() };
    assert_eq!(audit, nothing, "a ledger without faults");

    let mut elsewhere = request(39);
    elsewhere.session = "nobody".into();
    elsewhere.tenant = request(39).tenant;
    for store in [&store, &reference] {
        let lines = vec![(Sign::Entry, elsewhere.clone())];
        store
            .append(Transaction {
                posted_at: micros(DAY + 50),
                lines: lines.into(),
                ..Transaction::default()
            })
            .await
            .expect("append");
    }
    let audit = store.audit().await.expect("audit");
    assert_eq!(audit, reference.audit().await.expect("audit"));
    assert_eq!(audit.unfounded, ["nobody".into()]);
    assert_eq!(audit.doubled, [request(39).session, "nobody".into()]);
}

/// Takes the same attribute from every record.
fn thin(record: &mut Record) {
    record.extra.retain(|(name, _)| name != "content");
}

async fn old_records_are_thinned_once(bench: &impl MaintenanceBench) {
    let (store, reference) = (bench.open_for_maintenance().await, Arc::new(MemoryStore::new()));
    let stores: [&dyn Maintenance; 2] = [store.as_ref(), reference.as_ref()];
    let with_content = |session: &str, numbers: std::ops::Range<i64>| {
        let mut batch = batch(session, Source::Events, numbers);
        for record in &mut batch.records {
            let text = |name: &str| (name.to_owned(), AttributeValue::Text(name.to_uppercase()));
            record.extra = vec![text("content"), text("kept")];
        }
        batch
    };
    let append = async |store: &dyn Maintenance, posted_at: i64, numbers: std::ops::Range<i64>| {
        let evidence = vec![with_content("session-0", numbers.clone()), with_content("session-1", numbers)];
        let transaction =
            Transaction { posted_at: micros(DAY + posted_at), evidence, ..Transaction::default() };
        store.append(transaction).await.expect("append");
    };
    let sessions: Vec<SessionId> = vec!["session-0".into(), "session-1".into()];
    let how = |before: i64| {
        let thin = Some(Thinning { before: micros(DAY + before), thin });
        Rewriting { thin, ..Rewriting::default() }
    };
    for store in stores {
        append(store, 1, 0..5).await;
        append(store, 2, 5..10).await;
        assert_eq!(store.wear(how(5)).await.expect("wear"), Wear { batches: 4, thick: 2, ..Wear::default() });
        store.rewrite(how(5)).await.expect("rewritten");
        assert_eq!(store.wear(how(5)).await.expect("wear").thick, 0, "each is thinned once");
        let evidence = store.evidence(&sessions).await.expect("evidence");
        for record in evidence.iter().flat_map(|batch| &batch.records) {
            let is_old = record.at < micros(DAY + 5);
            let kept = record.extra.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            assert_eq!(kept, if is_old { vec!["kept"] } else { vec!["content", "kept"] });
        }
        // What comes late is as thick as it was, however old.
        append(store, 3, 2..4).await;
        assert_eq!(store.wear(how(5)).await.expect("wear").thick, 2);
        assert_eq!(store.wear(how(10)).await.expect("wear").thick, 4);
        store.rewrite(how(10)).await.expect("rewritten");
        assert_eq!(store.wear(how(10)).await.expect("wear").thick, 0);
    }
    assert_alike(store.as_ref(), reference.as_ref()).await;
}
