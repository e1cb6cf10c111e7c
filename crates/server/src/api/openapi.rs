//! `GET /api/openapi.json`: the description of everything under `/api`, and of the Analytics API.

use axum::response::{IntoResponse, Response};
use http::header;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

/// What the paths do not say.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pitwall",
        description = "Self-hosted analytics for Claude Code. Money is in micro-dollars unless a name says \
                       otherwise, times are RFC 3339 in UTC, days are inclusive.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "analytics", description = "The Claude Code Analytics API, as Anthropic documents it"),
        (name = "dashboard", description = "What the dashboard asks")
    ),
    modifiers(&SecuritySchemes)
)]
pub(crate) struct Description;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = |description: &str| {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            SecurityScheme::Http(scheme.build())
        };
        let header = ApiKeyValue::with_description("x-api-key", "An admin key.");
        components.add_security_scheme(
            "viewer_key",
            bearer("A viewer or admin key. Not needed on a loopback listener until the first viewer key is made."),
        );
        components.add_security_scheme("admin_key", SecurityScheme::ApiKey(ApiKey::Header(header)));
        components.add_security_scheme("admin_key_as_bearer", bearer("An admin key."));
    }
}

/// The document, as served.
pub(crate) fn answer(document: &str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.to_owned()).into_response()
}
