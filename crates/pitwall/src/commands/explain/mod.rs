//! `pitwall explain`: why a figure is what it is, and where ccusage's differ.

mod ccusage;
mod comparison;
mod explanation;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::civil::Date;
use model::{Clock, SystemClock};
use report::asked::Asked;
use report::explain::against::{self, Comparison, ForeignReport};
use report::explain::{self, Explanation, Parameters};
use report::range::Zone;
use report::selection::Selection;

use crate::cli::explain::ExplainArgs;
use crate::config::{Config, DataDirectory};
use crate::paint::Paint;
use crate::running_server::RunningServer;
use crate::terminal;
use crate::wire::Local;

/// The largest file that is compared with, in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub(crate) async fn run(args: ExplainArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let question = Question::new(&args, &config)?;
    let source = match RunningServer::find(&data).await? {
        Some(server) => Source::Server(server),
        None => Source::Ledger(Box::new(open(&args, &config, &data).await?)),
    };
    let foreign = args.against.as_deref().map(foreign).transpose()?;
    let outcome = match &foreign {
        Some(foreign) => question.compare(&source, foreign).await.map(Answer::Comparison),
        None => question.explain(&source).await.map(Answer::Explanation),
    };
    if let Source::Ledger(local) = source {
        local.leave().await?;
    }
    match outcome? {
        Answer::Explanation(answer) if args.json => terminal::print_json(&answer),
        Answer::Comparison(answer) if args.json => terminal::print_json(&answer),
        Answer::Explanation(answer) => {
            let home = etcetera::home_dir().ok();
            terminal::print(&explanation::text(&answer, home.as_deref(), Paint::for_output()))
        }
        Answer::Comparison(answer) => {
            terminal::print(&comparison::text(&answer, terminal::width(), Paint::for_output()))
        }
    }
}

enum Answer {
    Explanation(Explanation),
    Comparison(Comparison),
}

/// Who holds the ledger.
enum Source {
    Server(RunningServer),
    Ledger(Box<Local>),
}

async fn open(args: &ExplainArgs, config: &Config, data: &DataDirectory) -> Result<Local> {
    let local = if !args.no_import && config.transcripts.enabled {
        Local::open_and_read(config, data, !args.json).await?
    } else {
        Local::open(config, data).await?
    };
    local.wait_for_prices(!args.json).await;
    Ok(local)
}

/// What ccusage said.
fn foreign(file: &Path) -> Result<ForeignReport> {
    let mut text = String::new();
    let place = || format!("cannot read {}", file.display());
    let read = if file == Path::new("-") {
        std::io::stdin().take(MAX_FILE_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text))
    };
    read.with_context(place)?;
    ccusage::parse(&text).with_context(place)
}

/// What is asked.
struct Question {
    date: Option<Date>,
    zone: Zone,
    selection: Selection,
    session: Option<String>,
    limit: usize,
}

impl Question {
    fn new(args: &ExplainArgs, config: &Config) -> Result<Self> {
        let named = args.timezone.as_deref().unwrap_or(&config.reports.timezone);
        let zone = if named.is_empty() { Zone::of_this_machine() } else { Zone::named(named)? };
        let today = zone.day_of(SystemClock.now());
        Ok(Self {
            date: args.date.map(|day| day.date(today)),
            selection: Selection { projects: args.project.clone(), models: args.model.clone() },
            session: args.session.clone(),
            limit: args.limit as usize,
            zone,
        })
    }

    fn asked(&self, local: &Local) -> Asked {
        Asked {
            since: self.date,
            until: self.date,
            selection: self.selection.clone(),
            limit: Some(self.limit),
            ..Asked::everything(self.zone.clone(), Arc::clone(&local.prices))
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters =
            vec![("timezone", self.zone.name().to_owned()), ("limit", self.limit.to_string())];
        if let Some(date) = self.date {
            parameters.extend([("since", date.to_string()), ("until", date.to_string())]);
        }
        parameters.extend(self.selection.projects.iter().map(|name| ("project", name.clone())));
        parameters.extend(self.selection.models.iter().map(|name| ("model", name.clone())));
        parameters.extend(self.session.iter().map(|session| ("session_id", session.clone())));
        parameters
    }

    async fn explain(&self, source: &Source) -> Result<Explanation> {
        match source {
            Source::Server(server) => {
                Ok(serde_json::from_value(server.get("/api/v1/explain", &self.parameters()).await?)?)
            }
            Source::Ledger(local) => {
                let parameters = Parameters { session: self.session.clone() };
                Ok(explain::ask(local.store.as_ref(), &self.asked(local), &parameters).await?)
            }
        }
    }

    async fn compare(&self, source: &Source, foreign: &ForeignReport) -> Result<Comparison> {
        match source {
            Source::Server(server) => {
                let answer = server.ask("/api/v1/explain/against", &self.parameters(), foreign).await?;
                Ok(serde_json::from_value(answer)?)
            }
            Source::Ledger(local) => {
                Ok(against::ask(local.store.as_ref(), &self.asked(local), foreign).await?)
            }
        }
    }
}
