//! `GET /api/v1/overview`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::overview::{self, Overview};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// Figures of a range of days, compared with as many earlier days.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    operation_id = "overview",
    tag = "dashboard",
    params(RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = Overview),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn overview(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Overview>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    let price_book = app.settings.price_book.clone();
    let parameters = overview::Parameters { range, comparison, filter, now: app.clock.now(), price_book };
    Ok(Json(overview::ask(view.store.as_ref(), &parameters).await?))
}
