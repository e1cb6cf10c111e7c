//! `GET /api/v1/movers`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::movers::{self, Movers};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// Where cost rose and fell against the days compared with.
#[utoipa::path(
    get,
    path = "/api/v1/movers",
    operation_id = "movers",
    tag = "dashboard",
    params(RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The changes", body = Movers),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn movers(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Movers>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    Ok(Json(movers::ask(view.store.as_ref(), &range, comparison, &filter).await?))
}
