//! `pitwall retention apply`: let data go that is older than it is to be kept.

use anyhow::{Result, bail};

use crate::care::{self, Job, Outcome};
use crate::cli::care::{RetentionApplyArgs, RetentionCommand};
use crate::config::{Config, DataDirectory};
use crate::stop_signal::stop_signal;
use crate::terminal::{self, grouped};

/// Runs the command.
pub(crate) async fn run(command: RetentionCommand) -> Result<()> {
    let RetentionCommand::Apply(args) = command;
    apply(args).await
}

async fn apply(args: RetentionApplyArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let job = Job::Retention { dry_run: args.dry_run, only_if_worth_it: false };
    let outcome = tokio::select! {
        outcome = care::run(&config, &data, job, !args.json) => outcome?,
        () = stop_signal() => bail!("interrupted: run the command again to finish it"),
    };
    let Outcome::Retention(retained) = outcome else { bail!("the server did something else: {outcome:?}") };
    if args.json {
        return terminal::print_json(&retained);
    }
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let mut text = format!(
        "Sessions that go as a whole: {}\nSessions whose records go: {}\nBatches that content goes from: {}\n\
         Lines that were taken back: {}\nBatches that are put together with others: {}\n",
        count(retained.sessions_gone),
        count(retained.sessions_without_records),
        count(retained.batches_without_content),
        count(retained.reversals),
        count(retained.scattered),
    );
    text += &if retained.dry_run {
        "Nothing was changed.\n".to_owned()
    } else {
        format!(
            "Lines: {} before, {} now. Bytes: {} before, {} now.\n",
            count(retained.lines.0),
            count(retained.lines.1),
            count(retained.bytes.0),
            count(retained.bytes.1)
        )
    };
    terminal::print(&text)
}
