//! `GET /api/v1/tools/decisions`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::decision_mix::{self, DecisionMix, DecisionPart};

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
struct DecisionsQuery {
    /// What decisions are told apart by.
    #[param(inline)]
    by: DecisionPart,
}

/// Decisions on tool calls, day by day, by who decided, tool or language.
#[utoipa::path(
    get,
    path = "/api/v1/tools/decisions",
    operation_id = "tool_decisions",
    tag = "dashboard",
    params(DecisionsQuery, RangeQuery, ComparisonQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The decisions", body = DecisionMix),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn tool_decisions(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<DecisionMix>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let by = part_of(&Parameters::of(&uri))?;
    let parameters = decision_mix::Parameters { range, filter, by, now: app.clock.now() };
    Ok(Json(decision_mix::ask(view.store.as_ref(), &parameters).await?))
}

fn part_of(query: &Parameters) -> Result<DecisionPart, BadParameter> {
    query.get("by")?.and_then(DecisionPart::named).ok_or_else(|| {
        let names = DecisionPart::ALL.map(|(name, _)| name).join(", ");
        BadParameter::new("by", format!("must be one of {names}"))
    })
}
