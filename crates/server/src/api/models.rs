//! `GET /api/v1/models`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::model_mix::{self, ModelMix};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;

/// Models: how much each did, what a request cost, how long it took, how often it failed.
#[utoipa::path(
    get,
    path = "/api/v1/models",
    operation_id = "models",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = ModelMix),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn models(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ModelMix>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let parameters = model_mix::Parameters { range, filter, now: app.clock.now() };
    Ok(Json(model_mix::ask(view.store.as_ref(), &parameters).await?))
}
