//! The one door into the ledger.
//!
//! Sources hand over records; one writer task groups what waits, settles the sessions concerned and
//! commits evidence and postings in one transaction. A submission is answered after that transaction is
//! durable; several of them may become so together, where their sender has more to send.

mod at_hand;
mod clerk;
mod due;
mod families;
mod gauges;
mod handle;
mod heaps;
mod kin;
mod orders;
mod rebuild;
mod recount;
mod repricing;
mod settling;
mod shelf;
mod sorting;
mod standing;
mod writer;

pub use clerk::{Clerk, CommitListener, NobodyListens, Settings};
pub use gauges::IntakeGauges;
pub use handle::{Condition, Intake, IntakeError, Receipt, Submission};
pub use rebuild::Rebuilding;
pub use recount::{Fault, Recount, Recounting, Wrong, recount};
pub(crate) use writer::SUBMISSIONS_STAGED;
pub use writer::{Writer, start};

#[cfg(test)]
mod tests;
