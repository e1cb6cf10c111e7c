//! `GET /api/openapi.json`: the description of everything that is served.

use axum::response::IntoResponse;
use http::header;
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Content, ContentBuilder, HttpMethod, ObjectBuilder, Required, Response, ResponseBuilder, Type,
};
use utoipa::{Modify, OpenApi};

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
        (name = "analytics", description = "The Claude Code Analytics API as Anthropic documents it, its \
                                            neighbours, and Pitwall's own API of days and their totals"),
        (name = "dashboard", description = "What the dashboard asks"),
        (name = "widgets", description = "Cards for other pages"),
        (name = "reports", description = "The command line's reports"),
        (name = "telemetry", description = "OTLP over HTTP, as OpenTelemetry specifies it; the bodies are its own"),
        (name = "server", description = "The server itself")
    ),
    paths(answer, crate::api::docs::answer, crate::health::healthz, crate::health::readyz, crate::metrics::metrics),
    modifiers(&SecuritySchemes, &Telemetry)
)]
pub(crate) struct Description;

const INGEST_KEY: &str =
    "An ingest key. Not needed on a loopback listener until the first ingest key is made.";

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
        let header = ApiKeyValue::with_description("x-api-key", INGEST_KEY);
        components.add_security_scheme("ingest_key", SecurityScheme::ApiKey(ApiKey::Header(header)));
        components.add_security_scheme("ingest_key_as_bearer", bearer(INGEST_KEY));
    }
}

/// The routes of OTLP intake, which the binary adds ([`crate::router_with`]).
struct Telemetry;

impl Modify for Telemetry {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (signal, what) in [("logs", "Events"), ("metrics", "Metrics"), ("traces", "Spans")] {
            let operation = OperationBuilder::new()
                .operation_id(Some(format!("send_{signal}")))
                .tag("telemetry")
                .summary(Some(format!("{what} of Claude Code; answered when they are durable.")))
                .request_body(Some(export_body()))
                .response("200", answer_body("Taken, or in part: `partialSuccess` says what was not"))
                .response("default", answer_body("Why nothing was taken"))
                .securities(Some([
                    SecurityRequirement::default(),
                    SecurityRequirement::new("ingest_key", [""; 0]),
                    SecurityRequirement::new("ingest_key_as_bearer", [""; 0]),
                ]));
            openapi.paths.add_path_operation(
                format!("/v1/{signal}"),
                vec![HttpMethod::Post],
                operation.build(),
            );
        }
    }
}

/// The two encodings of OTLP.
fn encodings() -> [(&'static str, Content); 2] {
    let bytes = ObjectBuilder::new().schema_type(Type::String).content_media_type("application/x-protobuf");
    let json = ObjectBuilder::new().schema_type(Type::Object);
    [
        ("application/json", ContentBuilder::new().schema(Some(json)).build()),
        ("application/x-protobuf", ContentBuilder::new().schema(Some(bytes)).build()),
    ]
}

fn export_body() -> RequestBody {
    let body =
        RequestBodyBuilder::new().description(Some("An export request")).required(Some(Required::True));
    encodings().into_iter().fold(body, |body, (encoding, content)| body.content(encoding, content)).build()
}

fn answer_body(description: &str) -> Response {
    let answer = ResponseBuilder::new().description(description);
    encodings()
        .into_iter()
        .fold(answer, |answer, (encoding, content)| answer.content(encoding, content))
        .build()
}

/// This description, for programs.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "server",
    responses((status = 200, description = "The document", body = serde_json::Value))
)]
pub(crate) fn answer(document: &str) -> axum::response::Response {
    ([(header::CONTENT_TYPE, "application/json")], document.to_owned()).into_response()
}
