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
use crate::api::{
    activity, analytics, breakdown, connect, cost, data_health, decisions, demo, explain, filters, forecast,
    live, models, movers, overview, people, postings, productivity, projects, reports, requests, sessions,
    settings, status, status_line, tools, top,
};
use crate::app::AppState;
use crate::v1::error::AnalyticsError;
use crate::v1::{access, api_keys, organization, usage_report, users};
use crate::{api, auth, headers, health, metrics, origin, panics, request_id, unchanged, web, widgets};

/// The description of everything under `/api`, and of the Analytics API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let described = OpenApiRouter::<AppState>::with_openapi(Description::openapi());
    let dashboard_api = questions().merge(of_the_moment()).merge(cards());
    described.merge(dashboard_api).merge(analytics_api()).into_openapi()
}

/// Everything this crate serves.
pub fn router(app: AppState) -> Router {
    router_with(app, Router::new())
}

/// The same with more routes, such as OTLP intake. They get request ids, the guard against pages of other
/// sites and security headers; who may call them is their own business.
pub fn router_with(app: AppState, more: Router) -> Router {
    let viewers_only = from_fn_with_state(Arc::clone(&app), auth::require_viewer);
    let metrics = get(metrics::metrics).route_layer(viewers_only.clone());
    let admins_only = from_fn_with_state(Arc::clone(&app), access::require_admin);
    let with_a_token = from_fn_with_state(Arc::clone(&app), widgets::require_token);
    let tagged = from_fn_with_state(Arc::clone(&app), unchanged::tag);
    let (questions, _) = questions().split_for_parts();
    let (of_the_moment, _) = of_the_moment().split_for_parts();
    let (analytics_api, _) = analytics_api().split_for_parts();
    let (cards, _) = cards().split_for_parts();
    let own = Router::new()
        .merge(
            questions
                .route_layer(tagged.clone())
                .merge(of_the_moment)
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
        .merge(cards.route_layer(tagged).route_layer(with_a_token).layer(CompressionLayer::new()))
        .merge(description())
        .merge(nothing_else_under("/api", || ApiError::NotFound))
        .merge(nothing_else_under("/v1", AnalyticsError::not_found))
        .route("/metrics", metrics)
        .route("/widget", any(async || ApiError::NotFound))
        .route("/widget/", any(async || ApiError::NotFound))
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

/// What follows from the ledger alone: answered with a tag, see [`unchanged`].
fn questions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(analytics::analytics))
        .routes(routes!(overview::overview))
        .routes(routes!(filters::filters))
        .routes(routes!(activity::activity))
        .routes(routes!(movers::movers))
        .routes(routes!(cost::cost))
        .routes(routes!(breakdown::cost_breakdown))
        .routes(routes!(forecast::forecast))
        .routes(routes!(models::models))
        .routes(routes!(tools::tools))
        .routes(routes!(decisions::tool_decisions))
        .routes(routes!(productivity::productivity))
        .routes(routes!(postings::postings))
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
        .routes(routes!(live::recent))
        .routes(routes!(sessions::sessions))
        .routes(routes!(sessions::session))
        .routes(routes!(people::adoption))
        .routes(routes!(people::people))
        .routes(routes!(people::person))
        .routes(routes!(people::teams))
        .routes(routes!(projects::projects))
        .routes(routes!(projects::project))
        .routes(routes!(data_health::data))
        .routes(routes!(data_health::sources))
}

/// What changes while the ledger does not.
fn of_the_moment() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(requests::live))
        .routes(routes!(live::now))
        .routes(routes!(data_health::rejected))
        .routes(routes!(live::activity))
        .routes(routes!(settings::settings))
        .routes(routes!(widgets::widgets))
        .routes(routes!(status::status))
        .routes(routes!(demo::start_demo))
        .routes(routes!(connect::connect))
        .routes(routes!(connect::arrivals))
}

/// Cards for other pages.
fn cards() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(widgets::picture)).routes(routes!(widgets::summary))
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
