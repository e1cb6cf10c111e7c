//! The whole router, in process, over a ledger in memory and a clock that stands still.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod analytics_api;
mod analytics_paging;
mod dashboard_api;
mod guard;
mod live;
mod openapi;
mod web;
mod world;
