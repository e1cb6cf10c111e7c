//! `GET /api/v1/cost/breakdown`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::breakdown::{self, Breakdown, Part};

use super::error::{ApiError, ErrorBody};
use super::question::{ComparisonQuery, FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct BreakdownQuery {
    /// What cost is told apart by.
    #[param(inline)]
    by: Part,
}

/// Cost by what it went to, over the range and by day.
#[utoipa::path(
    get,
    path = "/api/v1/cost/breakdown",
    operation_id = "cost_breakdown",
    tag = "dashboard",
    params(BreakdownQuery, RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The parts", body = Breakdown),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn cost_breakdown(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Breakdown>, ApiError> {
    let Question { range, comparison, filter } = Question::of(&app, &uri)?;
    let by = part_of(&Parameters::of(&uri))?;
    let parameters = breakdown::Parameters { range, comparison, filter, by, now: app.clock.now() };
    Ok(Json(breakdown::ask(view.store.as_ref(), &parameters).await?))
}

fn part_of(query: &Parameters) -> Result<Part, BadParameter> {
    query.get("by")?.and_then(Part::named).ok_or_else(|| {
        let names = Part::ALL.map(|(name, _)| name).join(", ");
        BadParameter::new("by", format!("must be one of {names}"))
    })
}
