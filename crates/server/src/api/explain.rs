//! `GET /api/v1/explain` and `POST /api/v1/explain/against`: why a figure is what it is, and where another
//! reader's figures differ.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::explain::against::{self, Comparison, ForeignReport};
use report::explain::{self, Explanation};

use super::error::{ApiError, ErrorBody};
use super::reports::{ReportQuery, asked};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// The question's own part of the query.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ExplainQuery {
    /// Only this session.
    session_id: Option<String>,
}

/// The postings behind a figure, the evidence behind each, and the price used.
#[utoipa::path(
    get,
    path = "/api/v1/explain",
    operation_id = "explain",
    tag = "reports",
    params(ReportQuery, ExplainQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn explain(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Explanation>, ApiError> {
    let query = Parameters::of(&uri);
    let asked = asked(&app, &query)?;
    let parameters = explain::Parameters { session: query.get("session_id")?.map(str::to_owned) };
    Ok(Json(explain::ask(view.store.as_ref(), &asked, &parameters).await?))
}

/// Where another reader's figures differ, day by day and model by model, and why.
#[utoipa::path(
    post,
    path = "/api/v1/explain/against",
    operation_id = "explain_against",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    request_body = ForeignReport,
    responses(
        (status = 200, description = "The comparison", body = Comparison),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn against(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
    body: axum::body::Bytes,
) -> Result<Json<Comparison>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    let foreign: ForeignReport = serde_json::from_slice(&body)
        .map_err(|error| ApiError::InvalidRequest(format!("the body is not as described: {error}")))?;
    Ok(Json(against::ask(view.store.as_ref(), &asked, &foreign).await?))
}
