//! What can go wrong in a store.

use model::Timestamp;
use thiserror::Error;

/// Why a store could not do what was asked. After an error nothing of the transaction has been kept.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk has no room left. Nothing else is affected; writing may be tried again.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// Another process holds the data.
    #[error("the data is in use by another process: {0}")]
    InUse(String),
    /// The data was written by a newer version of Pitwall.
    #[error("the data has format {found}, this version knows formats up to {known}: use a newer Pitwall")]
    NewerFormat {
        /// The format found.
        found: u32,
        /// The newest format that this version knows.
        known: u32,
    },
    /// Stored bytes do not read as what they should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// A transaction's time is not after the ledger's boundary.
    #[error("a transaction at {posted_at:?} would not follow the boundary {boundary:?}")]
    OutOfOrder {
        /// The transaction's time.
        posted_at: Timestamp,
        /// The ledger's boundary.
        boundary: Timestamp,
    },
    /// What was asked is a view of the store, see [`crate::Within`].
    #[error("this shows a part of the ledger and cannot be written")]
    ReadOnly,
    /// The engine failed in some other way.
    #[error("{0}")]
    Engine(String),
}
