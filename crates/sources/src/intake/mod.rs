//! The one door into the ledger.
//!
//! Sources hand over records; one writer task groups what waits, settles the sessions concerned and
//! commits evidence and postings in one transaction. A submission is answered after that transaction is
//! durable.

mod handle;

pub use handle::{Intake, IntakeError, Receipt, Submission};
