//! `pitwall backup`: copy everything into a new folder, also while the server runs.

use anyhow::{Context, Result, bail};

use crate::care::{self, Job, Outcome};
use crate::cli::care::BackupArgs;
use crate::config::{Config, DataDirectory};
use crate::stop_signal::stop_signal;
use crate::terminal;

/// Runs the command.
pub(crate) async fn run(args: BackupArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    // The server may have been started elsewhere.
    let to = std::path::absolute(&args.to).with_context(|| format!("cannot find {}", args.to.display()))?;
    let outcome = tokio::select! {
        outcome = care::run(&config, &data, Job::BackUp { to }, !args.json) => outcome?,
        () = stop_signal() => bail!("interrupted: there is no backup"),
    };
    let Outcome::BackUp(backup) = outcome else { bail!("the server did something else: {outcome:?}") };
    if args.json {
        return terminal::print_json(&backup);
    }
    let until =
        if backup.boundary.is_empty() { "nothing yet".into() } else { format!("up to {}", backup.boundary) };
    terminal::print(&format!(
        "Backed up to {}: {} files, {} bytes; the ledger {until}.\n\
         It holds who did what, hashes of keys, and the server's secrets. Only you can read it; keep it so.\n",
        backup.to.display(),
        backup.files.len(),
        terminal::grouped(i64::try_from(backup.bytes).unwrap_or(i64::MAX)),
    ))
}
