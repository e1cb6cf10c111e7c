//! `GET /api/v1/postings`

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use report::filter::MAX_VALUES;
use report::postings::{self, ATTRIBUTES, FigureName, MAX_LIMIT, PostingList};

use super::error::{ApiError, ErrorBody};
use super::question::{FilterQuery, Question, RangeQuery};
use crate::app::AppState;
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// How many postings are listed when nobody says how many.
const DEFAULT_LIMIT: usize = 100;

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct PostingsQuery {
    /// The figure that is asked for its postings.
    #[param(inline)]
    figure: FigureName,
    /// How many postings are listed.
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: Option<i64>,
    /// Only postings of these kinds.
    kind: Option<Vec<String>>,
    /// Only of these sessions.
    session: Option<Vec<String>>,
    /// Only on these Git branches.
    branch: Option<Vec<String>>,
    /// Only what these parts of the client asked.
    query_source: Option<Vec<String>>,
    /// Only of these kinds of subagents; `unknown` for none.
    agent: Option<Vec<String>>,
    /// Only with these skills; `unknown` for none.
    skill: Option<Vec<String>>,
    /// Only with these MCP servers; `unknown` for none.
    mcp_server: Option<Vec<String>>,
    /// Only about these tools, events or commands.
    tool: Option<Vec<String>>,
    /// Only what went this way, such as a kind of error.
    outcome: Option<Vec<String>>,
    /// Only what these decided.
    decided_by: Option<Vec<String>>,
    /// Only decisions on edits in these languages.
    language: Option<Vec<String>>,
}

/// What a figure is made of: all of its postings counted, and the newest one by one.
#[utoipa::path(
    get,
    path = "/api/v1/postings",
    operation_id = "postings",
    tag = "dashboard",
    params(PostingsQuery, RangeQuery, FilterQuery, OrganizationQuery),
    responses(
        (status = 200, description = "The postings", body = PostingList),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn postings(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<PostingList>, ApiError> {
    let Question { range, filter, .. } = Question::of(&app, &uri)?;
    let query = Parameters::of(&uri);
    let mut conditions = Vec::new();
    for attribute in ATTRIBUTES {
        let mut values = query.values(attribute.name, MAX_VALUES)?;
        if attribute.names_sessions() {
            let filed = values.iter().flat_map(|id| view.sessions_named(id));
            values = filed.map(|session| session.as_str().to_owned()).collect();
        }
        conditions.push((attribute, values));
    }
    let limit = query.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    let figure = figure_of(&query)?;
    let parameters = postings::Parameters { range, filter, conditions, figure, limit };
    Ok(Json(postings::ask(view.store.as_ref(), &parameters).await?))
}

fn figure_of(query: &Parameters) -> Result<FigureName, BadParameter> {
    query.get("figure")?.and_then(FigureName::named).ok_or_else(|| {
        let names = FigureName::ALL.map(|(name, _)| name).join(", ");
        BadParameter::new("figure", format!("must be one of {names}"))
    })
}
