//! The Claude Code Analytics API: Anthropic's public interface, answered from this ledger; and its neighbours
//! that clients of it call, from what Pitwall knows.
//!
//! Follows Anthropic's public documentation of the endpoints, of API errors and of API versions. What that
//! leaves open is decided here: unknown query parameters are ignored, `anthropic-version` may be left out,
//! and every error under `/v1/` has Anthropic's error body.

pub(crate) mod access;
pub(crate) mod api_keys;
pub(crate) mod cursor;
pub(crate) mod error;
mod id_pages;
pub(crate) mod organization;
pub(crate) mod usage_days;
mod usage_pages;
pub(crate) mod usage_report;
pub(crate) mod users;

pub use api_keys::{ApiKey, ApiKeyScope, ApiKeyStatus};
pub use cursor::CursorSecret;
pub use error::{AnalyticsErrorBody, AnalyticsErrorDetail};
pub use id_pages::IdPage;
pub use organization::Organization;
pub use usage_days::UsageDays;
pub(crate) use usage_pages::PageError;
pub use usage_report::ClaudeCodeUsageReport;
pub use users::User;
