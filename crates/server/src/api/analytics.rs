//! `GET /api/analytics`: the records of a day, or days added up; as JSON or CSV.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, HeaderValue, Uri, header};
use jiff::civil::Date;
use model::Timestamp;
use report::analytics::{self, Analytics};
use report::analytics_record::AnalyticsRecord;
use report::narrowing::Narrowing;
use serde::Serialize;
use utoipa::ToSchema;

use super::analytics_csv;
use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::{ORGANIZATION, OrganizationQuery};
use crate::csv::{Format, TEXT_CSV};
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};
use crate::v1::cursor::Run;
use crate::v1::usage_days::{DEFAULT_LIMIT, MAX_LIMIT};

/// Every parameter. Others are refused: a misspelt filter would pass for none.
const KNOWN: [&str; 12] = [
    "date",
    "aggregate",
    "users",
    "start_date",
    "end_date",
    "team",
    "model",
    "terminal",
    "limit",
    "page",
    "format",
    ORGANIZATION,
];

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct AnalyticsQuery {
    /// One UTC day.
    #[param(example = "2026-11-20", pattern = r"^\d{4}-\d{2}-\d{2}$")]
    date: Option<Date>,
    /// With `date`: whether the day is added up instead of told record by record.
    #[param(default = false)]
    aggregate: Option<bool>,
    /// First of several UTC days, which are added up; together with `end_date`, instead of `date`.
    #[param(example = "2026-11-01", pattern = r"^\d{4}-\d{2}-\d{2}$")]
    start_date: Option<Date>,
    /// Last of the days, included; at most 30 days.
    #[param(example = "2026-11-30", pattern = r"^\d{4}-\d{2}-\d{2}$")]
    end_date: Option<Date>,
    /// Where days are added up: whether every user is told of one by one as well.
    #[param(default = false)]
    users: Option<bool>,
    /// Only these teams; may be given several times. `unknown` is what told none.
    team: Option<Vec<String>>,
    /// Only these models, by id; may be given several times. Records are those that have one of them.
    model: Option<Vec<String>>,
    /// Only these terminals; may be given several times.
    terminal: Option<Vec<String>>,
    /// Records per page. May change from page to page.
    #[param(default = 20, minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// `next_page` of the page before.
    page: Option<String>,
    /// How the answer is written; goes before the header `Accept`.
    #[param(inline)]
    format: Option<AnalyticsFormat>,
}

/// How an answer is written.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the query; it is read through csv::Format")]
enum AnalyticsFormat {
    /// JSON.
    Json,
    /// Comma-separated values.
    Csv,
}

/// One page of a day's records.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalyticsRecords {
    /// The records, ordered by actor type, actor name, customer type, subscription type, terminal and
    /// `is_remote`.
    pub data: Vec<AnalyticsRecord>,
    /// Whether more records follow.
    pub has_more: bool,
    /// What to send as `page` to get them; null at the end.
    #[schema(required)]
    pub next_page: Option<String>,
}

/// Records of a day, or days added up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AnalyticsAnswer {
    /// Where a day is told record by record.
    Records(AnalyticsRecords),
    /// Where days are added up.
    Totals(Box<Analytics>),
}

/// What is asked.
enum Question {
    Records { day: Date, limit: usize, page: Option<String> },
    Totals { start: Date, end: Date, users: bool },
}

/// Use of Claude Code by day: the records of one day, or up to 30 days added up.
///
/// Unlike the Analytics API it tells of everything that has happened, however fresh, and of exact cost. All
/// pages of a run show the state of the ledger at its first page; the header `link` names the next one.
/// In CSV the column `scope` says what a line is about: lines of one scope never overlap.
#[utoipa::path(
    get,
    path = "/api/analytics",
    operation_id = "analytics",
    tag = "analytics",
    params(AnalyticsQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The records, or the totals", content(
            (AnalyticsAnswer = "application/json"),
            (String = "text/csv")
        )),
        (status = 400, description = "A parameter is wrong", body = ErrorBody),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn analytics(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = Parameters::of(&uri);
    if let Some(unknown) = query.unknown(&KNOWN) {
        return Err(ApiError::InvalidRequest(format!("there is no parameter {unknown:?} here")));
    }
    let format = Format::asked_for(&query, &headers)?;
    let narrowing = Narrowing {
        teams: query.all(&["team"]),
        terminals: query.all(&["terminal"]),
        models: query.all(&["model"]),
    };
    let mut response = match question(&query)? {
        Question::Records { day, limit, page } => {
            let page = records(&app, &view, &narrowing, day, limit, page.as_deref()).await?;
            let next = page.next_page.clone();
            let mut response = match format {
                Format::Csv => csv(analytics_csv::records(&page.data)),
                Format::Json => Json(AnalyticsAnswer::Records(page)).into_response(),
            };
            if let Some(link) = next.and_then(|next| link_to(&query, &next)) {
                response.headers_mut().insert(header::LINK, link);
            }
            response
        }
        Question::Totals { start, end, users } => {
            let organization = view.organization.clone();
            let price_book = app.settings.price_book.clone();
            let parameters = analytics::Parameters { start, end, organization, narrowing, users, price_book };
            let totals = analytics::ask(view.store.as_ref(), &parameters).await?;
            match format {
                Format::Csv => csv(analytics_csv::totals(&totals)),
                Format::Json => Json(AnalyticsAnswer::Totals(Box::new(totals))).into_response(),
            }
        }
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Which of the two is asked, with what belongs to it and nothing that belongs to the other.
fn question(query: &Parameters) -> Result<Question, BadParameter> {
    let date = query.date("date")?;
    let (start, end) = (query.date("start_date")?, query.date("end_date")?);
    let aggregate = query.flag("aggregate")?;
    let users = query.flag("users")?;
    let bad = |name: &'static str, problem: &str| Err(BadParameter::new(name, problem));
    let (start, end) = match (date, start, end) {
        (None, None, None) => return bad("date", "is required, or start_date and end_date"),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return bad("date", "cannot be given together with start_date and end_date");
        }
        (None, None, Some(_)) => return bad("start_date", "is required with end_date"),
        (None, Some(_), None) => return bad("end_date", "is required with start_date"),
        (None, Some(_), Some(_)) if aggregate == Some(false) => {
            return bad("aggregate", "several days are always added up");
        }
        (Some(day), None, None) if aggregate != Some(true) => {
            if users == Some(true) {
                return bad("users", "needs aggregate=true");
            }
            let limit = query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
            return Ok(Question::Records { day, limit, page: query.get("page")?.map(str::to_owned) });
        }
        (Some(day), None, None) => (day, day),
        (None, Some(start), Some(end)) => (start, end),
    };
    for name in ["limit", "page"] {
        if query.get(name)?.is_some() {
            return bad(name, "is for records; days that are added up come in one piece");
        }
    }
    Ok(Question::Totals { start, end, users: users == Some(true) })
}

async fn records(
    app: &App,
    view: &View,
    narrowing: &Narrowing,
    day: Date,
    limit: usize,
    page: Option<&str>,
) -> Result<AnalyticsRecords, ApiError> {
    // A run keeps its filters: with others its cursor would point into other rows.
    let question = format!("analytics {narrowing:?}");
    let run = Run { organization: view.organization.clone(), question, day };
    let cursor = app.cursor_at(run, page, view, Timestamp::MAX).await?;
    let rows = app.rows_at(&cursor, limit, view, narrowing).await?;
    let next_page = app.next_page(&cursor, &rows)?;
    let data = rows.rows.into_iter().map(AnalyticsRecord::from).collect();
    Ok(AnalyticsRecords { data, has_more: next_page.is_some(), next_page })
}

fn csv(text: String) -> Response {
    ([(header::CONTENT_TYPE, TEXT_CSV)], text).into_response()
}

/// The same question for the next page (RFC 8288), for tables, which have no place for it inside.
fn link_to(query: &Parameters, next: &str) -> Option<HeaderValue> {
    let query = query.with("page", next);
    HeaderValue::from_str(&format!("</api/analytics?{query}>; rel=\"next\"")).ok()
}
