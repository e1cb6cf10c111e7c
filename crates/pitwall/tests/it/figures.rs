//! What a scenario amounts to: as its truth says, and as a running server shows it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::program::Server;

/// Days around the captures, in which every fixture lies.
pub(crate) const DAYS_OF_FIXTURES: [&str; 2] = ["2026-11-20", "2026-11-24"];

/// Accepted and rejected, succeeded and failed, added and removed.
type Pair = (i64, i64);

/// Figures by tool.
type ByTool = BTreeMap<String, Pair>;

/// Tokens and cost of one model or session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spending {
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_read: i64,
    pub(crate) cache_5m: i64,
    pub(crate) cache_1h: i64,
    /// Written to the cache, whatever the lifetime and whether it is known or not.
    pub(crate) cache_creation: i64,
    pub(crate) cost_micros: i64,
}

/// Everything that reports and dashboard show of a scenario and that its truth tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) sessions: i64,
    pub(crate) requests: i64,
    pub(crate) prompts: i64,
    pub(crate) api_errors: i64,
    pub(crate) lines: Pair,
    pub(crate) commits: i64,
    pub(crate) pull_requests: i64,
    pub(crate) models: BTreeMap<String, Spending>,
    /// Sessions in which anything was spent.
    pub(crate) by_session: BTreeMap<String, Spending>,
    pub(crate) decisions: ByTool,
    pub(crate) results: ByTool,
}

/// What the Analytics API shows of a scenario: the sums over its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    sessions: i64,
    lines: Pair,
    commits: i64,
    pull_requests: i64,
    /// By the API's own names of the tools.
    tools: ByTool,
    /// Tokens by model; the costs are in whole cents.
    models: BTreeMap<String, Spending>,
}

/// What should come out of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) figures: Figures,
    edit_decisions: ByTool,
}

impl Truth {
    /// The truth that is kept beside a fixture.
    pub(crate) fn of_fixture(expected: &Json) -> Self {
        let spending = |group: &str, costs: &str| -> BTreeMap<String, Spending> {
            let spent = entries(&expected[group]).map(|(name, tokens)| {
                let spending = Spending {
                    input: whole(&tokens["input"]),
                    output: whole(&tokens["output"]),
                    cache_read: whole(&tokens["cacheRead"]),
                    cache_creation: whole(&tokens["cacheCreation"]),
                    cache_5m: whole(&tokens["cacheCreation5m"]),
                    cache_1h: whole(&tokens["cacheCreation1h"]),
                    cost_micros: micros(&expected[costs][name]),
                };
                (name.clone(), spending)
            });
            spent_on(spent)
        };
        let mut truth = Self::of_counts(expected);
        truth.figures.sessions = expected["session_ids"].as_array().unwrap().len() as i64;
        truth.figures.requests = whole(&expected["api_requests_ok"]);
        truth.figures.models = spending("tokens", "cost_usd_by_model");
        truth.figures.by_session = spending("tokens_by_session", "cost_usd_by_session");
        truth
    }

    /// What a run of the real client's scenario has to come to: the tokens that the scripted API handed out,
    /// the counts that the scenario promises, the costs that the client noted.
    pub(crate) fn of_run(run: &Json) -> Self {
        let mut truth = Self::of_counts(&run["truth"]);
        let figures = &mut truth.figures;
        figures.sessions = entries(&run["ledger"]).count() as i64;
        for (session, handed_out) in entries(&run["ledger"]) {
            figures.requests += whole(&handed_out["requests"]);
            for (model, tokens) in entries(&handed_out["tokens"]) {
                let (cache_5m, cache_1h) = (whole(&tokens["cache_5m"]), whole(&tokens["cache_1h"]));
                let spending = Spending {
                    input: whole(&tokens["input"]),
                    output: whole(&tokens["output"]),
                    cache_read: whole(&tokens["cache_read"]),
                    cache_creation: cache_5m + cache_1h,
                    cache_5m,
                    cache_1h,
                    cost_micros: micros(&run["sessions"][session]["cost_by_model"][model]),
                };
                figures.models.entry(model.clone()).or_default().add(&spending);
                figures.by_session.entry(session.clone()).or_default().add(&spending);
            }
        }
        truth
    }

    fn of_counts(told: &Json) -> Self {
        let figures = Figures {
            prompts: whole(&told["prompts"]),
            api_errors: whole(&told["api_error_events"]),
            lines: pair(&told["lines"], ["added", "removed"]),
            commits: whole(&told["commits"]),
            pull_requests: whole(&told["pull_requests"]),
            decisions: by_tool(&told["decisions"], ["accept", "reject"]),
            results: by_tool(&told["tool_results"], ["ok", "failed"]),
            ..Figures::default()
        };
        Self { figures, edit_decisions: by_tool(&told["code_edit_decisions"], ["accept", "reject"]) }
    }

    /// The same as the Analytics API has to tell it, all on one day.
    pub(crate) fn usage(&self) -> Usage {
        let Figures { sessions, lines, commits, pull_requests, ref models, .. } = self.figures;
        let as_the_api_tells = |spending: &Spending| Spending {
            cache_5m: 0,
            cache_1h: 0,
            // Half up.
            cost_micros: (spending.cost_micros + 5_000) / 10_000,
            ..*spending
        };
        let tools = EDITING_TOOLS.map(|(name, api_name)| {
            (api_name.to_owned(), self.edit_decisions.get(name).copied().unwrap_or_default())
        });
        Usage {
            sessions,
            lines,
            commits,
            pull_requests,
            tools: tools.into(),
            models: models
                .iter()
                .map(|(model, spending)| (model.clone(), as_the_api_tells(spending)))
                .collect(),
        }
    }
}

/// The tools that the Analytics API tells of, with its own names for them.
const EDITING_TOOLS: [(&str, &str); 4] = [
    ("Edit", "edit_tool"),
    ("MultiEdit", "multi_edit_tool"),
    ("NotebookEdit", "notebook_edit_tool"),
    ("Write", "write_tool"),
];

impl Spending {
    /// As reports and dashboard write it.
    fn shown(row: &Json) -> Self {
        let tokens = &row["tokens"];
        Self {
            input: whole(&tokens["input"]),
            output: whole(&tokens["output"]),
            cache_read: whole(&tokens["cache_read"]),
            cache_creation: whole(&tokens["cache_creation"]),
            cache_5m: whole(&tokens["cache_creation_5m"]),
            cache_1h: whole(&tokens["cache_creation_1h"]),
            cost_micros: whole(&row["cost_micros"]["settled"]),
        }
    }

    fn add(&mut self, other: &Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_creation += other.cache_creation;
        self.cache_5m += other.cache_5m;
        self.cache_1h += other.cache_1h;
        self.cost_micros += other.cost_micros;
    }
}

impl Figures {
    /// What a server shows of these days: its daily report, its session report and its overview, which have
    /// to agree where they tell the same.
    pub(crate) async fn shown_by(server: &Server, [start, end]: [&str; 2]) -> Self {
        let range = format!("start={start}&end={end}&timezone=UTC");
        let daily = server.json(&format!("/api/v1/reports/daily?{range}")).await;
        let sessions = server.json(&format!("/api/v1/reports/session?{range}")).await;
        let overview = server.json(&format!("/api/v1/overview?{range}")).await;
        for figure in ["sessions", "requests", "tokens", "cost_micros", "lines", "commits", "pull_requests"] {
            assert_eq!(daily["totals"][figure], overview["totals"][figure], "{figure}");
        }
        let tools = list(&overview["tools"]);
        let of_tools = |names| {
            let tools = tools.iter().map(|row| (text(&row["tool"]), pair(row, names)));
            tools.filter(|(_, figures)| *figures != (0, 0)).collect()
        };
        Self {
            prompts: whole(&overview["totals"]["prompts"]),
            api_errors: whole(&overview["totals"]["api_errors"]),
            decisions: of_tools(["accepted", "rejected"]),
            results: of_tools(["succeeded", "failed"]),
            ..Self::in_reports(&daily, &sessions)
        }
    }

    /// What a daily and a session report tell, which is not everything.
    pub(crate) fn in_reports(daily: &Json, sessions: &Json) -> Self {
        let totals = &daily["totals"];
        let rows = list(&sessions["sessions"]);
        let models = list(&totals["models"]).iter().map(|row| (text(&row["model"]), Spending::shown(row)));
        let by_session = rows.iter().map(|row| (text(&row["session_id"]), Spending::shown(row)));
        Self {
            sessions: whole(&totals["sessions"]),
            requests: whole(&totals["requests"]),
            prompts: rows.iter().map(|row| whole(&row["prompts"])).sum(),
            lines: pair(&totals["lines"], ["added", "removed"]),
            commits: whole(&totals["commits"]),
            pull_requests: whole(&totals["pull_requests"]),
            models: spent_on(models),
            by_session: spent_on(by_session),
            ..Self::default()
        }
    }

    /// These figures without what [`Figures::in_reports`] leaves out.
    pub(crate) fn as_in_reports(&self) -> Self {
        Self { api_errors: 0, decisions: ByTool::new(), results: ByTool::new(), ..self.clone() }
    }
}

impl Usage {
    /// What the Analytics API tells of these days.
    pub(crate) async fn shown_by(server: &Server, admin_key: &str, days: &[&str]) -> Self {
        let mut usage = Self::default();
        for day in days {
            for row in server.usage(admin_key, day).await {
                usage.add(&row);
            }
        }
        usage
    }

    fn add(&mut self, row: &Json) {
        let core = &row["core_metrics"];
        let lines = pair(&core["lines_of_code"], ["added", "removed"]);
        self.sessions += whole(&core["num_sessions"]);
        self.lines = plus(self.lines, lines);
        self.commits += whole(&core["commits_by_claude_code"]);
        self.pull_requests += whole(&core["pull_requests_by_claude_code"]);
        for (tool, decisions) in entries(&row["tool_actions"]) {
            let known = self.tools.entry(tool.clone()).or_default();
            *known = plus(*known, pair(decisions, ["accepted", "rejected"]));
        }
        for model in list(&row["model_breakdown"]) {
            assert_eq!(model["estimated_cost"]["currency"], "USD");
            let tokens = &model["tokens"];
            self.models.entry(text(&model["model"])).or_default().add(&Spending {
                input: whole(&tokens["input"]),
                output: whole(&tokens["output"]),
                cache_read: whole(&tokens["cache_read"]),
                cache_creation: whole(&tokens["cache_creation"]),
                cost_micros: whole(&model["estimated_cost"]["amount"]),
                ..Spending::default()
            });
        }
    }
}

fn plus(left: Pair, right: Pair) -> Pair {
    (left.0 + right.0, left.1 + right.1)
}

fn entries(object: &Json) -> impl Iterator<Item = (&String, &Json)> {
    object.as_object().unwrap_or_else(|| panic!("not an object: {object}")).iter()
}

fn list(array: &Json) -> &[Json] {
    array.as_array().unwrap_or_else(|| panic!("not a list: {array}"))
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

fn whole(value: &Json) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("not a whole number: {value}"))
}

fn micros(dollars: &Json) -> i64 {
    (dollars.as_f64().unwrap_or_else(|| panic!("not an amount: {dollars}")) * 1e6).round() as i64
}

/// Two counts by name; one that is not told is zero.
fn pair(counts: &Json, [first, second]: [&str; 2]) -> Pair {
    let count = |name: &str| counts.get(name).map_or(0, whole);
    (count(first), count(second))
}

fn by_tool(counts: &Json, names: [&str; 2]) -> ByTool {
    entries(counts).map(|(tool, counts)| (tool.clone(), pair(counts, names))).collect()
}

fn spent_on(all: impl Iterator<Item = (String, Spending)>) -> BTreeMap<String, Spending> {
    all.filter(|(_, spending)| *spending != Spending::default()).collect()
}
