//! The port to the ledger's store.
//!
//! [`Store`] says what an engine must do, in the ledger's words: no SQL crosses it. [`schema`] lists the
//! columns once; engines derive their tables, inserts and reads from it. [`Maintenance`] is what an operator has
//! done beside that. [`MemoryStore`] is the reference
//! every engine is compared with by the [`conformance`] suite. [`Within`] shows what belongs to one organization
//! and nothing else; [`InTeams`] shows people in the teams that the operator put them in.

pub mod codec;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod in_teams;
mod maintenance;
mod memory;
mod port;
mod query;
pub mod schema;
mod within;

pub use error::StoreError;
pub use in_teams::InTeams;
pub use maintenance::{
    Audit, Maintenance, PackedBatch, Rewriting, Rewritten, Seal, SessionSpan, Stretch, Thinning, Wear,
};
pub use memory::MemoryStore;
pub use port::{Store, Transaction, balance, folded, net};
pub use query::{Figure, Filter, Group, LineQuery, Order, Query, Row, TimeBucket, Width};
pub use schema::{Dimension, Measure, Value};
pub use within::Within;
