//! `pitwall openapi`: the description of the HTTP API.

use anyhow::Result;

use crate::terminal;

/// Runs the command.
pub(crate) fn run() -> Result<()> {
    terminal::print(&(server::openapi().to_pretty_json()? + "\n"))
}
