//! What every request under `/v1/organizations/` passes: size, key, rate, kind of key, version.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use state::{Key, KeyKind};

use super::error::AnalyticsError;
use crate::app::{App, AppState};
use crate::auth::{AuthError, key_of};
use crate::organizations::View;
use crate::rate_limits::Allowance;

/// Largest body of a request, in bytes. None is read: nothing here takes one.
const MAX_BODY_BYTES: u64 = 1 << 20;

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_ORGANIZATION_ID: HeaderName = HeaderName::from_static("anthropic-organization-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-reset");

/// The header, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; it is read through ApiVersion::asked_for")]
pub(super) struct VersionHeader {
    /// `2023-06-01` or `2026-10-21`; may be left out, which is the first.
    #[param(rename = "anthropic-version", pattern = "^(2023-06-01|2026-10-21)$")]
    anthropic_version: Option<String>,
}

/// The versions of Anthropic's API whose contract is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    /// `2023-06-01`, and what a client gets that names none.
    V20230601,
    /// `2026-10-21`: some fields of the neighbours are named differently.
    V20261021,
}

impl ApiVersion {
    const ALL: [(&str, Self); 2] = [("2023-06-01", Self::V20230601), ("2026-10-21", Self::V20261021)];

    fn asked_for(headers: &HeaderMap) -> Result<Self, AnalyticsError> {
        let mut asked = headers.get_all(ANTHROPIC_VERSION).iter();
        let Some(version) = asked.next() else { return Ok(Self::V20230601) };
        let known = Self::ALL.iter().find(|(name, _)| version == name).filter(|_| asked.next().is_none());
        known.map(|(_, version)| *version).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(" or ");
            AnalyticsError::invalid_request(format!("anthropic-version: must be {names}, or be left out"))
        })
    }
}

/// Lets in who has an admin key, does not ask too often, and speaks a known version; handlers find the
/// [`View`] of the key's organization and the [`ApiVersion`].
pub(crate) async fn require_admin(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if announces_more_than(MAX_BODY_BYTES, request.headers()) {
        return AnalyticsError::too_large(MAX_BODY_BYTES).into_response();
    }
    let key = match key_of(&app, request.headers()).await {
        Ok(key) => key,
        Err(error) => return AnalyticsError::from(error).into_response(),
    };
    let limit = app.settings.analytics.rate_limit;
    let allowance = limit.map(|limit| app.rate_limits.take(&key.id, limit, app.clock.now()));
    let mut response = match allowance.and_then(|allowance| allowance.retry_after_seconds) {
        Some(seconds) => AnalyticsError::too_many_requests(seconds).into_response(),
        None => answer(&app, &key, request, next).await,
    };
    if let Some(allowance) = allowance {
        tell(&mut response, allowance);
    }
    let organization = app.settings.organizations.of_key(&key);
    if let Ok(organization) = HeaderValue::from_str(organization.as_str()) {
        response.headers_mut().insert(ANTHROPIC_ORGANIZATION_ID, organization);
    }
    response
}

async fn answer(app: &App, key: &Key, mut request: Request, next: Next) -> Response {
    if key.kind != KeyKind::Admin {
        let error = AuthError::WrongKind { needed: "an admin key", sent: key.kind };
        return AnalyticsError::from(error).into_response();
    }
    match ApiVersion::asked_for(request.headers()) {
        Ok(version) => {
            let organizations = &app.settings.organizations;
            let view = View::of(organizations, organizations.of_key(key).clone(), &app.store);
            request.extensions_mut().insert(view);
            request.extensions_mut().insert(version);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn announces_more_than(bytes: u64, headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > bytes)
}

/// Writes how the key stands into the answer, refused or not.
fn tell(response: &mut Response, allowance: Allowance) {
    let headers = response.headers_mut();
    headers.insert(RATE_LIMIT, allowance.limit.into());
    headers.insert(RATE_REMAINING, allowance.remaining.into());
    if let Ok(reset) = HeaderValue::from_str(&allowance.full_at.to_rfc3339()) {
        headers.insert(RATE_RESET, reset);
    }
    if let Some(seconds) = allowance.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}
