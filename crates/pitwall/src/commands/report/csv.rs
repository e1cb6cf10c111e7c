//! Answers as comma-separated values (RFC 4180), one record a row, or one a row and model.
//!
//! Costs are dollars with six decimals, which is exact for micro-dollars; instants are RFC 3339 in UTC.

use report::figures::{Cost, ModelFigures, Tokens};
use report::period::PeriodFigures;

use super::answer::Answer;
use crate::terminal::decimal_dollars;

const SPENDING: [&str; 10] = [
    "requests",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cache_creation_5m_tokens",
    "cache_creation_1h_tokens",
    "cost_usd",
    "reported_usd",
    "priced_usd",
];
const WORK: [&str; 4] = ["lines_added", "lines_removed", "commits", "pull_requests"];

/// The text, with a line of names first.
pub(super) fn of(answer: &Answer, breakdown: bool) -> String {
    let mut sheet = Sheet { breakdown, now: asks_for_now(answer), lines: Vec::new() };
    match answer {
        Answer::Period(report) => {
            sheet.names(&["period", "sessions"], &WORK);
            for row in &report.rows {
                sheet.period(&[&row.period, &row.figures.sessions.to_string()], &row.figures);
            }
        }
        Answer::Session(report) => {
            let own = ["session_id", "actor", "project", "started_at", "ended_at", "prompts"];
            sheet.names(&own, &WORK);
            for row in &report.sessions {
                let (started, ended) = (row.started_at.to_string(), row.ended_at.to_string());
                let project = row.project.as_deref().unwrap_or("");
                let prompts = row.prompts.to_string();
                let own = [&row.session_id, &row.actor, project, &started, &ended, &prompts];
                let work = [row.lines.added, row.lines.removed, row.commits, row.pull_requests];
                let all = (row.requests, &row.tokens, &row.cost_micros);
                sheet.row(&own, all, &row.models, &work.map(|number| number.to_string()));
            }
        }
        Answer::Blocks(report) => {
            let own =
                ["started_at", "ends_at", "first_activity_at", "last_activity_at", "active", "sessions"];
            sheet.names(&own, &[]);
            for row in &report.rows {
                let instants = [row.started_at, row.ends_at, row.first_activity_at, row.last_activity_at];
                let instants = instants.map(|instant| instant.to_string());
                let mut own: Vec<&str> = instants.iter().map(String::as_str).collect();
                let sessions = row.sessions.to_string();
                own.extend([if row.active { "true" } else { "false" }, &sessions]);
                sheet.row(&own, (row.requests, &row.tokens, &row.cost_micros), &row.models, &[]);
            }
        }
        Answer::Models(report) => {
            sheet.breakdown = false;
            sheet.names(&["model"], &[]);
            for row in &report.rows {
                sheet.row(&[&row.model], (row.requests, &row.tokens, &row.cost_micros), &[], &[]);
            }
        }
        Answer::Projects(report) => {
            sheet.names(&["project", "sessions"], &WORK);
            for row in &report.rows {
                sheet.period(&[&row.project, &row.figures.sessions.to_string()], &row.figures);
            }
        }
        Answer::Tools(report) => {
            let names = [
                "tool",
                "calls",
                "succeeded",
                "failed",
                "accepted",
                "rejected",
                "lines_added",
                "lines_removed",
                "duration_ms",
            ];
            sheet.line(names.into_iter());
            for row in &report.rows {
                let figures = &row.figures;
                let numbers = [
                    figures.calls,
                    figures.succeeded,
                    figures.failed,
                    figures.decisions.accepted,
                    figures.decisions.rejected,
                    figures.lines.added,
                    figures.lines.removed,
                    figures.duration_ms,
                ];
                let numbers = numbers.map(|number| number.to_string());
                sheet.line(std::iter::once(row.tool.as_str()).chain(numbers.iter().map(String::as_str)));
            }
        }
    }
    sheet.lines.concat()
}

fn asks_for_now(answer: &Answer) -> bool {
    let cost = match answer {
        Answer::Period(report) => report.totals.cost_micros,
        Answer::Session(report) => report.totals.cost_micros,
        Answer::Models(report) => report.totals.cost_micros,
        Answer::Projects(report) => report.totals.cost_micros,
        Answer::Blocks(_) | Answer::Tools(_) => return false,
    };
    cost.priced_now.is_some()
}

struct Sheet {
    breakdown: bool,
    now: bool,
    lines: Vec<String>,
}

impl Sheet {
    fn names(&mut self, own: &[&str], work: &[&str]) {
        let model = self.breakdown.then_some("model");
        let now = self.now.then_some("priced_now_usd");
        // Lines and commits belong to no model.
        let work = if self.breakdown { &[] } else { work };
        let names: Vec<&str> =
            own.iter().copied().chain(model).chain(SPENDING).chain(now).chain(work.iter().copied()).collect();
        self.line(names.into_iter());
    }

    fn period(&mut self, own: &[&str], figures: &PeriodFigures) {
        let work = [figures.lines.added, figures.lines.removed, figures.commits, figures.pull_requests];
        let work = work.map(|number| number.to_string());
        self.row(own, (figures.requests, &figures.tokens, &figures.cost_micros), &figures.models, &work);
    }

    fn row(&mut self, own: &[&str], all: (i64, &Tokens, &Cost), models: &[ModelFigures], work: &[String]) {
        if !self.breakdown {
            let cells = own.iter().map(|cell| (*cell).to_owned());
            let cells: Vec<String> = cells.chain(self.spending(all)).chain(work.iter().cloned()).collect();
            self.line(cells.iter().map(String::as_str));
            return;
        }
        for model in models {
            let spending = self.spending((model.requests, &model.tokens, &model.cost_micros));
            let cells = own.iter().map(|cell| (*cell).to_owned()).chain([model.model.clone()]);
            let cells: Vec<String> = cells.chain(spending).collect();
            self.line(cells.iter().map(String::as_str));
        }
    }

    fn spending(&self, (requests, tokens, cost): (i64, &Tokens, &Cost)) -> Vec<String> {
        let counts = [
            requests,
            tokens.input,
            tokens.output,
            tokens.cache_read,
            tokens.cache_creation,
            tokens.cache_creation_5m,
            tokens.cache_creation_1h,
        ];
        let now = self.now.then_some(cost.priced_now.unwrap_or(0));
        let costs = [cost.settled, cost.reported, cost.priced].into_iter().chain(now);
        counts.iter().map(ToString::to_string).chain(costs.map(decimal_dollars)).collect()
    }

    fn line<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        let cells: Vec<String> = cells.map(quoted).collect();
        self.lines.push(cells.join(",") + "\r\n");
    }
}

/// In quotes where it has to be.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        assert_eq!(quoted("/work/shop"), "/work/shop");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
    }
}
