//! `GET /api/v1/reports/…`: the command line's reports, from the server that holds the data.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use jiff::civil::{Date, Weekday};
use report::asked::{Asked, RowOrder};
use report::blocks::{self, BlockReport};
use report::model_usage::{self, ModelReport};
use report::period::{self, Period, PeriodReport};
use report::projects::{self, ProjectReport};
use report::range::Zone;
use report::selection::Selection;
use report::sessions::{self, SessionReport};
use report::tools::{self, ToolReport};

use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// The most rows that can be asked for by number; leaving the limit out asks for all.
const MAX_LIMIT: usize = 100_000;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// The query of every report, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
pub(super) struct ReportQuery {
    /// First day. The first with data when left out. `start` is understood as well.
    since: Option<Date>,
    /// Last day, included. The last with data when left out. `end` is understood as well.
    until: Option<Date>,
    /// IANA name of the zone that days are cut in. UTC when left out.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// Only this project: its directory, the last folders of it, or its repository. May be given several
    /// times. A project's worktrees belong to it.
    project: Option<Vec<String>>,
    /// Only this model: its id in any spelling, or a part of it. May be given several times.
    #[param(example = "claude-opus-5-5")]
    model: Option<Vec<String>>,
    /// `asc` or `desc`: by time, or by cost for reports that are not about time.
    order: Option<String>,
    /// At most so many rows: the newest, or the most costly.
    limit: Option<i64>,
    /// `true` prices the tokens at the prices of now as well.
    price_now: Option<bool>,
}

/// One row per day.
#[utoipa::path(
    get,
    path = "/api/v1/reports/daily",
    operation_id = "daily_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = PeriodReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn daily(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<PeriodReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(period::ask(view.store.as_ref(), Period::Day, &asked).await?))
}

/// The weekly report's own part of the query.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct WeekQuery {
    /// The weekday that weeks begin with, in English and lower case.
    #[param(default = "monday")]
    start_of_week: Option<String>,
}

/// One row per week.
#[utoipa::path(
    get,
    path = "/api/v1/reports/weekly",
    operation_id = "weekly_report",
    tag = "reports",
    params(ReportQuery, WeekQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = PeriodReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn weekly(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<PeriodReport>, ApiError> {
    let parameters = Parameters::of(&uri);
    let first = parameters.word("start_of_week", &WEEKDAYS)?.unwrap_or(Weekday::Monday);
    let asked = asked(&app, &parameters)?;
    Ok(Json(period::ask(view.store.as_ref(), Period::Week(first), &asked).await?))
}

/// One row per month.
#[utoipa::path(
    get,
    path = "/api/v1/reports/monthly",
    operation_id = "monthly_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = PeriodReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn monthly(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<PeriodReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(period::ask(view.store.as_ref(), Period::Month, &asked).await?))
}

/// One row per session.
#[utoipa::path(
    get,
    path = "/api/v1/reports/session",
    operation_id = "session_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = SessionReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_session(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<SessionReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(sessions::ask(view.store.as_ref(), &asked).await?))
}

/// One row per five-hour window.
#[utoipa::path(
    get,
    path = "/api/v1/reports/blocks",
    operation_id = "block_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = BlockReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_block(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<BlockReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(blocks::ask(view.store.as_ref(), &asked, app.clock.now()).await?))
}

/// One row per model.
#[utoipa::path(
    get,
    path = "/api/v1/reports/models",
    operation_id = "model_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = ModelReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_model(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ModelReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(model_usage::ask(view.store.as_ref(), &asked).await?))
}

/// One row per project.
#[utoipa::path(
    get,
    path = "/api/v1/reports/projects",
    operation_id = "project_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = ProjectReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_project(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ProjectReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(projects::ask(view.store.as_ref(), &asked).await?))
}

/// One row per tool.
#[utoipa::path(
    get,
    path = "/api/v1/reports/tools",
    operation_id = "tool_report",
    tag = "reports",
    params(ReportQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The report", body = ToolReport),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn by_tool(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ToolReport>, ApiError> {
    let asked = asked(&app, &Parameters::of(&uri))?;
    Ok(Json(tools::ask(view.store.as_ref(), &asked).await?))
}

/// What every report is asked.
pub(super) fn asked(app: &App, parameters: &Parameters) -> Result<Asked, ApiError> {
    let limit = parameters.get("limit")?.map(|_| parameters.number("limit", 1, 1, MAX_LIMIT)).transpose()?;
    let zone = parameters.get("timezone")?.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    let since = parameters.date("since")?.map_or_else(|| parameters.date("start"), |date| Ok(Some(date)))?;
    let until = parameters.date("until")?.map_or_else(|| parameters.date("end"), |date| Ok(Some(date)))?;
    let orders = [("asc", RowOrder::Ascending), ("desc", RowOrder::Descending)];
    Ok(Asked {
        since,
        until,
        zone,
        selection: Selection { projects: parameters.all(&["project"]), models: parameters.all(&["model"]) },
        order: parameters.word("order", &orders)?,
        limit,
        prices: Arc::clone(&app.prices),
        price_now: parameters.flag("price_now")?.unwrap_or(false).then(|| app.clock.now()),
    })
}
