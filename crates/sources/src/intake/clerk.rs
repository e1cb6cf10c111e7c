//! The one who writes the ledger: takes records in, settles the sessions concerned, commits.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ledger::{PriceBook, Rules, links};
use model::{Clock, EvidenceBatch, ItemKey, Posting, Record, SessionId, Sign, Timestamp};
use store::{Store, StoreError, Transaction};

use super::Receipt;
use super::at_hand::{AtHand, Taken};
use super::due::Due;
use super::families::{join, load};
use super::settling::{Settled, by_session};
use super::sorting::sort_out;

/// How many waiting sessions are settled in one go, so that new records need not wait behind them.
const DUE_AT_ONCE: usize = 2_048;

/// How many of them may have to be loaded for that.
const LOADED_AT_ONCE: usize = 128;

/// How the clerk works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a running total waits for the items it counts, in microseconds (`settlement.quiet`).
    pub quiet_micros: i64,
    /// About how many bytes of memory are used between transactions, so that busy sessions need not be read
    /// back.
    pub bytes_at_hand: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet_micros: 30_000_000, bytes_at_hand: 160 << 20 }
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
    at_hand: AtHand,
    boundary: Timestamp,
    due: Due,
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
        let mut due = Due::default();
        for session in &waiting {
            due.set(session, Some(Timestamp::MIN));
        }
        let at_hand = AtHand::with_capacity(settings.bytes_at_hand);
        Ok(Self { store, prices, clock, listener, settings, at_hand, boundary, due })
    }

    /// Takes groups of records in, in one transaction, and tells for each group what was new. Returns
    /// once the transaction is durable; after an error nothing of any group has been kept. What waited and
    /// is due by now is settled along with it.
    pub async fn take_in(&mut self, groups: Vec<Vec<Record>>) -> Result<Vec<Receipt>, StoreError> {
        let now = self.clock.now();
        let kin = self.find_kin(&groups).await?;
        let related: BTreeSet<SessionId> =
            kin.iter().flat_map(|(left, right)| [left.clone(), right.clone()]).collect();
        let mut sessions = related.clone();
        for record in groups.iter().flatten() {
            if !sessions.contains(&record.session) {
                sessions.insert(record.session.clone());
            }
        }
        let ripe = self.ripe(now);
        sessions.extend(ripe.iter().cloned());
        let mut taken = self.at_hand.take(self.store.as_ref(), sessions, &related).await?;
        let mut new_kin = Vec::new();
        for (left, right) in kin {
            if join(&mut taken.whole, &left, &right) {
                new_kin.push((left, right));
            }
        }
        let (fresh, mut receipts) = sort_out(&taken, groups);
        let (fresh, settled) = self.settle(taken, fresh, now).await?;
        let boundary = self.commit(settled, fresh, new_kin, now, &ripe).await?;
        receipts.iter_mut().for_each(|receipt| receipt.boundary = boundary);
        Ok(receipts)
    }

    /// The sessions that are due by now, as many as are settled in one go.
    fn ripe(&self, now: Timestamp) -> Vec<SessionId> {
        let mut to_load = 0;
        let due = self.due.by(now, DUE_AT_ONCE).filter(|session| {
            to_load += usize::from(!self.at_hand.has(session));
            to_load <= LOADED_AT_ONCE || self.at_hand.has(session)
        });
        due.cloned().collect()
    }

    /// Settles again what was waiting and is due by now, a bounded number of sessions at a time.
    pub async fn settle_due(&mut self) -> Result<(), StoreError> {
        self.take_in(Vec::new()).await.map(drop)
    }

    /// When [`Clerk::settle_due`] has something to do next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.next()
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

    async fn settle(
        &self,
        taken: Taken,
        fresh: Vec<EvidenceBatch>,
        now: Timestamp,
    ) -> Result<(Vec<EvidenceBatch>, Settled), StoreError> {
        let (fresh, mut settled) = self.settle_aside(taken, fresh, Settled::default(), now).await?;
        let wanted: BTreeSet<SessionId> = settled.wanted.drain(..).collect();
        if wanted.is_empty() {
            return Ok((fresh, settled));
        }
        let whole = load(self.store.as_ref(), wanted).await?;
        self.settle_aside(Taken { live: Vec::new(), whole }, fresh, settled, now).await
    }

    /// Settles on a thread where it holds up no connection.
    async fn settle_aside(
        &self,
        taken: Taken,
        fresh: Vec<EvidenceBatch>,
        mut settled: Settled,
        now: Timestamp,
    ) -> Result<(Vec<EvidenceBatch>, Settled), StoreError> {
        let prices = Arc::clone(&self.prices);
        let quiet_micros = self.settings.quiet_micros;
        let settling = tokio::task::spawn_blocking(move || {
            let rules = Rules { prices: &prices, now, quiet_micros };
            settled.settle(taken, &by_session(&fresh), rules);
            (fresh, settled)
        });
        settling.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))
    }

    async fn commit(
        &mut self,
        settled: Settled,
        fresh: Vec<EvidenceBatch>,
        kin: Vec<(SessionId, SessionId)>,
        now: Timestamp,
        ripe: &[SessionId],
    ) -> Result<Timestamp, StoreError> {
        let nothing_new = fresh.is_empty() && kin.is_empty() && settled.lines.is_empty();
        if !nothing_new {
            let posted_at = now.max(self.boundary.plus_micros(1));
            let transaction = Transaction { posted_at, evidence: fresh, lines: settled.lines.clone(), kin };
            self.store.append(transaction).await?;
            self.boundary = posted_at;
            self.listener.committed(posted_at, &settled.lines);
        }
        for session in ripe {
            self.due.set(session, None);
        }
        for (session, at) in &settled.due {
            self.due.set(session, *at);
        }
        self.at_hand.put(settled.taken);
        Ok(self.boundary)
    }
}
