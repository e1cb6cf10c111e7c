//! `pitwall report`: figures in the terminal, as JSON, or as comma-separated values.
//!
//! Without a running server it brings new transcript lines in first and asks the ledger itself; beside one
//! it asks the server, which holds the data. Both give the same answer, and everything below works on that.

mod answer;
mod ccusage;
mod csv;
mod question;
mod tables;

use anyhow::Result;

use crate::cli::report::{CostArg, JsonShape, ReportArgs, ReportCommand};
use crate::config::{Config, DataDirectory};
use crate::paint::Paint;
use crate::running_server::RunningServer;
use crate::terminal;
use crate::wire::Local;
use answer::Answer;
use question::{Kind, Question};

/// Runs the command.
pub(crate) async fn run(command: ReportCommand) -> Result<()> {
    let (kind, args) = Kind::of(command);
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let config = Config::load(args.data.config.as_deref(), &data)?;
    let question = Question::new(kind, &args, &config)?;
    let answer = match RunningServer::find(&data).await? {
        Some(server) => question.ask_server(&server).await?,
        None => ask_ledger(&question, &args, &config, &data).await?,
    };
    print(&answer, &question, &args)
}

async fn ask_ledger(
    question: &Question,
    args: &ReportArgs,
    config: &Config,
    data: &DataDirectory,
) -> Result<Answer> {
    let visible = args.json.is_none() && !args.csv;
    let local = if !args.no_import && config.transcripts.enabled {
        Local::open_and_read(config, data, visible).await?
    } else {
        Local::open(config, data).await?
    };
    local.wait_for_prices(visible).await;
    let answer = question.ask_store(local.store.as_ref(), &local.prices, local.clock.now()).await;
    local.leave().await?;
    answer
}

fn print(answer: &Answer, question: &Question, args: &ReportArgs) -> Result<()> {
    if args.csv {
        return terminal::print(&csv::of(answer, args.breakdown));
    }
    match args.json {
        Some(JsonShape::Pitwall) => answer.print_json(),
        Some(JsonShape::Ccusage) => terminal::print_json(&ccusage::of(answer, question)?),
        None => terminal::print(&tables::of(answer, &look(question, args))),
    }
}

/// How tables look.
struct Look {
    cost: CostArg,
    breakdown: bool,
    brief: bool,
    limited: bool,
    width: Option<usize>,
    paint: Paint,
}

fn look(question: &Question, args: &ReportArgs) -> Look {
    Look {
        cost: question.cost,
        breakdown: args.breakdown,
        brief: args.compact,
        limited: args.limit.is_some(),
        width: terminal::width(),
        paint: Paint::for_output(),
    }
}
