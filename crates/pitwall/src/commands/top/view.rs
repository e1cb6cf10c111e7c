//! How what is going on looks.

use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row, Sparkline, Table};
use report::top::{MINUTES, Top};

use crate::terminal::{dollars, minutes, short};

/// Everything that is shown.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Who tells.
    pub(super) source: String,
    /// What was told last.
    pub(super) top: Option<Top>,
    /// Why it is not newer, if it is not.
    pub(super) trouble: Option<String>,
    /// Whether to use colours.
    pub(super) colour: bool,
}

impl Picture {
    fn coloured(&self, color: Color) -> Style {
        if self.colour { Style::new().fg(color) } else { Style::new() }
    }

    fn dim(&self) -> Style {
        if self.colour { Style::new().add_modifier(Modifier::DIM) } else { Style::new() }
    }
}

/// Between two parts that stand side by side.
const GAP: u16 = 2;
/// What the columns of a session take beside its project.
const BESIDE_PROJECT: u16 = 65;

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

/// Draws it, whatever the size.
pub(super) fn draw(frame: &mut Frame<'_>, picture: &Picture) {
    let rows = [Constraint::Length(1), Constraint::Length(5), Constraint::Min(4), Constraint::Length(9)];
    let [title, summary, sessions, details] = Layout::vertical(rows).areas(frame.area());
    draw_title(frame, title, picture);
    let Some(top) = &picture.top else {
        let waiting = Paragraph::new("Looking …").alignment(Alignment::Center);
        frame.render_widget(waiting, sessions);
        return;
    };
    let thirds = [Constraint::Ratio(1, 3), Constraint::Ratio(1, 3), Constraint::Ratio(1, 3)];
    let [today, block, rate] = Layout::horizontal(thirds).spacing(GAP).areas(summary);
    draw_today(frame, today, top);
    draw_block(frame, block, top);
    draw_rate(frame, rate, picture, top);
    draw_sessions(frame, sessions, picture, top);
    let halves = [Constraint::Ratio(1, 2), Constraint::Ratio(1, 2)];
    let [models, tools] = Layout::horizontal(halves).spacing(GAP).areas(details);
    draw_models(frame, models, top);
    draw_tools(frame, tools, picture, top);
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, picture: &Picture) {
    let [left, right] = Layout::horizontal([Constraint::Min(0), Constraint::Length(8)]).areas(area);
    let time = picture.top.as_ref().map(|top| clock(top.now, top)).unwrap_or_default();
    let mut spans = vec![Span::styled("pitwall top", BOLD), Span::raw(format!("  {time}  "))];
    match &picture.trouble {
        Some(trouble) => spans.push(Span::styled(trouble.clone(), picture.coloured(Color::Red))),
        None => spans.push(Span::styled(picture.source.clone(), picture.dim())),
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), left);
    frame.render_widget(Paragraph::new("q quits").alignment(Alignment::Right), right);
}

fn clock(at: jiff::Timestamp, top: &Top) -> String {
    let zone = TimeZone::get(&top.timezone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%H:%M:%S").to_string()
}

fn framed(title: &str) -> Block<'_> {
    Block::new().borders(Borders::TOP).title(Span::styled(format!(" {title} "), BOLD))
}

fn draw_today(frame: &mut Frame<'_>, area: Rect, top: &Top) {
    let today = &top.today;
    let lines = vec![
        Line::styled(dollars(today.cost_micros.settled), BOLD),
        Line::raw(format!("{} tokens", short(today.tokens.all()))),
        Line::raw(format!("{} requests", short(today.requests))),
    ];
    frame.render_widget(Paragraph::new(lines).block(framed("Today")), area);
}

fn draw_block(frame: &mut Frame<'_>, area: Rect, top: &Top) {
    let Some(block) = &top.block else {
        frame.render_widget(Paragraph::new("No window is running.").block(framed("Five-hour window")), area);
        return;
    };
    let left = block.ends_at.duration_since(top.now).as_mins().max(0);
    let mut lines = vec![
        Line::from(vec![
            Span::styled(dollars(block.spent.cost_micros.settled), BOLD),
            Span::raw(format!("  {} left", minutes(left))),
        ]),
        Line::raw(format!("{} tokens", short(block.spent.tokens.all()))),
    ];
    if let (Some(rate), Some(projection)) = (block.burn_rate, block.projection) {
        let text = format!(
            "{}/h, {} at its end",
            dollars(rate.cost_micros_per_hour),
            dollars(projection.cost_micros)
        );
        lines.push(Line::raw(text));
    }
    frame.render_widget(Paragraph::new(lines).block(framed("Five-hour window")), area);
}

fn draw_rate(frame: &mut Frame<'_>, area: Rect, picture: &Picture, top: &Top) {
    let newest = top.minutes.last().copied().unwrap_or_default();
    let title = format!("Per minute: {}, {}", short(newest.tokens), dollars(newest.cost_micros));
    let tokens: Vec<u64> = top.minutes.iter().map(|minute| minute.tokens.unsigned_abs()).collect();
    let width = usize::from(area.width);
    let shown = tokens.len().saturating_sub(width);
    let sparkline = Sparkline::default()
        .block(framed(&title))
        .data(tokens.get(shown..).unwrap_or_default())
        .style(picture.coloured(Color::Cyan));
    frame.render_widget(sparkline, area);
}

fn draw_sessions(frame: &mut Frame<'_>, area: Rect, picture: &Picture, top: &Top) {
    let title = format!("Sessions of the last {MINUTES} minutes: {}", top.sessions.len());
    let texts = ["Last", "Session", "Project", "Model"].map(Cell::from);
    let numbers = ["Requests", "Tokens", "Cost"].map(|head| right(head.to_owned()));
    let heads = Row::new(texts.into_iter().chain(numbers)).style(picture.dim());
    let room = usize::from(area.width.saturating_sub(BESIDE_PROJECT));
    let rows = top.sessions.iter().map(|session| {
        let spent = &session.spent;
        Row::new([
            Cell::from(clock(session.last_request_at, top)),
            Cell::from(session.session_id.chars().take(8).collect::<String>()),
            Cell::from(last_folders(&session.project, room)),
            Cell::from(session.model.trim_start_matches("claude-").to_owned()),
            right(short(spent.requests)),
            right(short(spent.tokens.all())),
            right(dollars(spent.cost_micros.settled)),
        ])
    });
    let widths = [
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Min(12),
        Constraint::Max(20),
        Constraint::Length(8),
        Constraint::Length(6),
        Constraint::Length(9),
    ];
    frame.render_widget(Table::new(rows, widths).header(heads).block(framed(&title)), area);
}

/// The end of a directory, which tells it from others: two folders, or one where there is no room for two.
fn last_folders(project: &str, room: usize) -> String {
    let mut folders = project.rsplit(['/', '\\']).filter(|folder| !folder.is_empty());
    let Some(last) = folders.next() else { return String::new() };
    let two = folders.next().map(|above| format!("{above}/{last}"));
    two.filter(|two| two.chars().count() <= room).unwrap_or_else(|| last.to_owned())
}

fn right(text: String) -> Cell<'static> {
    Cell::from(Line::from(text).alignment(Alignment::Right))
}

fn draw_models(frame: &mut Frame<'_>, area: Rect, top: &Top) {
    let rows = top.models.iter().map(|model| {
        Row::new([
            Cell::from(model.model.clone()),
            right(short(model.tokens.all())),
            right(dollars(model.cost_micros.settled)),
        ])
    });
    let widths = [Constraint::Min(10), Constraint::Length(6), Constraint::Length(9)];
    frame.render_widget(Table::new(rows, widths).block(framed("Models today")), area);
}

fn draw_tools(frame: &mut Frame<'_>, area: Rect, picture: &Picture, top: &Top) {
    let rows = top.tools.iter().map(|call| {
        let (outcome, color) = if call.succeeded { ("ok", Color::Green) } else { ("failed", Color::Red) };
        let took =
            call.duration_ms.map(|duration| format!("{:.1}s", duration as f64 / 1e3)).unwrap_or_default();
        Row::new([
            Cell::from(clock(call.at, top)),
            Cell::from(call.tool.clone()),
            right(took),
            Cell::from(Span::styled(outcome, picture.coloured(color))),
        ])
    });
    let widths = [Constraint::Length(8), Constraint::Min(8), Constraint::Length(7), Constraint::Length(6)];
    frame.render_widget(Table::new(rows, widths).block(framed("Last tool calls")), area);
}
