//! The one who writes the ledger: takes records in, settles the sessions concerned, commits.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::try_join;
use ledger::{PriceBook, Rules};
use model::{Clock, Lines, Record, SessionId, Source, Timestamp};
use store::{Store, StoreError, Transaction};
use tokio::sync::watch;

use super::at_hand::AtHand;
use super::due::Due;
use super::families::{join, load};
use super::kin::find_kin;
use super::rebuild::{Rebuild, Rebuilding};
use super::repricing::Repricing;
use super::settling::{Settled, Work};
use super::shelf::Shelf;
use super::sorting::sort_out;
use super::{IntakeGauges, Receipt};

/// How many waiting sessions are settled in one go, so that new records need not wait behind them.
const DUE_AT_ONCE: usize = 2_048;

/// How many of them may have to be loaded for that.
const LOADED_AT_ONCE: usize = 256;

/// How the clerk works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a running total waits for the items it counts, in microseconds (`settlement.quiet`).
    pub quiet_micros: i64,
    /// About how many bytes of memory are used between transactions, so that busy sessions need not be read
    /// back.
    pub bytes_at_hand: usize,
    /// Folder for a file without a name that holds what does not fit into that memory. Without it, such sessions are
    /// read back from the store.
    pub overflow: Option<PathBuf>,
    /// How many lines are staged at most, of senders that have more to send, before they are made durable together;
    /// with none, every transaction is made so by itself. For whoever has a history to bring in and nobody else to
    /// answer: to make many lines durable takes a while.
    pub lines_staged: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet_micros: 30_000_000, bytes_at_hand: 192 << 20, overflow: None, lines_staged: 0 }
    }
}

/// Told of every transaction once it is durable.
pub trait CommitListener: Send + Sync {
    /// Whether anybody would hear of the next transaction; its lines are kept at hand until then.
    fn listens(&self) -> bool {
        true
    }

    /// Must return at once: the next transaction waits for it.
    fn committed(&self, posted_at: Timestamp, lines: &Lines);
}

/// A listener that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NobodyListens;

impl CommitListener for NobodyListens {
    fn listens(&self) -> bool {
        false
    }

    fn committed(&self, _posted_at: Timestamp, _lines: &Lines) {}
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
    /// Sessions to settle again although nothing new may come.
    due: Due,
    repricing: Repricing,
    rebuild: Rebuild,
    staged: Staged,
    gauges: Arc<IntakeGauges>,
}

/// What the store holds but has not made durable.
#[derive(Debug, Default)]
struct Staged {
    lines: usize,
    /// Sessions that it tells of.
    sessions: BTreeSet<SessionId>,
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
        let (waiting, repricing) = try_join(
            store.sessions_since(since, since.plus_micros(-settings.quiet_micros)),
            Repricing::plan(store.as_ref(), Arc::clone(&prices)),
        )
        .await?;
        let mut due = Due::default();
        for session in waiting.iter().chain(repricing.sessions()) {
            due.set(session, Some(Timestamp::MIN));
        }
        let shelf = settings.overflow.clone().map(Shelf::within);
        let at_hand = AtHand::with_capacity(settings.bytes_at_hand, shelf);
        Ok(Self {
            store,
            prices,
            clock,
            listener,
            settings,
            at_hand,
            boundary,
            due,
            repricing,
            rebuild: Rebuild::default(),
            staged: Staged::default(),
            gauges: Arc::default(),
        })
    }

    /// Measures into these from now on.
    pub(super) fn measure_with(&mut self, gauges: Arc<IntakeGauges>) {
        self.gauges = gauges;
    }

    /// Takes groups of records in, in one transaction, and tells for each group what was new. Returns
    /// once the transaction is durable; after an error nothing of any group has been kept. What waited and
    /// is due by now is settled along with it, so that a constant stream of records cannot put it off.
    pub async fn take_in(&mut self, groups: Vec<Vec<Record>>) -> Result<Vec<Receipt>, StoreError> {
        let receipts = self.settle_in(groups, false).await.inspect_err(|_| self.end_staging(false))?;
        self.confirm().await?;
        Ok(receipts)
    }

    /// The same for senders that have more to send: what came in may be staged, and is durable only after
    /// [`Clerk::confirm`] or the next [`Clerk::take_in`]. After an error nothing has been kept of all that was staged.
    pub async fn stage(&mut self, groups: Vec<Vec<Record>>) -> Result<Vec<Receipt>, StoreError> {
        // Listeners are told of what is durable.
        let may_stage = self.settings.lines_staged > 0 && !self.listener.listens();
        let receipts = self.settle_in(groups, may_stage).await.inspect_err(|_| self.end_staging(false))?;
        if self.staged.lines >= self.settings.lines_staged {
            self.confirm().await?;
        }
        Ok(receipts)
    }

    /// Makes durable what is staged.
    pub async fn confirm(&mut self) -> Result<(), StoreError> {
        if self.has_staged() {
            let confirmed = self.store.confirm().await;
            self.end_staging(confirmed.is_ok());
            confirmed?;
        }
        Ok(())
    }

    /// Whether anything is settled that is not durable.
    pub(super) fn has_staged(&self) -> bool {
        !self.staged.sessions.is_empty()
    }

    /// All that was staged is durable by now, or nothing of it is kept: then what is at hand of these sessions is wrong,
    /// and what was settled again of them has to be once more.
    fn end_staging(&mut self, is_durable: bool) {
        let staged = std::mem::take(&mut self.staged);
        if !is_durable {
            let sessions: Vec<SessionId> = staged.sessions.into_iter().collect();
            self.at_hand.let_go(&sessions);
            for session in &sessions {
                self.due.set(session, Some(Timestamp::MIN));
            }
        }
    }

    async fn settle_in(
        &mut self,
        groups: Vec<Vec<Record>>,
        may_stage: bool,
    ) -> Result<Vec<Receipt>, StoreError> {
        let now = self.clock.now();
        let ripe = self.ripe(now);
        let store = Arc::clone(&self.store);
        // What transcripts tell of is settled as a whole, whatever its kin: it is loaded while kin is looked for.
        let transcribed = groups.iter().flat_map(|records| transcribed_in(records)).cloned().collect();
        let transcribed = without_forgotten(store.as_ref(), transcribed).await?.0;
        let mut work = Work::default();
        let loading = self.at_hand.take(&mut work, store.as_ref(), &transcribed, &transcribed);
        let (kin, ()) = try_join(find_kin(store.as_ref(), &groups), loading).await?;
        let related = kin.iter().flat_map(|(left, right)| [left, right]);
        let as_a_whole: BTreeSet<SessionId> = related.chain(&transcribed).cloned().collect();
        let told_of = groups.iter().flat_map(|records| sessions_in(records));
        let sessions: BTreeSet<&SessionId> = told_of.chain(&as_a_whole).chain(&ripe).collect();
        let sessions = sessions.into_iter().cloned().collect();
        let (sessions, forgotten) = without_forgotten(store.as_ref(), sessions).await?;
        self.at_hand.take(&mut work, store.as_ref(), &sessions, &as_a_whole).await?;
        let mut new_kin = Vec::new();
        for (left, right) in kin {
            if join(&mut work.whole, &left, &right) {
                new_kin.push((left, right));
            }
        }
        let (fresh, mut receipts) = sort_out(&work, &forgotten, groups);
        work.hand_out(fresh);
        let settled = self.settle(work, now).await?;
        self.commit(settled, new_kin, now, &ripe, may_stage).await?;
        receipts.iter_mut().for_each(|receipt| receipt.boundary = self.boundary);
        Ok(receipts)
    }

    /// Settles again what was waiting and is due by now, a bounded number of sessions at a time.
    pub async fn settle_due(&mut self) -> Result<(), StoreError> {
        self.take_in(Vec::new()).await.map(drop)
    }

    /// The time of the newest transaction.
    pub(super) const fn boundary(&self) -> Timestamp {
        self.boundary
    }

    /// Lets go of what is at hand of sessions.
    pub(super) fn let_go(&mut self, sessions: &[SessionId]) {
        self.at_hand.let_go(sessions);
    }

    /// Settles sessions again from all their records, a few at a time along with what comes in, whatever is at
    /// hand of them.
    pub(super) fn rebuild(&mut self, sessions: Vec<SessionId>) -> watch::Receiver<Rebuilding> {
        self.at_hand.let_go(&sessions);
        for session in &sessions {
            self.due.set(session, Some(Timestamp::MIN));
        }
        self.rebuild.begin(sessions)
    }

    /// How many sessions are still to be priced again because the prices have changed, as it changes.
    pub fn repricing(&self) -> watch::Receiver<usize> {
        self.repricing.watch()
    }

    /// When [`Clerk::settle_due`] has something to do next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.next()
    }

    /// The sessions that are due by now, as many as are settled in one go.
    fn ripe(&self, now: Timestamp) -> Vec<SessionId> {
        let mut to_load = 0;
        let due = self.due.by(now, DUE_AT_ONCE).filter(|session| {
            let is_at_hand = self.at_hand.has(session);
            to_load += usize::from(!is_at_hand);
            is_at_hand || to_load <= LOADED_AT_ONCE
        });
        due.cloned().collect()
    }

    async fn settle(&self, work: Work, now: Timestamp) -> Result<Settled, StoreError> {
        let mut settled = self.settle_aside(work, now).await?;
        let wanted = std::mem::take(&mut settled.wanted);
        if !wanted.is_empty() {
            let sessions = wanted.iter().map(|(session, _)| session.clone()).collect();
            let mut work = Work { live: Vec::new(), whole: load(self.store.as_ref(), sessions).await? };
            work.hand_out(wanted.into_iter().flat_map(|(_, fresh)| fresh).collect());
            settled.absorb(self.settle_aside(work, now).await?);
        }
        Ok(settled)
    }

    /// Settles on a thread where it holds up no connection.
    async fn settle_aside(&self, work: Work, now: Timestamp) -> Result<Settled, StoreError> {
        let prices = Arc::clone(&self.prices);
        let quiet_micros = self.settings.quiet_micros;
        let settling =
            tokio::task::spawn_blocking(move || work.settle(Rules { prices: &prices, now, quiet_micros }));
        settling.await.map_err(|error| StoreError::Engine(format!("settlement failed: {error}")))
    }

    async fn commit(
        &mut self,
        settled: Settled,
        kin: Vec<(SessionId, SessionId)>,
        now: Timestamp,
        ripe: &[SessionId],
        may_stage: bool,
    ) -> Result<(), StoreError> {
        let Settled { live, whole, evidence, lines, due, settled_whole, amended, .. } = settled;
        let nothing_new = evidence.is_empty() && kin.is_empty() && lines.is_empty();
        if !nothing_new {
            let posted_at = now.max(self.boundary.plus_micros(1));
            let told = self.listener.listens().then(|| lines.clone());
            let transaction = Transaction { posted_at, evidence, lines, kin };
            if may_stage {
                self.staged.lines += transaction.lines.len();
                self.staged.sessions.extend(due.iter().map(|(session, _)| session).chain(ripe).cloned());
                self.store.stage(transaction).await?;
            } else {
                self.store.append(transaction).await?;
                self.end_staging(true);
            }
            self.boundary = posted_at;
            if let Some(lines) = told {
                self.listener.committed(posted_at, &lines);
            }
        }
        for session in ripe {
            self.due.set(session, None);
        }
        for (session, at) in &due {
            self.due.set(session, *at);
        }
        self.gauges.settled_whole.add(settled_whole);
        self.gauges
            .settled_live
            .add((live.len() + whole.len()).saturating_sub(settled_whole as usize) as u64);
        self.at_hand.put(live, whole, now);
        self.gauges.waiting.set(self.due.len() as u64);
        self.gauges.at_hand_bytes.set(self.at_hand.bytes() as u64);
        self.gauges.at_hand_sessions.set(self.at_hand.sessions() as u64);
        self.gauges.shelved_bytes.set(self.at_hand.shelved_bytes());
        let settled = || due.iter().map(|(session, _)| session).chain(ripe);
        self.rebuild.settled(settled(), amended);
        self.repricing.settled(self.store.as_ref(), settled()).await
    }
}

/// Those of the sessions that are not forgotten, and those that are.
async fn without_forgotten(
    store: &dyn Store,
    mut sessions: BTreeSet<SessionId>,
) -> Result<(BTreeSet<SessionId>, Vec<SessionId>), StoreError> {
    let asked: Vec<SessionId> = sessions.iter().cloned().collect();
    let forgotten = store.forgotten(&asked).await?;
    for session in &forgotten {
        sessions.remove(session);
    }
    Ok((sessions, forgotten))
}

/// The sessions that records tell of, each as often as another one came between.
fn sessions_in(records: &[Record]) -> impl Iterator<Item = &SessionId> {
    let pieces = records.chunk_by(|record, next| record.session == next.session);
    pieces.filter_map(|piece| Some(&piece.first()?.session))
}

/// Those of which transcripts tell: they cannot be settled from what is new alone.
fn transcribed_in(records: &[Record]) -> impl Iterator<Item = &SessionId> {
    let pieces =
        records.chunk_by(|record, next| record.source == next.source && record.session == next.session);
    let transcribed =
        pieces.filter(|piece| piece.first().is_some_and(|first| first.source == Source::Transcripts));
    transcribed.flat_map(sessions_in)
}
