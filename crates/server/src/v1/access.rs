//! What every authenticated request under `/v1/organizations/` passes: key, version, organization.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::OrganizationId;
use state::KeyKind;

use super::error::AnalyticsError;
use crate::app::{App, AppState};
use crate::auth::{AuthError, key_of};

/// The versions of Anthropic's API whose contract is served. They agree in what is served here.
const API_VERSIONS: [&str; 2] = ["2023-06-01", "2026-10-21"];

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_ORGANIZATION_ID: HeaderName = HeaderName::from_static("anthropic-organization-id");

/// For whom a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The organization that the key belongs to; `None` for a key that sees all of the installation.
    pub(crate) organization: Option<OrganizationId>,
}

/// Lets in who has an admin key and speaks a known version; handlers find a [`Caller`].
pub(crate) async fn require_admin(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let caller = match caller_of(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let organization = caller.organization.as_ref().unwrap_or(&app.settings.analytics.home_organization);
    let organization = HeaderValue::from_str(organization.as_str());
    let mut response = match check_version(request.headers()) {
        Ok(()) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    if let Ok(organization) = organization {
        response.headers_mut().insert(ANTHROPIC_ORGANIZATION_ID, organization);
    }
    response
}

async fn caller_of(app: &App, headers: &HeaderMap) -> Result<Caller, AnalyticsError> {
    let key = key_of(app, headers).await?;
    if key.kind != KeyKind::Admin {
        return Err(AuthError::WrongKind { needed: "an admin key", sent: key.kind }.into());
    }
    Ok(Caller { organization: key.organization })
}

fn check_version(headers: &HeaderMap) -> Result<(), AnalyticsError> {
    match headers.get(ANTHROPIC_VERSION) {
        Some(version) if !API_VERSIONS.iter().any(|known| version == known) => {
            let known = API_VERSIONS.join(" or ");
            Err(AnalyticsError::invalid_request(format!(
                "anthropic-version: must be {known}, or be left out"
            )))
        }
        _ => Ok(()),
    }
}
