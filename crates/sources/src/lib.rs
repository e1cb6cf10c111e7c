//! From the outside to records, and the one door into the ledger.
//!
//! Every source ends in [`model::Record`]s that are handed to [`intake::Intake`]: OTLP exports through
//! [`otlp`] (the protocol) and [`claude_code`] (the meaning of Claude Code's metrics and events), local
//! transcripts through [`transcripts`].

pub mod claude_code;
pub mod intake;
pub mod otlp;
pub mod transcripts;
