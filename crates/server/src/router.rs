//! Every path, and what a request passes on its way.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{HeaderValue, header};
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::error::ApiError;
use crate::api::openapi::Description;
use crate::api::{analytics, connect, demo, explain, overview, reports, requests, status, status_line, top};
use crate::app::AppState;
use crate::v1::error::AnalyticsError;
use crate::v1::{access, api_keys, organization, usage_report, users};
use crate::{api, auth, headers, health, origin, panics, request_id, web};

/// The description of everything under `/api`, and of the Analytics API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let described = OpenApiRouter::<AppState>::with_openapi(Description::openapi());
    described.merge(dashboard_api()).merge(analytics_api()).into_openapi()
}

/// Everything this crate serves.
pub fn router(app: AppState) -> Router {
    router_with(app, Router::new())
}

/// The same with more routes, such as OTLP intake. They get request ids, the guard against pages of other
/// sites and security headers; who may call them is their own business.
pub fn router_with(app: AppState, more: Router) -> Router {
    let viewers_only = from_fn_with_state(Arc::clone(&app), auth::require_viewer);
    let admins_only = from_fn_with_state(Arc::clone(&app), access::require_admin);
    let (dashboard_api, _) = dashboard_api().split_for_parts();
    let (analytics_api, _) = analytics_api().split_for_parts();
    let own = Router::new()
        .merge(
            dashboard_api
                .route_layer(viewers_only)
                .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
                .layer(CompressionLayer::new()),
        )
        .merge(
            analytics_api
                .route_layer(admins_only)
                .method_not_allowed_fallback(async || AnalyticsError::method_not_allowed())
                .layer(CompressionLayer::new()),
        )
        .merge(description())
        .merge(nothing_else_under("/api", || ApiError::NotFound))
        .merge(nothing_else_under("/v1", AnalyticsError::not_found))
        .layer(from_fn(forbid_caching))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(Router::new().fallback(web::serve).layer(CompressionLayer::new()))
        .with_state(Arc::clone(&app));
    own.merge(more)
        .layer(from_fn_with_state(app, origin::guard))
        .layer(from_fn(panics::answer))
        .layer(from_fn(headers::add_security_headers))
        .layer(from_fn(request_id::assign))
}

fn dashboard_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(analytics::analytics))
        .routes(routes!(overview::overview))
        .routes(routes!(reports::daily))
        .routes(routes!(reports::monthly))
        .routes(routes!(reports::weekly))
        .routes(routes!(reports::by_session))
        .routes(routes!(reports::by_block))
        .routes(routes!(reports::by_model))
        .routes(routes!(reports::by_project))
        .routes(routes!(reports::by_tool))
        .routes(routes!(explain::explain))
        .routes(routes!(explain::against))
        .routes(routes!(status_line::status_line))
        .routes(routes!(top::top))
        .routes(routes!(requests::recent))
        .routes(routes!(requests::live))
        .routes(routes!(status::status))
        .routes(routes!(demo::start_demo))
        .routes(routes!(connect::connect))
}

fn analytics_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(usage_report::usage_report))
        .routes(routes!(organization::me))
        .routes(routes!(users::users))
        .routes(routes!(users::user))
        .routes(routes!(api_keys::api_keys))
}

/// Answers what no other route under the prefix takes; it is not the dashboard's.
fn nothing_else_under<S, E>(prefix: &str, error: fn() -> E) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    E: IntoResponse + 'static,
{
    let paths = [prefix.to_owned(), format!("{prefix}/"), format!("{prefix}/{{*rest}}")];
    paths.iter().fold(Router::new(), |router, path| router.route(path, any(async move || error())))
}

/// For programs and for people. It does not change while the program runs, so it is written once.
fn description<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let openapi = openapi();
    let page: Arc<str> = api::docs::page_of(&serde_json::to_value(&openapi).unwrap_or_default()).into();
    let document: Arc<str> = openapi.to_pretty_json().unwrap_or_default().into();
    Router::new()
        .route("/api/openapi.json", get(async move || api::openapi::answer(&document)))
        .route("/api/docs", get(async move || api::docs::answer(&page)))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(CompressionLayer::new())
}

/// Figures are of the moment, and may be somebody's secret: nothing in between keeps them.
async fn forbid_caching(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
