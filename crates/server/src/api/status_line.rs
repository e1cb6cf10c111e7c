//! `GET /api/v1/status-line`: what a prompt's status line shows.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::range::Zone;
use report::status_line::{self, StatusLine};

use super::error::{ApiError, ErrorBody};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct StatusLineQuery {
    /// The session at whose prompt it is shown.
    session_id: Option<String>,
    /// IANA name of the zone that today is cut in. UTC when left out.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
}

/// Today, the running five-hour window, and one session.
#[utoipa::path(
    get,
    path = "/api/v1/status-line",
    operation_id = "status_line",
    tag = "reports",
    params(StatusLineQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures of the moment", body = StatusLine),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn status_line(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<StatusLine>, ApiError> {
    let query = Parameters::of(&uri);
    let zone = query.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    let session = query.get("session_id")?.map(|id| view.sessions_named(id)).unwrap_or_default();
    let parameters = status_line::Parameters { session, zone, now: app.clock.now() };
    Ok(Json(status_line::ask(view.store.as_ref(), &parameters).await?))
}
