//! What the program says about itself, on standard error.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::cli::Command;

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, with every field by its name.
    Json,
}

/// Starts logging for a command. A server says what it does, other commands only what goes wrong; `RUST_LOG`
/// overrides.
pub(crate) fn start(command: &Command) {
    let (default, format) = match command {
        Command::Serve(args) => ("info,sqlx=warn", args.log_format),
        Command::Demo(_) => ("info,sqlx=warn", LogFormat::Text),
        _ => ("warn", LogFormat::Text),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    // Only a second call could fail, and there is none.
    let _already_started = match format {
        LogFormat::Text => {
            let is_coloured = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            subscriber.with_ansi(is_coloured).try_init()
        }
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
}
