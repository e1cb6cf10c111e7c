//! Errors of the dashboard's API.

use std::error::Error;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use report::ReportError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthError;
use crate::query::BadParameter;
use crate::v1::PageError;

/// Why a request of the dashboard's API failed. The texts are shown to people.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 400
    InvalidRequest(String),
    /// 401
    Unauthorized(String),
    /// 403
    Forbidden(String),
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 503
    Unavailable(String),
    /// 500; what happened has been logged.
    Internal,
}

impl ApiError {
    /// Logs what happened and keeps it from the client.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "failed to answer");
        Self::Internal
    }

    fn parts(self) -> (StatusCode, ErrorCode, String) {
        match self {
            Self::InvalidRequest(message) => (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, message),
            Self::Unauthorized(message) => (StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, message),
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, ErrorCode::Forbidden, message),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, ErrorCode::NotFound, "there is nothing at this path".to_owned())
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                ErrorCode::MethodNotAllowed,
                "this path takes other methods, named in the header allow".to_owned(),
            ),
            Self::Unavailable(message) => (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, message),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::Internal,
                "something went wrong inside Pitwall: its log says what".to_owned(),
            ),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let mut response = (status, Json(ErrorBody { error: ErrorDetail { code, message } })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"pitwall\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<BadParameter> for ApiError {
    fn from(error: BadParameter) -> Self {
        Self::InvalidRequest(error.to_string())
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        if error.is_bad_question() { Self::InvalidRequest(error.to_string()) } else { Self::internal(&error) }
    }
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Cursor(error) => error.into(),
            PageError::Report(error) => error.into(),
            PageError::NextPage(_) => Self::internal(&error),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::WrongKind { .. } => Self::Forbidden(error.to_string()),
            AuthError::Unavailable(_) => Self::internal(&error),
            _ => Self::Unauthorized(error.to_string()),
        }
    }
}

/// The body of every error under `/api`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: a parameter is wrong.
    InvalidRequest,
    /// 401: a key is needed, or the one sent is not usable.
    Unauthorized,
    /// 403: the key sent is for something else, or the page is of another site.
    Forbidden,
    /// 404: there is nothing at this path.
    NotFound,
    /// 405: the path takes other methods.
    MethodNotAllowed,
    /// 503: too many ask at once.
    Unavailable,
    /// 500: the server's fault.
    Internal,
}
