//! What dashboards ask: `/api/analytics`, and under `/api/v1` what our own needs. Money is in micro-dollars,
//! times are RFC 3339 in UTC, and every error has the shape of [`error::ErrorBody`].

pub mod analytics;
mod analytics_csv;
pub mod connect;
pub mod demo;
pub(crate) mod docs;
pub mod error;
pub(crate) mod explain;
pub(crate) mod openapi;
pub(crate) mod overview;
pub(crate) mod reports;
pub(crate) mod requests;
pub mod status;
pub(crate) mod status_line;
pub(crate) mod top;
