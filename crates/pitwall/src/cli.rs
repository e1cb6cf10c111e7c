//! The command line.

pub(crate) mod care;
pub(crate) mod prices;
pub(crate) mod report;
pub(crate) mod statusline;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::logging::LogFormat;
use care::{BackupArgs, ForgetArgs, RebuildArgs, RestoreArgs, VerifyArgs};
use prices::PricesCommand;
use report::ReportCommand;
use statusline::{ConnectStatuslineArgs, StatuslineArgs};

/// Self-hosted analytics for Claude Code: what your coding agents did, what it cost, and why each figure
/// is what it is.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Receive telemetry, follow transcripts, and serve the dashboard and the APIs
    Serve(ServeArgs),
    /// Bring data in without a server
    #[command(subcommand)]
    Import(ImportCommand),
    /// Print figures
    #[command(subcommand)]
    Report(ReportCommand),
    /// See and check the prices that figures are priced with
    #[command(subcommand)]
    Prices(PricesCommand),
    /// Print one line for Claude Code's prompt; `pitwall connect statusline` installs it
    Statusline(StatuslineArgs),
    /// Manage API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show the settings that make Claude Code report to this server; `connect statusline` installs the status line
    Connect(ConnectArgs),
    /// Check every hop from Claude Code to the dashboard, and say which one is broken
    Doctor(DoctorArgs),
    /// Count everything again, and say what is wrong and what to do
    Verify(VerifyArgs),
    /// Settle everything again from its records, and mend what differs
    Rebuild(RebuildArgs),
    /// Copy everything into a new folder, also while the server runs
    Backup(BackupArgs),
    /// Put a backup into an empty data directory
    Restore(RestoreArgs),
    /// Erase a person, for good
    Forget(ForgetArgs),
    /// Fill a separate data directory with a believable organization, and serve it
    Demo(DemoArgs),
    /// Print the OpenAPI document of the HTTP API
    #[command(hide = true)]
    Openapi,
}

/// Where the data and the configuration are.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataArgs {
    /// Data directory [default: the platform's data directory, `pitwall/`]
    #[arg(long, env = "PITWALL_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file (TOML)
    #[arg(long, env = "PITWALL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Address for everything HTTP: OTLP/HTTP, the APIs, the dashboard [default: 127.0.0.1:4318]
    #[arg(long, env = "PITWALL_HTTP", value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
    /// Address for OTLP over gRPC [default: 127.0.0.1:4317]
    #[arg(long, env = "PITWALL_GRPC", value_name = "ADDR")]
    pub(crate) grpc: Option<SocketAddr>,
    /// Claude directory to read transcripts from; may be given several times [default: found by itself]
    #[arg(long, env = "PITWALL_CLAUDE_DIR", value_name = "DIR", value_delimiter = ',')]
    pub(crate) claude_dir: Vec<PathBuf>,
    /// Do not read transcripts
    #[arg(long, conflicts_with = "claude_dir")]
    pub(crate) no_transcripts: bool,
    /// How the log on standard error is written
    #[arg(long, env = "PITWALL_LOG_FORMAT", value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Claude Code's local transcripts
    Transcripts(ImportTranscriptsArgs),
}

/// Options of `import transcripts`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImportTranscriptsArgs {
    /// Claude directories, each the one that holds `projects/` [default: found by itself]
    #[arg(value_name = "DIR")]
    pub(crate) directories: Vec<PathBuf>,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The key commands.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key; it is shown once and kept hashed
    Create(KeyCreateArgs),
    /// List keys, without their secrets
    List(KeyListArgs),
    /// Revoke a key for good
    Revoke(KeyRevokeArgs),
    /// List what happened to keys, newest first
    Audit(KeyAuditArgs),
}

/// The kinds of keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KeyKindArg {
    /// May use the Analytics API
    Admin,
    /// May send telemetry
    Ingest,
    /// May see the dashboard and its API
    Viewer,
}

/// Options of `key create`.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyCreateArgs {
    /// What the key may do
    #[arg(long, value_enum)]
    pub(crate) kind: KeyKindArg,
    /// A name to know it by
    #[arg(long)]
    pub(crate) name: String,
    /// Organization it belongs to, as the configuration names it [default: the default organization]
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// When it expires: an instant such as 2027-01-31T12:00:00Z, a UTC day such as 2027-01-31 (at its end),
    /// or from now, such as 90d [default: never]
    #[arg(long, value_name = "WHEN")]
    pub(crate) expires: Option<String>,
    /// Print JSON: {"id","kind","name","key"}
    #[arg(long)]
    pub(crate) json: bool,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `key list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `key revoke`.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyRevokeArgs {
    /// The key's id, as `key list` shows it
    pub(crate) id: String,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What can be connected.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConnectCommand {
    /// Have Claude Code show Pitwall's status line at its prompt
    Statusline(ConnectStatuslineArgs),
}

/// Options of `key audit`.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyAuditArgs {
    /// At most this many lines
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `connect`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ConnectArgs {
    /// What to connect; telemetry when left out.
    #[command(subcommand)]
    pub(crate) command: Option<ConnectCommand>,
    /// Address of this server as Claude Code reaches it [default: http://localhost:4318]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `doctor`.
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    /// Data directory for the demo [default: `demo/` in the platform's data directory of Pitwall]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Address for everything HTTP [default: 127.0.0.1:4318]
    #[arg(long, env = "PITWALL_HTTP", value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
    /// Developers in the organization
    #[arg(long, default_value_t = crate::instance::DEFAULT_DEVELOPERS, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub(crate) developers: u32,
    /// Days up to today
    #[arg(long, default_value_t = crate::instance::DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=730))]
    pub(crate) days: u32,
    /// Seed: the same one gives the same organization
    #[arg(long, default_value_t = crate::instance::DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Fill the data directory and end, without serving it
    #[arg(long)]
    pub(crate) fill_only: bool,
    /// With --fill-only: print what the data amounts to, as counted when it was made, as JSON
    #[arg(long, requires = "fill_only")]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
