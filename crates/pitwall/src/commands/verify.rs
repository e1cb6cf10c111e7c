//! `pitwall verify`: count everything again, and say what is wrong and what to do.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::care::verify::Verdict;
use crate::care::{self, Job, Outcome};
use crate::cli::care::VerifyArgs;
use crate::config::{Config, DataDirectory};
use crate::terminal::{self, grouped};

/// Runs the command; fails when something is wrong.
pub(crate) async fn run(args: VerifyArgs) -> ExitCode {
    let verdict = match verdict(&args).await {
        Ok(verdict) => verdict,
        Err(error) => {
            terminal::note(&format!("pitwall: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    let printed =
        if args.json { terminal::print_json(&verdict) } else { terminal::print(&as_text(&verdict)) };
    if printed.is_err() || verdict.faults > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn verdict(args: &VerifyArgs) -> Result<Verdict> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    match care::run(&config, &data, Job::Verify, !args.json).await? {
        Outcome::Verify(verdict) => Ok(verdict),
        other => bail!("the server did something else: {other:?}"),
    }
}

/// What was found, in words.
pub(super) fn as_text(verdict: &Verdict) -> String {
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let mut text = format!(
        "Counted {} records of {} sessions again: {} postings stand, in {} lines of {} transactions.\n",
        count(verdict.records),
        count(verdict.sessions),
        count(verdict.postings),
        count(verdict.lines),
        count(verdict.transactions),
    );
    for note in &verdict.notes {
        text += &format!("{note}\n");
    }
    for finding in &verdict.findings {
        text += &format!("Wrong: {}.\n       {}.\n", finding.finding, finding.advice);
    }
    let untold = verdict.faults.saturating_sub(verdict.findings.len() as u64);
    if untold > 0 {
        text += &format!("And {} more.\n", count(untold));
    }
    if verdict.faults == 0 {
        text += "Nothing is wrong.\n";
    }
    text
}
