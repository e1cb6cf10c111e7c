//! Counting everything again and comparing it with the ledger, without changing anything.
//!
//! All lines and all evidence are read once, as they stood at the boundary at which the counting began: a search for
//! what belongs to a few sessions reads much of what lies between. Families of which what stands is not what their
//! records amount to are then looked at by themselves.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use ledger::{PriceBook, Rules, amend, settle};
use model::{Clock, EvidenceBatch, SessionId, Sign, Timestamp};
use store::codec::Decoder;
use store::{Maintenance, PackedBatch, StoreError};
use xxhash_rust::xxh3::xxh3_64;

use super::families::{Family, load};
use super::heaps::Heaps;
use super::standing::{Listed, Standing, standing};

/// Records that are settled in one go, about.
const RECORDS_AT_ONCE: u64 = 50_000;
/// Families that are looked at by themselves, read in one go.
const SUSPECTS_AT_ONCE: usize = 100;
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
    /// A folder with room for all records as they are stored, which are sorted in a file without a name there.
    pub folder: PathBuf,
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
    let until = store.boundary().await?;
    let listed = Listed::of(store).await?;
    let mut recount = Recount { sessions: listed.sessions, ..Recount::default() };
    let mut standing = standing(store, &listed, until).await?;
    let records = store.sources(None, None).await?.iter().map(|source| source.records).sum();
    let (mut heaps, listed) = sorted(store, listed, records, until, by.folder.clone()).await?;
    let mut suspects: Vec<SessionId> = Vec::new();
    for heap in 0..heaps.len() {
        let families = families_of(heaps.take(heap).map_err(|error| unsorted(&error))?, &listed);
        let families = families.into_iter().map(|(first, batches)| {
            let standing = standing.remove(&first).unwrap_or_default();
            Sorted { first, batches, standing }
        });
        let looked = look(families.collect(), by).await?;
        recount.records += looked.records;
        recount.postings += looked.postings;
        recount.tell(looked.unreadable);
        suspects.extend(looked.suspects);
        told(&recount);
    }
    for share in suspects.chunks(SUSPECTS_AT_ONCE) {
        count(store, by, share.iter().cloned().collect(), &mut recount).await?;
        told(&recount);
    }
    told(&recount);
    Ok(recount)
}

/// A family with what is stored of it.
struct Sorted {
    first: SessionId,
    batches: Vec<PackedBatch>,
    standing: Standing,
}

/// What comes of looking at families.
#[derive(Default)]
struct Looked {
    records: u64,
    postings: u64,
    unreadable: Vec<Fault>,
    /// Those that are to be looked at by themselves, and are not counted here.
    suspects: Vec<SessionId>,
}

/// Reads all evidence, and sorts it so that families come together.
async fn sorted(
    store: &dyn Maintenance,
    listed: Listed,
    records: u64,
    until: Timestamp,
    folder: PathBuf,
) -> Result<(Heaps, Listed), StoreError> {
    let heaps = usize::try_from(records / RECORDS_AT_ONCE + 1).unwrap_or(usize::MAX);
    let (mut heaps, mut listed) = (Heaps::within(folder, heaps), listed);
    let mut place = Some(0);
    while let Some(from) = place {
        let part = store.evidence_in_order(from, until).await?;
        place = part.next;
        let putting = tokio::task::spawn_blocking(move || {
            for batch in &part.rows {
                let family = xxh3_64(listed.first_of(&batch.session).as_str().as_bytes());
                heaps.put((family % heaps.len() as u64) as usize, batch).map_err(|error| unsorted(&error))?;
            }
            Ok::<_, StoreError>((heaps, listed))
        });
        (heaps, listed) = putting.await.map_err(|error| StoreError::Engine(error.to_string()))??;
    }
    Ok((heaps, listed))
}

fn unsorted(error: &std::io::Error) -> StoreError {
    let text = format!("sort records in the data directory: {error}");
    if error.kind() == std::io::ErrorKind::StorageFull {
        StoreError::DiskFull(text)
    } else {
        StoreError::Engine(text)
    }
}

fn families_of(batches: Vec<PackedBatch>, listed: &Listed) -> BTreeMap<SessionId, Vec<PackedBatch>> {
    let mut families: BTreeMap<SessionId, Vec<PackedBatch>> = BTreeMap::new();
    for batch in batches {
        families.entry(listed.first_of(&batch.session).clone()).or_default().push(batch);
    }
    families
}

/// Settles on a thread where it holds up nobody.
async fn look(families: Vec<Sorted>, by: &Recounting) -> Result<Looked, StoreError> {
    let (prices, quiet_micros, now) = (Arc::clone(&by.prices), by.quiet_micros, by.clock.now());
    let looking = tokio::task::spawn_blocking(move || {
        let (mut looked, mut decoder) = (Looked::default(), Decoder::new()?);
        for family in families {
            look_at(family, Rules { prices: &prices, now, quiet_micros }, &mut decoder, &mut looked)?;
        }
        Ok(looked)
    });
    looking.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))?
}

fn look_at(
    mut family: Sorted,
    rules: Rules<'_>,
    decoder: &mut Decoder,
    looked: &mut Looked,
) -> Result<(), StoreError> {
    family.batches.sort_by_key(|batch| batch.posted_at);
    let settled_last = family.batches.last().map_or(Timestamp::MIN, |batch| batch.posted_at);
    let mut evidence = Vec::with_capacity(family.batches.len());
    for packed in family.batches {
        let session = packed.session.clone();
        match packed.unpack(decoder) {
            Ok(batch) => evidence.push(batch),
            // One that cannot be read must not hide the others.
            Err(StoreError::Damaged(reason)) => {
                looked.unreadable.push(Fault { session, what: Wrong::Unreadable(reason) });
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    let before = Rules { now: settled_last.max(family.standing.newest), ..rules };
    let stands = |rules| family.standing.is(&settle(&evidence, rules).postings);
    if repeated(&evidence) == 0 && (stands(rules) || stands(before)) {
        looked.records += evidence.iter().map(|batch| batch.records.len() as u64).sum::<u64>();
        looked.postings += family.standing.postings.unsigned_abs();
    } else {
        looked.suspects.push(family.first);
    }
    Ok(())
}

async fn count(
    store: &dyn Maintenance,
    by: &Recounting,
    sessions: BTreeSet<SessionId>,
    recount: &mut Recount,
) -> Result<(), StoreError> {
    match load(store, sessions.clone()).await {
        Ok(families) => {
            for family in families {
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
                    Box::pin(count(store, by, alone, recount)).await?;
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
        let by = Recounting {
            prices: Arc::new(PriceBook::embedded().unwrap()),
            clock,
            quiet_micros: 30_000_000,
            folder: std::env::temp_dir(),
        };
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
        store.append(Transaction { posted_at, lines: lines.into(), ..Transaction::default() }).await.unwrap();
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
    async fn families_and_what_was_given_up_are_counted_as_they_stand() {
        let clock = SetClock::at(5_000);
        let store = ledger(&clock).await;
        let mut clerk = clerk(&store, &clock).await;
        // More than the store hands over in one part.
        let many = (0..20).map(|n| event(&format!("s{n:02}"), n, &format!("req_s{n}"), 5)).collect();
        clerk.take_in(vec![many]).await.unwrap();
        let copies = vec![event("s03", 50, "req_1", 10), event("z", 60, "req_s4", 5)];
        clerk.take_in(vec![copies]).await.unwrap();
        let found = async || {
            let Recount { sessions, records, told, .. } = recounted(&store, &clock).await;
            (sessions, records, told)
        };
        assert_eq!(found().await, (23, 25, vec![]));
        store.seal(&["s07".into(), "b".into()]).await.unwrap();
        assert_eq!(found().await, (23, 23, vec![]));
        spoil(&store, |request| vec![(Sign::Entry, request)]).await;
        assert_eq!(found().await, (23, 23, in_a(Wrong::Differs { missing: 0, surplus: 1 })));
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
