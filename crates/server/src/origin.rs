//! Keeps pages of other sites away from a listener that is open without keys.
//!
//! A browser lets any page send requests to this machine. Two checks keep what it can do harmless: the
//! server answers only under names of its own, so that a foreign name pointed at this machine (DNS
//! rebinding) reaches nothing; and what changes something must come from a page of the server itself
//! (cross-site request forgery).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::api::error::ApiError;
use crate::app::AppState;
use crate::settings::{Access, Settings};
use crate::v1::error::AnalyticsError;

/// Refuses requests under foreign names, and changes that a foreign page asks for.
pub(crate) async fn guard(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let refusal = check_host(&app.settings, request.uri(), request.headers())
        .and_then(|()| check_origin(request.method(), request.uri(), request.headers()));
    match refusal {
        Ok(()) => next.run(request).await,
        Err(message) => refuse(request.uri().path(), message),
    }
}

fn check_host(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    if settings.access == Access::KeysRequired {
        // Every request needs a key there, which a foreign page does not have.
        return Ok(());
    }
    match host_of(uri, headers) {
        // Browsers always name the host; what does not is no browser.
        None => Ok(()),
        Some(Ok(authority)) if is_own_name(settings, authority.host()) => Ok(()),
        Some(_) => Err(format!(
            "this server does not answer under that name: use http://{}, or add the name to server.allowed_hosts",
            settings.http_address
        )),
    }
}

fn check_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    if method.is_safe() {
        return Ok(());
    }
    let foreign = || Err("a page of another site may not change anything here".to_owned());
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return foreign();
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let host = host_of(uri, headers).and_then(Result::ok);
    match (origin, host) {
        (Some(origin), Some(host)) if host.as_str().eq_ignore_ascii_case(origin) => Ok(()),
        _ => foreign(),
    }
}

/// The name that the client used for this server; `Some(Err)` when it is not a name.
pub(crate) fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<Result<Authority, ()>> {
    match headers.get(header::HOST) {
        Some(host) => Some(Authority::try_from(host.as_bytes()).map_err(|_| ())),
        None => uri.authority().cloned().map(Ok),
    }
}

/// What container engines call the machine they run on, inside their containers. The domain is reserved for
/// private use, so no foreign site can have such a name.
const HOST_OF_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

fn is_own_name(settings: &Settings, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_loopback = |address: IpAddr| address.is_loopback();
    host == "localhost"
        || host.ends_with(".localhost")
        || HOST_OF_CONTAINERS.contains(&host.as_str())
        || host.trim_matches(['[', ']']).parse().is_ok_and(is_loopback)
        || settings.allowed_hosts.contains(&host)
        || settings.public_url.as_deref().and_then(host_of_url).is_some_and(|own| own == host)
}

fn host_of_url(url: &str) -> Option<String> {
    url.parse::<Uri>().ok()?.host().map(str::to_ascii_lowercase)
}

/// The refusal, in the shape that clients of the path expect.
fn refuse(path: &str, message: String) -> Response {
    if path.starts_with("/v1/organizations/") {
        AnalyticsError::permission(message).into_response()
    } else if path.starts_with("/api/") {
        ApiError::Forbidden(message).into_response()
    } else {
        (StatusCode::FORBIDDEN, message).into_response()
    }
}
