//! The port to the ledger's store.
//!
//! [`Store`] says what an engine must do, in the ledger's words: no SQL crosses it. [`schema`] lists the
//! columns once; engines derive their tables, inserts and reads from it. [`Maintenance`] is what an operator has
//! done beside that. [`MemoryStore`] is the reference
//! every engine is compared with by the [`conformance`] suite. [`Within`] shows what belongs to one organization
//! and nothing else.

pub mod codec;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod maintenance;
mod memory;
mod port;
mod query;
pub mod schema;
mod within;

pub use error::StoreError;
pub use maintenance::{Audit, Maintenance, Rewritten, Seal, SessionSpan};
pub use memory::MemoryStore;
pub use port::{Store, Transaction, balance, folded, net};
pub use query::{Figure, Filter, Group, LineQuery, Order, Query, Row, TimeBucket, Width};
pub use schema::{Dimension, Measure, Value};
pub use within::Within;
