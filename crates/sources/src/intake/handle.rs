//! What sources hold of the intake: a bounded queue with answers.

use std::future::Future;

use model::{Record, Timestamp};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

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

/// Records waiting for the writer, and where to send the answer.
#[derive(Debug)]
pub struct Submission {
    /// The records, of any sessions and sources.
    pub records: Vec<Record>,
    /// Takes the answer; may be closed when the sender has gone away, which cancels nothing.
    pub answer: oneshot::Sender<Result<Receipt, IntakeError>>,
}

/// A handle to the writer; clones share one bounded queue.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::Sender<Submission>,
}

impl Intake {
    /// A handle and the queue's other end; `capacity` is the number of submissions that may wait.
    pub fn with_capacity(capacity: usize) -> (Self, mpsc::Receiver<Submission>) {
        let (queue, submissions) = mpsc::channel(capacity);
        (Self { queue }, submissions)
    }

    /// Hands records over, waiting for room in the queue, and waits until they are durable.
    pub async fn submit(&self, records: Vec<Record>) -> Result<Receipt, IntakeError> {
        let (answer, receipt) = oneshot::channel();
        self.queue.send(Submission { records, answer }).await.map_err(|_| IntakeError::Stopped)?;
        receipt.await.map_err(|_| IntakeError::Stopped)?
    }

    /// Hands records over at once, or fails with [`IntakeError::Full`]; the future waits until they are
    /// durable.
    pub fn try_submit(
        &self,
        records: Vec<Record>,
    ) -> Result<impl Future<Output = Result<Receipt, IntakeError>> + Send + 'static, IntakeError> {
        let (answer, receipt) = oneshot::channel();
        self.queue.try_send(Submission { records, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => IntakeError::Full,
            mpsc::error::TrySendError::Closed(_) => IntakeError::Stopped,
        })?;
        Ok(async move { receipt.await.map_err(|_| IntakeError::Stopped)? })
    }
}
