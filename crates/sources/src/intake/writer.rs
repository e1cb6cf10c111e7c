//! The writer task: groups what waits in the queue and has the clerk write it.

use std::sync::Arc;
use std::time::Duration;

use ledger::PriceBook;
use model::Clock;
use store::{Store, StoreError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Clerk, CommitListener, Intake, IntakeError, Settings, Submission};

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
    let clerk = Clerk::new(store, prices, Arc::clone(&clock), listener, settings).await?;
    let repricing = clerk.repricing();
    let (intake, submissions) = Intake::with_capacity(QUEUE_CAPACITY);
    let task = tokio::spawn(write(clerk, clock, submissions, stop));
    Ok((intake, Writer { task, repricing }))
}

async fn write(
    mut clerk: Clerk,
    clock: Arc<dyn Clock>,
    mut submissions: mpsc::Receiver<Submission>,
    stop: CancellationToken,
) {
    loop {
        let wait = until_due(&clerk, clock.as_ref());
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            submission = submissions.recv() => match submission {
                Some(first) => write_group(&mut clerk, first, &mut submissions).await,
                None => break,
            },
            () = tokio::time::sleep(wait) => {
                if let Err(error) = clerk.settle_due().await {
                    tracing::error!(%error, "could not settle waiting totals; trying again");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    }
    submissions.close();
    while let Some(first) = submissions.recv().await {
        write_group(&mut clerk, first, &mut submissions).await;
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

/// Writes a submission together with those that wait behind it, and answers each.
async fn write_group(clerk: &mut Clerk, first: Submission, submissions: &mut mpsc::Receiver<Submission>) {
    let mut records = first.records.len();
    let mut groups = vec![first.records];
    let mut answers = vec![first.answer];
    while records < RECORDS_PER_TRANSACTION
        && let Ok(next) = submissions.try_recv()
    {
        records += next.records.len();
        groups.push(next.records);
        answers.push(next.answer);
    }
    let outcome = clerk.take_in(groups).await;
    // A sender that has gone away needs no answer; its records are kept all the same.
    match outcome {
        Ok(receipts) => {
            for (answer, receipt) in answers.into_iter().zip(receipts) {
                let _gone = answer.send(Ok(receipt));
            }
        }
        Err(error) => {
            tracing::error!(%error, records, "could not write a transaction");
            for answer in answers {
                let _gone = answer.send(Err(IntakeError::Store(error.to_string())));
            }
        }
    }
}
