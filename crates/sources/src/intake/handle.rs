//! What sources hold of the intake: a bounded queue with answers.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use model::{Record, Timestamp};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::IntakeGauges;
use super::orders::Order;

/// Why records were not taken in. Nothing of the submission has been kept.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IntakeError {
    /// The queue is full; the sender should try again in a moment.
    #[error("too much is waiting to be written; try again in a second")]
    Full,
    /// The writer has stopped.
    #[error("the server is stopping")]
    Stopped,
    /// The store did not take the transaction.
    #[error("could not write to the store: {0}")]
    Store(String),
}

/// What became of a submission, once it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Records that were new.
    pub fresh: usize,
    /// Records that were known already and changed nothing.
    pub repeated: usize,
    /// The ledger's boundary after the transaction.
    pub boundary: Timestamp,
}

/// How the writing of the ledger goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It works.
    Works,
    /// The store did not take a transaction a moment ago; the next one may succeed.
    Fails,
    /// Nothing is written any more.
    Ended,
}

/// How long a failure is told of after it, unless another one comes: with a sender that tries again the next
/// attempt is not far.
const FAILURE_COUNTS_FOR: Duration = Duration::from_secs(30);

/// Records waiting for the writer, and where to send the answer.
#[derive(Debug)]
pub struct Submission {
    /// The records, of any sessions and sources, in as many lists as they were read into.
    pub records: Vec<Vec<Record>>,
    /// Takes the answer; may be closed when the sender has gone away, which cancels nothing.
    pub answer: oneshot::Sender<Result<Receipt, IntakeError>>,
    /// Told once they are settled, by whoever has more to send and need not wait until they are durable.
    pub settled: Option<oneshot::Sender<Receipt>>,
    /// When they were handed over.
    pub since: Instant,
}

/// A handle to the writer; clones share one bounded queue.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::Sender<Submission>,
    orders: mpsc::Sender<Order>,
    gauges: Arc<IntakeGauges>,
    began_at: Timestamp,
}

/// How many orders may wait for the writer.
const ORDERS: usize = 4;

impl Intake {
    /// A handle and the queue's other end; `capacity` is the number of submissions that may wait. Nobody takes
    /// its orders.
    pub fn with_capacity(capacity: usize) -> (Self, mpsc::Receiver<Submission>) {
        let (intake, submissions, _) = Self::with_orders(capacity);
        (intake, submissions)
    }

    /// The same for somebody who takes orders, too.
    pub(super) fn with_orders(capacity: usize) -> (Self, mpsc::Receiver<Submission>, mpsc::Receiver<Order>) {
        let (queue, submissions) = mpsc::channel(capacity);
        let (orders, ordered) = mpsc::channel(ORDERS);
        let (gauges, began_at) = (Arc::default(), Timestamp::MAX);
        (Self { queue, orders, gauges, began_at }, submissions, ordered)
    }

    /// The same, of a writer that found the ledger with this boundary.
    pub(super) fn of_ledger(self, began_at: Timestamp) -> Self {
        Self { began_at, ..self }
    }

    /// The ledger's boundary when the writer took it up. Whoever has noted a later one before that has noted it of another
    /// ledger, such as a newer one in whose place this one was put.
    pub const fn began_at(&self) -> Timestamp {
        self.began_at
    }

    pub(super) async fn order(&self, order: Order) -> Result<(), IntakeError> {
        self.orders.send(order).await.map_err(|_| IntakeError::Stopped)
    }

    /// What is measured of it and of the writer behind it.
    pub const fn gauges(&self) -> &Arc<IntakeGauges> {
        &self.gauges
    }

    /// How many submissions wait, and how many may.
    pub fn queued(&self) -> (usize, usize) {
        let most = self.queue.max_capacity();
        (most - self.queue.capacity(), most)
    }

    /// How the writing of the ledger goes.
    pub fn condition(&self) -> Condition {
        if self.queue.is_closed() {
            Condition::Ended
        } else if self.gauges.has_failed_within(FAILURE_COUNTS_FOR) {
            Condition::Fails
        } else {
            Condition::Works
        }
    }

    /// Hands records over, waiting for room in the queue, and waits until they are durable.
    pub async fn submit(&self, records: Vec<Record>) -> Result<Receipt, IntakeError> {
        let (answer, receipt) = oneshot::channel();
        let submission = Submission { records: vec![records], answer, settled: None, since: Instant::now() };
        self.queue.send(submission).await.map_err(|_| IntakeError::Stopped)?;
        receipt.await.map_err(|_| IntakeError::Stopped)?
    }

    /// Hands records over that more will follow. Waits until they are settled, and returns with their receipt what waits
    /// until they are durable: they may be made so together with what follows, so the last records of all have to be
    /// handed over with [`Intake::submit`], be they none.
    pub async fn submit_more_to_come(
        &self,
        records: Vec<Vec<Record>>,
    ) -> Result<(Receipt, impl Future<Output = Result<(), IntakeError>> + Send + use<>), IntakeError> {
        let ((answer, durable), (settled, receipt)) = (oneshot::channel(), oneshot::channel());
        let submission = Submission { records, answer, settled: Some(settled), since: Instant::now() };
        self.queue.send(submission).await.map_err(|_| IntakeError::Stopped)?;
        let (receipt, durable) = match receipt.await {
            Ok(receipt) => (receipt, Some(durable)),
            // Then they are durable already, or it is answered why not.
            Err(_) => (durable.await.map_err(|_| IntakeError::Stopped)??, None),
        };
        let durable = async move {
            match durable {
                Some(durable) => durable.await.map_err(|_| IntakeError::Stopped)?.map(drop),
                None => Ok(()),
            }
        };
        Ok((receipt, durable))
    }

    /// Hands records over at once, or fails with [`IntakeError::Full`]; the future waits until they are
    /// durable.
    pub fn try_submit(
        &self,
        records: Vec<Record>,
    ) -> Result<impl Future<Output = Result<Receipt, IntakeError>> + Send + 'static, IntakeError> {
        let (answer, receipt) = oneshot::channel();
        let submission = Submission { records: vec![records], answer, settled: None, since: Instant::now() };
        self.queue.try_send(submission).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.gauges.refused.increment();
                IntakeError::Full
            }
            mpsc::error::TrySendError::Closed(_) => IntakeError::Stopped,
        })?;
        Ok(async move { receipt.await.map_err(|_| IntakeError::Stopped)? })
    }
}
