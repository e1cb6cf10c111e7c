//! `GET /api/v1/top`: what is going on.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::range::Zone;
use report::top::{self, Top};

use super::error::{ApiError, ErrorBody};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct TopQuery {
    /// IANA name of the zone that today is cut in. UTC when left out.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
}

/// The sessions at work, how fast they use tokens, their newest tool calls.
#[utoipa::path(
    get,
    path = "/api/v1/top",
    operation_id = "top",
    tag = "reports",
    params(TopQuery, OrganizationQuery),
    responses(
        (status = 200, description = "What is going on", body = Top),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn top(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Top>, ApiError> {
    let query = Parameters::of(&uri);
    let zone = query.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    Ok(Json(top::ask(view.store.as_ref(), &zone, app.clock.now()).await?))
}
