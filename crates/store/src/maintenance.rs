//! What an operator has done to a store, beside the hot path.
//!
//! [`Store`] can only add, and nothing here edits what is there either. What is to go is marked first, which is
//! a small addition and holds from then on; then everything else is written anew ([`Maintenance::rewrite`])
//! and takes the place of the old. A crash in between leaves the old, with its marks.

use std::path::Path;

use async_trait::async_trait;
use model::{EvidenceBatch, LedgerLine, Record, SessionId, Source, Timestamp};

use crate::{Store, StoreError, codec};

/// A session whose records are given up while its lines stay.
///
/// It is not settled from all its records any more, since they are not there: what was posted by then stands
/// for good, and what comes later is settled by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seal {
    /// The session.
    pub session: SessionId,
    /// The ledger's boundary at the time: its records up to then are given up.
    pub posted_at: Timestamp,
    /// The newest of these records: what is not newer may be one of them, and is not taken in again.
    pub newest_at: Timestamp,
}

/// What is known of a session as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionSpan {
    /// The session.
    pub session: SessionId,
    /// Time of its newest record.
    pub newest_at: Timestamp,
    /// How many of its records are kept, those given up not counted.
    pub records: u64,
}

/// A batch of records as it is kept: unpacked only by whoever looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBatch {
    /// The time of the transaction that brought it.
    pub posted_at: Timestamp,
    /// Whose records they are.
    pub session: SessionId,
    /// Where they came from.
    pub source: Source,
    /// How many there are.
    pub records: u64,
    /// The records, as [`codec`] writes them.
    pub payload: Vec<u8>,
}

impl PackedBatch {
    /// The batch itself.
    pub fn unpack(self, decoder: &mut codec::Decoder) -> Result<EvidenceBatch, StoreError> {
        decoder.decode(self.session, self.source, &self.payload)
    }
}

/// A part of all rows, in the order in which they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch<T> {
    /// The rows; there may be none although more follow.
    pub rows: Vec<T>,
    /// Where the next part begins; nothing when this was the last.
    pub next: Option<u64>,
}

/// How everything is written anew, beside what is marked being left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rewriting {
    /// Leaves out the pairs of an entry and a reversal that were both posted before this, and puts the batches of
    /// records together that one source sent of one session before it: what the ledger said at boundaries before it
    /// can then not be asked for any more. Only batches that lie near each other come together.
    pub fold_before: Option<Timestamp>,
    /// Makes old records thinner.
    pub thin: Option<Thinning>,
}

/// What records keep when they are old.
#[derive(Clone, Copy, Debug)]
pub struct Thinning {
    /// Batches whose newest record is older are thinned, each once.
    pub before: Timestamp,
    /// Takes from a record what is not kept. It must not change what is counted, nor whose the record is.
    pub thin: fn(&mut Record),
}

/// How much a rewriting would find to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wear {
    /// Ledger lines.
    pub lines: u64,
    /// Those of them that are reversals from before [`Rewriting::fold_before`].
    pub reversals: u64,
    /// Batches of records.
    pub batches: u64,
    /// How many fewer there would be of those from before [`Rewriting::fold_before`], if all were put together that
    /// have not been.
    pub scattered: u64,
    /// Batches of records that are to be thinned.
    pub thick: u64,
}

/// What a rewriting changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Ledger lines before and after.
    pub lines: (u64, u64),
    /// Bytes on disk before and after; zero where nothing is kept on a disk.
    pub bytes: (u64, u64),
}

/// What a store finds about itself without knowing what records mean. Sessions are sorted, and at most
/// [`Audit::MOST`] are named for each fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Ledger lines, reversals included.
    pub lines: u64,
    /// Records, those given up included.
    pub records: u64,
    /// Transactions.
    pub transactions: u64,
    /// Sessions with a request that stands more than once in the ledger of its tenant.
    pub doubled: Vec<SessionId>,
    /// Sessions with lines though there never were records of theirs or of kin.
    pub unfounded: Vec<SessionId>,
    /// Sessions with lines or records of a transaction that is not there.
    pub untimed: Vec<SessionId>,
    /// Sessions that name kin which does not name them.
    pub lopsided: Vec<SessionId>,
    /// Sessions of which what was added up ahead of the questions is not what their lines amount to.
    pub wrongly_added: Vec<SessionId>,
}

impl Audit {
    /// How many sessions are named for each fault.
    pub const MOST: usize = 100;
}

/// A store that can be looked after.
#[async_trait]
pub trait Maintenance: Store {
    /// Sessions that records came in for and that are not forgotten, in order of their ids, at most `limit`, from
    /// the one that follows `after` on.
    async fn sessions(&self, after: Option<&SessionId>, limit: usize)
    -> Result<Vec<SessionSpan>, StoreError>;

    /// Sessions with a line of this actor, reversals included.
    async fn sessions_of_actor(&self, name: &str) -> Result<Vec<SessionId>, StoreError>;

    /// The next evidence in the order in which it lies, of transactions up to a boundary: from a place on, which is 0 at
    /// first. What was given up or forgotten is left out.
    ///
    /// For whoever reads everything: the evidence of some sessions lies between that of all others who were at work at the
    /// time, so that each search for it reads much of that, too. Nothing may be written anew between two parts.
    async fn evidence_in_order(
        &self,
        from: u64,
        until: Timestamp,
    ) -> Result<Stretch<PackedBatch>, StoreError>;

    /// The same of the ledger's lines; those of sessions whose records were given up are among them.
    async fn lines_in_order(&self, from: u64, until: Timestamp) -> Result<Stretch<LedgerLine>, StoreError>;

    /// Gives up the records of sessions: they are not read any more from now on. The caller sees to it that
    /// whoever writes has nothing at hand of these sessions.
    async fn seal(&self, sessions: &[SessionId]) -> Result<(), StoreError>;

    /// Marks sessions as to be erased. Only a hash of each id is kept beyond the next rewriting.
    async fn forget(&self, sessions: &[SessionId]) -> Result<(), StoreError>;

    /// Writes everything anew, without what is marked. Questions go on meanwhile; at the end, writing and asking
    /// wait for a moment.
    async fn rewrite(&self, how: Rewriting) -> Result<Rewritten, StoreError>;

    /// How much there is to do for it.
    async fn wear(&self, how: Rewriting) -> Result<Wear, StoreError>;

    /// Makes anew what is there only to answer faster.
    async fn derive_anew(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Looks for what no sequence of transactions can have left behind.
    async fn audit(&self) -> Result<Audit, StoreError>;

    /// Writes a copy of everything to a file that is not there yet, and returns the boundary it holds.
    /// Writing goes on meanwhile.
    async fn back_up(&self, file: &Path) -> Result<Timestamp, StoreError>;
}
