//! `GET /api/v1/connect`: what to tell Claude Code so that it sends its telemetry here.

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, Uri};
use serde::Serialize;
use serde_json::json;
use state::{KeyKind, KeyPresence};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::origin::host_of;
use crate::settings::{Access, Settings};

/// Stands where an ingest key belongs.
const KEY_PLACEHOLDER: &str = "YOUR-INGEST-KEY";

/// Settings to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Connect {
    /// One of them is enough.
    pub settings: Vec<Setting>,
}

/// One way to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setting {
    /// For whom it is.
    #[schema(example = "For you, in every session")]
    pub title: String,
    /// Where the text goes.
    #[schema(example = "~/.claude/settings.json")]
    pub r#where: String,
    /// What it is written in.
    pub language: Language,
    /// The text.
    pub text: String,
}

/// What a setting is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// JSON.
    Json,
    /// A POSIX shell.
    Bash,
    /// PowerShell.
    Powershell,
}

/// The settings for Claude Code, ready to copy.
#[utoipa::path(
    get,
    path = "/api/v1/connect",
    operation_id = "connect",
    tag = "dashboard",
    responses(
        (status = 200, description = "The settings", body = Connect),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn connect(
    State(app): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Connect>, ApiError> {
    let needs_key = needs_ingest_key(&app).await.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(settings_for(&endpoint(&app.settings, &uri, &headers), needs_key)))
}

async fn needs_ingest_key(app: &App) -> Result<bool, state::Error> {
    if app.settings.access == Access::KeysRequired {
        return Ok(true);
    }
    let presence = app.keys.key_presence(&[KeyKind::Ingest], app.clock.now()).await?;
    Ok(presence != KeyPresence::Never)
}

/// The address under which whoever asks reaches this server.
fn endpoint(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> String {
    if let Some(url) = &settings.public_url {
        return url.clone();
    }
    match host_of(uri, headers) {
        Some(Ok(authority)) => format!("http://{authority}"),
        _ => format!("http://{}", settings.http_address),
    }
}

/// The settings that make Claude Code send its telemetry to `endpoint`, such as `http://127.0.0.1:4318`.
/// With `needs_key`, a placeholder stands where an ingest key has to be filled in.
pub fn settings_for(endpoint: &str, needs_key: bool) -> Connect {
    let variables = variables(endpoint, needs_key);
    let json = as_json(&variables);
    let setting = |title: &str, place: &str, language, text: String| Setting {
        title: title.to_owned(),
        r#where: place.to_owned(),
        language,
        text,
    };
    Connect {
        settings: vec![
            setting("For you, in every session", "~/.claude/settings.json", Language::Json, json.clone()),
            setting(
                "For this terminal, on macOS and Linux",
                "a shell, or its start file such as ~/.zshrc or ~/.bashrc",
                Language::Bash,
                lines(&variables, |name, value| format!("export {name}={}", bash_quoted(value))),
            ),
            setting(
                "For this terminal, on Windows",
                "PowerShell, or its $PROFILE",
                Language::Powershell,
                lines(&variables, |name, value| format!("$env:{name} = {}", powershell_quoted(value))),
            ),
            setting(
                "For everybody, as managed settings",
                "/etc/claude-code/managed-settings.json on Linux, \
                 /Library/Application Support/ClaudeCode/managed-settings.json on macOS, \
                 C:\\Program Files\\ClaudeCode\\managed-settings.json on Windows",
                Language::Json,
                json,
            ),
        ],
    }
}

/// The environment variables, as Claude Code's monitoring documentation names them.
///
/// HTTP rather than gRPC, since the client tries again over HTTP when a receiver is busy. The version and
/// the repository, which it leaves out by default, tell reports more; content stays off.
fn variables(endpoint: &str, needs_key: bool) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "1".to_owned()),
        ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
        ("OTEL_LOGS_EXPORTER", "otlp".to_owned()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.to_owned()),
        ("OTEL_METRICS_INCLUDE_VERSION", "true".to_owned()),
        ("OTEL_METRICS_INCLUDE_REPOSITORY", "true".to_owned()),
    ];
    if needs_key {
        variables.push(("OTEL_EXPORTER_OTLP_HEADERS", format!("x-api-key={KEY_PLACEHOLDER}")));
    }
    variables
}

fn as_json(variables: &[(&'static str, String)]) -> String {
    let names: serde_json::Map<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    format!("{:#}", json!({ "env": names }))
}

fn lines(variables: &[(&str, String)], line: impl Fn(&str, &str) -> String) -> String {
    let lines: Vec<_> = variables.iter().map(|(name, value)| line(name, value)).collect();
    lines.join("\n")
}

/// Plain where that is safe, else in single quotes.
fn bash_quoted(value: &str) -> String {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=".contains(&byte));
    if is_plain { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

fn powershell_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_valid_in_their_language() {
        let connect = settings_for("http://[::1]:4318", true);
        let json: serde_json::Value = serde_json::from_str(&connect.settings[0].text).unwrap();
        assert_eq!(json["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://[::1]:4318");
        assert_eq!(json["env"]["OTEL_EXPORTER_OTLP_HEADERS"], "x-api-key=YOUR-INGEST-KEY");
        let bash = &connect.settings[1].text;
        assert!(bash.contains("export OTEL_EXPORTER_OTLP_ENDPOINT='http://[::1]:4318'\n"), "{bash}");
        assert!(bash.contains("export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n"), "{bash}");
        let powershell = &connect.settings[2].text;
        assert!(powershell.contains("$env:OTEL_METRICS_EXPORTER = 'otlp'\n"), "{powershell}");
    }

    #[test]
    fn no_key_is_asked_for_where_none_is_needed() {
        let connect = settings_for("http://127.0.0.1:4318", false);
        assert!(connect.settings.iter().all(|setting| !setting.text.contains("HEADERS")));
    }

    #[test]
    fn quotes_do_not_escape() {
        assert_eq!(bash_quoted("it's"), r"'it'\''s'");
        assert_eq!(powershell_quoted("it's"), "'it''s'");
    }
}
