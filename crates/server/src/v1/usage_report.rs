//! `GET /v1/organizations/usage_report/claude_code`

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use jiff::civil::Date;
use model::Timestamp;
use report::claude_code_usage::{self, ClaudeCodeUsage, UsagePage};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Caller;
use super::cursor::Cursor;
use super::error::{AnalyticsError, AnalyticsErrorBody};
use crate::app::{App, AppState};
use crate::query::{BadParameter, Parameters};

/// Rows per page when nobody says how many.
const DEFAULT_LIMIT: usize = 20;
/// Most rows per page.
const MAX_LIMIT: usize = 1_000;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct UsageReportQuery {
    /// The day, in UTC.
    #[param(example = "2026-11-20")]
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
    /// The rows, ordered by organization, actor type, actor name, customer type, subscription type,
    /// terminal and `is_remote`.
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
    params(
        UsageReportQuery,
        ("anthropic-version" = Option<String>, Header,
         description = "`2023-06-01` or `2026-10-21`; may be left out")
    ),
    responses(
        (status = 200, description = "A page of rows", body = ClaudeCodeUsageReport),
        (status = 400, description = "A header or parameter is wrong", body = AnalyticsErrorBody),
        (status = 401, description = "The key is missing or not usable", body = AnalyticsErrorBody),
        (status = 403, description = "The key is not an admin key", body = AnalyticsErrorBody),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn usage_report(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Json<ClaudeCodeUsageReport>, AnalyticsError> {
    let query = Parameters::of(&uri);
    let day = query.date("starting_at")?.ok_or_else(|| {
        BadParameter::new("starting_at", "is required: a UTC date in the form YYYY-MM-DD, such as 2026-11-20")
    })?;
    let limit = query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    let cursor = match query.get("page")? {
        Some(text) => {
            let now = app.clock.now();
            let cursor = Cursor::read(text, &app.cursor_secret, caller.organization.as_ref(), day, now);
            cursor.map_err(|error| BadParameter::new("page", error.to_string()))?
        }
        None => first_cursor(&app, &caller, day).await?,
    };
    let page = rows_at(&app, &cursor, limit).await?;
    let next = page.last_key.map(|last_key| cursor.after(last_key).encode(&app.cursor_secret));
    let next_page = next.transpose().map_err(|error| AnalyticsError::internal(&error))?;
    Ok(Json(ClaudeCodeUsageReport { data: page.rows, has_more: next_page.is_some(), next_page }))
}

/// A run that starts now, on everything committed and old enough.
async fn first_cursor(app: &App, caller: &Caller, day: Date) -> Result<Cursor, AnalyticsError> {
    let as_of = app.store.boundary().await.map_err(|error| AnalyticsError::internal(&error))?;
    let now = app.clock.now();
    let freshness = app.settings.analytics.freshness;
    let before = if freshness.is_zero() {
        Timestamp::MAX
    } else {
        now.plus_micros(-i64::try_from(freshness.as_micros()).unwrap_or(i64::MAX))
    };
    Ok(Cursor::start(caller.organization.clone(), day, now, as_of, before))
}

async fn rows_at(app: &App, cursor: &Cursor, limit: usize) -> Result<UsagePage, AnalyticsError> {
    if let Some(day) = app.usage_days.get(cursor) {
        return Ok(day.page(cursor.last_key.as_ref(), limit));
    }
    let parameters = claude_code_usage::Parameters {
        day: cursor.day,
        organization: cursor.organization.clone(),
        home_organization: app.settings.analytics.home_organization.clone(),
        as_of: cursor.as_of,
        before: cursor.before,
    };
    let day = Arc::new(claude_code_usage::ask(app.store.as_ref(), &parameters).await?);
    let page = day.page(cursor.last_key.as_ref(), limit);
    app.usage_days.keep(cursor, day);
    Ok(page)
}
