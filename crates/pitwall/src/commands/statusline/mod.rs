//! `pitwall statusline`: one line for Claude Code's prompt.
//!
//! The client runs it after every answer and shows what it prints, so it must be fast and must never fail:
//! whatever goes wrong, it prints what it does know and ends well.

mod figures;
mod input;
mod refresh;
mod template;

use std::io::IsTerminal;

use anyhow::Result;
use model::{Clock, SystemClock, Timestamp};
use report::range::Zone;
use report::status_line::StatusLine;

use crate::cli::report::CostArg;
use crate::cli::statusline::StatuslineArgs;
use crate::config::{Config, DataDirectory};
use crate::paint::{Paint, Tone};
use crate::status_memory::Remembered;
use crate::terminal::{self, dollars, minutes, short};
use input::{Input, Limit};
use template::Template;

/// What is shown unless the configuration or `--format` says otherwise.
pub(crate) const DEFAULT_FORMAT: &str = "[{model}][ · {session_cost} session][ · {today_cost} today]\
    [ · {block_cost} block, {block_left} left][ · {burn_rate}/h][ · {context} context]\
    [ · 5h {limit_5h}][ · 7d {limit_7d}]";

/// Every field, with what it is.
pub(crate) const FIELDS: [(&str, &str); 21] = [
    ("model", "the model's name"),
    ("project", "the project's folder"),
    ("session_cost", "what the session has cost"),
    ("session_tokens", "its tokens, from the server"),
    ("session_time", "how long it has been open"),
    ("lines", "lines it added and removed"),
    ("today_cost", "what today has cost so far, all sessions"),
    ("today_tokens", "today's tokens"),
    ("today_requests", "today's requests"),
    ("block_cost", "what the running five-hour window has cost"),
    ("block_tokens", "its tokens"),
    ("block_left", "time until it ends"),
    ("block_projection", "what it will have cost when it goes on like this"),
    ("burn_rate", "its cost an hour"),
    ("burn_tokens", "its tokens a minute"),
    ("context", "how full the context window is"),
    ("context_tokens", "tokens of the newest request's prompt"),
    ("limit_5h", "how much of the plan's five-hour limit is used"),
    ("limit_5h_left", "time until it is reset"),
    ("limit_7d", "how much of the plan's weekly limit is used"),
    ("limit_7d_left", "time until it is reset"),
];

/// Runs the command, but for the part that is worked out beside the prompt. Does not fail.
pub(crate) fn run(args: &StatuslineArgs) {
    let stdin = std::io::stdin();
    let input = if stdin.is_terminal() { Input::default() } else { Input::read(stdin.lock()) };
    let line = match line(args, &input) {
        Ok(line) => line,
        // A configuration that cannot be read, a format that cannot be meant: what the client told stands.
        Err(error) => {
            let known = Line { input: &input, figures: None, now: SystemClock.now(), cost: CostArg::Settled };
            let known =
                Template::parse(DEFAULT_FORMAT).map(|template| known.fill(&template)).unwrap_or_default();
            let error = format!("{error:#}");
            let error = error.lines().next().unwrap_or_default();
            format!("{known} ({error})").trim_start().to_owned()
        }
    };
    let line = if line.is_empty() { "pitwall: nothing known yet" } else { &line };
    // With nobody to read it there is nothing left to do.
    let _unread = terminal::print(&format!("{line}\n"));
}

/// Works the figures out beside the prompt.
pub(crate) async fn run_refresh(args: &StatuslineArgs) -> Result<()> {
    let (data, config, zone) = place(args)?;
    refresh::run(&config, &data, &zone).await
}

fn place(args: &StatuslineArgs) -> Result<(DataDirectory, Config, Zone)> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let named = args.timezone.as_deref().unwrap_or(&config.reports.timezone);
    let zone = if named.is_empty() { Zone::of_this_machine() } else { Zone::named(named)? };
    Ok((data, config, zone))
}

fn line(args: &StatuslineArgs, input: &Input) -> Result<String> {
    let (data, config, zone) = place(args)?;
    let format = args.format.as_deref().unwrap_or(&config.statusline.format);
    let template = Template::parse(if format.is_empty() { DEFAULT_FORMAT } else { format })?;
    let unknown = template.fields().find(|name| FIELDS.iter().all(|(known, _)| known != name));
    anyhow::ensure!(unknown.is_none(), "the format has an unknown field {}", unknown.unwrap_or_default());
    let now = SystemClock.now();
    let figures = figures(args, &data, input, &zone, now);
    Ok(Line { input, figures, now, cost: config.reports.cost }.fill(&template))
}

/// The ledger's part: from the server, else as remembered.
fn figures(
    args: &StatuslineArgs,
    data: &DataDirectory,
    input: &Input,
    zone: &Zone,
    now: Timestamp,
) -> Option<StatusLine> {
    let mut remembered = Remembered::read(data);
    if let Ok(figures) = figures::from_server(data, input.session_id(), zone) {
        remembered.zone = zone.name().to_owned();
        remembered.figures = Some(figures.clone());
        // Only for a moment when the server has no time.
        let _not_remembered = remembered.write(data);
        return Some(figures);
    }
    let holds_the_ledger = data.server_file().exists();
    if !holds_the_ledger && data.ledger_file().exists() && remembered.is_due(now) {
        // When that fails, the line is shown without: the next prompt tries again.
        let _not_started = figures::start_refresh(data, args.data.config.as_deref(), zone, now);
    }
    remembered.holding(zone, now)
}

/// What is known, to be put into a format.
struct Line<'a> {
    input: &'a Input,
    figures: Option<StatusLine>,
    now: Timestamp,
    cost: CostArg,
}

impl Line<'_> {
    fn fill(&self, template: &Template) -> String {
        template.fill(&|name| self.field(name))
    }

    /// The text of a field; `None` when it is not known.
    fn field(&self, name: &str) -> Option<String> {
        let input = self.input;
        let today = self.figures.as_ref().map(|figures| figures.today);
        let block = self.figures.as_ref().and_then(|figures| figures.block);
        let session = self.figures.as_ref().and_then(|figures| figures.session);
        let amount = |cost: report::figures::Cost| match self.cost {
            CostArg::Settled | CostArg::Now => cost.settled,
            CostArg::Reported => cost.reported,
            CostArg::Priced => cost.priced,
        };
        match name {
            "model" => input.model().map(str::to_owned),
            "project" => input.project().and_then(last_folder),
            "session_cost" => {
                let known = || session.map(|session| amount(session.cost_micros));
                input.cost_micros().or_else(known).map(dollars)
            }
            "session_tokens" => session.map(|session| short(session.tokens.all())),
            "session_time" => input.duration_ms().map(|duration| minutes(duration / 60_000)),
            "lines" => input.lines().map(|(added, removed)| format!("+{} -{}", short(added), short(removed))),
            "today_cost" => today.map(|today| dollars(amount(today.cost_micros))),
            "today_tokens" => today.map(|today| short(today.tokens.all())),
            "today_requests" => today.map(|today| short(today.requests)),
            "block_cost" => block.map(|block| dollars(amount(block.spent.cost_micros))),
            "block_tokens" => block.map(|block| short(block.spent.tokens.all())),
            "block_left" => block.map(|block| self.left(Timestamp::from(block.ends_at))),
            "block_projection" => Some(dollars(block?.projection?.cost_micros)),
            "burn_rate" => Some(dollars(block?.burn_rate?.cost_micros_per_hour)),
            "burn_tokens" => Some(short(block?.burn_rate?.tokens_per_minute)),
            "context" => input.context_percent().map(percent),
            "context_tokens" => input.context_tokens().map(short),
            "limit_5h" => input.five_hours().map(|limit| percent(limit.used_percent)),
            "limit_5h_left" => self.reset(input.five_hours()),
            "limit_7d" => input.seven_days().map(|limit| percent(limit.used_percent)),
            "limit_7d_left" => self.reset(input.seven_days()),
            _ => None,
        }
    }

    fn reset(&self, limit: Option<Limit>) -> Option<String> {
        limit?.resets_at.map(|at| self.left(Timestamp::from_seconds(at)))
    }

    /// Time until an instant, in the two largest units.
    fn left(&self, until: Timestamp) -> String {
        let left = until.micros_since(self.now).max(0) / 60_000_000;
        match left / (24 * 60) {
            0 => minutes(left),
            days => format!("{days}d {}h", left / 60 % 24),
        }
    }
}

/// A share that stands out the more of it is used.
fn percent(used: f64) -> String {
    const MUCH: f64 = 75.0;
    const NEARLY_ALL: f64 = 90.0;
    let tone = if used >= NEARLY_ALL {
        Tone::Bad
    } else if used >= MUCH {
        Tone::Attention
    } else {
        Tone::Plain
    };
    // The client shows colours, though it is no terminal.
    Paint::where_welcome().line(&format!("{used:.0}%"), tone)
}

fn last_folder(path: &str) -> Option<String> {
    path.rsplit(['/', '\\']).find(|folder| !folder.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
