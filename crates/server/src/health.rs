//! Whether the process lives, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use http::StatusCode;

use crate::app::AppState;

/// How long the ledger may take to answer the smallest question there is, before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the writing of the ledger goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// It works.
    Works,
    /// A transaction has failed a moment ago; senders are asked to try again.
    Fails,
    /// Nothing is written any more.
    Ended,
}

/// Tells how the writing of the ledger goes.
pub trait WritingWatch: Send + Sync {
    /// How it goes now.
    fn writing(&self) -> Writing;
}

/// Whether the process answers. Nothing else is looked at: what is wrong with the ledger is not mended by
/// starting anew.
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

/// Whether the ledger can be read, and somebody writes it. Where it only cannot be written just now, such as on
/// a full disk, the answer is 200 and says so: figures are served all the same, and senders are told to wait.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "server",
    responses(
        (status = 200, description = "It can", body = String, content_type = "text/plain"),
        (status = 503, description = "Not any more, and why", body = String, content_type = "text/plain")
    )
)]
pub(crate) async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    let writing = app.writing.writing();
    if writing == Writing::Ended {
        return (StatusCode::SERVICE_UNAVAILABLE, "nothing is written any more, the log says why\n");
    }
    // The smallest question that is answered by the file, and not from memory.
    match tokio::time::timeout(PATIENCE, app.store.priced_with()).await {
        Ok(Ok(_)) if writing == Writing::Fails => {
            (StatusCode::OK, "ready, but the ledger cannot be written just now, the log says why\n")
        }
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "failed to read the ledger");
            (StatusCode::SERVICE_UNAVAILABLE, "the ledger cannot be read, the log says why\n")
        }
        Err(_elapsed) => (StatusCode::SERVICE_UNAVAILABLE, "the ledger does not answer in time\n"),
    }
}
