//! Settling everything again from its records.
//!
//! Nothing is thrown away for that: what differs is taken back and posted anew, in ordinary transactions. So it
//! can be stopped at any moment; what is done is done, and what is left is done the next time.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{Caretaker, Teller, all_sessions, tell};

/// What a rebuilding did.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rebuilt {
    /// Sessions settled again.
    pub(crate) sessions: u64,
    /// Ledger lines written to mend what differed.
    pub(crate) lines: u64,
}

/// Has the writer settle every session again, along with what comes in.
pub(super) async fn rebuild(keeper: &Caretaker, told: &Teller) -> Result<Rebuilt> {
    let intake = keeper.intake.as_ref().context("nobody writes here")?;
    keeper.ledger.derive_anew().await?;
    let sessions = all_sessions(keeper).await?;
    let mut standing = intake.rebuild(sessions).await?;
    loop {
        let now = *standing.borrow_and_update();
        let (sessions, left) = (now.sessions as u64, now.left as u64);
        tell(told, "Settling again", sessions - left, sessions);
        if left == 0 {
            return Ok(Rebuilt { sessions, lines: now.lines });
        }
        standing.changed().await.context("the writer stopped; run the command again to go on")?;
    }
}
