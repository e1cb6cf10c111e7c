//! Answers in the shape of ccusage (version 20), so that scripts written for it can be pointed here.
//!
//! ccusage prints rows in two ways: `ccusage daily` names a row's day `period` and adds `agent` and
//! `metadata`, `ccusage claude daily`, and every version before, names it `date`. Rows here have the fields
//! of both. Costs are floating-point dollars there, and so here.

use anyhow::{Result, bail};
use jiff::Timestamp;
use report::blocks::{BLOCK_HOURS, Block};
use report::figures::{Cost, ModelFigures, Tokens};
use report::period::{PeriodFigures, PeriodRow};
use report::sessions::SessionRow;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::question::{Kind, Question};
use crate::cli::report::CostArg;

/// The one client whose records these are.
const AGENT: &str = "claude";

/// The answer as ccusage would print it.
pub(super) fn of(answer: &Answer, question: &Question) -> Result<Value> {
    let shape = Shape { cost: question.cost };
    Ok(match answer {
        Answer::Period(report) => {
            let (list, name) = match question.kind {
                Kind::Weekly(_) => ("weekly", "week"),
                Kind::Monthly => ("monthly", "month"),
                _ => ("daily", "date"),
            };
            let rows: Vec<Value> = report.rows.iter().map(|row| shape.period(row, name)).collect();
            json!({ list: rows, "totals": shape.totals(&report.totals) })
        }
        Answer::Session(report) => {
            let rows: Vec<Value> = report.sessions.iter().map(|row| shape.session(row)).collect();
            // The two ways of printing name the list differently.
            json!({ "session": rows, "sessions": rows, "totals": shape.totals(&report.totals) })
        }
        Answer::Blocks(report) => json!({ "blocks": shape.blocks(&report.rows) }),
        Answer::Models(_) | Answer::Projects(_) | Answer::Tools(_) => {
            bail!("ccusage has no such report: --json alone gives it in Pitwall's own shape")
        }
    })
}

struct Shape {
    cost: CostArg,
}

impl Shape {
    fn dollars(&self, cost: &Cost) -> f64 {
        let micros = match self.cost {
            CostArg::Settled => cost.settled,
            CostArg::Reported => cost.reported,
            CostArg::Priced => cost.priced,
            CostArg::Now => cost.priced_now.unwrap_or(cost.priced),
        };
        dollars(micros)
    }

    /// Tokens and cost, under the names that rows and totals share.
    fn spending(&self, tokens: &Tokens, cost: &Cost) -> Map<String, Value> {
        let mut fields = token_fields(tokens);
        fields.insert("totalTokens".into(), tokens.all().into());
        fields.insert("totalCost".into(), self.dollars(cost).into());
        fields
    }

    fn totals(&self, totals: &PeriodFigures) -> Value {
        let mut fields = self.spending(&totals.tokens, &totals.cost_micros);
        if !totals.unpriced_models.is_empty() {
            fields.insert("unpricedModels".into(), json!(totals.unpriced_models));
        }
        fields.into()
    }

    fn models(&self, models: &[ModelFigures], unpriced: &[String], into: &mut Map<String, Value>) {
        let mut used: Vec<&str> = models.iter().map(|model| model.model.as_str()).collect();
        used.sort_unstable();
        let breakdown = models.iter().map(|model| {
            let mut fields = token_fields(&model.tokens);
            fields.insert("modelName".into(), model.model.clone().into());
            fields.insert("cost".into(), self.dollars(&model.cost_micros).into());
            if unpriced.contains(&model.model) {
                fields.insert("missingPricing".into(), true.into());
            }
            Value::from(fields)
        });
        into.insert("modelBreakdowns".into(), breakdown.collect());
        into.insert("modelsUsed".into(), json!(used));
    }

    fn period(&self, row: &PeriodRow, name: &str) -> Value {
        let figures = &row.figures;
        let mut fields = self.spending(&figures.tokens, &figures.cost_micros);
        self.models(&figures.models, &figures.unpriced_models, &mut fields);
        fields.insert(name.into(), row.period.clone().into());
        fields.insert("period".into(), row.period.clone().into());
        fields.insert("agent".into(), "all".into());
        fields.insert("metadata".into(), json!({ "agents": [AGENT] }));
        fields.into()
    }

    fn session(&self, row: &SessionRow) -> Value {
        let mut fields = self.spending(&row.tokens, &row.cost_micros);
        self.models(&row.models, &row.unpriced_models, &mut fields);
        let last_activity = milliseconds(row.ended_at);
        fields.insert("sessionId".into(), row.session_id.clone().into());
        fields.insert("projectPath".into(), folder_name(row.project.as_deref().unwrap_or("")).into());
        fields.insert("firstActivity".into(), milliseconds(row.started_at).into());
        fields.insert("lastActivity".into(), last_activity.clone().into());
        fields.insert("period".into(), row.session_id.clone().into());
        fields.insert("agent".into(), AGENT.into());
        fields.insert("metadata".into(), json!({ "lastActivity": last_activity }));
        fields.into()
    }

    /// Windows, with the pauses between them as rows of their own.
    fn blocks(&self, blocks: &[Block]) -> Vec<Value> {
        let mut rows = Vec::with_capacity(blocks.len());
        let mut before: Option<&Block> = None;
        for block in blocks {
            rows.extend(before.and_then(|before| pause(before, block)));
            rows.push(self.block(block));
            before = Some(block);
        }
        rows
    }

    fn block(&self, block: &Block) -> Value {
        let models: Vec<&str> = block.models.iter().map(|model| model.model.as_str()).collect();
        let burn_rate = block.burn_rate.map(|rate| {
            json!({
                "tokensPerMinute": rate.tokens_per_minute as f64,
                "tokensPerMinuteForIndicator": rate.uncached_tokens_per_minute as f64,
                "costPerHour": dollars(rate.cost_micros_per_hour),
            })
        });
        let projection = block.projection.map(|projection| {
            json!({
                "totalTokens": projection.tokens,
                "totalCost": dollars(projection.cost_micros),
                "remainingMinutes": projection.remaining_minutes,
            })
        });
        json!({
            "id": milliseconds(block.started_at),
            "startTime": milliseconds(block.started_at),
            "endTime": milliseconds(block.ends_at),
            "actualEndTime": milliseconds(block.last_activity_at),
            "isActive": block.active,
            "isGap": false,
            "entries": block.requests,
            "tokenCounts": token_counts(&block.tokens),
            "totalTokens": block.tokens.all(),
            "costUSD": self.dollars(&block.cost_micros),
            "models": models,
            "burnRate": burn_rate,
            "projection": projection,
        })
    }
}

/// The pause between two windows, where it is longer than a window.
fn pause(before: &Block, after: &Block) -> Option<Value> {
    let window = jiff::SignedDuration::from_hours(BLOCK_HOURS);
    let quiet = after.first_activity_at.duration_since(before.last_activity_at);
    let start = before.last_activity_at.checked_add(window).ok().filter(|_| quiet > window)?;
    Some(json!({
        "id": format!("gap-{}", milliseconds(start)),
        "startTime": milliseconds(start),
        "endTime": milliseconds(after.first_activity_at),
        "actualEndTime": null,
        "isActive": false,
        "isGap": true,
        "entries": 0,
        "tokenCounts": token_counts(&Tokens::default()),
        "totalTokens": 0,
        "costUSD": 0,
        "models": [],
        "burnRate": null,
        "projection": null,
    }))
}

fn token_fields(tokens: &Tokens) -> Map<String, Value> {
    let fields = [
        ("inputTokens", tokens.input),
        ("outputTokens", tokens.output),
        ("cacheCreationTokens", tokens.cache_creation),
        ("cacheReadTokens", tokens.cache_read),
    ];
    fields.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
}

fn token_counts(tokens: &Tokens) -> Value {
    json!({
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationInputTokens": tokens.cache_creation,
        "cacheReadInputTokens": tokens.cache_read,
    })
}

fn dollars(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// As JavaScript writes instants.
fn milliseconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What Claude Code calls a project's folder under `projects/`.
fn folder_name(project: &str) -> String {
    project.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}
