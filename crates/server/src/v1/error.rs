//! Errors with Anthropic's body.

use std::error::Error;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use report::ReportError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthError;
use crate::query::BadParameter;
use crate::v1::PageError;

/// Why a request under `/v1/` failed.
///
/// As a response it has no body yet: that repeats the request's id, so the middleware that assigns ids
/// writes it ([`AnalyticsError::into_response_with`]).
#[derive(Clone, Debug)]
pub(crate) struct AnalyticsError {
    status: StatusCode,
    error_type: &'static str,
    message: String,
}

impl AnalyticsError {
    fn new(status: StatusCode, error_type: &'static str, message: impl Into<String>) -> Self {
        Self { status, error_type, message: message.into() }
    }

    /// 400: a header or parameter is wrong.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 403: the key is for something else.
    pub(crate) fn permission(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "permission_error", message)
    }

    /// 404: there is nothing at this path.
    pub(crate) fn not_found() -> Self {
        Self::nothing_of("there is nothing at this path")
    }

    /// 404: the path is right, what it names is not there.
    pub(crate) fn nothing_of(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found_error", message)
    }

    /// 413: the body is larger than any that is taken.
    pub(crate) fn too_large(most_bytes: u64) -> Self {
        let message = format!("the body is larger than {most_bytes} bytes; nothing here takes one");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
    }

    /// 429: the key asks too often.
    pub(crate) fn too_many_requests(seconds: i64) -> Self {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let message = format!("the key asks too often: wait for {seconds} {unit}");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", message)
    }

    /// 405: the path takes other methods.
    pub(crate) fn method_not_allowed() -> Self {
        let message = "this path takes other methods, named in the header allow";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", message)
    }

    /// 500: logs what happened and keeps it from the client.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "failed to answer");
        Self::unexpected()
    }

    /// 500: what happened has been logged.
    pub(crate) fn unexpected() -> Self {
        let message = "something went wrong inside Pitwall: its log says what, under this request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", message)
    }

    /// The answer, with the id of the request in its body. Headers already set on `response` stay.
    pub(crate) fn into_response_with(self, response: Response, request_id: &str) -> Response {
        let body = AnalyticsErrorBody {
            r#type: "error",
            error: AnalyticsErrorDetail { r#type: self.error_type.to_owned(), message: self.message },
            request_id: request_id.to_owned(),
        };
        let (mut parts, _) = response.into_parts();
        let (_, body) = Json(body).into_response().into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Response::from_parts(parts, body)
    }
}

impl IntoResponse for AnalyticsError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

impl From<BadParameter> for AnalyticsError {
    fn from(error: BadParameter) -> Self {
        Self::invalid_request(error.to_string())
    }
}

impl From<ReportError> for AnalyticsError {
    fn from(error: ReportError) -> Self {
        if error.is_bad_question() {
            Self::invalid_request(error.to_string())
        } else {
            Self::internal(&error)
        }
    }
}

impl From<PageError> for AnalyticsError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Cursor(error) => error.into(),
            PageError::Report(error) => error.into(),
            PageError::NextPage(_) => Self::internal(&error),
        }
    }
}

impl From<AuthError> for AnalyticsError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::WrongKind { .. } => Self::permission(error.to_string()),
            AuthError::Unavailable(_) => Self::internal(&error),
            _ => Self::new(StatusCode::UNAUTHORIZED, "authentication_error", error.to_string()),
        }
    }
}

/// The body of every error under `/v1/`, as Anthropic's API documentation describes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalyticsErrorBody {
    /// Always `error`.
    #[schema(example = "error")]
    pub r#type: &'static str,
    /// What went wrong.
    pub error: AnalyticsErrorDetail,
    /// The request's id, also in the header `request-id`.
    pub request_id: String,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalyticsErrorDetail {
    /// For programs: `invalid_request_error`, `authentication_error`, `permission_error`,
    /// `not_found_error`, `request_too_large`, `rate_limit_error`, `api_error`. Others may come.
    #[schema(example = "invalid_request_error")]
    pub r#type: String,
    /// For people.
    pub message: String,
}
