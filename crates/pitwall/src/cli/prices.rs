//! The options of `pitwall prices`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArgs;

/// The price commands.
#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Every model with its prices of today
    List(PricesListArgs),
    /// Every price of a model, then and now, with the days it holds on
    Show(PricesShowArgs),
    /// Look for mistakes: in the price book and your own prices, or in a file before it is used
    Check(PricesCheckArgs),
    /// Use a newer price book from a file, from the next start on
    Update(PricesUpdateArgs),
}

/// Options of `prices list`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PricesListArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `prices show`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PricesShowArgs {
    /// The model, in any spelling
    pub(crate) model: String,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `prices check`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PricesCheckArgs {
    /// A price book to look at instead of the one in use
    pub(crate) file: Option<PathBuf>,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Options of `prices update`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PricesUpdateArgs {
    /// The newer price book
    pub(crate) file: PathBuf,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
