//! Asking the server that holds the data to do a job.

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::{Job, Outcome, Step, Teller};
use crate::running_server::RunningServer;

/// Where jobs are sent to. Not part of the described API: only commands of the same user ask there.
pub(super) const PATH: &str = "/api/care";

/// The longest message that is waited for, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// What the server answers with, one a line: any number of steps, then how it ended.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    /// How far it is; also sent when nothing changes, as a sign of life.
    Step(Step),
    /// It is done.
    Done(Outcome),
    /// It failed, and why.
    Failed(String),
}

/// Has the server do the job. When the command ends before it is done, the server stops it, as far as that is
/// harmless.
pub(super) async fn ask(server: &RunningServer, job: &Job, told: &Teller) -> Result<Outcome> {
    let mut answer = server.post(PATH, job).await?;
    let mut waiting = Vec::new();
    while let Some(chunk) = answer.chunk().await.context("the server stopped before it was done")? {
        waiting.extend_from_slice(&chunk);
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            match serde_json::from_slice(&line).context("the server answers something else")? {
                Message::Step(step) => {
                    told.send_replace(step);
                }
                Message::Done(outcome) => return Ok(outcome),
                Message::Failed(why) => return Err(anyhow!(why)),
            }
        }
        if waiting.len() > MAX_MESSAGE {
            bail!("the server answers something else");
        }
    }
    bail!("the server stopped before it was done")
}
