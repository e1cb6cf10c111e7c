//! The answers of `GET /api/analytics` as tables.
//!
//! What JSON nests stands in lines of its own: the column `scope` tells what a line is about, and lines of
//! different scopes tell of the same things.

use std::collections::{BTreeMap, BTreeSet};

use report::analytics::{Analytics, AnalyticsFigures, AnalyticsUser};
use report::analytics_record::AnalyticsRecord;
use report::claude_code_usage::{ToolAction, UsageActor, UsageTokens};
use report::figures::{Cost, Decisions, ModelFigures, Tokens};

use crate::csv::{Cell, write};

/// Lines of the scopes `record` and `model`.
pub(super) fn records(records: &[AnalyticsRecord]) -> String {
    let tools: BTreeSet<&String> = records.iter().flat_map(|record| record.tool_actions.keys()).collect();
    let columns = [
        names(&["scope", "date", "actor_type", "actor", "organization_id", "customer_type"]),
        names(&["subscription_type", "terminal_type", "is_remote", "model", "sessions", "lines_added"]),
        names(&["lines_removed", "commits", "pull_requests"]),
        tools.iter().flat_map(|tool| [format!("{tool}_accepted"), format!("{tool}_rejected")]).collect(),
        names(&["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"]),
        names(&["cost_settled_micros", "cost_reported_micros", "cost_priced_micros"]),
    ];
    write(&columns.concat(), records.iter().flat_map(|record| lines_of(record, &tools)))
}

fn lines_of(record: &AnalyticsRecord, tools: &BTreeSet<&String>) -> Vec<Vec<Cell>> {
    let core = &record.core_metrics;
    let own = [
        core.num_sessions,
        core.lines_of_code.added,
        core.lines_of_code.removed,
        core.commits_by_claude_code,
        core.pull_requests_by_claude_code,
    ];
    let decided = tools.iter().flat_map(|tool| {
        let ToolAction { accepted, rejected } = record.tool_actions.get(*tool).copied().unwrap_or_default();
        [accepted, rejected]
    });
    let own: Vec<Cell> = own.into_iter().chain(decided).map(Cell::from).collect();
    let nothing = vec![Cell::Empty; own.len()];
    let line = |scope: &str, model: Cell, figures: &[Cell], tokens: &UsageTokens, cost: &Cost| {
        let key = [
            vec![scope.into(), record.date.as_str().get(..10).into()],
            actor(&record.actor),
            vec![record.organization_id.as_str().into(), record.customer_type.as_str().into()],
            vec![record.subscription_type.as_deref().into(), record.terminal_type.as_str().into()],
            vec![record.is_remote.into(), model],
        ];
        let tokens = [tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation];
        [key.concat(), figures.to_vec(), tokens.map(Cell::from).to_vec(), money(cost)].concat()
    };
    let whole = line("record", Cell::Empty, &own, &record.tokens, &record.cost_micros);
    let models = record
        .model_breakdown
        .iter()
        .map(|model| line("model", model.model.as_str().into(), &nothing, &model.tokens, &model.cost_micros));
    std::iter::once(whole).chain(models).collect()
}

/// What a line of totals is about.
#[derive(Clone, Default)]
struct Key<'a> {
    scope: &'static str,
    date: Option<&'a str>,
    actor: Option<&'a UsageActor>,
    model: Option<&'a str>,
}

/// Lines of the scopes `range`, `range_model`, `day`, `day_model`, `user` and `day_user`.
pub(super) fn totals(answer: &Analytics) -> String {
    let days: Vec<String> = answer.days.iter().map(|day| day.date.to_string()).collect();
    let mut lines = Lines { tools: tools_of(answer), rows: Vec::new() };
    let key = |scope| Key { scope, ..Key::default() };
    let totals = &answer.totals;
    lines.add(&key("range"), Some(totals.active_users), &totals.figures);
    lines.add_models(&key("range_model"), &totals.figures);
    for (day, date) in answer.days.iter().zip(&days) {
        let key = |scope| Key { date: Some(date), ..key(scope) };
        lines.add(&key("day"), Some(day.totals.active_users), &day.totals.figures);
        lines.add_models(&key("day_model"), &day.totals.figures);
        lines.add_users(&key("day_user"), day.users.as_deref());
    }
    lines.add_users(&key("user"), answer.users.as_deref());
    lines.written()
}

/// Every tool that the answer tells of. Days and users have no other than the whole range.
fn tools_of(answer: &Analytics) -> Vec<String> {
    answer.totals.figures.tool_actions.iter().flat_map(BTreeMap::keys).cloned().collect()
}

struct Lines {
    tools: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Lines {
    fn add(&mut self, key: &Key<'_>, active_users: Option<i64>, figures: &AnalyticsFigures) {
        let lines = figures.lines.as_ref();
        let own = vec![
            active_users.into(),
            figures.sessions.into(),
            figures.requests.into(),
            lines.map(|lines| lines.added).into(),
            lines.map(|lines| lines.removed).into(),
            figures.commits.into(),
            figures.pull_requests.into(),
        ];
        let by_tool =
            |tool| figures.tool_actions.as_ref().map(|tools| tools.get(tool).copied().unwrap_or_default());
        let decided: Vec<_> = self.tools.iter().flat_map(|tool| decisions(by_tool(tool))).collect();
        let spent = [tokens(&figures.tokens), money(&figures.cost_micros)].concat();
        self.rows.push([cells(key), own, decided, decisions(figures.decisions), spent].concat());
    }

    fn add_models(&mut self, key: &Key<'_>, figures: &AnalyticsFigures) {
        for ModelFigures { model, requests, tokens: used, cost_micros } in &figures.models {
            let unknown = vec![Cell::Empty; 4 + 3 * (self.tools.len() + 1)];
            let key = Key { model: Some(model), ..key.clone() };
            let own = vec![Cell::Empty, Cell::Empty, (*requests).into()];
            self.rows.push([cells(&key), own, unknown, tokens(used), money(cost_micros)].concat());
        }
    }

    fn add_users(&mut self, key: &Key<'_>, users: Option<&[AnalyticsUser]>) {
        for user in users.unwrap_or_default() {
            self.add(&Key { actor: Some(&user.actor), ..key.clone() }, None, &user.figures);
        }
    }

    fn written(self) -> String {
        let by_tool =
            |tool: &String| ["accepted", "rejected", "acceptance_rate"].map(|what| format!("{tool}_{what}"));
        let columns = [
            names(&["scope", "date", "actor_type", "actor", "model", "active_users", "sessions", "requests"]),
            names(&["lines_added", "lines_removed", "commits", "pull_requests"]),
            self.tools.iter().flat_map(by_tool).collect(),
            names(&["accepted", "rejected", "acceptance_rate"]),
            names(&["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"]),
            names(&["cache_creation_5m_tokens", "cache_creation_1h_tokens"]),
            names(&["cost_settled_micros", "cost_reported_micros", "cost_priced_micros"]),
        ];
        write(&columns.concat(), self.rows)
    }
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

fn cells(key: &Key<'_>) -> Vec<Cell> {
    let who = key.actor.map_or_else(|| vec![Cell::Empty; 2], actor);
    [vec![key.scope.into(), key.date.into()], who, vec![key.model.into()]].concat()
}

fn actor(actor: &UsageActor) -> Vec<Cell> {
    let kind = match actor {
        UsageActor::UserActor { .. } => "user_actor",
        UsageActor::ApiActor { .. } => "api_actor",
    };
    vec![kind.into(), actor.name().into()]
}

fn decisions(decided: Option<Decisions>) -> Vec<Cell> {
    let known = |cell: fn(Decisions) -> Cell| decided.map_or(Cell::Empty, cell);
    vec![
        known(|decided| decided.accepted.into()),
        known(|decided| decided.rejected.into()),
        known(|decided| decided.acceptance_rate.into()),
    ]
}

fn tokens(tokens: &Tokens) -> Vec<Cell> {
    let kinds = [
        tokens.input,
        tokens.output,
        tokens.cache_read,
        tokens.cache_creation,
        tokens.cache_creation_5m,
        tokens.cache_creation_1h,
    ];
    kinds.map(Cell::from).to_vec()
}

fn money(cost: &Cost) -> Vec<Cell> {
    [cost.settled, cost.reported, cost.priced].map(Cell::from).to_vec()
}
