//! `GET /api/v1/reports/{daily|monthly|session}`: the command line's reports, from the server that holds the
//! data.

use axum::Json;
use axum::extract::State;
use http::Uri;
use report::period::{self, Period, PeriodReport};
use report::sessions::{self, SessionReport};

use super::error::{ApiError, ErrorBody};
use super::overview::{OverviewQuery, range_of};
use crate::app::{App, AppState};
use crate::query::Parameters;

/// One row per day.
#[utoipa::path(
    get,
    path = "/api/v1/reports/daily",
    operation_id = "daily_report",
    tag = "reports",
    params(OverviewQuery),
    responses(
        (status = 200, description = "The report", body = PeriodReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn daily(State(app): State<AppState>, uri: Uri) -> Result<Json<PeriodReport>, ApiError> {
    by_period(&app, &uri, Period::Day).await
}

/// One row per month.
#[utoipa::path(
    get,
    path = "/api/v1/reports/monthly",
    operation_id = "monthly_report",
    tag = "reports",
    params(OverviewQuery),
    responses(
        (status = 200, description = "The report", body = PeriodReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn monthly(State(app): State<AppState>, uri: Uri) -> Result<Json<PeriodReport>, ApiError> {
    by_period(&app, &uri, Period::Month).await
}

/// One row per session.
#[utoipa::path(
    get,
    path = "/api/v1/reports/session",
    operation_id = "session_report",
    tag = "reports",
    params(OverviewQuery),
    responses(
        (status = 200, description = "The report", body = SessionReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_session(
    State(app): State<AppState>,
    uri: Uri,
) -> Result<Json<SessionReport>, ApiError> {
    let range = range_of(&app, &Parameters::of(&uri))?;
    let price_book = app.settings.price_book.clone();
    let parameters = sessions::Parameters { range: Some(range), limit: None, price_book };
    Ok(Json(sessions::ask(app.store.as_ref(), &parameters).await?))
}

async fn by_period(app: &App, uri: &Uri, period: Period) -> Result<Json<PeriodReport>, ApiError> {
    let range = range_of(app, &Parameters::of(uri))?;
    let parameters = period::Parameters {
        period,
        since: Some(range.start()),
        until: Some(range.end()),
        zone: range.zone().clone(),
        price_book: app.settings.price_book.clone(),
    };
    Ok(Json(period::ask(app.store.as_ref(), &parameters).await?))
}
