//! `pitwall import transcripts`: bring history in without a server.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;
use sources::transcripts::Progress;

use crate::cli::{ImportCommand, ImportTranscriptsArgs};
use crate::config::{Config, DataDirectory};
use crate::running_server::RunningServer;
use crate::terminal::{self, grouped};
use crate::wire::Local;

/// Runs the command.
pub(crate) async fn run(command: ImportCommand) -> Result<()> {
    let ImportCommand::Transcripts(args) = command;
    transcripts(args).await
}

async fn transcripts(args: ImportTranscriptsArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    if let Some(server) = RunningServer::find(&data).await? {
        bail!(
            "the server at {} holds this data; it follows its own Claude directories by itself. \
             To import others, stop it first, or start it with --claude-dir",
            server.address()
        );
    }
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let named = args.directories;
    let directories = if named.is_empty() { &config.transcripts.directories } else { &named };
    let (local, transcripts) = Local::open_to_read(&config, &data, directories).await?;
    let outcome = local.read(transcripts, !args.json).await;
    local.leave().await?;
    let progress = outcome?;
    print(&progress, args.json)?;
    // What was found besides is read; but whoever named a wrong directory has to notice, a script too.
    let is_named = |path: &Path| named.iter().any(|named| path == named || path == named.join("projects"));
    match progress.problems.iter().find(|problem| is_named(&problem.path)) {
        Some(problem) => bail!("cannot read {}: {}", problem.path.display(), problem.reason),
        None => Ok(()),
    }
}

fn print(progress: &Progress, as_json: bool) -> Result<()> {
    if as_json {
        let problems = progress.problems.iter();
        let problems = problems.map(|problem| json!({"path": problem.path, "reason": problem.reason}));
        return terminal::print_json(&json!({
            "files": progress.files_done,
            "bytes": progress.bytes_done,
            "lines": progress.lines_read,
            "lines_skipped": progress.lines_skipped,
            "records": progress.records,
            "records_new": progress.fresh,
            "problems": problems.collect::<Vec<_>>(),
        }));
    }
    let count = |value: u64| grouped(i64::try_from(value).unwrap_or(i64::MAX));
    let mut text = format!(
        "Read {} lines of {} files: {} records, {} of them new.\n",
        count(progress.lines_read),
        count(progress.files_done),
        count(progress.records),
        count(progress.fresh),
    );
    if progress.lines_skipped > 0 {
        text += &format!(
            "{} lines could not be read; `pitwall doctor` tells why.\n",
            count(progress.lines_skipped)
        );
    }
    for problem in &progress.problems {
        text += &format!("Cannot read {}: {}\n", problem.path.display(), problem.reason);
    }
    terminal::print(&text)
}
