//! What the writer does between two transactions when an operator asks for it.

use std::pin::Pin;

use model::SessionId;
use tokio::sync::{oneshot, watch};

use super::{Intake, IntakeError, Rebuilding};

/// Work that nothing may be written beside.
pub(super) type Alone = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An order to the writer.
pub(super) enum Order {
    /// To settle sessions again from all their records.
    Rebuild(Vec<SessionId>, oneshot::Sender<watch::Receiver<Rebuilding>>),
    /// To let go of what is at hand of sessions, and to wait for some work before anything else is written.
    Alone(Vec<SessionId>, Alone),
}

impl Intake {
    /// Has sessions settled again from all their records, a few at a time along with what comes in; returns how
    /// that stands, as it changes.
    pub async fn rebuild(
        &self,
        sessions: Vec<SessionId>,
    ) -> Result<watch::Receiver<Rebuilding>, IntakeError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Rebuild(sessions, answer)).await?;
        answered.await.map_err(|_| IntakeError::Stopped)
    }

    /// Runs some work while nothing is written, after whoever writes has let go of these sessions.
    pub async fn alone<T: Send + 'static>(
        &self,
        sessions: Vec<SessionId>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, IntakeError> {
        let (answer, answered) = oneshot::channel();
        let work = Box::pin(async move {
            // Whoever has asked may have left.
            let _gone = answer.send(work.await);
        });
        self.order(Order::Alone(sessions, work)).await?;
        answered.await.map_err(|_| IntakeError::Stopped)
    }
}
