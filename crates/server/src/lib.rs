//! Everything Pitwall serves over HTTP, but the intake of telemetry.
//!
//! - `/v1/organizations/…`: the Claude Code Analytics API, and its neighbours that clients call ([`v1`]);
//! - `/api/analytics`: the same days and their totals, for dashboards of one's own ([`api`]);
//! - `/api/v1/…`: what the dashboard asks;
//! - `/widget/…`: cards for other pages (`widgets`);
//! - `/api/openapi.json`, `/api/docs`: all of it described ([`openapi`]);
//! - `/`: the dashboard itself ([`web`]);
//! - `/healthz`, `/readyz`, `/metrics`.
//!
//! The binary fills an [`App`] and serves [`router()`]; routes of its own, such as OTLP intake, go through
//! [`router_with`], so that they get request ids and the guard against foreign pages as well. Handlers ask
//! `report` and translate; they do no arithmetic on measures.

pub mod api;
mod app;
mod auth;
mod csv;
mod headers;
mod health;
mod live;
mod metrics;
mod organizations;
mod origin;
mod panics;
mod query;
mod rate_limits;
mod readable;
mod request_id;
mod router;
mod settings;
mod unchanged;
pub mod v1;
pub mod web;
mod widgets;

pub use app::{App, AppState};
pub use auth::LocalToken;
pub use health::{Writing, WritingWatch};
pub use live::LiveFeed;
pub use organizations::Organizations;
pub use rate_limits::{DEFAULT_BURST, DEFAULT_REQUESTS_PER_MINUTE, RateLimit, RateLimits};
pub use router::{openapi, router, router_with};
pub use settings::{Access, AnalyticsSettings, DEFAULT_FRESHNESS, Settings};
pub use widgets::WidgetSecret;
