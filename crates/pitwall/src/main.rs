//! Pitwall: self-hosted analytics for Claude Code, in one binary.

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
mod stop_signal;
mod table;
mod terminal;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

// The platform's allocator gives memory back late and scales badly over the threads of a busy server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(matches!(cli.command, Command::Serve(_) | Command::Demo(_)));
    let outcome = match cli.command {
        Command::Serve(args) => commands::serve::run(args).await,
        Command::Import(command) => commands::import::run(command).await,
        Command::Report(command) => commands::report::run(command).await,
        Command::Prices(command) => commands::prices::run(command).await,
        Command::Key(command) => commands::key::run(command).await,
        Command::Connect(args) => commands::connect::run(&args),
        Command::Doctor(args) => return commands::doctor::run(args).await,
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Openapi => commands::openapi::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::note(&format!("pitwall: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
