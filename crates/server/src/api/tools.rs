//! `GET /api/v1/tools`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::tool_use::{self, ToolUseReport};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// What people let tools do, how calls ended and how long they took.
#[utoipa::path(
    get,
    path = "/api/v1/tools",
    operation_id = "tools",
    tag = "dashboard",
    params(RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = ToolUseReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn tools(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ToolUseReport>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    let parameters = tool_use::Parameters { range, comparison, filter, now: app.clock.now() };
    Ok(Json(tool_use::ask(view.store.as_ref(), &parameters).await?))
}
