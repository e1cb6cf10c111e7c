//! The options of `pitwall statusline` and `pitwall connect statusline`.

use std::path::PathBuf;

use clap::Args;

use super::DataArgs;

/// Options of `statusline`.
#[derive(Clone, Debug, Args)]
pub(crate) struct StatuslineArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// What to show, such as "{model}[ · {today_cost} today]"; docs/statusline.md lists the fields
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Time zone that today is cut in [default: the machine's]
    #[arg(long, short = 'z', value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Bring new lines in and leave the figures for the next prompt, instead of printing a line
    #[arg(long, hide = true)]
    pub(crate) refresh: bool,
}

/// Options of `connect statusline`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConnectStatuslineArgs {
    /// Data and configuration that the status line is to use.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Claude Code's settings file [default: settings.json in CLAUDE_CONFIG_DIR, else in ~/.claude]
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// What to show, instead of the configuration's or the built-in format
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Take the place of another status line
    #[arg(long)]
    pub(crate) replace: bool,
    /// Take Pitwall's status line out again
    #[arg(long, conflicts_with_all = ["replace", "print"])]
    pub(crate) remove: bool,
    /// Print the entry instead of writing it
    #[arg(long)]
    pub(crate) print: bool,
}
