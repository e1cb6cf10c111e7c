//! Pitwall: self-hosted analytics for Claude Code, in one binary.

mod care;
mod claude_settings;
mod cli;
mod commands;
mod config;
mod demo;
mod instance;
mod logging;
mod paint;
mod prices;
mod progress;
mod running_server;
mod status_memory;
mod stop_signal;
mod table;
mod terminal;
mod wire;

use std::future::Future;
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

// The platform's allocator gives memory back late and scales badly over the threads of a busy server
// (docs/design/0042-the-allocator-gives-memory-back.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Statusline(args) = &cli.command
        && !args.refresh
    {
        // A prompt waits for it: nothing is started that it does not need.
        commands::statusline::run(args);
        return ExitCode::SUCCESS;
    }
    logging::start(&cli.command);
    block_on(run(cli)).unwrap_or_else(|error| failed(&error.into()))
}

fn block_on<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future))
}

async fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Serve(args) => commands::serve::run(args).await,
        Command::Import(command) => commands::import::run(command).await,
        Command::Report(command) => commands::report::run(command).await,
        Command::Top(args) => commands::top::run(args).await,
        Command::Explain(args) => commands::explain::run(args).await,
        Command::Prices(command) => commands::prices::run(command).await,
        Command::Statusline(args) => commands::statusline::run_refresh(&args).await,
        Command::Key(command) => commands::key::run(command).await,
        Command::Connect(args) => commands::connect::run(&args),
        Command::Doctor(args) => return commands::doctor::run(args).await,
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Verify(args) => return commands::verify::run(args).await,
        Command::Rebuild(args) => commands::rebuild::run(args).await,
        Command::Backup(args) => commands::backup::run(args).await,
        Command::Retention(command) => commands::retention::run(command).await,
        Command::Forget(args) => commands::forget::run(args).await,
        Command::Restore(args) => return commands::restore::run(args).await,
        Command::Openapi => commands::openapi::run(),
    };
    outcome.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    terminal::note(&format!("pitwall: {error:#}"));
    ExitCode::FAILURE
}
