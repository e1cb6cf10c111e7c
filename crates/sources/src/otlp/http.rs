//! OTLP over HTTP.

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;

use super::answer::Accepted;
use super::body::Compression;
use super::decode::Encoding;
use super::export::Signal;
use super::receiver::{Body, Receiver, WhenFull};
use super::refusal::Refusal;

/// The three endpoints, as paths from the root. Other methods than POST are answered with 405.
pub fn routes(receiver: Receiver) -> Router {
    let route = |signal: Signal| {
        post(move |State(receiver): State<Receiver>, request: Request| export(receiver, signal, request))
    };
    Signal::ALL
        .into_iter()
        .fold(Router::new(), |router, signal| router.route(signal.http_path(), route(signal)))
        .with_state(receiver)
}

async fn export(receiver: Receiver, signal: Signal, request: Request) -> Response {
    let content_type = header(request.headers(), &CONTENT_TYPE);
    let encoding = content_type.as_deref().and_then(Encoding::from_content_type);
    // Whoever sends something else is most likely to understand JSON.
    let answer_encoding = encoding.unwrap_or(Encoding::Json);
    let known_encoding = encoding.ok_or_else(|| Refusal::ContentType(content_type.unwrap_or_default()));
    match take(&receiver, signal, known_encoding, request).await {
        Ok(accepted) => success(&accepted, signal, answer_encoding),
        Err(refusal) => {
            receiver.log_refusal(signal, &refusal);
            failure(&refusal, answer_encoding)
        }
    }
}

async fn take(
    receiver: &Receiver,
    signal: Signal,
    encoding: Result<Encoding, Refusal>,
    request: Request,
) -> Result<Accepted, Refusal> {
    let admission = receiver.admit(request.headers()).await?;
    let encoding = encoding?;
    let compression =
        Compression::from_content_encoding(header(request.headers(), &CONTENT_ENCODING).as_deref())?;
    let patience = receiver.limits().body_patience;
    let collected =
        collect(request.into_body(), receiver.open_body(compression), receiver.limits().body_bytes);
    let body = tokio::time::timeout(patience, collected)
        .await
        .map_err(|_| Refusal::TooSlow { seconds: patience.as_secs() })??;
    receiver.receive_body(signal, encoding, body, &admission, WhenFull::Refuse).await
}

/// Reads a body, whether its length was announced or not.
async fn collect(mut incoming: HttpBody, mut body: Body, limit_bytes: usize) -> Result<Body, Refusal> {
    use axum::body::HttpBody as _;
    let announced = incoming.size_hint().lower();
    if announced > limit_bytes as u64 {
        return Err(Refusal::TooLarge { limit_bytes });
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Refusal::Malformed(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > limit_bytes {
            return Err(Refusal::TooLarge { limit_bytes });
        }
        body.grow_to(length)?;
        // Most bodies come in one piece, which is then not copied.
        match first.take() {
            None if rest.is_empty() => first = Some(data),
            None => rest.extend_from_slice(&data),
            Some(first) => {
                rest.extend_from_slice(&first);
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(body.fill(first.unwrap_or_else(|| rest.freeze())))
}

fn header(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn success(accepted: &Accepted, signal: Signal, encoding: Encoding) -> Response {
    response(StatusCode::OK, encoding, accepted.body(signal, encoding))
}

fn failure(refusal: &Refusal, encoding: Encoding) -> Response {
    let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = response(status, encoding, refusal.body(encoding));
    if let Some(seconds) = refusal.retry_after_seconds() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn response(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let mut response = Response::new(HttpBody::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(encoding.content_type()));
    response
}
