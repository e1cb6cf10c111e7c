//! What the server's ledger says, in the words of the truth.

use std::time::Duration;

use anyhow::{Context as _, Result};
use model::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::truth::{Truth, differences};

/// How often the ledger is looked at until it agrees.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where to ask.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The server's HTTP address, such as `http://127.0.0.1:4318`.
    pub address: String,
    /// Viewer key, where one is asked for.
    pub key: Option<String>,
}

impl Ledger {
    /// The figures of all days around an instant: whatever the clocks of developers say.
    pub async fn figures(&self, around: Timestamp) -> Result<Truth> {
        const TWO_DAYS_SECONDS: i64 = 2 * 86_400;
        let day = |seconds| around.plus_seconds(seconds).to_rfc3339().chars().take(10).collect::<String>();
        let (start, end) = (day(-TWO_DAYS_SECONDS), day(TWO_DAYS_SECONDS));
        let url = format!("{}/api/v1/overview?start={start}&end={end}", self.address);
        let mut request = reqwest::Client::new().get(url);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await?.error_for_status()?;
        let answer: Value = answer.json().await.context("the overview is not JSON")?;
        figures_of(&answer).context("the overview lacks a figure")
    }

    /// Looks until the ledger has grown from `before` by what was sent, as totals are compared only when they
    /// are old enough; returns the last differences when it has not by then.
    pub async fn compare(
        &self,
        around: Timestamp,
        before: &Truth,
        at_least: &Truth,
        at_most: &Truth,
        within: Duration,
    ) -> Result<String> {
        let deadline = Instant::now() + within;
        loop {
            let found = self.figures(around).await?.less(before);
            let different = differences(&found, at_least, at_most);
            if different.is_empty() || Instant::now() >= deadline {
                return Ok(different);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn figures_of(overview: &Value) -> Option<Truth> {
    let totals = overview.get("totals")?;
    let total = |path: &str| totals.pointer(path)?.as_i64();
    let tools = overview.get("tools")?.as_array()?;
    let of_tools = |name: &str| tools.iter().map(|tool| tool.get(name)?.as_i64()).sum::<Option<i64>>();
    Some(Truth {
        sessions: total("/sessions")?,
        requests: total("/requests")?,
        prompts: total("/prompts")?,
        input: total("/tokens/input")?,
        output: total("/tokens/output")?,
        cache_read: total("/tokens/cache_read")?,
        cache_creation: total("/tokens/cache_creation")?,
        cost_micros: total("/cost_micros/settled")?,
        lines_added: total("/lines/added")?,
        lines_removed: total("/lines/removed")?,
        commits: total("/commits")?,
        pull_requests: total("/pull_requests")?,
        accepted: of_tools("accepted")?,
        rejected: of_tools("rejected")?,
        succeeded: of_tools("succeeded")?,
        failed: of_tools("failed")?,
        api_errors: total("/api_errors")?,
        active_user_ms: total("/active_time_ms/user")?,
        active_cli_ms: total("/active_time_ms/cli")?,
    })
}
