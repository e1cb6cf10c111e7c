//! `GET /api/v1/cost`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::cost::{self, CostReport};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// What cost consists of: kinds of tokens, what the cache saved, what the client reported against the price book.
#[utoipa::path(
    get,
    path = "/api/v1/cost",
    operation_id = "cost",
    tag = "dashboard",
    params(RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = CostReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn cost(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<CostReport>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    let parameters = cost::Parameters { range, comparison, filter };
    Ok(Json(cost::ask(view.store.as_ref(), &app.prices, &parameters).await?))
}
