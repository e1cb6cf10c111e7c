//! What is drawn, on a terminal that keeps it.

use ratatui::style::Color;
use report::blocks::{BurnRate, Projection};
use report::figures::{Cost, ModelFigures, Tokens};
use report::status_line::{RunningBlock, Spent};
use report::top::{ActiveSession, MINUTES, Minute, ToolCall};

use super::*;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn spent(micros: i64, input: i64) -> Spent {
    let cost_micros = Cost { settled: micros, ..Cost::default() };
    Spent { requests: 7, tokens: Tokens { input, ..Tokens::default() }, cost_micros }
}

fn going_on() -> Top {
    let mut minutes = vec![Minute::default(); MINUTES as usize];
    minutes[29] = Minute { tokens: 12_345, cost_micros: 250_000 };
    minutes[10] = Minute { tokens: 6_000, cost_micros: 1 };
    let session = |id: &str, project: &str| ActiveSession {
        session_id: format!("{id}-aaaa-bbbb"),
        project: project.into(),
        actor: "mira@example.org".into(),
        model: "claude-opus-5-5".into(),
        last_request_at: at("2026-11-20T15:59:30Z"),
        spent: spent(1_230_000, 1_000_000),
    };
    let call = |tool: &str, succeeded| ToolCall {
        at: at("2026-11-20T15:58:00Z"),
        session_id: "a".into(),
        tool: tool.into(),
        succeeded,
        duration_ms: succeeded.then_some(1_500),
    };
    let block = RunningBlock {
        ends_at: at("2026-11-20T20:00:00Z"),
        spent: spent(2_340_000, 2_000_000),
        burn_rate: Some(BurnRate {
            tokens_per_minute: 9,
            uncached_tokens_per_minute: 9,
            cost_micros_per_hour: 990_000,
        }),
        projection: Some(Projection { tokens: 9, cost_micros: 7_000_000, remaining_minutes: 240 }),
    };
    Top {
        now: at("2026-11-20T16:00:00Z"),
        timezone: "Europe/Berlin".into(),
        today: spent(4_560_000, 3_000_000),
        block: Some(block),
        sessions: vec![
            session("3c5c9d83", "/home/mira/work/shop"),
            session("b3f5262f", "acme/region-filter-3"),
        ],
        minutes,
        models: vec![ModelFigures {
            model: "claude-opus-5-5".into(),
            requests: 7,
            tokens: Tokens { output: 99, ..Tokens::default() },
            cost_micros: Cost { settled: 3_210_000, ..Cost::default() },
        }],
        tools: vec![call("Bash", true), call("mcp__notes__search_everything", false)],
    }
}

fn picture(top: Option<Top>) -> Picture {
    Picture { source: "http://127.0.0.1:4318".into(), top, trouble: None, colour: false }
}

#[test]
fn everything_that_goes_on_is_there() {
    for size in [(80, 24), (140, 40)] {
        let text = printed(&picture(Some(going_on())), size).unwrap();
        for part in [
            "pitwall top  17:00:00  http://127.0.0.1:4318",
            "q quits",
            "$4.56",
            "3.0M tokens",
            "$2.34  4h 00m left",
            "Per minute: 12.3k, $0.25",
            "Sessions of the last 30 minutes: 2",
            "16:59:30 3c5c9d83 work/shop",
            // Both sizes have room for it, the larger one also for what it is in.
            "region-filter-3 ",
            "opus-5-5",
            "$1.23",
            "Models today",
            "$3.21",
            "16:58:00 Bash",
            "1.5s ok",
            "failed",
        ] {
            assert!(text.contains(part), "{size:?} lacks {part:?}:\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(size.0)), "{text}");
    }
}

#[test]
fn a_tiny_terminal_and_an_empty_ledger_are_no_trouble() {
    for size in [(1, 1), (10, 3), (20, 8), (40, 12), (300, 100)] {
        printed(&picture(Some(going_on())), size).unwrap();
        printed(&picture(None), size).unwrap();
    }
    let nothing = Top {
        block: None,
        sessions: Vec::new(),
        models: Vec::new(),
        tools: Vec::new(),
        minutes: Vec::new(),
        ..going_on()
    };
    let text = printed(&picture(Some(nothing)), (80, 24)).unwrap();
    assert!(text.contains("No window is running.") && text.contains("minutes: 0"), "{text}");
}

#[test]
fn trouble_is_told_and_what_was_seen_last_stays() {
    let trouble = Some("the server does not answer".to_owned());
    let text = printed(&Picture { trouble, ..picture(Some(going_on())) }, (80, 24)).unwrap();
    assert!(text.contains("the server does not answer") && text.contains("$4.56"), "{text}");
}

#[test]
fn colours_are_used_only_where_they_are_welcome() {
    let colours = |colour| {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let picture = Picture { colour, ..picture(Some(going_on())) };
        terminal.draw(|frame| view::draw(frame, &picture)).unwrap();
        let cells = terminal.backend().buffer().content().to_vec();
        cells.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert_eq!(colours(false), 0);
    assert!(colours(true) > 0);
}

#[test]
fn q_escape_and_control_c_quit() {
    let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
    let none = KeyModifiers::NONE;
    assert!(is_quit(&key(KeyCode::Char('q'), none)));
    assert!(is_quit(&key(KeyCode::Esc, none)));
    assert!(is_quit(&key(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    assert!(!is_quit(&key(KeyCode::Char('c'), none)));
    assert!(!is_quit(&Event::Resize(80, 24)));
}
