//! `pitwall forget`: erase a person, for good.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Result, bail, ensure};

use crate::care::forget::Forgotten;
use crate::care::{self, Job, Outcome};
use crate::cli::care::ForgetArgs;
use crate::config::{Config, DataDirectory};
use crate::stop_signal::stop_signal;
use crate::terminal::{self, grouped};

/// Runs the command.
pub(crate) async fn run(args: ForgetArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    if !args.dry_run && !args.yes {
        ensure!(
            std::io::stdin().is_terminal(),
            "this erases for good; look first with --dry-run, then confirm with --yes"
        );
        let planned = forget(&args, &config, &data, true).await?;
        terminal::note(&as_text(&planned));
        confirm(&args.person)?;
    }
    let forgotten = forget(&args, &config, &data, args.dry_run).await?;
    if args.json { terminal::print_json(&forgotten) } else { terminal::print(&(as_text(&forgotten) + "\n")) }
}

async fn forget(
    args: &ForgetArgs,
    config: &Config,
    data: &DataDirectory,
    dry_run: bool,
) -> Result<Forgotten> {
    let job = Job::Forget { person: args.person.clone(), dry_run };
    let outcome = tokio::select! {
        outcome = care::run(config, data, job, !args.json) => outcome?,
        () = stop_signal() => bail!("interrupted: not everything may be erased; run the command again"),
    };
    match outcome {
        Outcome::Forget(forgotten) => Ok(forgotten),
        other => bail!("the server did something else: {other:?}"),
    }
}

fn confirm(person: &str) -> Result<()> {
    terminal::note("This cannot be taken back. Type the same again to erase it:");
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    ensure!(typed.trim() == person.trim(), "that was something else: nothing is erased");
    Ok(())
}

fn as_text(forgotten: &Forgotten) -> String {
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let verb = if forgotten.dry_run { "Would erase" } else { "Erased" };
    let mut text = format!(
        "{verb} {} sessions with {} records and {} lines.",
        count(forgotten.sessions),
        count(forgotten.records),
        count(forgotten.lines)
    );
    if forgotten.shared_sessions > 0 {
        text +=
            &format!("\n{} of these sessions hold work of others, too.", count(forgotten.shared_sessions));
    }
    if forgotten.key_names > 0 {
        text += &format!("\nNames of keys replaced: {}.", count(forgotten.key_names));
    }
    if !forgotten.named_in.is_empty() {
        text += &format!("\nStill named in, for you to change: {}.", forgotten.named_in.join(", "));
    }
    if !forgotten.dry_run {
        text += "\nBackups made before hold everything still: erase there, too, or delete them.";
    }
    text
}
