//! The whole program, from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says aloud what it skips"
)]

mod analytics;
mod bad_input;
mod care;
mod commands;
mod corpora;
mod crashes;
mod figures;
mod fixtures;
mod layering;
mod numbered;
mod program;
mod real_client;
