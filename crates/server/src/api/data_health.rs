//! `GET /api/v1/health/data`, `/api/v1/health/sources` and `/api/v1/health/rejected`: how far the figures can be
//! trusted.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::data_health::{self, DataHealth};
use report::source_days::{self, MAX_LIMIT, SourceDays};
use serde::Serialize;
use state::RejectionSummary;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::Parameters;

/// How many people are listed when nobody says how many.
const DEFAULT_LIMIT: usize = 50;
/// How far into the list a page may begin.
const MAX_OFFSET: usize = 1_000_000;
/// The most reasons for rejection that are listed.
const MAX_REASONS: usize = 200;

/// Which people, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ListQuery {
    /// How many to pass over.
    #[param(default = 0, minimum = 0, maximum = 1000000)]
    offset: Option<i64>,
    /// How many to list.
    #[param(default = 50, minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// What each source told, what is missing, what has no price.
#[utoipa::path(
    get,
    path = "/api/v1/health/data",
    operation_id = "data_health",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "How far the figures can be trusted", body = DataHealth),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn data(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<DataHealth>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let price_book = app.settings.price_book.clone();
    let (now, meaning) = (app.clock.now(), app.meaning);
    let parameters = data_health::Parameters { range, filter, now, price_book, meaning };
    Ok(Json(data_health::ask(view.store.as_ref(), &parameters).await?))
}

/// Which sources told of whose work on which day.
#[utoipa::path(
    get,
    path = "/api/v1/health/sources",
    operation_id = "source_days",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, ListQuery, OrganizationQuery),
    responses(
        (status = 200, description = "A page of people, by name", body = SourceDays),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn sources(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<SourceDays>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let parameters = source_days::Parameters {
        range,
        filter,
        offset: query.number("offset", 0, 0, MAX_OFFSET)?,
        limit: query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?,
    };
    Ok(Json(source_days::ask(view.store.as_ref(), &parameters).await?))
}

/// What was refused so far, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Rejected {
    /// By source and reason, most frequent first; at most 200.
    reasons: Vec<RejectedReason>,
}

/// Records or lines of one source that were refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RejectedReason {
    /// Where they came from, such as `transcripts` or `events`.
    source: String,
    /// Why.
    reason: String,
    /// How many there were; a line that is read again is counted again.
    count: i64,
    /// Where the newest was met, as a sample.
    sample: String,
    /// When the first was met.
    first_at: jiff::Timestamp,
    /// When the newest was met.
    last_at: jiff::Timestamp,
}

impl From<RejectionSummary> for RejectedReason {
    fn from(summary: RejectionSummary) -> Self {
        Self {
            source: summary.source,
            reason: summary.reason,
            count: i64::try_from(summary.count).unwrap_or(i64::MAX),
            sample: summary.place,
            first_at: summary.first_at.to_jiff(),
            last_at: summary.last_at.to_jiff(),
        }
    }
}

/// What was refused so far, and why.
#[utoipa::path(
    get,
    path = "/api/v1/health/rejected",
    operation_id = "rejected",
    tag = "dashboard",
    params(OrganizationQuery),
    responses(
        (status = 200, description = "The reasons", body = Rejected),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn rejected(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<Json<Rejected>, ApiError> {
    if !view.runs_the_server(&app.settings.organizations) {
        // What is refused is not filed under anybody, and samples name files of the server.
        return Err(ApiError::Forbidden(
            "the key belongs to another organization than the server's".to_owned(),
        ));
    }
    let summaries = app.files.rejections().await.map_err(|error| ApiError::internal(&error))?;
    let reasons = summaries.into_iter().take(MAX_REASONS).map(RejectedReason::from).collect();
    Ok(Json(Rejected { reasons }))
}
