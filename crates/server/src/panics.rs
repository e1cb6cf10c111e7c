//! A handler that panics is a bug of ours; whoever asked gets an answer all the same.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::StatusCode;

use crate::api::error::ApiError;
use crate::v1::error::AnalyticsError;

/// Turns a panic into 500, in the shape that clients of the path expect.
///
/// Handlers share nothing that a panic could leave half changed: their locks guard single assignments and
/// are taken whether poisoned or not.
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(http.path = path, "a handler panicked");
            if path.starts_with("/v1/organizations") {
                AnalyticsError::unexpected().into_response()
            } else if path.starts_with("/api/") {
                ApiError::Internal.into_response()
            } else {
                (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong inside Pitwall\n").into_response()
            }
        }
    }
}
