//! Whether the process lives, and whether it can answer.

use axum::extract::State;
use http::StatusCode;

use crate::app::AppState;

/// Whether the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "server",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain"))
)]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether everything has started and the ledger can be read.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "server",
    responses(
        (status = 200, description = "It has", body = String, content_type = "text/plain"),
        (status = 503, description = "Not yet, or not any more, and why", body = String, content_type = "text/plain")
    )
)]
pub(crate) async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    if !*app.ready.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "starting\n");
    }
    match app.store.boundary().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "failed to read the ledger");
            (StatusCode::SERVICE_UNAVAILABLE, "the ledger cannot be read, the log says why\n")
        }
    }
}
