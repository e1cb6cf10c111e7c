//! The options of `pitwall top`.

use clap::Args;

use super::DataArgs;

/// Options of `top`.
#[derive(Clone, Debug, Args)]
pub(crate) struct TopArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Seconds between two looks
    #[arg(long, short, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) interval: u64,
    /// Time zone that today is cut in [default: the machine's]
    #[arg(long, short = 'z', value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Look once, print, and end; so it does where standard output is no terminal
    #[arg(long)]
    pub(crate) once: bool,
}
