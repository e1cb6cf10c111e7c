//! Answers as tables for the terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use report::blocks::{Block, BlockReport};
use report::figures::{Cost, ModelFigures, Tokens};
use report::model_usage::ModelReport;
use report::period::{PeriodFigures, PeriodReport};
use report::projects::ProjectReport;
use report::sessions::SessionReport;
use report::tools::{ToolReport, ToolTotals};

use super::Look;
use super::answer::Answer;
use crate::cli::report::CostArg;
use crate::paint::Tone;
use crate::table::{Cell, Column, Row, Table};
use crate::terminal::{dollars, grouped, minutes};

/// The table of an answer, with what has to be known to read it.
pub(super) fn of(answer: &Answer, look: &Look) -> String {
    let table = match answer {
        Answer::Period(report) => periods(report, look),
        Answer::Session(report) => sessions(report, look),
        Answer::Blocks(report) => blocks(report, look),
        Answer::Models(report) => models(report, look),
        Answer::Projects(report) => projects(report, look),
        Answer::Tools(report) => tools(report),
    };
    let Some(table) = table else { return nothing_to_show(answer) };
    let mut text = table.render(look.width, look.brief, look.paint);
    if let Answer::Blocks(report) = answer {
        let running = report.rows.iter().filter(|block| block.active);
        text += &running.map(|block| running_block(block, &report.heading.timezone)).collect::<String>();
    }
    text + &look.paint.line(&footnote(answer, look), Tone::Dim) + "\n"
}

/// The columns of tokens and cost, with how soon each is left out.
fn spending_columns(look: &Look) -> Vec<Column> {
    let mut columns = vec![
        Column::number("Requests", 5),
        Column::number("Input", 3),
        Column::number("Output", 2),
        Column::number("Cache write", 4),
        Column::number("Cache read", 4),
        Column::number("Tokens", 6),
    ];
    match look.cost {
        CostArg::Settled => columns.push(Column::number("Cost", 0)),
        CostArg::Reported => columns.push(Column::number("Reported", 0)),
        CostArg::Priced => columns.push(Column::number("Priced", 0)),
        CostArg::Now => columns.extend([Column::number("Then", 1), Column::number("Now", 0)]),
    }
    columns
}

fn spending_cells(requests: i64, tokens: &Tokens, cost: &Cost, look: &Look) -> Vec<Cell> {
    let counts =
        [requests, tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read, tokens.all()];
    let mut cells: Vec<Cell> = counts.map(Cell::Count).to_vec();
    match look.cost {
        CostArg::Settled => cells.push(Cell::Money(cost.settled)),
        CostArg::Reported => cells.push(Cell::Money(cost.reported)),
        CostArg::Priced => cells.push(Cell::Money(cost.priced)),
        CostArg::Now => {
            let now = cost.priced_now.map_or(Cell::Blank, Cell::Money);
            cells.extend([Cell::Money(cost.priced), now]);
        }
    }
    cells
}

fn work_columns() -> [Column; 3] {
    [Column::number("Lines", 8), Column::number("Commits", 9), Column::number("PRs", 10)]
}

fn work_cells(figures: &PeriodFigures) -> [Cell; 3] {
    [
        Cell::Lines(figures.lines.added, figures.lines.removed),
        Cell::Count(figures.commits),
        Cell::Count(figures.pull_requests),
    ]
}

/// A row's models, each as a row of its own; `before` is what stands before its figures.
fn push_models(table: &mut Table, models: &[ModelFigures], before: usize, look: &Look) {
    for model in models.iter().filter(|_| look.breakdown) {
        let cells = spending_cells(model.requests, &model.tokens, &model.cost_micros, look);
        push_part(table, &model.model, before, cells);
    }
}

fn push_part(table: &mut Table, name: &str, before: usize, cells: Vec<Cell>) {
    let mut row = vec![Cell::text(format!("  {name}"))];
    row.resize(before, Cell::Blank);
    row.extend(cells);
    table.push(Row::Part, row);
}

fn periods(report: &PeriodReport, look: &Look) -> Option<Table> {
    let name = Column::text("Period", 0);
    let mut table = Table::new(
        [vec![name, Column::number("Sessions", 7)], spending_columns(look), work_columns().to_vec()].concat(),
    );
    let cells = |name: &str, figures: &PeriodFigures| {
        let spending = spending_cells(figures.requests, &figures.tokens, &figures.cost_micros, look);
        [vec![Cell::text(name), Cell::Count(figures.sessions)], spending, work_cells(figures).to_vec()]
            .concat()
    };
    for row in &report.rows {
        table.push(Row::Plain, cells(&row.period, &row.figures));
        push_models(&mut table, &row.figures.models, 2, look);
    }
    table.push(Row::Total, cells("Total", &report.totals));
    push_models(&mut table, &report.totals.models, 2, look);
    (!report.rows.is_empty()).then_some(table)
}

fn sessions(report: &SessionReport, look: &Look) -> Option<Table> {
    let mut columns =
        vec![Column::text("Started", 0), Column::text("Session", 1), Column::path("Project", 2)];
    columns.extend(spending_columns(look));
    let mut table = Table::new(columns);
    let zone = zone_of(&report.heading.timezone);
    for row in &report.sessions {
        let mut cells = vec![
            Cell::text(clock(row.started_at, &zone)),
            Cell::text(&row.session_id),
            Cell::text(row.project.as_deref().unwrap_or("")),
        ];
        cells.extend(spending_cells(row.requests, &row.tokens, &row.cost_micros, look));
        table.push(Row::Plain, cells);
        push_models(&mut table, &row.models, 3, look);
        for agent in row.agents.iter().filter(|_| look.breakdown) {
            let cells = spending_cells(agent.requests, &agent.tokens, &agent.cost_micros, look);
            push_part(&mut table, &format!("of it {}", agent.agent), 3, cells);
        }
    }
    let totals = &report.totals;
    let mut cells = vec![Cell::text("Total"), Cell::Blank, Cell::Blank];
    cells.extend(spending_cells(totals.requests, &totals.tokens, &totals.cost_micros, look));
    table.push(Row::Total, cells);
    (!report.sessions.is_empty()).then_some(table)
}

fn blocks(report: &BlockReport, look: &Look) -> Option<Table> {
    let mut columns =
        vec![Column::text("Began", 0), Column::label("Active", 6), Column::number("Sessions", 7)];
    columns.extend(spending_columns(look));
    let mut table = Table::new(columns);
    let zone = zone_of(&report.heading.timezone);
    for block in &report.rows {
        let active = if block.active { "running".to_owned() } else { span(block) };
        let mut cells =
            vec![Cell::text(clock(block.started_at, &zone)), Cell::text(active), Cell::Count(block.sessions)];
        cells.extend(spending_cells(block.requests, &block.tokens, &block.cost_micros, look));
        table.push(if block.active { Row::Active } else { Row::Plain }, cells);
        push_models(&mut table, &block.models, 3, look);
    }
    let totals = &report.totals;
    let mut cells = vec![Cell::text("Total"), Cell::Blank, Cell::Blank];
    cells.extend(spending_cells(totals.requests, &totals.tokens, &totals.cost_micros, look));
    table.push(Row::Total, cells);
    (!report.rows.is_empty()).then_some(table)
}

/// From first to last activity.
fn span(block: &Block) -> String {
    minutes(block.last_activity_at.duration_since(block.first_activity_at).as_mins())
}

fn running_block(block: &Block, timezone: &str) -> String {
    let zone = zone_of(timezone);
    let ends = block.ends_at.to_zoned(zone).strftime("%H:%M").to_string();
    let mut text = format!("\nThe running window ends at {ends}");
    match (block.burn_rate, block.projection) {
        (Some(rate), Some(projection)) => {
            text += &format!(
                ", in {}. Burn rate: {} tokens a minute ({} without the cache), {} an hour.\n\
                 Going on like this it comes to {} tokens and {}.\n",
                minutes(projection.remaining_minutes),
                grouped(rate.tokens_per_minute),
                grouped(rate.uncached_tokens_per_minute),
                dollars(rate.cost_micros_per_hour),
                grouped(projection.tokens),
                dollars(projection.cost_micros),
            );
        }
        _ => text += ". There has been too little activity for a burn rate.\n",
    }
    text
}

fn models(report: &ModelReport, look: &Look) -> Option<Table> {
    let mut columns = vec![Column::text("Model", 0)];
    columns.extend(spending_columns(look));
    // Shares are of the settled cost, and would mislead beside another.
    let shares = look.cost == CostArg::Settled;
    if shares {
        columns.push(Column::number("Share", 7));
    }
    let mut table = Table::new(columns);
    for row in &report.rows {
        let mut cells = vec![Cell::text(&row.model)];
        cells.extend(spending_cells(row.requests, &row.tokens, &row.cost_micros, look));
        cells.push(row.cost_share.map_or(Cell::Blank, |share| Cell::text(format!("{:.1}%", share * 100.0))));
        table.push(Row::Plain, cells);
    }
    let totals = &report.totals;
    let mut cells = vec![Cell::text("Total")];
    cells.extend(spending_cells(totals.requests, &totals.tokens, &totals.cost_micros, look));
    table.push(Row::Total, cells);
    (!report.rows.is_empty()).then_some(table)
}

fn projects(report: &ProjectReport, look: &Look) -> Option<Table> {
    let mut columns = vec![Column::path("Project", 0), Column::number("Sessions", 7)];
    columns.extend(spending_columns(look));
    columns.extend(work_columns());
    let mut table = Table::new(columns);
    let cells = |name: &str, figures: &PeriodFigures| {
        let spending = spending_cells(figures.requests, &figures.tokens, &figures.cost_micros, look);
        [vec![Cell::text(name), Cell::Count(figures.sessions)], spending, work_cells(figures).to_vec()]
            .concat()
    };
    for row in &report.rows {
        table.push(Row::Plain, cells(&row.project, &row.figures));
        for worktree in row.worktrees.iter().filter(|_| look.breakdown) {
            push_part(&mut table, &format!("with {worktree}"), 2, Vec::new());
        }
        push_models(&mut table, &row.figures.models, 2, look);
    }
    table.push(Row::Total, cells("Total", &report.totals));
    (!report.rows.is_empty()).then_some(table)
}

fn tools(report: &ToolReport) -> Option<Table> {
    let mut table = Table::new(vec![
        Column::text("Tool", 0),
        Column::number("Calls", 0),
        Column::number("Succeeded", 2),
        Column::number("Failed", 1),
        Column::number("Accepted", 3),
        Column::number("Rejected", 3),
        Column::number("Lines", 4),
        Column::number("Time", 5),
    ]);
    let cells = |name: &str, figures: &ToolTotals| {
        let time = minutes_and_seconds(figures.duration_ms);
        vec![
            Cell::text(name),
            Cell::Count(figures.calls),
            Cell::Count(figures.succeeded),
            Cell::Count(figures.failed),
            Cell::Count(figures.decisions.accepted),
            Cell::Count(figures.decisions.rejected),
            Cell::Lines(figures.lines.added, figures.lines.removed),
            Cell::text(time),
        ]
    };
    for row in &report.rows {
        table.push(Row::Plain, cells(&row.tool, &row.figures));
    }
    table.push(Row::Total, cells("Total", &report.totals));
    (!report.rows.is_empty()).then_some(table)
}

fn minutes_and_seconds(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{}h {minutes:02}m", grouped(hours)),
    }
}

fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Date and time of day.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Which amount the cost column shows, by which price book, and what has no price.
fn footnote(answer: &Answer, look: &Look) -> String {
    let heading = answer.heading();
    let mut notes = Vec::new();
    if !matches!(answer, Answer::Tools(_)) {
        let amount = match look.cost {
            CostArg::Settled => "what Claude Code reported, else list prices",
            CostArg::Reported => "what Claude Code reported",
            CostArg::Priced => "the price book's prices on the day of each request",
            CostArg::Now => "the price book's prices, on the day of each request and now",
        };
        notes.push(format!("Cost: {amount} (price book {}).", heading.price_book));
        if !answer.unpriced().is_empty() {
            notes.push(format!("Not in the price book: {}.", answer.unpriced().join(", ")));
        }
    }
    if look.limited {
        notes.push("Totals are of the whole range, not only of the rows shown.".to_owned());
    }
    notes.push(format!("Days and times: {}.", heading.timezone));
    format!("\n{}", notes.join("\n"))
}

fn nothing_to_show(answer: &Answer) -> String {
    if let Answer::Blocks(report) = answer
        && report.totals.requests > 0
    {
        return "No window is running. `pitwall report blocks` shows those before.\n".to_owned();
    }
    "Nothing in this range yet. `pitwall connect` shows how Claude Code reports here; \
     `pitwall doctor` tells what is missing.\n"
        .to_owned()
}
