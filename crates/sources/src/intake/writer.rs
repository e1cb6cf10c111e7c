//! The writer task: groups what waits in the queue and has the clerk write it.

use std::sync::Arc;
use std::time::Duration;

use ledger::PriceBook;
use model::{Clock, Record, Timestamp};
use store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::orders::Order;
use super::{Clerk, CommitListener, Intake, IntakeError, IntakeGauges, Receipt, Settings, Submission};

/// How many submissions may wait. A full queue is answered with "try again".
const QUEUE_CAPACITY: usize = 1_024;

/// A transaction is closed once it holds this many records: larger ones commit no faster per record, and
/// their senders wait longer.
const RECORDS_PER_TRANSACTION: usize = 20_000;

/// A transaction of so many records is not waited for: what it costs beside its records is little for each.
const ENOUGH_RECORDS: usize = 4_096;

/// How long after a transaction the next one may wait for more. A transaction of few records costs nearly as much
/// as one of a thousand.
const GATHERING: Duration = Duration::from_millis(20);

/// So many submissions are made durable together at most, so that nobody waits for more to follow who waits for that.
pub(crate) const SUBMISSIONS_STAGED: usize = 64;

/// How long after totals that waited were settled others are at the earliest, unless records come in: they mature one
/// by one, and each time is a transaction.
const MATURING_MICROS: i64 = 250_000;

/// How long to wait before trying again to settle what is due, after the store refused.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The running writer.
#[derive(Debug)]
pub struct Writer {
    task: JoinHandle<()>,
    repricing: watch::Receiver<usize>,
}

impl Writer {
    /// How many sessions are still to be priced again because the prices have changed, as it changes.
    pub fn repricing(&self) -> watch::Receiver<usize> {
        self.repricing.clone()
    }

    /// Waits until the writer has stopped: after its token was cancelled and what waited was written.
    pub async fn stopped(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer ended abnormally");
        }
    }
}

/// Starts the writer of a store and returns the door to it. Once `stop` is cancelled it takes nothing
/// more, writes what waits, and ends.
pub async fn start(
    store: Arc<dyn Store>,
    prices: Arc<PriceBook>,
    clock: Arc<dyn Clock>,
    listener: Arc<dyn CommitListener>,
    settings: Settings,
    stop: CancellationToken,
) -> Result<(Intake, Writer), StoreError> {
    let (intake, submissions, orders) = Intake::with_orders(QUEUE_CAPACITY);
    let mut clerk = Clerk::new(store, prices, Arc::clone(&clock), listener, settings).await?;
    clerk.measure_with(Arc::clone(intake.gauges()));
    let intake = intake.of_ledger(clerk.boundary());
    let repricing = clerk.repricing();
    let gauges = Arc::clone(intake.gauges());
    let before = Before { ended: Instant::now(), senders: 0 };
    let desk = Desk { clerk, submissions, orders, gauges, before, staged: Vec::new() };
    let task = tokio::spawn(write(desk, clock, stop));
    Ok((intake, Writer { task, repricing }))
}

/// The clerk, and what waits for them.
struct Desk {
    clerk: Clerk,
    submissions: mpsc::Receiver<Submission>,
    orders: mpsc::Receiver<Order>,
    gauges: Arc<IntakeGauges>,
    before: Before,
    /// Whom to answer once what is staged is durable.
    staged: Vec<(Answer, Receipt)>,
}

/// Where to send an answer, and since when it is waited for.
type Answer = (oneshot::Sender<Result<Receipt, IntakeError>>, Instant);

/// The transaction before.
struct Before {
    ended: Instant,
    /// Submissions that were answered then, and those that waited already.
    senders: usize,
}

/// What is written in one transaction.
#[derive(Default)]
struct Group {
    records: usize,
    submitted: Vec<Vec<Record>>,
    /// How many of these lists each submission brought.
    lists: Vec<usize>,
    answers: Vec<Answer>,
    /// Whom to tell that it is settled, each by its place among the answers.
    settled: Vec<(usize, oneshot::Sender<Receipt>)>,
}

impl Group {
    /// Whether all senders have more to send, so that none waits until it is durable.
    fn is_followed(&self) -> bool {
        self.settled.len() == self.answers.len()
    }

    fn add(&mut self, submission: Submission) {
        self.records += submission.records.iter().map(Vec::len).sum::<usize>();
        self.lists.push(submission.records.len());
        self.submitted.extend(submission.records);
        self.settled.extend(submission.settled.map(|settled| (self.answers.len(), settled)));
        self.answers.push((submission.answer, submission.since));
    }
}

async fn write(mut desk: Desk, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut settled_at = Timestamp::MIN;
    loop {
        let wait = until_due(&desk.clerk, clock.as_ref(), settled_at);
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(order) = desk.orders.recv() => desk.follow(order).await,
            submission = desk.submissions.recv() => match submission {
                Some(first) => desk.write_group(first).await,
                None => break,
            },
            () = tokio::time::sleep(wait) => {
                settled_at = clock.now();
                let settled = desk.clerk.settle_due().await;
                desk.answer(settled.as_ref().err());
                if let Err(error) = settled {
                    tracing::error!(%error, "could not settle waiting totals; trying again");
                    desk.gauges.note_failure();
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    }
    desk.submissions.close();
    while let Some(first) = desk.submissions.recv().await {
        desk.write_group(first).await;
    }
    let confirmed = desk.clerk.confirm().await;
    desk.answer(confirmed.as_ref().err());
}

/// How long nothing is due. Long when nothing waits at all.
fn until_due(clerk: &Clerk, clock: &dyn Clock, settled_at: Timestamp) -> Duration {
    const NOTHING_WAITS: Duration = Duration::from_secs(3_600);
    clerk.next_due().map_or(NOTHING_WAITS, |due| {
        let micros = together(due, settled_at).micros_since(clock.now()).max(0);
        Duration::from_micros(micros.unsigned_abs()).min(NOTHING_WAITS)
    })
}

/// When to settle what is due then, after the last time. What was due by that time and is left over does not wait.
fn together(due: Timestamp, settled_at: Timestamp) -> Timestamp {
    if due > settled_at { due.max(settled_at.plus_micros(MATURING_MICROS)) } else { due }
}

impl Desk {
    async fn follow(&mut self, order: Order) {
        let confirmed = self.clerk.confirm().await;
        self.answer(confirmed.as_ref().err());
        match order {
            Order::Rebuild(sessions, answer) => {
                let _gone = answer.send(self.clerk.rebuild(sessions));
            }
            Order::Alone(sessions, work) => {
                self.clerk.let_go(&sessions);
                work.await;
            }
        }
    }

    /// A submission together with those that wait behind it. Whoever was answered a moment ago mostly sends more at
    /// once: they are waited for, so that senders do not fall into two halves that take turns.
    async fn gather(&mut self, first: Submission) -> Group {
        let mut group = Group::default();
        group.add(first);
        let until = self.before.ended + GATHERING;
        while group.records < RECORDS_PER_TRANSACTION {
            if let Ok(next) = self.submissions.try_recv() {
                group.add(next);
                continue;
            }
            // Who sends no records waits for what is staged.
            let has_enough = group.records >= ENOUGH_RECORDS || group.records == 0;
            if has_enough || group.answers.len() >= self.before.senders {
                break;
            }
            match timeout_at(until, self.submissions.recv()).await {
                Ok(Some(next)) => group.add(next),
                Ok(None) | Err(_) => break,
            }
        }
        group
    }

    /// Writes a submission and what goes along with it, and answers each once that is durable.
    async fn write_group(&mut self, first: Submission) {
        let group = self.gather(first).await;
        let started = Instant::now();
        self.gauges.queued.set(self.submissions.len() as u64);
        let has_room = self.staged.len() + group.answers.len() < SUBMISSIONS_STAGED;
        let may_stage = group.is_followed() && has_room;
        let Group { records, submitted, lists, answers, settled } = group;
        let outcome =
            if may_stage { self.clerk.stage(submitted).await } else { self.clerk.take_in(submitted).await };
        self.gauges.transactions.note(started.elapsed());
        self.before = Before { ended: Instant::now(), senders: answers.len() + self.submissions.len() };
        match outcome {
            Ok(of_lists) => {
                let receipts = self.receipts(&lists, &of_lists);
                for (place, settled) in settled {
                    let _gone = receipts.get(place).map(|receipt| settled.send(*receipt));
                }
                self.staged.extend(answers.into_iter().zip(receipts));
                if !self.clerk.has_staged() {
                    self.answer(None);
                }
            }
            Err(error) => {
                tracing::error!(%error, records, "could not write a transaction");
                self.gauges.note_failure();
                let unwritten = Receipt { fresh: 0, repeated: 0, boundary: self.clerk.boundary() };
                self.staged.extend(answers.into_iter().map(|answer| (answer, unwritten)));
                self.answer(Some(&error));
            }
        }
    }

    /// For each submission what became of its lists of records.
    fn receipts(&self, lists: &[usize], of_lists: &[Receipt]) -> Vec<Receipt> {
        let mut rest = of_lists;
        let mut receipts = Vec::with_capacity(lists.len());
        for own in lists {
            let (own, others) = rest.split_at_checked(*own).unwrap_or((rest, &[]));
            rest = others;
            receipts.push(Receipt {
                fresh: own.iter().map(|receipt| receipt.fresh).sum(),
                repeated: own.iter().map(|receipt| receipt.repeated).sum(),
                boundary: self.clerk.boundary(),
            });
        }
        receipts
    }

    /// Answers everybody whose records are durable by now, or were not kept because of an error. A sender that has gone
    /// away needs no answer; its records are kept all the same.
    fn answer(&mut self, error: Option<&StoreError>) {
        self.gauges.failed.add(error.map_or(0, |_| self.staged.len() as u64));
        for ((answer, since), receipt) in self.staged.drain(..) {
            let answered = match error {
                Some(error) => Err(IntakeError::Store(error.to_string())),
                None => {
                    self.gauges.fresh.add(receipt.fresh as u64);
                    self.gauges.repeated.add(receipt.repeated as u64);
                    self.gauges.settled_after.note(since.elapsed());
                    Ok(receipt)
                }
            };
            let _gone = answer.send(answered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matures_one_by_one_is_settled_together_and_what_is_left_over_at_once() {
        let at = Timestamp::from_micros;
        let settled_at = at(1_000_000);
        assert_eq!(together(at(1_000_001), settled_at), at(1_250_000));
        assert_eq!(together(at(1_250_001), settled_at), at(1_250_001));
        assert_eq!(together(at(1_000_000), settled_at), at(1_000_000));
        assert_eq!(together(Timestamp::MIN, settled_at), Timestamp::MIN);
        assert_eq!(together(at(5), Timestamp::MIN), at(5));
    }
}
