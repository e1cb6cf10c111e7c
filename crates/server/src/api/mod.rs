//! What dashboards ask: `/api/analytics`, and under `/api/v1` what our own needs. Money is in micro-dollars,
//! times are RFC 3339 in UTC, and every error has the shape of [`error::ErrorBody`].

pub(crate) mod activity;
pub mod analytics;
mod analytics_csv;
pub(crate) mod breakdown;
pub mod connect;
pub(crate) mod cost;
pub(crate) mod data_health;
pub(crate) mod decisions;
pub mod demo;
pub(crate) mod docs;
pub mod error;
mod event_stream;
pub(crate) mod explain;
pub(crate) mod filters;
pub(crate) mod forecast;
pub(crate) mod live;
pub(crate) mod models;
pub(crate) mod movers;
pub(crate) mod openapi;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod postings;
pub(crate) mod productivity;
pub(crate) mod projects;
mod question;
pub(crate) mod reports;
pub(crate) mod requests;
pub(crate) mod sessions;
pub mod settings;
pub mod status;
pub(crate) mod status_line;
pub(crate) mod tools;
pub(crate) mod top;
