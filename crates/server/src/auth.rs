//! Who may ask: keys in `x-api-key` or `Authorization: Bearer`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use state::{Authentication, Key, KeyKind, KeyPresence};
use subtle::ConstantTimeEq as _;

use crate::api::error::ApiError;
use crate::app::{App, AppState};
use crate::settings::Access;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// No key was sent.
    #[error("a key is needed: send it as x-api-key or as authorization: bearer")]
    Missing,
    /// The header cannot be read as a key.
    #[error("the key cannot be read: send it as x-api-key or as authorization: bearer")]
    Malformed,
    /// No such key.
    #[error("the key is not known here")]
    Unknown,
    /// The key was revoked.
    #[error("the key has been revoked")]
    Revoked,
    /// The key is past its expiry.
    #[error("the key has expired")]
    Expired,
    /// The key is good for something else.
    #[error("this needs {needed}, the key sent is of kind {sent}")]
    WrongKind { needed: &'static str, sent: KeyKind },
    /// The keys could not be looked up.
    #[error("the key could not be checked")]
    Unavailable(#[source] state::Error),
}

/// The key that the request carries, if it may be used now. `x-api-key` goes before `Authorization`.
pub(crate) async fn key_of(app: &App, headers: &HeaderMap) -> Result<Key, AuthError> {
    let presented = presented_key(headers)?;
    let now = app.clock.now();
    match app.keys.authenticate(presented, now).await.map_err(AuthError::Unavailable)? {
        Authentication::Valid(key) => {
            if let Err(error) = app.keys.touch_key(&key.id, now).await {
                tracing::warn!(error = &error as &dyn std::error::Error, key.id = %key.id, "failed to note a key's use");
            }
            Ok(key)
        }
        Authentication::Unknown => Err(AuthError::Unknown),
        Authentication::Revoked(_) => Err(AuthError::Revoked),
        Authentication::Expired(_) => Err(AuthError::Expired),
    }
}

fn presented_key(headers: &HeaderMap) -> Result<&str, AuthError> {
    let presented = if let Some(value) = headers.get("x-api-key") {
        value.to_str().ok()
    } else if let Some(value) = headers.get(header::AUTHORIZATION) {
        value.to_str().ok().and_then(bearer)
    } else {
        return Err(AuthError::Missing);
    };
    presented.map(str::trim).filter(|key| !key.is_empty()).ok_or(AuthError::Malformed)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key)
}

/// Lets viewers in: everybody on an open listener until the first viewer key is made, then whoever has a
/// viewer or admin key.
pub(crate) async fn require_viewer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match check_viewer(&app, request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// What a command of the same user presents to a server on the same machine. It does not print.
pub struct LocalToken(String);

impl LocalToken {
    /// Takes a text that nobody else can guess.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    fn is(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl std::fmt::Debug for LocalToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LocalToken(***)")
    }
}

async fn check_viewer(app: &App, headers: &HeaderMap) -> Result<(), AuthError> {
    if app.settings.access == Access::OpenUntilFirstKey {
        let presence = app.keys.key_presence(&[KeyKind::Viewer], app.clock.now()).await;
        if presence.map_err(AuthError::Unavailable)? == KeyPresence::Never {
            return Ok(());
        }
    }
    if let (Some(token), Ok(presented)) = (&app.local_token, presented_key(headers))
        && token.is(presented)
    {
        return Ok(());
    }
    match key_of(app, headers).await?.kind {
        KeyKind::Viewer | KeyKind::Admin => Ok(()),
        sent @ KeyKind::Ingest => Err(AuthError::WrongKind { needed: "a viewer or admin key", sent }),
    }
}
