//! `GET /api/v1/forecast`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::forecast::{self, Forecast};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// What the running month will have cost at its end, and how it stands against the budget. The month is that of
/// today in the time zone; the range does not matter.
#[utoipa::path(
    get,
    path = "/api/v1/forecast",
    operation_id = "forecast",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The month", body = Forecast),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn forecast(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Forecast>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let parameters = forecast::Parameters {
        zone: range.zone().clone(),
        filter,
        now: app.clock.now(),
        budget: app.settings.monthly_budget,
    };
    Ok(Json(forecast::ask(view.store.as_ref(), &parameters).await?))
}
