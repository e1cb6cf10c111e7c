//! `pitwall restore`: put a backup into an empty data directory, and verify it.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;

use super::verify::as_text;
use crate::care::restore::{Restored, restore};
use crate::care::verify::Verdict;
use crate::care::{self, Job, Outcome};
use crate::cli::care::RestoreArgs;
use crate::config::{Config, DataDirectory};
use crate::terminal;

/// Runs the command; fails also when something is wrong with what was restored.
pub(crate) async fn run(args: RestoreArgs) -> ExitCode {
    let (restored, verdict) = match restored(&args).await {
        Ok(restored) => restored,
        Err(error) => {
            terminal::note(&format!("pitwall: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    let printed = if args.json {
        terminal::print_json(&json!({"restored": restored, "verified": verdict}))
    } else {
        let files = restored.files.join(", ");
        terminal::print(&format!(
            "Restored {files} from the backup of {}.\n{}",
            restored.taken_at,
            as_text(&verdict)
        ))
    };
    if printed.is_err() || verdict.faults > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn restored(args: &RestoreArgs) -> Result<(Restored, Verdict)> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let (from, into) = (args.from.clone(), data.clone());
    let restored = tokio::task::spawn_blocking(move || restore(&from, &into)).await??;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    match care::run(&config, &data, Job::Verify, !args.json).await? {
        Outcome::Verify(verdict) => Ok((restored, verdict)),
        other => bail!("the server did something else: {other:?}"),
    }
}
