//! The one door into the ledger.
//!
//! Sources hand over records; one writer task groups what waits, settles the sessions concerned and
//! commits evidence and postings in one transaction. A submission is answered after that transaction is
//! durable.

mod clerk;
mod families;
mod handle;
mod repricing;
mod writer;

pub use clerk::{Clerk, CommitListener, NobodyListens, Settings};
pub use handle::{Intake, IntakeError, Receipt, Submission};
pub use writer::{Writer, start};

#[cfg(test)]
mod tests;
