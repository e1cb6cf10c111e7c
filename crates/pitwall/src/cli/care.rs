//! The options of what looks after the data.

use std::path::PathBuf;

use clap::Args;

use super::DataArgs;

/// Options of `verify`.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `rebuild`.
#[derive(Clone, Debug, Args)]
pub(crate) struct RebuildArgs {
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `backup`.
#[derive(Clone, Debug, Args)]
pub(crate) struct BackupArgs {
    /// The folder to make; it must not be there yet, or be empty
    #[arg(value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `restore`.
#[derive(Clone, Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of a backup
    #[arg(value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `forget`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ForgetArgs {
    /// E-mail address or account id; for work without a sign-in, the name that reports show
    pub(crate) person: String,
    /// Only show what would be erased
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Data and configuration.
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
