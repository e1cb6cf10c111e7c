//! The writer task: groups what waits in the queue and has the clerk write it.

use std::sync::Arc;
use std::time::Duration;

use ledger::PriceBook;
use model::Clock;
use store::{Store, StoreError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::orders::Order;
use super::{Clerk, CommitListener, Intake, IntakeError, IntakeGauges, Settings, Submission};

/// How many submissions may wait. A full queue is answered with "try again".
const QUEUE_CAPACITY: usize = 1_024;

/// A transaction is closed once it holds this many records: larger ones commit no faster per record, and
/// their senders wait longer.
const RECORDS_PER_TRANSACTION: usize = 20_000;

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
    let desk = Desk { clerk, submissions, orders, gauges: Arc::clone(intake.gauges()) };
    let task = tokio::spawn(write(desk, clock, stop));
    Ok((intake, Writer { task, repricing }))
}

/// The clerk, and what waits for them.
struct Desk {
    clerk: Clerk,
    submissions: mpsc::Receiver<Submission>,
    orders: mpsc::Receiver<Order>,
    gauges: Arc<IntakeGauges>,
}

async fn write(mut desk: Desk, clock: Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        let wait = until_due(&desk.clerk, clock.as_ref());
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(order) = desk.orders.recv() => desk.follow(order).await,
            submission = desk.submissions.recv() => match submission {
                Some(first) => desk.write_group(first).await,
                None => break,
            },
            () = tokio::time::sleep(wait) => {
                if let Err(error) = desk.clerk.settle_due().await {
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
}

/// How long nothing is due. Long when nothing waits at all.
fn until_due(clerk: &Clerk, clock: &dyn Clock) -> Duration {
    const NOTHING_WAITS: Duration = Duration::from_secs(3_600);
    clerk.next_due().map_or(NOTHING_WAITS, |due| {
        let micros = due.micros_since(clock.now()).max(0);
        Duration::from_micros(micros.unsigned_abs()).min(NOTHING_WAITS)
    })
}

impl Desk {
    async fn follow(&mut self, order: Order) {
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

    /// Writes a submission together with those that wait behind it, and answers each.
    async fn write_group(&mut self, first: Submission) {
        let started = Instant::now();
        let mut records = first.records.len();
        let mut groups = vec![first.records];
        let mut answers = vec![(first.answer, first.since)];
        while records < RECORDS_PER_TRANSACTION
            && let Ok(next) = self.submissions.try_recv()
        {
            records += next.records.len();
            groups.push(next.records);
            answers.push((next.answer, next.since));
        }
        self.gauges.queued.set(self.submissions.len() as u64);
        let outcome = self.clerk.take_in(groups).await;
        self.gauges.transactions.note(started.elapsed());
        // A sender that has gone away needs no answer; its records are kept all the same.
        match outcome {
            Ok(receipts) => {
                for ((answer, since), receipt) in answers.into_iter().zip(receipts) {
                    self.gauges.fresh.add(receipt.fresh as u64);
                    self.gauges.repeated.add(receipt.repeated as u64);
                    self.gauges.settled_after.note(since.elapsed());
                    let _gone = answer.send(Ok(receipt));
                }
            }
            Err(error) => {
                tracing::error!(%error, records, "could not write a transaction");
                self.gauges.failed.add(answers.len() as u64);
                self.gauges.note_failure();
                for (answer, _) in answers {
                    let _gone = answer.send(Err(IntakeError::Store(error.to_string())));
                }
            }
        }
    }
}
