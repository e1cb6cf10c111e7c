//! `pitwall connect`: the settings that make Claude Code report here.

use anyhow::Result;
use server::api::connect::settings_for;

use crate::cli::{ConnectArgs, ConnectCommand};
use crate::commands::connect_statusline;
use crate::terminal;

/// Where Claude Code finds a server on the same machine.
const LOCAL_ENDPOINT: &str = "http://localhost:4318";

/// Runs the command.
pub(crate) fn run(args: &ConnectArgs) -> Result<()> {
    if let Some(ConnectCommand::Statusline(args)) = &args.command {
        return connect_statusline::run(args);
    }
    let endpoint = args.endpoint.as_deref().unwrap_or(LOCAL_ENDPOINT);
    // Another machine's server asks for a key.
    let needs_key = args.endpoint.is_some();
    let connect = settings_for(endpoint, needs_key);
    if args.json {
        return terminal::print_json(&connect);
    }
    let sections = connect.settings.iter();
    let sections =
        sections.map(|setting| format!("{}\n  in {}\n\n{}\n", setting.title, setting.r#where, setting.text));
    terminal::print(&sections.collect::<Vec<_>>().join("\n"))
}
