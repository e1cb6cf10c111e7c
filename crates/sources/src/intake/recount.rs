//! Counting everything again and comparing it with the ledger, without changing anything.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use ledger::{PriceBook, Rules, amend, settle};
use model::{Clock, EvidenceBatch, SessionId, Sign, Timestamp};
use store::{Maintenance, SessionSpan, StoreError};

use super::families::{Family, load};

/// Sessions that are listed in one go.
const SESSIONS_AT_ONCE: usize = 50_000;
/// Records that are read in one go, about.
const RECORDS_AT_ONCE: u64 = 50_000;
/// How often a session is looked at again when it differs: what came in while it was read is no fault.
const LOOKS: u32 = 4;

/// What is recounted by.
#[derive(Clone)]
pub struct Recounting {
    /// The prices that the ledger is settled with.
    pub prices: Arc<PriceBook>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long a running total waits, in microseconds (`settlement.quiet`).
    pub quiet_micros: i64,
}

/// What a recount has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Sessions looked at.
    pub sessions: u64,
    /// Records counted again.
    pub records: u64,
    /// Postings that stand and should.
    pub postings: u64,
    /// How many faults there are.
    pub faults: u64,
    /// The first of them, at most [`Recount::MOST`].
    pub told: Vec<Fault>,
}

impl Recount {
    /// How many faults are told one by one.
    pub const MOST: usize = 100;

    fn tell(&mut self, faults: Vec<Fault>) {
        self.faults += faults.len() as u64;
        let room = Self::MOST.saturating_sub(self.told.len());
        self.told.extend(faults.into_iter().take(room));
    }
}

/// What is wrong with a session, or with a family of sessions that is known by this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The session.
    pub session: SessionId,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its records cannot be read.
    Unreadable(String),
    /// So many records are kept a second time.
    Repeated(usize),
    /// So many postings were taken back more often than they were entered.
    Overdrawn(usize),
    /// Settling its records gives other postings.
    Differs {
        /// Postings that should stand and do not.
        missing: usize,
        /// Postings that stand and should not.
        surplus: usize,
    },
}

/// Settles every session again and compares. `told` hears how it stands from time to time.
///
/// What is given up or waits to be compared is no fault. Writing may go on meanwhile.
pub async fn recount(
    store: &dyn Maintenance,
    by: &Recounting,
    mut told: impl FnMut(&Recount) + Send,
) -> Result<Recount, StoreError> {
    let mut recount = Recount::default();
    let mut counted: HashSet<SessionId> = HashSet::new();
    let mut after = None;
    loop {
        let spans = store.sessions(after.as_ref(), SESSIONS_AT_ONCE).await?;
        let Some(last) = spans.last() else { return Ok(recount) };
        after = Some(last.session.clone());
        for share in shares(&spans) {
            let sessions: BTreeSet<SessionId> = share
                .iter()
                .map(|span| span.session.clone())
                .filter(|session| !counted.contains(session))
                .collect();
            recount.sessions += share.len() as u64;
            count(store, by, sessions, &mut recount, &mut counted).await?;
            told(&recount);
        }
    }
}

/// Pieces of the list with about as many records as are read in one go.
fn shares(spans: &[SessionSpan]) -> Vec<&[SessionSpan]> {
    let mut shares = Vec::new();
    let (mut first, mut records) = (0, 0);
    for (place, span) in spans.iter().enumerate() {
        records += span.records;
        if records >= RECORDS_AT_ONCE || place + 1 == spans.len() {
            shares.extend(spans.get(first..=place));
            (first, records) = (place + 1, 0);
        }
    }
    shares
}

async fn count(
    store: &dyn Maintenance,
    by: &Recounting,
    sessions: BTreeSet<SessionId>,
    recount: &mut Recount,
    counted: &mut HashSet<SessionId>,
) -> Result<(), StoreError> {
    match load(store, sessions.clone()).await {
        Ok(families) => {
            for family in families {
                if family.sessions.len() > 1 {
                    counted.extend(family.sessions.iter().cloned());
                }
                let (family, faults) = look_again(store, by, family).await?;
                recount.records += family.records() as u64;
                recount.postings += family.posted.len() as u64;
                recount.tell(faults);
            }
            Ok(())
        }
        // One that cannot be read must not hide the others.
        Err(StoreError::Damaged(reason)) => match sessions.first() {
            Some(session) if sessions.len() == 1 => {
                let what = Wrong::Unreadable(reason);
                recount.tell(vec![Fault { session: session.clone(), what }]);
                Ok(())
            }
            _ => {
                for session in sessions {
                    let alone = BTreeSet::from([session]);
                    Box::pin(count(store, by, alone, recount, counted)).await?;
                }
                Ok(())
            }
        },
        Err(error) => Err(error),
    }
}

/// The faults that stay when a family is read again.
async fn look_again(
    store: &dyn Maintenance,
    by: &Recounting,
    mut family: Family,
) -> Result<(Family, Vec<Fault>), StoreError> {
    for _ in 1..LOOKS {
        let faults;
        (family, faults) = examined(family, by, by.clock.now()).await?;
        if faults.is_empty() {
            return Ok((family, faults));
        }
        let before = settled_last(store, &family).await?;
        let (examined, faults) = examined(family, by, before).await?;
        if faults.is_empty() {
            return Ok((examined, faults));
        }
        match load(store, examined.sessions.clone()).await?.into_iter().next() {
            Some(again) => family = again,
            None => return Ok((examined, faults)),
        }
    }
    let last = settled_last(store, &family).await?;
    examined(family, by, last).await
}

/// Settles on a thread where it holds up nobody.
async fn examined(
    family: Family,
    by: &Recounting,
    now: Timestamp,
) -> Result<(Family, Vec<Fault>), StoreError> {
    let (prices, quiet_micros) = (Arc::clone(&by.prices), by.quiet_micros);
    let examining = tokio::task::spawn_blocking(move || {
        let faults = faults_of(&family, Rules { prices: &prices, now, quiet_micros });
        (family, faults)
    });
    examining.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))
}

/// When the family was last settled with something to show for it. Totals that have matured since may not have
/// been compared yet.
async fn settled_last(store: &dyn Maintenance, family: &Family) -> Result<Timestamp, StoreError> {
    let sessions: Vec<SessionId> = family.sessions.iter().cloned().collect();
    let evidence = store.dated_evidence(&sessions).await?;
    let lines = store.session_lines(&sessions).await?;
    let told = evidence.iter().map(|(posted_at, _)| *posted_at);
    let written = lines.iter().map(|line| line.posted_at);
    Ok(told.chain(written).max().unwrap_or(Timestamp::MIN))
}

fn faults_of(family: &Family, rules: Rules<'_>) -> Vec<Fault> {
    let Some(session) = family.sessions.first() else { return Vec::new() };
    let (mut missing, mut surplus) = (0, 0);
    for (sign, _) in amend(&family.posted, &settle(&family.evidence, rules).postings) {
        *(if sign == Sign::Entry { &mut missing } else { &mut surplus }) += 1;
    }
    let repeated = repeated(&family.evidence);
    let overdrawn = family.overdrawn.len();
    let wrongs = [
        (repeated > 0).then_some(Wrong::Repeated(repeated)),
        (overdrawn > 0).then_some(Wrong::Overdrawn(overdrawn)),
        (missing + surplus > 0).then_some(Wrong::Differs { missing, surplus }),
    ];
    wrongs.into_iter().flatten().map(|what| Fault { session: session.clone(), what }).collect()
}

/// How many records are there that were there before, in the same session.
fn repeated(evidence: &[EvidenceBatch]) -> usize {
    let mut seen = HashSet::new();
    let records = evidence.iter().flat_map(|batch| &batch.records);
    records.filter(|record| !seen.insert((&record.session, record.key))).count()
}

#[cfg(test)]
mod tests {
    use store::{MemoryStore, Store as _, Transaction};

    use super::super::tests::{SetClock, clerk, event, metered, output};
    use super::*;

    async fn recounted(store: &MemoryStore, clock: &Arc<SetClock>) -> Recount {
        let clock: Arc<dyn Clock> = clock.clone();
        let by =
            Recounting { prices: Arc::new(PriceBook::embedded().unwrap()), clock, quiet_micros: 30_000_000 };
        let mut told = Recount::default();
        let recount = recount(store, &by, |now| told = now.clone()).await.unwrap();
        assert_eq!(told, recount, "the last that is told is the whole");
        recount
    }

    /// Three requests in two sessions, all settled.
    async fn ledger(clock: &Arc<SetClock>) -> Arc<MemoryStore> {
        let store = Arc::new(MemoryStore::new());
        let mut clerk = clerk(&store, clock).await;
        let records =
            vec![event("a", 0, "req_1", 10), event("a", 1, "req_2", 20), event("b", 2, "req_3", 40)];
        clerk.take_in(vec![records]).await.unwrap();
        store
    }

    /// What a faulty settlement would have written: `change` gets the lines of session `a`'s first request.
    async fn spoil(store: &MemoryStore, change: impl FnOnce(model::Posting) -> Vec<(Sign, model::Posting)>) {
        let lines = store.session_lines(&["a".into()]).await.unwrap();
        let request =
            lines.into_iter().map(|line| line.posting).find(|posting| posting.measures.tokens.output == 10);
        let posted_at = store.boundary().await.unwrap().plus_micros(1);
        let lines = change(request.unwrap());
        store.append(Transaction { posted_at, lines, ..Transaction::default() }).await.unwrap();
    }

    async fn rebuilt(store: &Arc<MemoryStore>, clock: &Arc<SetClock>) -> u64 {
        let mut clerk = clerk(store, clock).await;
        let told = clerk.rebuild(vec!["a".into(), "b".into()]);
        while told.borrow().left > 0 {
            clerk.settle_due().await.unwrap();
        }
        told.borrow().lines
    }

    fn in_a(what: Wrong) -> Vec<Fault> {
        vec![Fault { session: "a".into(), what }]
    }

    #[tokio::test]
    async fn a_ledger_without_faults_is_found_so() {
        let clock = SetClock::at(5_000);
        let store = ledger(&clock).await;
        let recount = recounted(&store, &clock).await;
        assert_eq!((recount.sessions, recount.records, recount.faults), (2, 3, 0), "{recount:?}");
        assert_eq!(rebuilt(&store, &clock).await, 0);
    }

    #[tokio::test]
    async fn what_a_faulty_settlement_wrote_is_found_and_mended() {
        let clock = SetClock::at(5_000);
        let doubled = |request: model::Posting| vec![(Sign::Entry, request)];
        let lost = |request: model::Posting| vec![(Sign::Reversal, request)];
        let wrong = |request: model::Posting| {
            let mut other = request.clone();
            other.measures.tokens.output = 999;
            vec![(Sign::Reversal, request), (Sign::Entry, other)]
        };
        let overdrawn = |mut request: model::Posting| {
            request.measures.tokens.output = 7;
            vec![(Sign::Reversal, request)]
        };
        type Spoil<'s> = &'s dyn Fn(model::Posting) -> Vec<(Sign, model::Posting)>;
        let cases: [(Spoil<'_>, Wrong, u64); 4] = [
            (&doubled, Wrong::Differs { missing: 0, surplus: 1 }, 1),
            (&lost, Wrong::Differs { missing: 1, surplus: 0 }, 1),
            (&wrong, Wrong::Differs { missing: 1, surplus: 1 }, 2),
            (&overdrawn, Wrong::Overdrawn(1), 1),
        ];
        for (change, what, lines) in cases {
            let store = ledger(&clock).await;
            let truth = output(&store).await;
            spoil(&store, change).await;
            assert_ne!(output(&store).await, truth);
            let recount = recounted(&store, &clock).await;
            assert_eq!((recount.told, recount.faults), (in_a(what), 1));
            assert_eq!(rebuilt(&store, &clock).await, lines);
            assert_eq!(output(&store).await, truth);
            assert_eq!(recounted(&store, &clock).await.faults, 0);
        }
    }

    #[tokio::test]
    async fn a_record_that_is_kept_twice_is_found() {
        let clock = SetClock::at(5_000);
        let store = ledger(&clock).await;
        let evidence = store.evidence(&["a".into()]).await.unwrap();
        let posted_at = store.boundary().await.unwrap().plus_micros(1);
        store.append(Transaction { posted_at, evidence, ..Transaction::default() }).await.unwrap();
        assert_eq!(recounted(&store, &clock).await.told, in_a(Wrong::Repeated(2)));
    }

    #[tokio::test]
    async fn a_total_that_waits_to_be_compared_is_no_fault() {
        let clock = SetClock::at(10);
        let store = ledger(&clock).await;
        let mut clerk = clerk(&store, &clock).await;
        clerk.take_in(vec![vec![metered("a", 9, 100)]]).await.unwrap();
        // The clerk stopped while it waited, and nobody has compared it since.
        clock.set(5_000);
        assert_eq!(recounted(&store, &clock).await.faults, 0);
    }
}
