//! `GET /api/v1/status`: what the server is doing.

use axum::Json;
use axum::extract::State;
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::demo::DemoStatus;
use super::error::{ApiError, ErrorBody};
use crate::app::AppState;

/// What the server is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// Pitwall's version.
    pub version: String,
    /// The server's time.
    pub now: jiff::Timestamp,
    /// Whose data it is.
    pub data: DataKind,
    /// Whether the ledger has nothing at all yet.
    pub empty: bool,
    /// The address that HTTP is served on.
    #[schema(example = "127.0.0.1:4318")]
    pub http_address: String,
    /// The address that OTLP/gRPC is served on; null when it is not.
    #[schema(required, example = "127.0.0.1:4317")]
    pub grpc_address: Option<String>,
    /// The import of transcripts.
    pub import: ImportStatus,
    /// The demo.
    pub demo: DemoStatus,
}

/// Whose data it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Somebody's own.
    Main,
    /// Made up.
    Demo,
}

/// How the import of transcripts stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportStatus {
    /// What it is doing.
    pub state: ImportState,
    /// Files read to their end.
    pub files_done: i64,
    /// Files found.
    pub files_total: i64,
    /// Bytes read.
    pub bytes_done: i64,
    /// Bytes found.
    pub bytes_total: i64,
    /// Lines that could not be understood.
    pub lines_skipped: i64,
    /// What a person should know, such as why it failed.
    #[schema(required)]
    pub message: Option<String>,
}

impl ImportStatus {
    /// Of a server that reads no transcripts.
    pub const OFF: Self = Self {
        state: ImportState::Off,
        files_done: 0,
        files_total: 0,
        bytes_done: 0,
        bytes_total: 0,
        lines_skipped: 0,
        message: None,
    };
}

/// What the import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// No transcripts are read.
    Off,
    /// History is being read.
    Running,
    /// Everything has been read; changes are followed.
    Following,
    /// It had to give up.
    Failed,
}

/// What the server is doing.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    operation_id = "status",
    tag = "dashboard",
    responses(
        (status = 200, description = "The status", body = Status),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn status(State(app): State<AppState>) -> Result<Json<Status>, ApiError> {
    let boundary = app.store.boundary().await.map_err(|error| ApiError::internal(&error))?;
    let settings = &app.settings;
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: app.clock.now().to_jiff(),
        data: settings.data,
        empty: boundary == Timestamp::MIN,
        http_address: settings.http_address.clone(),
        grpc_address: settings.grpc_address.clone(),
        import: app.import.borrow().clone(),
        demo: app.demo.status(),
    }))
}
