//! `GET /api/v1/adoption`, `/api/v1/people`, `/api/v1/person` and `/api/v1/teams`: who uses Claude Code.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::adoption::{self, Adoption};
use report::people_list::{self, MAX_LIMIT, People, PeopleOrder};
use report::person::{self, Person};
use report::teams::{self, Teams};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// How many people are listed when nobody says how many.
const DEFAULT_LIMIT: usize = 100;
/// How far into the list a page may begin.
const MAX_OFFSET: usize = 1_000_000;

/// Which people, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ListQuery {
    /// A text that a name or team contains, in any case.
    search: Option<String>,
    /// What comes first: `name`, `cost`, `tokens`, `sessions`, `requests`, `lines` or `commits`.
    #[param(default = "name")]
    order: Option<String>,
    /// How many to pass over.
    #[param(default = 0, minimum = 0, maximum = 1000000)]
    offset: Option<i64>,
    /// How many to list.
    #[param(default = 100, minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Which person, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct PersonQuery {
    /// E-mail address or name.
    name: String,
}

/// How many people are active each day, week and month; who is new, came back or fell silent.
#[utoipa::path(
    get,
    path = "/api/v1/adoption",
    operation_id = "adoption",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The figures", body = Adoption),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn adoption(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Adoption>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let parameters = adoption::Parameters { range, filter, now: app.clock.now() };
    Ok(Json(adoption::ask(view.store.as_ref(), &parameters).await?))
}

/// A page of people with anything in the range.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "people",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, ListQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The people", body = People),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn people(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<People>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let parameters = people_list::Parameters {
        range,
        filter,
        search: query.get("search")?.map(str::to_owned),
        order: query.one_of("order", &PeopleOrder::ALL)?,
        offset: query.number("offset", 0, 0, MAX_OFFSET)?,
        limit: query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?,
    };
    Ok(Json(people_list::ask(view.store.as_ref(), &parameters).await?))
}

/// One person: since when, with what, and at which hours.
#[utoipa::path(
    get,
    path = "/api/v1/person",
    operation_id = "person",
    tag = "dashboard",
    params(RangeQuery, PersonQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The person", body = Person),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn person(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Person>, ApiError> {
    let Question { range, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let name = query.get("name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| BadParameter::new("name", "is missing: give an e-mail address or name"))?;
    let parameters = person::Parameters { range, actor: name.to_owned() };
    let person = person::ask(view.store.as_ref(), &parameters).await?;
    person.map(Json).ok_or(ApiError::NotFound)
}

/// Teams with anything in the range.
#[utoipa::path(
    get,
    path = "/api/v1/teams",
    operation_id = "teams",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The teams", body = Teams),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn teams(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Teams>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    Ok(Json(teams::ask(view.store.as_ref(), &teams::Parameters { range, filter }).await?))
}
