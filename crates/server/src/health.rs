//! Whether the process lives, and whether it can answer.

use axum::extract::State;
use http::StatusCode;

use crate::app::AppState;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: everything has started and the ledger can be read; 503 with the reason otherwise.
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
