//! `GET /api/v1/activity`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::activity::{self, Activity};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// The year of weeks up to the last day of the range, day by day.
#[utoipa::path(
    get,
    path = "/api/v1/activity",
    operation_id = "activity",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The days", body = Activity),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn activity(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Activity>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    Ok(Json(activity::ask(view.store.as_ref(), &range, &filter).await?))
}
