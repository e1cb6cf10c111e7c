//! `GET /api/v1/live/now`, `/api/v1/live/recent` and `/api/v1/live/activity`: what is going on.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::{Extension, Json};
use futures::Stream;
use http::Uri;
use report::live_activity::{self, MAX_LIMIT, RecentActivity};
use report::live_now::{self, LiveNow};

use super::error::{ApiError, ErrorBody};
use super::event_stream::stream_of;
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// How much is listed when nobody says how much.
const DEFAULT_LIMIT: usize = 100;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct RecentActivityQuery {
    /// How many.
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Sessions that are running, and how fast money is spent.
#[utoipa::path(
    get,
    path = "/api/v1/live/now",
    operation_id = "live_now",
    tag = "dashboard",
    params(OrganizationQuery),
    responses(
        (status = 200, description = "What is going on", body = LiveNow),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn now(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<Json<LiveNow>, ApiError> {
    let parameters = live_now::Parameters { now: app.clock.now() };
    Ok(Json(live_now::ask(view.store.as_ref(), &parameters).await?))
}

/// The newest things that happened, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/live/recent",
    operation_id = "recent_activity",
    tag = "dashboard",
    params(RecentActivityQuery, OrganizationQuery),
    responses(
        (status = 200, description = "What happened", body = RecentActivity),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn recent(
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<RecentActivity>, ApiError> {
    let limit = Parameters::of(&uri).number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    Ok(Json(live_activity::ask(view.store.as_ref(), limit).await?))
}

/// What happens, as it is committed, as server-sent events: `activity` with what `/api/v1/live/recent` lists,
/// and `lagged` with `{"skipped": n}` when the reader was too slow. Comments in between keep the connection
/// alive.
#[utoipa::path(
    get,
    path = "/api/v1/live/activity",
    operation_id = "live_activity",
    tag = "dashboard",
    params(OrganizationQuery),
    responses(
        (status = 200, description = "Events until either side ends it", body = String,
         content_type = "text/event-stream"),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn activity(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    Ok(stream_of("activity", app.live.watch_activities(view)?))
}
