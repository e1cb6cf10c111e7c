//! The one who writes the ledger: takes records in, settles the families concerned, commits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ledger::{PriceBook, Rules, amend, links, settle};
use model::{Clock, EvidenceBatch, ItemKey, Posting, Record, SessionId, Sign, Source, Timestamp};
use store::{Store, StoreError, Transaction};
use tokio::sync::watch;

use super::Receipt;
use super::families::{Families, Family, Known, join};
use super::repricing::Repricing;

/// How young the newest of a session's records is when more of them are to be expected, in microseconds.
const LIVELY_MICROS: i64 = 3_600 * 1_000_000;

/// The most threads that settle at the same time.
const MAX_SETTLING_THREADS: usize = 4;
/// Fewer records than this are not worth another thread.
const LEAST_SHARE: usize = 4_096;

/// How many waiting sessions are settled in one go, so that new records need not wait behind them.
const DUE_AT_ONCE: usize = 256;

/// How the clerk works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a running total waits for the items it counts, in microseconds (`settlement.quiet`).
    pub quiet_micros: i64,
    /// About how many records are kept at hand between transactions, so that busy sessions need not be
    /// read back.
    pub records_at_hand: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet_micros: 30_000_000, records_at_hand: 50_000 }
    }
}

/// Told of every transaction once it is durable.
pub trait CommitListener: Send + Sync {
    /// Whether anybody would hear of the next transaction; its lines are kept at hand until then.
    fn listens(&self) -> bool {
        true
    }

    /// Must return at once: the next transaction waits for it.
    fn committed(&self, posted_at: Timestamp, lines: &[(Sign, Posting)]);
}

/// A listener that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NobodyListens;

impl CommitListener for NobodyListens {
    fn listens(&self) -> bool {
        false
    }

    fn committed(&self, _posted_at: Timestamp, _lines: &[(Sign, Posting)]) {}
}

/// Writes the ledger of one store. There is one per store: it alone appends.
pub struct Clerk {
    store: Arc<dyn Store>,
    prices: Arc<PriceBook>,
    clock: Arc<dyn Clock>,
    listener: Arc<dyn CommitListener>,
    settings: Settings,
    families: Families,
    boundary: Timestamp,
    /// Sessions to settle again although nothing new may come, by when.
    due: BTreeSet<(Timestamp, SessionId)>,
    repricing: Repricing,
}

impl Clerk {
    /// Takes up a store where the last clerk left it. Totals that were waiting then are settled by the
    /// next [`Clerk::settle_due`].
    pub async fn new(
        store: Arc<dyn Store>,
        prices: Arc<PriceBook>,
        clock: Arc<dyn Clock>,
        listener: Arc<dyn CommitListener>,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let boundary = store.boundary().await?;
        // Whatever waited when the last clerk stopped had come in within one quiet time before, and was not
        // older than that when it came: history that was imported waits for nothing.
        let since = boundary.plus_micros(-2 * settings.quiet_micros);
        let waiting = store.sessions_since(since, since.plus_micros(-settings.quiet_micros)).await?;
        let repricing = Repricing::plan(store.as_ref(), Arc::clone(&prices)).await?;
        let waiting = waiting.into_iter().chain(repricing.sessions().cloned());
        let due = waiting.map(|session| (Timestamp::MIN, session)).collect();
        let families = Families::with_capacity(settings.records_at_hand);
        Ok(Self { store, prices, clock, listener, settings, families, boundary, due, repricing })
    }

    /// Takes groups of records in, in one transaction, and tells for each group what was new. Returns
    /// once the transaction is durable; after an error nothing of any group has been kept.
    pub async fn take_in(&mut self, groups: Vec<Vec<Record>>) -> Result<Vec<Receipt>, StoreError> {
        let kin = self.find_kin(&groups).await?;
        let sessions = groups
            .iter()
            .flat_map(|records| by_session(records))
            .filter_map(|records| Some(&records.first()?.session));
        let relatives = kin.iter().flat_map(|(left, right)| [left, right]);
        let sessions: BTreeSet<&SessionId> = sessions.chain(relatives).collect();
        let sessions = sessions.into_iter().cloned().collect();
        let mut families = self.families.take(self.store.as_ref(), sessions).await?;
        let mut new_kin = Vec::new();
        for (left, right) in kin {
            let before = families.len();
            join(&mut families, &left, &right);
            if families.len() < before {
                new_kin.push((left, right));
            }
        }
        let (fresh, mut receipts) = sort_out(&families, groups);
        let boundary = self.settle_and_commit(families, fresh, new_kin).await?;
        receipts.iter_mut().for_each(|receipt| receipt.boundary = boundary);
        Ok(receipts)
    }

    /// Settles again what was waiting and is due by now, a bounded number of sessions at a time.
    pub async fn settle_due(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let ripe =
            self.due.iter().take_while(|(at, _)| *at <= now).take(DUE_AT_ONCE).cloned().collect::<Vec<_>>();
        if ripe.is_empty() {
            return Ok(());
        }
        let sessions = ripe.iter().map(|(_, session)| session.clone()).collect();
        let families = self.families.take(self.store.as_ref(), sessions).await?;
        self.settle_and_commit(families, Vec::new(), Vec::new()).await?;
        for entry in &ripe {
            self.due.remove(entry);
        }
        self.repricing.settled(self.store.as_ref(), ripe.iter().map(|(_, session)| session)).await
    }

    /// How many sessions are still to be priced again because the prices have changed, as it changes.
    pub fn repricing(&self) -> watch::Receiver<usize> {
        self.repricing.watch()
    }

    /// When [`Clerk::settle_due`] has something to do next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Pairs of sessions that hold the same request, or say that they copied one. What came in for different
    /// organizations stays apart, whatever it tells of.
    async fn find_kin(&self, groups: &[Vec<Record>]) -> Result<BTreeSet<(SessionId, SessionId)>, StoreError> {
        let mut holders: HashMap<(&str, ItemKey), &SessionId> = HashMap::new();
        let mut kin = BTreeSet::new();
        let (mut requests, mut messages) = (HashSet::new(), HashSet::new());
        for record in groups.iter().flatten() {
            let links = links(record);
            if let Some(origin) = links.origin.filter(|origin| origin.tenant() == record.session.tenant()) {
                kin.insert((record.session.clone(), origin));
            }
            requests.extend(links.request);
            messages.extend(links.message);
            for key in links.request.into_iter().chain(links.message) {
                let holder = holders.entry((record.session.tenant(), key)).or_insert(&record.session);
                if **holder != record.session {
                    kin.insert((holder.clone(), record.session.clone()));
                }
            }
        }
        let requests: Vec<ItemKey> = requests.into_iter().collect();
        let messages: Vec<ItemKey> = messages.into_iter().collect();
        for (key, session) in self.store.sessions_of_requests(&requests, &messages).await? {
            if let Some(holder) = holders.get(&(session.tenant(), key))
                && **holder != session
            {
                kin.insert(((*holder).clone(), session));
            }
        }
        Ok(kin)
    }

    async fn settle_and_commit(
        &mut self,
        mut families: Vec<Family>,
        fresh: Vec<EvidenceBatch>,
        kin: Vec<(SessionId, SessionId)>,
    ) -> Result<Timestamp, StoreError> {
        let now = self.clock.now();
        hand_out(&mut families, fresh);
        let prices = Arc::clone(&self.prices);
        let quiet_micros = self.settings.quiet_micros;
        let settled = tokio::task::spawn_blocking(move || {
            let rules = Rules { prices: &prices, now, quiet_micros };
            settle_all(families, rules)
        });
        let settled =
            settled.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))?;
        let Settled { families, evidence, lines, due } = settled;
        let nothing_new = evidence.is_empty() && kin.is_empty() && lines.is_empty();
        if !nothing_new {
            let posted_at = now.max(self.boundary.plus_micros(1));
            let told = self.listener.listens().then(|| lines.clone());
            self.store.append(Transaction { posted_at, evidence, lines, kin }).await?;
            self.boundary = posted_at;
            if let Some(lines) = told {
                self.listener.committed(posted_at, &lines);
            }
        }
        self.due.extend(due);
        self.families.put(families);
        Ok(self.boundary)
    }
}

/// Families after settlement, and what that changes in the store.
#[derive(Default)]
struct Settled {
    /// Those that are worth keeping at hand.
    families: Vec<Family>,
    evidence: Vec<EvidenceBatch>,
    lines: Vec<(Sign, Posting)>,
    due: Vec<(Timestamp, SessionId)>,
}

/// Settles families, on several threads where there is much to settle: they have nothing to do with each
/// other.
fn settle_all(mut families: Vec<Family>, rules: Rules<'_>) -> Settled {
    let share = families.iter().map(Family::records).sum::<usize>().div_ceil(threads()).max(LEAST_SHARE);
    let mut shares: Vec<Vec<Family>> = Vec::new();
    while !families.is_empty() {
        let mut records = 0;
        let end = families.iter().position(|family| {
            records += family.records();
            records >= share
        });
        let rest = families.split_off(end.map_or(families.len(), |end| end + 1));
        shares.push(std::mem::replace(&mut families, rest));
    }
    let Some(last) = shares.pop() else { return Settled::default() };
    std::thread::scope(|scope| {
        let others: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || settle_share(share, rules))).collect();
        let mut all = settle_share(last, rules);
        for other in others {
            match other.join() {
                Ok(settled) => all.absorb(settled),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_SETTLING_THREADS)
}

fn settle_share(families: Vec<Family>, rules: Rules<'_>) -> Settled {
    let lively_since = rules.now.plus_micros(-LIVELY_MICROS);
    let mut settled = Settled::default();
    // As a rule there is about one line for a record; they are large, so the list should not have to move.
    settled.lines.reserve(families.iter().map(Family::new_records).sum());
    for mut family in families {
        let settlement = settle(&family.evidence, rules);
        let session = family.sessions.first();
        settled.due.extend(settlement.matures_at.zip(session.cloned()));
        // Most of an import is sessions that end with it. Nothing of them has to be copied.
        if family.goes_on(lively_since) || !family.posted.is_empty() {
            settled.lines.extend(amend(&family.posted, &settlement.postings));
            settled.evidence.extend(family.share_new());
            family.posted = settlement.postings;
            settled.families.push(family);
        } else {
            let entries = settlement.postings.into_iter().map(|posting| (Sign::Entry, posting));
            settled.lines.extend(entries);
            settled.evidence.extend(family.give_new());
        }
    }
    settled
}

impl Settled {
    fn absorb(&mut self, other: Self) {
        self.families.extend(other.families);
        self.evidence.extend(other.evidence);
        self.lines.extend(other.lines);
        self.due.extend(other.due);
    }
}

/// Records in pieces of one session each, as sources hand them over.
fn by_session(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    records.chunk_by(|record, next| record.session == next.session)
}

/// Separates what is new from what is known, group by group, and batches the new by session and source.
fn sort_out(families: &[Family], groups: Vec<Vec<Record>>) -> (Vec<EvidenceBatch>, Vec<Receipt>) {
    let mut family_of: HashMap<&SessionId, &Family> = HashMap::new();
    for family in families {
        family_of.extend(family.sessions.iter().map(|session| (session, family)));
    }
    let mut seen = Known::default();
    let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
    let mut receipts = Vec::with_capacity(groups.len());
    for group in groups {
        let total = group.len();
        let mut fresh = 0;
        let mut records = group.into_iter().peekable();
        while let Some((session, source)) = records.peek().map(|next| (next.session.clone(), next.source)) {
            let known = family_of.get(&session).and_then(|family| family.known(&session));
            let seen = seen.of_mut(&session);
            let is_new = |record: &Record| {
                known.is_none_or(|known| !known.contains(&record.key)) && seen.insert(record.key)
            };
            let alike = |record: &Record| record.session == session && record.source == source;
            let piece = std::iter::from_fn(|| records.next_if(alike)).filter(is_new);
            let piece: Vec<Record> = piece.collect();
            if !piece.is_empty() {
                fresh += piece.len();
                batches.entry((session, source)).or_default().extend(piece);
            }
        }
        receipts.push(Receipt { fresh, repeated: total - fresh, boundary: Timestamp::MIN });
    }
    let batches = batches.into_iter();
    let batches = batches.map(|((session, source), records)| EvidenceBatch { session, source, records });
    (batches.collect(), receipts)
}

/// Gives each family its share of the new evidence.
fn hand_out(families: &mut [Family], fresh: Vec<EvidenceBatch>) {
    let mut place: HashMap<SessionId, usize> = HashMap::new();
    for (index, family) in families.iter().enumerate() {
        place.extend(family.sessions.iter().map(|session| (session.clone(), index)));
    }
    for batch in fresh {
        if let Some(family) = place.get(&batch.session).and_then(|index| families.get_mut(*index)) {
            family.take_in(batch);
        }
    }
}
