//! `GET /v1/organizations/api_keys`: the organization's keys. Rows of the usage report name ingest keys.

use axum::extract::State;
use axum::{Extension, Json};
use http::Uri;
use model::Timestamp;
use serde::Serialize;
use state::Key;
use utoipa::ToSchema;

use super::access::ApiVersion;
use super::error::{AnalyticsError, AnalyticsErrorBody};
use super::id_pages::{IdPage, IdPageQuery, page_of};
use crate::app::AppState;
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};

/// What ids of keys begin with here, and on the command line.
const ID_PREFIXES: (&str, &str) = ("apikey_", "key_");

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyStatus {
    /// It can.
    Active,
    /// It was switched off; Pitwall's keys are not, they are revoked for good.
    Inactive,
    /// It was revoked.
    Archived,
    /// It is past its expiry.
    Expired,
}

impl ApiKeyStatus {
    const ALL: [(&str, Self); 4] = [
        ("active", Self::Active),
        ("inactive", Self::Inactive),
        ("archived", Self::Archived),
        ("expired", Self::Expired),
    ];

    fn of(key: &Key, now: Timestamp) -> Self {
        match key.revoked_at {
            Some(_) => Self::Archived,
            None if key.is_usable(now) => Self::Active,
            None => Self::Expired,
        }
    }
}

/// What a key belongs to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeyScope {
    /// Always `organization`: there are no workspaces here.
    #[schema(example = "organization")]
    pub r#type: &'static str,
}

/// A key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Id.
    #[schema(example = "apikey_019ab31c5f7d7d2e9d0f4b8a6c1e2f30")]
    pub id: String,
    /// Always `api_key`.
    #[schema(example = "api_key")]
    pub r#type: &'static str,
    /// Name.
    pub name: String,
    /// Whether it can be used.
    pub status: ApiKeyStatus,
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// Always null: who made a key is not recorded.
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub created_by: (),
    /// From when on it is refused; null for never.
    #[schema(required)]
    pub expires_at: Option<jiff::Timestamp>,
    /// The ends of the key.
    pub partial_key_hint: String,
    /// Always null: keys act for nobody in particular.
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub principal: (),
    /// What it belongs to; in version `2026-10-21`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ApiKeyScope>,
    /// Always null, for no workspace; before version `2026-10-21`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub workspace_id: Option<()>,
}

impl ApiKey {
    fn new(key: &Key, version: ApiVersion, now: Timestamp) -> Self {
        let (ours, known_by) = ID_PREFIXES;
        let id = key.id.as_str();
        let has_scope = version == ApiVersion::V20261021;
        Self {
            id: format!("{ours}{}", id.strip_prefix(known_by).unwrap_or(id)),
            r#type: "api_key",
            name: key.name.clone(),
            status: ApiKeyStatus::of(key, now),
            created_at: key.created_at.to_jiff(),
            created_by: (),
            expires_at: key.expires_at.map(Timestamp::to_jiff),
            partial_key_hint: key.hint.clone(),
            principal: (),
            scope: has_scope.then_some(ApiKeyScope { r#type: "organization" }),
            workspace_id: (!has_scope).then_some(()),
        }
    }
}

/// The query, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ApiKeyFilter {
    /// Only keys in this condition.
    #[param(inline)]
    status: Option<ApiKeyStatus>,
    /// Only keys of a workspace; there are none, so this gives an empty list.
    workspace_id: Option<String>,
    /// Only keys made by a user; nobody is recorded, so this gives an empty list.
    created_by_user_id: Option<String>,
}

/// The organization's keys, of every kind, oldest first.
#[utoipa::path(
    get,
    path = "/v1/organizations/api_keys",
    operation_id = "api_keys",
    tag = "analytics",
    params(IdPageQuery, ApiKeyFilter, super::access::VersionHeader),
    responses(
        (status = 200, description = "A page of keys", body = IdPage<ApiKey>),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn api_keys(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    Extension(version): Extension<ApiVersion>,
    uri: Uri,
) -> Result<Json<IdPage<ApiKey>>, AnalyticsError> {
    let query = Parameters::of(&uri);
    let status = query.get("status")?.map(status_named).transpose()?;
    let of_none = query.get("workspace_id")?.is_some() || query.get("created_by_user_id")?.is_some();
    let now = app.clock.now();
    let keys = app.keys.list_keys().await.map_err(|error| AnalyticsError::internal(&error))?;
    let organizations = &app.settings.organizations;
    let keys = keys
        .iter()
        .filter(|key| !of_none && *organizations.of_key(key) == view.organization)
        .map(|key| ApiKey::new(key, version, now))
        .filter(|key| status.is_none_or(|status| key.status == status));
    Ok(Json(page_of(keys.collect(), |key| &key.id, &query)?))
}

fn status_named(name: &str) -> Result<ApiKeyStatus, BadParameter> {
    let known = ApiKeyStatus::ALL.iter().find(|(known, _)| *known == name);
    known.map(|(_, status)| *status).ok_or_else(|| {
        let names = ApiKeyStatus::ALL.map(|(name, _)| name).join(", ");
        BadParameter::new("status", format!("must be one of {names}"))
    })
}
