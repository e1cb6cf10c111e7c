//! Records as they are kept: in batches, one per session, source and transaction.

use crate::{Record, SessionId, Source, Timestamp};

/// The new records of one session from one source that one transaction keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceBatch {
    /// The session they were observed in.
    pub session: SessionId,
    /// Where they came from.
    pub source: Source,
    /// The records; never empty.
    pub records: Vec<Record>,
}

impl EvidenceBatch {
    /// Time of the newest record.
    pub fn newest_at(&self) -> Timestamp {
        self.records.iter().map(|record| record.at).max().unwrap_or(Timestamp::MIN)
    }
}

/// What is known from one source: how many sessions, how much, how fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSummary {
    /// The source.
    pub source: Source,
    /// Sessions with at least one record from it.
    pub sessions: u64,
    /// Records kept from it.
    pub records: u64,
    /// Time of its newest record.
    pub newest_at: Timestamp,
}

/// What one source told of one session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionSource {
    /// The session.
    pub session: SessionId,
    /// The source.
    pub source: Source,
    /// Records kept from it.
    pub records: u64,
    /// Time of its newest record.
    pub newest_at: Timestamp,
}
