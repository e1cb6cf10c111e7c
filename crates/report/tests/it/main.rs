//! Reports on hand-made ledgers, with answers computed by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod analytics;
mod blocks;
mod claude_code_usage;
mod day_boundaries;
mod explain;
mod ledger;
mod overview;
mod period;
mod price_now;
mod projects;
mod recent_requests;
mod sessions;
mod shapes;
mod status_line;
mod tools_and_models;
mod top;
