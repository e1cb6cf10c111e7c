//! `GET /api/v1/filters`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::filter_values::{self, FilterValues};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// What can be filtered by: the values that occur in the range.
#[utoipa::path(
    get,
    path = "/api/v1/filters",
    operation_id = "filters",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The values of each filter", body = FilterValues),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn filters(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<FilterValues>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    Ok(Json(filter_values::ask(view.store.as_ref(), &range, &filter).await?))
}
