//! One row of a day as `GET /api/analytics` tells it: as the public contract has it, and the exact cost.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::claude_code_usage::{
    ClaudeCodeUsage, CoreMetrics, EstimatedCost, ModelBreakdown, ToolAction, UsageActor, UsageRow,
    UsageTokens,
};
use crate::figures::Cost;

/// Use of Claude Code by one actor on one day, with one kind of customer, terminal and place: the record of
/// the Claude Code Analytics API, with exact cost beside its cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnalyticsRecord {
    /// Midnight UTC of the day, RFC 3339.
    #[schema(format = DateTime, example = "2026-11-20T00:00:00Z")]
    pub date: String,
    /// Who.
    pub actor: UsageActor,
    /// Organization.
    pub organization_id: String,
    /// How the work is paid for: `api` or `subscription`.
    #[schema(example = "api")]
    pub customer_type: String,
    /// Subscription, such as `team`; null for API customers.
    #[schema(required)]
    pub subscription_type: Option<String>,
    /// Terminal, such as `vscode`.
    pub terminal_type: String,
    /// Whether the sessions ran in the cloud.
    pub is_remote: bool,
    /// Sessions, lines, commits, pull requests.
    pub core_metrics: CoreMetrics,
    /// Decisions on calls of the editing tools, by tool.
    pub tool_actions: BTreeMap<String, ToolAction>,
    /// Tokens and cost by model, sorted by model.
    pub model_breakdown: Vec<AnalyticsModel>,
    /// Tokens of all models.
    pub tokens: UsageTokens,
    /// Cost of all models in micro-dollars.
    pub cost_micros: Cost,
}

/// Tokens and cost of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnalyticsModel {
    /// Model id.
    #[schema(example = "claude-opus-5-5")]
    pub model: String,
    /// Tokens.
    pub tokens: UsageTokens,
    /// Estimated cost in whole cents.
    pub estimated_cost: EstimatedCost,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

impl From<UsageRow> for AnalyticsRecord {
    fn from(row: UsageRow) -> Self {
        let UsageRow { usage, cost_of_models, tokens, cost } = row;
        let ClaudeCodeUsage {
            date,
            actor,
            organization_id,
            customer_type,
            subscription_type,
            terminal_type,
            is_remote,
            core_metrics,
            tool_actions,
            model_breakdown,
        } = usage;
        let models = model_breakdown.into_iter().zip(cost_of_models);
        let model = |(breakdown, cost_micros)| {
            let ModelBreakdown { model, tokens, estimated_cost } = breakdown;
            AnalyticsModel { model, tokens, estimated_cost, cost_micros }
        };
        Self {
            date,
            actor,
            organization_id,
            customer_type,
            subscription_type,
            terminal_type,
            is_remote,
            core_metrics,
            tool_actions,
            model_breakdown: models.map(model).collect(),
            tokens,
            cost_micros: cost,
        }
    }
}
