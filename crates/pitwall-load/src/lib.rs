//! Load for a server: simulated developers whose clients export telemetry as real ones do.
//!
//! Developers work in simulated time ([`developer`], [`workforce`]); what their clients export is grouped into
//! requests ([`request`]) and sent over some connections ([`run`], [`transport`]), with the client's retries
//! and with faults if wanted ([`faults`]). What the exports amount to is counted while they are made
//! ([`truth`]), so that the ledger behind the server can be compared with it afterwards ([`ledger`]).

pub mod developer;
pub mod faults;
pub mod ledger;
pub mod process;
pub mod request;
pub mod run;
pub mod transport;
pub mod truth;
pub mod workforce;
