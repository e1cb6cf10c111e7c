//! `pitwall rebuild`: settle everything again from its records, and mend what differs.

use anyhow::{Result, bail};

use crate::care::{self, Job, Outcome};
use crate::cli::care::RebuildArgs;
use crate::config::{Config, DataDirectory};
use crate::stop_signal::stop_signal;
use crate::terminal::{self, grouped};

/// Runs the command.
pub(crate) async fn run(args: RebuildArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let outcome = tokio::select! {
        outcome = care::run(&config, &data, Job::Rebuild, !args.json) => outcome?,
        () = stop_signal() => bail!("interrupted: what is mended stays so; run the command again to go on"),
    };
    let Outcome::Rebuild(rebuilt) = outcome else { bail!("the server did something else: {outcome:?}") };
    if args.json {
        return terminal::print_json(&rebuilt);
    }
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let (sessions, lines) = (count(rebuilt.sessions), count(rebuilt.lines));
    terminal::print(&match rebuilt.lines {
        0 => format!("Settled {sessions} sessions again: nothing differed.\n"),
        _ => format!("Settled {sessions} sessions again: {lines} lines were posted to mend what differed.\n"),
    })
}
