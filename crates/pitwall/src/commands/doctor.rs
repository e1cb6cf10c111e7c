//! `pitwall doctor`: every hop from Claude Code to the dashboard, and which one is broken.

use std::process::ExitCode;

use model::{Clock, SourceSummary, SystemClock, Timestamp};
use serde::Serialize;
use sources::transcripts::claude_directories;
use state::{FileCursor, Files, KeyKind, Keys, RejectionSummary, SqliteState};

use crate::cli::DoctorArgs;
use crate::config::{Config, DataDirectory};
use crate::running_server::RunningServer;
use crate::terminal::{self, grouped};
use crate::wire::{environment, sources_in};

/// How a hop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Attention,
    Broken,
}

/// One hop, looked at.
#[derive(Debug, Serialize)]
struct Finding {
    hop: &'static str,
    verdict: Verdict,
    finding: String,
    /// What to do; empty when there is nothing to do.
    advice: String,
}

impl Finding {
    fn good(hop: &'static str, finding: impl Into<String>) -> Self {
        Self { hop, verdict: Verdict::Good, finding: finding.into(), advice: String::new() }
    }

    fn new(hop: &'static str, verdict: Verdict, finding: impl Into<String>, advice: &str) -> Self {
        Self { hop, verdict, finding: finding.into(), advice: advice.into() }
    }
}

/// Runs the command; fails when a hop is broken.
pub(crate) async fn run(args: DoctorArgs) -> ExitCode {
    let findings = match DataDirectory::or_default(args.data.data.clone()) {
        Ok(data) => examine(&args, &data).await,
        Err(error) => vec![Finding::new("Data", Verdict::Broken, format!("{error:#}"), "")],
    };
    let printed =
        if args.json { terminal::print_json(&findings) } else { terminal::print(&as_text(&findings)) };
    let is_broken = findings.iter().any(|finding| finding.verdict == Verdict::Broken);
    if printed.is_err() || is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn examine(args: &DoctorArgs, data: &DataDirectory) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match Config::load(args.data.config.as_deref(), data) {
        Ok(config) => {
            findings.push(Finding::good("Configuration", "valid"));
            config
        }
        Err(error) => {
            let advice = "Mend the setting it names; docs/configuration.md lists all of them.";
            findings.push(Finding::new("Configuration", Verdict::Broken, format!("{error:#}"), advice));
            Config::default()
        }
    };
    findings.push(client_settings());
    let server = RunningServer::find(data).await.ok().flatten();
    findings.push(match &server {
        Some(server) => Finding::good("Server", format!("answers at {}", server.address())),
        None => Finding::new(
            "Server",
            Verdict::Attention,
            "not running on this data",
            "Start it with: pitwall serve",
        ),
    });
    findings.push(transcripts(&config));
    if !data.path().exists() {
        let finding = format!("nothing in {} yet", data.path().display());
        findings.push(Finding::new("Data", Verdict::Attention, finding, "Start with: pitwall serve"));
        return findings;
    }
    match SqliteState::open(&data.state_file()).await {
        Ok(state) => findings.extend(remembered(&state).await),
        Err(error) => findings.push(Finding::new("Keys and cursors", Verdict::Broken, error.to_string(), "")),
    }
    findings.push(match server {
        Some(server) => ledger_of(&server).await,
        None => ledger_in(data).await,
    });
    findings
}

/// What Claude Code on this machine is told by the environment of this very shell.
fn client_settings() -> Finding {
    const HOP: &str = "Claude Code's settings";
    let advice = "`pitwall connect` prints the settings; Claude Code reads them when it starts.";
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if set("CLAUDE_CODE_ENABLE_TELEMETRY").as_deref() != Some("1") {
        let finding = "telemetry is not switched on in this shell (it may be in Claude Code's own settings)";
        return Finding::new(HOP, Verdict::Attention, finding, advice);
    }
    let exporters = ["OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"];
    let without = exporters.iter().find(|name| set(name).is_none_or(|value| !value.contains("otlp")));
    if let Some(name) = without {
        return Finding::new(
            HOP,
            Verdict::Broken,
            format!("telemetry is on, but {name} is not `otlp`"),
            advice,
        );
    }
    if set("OTEL_EXPORTER_OTLP_PROTOCOL").is_none() {
        let finding = "telemetry is on, but OTEL_EXPORTER_OTLP_PROTOCOL is not set, and it has no default";
        return Finding::new(HOP, Verdict::Broken, finding, advice);
    }
    let endpoint = set("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|| "the default address".into());
    Finding::good(HOP, format!("telemetry is on and goes to {endpoint}"))
}

fn transcripts(config: &Config) -> Finding {
    const HOP: &str = "Transcripts on disk";
    if !config.transcripts.enabled {
        return Finding::good(HOP, "switched off");
    }
    let directories = claude_directories(&config.transcripts.directories, &environment());
    if directories.is_empty() {
        let advice = "If Claude Code keeps its files elsewhere, name the directory with --claude-dir.";
        return Finding::new(HOP, Verdict::Attention, "no Claude directory found", advice);
    }
    let directories: Vec<_> = directories.iter().map(|path| path.display().to_string()).collect();
    Finding::good(HOP, directories.join(", "))
}

/// Cursors, rejections and keys.
async fn remembered(state: &SqliteState) -> Vec<Finding> {
    let mut findings = Vec::new();
    match state.file_cursors().await {
        Ok(cursors) => findings.push(reading(&cursors)),
        Err(error) => findings.push(Finding::new("Transcripts read", Verdict::Broken, error.to_string(), "")),
    }
    match state.rejections().await {
        Ok(rejections) => findings.extend(rejections.iter().map(rejected)),
        Err(error) => findings.push(Finding::new("Rejected", Verdict::Broken, error.to_string(), "")),
    }
    match state.list_keys().await {
        Ok(keys) => {
            let now = SystemClock.now();
            let usable = |kind| keys.iter().filter(|key| key.kind == kind && key.is_usable(now)).count();
            let counts = KeyKind::ALL.map(|kind| format!("{} {}", usable(kind), kind.as_str()));
            findings.push(Finding::good("Keys", counts.join(", ")));
        }
        Err(error) => findings.push(Finding::new("Keys", Verdict::Broken, error.to_string(), "")),
    }
    findings
}

fn reading(cursors: &[FileCursor]) -> Finding {
    const HOP: &str = "Transcripts read";
    let lines: u64 = cursors.iter().map(|cursor| cursor.lines_read).sum();
    let skipped: u64 = cursors.iter().map(|cursor| cursor.lines_skipped).sum();
    let count = |value: u64| grouped(i64::try_from(value).unwrap_or(i64::MAX));
    let finding = format!(
        "{} files, {} lines, {} of them skipped",
        count(cursors.len() as u64),
        count(lines),
        count(skipped)
    );
    let failing = cursors.iter().find_map(|cursor| Some((&cursor.path, cursor.last_error.as_ref()?)));
    match failing {
        Some((path, error)) => Finding::new(
            HOP,
            Verdict::Attention,
            format!("{finding}; {path}: {error}"),
            "See that the file can be read.",
        ),
        None if skipped > 0 => {
            Finding::new(HOP, Verdict::Attention, finding, "The reasons follow; everything else was read.")
        }
        None => Finding::good(HOP, finding),
    }
}

fn rejected(rejection: &RejectionSummary) -> Finding {
    let finding = format!(
        "{} x {} from {}, last at {} ({})",
        grouped(i64::try_from(rejection.count).unwrap_or(i64::MAX)),
        rejection.reason,
        rejection.source,
        rejection.last_at.to_rfc3339(),
        rejection.place,
    );
    Finding::new("Rejected", Verdict::Attention, finding, "Only these were left out; nothing else was lost.")
}

async fn ledger_of(server: &RunningServer) -> Finding {
    const HOP: &str = "Ledger";
    let empty: [(&str, &str); 0] = [];
    match server.get("/api/v1/overview", &std::collections::BTreeMap::from(empty)).await {
        Ok(overview) => {
            let sources = overview["coverage"]["sources"].as_array().cloned().unwrap_or_default();
            let told = sources.iter().map(|source| {
                let text = |name: &str| source[name].as_str().unwrap_or("never").to_owned();
                format!("{}: {} records, newest {}", text("source"), source["records"], text("newest_at"))
            });
            sources_finding(&told.collect::<Vec<_>>())
        }
        Err(error) => Finding::new(HOP, Verdict::Broken, format!("{error:#}"), "See the server's log."),
    }
}

async fn ledger_in(data: &DataDirectory) -> Finding {
    let file = data.ledger_file();
    if !file.exists() {
        return sources_finding(&[]);
    }
    match sources_in(file).await {
        Ok(sources) => sources_finding(&sources.iter().map(source_text).collect::<Vec<_>>()),
        Err(error) => Finding::new(
            "Ledger",
            Verdict::Broken,
            format!("{error:#}"),
            "Stop whatever holds the file, or restore a backup.",
        ),
    }
}

fn source_text(source: &SourceSummary) -> String {
    let newest =
        if source.newest_at == Timestamp::MIN { "never".into() } else { source.newest_at.to_rfc3339() };
    format!("{}: {} records, newest {newest}", source.source.as_str(), source.records)
}

fn sources_finding(sources: &[String]) -> Finding {
    const HOP: &str = "Ledger";
    if sources.is_empty() {
        let advice = "Run Claude Code with the settings of `pitwall connect`, or import transcripts.";
        return Finding::new(HOP, Verdict::Attention, "nothing received yet", advice);
    }
    Finding::good(HOP, sources.join("; "))
}

fn as_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Good => "ok  ",
            Verdict::Attention => "look",
            Verdict::Broken => "FAIL",
        };
        text += &format!("{mark}  {:<24}{}\n", finding.hop, finding.finding);
        if !finding.advice.is_empty() {
            text += &format!("{:30}{}\n", "", finding.advice);
        }
    }
    text
}
