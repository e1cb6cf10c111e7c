//! A day of the Claude Code Analytics API, page by page: what each person did, and what it cost.
//!
//! `PITWALL_ADMIN_KEY=… cargo run -p pitwall --example usage_report -- 2026-11-20 [http://localhost:4318]`
//!
//! Nothing in it is Pitwall's: built with TLS, and with Anthropic's address and key, it asks Anthropic.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// One page of a day's records.
#[derive(Debug, Deserialize)]
struct Report {
    data: Vec<Record>,
    next_page: Option<String>,
}

/// One person's day, with the fields that this program uses.
#[derive(Debug, Deserialize)]
struct Record {
    actor: Actor,
    core_metrics: CoreMetrics,
    model_breakdown: Vec<Model>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Actor {
    UserActor { email_address: String },
    ApiActor { api_key_name: String },
}

#[derive(Debug, Deserialize)]
struct CoreMetrics {
    num_sessions: i64,
}

#[derive(Debug, Deserialize)]
struct Model {
    estimated_cost: Cost,
}

/// An amount in cents.
#[derive(Debug, Deserialize)]
struct Cost {
    amount: i64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let day = arguments.next().context("name a day, such as 2026-11-20")?;
    let base = arguments.next().unwrap_or_else(|| "http://localhost:4318".to_owned());
    let key = std::env::var("PITWALL_ADMIN_KEY").context("set PITWALL_ADMIN_KEY to an admin key")?;

    let url = format!("{base}/v1/organizations/usage_report/claude_code");
    let client = reqwest::Client::new();
    let mut page: Option<String> = None;
    loop {
        let mut query = vec![("starting_at", day.as_str()), ("limit", "1000")];
        query.extend(page.as_deref().map(|page| ("page", page)));
        let answer = client.get(&url).query(&query).header("x-api-key", &key).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{status}: {body}");
        let report: Report = serde_json::from_str(&body)?;
        report.data.iter().for_each(show);
        match report.next_page {
            Some(next) => page = Some(next),
            None => return Ok(()),
        }
    }
}

fn show(record: &Record) {
    let who = match &record.actor {
        Actor::UserActor { email_address } => email_address,
        Actor::ApiActor { api_key_name } => api_key_name,
    };
    let cents: i64 = record.model_breakdown.iter().map(|model| model.estimated_cost.amount).sum();
    println!("{who}: {} sessions, ${}.{:02}", record.core_metrics.num_sessions, cents / 100, cents % 100);
}
