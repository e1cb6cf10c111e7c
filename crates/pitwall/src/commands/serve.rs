//! `pitwall serve`: the server, until it is told to stop.

use anyhow::Result;
use server::api::status::{DataKind, ImportState};
use sources::transcripts::claude_directories;

use crate::cli::ServeArgs;
use crate::config::{Config, DataDirectory};
use crate::instance::{Instance, Options};
use crate::stop_signal::stop_signal;
use crate::terminal;
use crate::wire::environment;

/// Runs the command.
pub(crate) async fn run(args: ServeArgs) -> Result<()> {
    let data = DataDirectory::or_default(args.data.data.clone())?;
    let mut config = Config::load(args.data.config.as_deref(), &data)?;
    if !args.claude_dir.is_empty() {
        config.transcripts.directories.clone_from(&args.claude_dir);
    }
    if args.no_transcripts {
        config.transcripts.enabled = false;
    }
    let http = args.http.unwrap_or(config.server.http);
    let grpc = Some(args.grpc.unwrap_or(config.server.grpc));
    let found = claude_directories(&config.transcripts.directories, &environment());
    let reads_transcripts = config.transcripts.enabled && !found.is_empty();
    let options = Options { config, data: data.clone(), kind: DataKind::Main, http, grpc };
    let instance = Instance::start(options).await?;
    terminal::print(&greeting(&instance, &data, reads_transcripts))?;
    let mut import = instance.import.clone();
    tokio::spawn(async move {
        if import.wait_for(|status| status.state == ImportState::Following).await.is_ok() {
            let status = import.borrow().clone();
            tracing::info!(
                files = status.files_done,
                bytes = status.bytes_done,
                lines_skipped = status.lines_skipped,
                "transcripts are read; following changes"
            );
        }
    });
    stop_signal().await;
    terminal::note("Stopping: finishing what is under way.");
    instance.stop().await
}

/// What the user needs to know once the server answers. The first line is the dashboard's address.
fn greeting(instance: &Instance, data: &DataDirectory, reads_transcripts: bool) -> String {
    let transcripts = if reads_transcripts {
        "Transcripts   reading this machine's Claude Code history; the dashboard shows how far"
    } else {
        "Transcripts   none here yet; `pitwall connect` shows how Claude Code reports to this server"
    };
    format!(
        "Dashboard     {}\nTelemetry     send OTLP to this address; `pitwall connect` prints the settings\n{transcripts}\n\
         Data          {}\nDemo          `make demo`, or the button on the empty dashboard\n\
         Stop          Ctrl-C\n",
        instance.address,
        data.path().display(),
    )
}
