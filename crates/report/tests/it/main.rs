//! Reports on hand-made ledgers, with answers computed by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod analytics;
mod blocks;
mod claude_code_usage;
mod cost;
mod data_health;
mod day_boundaries;
mod explain;
mod filter;
mod forecast;
mod ledger;
mod moments;
mod overview;
mod people;
mod period;
mod price_now;
mod projects;
mod projects_listed;
mod recent_requests;
mod session_list;
mod session_story;
mod sessions;
mod shapes;
mod status_line;
mod tools_and_models;
mod top;
mod work;
