//! Where the program learns the time from.

use crate::Timestamp;

/// The current time. Everything that needs "now" takes one of these, so that tests can set it.
pub trait Clock: Send + Sync {
    /// The current instant. May stand still or go back; callers that need order keep their own.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}
