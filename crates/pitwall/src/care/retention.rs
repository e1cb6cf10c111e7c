//! Letting data go when it is old, folding what was taken back, and putting records together.
//!
//! Each kind of data has its own time (`[retention]` of the configuration); none has one unless the operator sets it.
//! What belongs together goes together: sessions that share records are as old as the newest of them.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use anyhow::Result;
use model::{SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use sources::claude_code::drop_content;
use store::{Rewriting, SessionSpan, Thinning, Wear};
use tokio_util::sync::CancellationToken;

use super::{Caretaker, Job, Outcome, SESSIONS_AT_ONCE, Step, Teller, tell};

/// How long earlier states of the ledger can be asked for, in days: paging cursors, and answers that are explained.
const PROMISED_DAYS: i64 = 7;
/// How often a server looks whether it is time, and how often it is.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
const APPLY_EVERY_MICROS: i64 = DAY_MICROS;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// From so many reversals on, and so many parts of all lines, a server folds them by itself.
const WORTH_FOLDING: u64 = 100_000;
const WORTH_FOLDING_PART: u64 = 10;
/// The same of batches of records that could be put together. A part of all and not a number alone, so that a ledger is
/// written anew the more seldom the larger it is.
const WORTH_GATHERING: u64 = 100_000;
const WORTH_GATHERING_PART: u64 = 4;

/// What retention did, or would do.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Retained {
    /// Whether nothing was changed, only looked at.
    pub(crate) dry_run: bool,
    /// Sessions that go as a whole (`retention.ledger_days`).
    pub(crate) sessions_gone: u64,
    /// Sessions whose records go, and whose lines stay (`retention.evidence_days`).
    pub(crate) sessions_without_records: u64,
    /// Batches of records that content is taken from (`retention.content_days`).
    pub(crate) batches_without_content: u64,
    /// Lines that took others back, long enough ago to be folded.
    pub(crate) reversals: u64,
    /// Batches of old records that are put together with others.
    #[serde(default)]
    pub(crate) scattered: u64,
    /// Ledger lines before and after.
    pub(crate) lines: (u64, u64),
    /// Size of the ledger's file before and after, in bytes.
    pub(crate) bytes: (u64, u64),
}

/// What is to be done.
struct Plan {
    gone: Vec<SessionId>,
    without_records: Vec<SessionId>,
    how: Rewriting,
    wear: Wear,
}

/// Does what is due by now, in one rewriting of the file. `only_if_worth_it` leaves the file alone where little would
/// be gained.
pub(super) async fn apply(
    keeper: &Caretaker,
    dry_run: bool,
    only_if_worth_it: bool,
    told: &Teller,
) -> Result<Retained> {
    let plan = plan(keeper, told).await?;
    let mut retained = Retained {
        dry_run,
        sessions_gone: plan.gone.len() as u64,
        sessions_without_records: plan.without_records.len() as u64,
        batches_without_content: plan.wear.thick,
        reversals: plan.wear.reversals,
        scattered: plan.wear.scattered,
        lines: (plan.wear.lines, plan.wear.lines),
        bytes: (0, 0),
    };
    if dry_run || (only_if_worth_it && !plan.is_worth_it()) {
        return Ok(retained);
    }
    let (ledger, gone, without) = (keeper.ledger.clone(), plan.gone.clone(), plan.without_records.clone());
    let mark = async move {
        ledger.forget(&gone).await?;
        ledger.seal(&without).await
    };
    match &keeper.intake {
        Some(intake) => intake.alone([plan.gone, plan.without_records].concat(), mark).await??,
        None => mark.await?,
    }
    tell(told, "Writing the ledger anew", 0, 0);
    let rewritten = keeper.ledger.rewrite(plan.how).await?;
    (retained.lines, retained.bytes) = (rewritten.lines, rewritten.bytes);
    Ok(retained)
}

impl Plan {
    fn is_worth_it(&self) -> bool {
        let is_worth_folding = self.wear.reversals >= WORTH_FOLDING
            && self.wear.reversals * WORTH_FOLDING_PART >= self.wear.lines;
        let is_worth_gathering = self.wear.scattered >= WORTH_GATHERING
            && self.wear.scattered * WORTH_GATHERING_PART >= self.wear.batches;
        let something_goes = !self.gone.is_empty() || !self.without_records.is_empty() || self.wear.thick > 0;
        something_goes || is_worth_folding || is_worth_gathering
    }
}

async fn plan(keeper: &Caretaker, told: &Teller) -> Result<Plan> {
    tell(told, "Looking what is old", 0, 0);
    let (now, days) = (keeper.clock.now(), &keeper.retention);
    let ages = ages(keeper).await?;
    let gone = match since(now, days.ledger_days) {
        Some(since) => older(keeper, &ages, since).await?,
        None => BTreeSet::new(),
    };
    let without_records = match since(now, days.evidence_days) {
        Some(since) => older(keeper, &ages, since).await?,
        None => BTreeSet::new(),
    };
    // Those without records have been sealed already.
    let has_records = |session: &SessionId| ages.get(session).is_some_and(|span| span.records > 0);
    let without_records = without_records.difference(&gone).filter(|session| has_records(session)).cloned();
    let thin = since(now, days.content_days).map(|before| Thinning { before, thin: drop_content });
    let how = Rewriting { fold_before: Some(now.plus_micros(-PROMISED_DAYS * DAY_MICROS)), thin };
    let wear = keeper.ledger.wear(how).await?;
    Ok(Plan { without_records: without_records.collect(), gone: gone.into_iter().collect(), how, wear })
}

/// The instant that a number of days ago was; none where data is kept.
fn since(now: Timestamp, days: u32) -> Option<Timestamp> {
    (days > 0).then(|| now.plus_micros(-i64::from(days) * DAY_MICROS))
}

/// Every session, with the time of its newest record.
async fn ages(keeper: &Caretaker) -> Result<HashMap<SessionId, SessionSpan>> {
    let mut ages = HashMap::new();
    let mut after = None;
    loop {
        let page = keeper.ledger.sessions(after.as_ref(), SESSIONS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(ages) };
        after = Some(last.session.clone());
        ages.extend(page.into_iter().map(|span| (span.session.clone(), span)));
    }
}

/// The sessions that are older than an instant, as all those are that share records with them.
async fn older(
    keeper: &Caretaker,
    ages: &HashMap<SessionId, SessionSpan>,
    since: Timestamp,
) -> Result<BTreeSet<SessionId>> {
    let is_old = |span: &&SessionSpan| span.newest_at < since;
    let mut old: BTreeSet<SessionId> =
        ages.values().filter(is_old).map(|span| span.session.clone()).collect();
    let mut kin: HashMap<SessionId, Vec<SessionId>> = HashMap::new();
    let asked: Vec<SessionId> = old.iter().cloned().collect();
    for share in asked.chunks(SESSIONS_AT_ONCE) {
        for (session, relative) in keeper.ledger.kin(share).await? {
            kin.entry(session).or_default().push(relative);
        }
    }
    loop {
        // A relative that no record came in for says nothing about the age.
        let is_young = |relative: &SessionId| !old.contains(relative) && ages.contains_key(relative);
        let young: Vec<SessionId> = old
            .iter()
            .filter(|session| kin.get(session).is_some_and(|relatives| relatives.iter().any(is_young)))
            .cloned()
            .collect();
        if young.is_empty() {
            return Ok(old);
        }
        for session in young {
            old.remove(&session);
        }
    }
}

/// Applies retention once a day while a server runs. Nothing is lost when it is missed; it is made up for later.
/// `after_erasing` is called when data has gone.
pub(crate) async fn keep(keeper: Caretaker, stop: CancellationToken, after_erasing: impl Fn() + Send + Sync) {
    let mut last: Option<Timestamp> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if !is_due(last, keeper.clock.now()) {
            continue;
        }
        // Somebody has something else done; the next look will do.
        let Ok(_turn) = keeper.turn.clone().try_lock_owned() else { continue };
        last = Some(keeper.clock.now());
        let told = Teller::new(Step::default());
        let job = Job::Retention { dry_run: false, only_if_worth_it: true };
        tokio::select! {
            () = stop.cancelled() => return,
            outcome = keeper.run(job, &told) => match outcome {
                Ok(Outcome::Retention(retained)) => {
                    after_erasing();
                    tracing::info!(?retained, "retention was applied");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(error = format!("{error:#}"), "retention could not be applied"),
            },
        }
    }
}

/// Whether it is time: never done since the start, a day ago, or at a time that the clock has left behind.
fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| !(0..APPLY_EVERY_MICROS).contains(&now.micros_since(last)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use ledger::PriceBook;
    use model::{Clock, EvidenceBatch, Observation, Prompt, Record, RecordKey, Source};
    use state::SqliteState;
    use store::{Maintenance as _, MemoryStore, Store as _, Transaction};

    use super::*;
    use crate::config::{DataDirectory, RetentionConfig};

    struct SetClock(AtomicI64);

    impl Clock for SetClock {
        fn now(&self) -> Timestamp {
            day(self.0.load(Ordering::SeqCst))
        }
    }

    fn day(day: i64) -> Timestamp {
        Timestamp::from_micros(day * DAY_MICROS)
    }

    /// A prompt on a day.
    fn record(session: &str, on: i64) -> EvidenceBatch {
        let record = Record {
            key: RecordKey::of(&[session.as_bytes()]),
            session: session.into(),
            at: day(on),
            source: Source::Events,
            context: Arc::default(),
            observation: Observation::Prompt(Prompt::default()),
            extra: Vec::new(),
        };
        EvidenceBatch { session: session.into(), source: Source::Events, records: vec![record] }
    }

    /// Sessions that began on days 1 to 5; the first and the fourth share records.
    async fn keeper(retention: RetentionConfig, today: i64) -> (Caretaker, Arc<MemoryStore>) {
        let store = Arc::new(MemoryStore::new());
        let evidence = (1..=5).map(|on| record(&on.to_string(), on)).collect();
        let kin = vec![("1".into(), "4".into())];
        let transaction = Transaction { posted_at: day(5), evidence, kin, ..Transaction::default() };
        store.append(transaction).await.unwrap();
        let keeper = Caretaker {
            ledger: store.clone(),
            state: Arc::new(SqliteState::in_memory().await.unwrap()),
            prices: Arc::new(PriceBook::embedded().unwrap()),
            clock: Arc::new(SetClock(AtomicI64::new(today))),
            intake: None,
            quiet_micros: 0,
            data: DataDirectory::new("/nowhere".into()),
            retention,
            turn: Arc::default(),
        };
        (keeper, store)
    }

    async fn left(store: &MemoryStore) -> Vec<(String, u64)> {
        let spans = store.sessions(None, 10).await.unwrap();
        spans.into_iter().map(|span| (span.session.to_string(), span.records)).collect()
    }

    fn spans(spans: &[(i64, u64)]) -> Vec<(String, u64)> {
        spans.iter().map(|(session, records)| (session.to_string(), *records)).collect()
    }

    #[tokio::test]
    async fn nothing_goes_unless_the_operator_says_so() {
        let (keeper, store) = keeper(RetentionConfig::default(), 10_000).await;
        let told = Teller::new(Step::default());
        let retained = apply(&keeper, false, false, &told).await.unwrap();
        assert_eq!((retained.sessions_gone, retained.sessions_without_records), (0, 0));
        assert_eq!(left(&store).await, spans(&[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]));
    }

    #[tokio::test]
    async fn each_kind_goes_at_its_time_and_what_belongs_together_goes_together() {
        let days = RetentionConfig { evidence_days: 3, ledger_days: 5, ..RetentionConfig::default() };
        let told = Teller::new(Step::default());
        // The first is as young as the fourth, which shares records with it.
        for (today, expected) in [
            (6, spans(&[(1, 1), (2, 0), (3, 1), (4, 1), (5, 1)])),
            (7, spans(&[(1, 1), (2, 0), (3, 0), (4, 1), (5, 1)])),
            (8, spans(&[(1, 0), (3, 0), (4, 0), (5, 1)])),
            (10, spans(&[(5, 0)])),
        ] {
            let (keeper, store) = keeper(days.clone(), today).await;
            let planned = apply(&keeper, true, false, &told).await.unwrap();
            assert_eq!(left(&store).await.len(), 5, "looking changes nothing");
            let done = apply(&keeper, false, true, &told).await.unwrap();
            assert_eq!(
                (done.sessions_gone, done.sessions_without_records),
                (planned.sessions_gone, planned.sessions_without_records)
            );
            assert_eq!(left(&store).await, expected, "on day {today}");
            let again = apply(&keeper, true, false, &told).await.unwrap();
            assert_eq!((again.sessions_gone, again.sessions_without_records), (0, 0));
        }
    }

    #[test]
    fn a_server_puts_records_together_where_many_and_a_part_of_all_are_apart() {
        let is_worth_it = |scattered: u64, batches: u64| {
            let wear = Wear { scattered, batches, ..Wear::default() };
            Plan { gone: Vec::new(), without_records: Vec::new(), how: Rewriting::default(), wear }
                .is_worth_it()
        };
        assert!(is_worth_it(100_000, 400_000));
        assert!(!is_worth_it(99_999, 100_000), "few");
        assert!(!is_worth_it(100_000, 400_001), "a small part");
    }

    #[test]
    fn it_is_time_once_a_day_whatever_the_clock_does() {
        assert!(is_due(None, day(1)));
        assert!(!is_due(Some(day(1)), day(1).plus_micros(DAY_MICROS - 1)));
        assert!(is_due(Some(day(1)), day(2)));
        assert!(is_due(Some(day(5)), day(1)), "the clock was put back");
    }
}
