//! `GET /api/v1/overview`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use jiff::civil::Date;
use report::overview::{self, Overview};
use report::range::{DateRange, Zone};

use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// How many days are shown when nobody says which.
const DEFAULT_DAYS: u32 = 30;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct OverviewQuery {
    /// First day. The 30 days up to `end` when left out.
    start: Option<Date>,
    /// Last day, included. Today in the zone when left out.
    end: Option<Date>,
    /// IANA name of the zone that days are cut in. UTC when left out.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
}

/// Figures of a range of days, compared with as many days before.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    operation_id = "overview",
    tag = "dashboard",
    params(OverviewQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = Overview),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn overview(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Overview>, ApiError> {
    let range = range_of(&app, &Parameters::of(&uri))?;
    let price_book = app.settings.price_book.clone();
    let parameters = overview::Parameters { range, now: app.clock.now(), price_book };
    Ok(Json(overview::ask(view.store.as_ref(), &parameters).await?))
}

pub(super) fn range_of(app: &App, query: &Parameters) -> Result<DateRange, ApiError> {
    let zone = query.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    let (start, end) = (query.date("start")?, query.date("end")?);
    let range = match (start, end) {
        (Some(start), Some(end)) => DateRange::new(start, end, zone)?,
        (Some(start), None) => {
            let today = zone.day_of(app.clock.now());
            DateRange::new(start, today.max(start), zone)?
        }
        (None, Some(end)) => DateRange::days_until(end, DEFAULT_DAYS, zone)?,
        (None, None) => DateRange::last_days(DEFAULT_DAYS, app.clock.now(), zone)?,
    };
    Ok(range)
}
