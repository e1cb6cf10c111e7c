//! `GET /api/v1/requests/recent` and `GET /api/v1/live`: requests to models, one by one.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::{Extension, Json};
use futures::Stream;
use http::Uri;
use report::recent_requests::{self, MAX_LIMIT, RecentRequests};

use super::error::{ApiError, ErrorBody};
use super::event_stream::stream_of;
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// How many requests are listed when nobody says how many.
const DEFAULT_LIMIT: usize = 50;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct RecentRequestsQuery {
    /// How many.
    #[param(default = 50, minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// The newest requests to models, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/requests/recent",
    operation_id = "recent_requests",
    tag = "dashboard",
    params(RecentRequestsQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The requests", body = RecentRequests),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn recent(
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<RecentRequests>, ApiError> {
    let limit = Parameters::of(&uri).number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    Ok(Json(recent_requests::ask(view.store.as_ref(), limit).await?))
}

/// Requests to models as they are committed, as server-sent events: `request` with a request as in
/// `/api/v1/requests/recent`, and `lagged` with `{"skipped": n}` when the reader was too slow. Comments in
/// between keep the connection alive.
#[utoipa::path(
    get,
    path = "/api/v1/live",
    operation_id = "live",
    tag = "dashboard",
    params(OrganizationQuery),
    responses(
        (status = 200, description = "Events until either side ends it", body = String,
         content_type = "text/event-stream"),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn live(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    Ok(stream_of("request", app.live.watch_requests(view)?))
}
