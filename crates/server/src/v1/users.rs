//! `GET /v1/organizations/users` and `/v1/organizations/users/{user_id}`: who signed in, as far as the ledger
//! knows.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::{Extension, Json};
use http::Uri;
use model::OrganizationId;
use report::people::{self, Person};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::error::{AnalyticsError, AnalyticsErrorBody};
use super::id_pages::{IdPage, IdPageQuery, page_of};
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};
use crate::readable::readable;

/// The role of everybody: use of Claude Code is all that is known of them.
const ROLE: &str = "claude_code_user";
/// The roles that Anthropic's Admin API knows.
const ROLES: [&str; 9] = [
    "admin",
    "billing",
    "claude_code_user",
    "developer",
    "managed",
    "membership_admin",
    "owner",
    "primary_owner",
    "user",
];
/// Bytes of the hash that make an id: enough that no two users of an organization share one.
const ID_BYTES: usize = 24;

/// A user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct User {
    /// Id, the same for ever for the same address in the same organization.
    #[schema(example = "user_8k3v1m0q2rj5x9hd4c7n6wtz")]
    pub id: String,
    /// Always `user`.
    #[schema(example = "user")]
    pub r#type: &'static str,
    /// E-mail address.
    pub email: String,
    /// The e-mail address again: telemetry tells no other name.
    pub name: String,
    /// Always `claude_code_user`.
    #[schema(example = "claude_code_user")]
    pub role: &'static str,
    /// When the first session began.
    pub added_at: jiff::Timestamp,
}

impl User {
    fn new(organization: &OrganizationId, person: Person) -> Self {
        let hash = Sha256::new()
            .chain_update(organization.as_str())
            .chain_update([0])
            .chain_update(&person.email)
            .finalize();
        Self {
            id: format!("user_{}", readable(&hash[..ID_BYTES])),
            r#type: "user",
            name: person.email.clone(),
            email: person.email,
            role: ROLE,
            added_at: person.since.to_jiff(),
        }
    }
}

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct UserFilter {
    /// Only the user with this address.
    email: Option<String>,
    /// Only users with one of these roles; everybody here is a `claude_code_user`.
    #[param(rename = "roles[]")]
    roles: Option<Vec<String>>,
}

/// Everybody who signed in, by first session.
#[utoipa::path(
    get,
    path = "/v1/organizations/users",
    operation_id = "users",
    tag = "analytics",
    params(IdPageQuery, UserFilter, super::access::VersionHeader),
    responses(
        (status = 200, description = "A page of users", body = IdPage<User>),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn users(
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<IdPage<User>>, AnalyticsError> {
    let query = Parameters::of(&uri);
    let roles = query.all(&["roles[]", "roles"]);
    if let Some(unknown) = roles.iter().find(|role| !ROLES.contains(&role.as_str())) {
        return Err(BadParameter::new("roles[]", format!("knows no role {unknown:?}")).into());
    }
    let email = query.get("email")?.map(str::to_lowercase);
    let mut users = everybody(&view).await?;
    users.retain(|user| {
        email.as_ref().is_none_or(|email| *email == user.email)
            && (roles.is_empty() || roles.iter().any(|role| role == user.role))
    });
    Ok(Json(page_of(users, |user| &user.id, &query)?))
}

/// One user.
#[utoipa::path(
    get,
    path = "/v1/organizations/users/{user_id}",
    operation_id = "user",
    tag = "analytics",
    params(("user_id" = String, Path, description = "Id of the user"), super::access::VersionHeader),
    responses(
        (status = 200, description = "The user", body = User),
        (status = 404, description = "There is no such user", body = AnalyticsErrorBody),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn user(
    Extension(view): Extension<View>,
    user_id: Result<Path<String>, PathRejection>,
) -> Result<Json<User>, AnalyticsError> {
    let nobody = || AnalyticsError::nothing_of("there is no user with this id");
    // What is not even text names nobody.
    let Path(user_id) = user_id.map_err(|_| nobody())?;
    let user = everybody(&view).await?.into_iter().find(|user| user.id == user_id);
    user.map(Json).ok_or_else(nobody)
}

async fn everybody(view: &View) -> Result<Vec<User>, AnalyticsError> {
    let people = people::ask(view.store.as_ref()).await?;
    Ok(people.into_iter().map(|person| User::new(&view.organization, person)).collect())
}
