//! One day as the Claude Code Analytics API tells it: a row per actor, customer, terminal and place.
//!
//! Shapes and names follow Anthropic's public documentation of
//! `GET /v1/organizations/usage_report/claude_code`. What that leaves open is settled here:
//! - rows are ordered by actor type, actor name, customer type, subscription type, terminal and
//!   `is_remote`, each in ascending byte order, local before remote ([`RowKey`]);
//! - `organization_id` is the organization whose keys the data came in with, and that the reader's key
//!   belongs to; what a sign-in says of its own is a matter of the ledger;
//! - a terminal, model or actor that no source told of is `unknown`;
//! - `estimated_cost` is the settled cost of the row and model in whole cents, half up;
//! - `tool_actions` always has the four editing tools, and any other tool that edits.

mod later;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::try_join3;
use jiff::civil::Date;
use model::{Actor, Kind, Money, OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Filter, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::editing::{EDITING_TOOLS, analytics_name};
use crate::figures::{COST, Cost, Figures, LINES, SESSIONS, TOKENS, sums_of};
use crate::narrowing::Narrowing;
use crate::range::{DateRange, Zone};
use crate::scope::{Found, Scope};
use crate::{NOT_TOLD, ReportError, told};

pub use later::ask_after;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The day, in UTC.
    pub day: Date,
    /// The organization that the store holds the data of.
    pub organization: OrganizationId,
    /// The state of the ledger: only what was posted by then. The same boundary gives the same answer for
    /// ever, whatever arrives later.
    pub as_of: Timestamp,
    /// Only what happened before this instant.
    pub before: Timestamp,
    /// Only a part of it. With models, only rows that have one of them, with the others' tokens and cost left
    /// out; what no model is known of (sessions, lines, decisions, …) stays as it is.
    pub narrowing: Narrowing,
}

/// What tells the rows of a day apart, in the order they are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowKey {
    /// `api_actor` or `user_actor`.
    pub actor_type: String,
    /// E-mail address or name.
    pub actor_name: String,
    /// `api` or `subscription`.
    pub customer_type: String,
    /// Subscription; empty for none.
    pub subscription_type: String,
    /// Terminal.
    pub terminal_type: String,
    /// Whether in the cloud.
    pub is_remote: bool,
}

/// Every row of the day, in order. Kept as sums: a page makes its own rows of them and no others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageDay {
    asked: Parameters,
    rows: Vec<UsageSums>,
}

/// The sums of one row; days that follow each other share those that have not changed.
type UsageSums = Arc<(RowKey, RowFigures)>;

/// A row, and what the public contract has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The row as the public contract has it.
    pub usage: ClaudeCodeUsage,
    /// The exact cost of each model, in the order of the row's models.
    pub cost_of_models: Vec<Cost>,
    /// Tokens of all models.
    pub tokens: UsageTokens,
    /// The exact cost of all models.
    pub cost: Cost,
}

/// A part of the day's rows.
#[derive(Clone, Debug, PartialEq)]
pub struct UsagePage {
    /// The rows.
    pub rows: Vec<UsageRow>,
    /// Key of the last row, when more follow: where the next page starts.
    pub last_key: Option<RowKey>,
}

impl UsageDay {
    /// Every row, in order.
    pub fn rows(&self) -> impl Iterator<Item = ClaudeCodeUsage> {
        self.rows.iter().map(|row| self.usage(&row.0, &row.1))
    }

    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nothing to tell of the day.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first `limit` rows that follow the key; from the beginning when there is none.
    pub fn page(&self, after: Option<&RowKey>, limit: usize) -> UsagePage {
        let start = after.map_or(0, |after| self.rows.partition_point(|row| row.0 <= *after));
        let following = self.rows.get(start..).unwrap_or_default();
        let page = following.get(..limit).unwrap_or(following);
        let has_more = page.len() < following.len();
        let last_key = page.last().filter(|_| has_more).map(|row| row.0.clone());
        UsagePage { rows: page.iter().map(|row| self.row(&row.0, &row.1)).collect(), last_key }
    }

    fn row(&self, key: &RowKey, figures: &RowFigures) -> UsageRow {
        let mut all = Figures::default();
        figures.models.values().for_each(|figures| all.add(figures));
        UsageRow {
            cost_of_models: figures.models.values().map(Cost::from).collect(),
            tokens: (&all).into(),
            cost: (&all).into(),
            usage: self.usage(key, figures),
        }
    }

    fn usage(&self, key: &RowKey, figures: &RowFigures) -> ClaudeCodeUsage {
        let core = &figures.core;
        ClaudeCodeUsage {
            date: format!("{}T00:00:00Z", self.asked.day),
            actor: UsageActor::new(&key.actor_type, &key.actor_name),
            organization_id: self.asked.organization.as_str().to_owned(),
            customer_type: key.customer_type.clone(),
            subscription_type: crate::when_told(&key.subscription_type),
            terminal_type: key.terminal_type.clone(),
            is_remote: key.is_remote,
            core_metrics: CoreMetrics {
                num_sessions: core.count(SESSIONS),
                lines_of_code: LinesOfCode {
                    added: core.sum(Measure::LinesAdded),
                    removed: core.sum(Measure::LinesRemoved),
                },
                commits_by_claude_code: core.sum(Measure::Commits),
                pull_requests_by_claude_code: core.sum(Measure::PullRequests),
            },
            tool_actions: figures.tool_actions(),
            model_breakdown: figures.models.iter().map(|(model, sums)| breakdown(model, sums)).collect(),
        }
    }
}

/// Use of Claude Code by one actor on one day, with one kind of customer, terminal and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaudeCodeUsage {
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
    /// Decisions on calls of the editing tools, by tool. `edit_tool`, `multi_edit_tool`,
    /// `notebook_edit_tool` and `write_tool` are always there; other editing tools may be.
    pub tool_actions: BTreeMap<String, ToolAction>,
    /// Tokens and cost by model, sorted by model.
    pub model_breakdown: Vec<ModelBreakdown>,
}

/// Who a row is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UsageActor {
    /// A person who signed in.
    UserActor {
        /// E-mail address.
        email_address: String,
    },
    /// A key, or an installation without a sign-in.
    ApiActor {
        /// Name.
        api_key_name: String,
    },
}

impl UsageActor {
    /// From the ledger's kind and name of an actor.
    pub(crate) fn new(kind: &str, name: &str) -> Self {
        match Actor::from_parts(kind, name) {
            Actor::User { email } => Self::UserActor { email_address: email.into() },
            Actor::Api { name } => Self::ApiActor { api_key_name: name.into() },
        }
    }

    /// E-mail address or name.
    pub fn name(&self) -> &str {
        match self {
            Self::UserActor { email_address } => email_address,
            Self::ApiActor { api_key_name } => api_key_name,
        }
    }
}

/// What was achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoreMetrics {
    /// Distinct sessions started or taken up again.
    pub num_sessions: i64,
    /// Lines of code.
    pub lines_of_code: LinesOfCode,
    /// Git commits made.
    pub commits_by_claude_code: i64,
    /// Pull requests opened.
    pub pull_requests_by_claude_code: i64,
}

/// Lines of code over all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinesOfCode {
    /// Lines added.
    pub added: i64,
    /// Lines removed.
    pub removed: i64,
}

/// Decisions on calls of one tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToolAction {
    /// Accepted.
    pub accepted: i64,
    /// Rejected.
    pub rejected: i64,
}

/// Tokens and cost of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelBreakdown {
    /// Model id.
    #[schema(example = "claude-opus-5-5")]
    pub model: String,
    /// Tokens.
    pub tokens: UsageTokens,
    /// Estimated cost.
    pub estimated_cost: EstimatedCost,
}

/// Tokens by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageTokens {
    /// Input that came neither from nor went into the cache.
    pub input: i64,
    /// Output.
    pub output: i64,
    /// Input read from the cache.
    pub cache_read: i64,
    /// Input written to the cache.
    pub cache_creation: i64,
}

impl From<&Figures> for UsageTokens {
    fn from(figures: &Figures) -> Self {
        Self {
            input: figures.sum(Measure::Input),
            output: figures.sum(Measure::Output),
            cache_read: figures.sum(Measure::CacheRead),
            cache_creation: figures.sum(Measure::CacheCreation),
        }
    }
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EstimatedCost {
    /// Always `USD`.
    #[schema(example = "USD")]
    pub currency: String,
    /// Whole cents, half up.
    pub amount: i64,
}

/// Answers the question. A day without data has no rows, be it in the future or before computers.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<UsageDay, ReportError> {
    let Some(scope) = scope_of(parameters) else {
        return Ok(UsageDay::default());
    };
    Ok(UsageDay { rows: rows_of(store, parameters, &scope).await?, asked: parameters.clone() })
}

/// The rows of a scope, in order.
async fn rows_of(
    store: &dyn Store,
    parameters: &Parameters,
    scope: &Scope,
) -> Result<Vec<UsageSums>, ReportError> {
    let narrowing = &parameters.narrowing;
    let core = [SESSIONS].into_iter().chain(sums_of(&[&LINES, &[Measure::Commits, Measure::PullRequests]]));
    let core_kinds = [Kind::SessionStart, Kind::Lines, Kind::Commit, Kind::PullRequest];
    let decisions = sums_of(&[&[Measure::Accepted, Measure::Rejected]]);
    let by_tool = by_row_and(&[Dimension::Subject, Dimension::Language]);
    let spending = sums_of(&[&TOKENS[..4], &COST]);
    let by_model = by_row_and(&[Dimension::Model]);
    let of_core = scope.of_kinds(&core_kinds);
    let of_decisions = scope.of_kinds(&[Kind::Decision]);
    let of_models = narrowing.of_models(&scope.of_kinds(&[Kind::Request, Kind::Unattributed]));
    // The three at once: the day takes as long as the slowest, and a day is what a first page waits for.
    let (core, decisions, spending) = try_join3(
        of_core.rows(store, by_row_and(&[]), core.collect()),
        of_decisions.rows(store, by_tool, decisions),
        of_models.rows(store, by_model, spending),
    )
    .await?;

    let mut rows: BTreeMap<RowKey, RowFigures> = BTreeMap::new();
    for row in core {
        let (key, _, figures) = row_of(row);
        rows.entry(key).or_default().core.add(&figures);
    }
    for row in decisions {
        let (key, [tool, language], figures) = row_of(row);
        if let Some(tool) = analytics_name(&tool, &language) {
            rows.entry(key).or_default().tools.entry(tool).or_default().add(&figures);
        }
    }
    for row in spending {
        let (key, [model, _], figures) = row_of(row);
        rows.entry(key).or_default().models.entry(told(&model)).or_default().add(&figures);
    }
    if narrowing.is_of_models() {
        rows.retain(|_, figures| !figures.models.is_empty());
    }
    Ok(rows.into_iter().map(Arc::new).collect())
}

/// What may be in the rows; `None` for days that no ledger reaches.
fn scope_of(parameters: &Parameters) -> Option<Scope> {
    let day = DateRange::new(parameters.day, parameters.day, Zone::utc()).ok()?;
    let until = day.until().min(parameters.before);
    let filter = Filter { from: Some(day.from()), until: Some(until), ..Filter::default() };
    Some(parameters.narrowing.of_people(&Scope { as_of: parameters.as_of, filter }))
}

/// The dimensions of [`RowKey`], in its order.
const ROW: [Dimension; 6] = [
    Dimension::ActorKind,
    Dimension::ActorName,
    Dimension::CustomerType,
    Dimension::SubscriptionType,
    Dimension::Terminal,
    Dimension::Remote,
];

fn by_row_and(further: &[Dimension]) -> Vec<Group> {
    ROW.iter().chain(further).copied().map(Group::Dimension).collect()
}

/// The key of a row, the one or two texts that it is grouped by besides, and its figures.
fn row_of(row: Found) -> (RowKey, [String; 2], Figures) {
    let mut keys = row.keys.into_iter();
    let mut text = || text_of(keys.next());
    let (actor_type, actor_name, customer_type) = (text(), or_not_told(text()), text());
    let (subscription_type, terminal_type) = (text(), or_not_told(text()));
    let is_remote = keys.next().as_ref().is_some_and(Value::as_boolean);
    let besides = [text_of(keys.next()), text_of(keys.next())];
    let key = RowKey { actor_type, actor_name, customer_type, subscription_type, terminal_type, is_remote };
    (key, besides, row.figures)
}

fn text_of(key: Option<Value>) -> String {
    if let Some(Value::Text(text)) = key { text } else { String::new() }
}

fn or_not_told(text: String) -> String {
    if text.is_empty() { NOT_TOLD.to_owned() } else { text }
}

/// What a row is made of, exact.
///
/// Two groups of the store can fall into one row, where one told its terminal or name as `unknown` and the
/// other did not tell it. A session has one of each, so adding up their sessions counts none twice.
#[derive(Clone, Debug, Default, PartialEq)]
struct RowFigures {
    core: Figures,
    tools: BTreeMap<String, Figures>,
    models: BTreeMap<String, Figures>,
}

impl RowFigures {
    fn tool_actions(&self) -> BTreeMap<String, ToolAction> {
        let mut actions: BTreeMap<_, _> =
            EDITING_TOOLS.iter().map(|(_, name)| (name.to_string(), ToolAction::default())).collect();
        for (tool, figures) in &self.tools {
            let (accepted, rejected) = (figures.sum(Measure::Accepted), figures.sum(Measure::Rejected));
            actions.insert(tool.clone(), ToolAction { accepted, rejected });
        }
        actions
    }
}

fn breakdown(model: &str, figures: &Figures) -> ModelBreakdown {
    let cents = Money::to_cents(figures.exact(Figure::Sum(Measure::CostSettled)));
    let estimated_cost = EstimatedCost { currency: "USD".to_owned(), amount: cents };
    ModelBreakdown { model: model.to_owned(), tokens: figures.into(), estimated_cost }
}
