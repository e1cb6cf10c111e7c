//! The reader's progress, as the dashboard is told it.

use server::api::status::{ImportState, ImportStatus};
use sources::transcripts::{Phase, Progress};
use tokio::sync::watch;

/// Passes progress on until the reader is gone.
pub(crate) async fn translate(mut progress: watch::Receiver<Progress>, status: watch::Sender<ImportStatus>) {
    loop {
        let now = as_status(&progress.borrow_and_update());
        status.send_replace(now);
        if progress.changed().await.is_err() {
            return;
        }
    }
}

fn as_status(progress: &Progress) -> ImportStatus {
    let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    ImportStatus {
        state: match progress.phase {
            _ if progress.last_error.is_some() => ImportState::Failed,
            Phase::Waiting | Phase::Looking | Phase::Reading => ImportState::Running,
            Phase::Following => ImportState::Following,
            Phase::Stopped => ImportState::Off,
        },
        files_done: count(progress.files_done),
        files_total: count(progress.files_total),
        bytes_done: count(progress.bytes_done),
        bytes_total: count(progress.bytes_total),
        lines_skipped: count(progress.lines_skipped),
        message: message(progress),
    }
}

fn message(progress: &Progress) -> Option<String> {
    if let Some(error) = &progress.last_error {
        return Some(error.clone());
    }
    let first = progress.problems.first()?;
    let others = match progress.problem_count.saturating_sub(1) {
        0 => String::new(),
        others => format!(" (and {others} more)"),
    };
    Some(format!("cannot read {}: {}{others}", first.path.display(), first.reason))
}
