//! `GET /api/v1/connect`: what to tell Claude Code so that it sends its telemetry here.

use std::fmt::Write as _;

use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, Uri};
use model::Timestamp;
use report::arrivals::{self, Arrivals};
use serde::Serialize;
use serde_json::json;
use state::{KeyKind, KeyPresence};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use crate::app::{App, AppState};
use crate::auth::OrganizationQuery;
use crate::organizations::View;
use crate::origin::host_of;
use crate::query::{BadParameter, Parameters};
use crate::settings::{Access, Settings};

/// Stands where an ingest key belongs.
const KEY_PLACEHOLDER: &str = "YOUR-INGEST-KEY";

/// Settings to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Connect {
    /// One of them is enough.
    pub settings: Vec<Setting>,
}

/// What arrived since a moment, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ArrivalsQuery {
    /// A moment of the last hour, as RFC 3339; the last five minutes when left out.
    #[param(example = "2026-11-22T12:00:00Z")]
    since: Option<String>,
}

/// What arrived since a moment: tells whoever has just connected whether it works.
#[utoipa::path(
    get,
    path = "/api/v1/connect/arrivals",
    operation_id = "arrivals",
    tag = "dashboard",
    params(ArrivalsQuery, OrganizationQuery),
    responses(
        (status = 200, description = "What arrived", body = Arrivals),
        (status = "default", description = "What went wrong", body = ErrorBody)
    ),
    security((), ("viewer_key" = []))
)]
pub(crate) async fn arrivals(
    State(app): State<AppState>,
    Extension(view): Extension<View>,
    uri: Uri,
) -> Result<Json<Arrivals>, ApiError> {
    let now = app.clock.now();
    let since = match Parameters::of(&uri).get("since")? {
        None => now.plus_seconds(-DEFAULT_ARRIVALS_SECONDS),
        Some(text) => Timestamp::parse_rfc3339(text).ok_or_else(|| {
            BadParameter::new("since", "must be a time as RFC 3339, such as 2026-11-22T12:00:00Z")
        })?,
    };
    // An hour is all that connecting takes; more would look through much for nothing.
    let since = since.max(now.plus_seconds(-MAX_ARRIVALS_SECONDS));
    Ok(Json(arrivals::ask(view.store.as_ref(), since).await?))
}

/// What counts as just arrived when nobody says since when, and at most.
const DEFAULT_ARRIVALS_SECONDS: i64 = 5 * 60;
const MAX_ARRIVALS_SECONDS: i64 = 60 * 60;

/// One way to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setting {
    /// Which way it is.
    pub kind: SettingKind,
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

/// A way to give Claude Code its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A person's own settings file.
    UserSettings,
    /// A POSIX shell's environment.
    Shell,
    /// PowerShell's environment.
    Powershell,
    /// Settings that an organization gives to everybody.
    ManagedSettings,
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

/// What the settings shall say beside the address, for the description of the API.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query; it is read through query::Parameters")]
struct ConnectQuery {
    /// The team that the work shall be counted for.
    team: Option<String>,
    /// The e-mail address that the work shall be counted under, where the sign-in tells none.
    person: Option<String>,
}

/// The settings for Claude Code, ready to copy.
#[utoipa::path(
    get,
    path = "/api/v1/connect",
    operation_id = "connect",
    tag = "dashboard",
    params(ConnectQuery),
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
    let attributes = own_attributes(&app.settings, &Parameters::of(&uri))?;
    let endpoint = endpoint(&app.settings, &uri, &headers);
    Ok(Json(settings_with(&variables(&endpoint, needs_key, &attributes))))
}

/// The longest team or e-mail address, in characters.
const MAX_ATTRIBUTE_CHARS: usize = 100;

/// Resource attributes that the query asks for, each with its value.
fn own_attributes(settings: &Settings, query: &Parameters) -> Result<Vec<(String, String)>, BadParameter> {
    let mut attributes = Vec::new();
    let names = [("team", settings.team_attributes.first()), ("person", Some(&settings.person_attribute))];
    for (parameter, attribute) in names {
        let value = query.get(parameter)?.map(str::trim).filter(|value| !value.is_empty());
        if value.is_some_and(|value| value.chars().count() > MAX_ATTRIBUTE_CHARS) {
            let problem = format!("is longer than {MAX_ATTRIBUTE_CHARS} characters");
            return Err(BadParameter::new(parameter, problem));
        }
        if let (Some(value), Some(attribute)) = (value, attribute) {
            attributes.push((attribute.clone(), value.to_owned()));
        }
    }
    Ok(attributes)
}

/// `a=1,b=2`, as OpenTelemetry's environment variable wants it: what is not plain is percent-encoded.
fn resource_attributes(attributes: &[(String, String)]) -> String {
    let pairs = attributes.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

async fn needs_ingest_key(app: &App) -> Result<bool, state::Error> {
    if app.settings.access == Access::KeysRequired {
        return Ok(true);
    }
    let presence = app.keys.key_presence(&[KeyKind::Ingest], app.clock.now()).await?;
    Ok(presence != KeyPresence::Never)
}

/// The address under which whoever asks reaches this server.
pub(crate) fn endpoint(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> String {
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
    settings_with(&variables(endpoint, needs_key, &[]))
}

fn settings_with(variables: &[(&'static str, String)]) -> Connect {
    let json = as_json(variables);
    let setting = |kind, title: &str, place: &str, language, text: String| Setting {
        kind,
        title: title.to_owned(),
        r#where: place.to_owned(),
        language,
        text,
    };
    Connect {
        settings: vec![
            setting(
                SettingKind::UserSettings,
                "For you, in every session",
                "~/.claude/settings.json",
                Language::Json,
                json.clone(),
            ),
            setting(
                SettingKind::Shell,
                "For this terminal, on macOS and Linux",
                "a shell, or its start file such as ~/.zshrc or ~/.bashrc",
                Language::Bash,
                lines(variables, |name, value| format!("export {name}={}", bash_quoted(value))),
            ),
            setting(
                SettingKind::Powershell,
                "For this terminal, on Windows",
                "PowerShell, or its $PROFILE",
                Language::Powershell,
                lines(variables, |name, value| format!("$env:{name} = {}", powershell_quoted(value))),
            ),
            setting(
                SettingKind::ManagedSettings,
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
fn variables(
    endpoint: &str,
    needs_key: bool,
    attributes: &[(String, String)],
) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("CLAUDE_CODE_ENABLE_TELEMETRY", "1".to_owned()),
        ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
        ("OTEL_LOGS_EXPORTER", "otlp".to_owned()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.to_owned()),
        ("OTEL_METRICS_INCLUDE_VERSION", "true".to_owned()),
        ("OTEL_METRICS_INCLUDE_REPOSITORY", "true".to_owned()),
    ];
    if !attributes.is_empty() {
        variables.push(("OTEL_RESOURCE_ATTRIBUTES", resource_attributes(attributes)));
    }
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
    fn attributes_are_encoded_as_opentelemetry_reads_them() {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let attributes = [own("team.id", "R&D, Köln"), own("who", "mira@example.org")];
        assert_eq!(resource_attributes(&attributes), "team.id=R%26D%2C%20K%C3%B6ln,who=mira@example.org");
    }

    #[test]
    fn quotes_do_not_escape() {
        assert_eq!(bash_quoted("it's"), r"'it'\''s'");
        assert_eq!(powershell_quoted("it's"), "'it''s'");
    }
}
