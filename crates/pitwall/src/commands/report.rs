//! `pitwall report`: figures in the terminal, or as JSON for scripts.
//!
//! Without a running server it brings new transcript lines in first and asks the ledger itself; beside one
//! it asks the server, which holds the data.

use anyhow::{Context, Result};
use model::{Clock, SystemClock};
use report::period::{self, Period, PeriodReport};
use report::range::{DateRange, Zone};
use report::sessions::{self, SessionReport};
use serde::Serialize;

use crate::cli::{ReportArgs, ReportCommand};
use crate::config::{Config, DataDirectory};
use crate::running_server::RunningServer;
use crate::terminal::{self, dollars, grouped};
use crate::wire::Local;

/// How many days a report goes back when it is not told.
const DEFAULT_DAYS: u32 = 30;

/// Runs the command.
pub(crate) async fn run(command: ReportCommand) -> Result<()> {
    let (args, question) = match command {
        ReportCommand::Daily(args) => (args, Question::Period(Period::Day)),
        ReportCommand::Monthly(args) => (args, Question::Period(Period::Month)),
        ReportCommand::Session(args) => (args, Question::Sessions),
    };
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let range = range(&args)?;
    let answer = match RunningServer::find(&data).await? {
        Some(server) => ask_server(&server, question, &range).await?,
        None => ask_ledger(&args, &data, question, &range).await?,
    };
    match answer {
        Answer::Period(report) if args.json => terminal::print_json(&report),
        Answer::Sessions(report) if args.json => terminal::print_json(&report),
        Answer::Json(report) if args.json => terminal::print_json(&report),
        Answer::Period(report) => terminal::print(&periods_as_text(&serde_json::to_value(report)?)),
        Answer::Sessions(report) => terminal::print(&sessions_as_text(&serde_json::to_value(report)?)),
        Answer::Json(report) => terminal::print(&match question {
            Question::Period(_) => periods_as_text(&report),
            Question::Sessions => sessions_as_text(&report),
        }),
    }
}

#[derive(Clone, Copy)]
enum Question {
    Period(Period),
    Sessions,
}

/// An answer of our own, or one that a server gave, which has the same shape.
enum Answer {
    Period(Box<PeriodReport>),
    Sessions(SessionReport),
    Json(serde_json::Value),
}

fn range(args: &ReportArgs) -> Result<DateRange> {
    let zone = match &args.timezone {
        Some(name) => Zone::named(name)?,
        None => Zone::of_this_machine(),
    };
    let recent = DateRange::last_days(DEFAULT_DAYS, SystemClock.now(), zone.clone())?;
    let end = args.until.unwrap_or(recent.end());
    let start = args.since.unwrap_or_else(|| recent.start().min(end));
    Ok(DateRange::new(start, end, zone)?)
}

async fn ask_server(server: &RunningServer, question: Question, range: &DateRange) -> Result<Answer> {
    #[derive(Serialize)]
    struct Parameters<'a> {
        start: String,
        end: String,
        timezone: &'a str,
    }
    let path = match question {
        Question::Period(Period::Month) => "/api/v1/reports/monthly",
        Question::Period(_) => "/api/v1/reports/daily",
        Question::Sessions => "/api/v1/reports/session",
    };
    let parameters = Parameters {
        start: range.start().to_string(),
        end: range.end().to_string(),
        timezone: range.zone().name(),
    };
    server.get(path, &parameters).await.map(Answer::Json)
}

async fn ask_ledger(
    args: &ReportArgs,
    data: &DataDirectory,
    question: Question,
    range: &DateRange,
) -> Result<Answer> {
    let config = Config::load(args.data.config.as_deref(), data)?;
    let local = Local::open(&config, data).await?;
    if !args.no_import && config.transcripts.enabled {
        local.import_transcripts(&config.transcripts.directories, !args.json).await?;
    }
    let price_book = local.prices.version().to_owned();
    let answer = match question {
        Question::Period(period) => {
            let parameters = period::Parameters {
                period,
                since: Some(range.start()),
                until: Some(range.end()),
                zone: range.zone().clone(),
                price_book,
            };
            Answer::Period(Box::new(period::ask(local.store.as_ref(), &parameters).await?))
        }
        Question::Sessions => {
            let parameters = sessions::Parameters { range: Some(range.clone()), limit: None, price_book };
            Answer::Sessions(sessions::ask(local.store.as_ref(), &parameters).await?)
        }
    };
    local.close().await.context("could not close the data")?;
    Ok(answer)
}

/// A field of an answer by its path, as a number.
fn number(value: &serde_json::Value, path: &str) -> i64 {
    value.pointer(path).and_then(serde_json::Value::as_i64).unwrap_or(0)
}

fn text<'a>(value: &'a serde_json::Value, path: &str) -> &'a str {
    value.pointer(path).and_then(serde_json::Value::as_str).unwrap_or("")
}

fn figures(row: &serde_json::Value) -> Vec<String> {
    let counts =
        ["/requests", "/tokens/input", "/tokens/output", "/tokens/cache_creation", "/tokens/cache_read"];
    let counts = counts.iter().map(|path| grouped(number(row, path)));
    counts.chain([dollars(number(row, "/cost_micros/settled"))]).collect()
}

const FIGURE_HEADS: [&str; 6] = ["Requests", "Input", "Output", "Cache write", "Cache read", "Cost"];

fn periods_as_text(report: &serde_json::Value) -> String {
    let rows = report["rows"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return nothing_to_show();
    }
    let row = |name: &str, row: &serde_json::Value| {
        let lines =
            format!("+{} -{}", grouped(number(row, "/lines/added")), grouped(number(row, "/lines/removed")));
        [vec![name.to_owned(), grouped(number(row, "/sessions"))], figures(row), vec![lines]].concat()
    };
    let mut table: Vec<_> = rows.iter().map(|figures| row(text(figures, "/period"), figures)).collect();
    table.push(row("Total", &report["totals"]));
    let heads = [&["Period", "Sessions"][..], &FIGURE_HEADS, &["Lines"]].concat();
    terminal::table(&heads, &table, &[1, 2, 3, 4, 5, 6, 7, 8]) + &footnote(report, &report["totals"])
}

fn sessions_as_text(report: &serde_json::Value) -> String {
    let rows = report["sessions"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return nothing_to_show();
    }
    let table = rows.iter().map(|row| {
        let project = text(row, "/project").rsplit('/').next().unwrap_or_default().to_owned();
        let started = text(row, "/started_at").get(..16).unwrap_or_default().replace('T', " ");
        [vec![started, text(row, "/session_id").to_owned(), project], figures(row)].concat()
    });
    let table: Vec<_> = table.collect();
    let heads = [&["Started (UTC)", "Session", "Project"][..], &FIGURE_HEADS].concat();
    terminal::table(&heads, &table, &[3, 4, 5, 6, 7, 8]) + &footnote(report, &serde_json::Value::Null)
}

/// Which amount the cost column shows, by which price book, and what has no price.
fn footnote(report: &serde_json::Value, totals: &serde_json::Value) -> String {
    let mut note = format!(
        "\nCost: what Claude Code reported, else list prices (price book {}).\n",
        text(report, "/price_book")
    );
    let unpriced =
        totals["unpriced_models"].as_array().into_iter().flatten().filter_map(|model| model.as_str());
    let unpriced: Vec<_> = unpriced.collect();
    if !unpriced.is_empty() {
        note += &format!("Not in the price book: {}.\n", unpriced.join(", "));
    }
    note
}

fn nothing_to_show() -> String {
    "Nothing in this range yet. `pitwall connect` shows how Claude Code reports here; \
     `pitwall doctor` tells what is missing.\n"
        .to_owned()
}
