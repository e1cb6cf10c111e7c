//! The architecture as it is written down, held against the code as it is.
//!
//! `ARCHITECTURE.md` says which crate may depend on which, and which rules hold everywhere. What of that the
//! compiler and the lints do not hold is held here, by reading manifests and sources. The checks look at
//! words, not at types: they are there to stop a slip, not somebody who means to get round them.

#![expect(clippy::expect_used, clippy::panic, reason = "in a test, failing is how to report")]

mod edges;
mod invariants;
mod named_places;
mod repository;
mod rust_source;
