//! The Claude Code Analytics API: Anthropic's public interface, answered from this ledger.
//!
//! Follows Anthropic's public documentation of the endpoint, of API errors and of API versions. What that
//! leaves open is decided here: unknown query parameters are ignored, `anthropic-version` may be left out,
//! and every error under `/v1/` has Anthropic's error body.

pub(crate) mod access;
pub(crate) mod cursor;
pub(crate) mod error;
mod usage_days;
pub(crate) mod usage_report;

pub use cursor::CursorSecret;
pub use error::{AnalyticsErrorBody, AnalyticsErrorDetail};
pub use usage_days::UsageDays;
pub use usage_report::ClaudeCodeUsageReport;
