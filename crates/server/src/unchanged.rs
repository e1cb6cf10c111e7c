//! Questions cost nothing while the ledger stands still: every answer carries a tag of what it was made from,
//! and whoever has the answer to that tag is only told so.
//!
//! An answer follows from the ledger up to its boundary, the request, the program, and the clock, which answers
//! use only to tell days apart. Midnight falls on a quarter of an hour in every zone of today, so a tag holds
//! for a quarter of an hour at most. Answers that depend on more (a status, a stream) stay outside this layer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use crate::app::{App, AppState};

const QUARTER_MICROS: i64 = 15 * 60 * 1_000_000;
/// The reader's own cache may keep the answer, nobody in between, and has to ask each time.
const KEEP_AND_ASK: HeaderValue = HeaderValue::from_static("private, no-cache");
/// What an answer may depend on besides its address.
const KEYS: HeaderValue = HeaderValue::from_static("authorization, x-api-key");

/// Tags answers to questions; answers 304 without asking the ledger to whoever has the newest.
pub(crate) async fn tag(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    // Looked at before the question is asked: what is posted meanwhile may already be in the answer, which then
    // has a tag older than itself and is asked for once more than needed; never the other way round.
    let Some(tag) = tag_of(&app, request.uri(), request.headers()).await else {
        return next.run(request).await;
    };
    let mut response = if is_known(request.headers(), &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        next.run(request).await
    };
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, KEEP_AND_ASK);
        headers.append(VARY, KEYS);
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
    }
    response
}

/// Weak, since the same answer is sent in several encodings. `None` when the ledger cannot be read, which the
/// question itself then tells better.
async fn tag_of(app: &App, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let boundary = app.store.boundary().await.ok()?;
    let mut hasher = DefaultHasher::new();
    uri.path_and_query().map(ToString::to_string).hash(&mut hasher);
    for name in [AUTHORIZATION.as_str(), "x-api-key"] {
        headers.get(name).map(HeaderValue::as_bytes).hash(&mut hasher);
    }
    (app.clock.now().as_micros().div_euclid(QUARTER_MICROS)).hash(&mut hasher);
    let settings = &app.settings;
    (env!("CARGO_PKG_VERSION"), &settings.price_book, settings.monthly_budget, &settings.teams)
        .hash(&mut hasher);
    Some(format!("W/\"{}-{:016x}\"", boundary.as_micros(), hasher.finish()))
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let texts = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|known| known.trim() == tag)
}
