//! What the program says about itself, on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// Starts logging: a server says what it does, other commands only what goes wrong. `RUST_LOG` overrides.
pub(crate) fn start(is_server: bool) {
    let default = if is_server { "info,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false);
    // Only a second call could fail, and there is none.
    let _already_started = subscriber.try_init();
}
