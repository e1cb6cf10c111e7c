//! `POST /api/v1/demo`: a second instance, with data that is made up.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ErrorBody;
use crate::app::AppState;

/// Starts the demo and watches it. Neither call waits.
pub trait DemoControl: Send + Sync {
    /// How the demo stands.
    fn status(&self) -> DemoStatus;

    /// Starts it, unless it is under way or ready, and says how it stands then. One that failed starts again.
    fn start(&self) -> DemoStatus;
}

/// How the demo stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DemoStatus {
    /// What it is doing.
    pub state: DemoState,
    /// How much of the data is there, 0 to 1.
    pub progress: f64,
    /// Where to look at it, once it is ready, such as `http://127.0.0.1:4328`.
    #[schema(required)]
    pub address: Option<String>,
    /// What a person should know, such as why it failed.
    #[schema(required)]
    pub message: Option<String>,
}

impl DemoStatus {
    /// Nobody has asked for it.
    pub const NONE: Self = Self { state: DemoState::None, progress: 0.0, address: None, message: None };
}

/// What the demo is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DemoState {
    /// Nobody has asked for it.
    None,
    /// Its data is being made.
    Filling,
    /// It can be looked at.
    Ready,
    /// It could not be started.
    Failed,
}

/// For a server that offers no demo, such as the demo itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDemo;

impl DemoControl for NoDemo {
    fn status(&self) -> DemoStatus {
        DemoStatus::NONE
    }

    fn start(&self) -> DemoStatus {
        let message = Some("this server offers no demo".to_owned());
        DemoStatus { state: DemoState::Failed, message, ..DemoStatus::NONE }
    }
}

/// Starts a second, separate instance with demo data. Ask the status until it is ready, then go to its
/// address.
#[utoipa::path(
    post,
    path = "/api/v1/demo",
    operation_id = "start_demo",
    tag = "dashboard",
    responses(
        (status = 202, description = "How the demo stands", body = DemoStatus),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn start_demo(State(app): State<AppState>) -> (StatusCode, Json<DemoStatus>) {
    (StatusCode::ACCEPTED, Json(app.demo.start()))
}
