//! `GET /metrics`: what the server measures of itself, for Prometheus.

use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use gauges::{CONTENT_TYPE, Exposition};
use http::header;

use crate::api::error::ApiError;
use crate::app::AppState;
use crate::organizations::View;

/// What the server measures of itself, in Prometheus' text format: intake, settlement, the ledger's file, the
/// process. Nothing in it is about anybody's work; that is in the reports.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "server",
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/plain"),
        (status = 401, description = "A viewer key is needed"),
        (status = 403, description = "The key belongs to another organization than the default one")
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn metrics(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
) -> Result<impl IntoResponse, ApiError> {
    if view.organization != *app.settings.organizations.default_id() {
        return Err(ApiError::Forbidden(
            "the server's own figures are not about one organization".to_owned(),
        ));
    }
    let mut exposition = Exposition::default();
    for gauged in &app.gauged {
        gauged.expose(&mut exposition);
    }
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], exposition.into_text()))
}
