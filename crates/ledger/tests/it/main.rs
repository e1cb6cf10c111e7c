//! Laws of the ledger, checked on made-up lives of sessions, and the price book against published prices.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it could not check"
)]

mod amendments;
mod arrival;
mod figures;
mod laws;
mod life;
mod live;
mod metering;
mod prices;
mod telling;
