//! An id for every request, in every answer.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use crate::readable::readable;
use crate::v1::error::AnalyticsError;

/// The header that carries it, as Anthropic's APIs name it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// 120 random bits.
const RANDOM_CHARS: usize = 24;

/// Gives the request an id, writes it into the answer's header and log lines, and completes error bodies
/// of the Analytics API, which repeat it.
pub(crate) async fn assign(request: Request, next: Next) -> Response {
    let id = new_id();
    let span = tracing::info_span!(
        "http",
        request.id = %id,
        http.method = %request.method(),
        http.path = request.uri().path()
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(error) = response.extensions_mut().remove::<AnalyticsError>() {
        response = error.into_response_with(response, &id);
    }
    span.in_scope(|| tracing::debug!(http.status = response.status().as_u16(), "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn new_id() -> String {
    let mut bytes = [0_u8; RANDOM_CHARS];
    // Without randomness the id says nothing, but the request is answered all the same.
    let _ = getrandom::fill(&mut bytes);
    format!("req_{}", readable(&bytes))
}
