//! `pitwall top`: what is going on, live in the terminal.
//!
//! Beside a server it asks that; without one it holds the ledger itself and brings new transcript lines in
//! before each look.

mod view;

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{Context, Result};
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{DefaultTerminal, Terminal};
use report::range::Zone;
use report::top::{self, Top};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cli::top::TopArgs;
use crate::config::{Config, DataDirectory};
use crate::paint::Paint;
use crate::running_server::RunningServer;
use crate::terminal;
use crate::wire::Local;
use view::Picture;

/// How long new transcript lines are brought in before a look.
const IMPORT_TIME: Duration = Duration::from_secs(5);
/// How long a key is waited for before it is looked whether the command has ended.
const KEY_PATIENCE: Duration = Duration::from_millis(100);
/// Keys that may wait to be looked at.
const KEYS_WAITING: usize = 16;
/// The size of a look that is printed.
const PRINTED_SIZE: (u16, u16) = (100, 32);

/// Runs the command.
pub(crate) async fn run(args: TopArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let named = args.timezone.as_deref().unwrap_or(&config.reports.timezone);
    let zone = if named.is_empty() { Zone::of_this_machine() } else { Zone::named(named)? };
    let source = match RunningServer::find(&data).await? {
        Some(server) => Source::Server(server),
        None => Source::Ledger(Box::new(Local::open(&config, &data).await?)),
    };
    let watch = Watch { source, config, zone };
    let outcome = if args.once || !std::io::stdout().is_terminal() {
        watch.print_once().await
    } else {
        watch.on_terminal(Duration::from_secs(args.interval)).await
    };
    if let Source::Ledger(local) = watch.source {
        local.leave().await?;
    }
    outcome
}

/// Who holds the ledger.
enum Source {
    Server(RunningServer),
    Ledger(Box<Local>),
}

/// What is looked at.
struct Watch {
    source: Source,
    config: Config,
    zone: Zone,
}

impl Watch {
    async fn look(&self) -> Result<Top> {
        match &self.source {
            Source::Server(server) => {
                let answer = server.get("/api/v1/top", &[("timezone", self.zone.name())]).await?;
                Ok(serde_json::from_value(answer)?)
            }
            Source::Ledger(local) => {
                if self.config.transcripts.enabled {
                    let transcripts = local.transcripts(&self.config.transcripts.directories);
                    local.read_for(transcripts, IMPORT_TIME).await?;
                }
                Ok(top::ask(local.store.as_ref(), &self.zone, local.clock.now()).await?)
            }
        }
    }

    fn picture(&self) -> Picture {
        let source = match &self.source {
            Source::Server(server) => server.address().to_owned(),
            Source::Ledger(_) => "no server: reading transcripts".to_owned(),
        };
        Picture { source, top: None, trouble: None, colour: Paint::where_welcome().is_on() }
    }

    async fn print_once(&self) -> Result<()> {
        let picture = Picture { top: Some(self.look().await?), colour: false, ..self.picture() };
        terminal::print(&printed(&picture, PRINTED_SIZE)?)
    }

    /// Looks again and again until somebody wants out.
    async fn on_terminal(&self, interval: Duration) -> Result<()> {
        let mut terminal = ratatui::try_init().context("cannot take the terminal over")?;
        let ended = CancellationToken::new();
        let (keys, pressed) = mpsc::channel(KEYS_WAITING);
        let reader = tokio::task::spawn_blocking({
            let ended = ended.clone();
            move || read_keys(&keys, &ended)
        });
        let outcome = self.until_quit(&mut terminal, interval, pressed).await;
        ended.cancel();
        let read = reader.await;
        ratatui::restore();
        outcome?;
        read.context("reading keys was interrupted")?
    }

    async fn until_quit(
        &self,
        terminal: &mut DefaultTerminal,
        interval: Duration,
        mut pressed: mpsc::Receiver<Event>,
    ) -> Result<()> {
        let mut picture = self.picture();
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            terminal.draw(|frame| view::draw(frame, &picture))?;
            tokio::select! {
                _ = ticks.tick() => match self.look().await {
                    Ok(top) => {
                        picture.top = Some(top);
                        picture.trouble = None;
                    }
                    // What was seen last stays, with a word on why it is old.
                    Err(error) => picture.trouble = Some(format!("{error:#}")),
                },
                event = pressed.recv() => match event {
                    Some(event) if !is_quit(&event) => {}
                    Some(_) | None => return Ok(()),
                },
            }
        }
    }
}

/// A picture as plain text.
fn printed(picture: &Picture, (width, height): (u16, u16)) -> Result<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height))?;
    terminal.draw(|frame| view::draw(frame, picture))?;
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(usize::from(width)).map(|cells| {
        let line: String = cells.iter().map(|cell| cell.symbol()).collect();
        line.trim_end().to_owned() + "\n"
    });
    Ok(lines.collect())
}

fn is_quit(event: &Event) -> bool {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else { return false };
    match code {
        KeyCode::Char('q') | KeyCode::Esc => true,
        // In raw mode it is a key like any other.
        KeyCode::Char('c') => modifiers.contains(KeyModifiers::CONTROL),
        _ => false,
    }
}

/// Hands keys and changes of size over until the command has ended. Blocks.
fn read_keys(keys: &mpsc::Sender<Event>, ended: &CancellationToken) -> Result<()> {
    while !ended.is_cancelled() {
        if event::poll(KEY_PATIENCE)? && keys.blocking_send(event::read()?).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
