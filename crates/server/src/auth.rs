//! Who may ask: keys in `x-api-key` or `Authorization: Bearer`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Uri, header};
use model::OrganizationId;
use state::{Authentication, Key, KeyKind, KeyPresence};
use subtle::ConstantTimeEq as _;

use crate::api::error::ApiError;
use crate::app::{App, AppState};
use crate::organizations::View;
use crate::query::{BadParameter, Parameters};
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

/// Names the organization that an answer shall be about, for callers that are not bound to one.
pub(crate) const ORGANIZATION: &str = "organization";

/// The parameter of everything under `/api`, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read by require_viewer")]
pub(crate) struct OrganizationQuery {
    /// The organization that the answer is about, where several share this Pitwall. A key shows its own and no
    /// other; without a key it is the default one unless told here.
    organization: Option<String>,
}

/// Lets viewers in: everybody on an open listener until the first viewer key is made, then whoever has a
/// viewer or admin key. Handlers find a [`View`] of what the caller may see.
pub(crate) async fn require_viewer(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    match view_of(&app, request.uri(), request.headers()).await {
        Ok(view) => {
            request.extensions_mut().insert(view);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// A key shows its own organization. Nobody's key shows the default one, or the one asked for; a command on
/// this machine, which could read the files as well, is shown everything unless it asks for one.
async fn view_of(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<View, ApiError> {
    view_for(app, viewer_of(app, headers).await?, uri)
}

/// What a caller may see in this request.
pub(crate) fn view_for(app: &App, viewer: Viewer, uri: &Uri) -> Result<View, ApiError> {
    let organizations = &app.settings.organizations;
    let asked = Parameters::of(uri).get(ORGANIZATION)?.map(OrganizationId::new);
    match (viewer, asked) {
        (Viewer::Key(key), asked) => {
            let own = organizations.of_key(&key);
            if asked.is_some_and(|asked| asked != *own) {
                return Err(ApiError::Forbidden("the key belongs to another organization".to_owned()));
            }
            Ok(View::of(organizations, own.clone(), &app.store))
        }
        (_, Some(asked)) if !organizations.has(&asked) => {
            Err(BadParameter::new(ORGANIZATION, "is not one that is configured here").into())
        }
        (_, Some(asked)) => Ok(View::of(organizations, asked, &app.store)),
        (Viewer::Anybody, None) => {
            Ok(View::of(organizations, organizations.default_id().clone(), &app.store))
        }
        (Viewer::Operator, None) => Ok(View::of_operator(organizations, &app.store)),
    }
}

/// Who asks.
pub(crate) enum Viewer {
    /// Somebody on a listener that is open.
    Anybody,
    /// A command of the same user on the same machine.
    Operator,
    /// Whoever has this key.
    Key(Key),
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

    /// Whether a request presents it.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        presented_key(headers).is_ok_and(|presented| self.is(presented))
    }
}

impl std::fmt::Debug for LocalToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LocalToken(***)")
    }
}

/// Who sends these headers.
pub(crate) async fn viewer_of(app: &App, headers: &HeaderMap) -> Result<Viewer, AuthError> {
    if let (Some(token), Ok(presented)) = (&app.local_token, presented_key(headers))
        && token.is(presented)
    {
        return Ok(Viewer::Operator);
    }
    let key = viewer_key(app, headers).await;
    if key.is_err() && app.settings.access == Access::OpenUntilFirstKey {
        let presence = app.keys.key_presence(&[KeyKind::Viewer], app.clock.now()).await;
        if presence.map_err(AuthError::Unavailable)? == KeyPresence::Never {
            return Ok(Viewer::Anybody);
        }
    }
    key.map(Viewer::Key)
}

async fn viewer_key(app: &App, headers: &HeaderMap) -> Result<Key, AuthError> {
    let key = key_of(app, headers).await?;
    match key.kind {
        KeyKind::Viewer | KeyKind::Admin => Ok(key),
        sent @ KeyKind::Ingest => Err(AuthError::WrongKind { needed: "a viewer or admin key", sent }),
    }
}
