//! `GET /v1/organizations/me`

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::AnalyticsErrorBody;
use crate::app::AppState;
use crate::organizations::View;

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Id.
    pub id: String,
    /// Always `organization`.
    #[schema(example = "organization")]
    pub r#type: &'static str,
    /// What people call it.
    pub name: String,
}

/// The organization that the key belongs to.
#[utoipa::path(
    get,
    path = "/v1/organizations/me",
    operation_id = "organization",
    tag = "analytics",
    params(super::access::VersionHeader),
    responses(
        (status = 200, description = "The organization", body = Organization),
        (status = "default", description = "What went wrong", body = AnalyticsErrorBody)
    ),
    security(("admin_key" = []), ("admin_key_as_bearer" = []))
)]
pub(crate) async fn me(State(app): State<AppState>, Extension(view): Extension<View>) -> Json<Organization> {
    let name = app.settings.organizations.name_of(&view.organization).to_owned();
    Json(Organization { id: view.organization.as_str().to_owned(), r#type: "organization", name })
}
