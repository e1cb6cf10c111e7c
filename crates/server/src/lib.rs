//! Everything Pitwall serves over HTTP, but the intake of telemetry.
//!
//! - `/v1/organizations/usage_report/claude_code`: the Claude Code Analytics API ([`v1`]);
//! - `/api/v1/…`: what the dashboard asks ([`api`]), described by [`openapi`];
//! - `/`: the dashboard itself ([`web`]);
//! - `/healthz`, `/readyz`.
//!
//! The binary fills an [`App`] and serves [`router()`]; routes of its own, such as OTLP intake, go through
//! [`router_with`], so that they get request ids and the guard against foreign pages as well. Handlers ask
//! `report` and translate; they do no arithmetic on measures.

pub mod api;
mod app;
mod auth;
mod headers;
mod health;
mod live;
mod origin;
mod query;
mod request_id;
mod router;
mod settings;
pub mod v1;
pub mod web;

pub use app::{App, AppState};
pub use auth::LocalToken;
pub use live::LiveFeed;
pub use router::{openapi, router, router_with};
pub use settings::{Access, AnalyticsSettings, DEFAULT_FRESHNESS, Settings};
