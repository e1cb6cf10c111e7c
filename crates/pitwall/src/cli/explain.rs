//! The options of `pitwall explain`.

use std::path::PathBuf;

use clap::Args;

use super::DataArgs;
use super::report::Day;

/// Options of `explain`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The day: YYYY-MM-DD, today, yesterday, or a number of days ago such as 7d
    #[arg(long, short, value_name = "DAY", required_unless_present = "against")]
    pub(crate) date: Option<Day>,
    /// Only this model: its id, or a part of it such as opus; may be given several times
    #[arg(long, short, value_name = "NAME")]
    pub(crate) model: Vec<String>,
    /// Only this project; may be given several times
    #[arg(long, short, value_name = "NAME")]
    pub(crate) project: Vec<String>,
    /// Only this session
    #[arg(long, short, value_name = "ID", conflicts_with = "against")]
    pub(crate) session: Option<String>,
    /// Time zone that days are cut in [default: the machine's]
    #[arg(long, short = 'z', value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// At most so many postings
    #[arg(long, short, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Say where these figures of ccusage differ (the output of `ccusage daily --json`; - for standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Print JSON
    #[arg(long, short)]
    pub(crate) json: bool,
    /// Do not bring in new transcript lines first
    #[arg(long)]
    pub(crate) no_import: bool,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
