//! The one who writes the ledger: takes records in, settles the families concerned, commits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ledger::{PriceBook, Rules, amend, links, settle};
use model::{Clock, EvidenceBatch, ItemKey, Posting, Record, SessionId, Sign, Source, Timestamp};
use store::{Store, StoreError, Transaction};
use tokio::sync::watch;

use super::Receipt;
use super::families::{Families, Family, join};
use super::repricing::Repricing;

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
    /// Must return at once: the next transaction waits for it.
    fn committed(&self, posted_at: Timestamp, lines: &[(Sign, Posting)]);
}

/// A listener that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NobodyListens;

impl CommitListener for NobodyListens {
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
        // Whatever waited when the last clerk stopped had come in within one quiet time before.
        let waiting = store.sessions_since(boundary.plus_micros(-2 * settings.quiet_micros)).await?;
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
        let sessions = groups.iter().flatten().map(|record| record.session.clone());
        let relatives = kin.iter().flat_map(|(left, right)| [left.clone(), right.clone()]);
        let sessions = sessions.chain(relatives).collect();
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

    /// Pairs of sessions that hold the same request, or say that they copied one.
    async fn find_kin(&self, groups: &[Vec<Record>]) -> Result<BTreeSet<(SessionId, SessionId)>, StoreError> {
        let mut holders: HashMap<ItemKey, &SessionId> = HashMap::new();
        let mut kin = BTreeSet::new();
        let (mut requests, mut messages) = (HashSet::new(), HashSet::new());
        for record in groups.iter().flatten() {
            let links = links(record);
            if let Some(origin) = links.origin {
                kin.insert((record.session.clone(), origin));
            }
            requests.extend(links.request);
            messages.extend(links.message);
            for key in links.request.into_iter().chain(links.message) {
                let holder = holders.entry(key).or_insert(&record.session);
                if **holder != record.session {
                    kin.insert((holder.clone(), record.session.clone()));
                }
            }
        }
        let requests: Vec<ItemKey> = requests.into_iter().collect();
        let messages: Vec<ItemKey> = messages.into_iter().collect();
        for (key, session) in self.store.sessions_of_requests(&requests, &messages).await? {
            if let Some(holder) = holders.get(&key)
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
        hand_out(&mut families, &fresh);
        let prices = Arc::clone(&self.prices);
        let quiet_micros = self.settings.quiet_micros;
        let settled = tokio::task::spawn_blocking(move || {
            let rules = Rules { prices: &prices, now, quiet_micros };
            settle_all(families, rules)
        });
        let settled =
            settled.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))?;
        let nothing_new = fresh.is_empty() && kin.is_empty() && settled.lines.is_empty();
        if !nothing_new {
            let posted_at = now.max(self.boundary.plus_micros(1));
            let transaction = Transaction { posted_at, evidence: fresh, lines: settled.lines.clone(), kin };
            self.store.append(transaction).await?;
            self.boundary = posted_at;
            self.listener.committed(posted_at, &settled.lines);
        }
        self.due.extend(settled.due);
        self.families.put(settled.families);
        Ok(self.boundary)
    }
}

/// Families after settlement, and what that changes in the ledger.
struct Settled {
    families: Vec<Family>,
    lines: Vec<(Sign, Posting)>,
    due: Vec<(Timestamp, SessionId)>,
}

fn settle_all(mut families: Vec<Family>, rules: Rules<'_>) -> Settled {
    let mut lines = Vec::new();
    let mut due = Vec::new();
    for family in &mut families {
        let settlement = settle(&family.evidence, rules);
        lines.extend(amend(&family.posted, settlement.postings.clone()));
        family.posted = settlement.postings;
        let session = family.sessions.first();
        due.extend(settlement.matures_at.zip(session.cloned()));
    }
    Settled { families, lines, due }
}

/// Separates what is new from what is known, group by group, and batches the new by session and source.
fn sort_out(families: &[Family], groups: Vec<Vec<Record>>) -> (Vec<EvidenceBatch>, Vec<Receipt>) {
    let mut family_of: HashMap<SessionId, &Family> = HashMap::new();
    for family in families {
        family_of.extend(family.sessions.iter().map(|session| (session.clone(), family)));
    }
    let mut seen = HashSet::new();
    let mut batches: BTreeMap<(SessionId, Source), Vec<Record>> = BTreeMap::new();
    let mut receipts = Vec::with_capacity(groups.len());
    for group in groups {
        let mut receipt = Receipt { fresh: 0, repeated: 0, boundary: Timestamp::MIN };
        for record in group {
            let known = family_of.get(&record.session).is_some_and(|family| family.knows(&record));
            if known || !seen.insert((record.session.clone(), record.key)) {
                receipt.repeated += 1;
                continue;
            }
            receipt.fresh += 1;
            batches.entry((record.session.clone(), record.source)).or_default().push(record);
        }
        receipts.push(receipt);
    }
    let batches = batches.into_iter();
    let batches = batches.map(|((session, source), records)| EvidenceBatch { session, source, records });
    (batches.collect(), receipts)
}

/// Gives each family its share of the new evidence.
fn hand_out(families: &mut [Family], fresh: &[EvidenceBatch]) {
    let mut by_session: HashMap<&SessionId, Vec<EvidenceBatch>> = HashMap::new();
    for batch in fresh {
        by_session.entry(&batch.session).or_default().push(batch.clone());
    }
    for family in families {
        let own: Vec<SessionId> = family.sessions.iter().cloned().collect();
        for session in own {
            if let Some(batches) = by_session.remove(&session) {
                family.take_in(batches);
            }
        }
    }
}
