//! `GET /v1/organizations/usage_report/claude_code`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use jiff::civil::Date;
use model::Timestamp;
use report::claude_code_usage::ClaudeCodeUsage;
use report::narrowing::Narrowing;
use serde::Serialize;
use utoipa::ToSchema;

use super::cursor::Run;
use super::error::{AnalyticsError, AnalyticsErrorBody};
use super::usage_days::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::app::{App, AppState};
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// Tells cursors of this path from those of others.
const QUESTION: &str = "claude_code";

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct UsageReportQuery {
    /// The day, in UTC.
    #[param(example = "2026-11-20", pattern = r"^\d{4}-\d{2}-\d{2}$")]
    starting_at: Date,
    /// Rows per page. May change from page to page.
    #[param(default = 20, minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// `next_page` of the page before.
    page: Option<String>,
}

/// One page of a day's rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaudeCodeUsageReport {
    /// The rows, ordered by actor type, actor name, customer type, subscription type, terminal and
    /// `is_remote`.
    pub data: Vec<ClaudeCodeUsage>,
    /// Whether more rows follow.
    pub has_more: bool,
    /// What to send as `page` to get them; null at the end.
    #[schema(required)]
    pub next_page: Option<String>,
}

/// Use of Claude Code on one UTC day, a row per actor, customer type, terminal and place.
///
/// All pages of a run show the state of the ledger at its first page. Only what happened longer ago than
/// the setting `analytics.freshness` is in it. Unknown parameters are ignored.
#[utoipa::path(
    get,
    path = "/v1/organizations/usage_report/claude_code",
    operation_id = "claude_code_usage_report",
    tag = "analytics",
    params(UsageReportQuery, super::access::VersionHeader),
    responses(
        (status = 200, description = "A page of rows", body = ClaudeCodeUsageReport),
        (status = 400, description = "A header or parameter is wrong", body = AnalyticsErrorBody),
        (status = 401, description = "The key is missing or not usable", body = AnalyticsErrorBody),
        (status = 403, description = "The key is not an admin key", body = AnalyticsErrorBody),
        (status = 429, description = "The key asks too often", body = AnalyticsErrorBody),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn usage_report(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ClaudeCodeUsageReport>, AnalyticsError> {
    let query = Parameters::of(&uri);
    let day = query.date("starting_at")?.ok_or_else(|| {
        BadParameter::new("starting_at", "is required: a UTC date in the form YYYY-MM-DD, such as 2026-11-20")
    })?;
    let limit = query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    let run = Run { organization: view.organization.clone(), question: QUESTION.to_owned(), day };
    let cursor = app.cursor_at(run, query.get("page")?, &view, old_enough(&app)).await?;
    let page = app.rows_at(&cursor, limit, &view, &Narrowing::default()).await?;
    let next_page = app.next_page(&cursor, &page)?;
    let data = page.rows.into_iter().map(|row| row.usage).collect();
    Ok(Json(ClaudeCodeUsageReport { data, has_more: next_page.is_some(), next_page }))
}

/// Only what happened before this is shown to a run that begins now.
fn old_enough(app: &App) -> Timestamp {
    let freshness = app.settings.analytics.freshness;
    if freshness.is_zero() {
        return Timestamp::MAX;
    }
    app.clock.now().plus_micros(-i64::try_from(freshness.as_micros()).unwrap_or(i64::MAX))
}
