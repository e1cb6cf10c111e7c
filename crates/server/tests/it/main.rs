//! The whole router, in process, over a ledger in memory and a clock that stands still.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod analytics_api;
mod analytics_days;
mod analytics_paging;
mod contract;
mod dashboard_api;
mod docs;
mod guard;
mod live;
mod neighbours;
mod openapi;
mod organizations;
mod organizations_apart;
mod panels;
mod questions;
mod rate_limits;
mod settings_shown;
mod teams;
mod unchanged;
mod web;
mod widgets;
mod world;
