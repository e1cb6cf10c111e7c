//! Why a question has no answer.

use jiff::civil::Date;
use store::StoreError;
use thiserror::Error;

/// Why a report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The name is in no zone database.
    #[error("\"{0}\" is not a time zone: use an IANA name such as Europe/Berlin, or UTC")]
    UnknownTimeZone(String),
    /// The range runs backwards.
    #[error("the range ends on {end}, before it starts on {start}")]
    EndBeforeStart {
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
    },
    /// The range, or the one before it that it is compared with, is more than a report covers.
    #[error("the range from {start} to {end} is too long: at most {limit} days, in the years 1970 to 9998")]
    RangeTooLong {
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
        /// Most days.
        limit: u32,
    },
    /// More is asked for at once than is answered.
    #[error("at most {limit} at once")]
    TooMany {
        /// The most.
        limit: usize,
    },
    /// The ledger could not be read.
    #[error("the ledger could not be read")]
    Store(#[from] StoreError),
}

impl ReportError {
    /// Whether asking differently would help: the parameters are wrong, not the ledger.
    pub const fn is_bad_question(&self) -> bool {
        !matches!(self, Self::Store(_))
    }
}
