//! `GET /api/v1/sessions` and `GET /api/v1/session`: sessions to choose from, and one of them.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::session_list::{self, MAX_LIMIT, MAX_OFFSET, Search, SessionList, SessionOrder};
use report::session_story::{self, SessionStory};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// How many sessions are listed when nobody says how many.
const DEFAULT_LIMIT: usize = 50;

/// Which sessions, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ListQuery {
    /// A text that a person, team, project, repository, branch or model contains, in any case; or a whole
    /// session id.
    search: Option<String>,
    /// What comes first: `newest`, `cost`, `requests`, `prompts`, `lines`, `failures` or `errors`.
    #[param(default = "newest")]
    order: Option<String>,
    /// How many to pass over.
    #[param(default = 0, minimum = 0, maximum = 10000)]
    offset: Option<i64>,
    /// How many to list.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Which session, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct SessionQuery {
    /// Session id.
    session: String,
}

/// A page of sessions with anything in the range.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    operation_id = "sessions",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, ListQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The sessions", body = SessionList),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn sessions(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<SessionList>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let search = query.get("search")?.map(str::trim);
    let parameters = session_list::Parameters {
        range,
        filter,
        search: search.map(|text| Search { text: text.to_owned(), sessions: view.sessions_named(text) }),
        order: query.one_of("order", &SessionOrder::ALL)?,
        offset: query.number("offset", 0, 0, MAX_OFFSET)?,
        limit: query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?,
    };
    Ok(Json(session_list::ask(view.store.as_ref(), &parameters).await?))
}

/// One session from its beginning to its end.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "session",
    tag = "dashboard",
    params(SessionQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The session", body = SessionStory),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn session(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<SessionStory>, ApiError> {
    let query = Parameters::of(&uri);
    let session = query.get("session")?.filter(|id| !id.is_empty());
    let session = session.ok_or_else(|| BadParameter::new("session", "is missing: give a session id"))?;
    for session in view.sessions_named(session) {
        let parameters = session_story::Parameters { session, meaning: app.meaning };
        if let Some(story) = session_story::ask(view.store.as_ref(), &parameters).await? {
            return Ok(Json(story));
        }
    }
    Err(ApiError::NotFound)
}
