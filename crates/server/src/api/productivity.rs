//! `GET /api/v1/productivity`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::productivity::{self, Productivity};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// Lines, commits, pull requests and active time, by day, by person and day, and for the money.
#[utoipa::path(
    get,
    path = "/api/v1/productivity",
    operation_id = "productivity",
    tag = "dashboard",
    params(RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = Productivity),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn productivity(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Productivity>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    let parameters = productivity::Parameters { range, comparison, filter, now: app.clock.now() };
    Ok(Json(productivity::ask(view.store.as_ref(), &parameters).await?))
}
