//! What the store on DuckDB must do, beside what every store must.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells another what it did"
)]

mod conforms;
mod crash;
mod folding;
mod opening;
mod staging;
mod sums;
