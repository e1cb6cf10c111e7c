//! `GET /api/v1/projects` and `GET /api/v1/project`: projects with their worktrees folded in, and one of them.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::project_list::{self, ProjectList, ProjectParts};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// Which project, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ProjectQuery {
    /// The project, as the list of projects names it.
    name: String,
}

/// Projects with anything in the range.
#[utoipa::path(
    get,
    path = "/api/v1/projects",
    operation_id = "projects",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The projects", body = ProjectList),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn projects(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ProjectList>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    Ok(Json(project_list::ask(view.store.as_ref(), &project_list::Parameters { range, filter }).await?))
}

/// One project by branch and directory.
#[utoipa::path(
    get,
    path = "/api/v1/project",
    operation_id = "project",
    tag = "dashboard",
    params(RangeQuery, FilterQuery, ProjectQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The project", body = ProjectParts),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn project(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<ProjectParts>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let name = query.get("name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| BadParameter::new("name", "is missing: give a project"))?;
    let parameters = project_list::Parameters { range, filter };
    let parts = project_list::ask_one(view.store.as_ref(), &parameters, name).await?;
    parts.map(Json).ok_or(ApiError::NotFound)
}
