//! Laws of the ledger, checked on made-up lives of sessions, and the price book against published prices.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod amendments;
mod arrival;
mod figures;
mod laws;
mod life;
mod metering;
mod prices;
mod telling;
