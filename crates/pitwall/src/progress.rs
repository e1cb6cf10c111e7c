//! Progress of what takes long, on the terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sources::transcripts::{Phase, Progress};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::care::Step;

/// How often it is drawn while nothing is told.
const REDRAW: Duration = Duration::from_millis(200);

/// Draws how far a job is until aborted, when `visible` and standard error is a terminal.
pub(crate) fn show_steps(mut steps: watch::Receiver<Step>, visible: bool) -> AbortHandle {
    let is_terminal = std::io::stderr().is_terminal();
    let target =
        if visible && is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    bar.enable_steady_tick(REDRAW);
    let task = tokio::spawn(async move {
        let known = ProgressStyle::with_template("{msg} {bar:30} {human_pos}/{human_len} ({eta} left)");
        let unknown = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
        while steps.changed().await.is_ok() {
            let step = steps.borrow_and_update().clone();
            let style = if step.of > 0 { &known } else { &unknown };
            if let Ok(style) = style {
                bar.set_style(style.clone());
            }
            bar.set_length(step.of);
            bar.set_position(step.done);
            bar.set_message(step.what);
        }
        bar.finish_and_clear();
    });
    task.abort_handle()
}

/// Draws the progress until aborted, when `visible` and standard error is a terminal.
pub(crate) fn show(mut progress: watch::Receiver<Progress>, visible: bool) -> AbortHandle {
    let is_terminal = std::io::stderr().is_terminal();
    let target =
        if visible && is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template(
        "Reading transcripts {bar:30} {binary_bytes}/{binary_total_bytes} ({binary_bytes_per_sec}, {eta} left) {msg}",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    // Counts come with each transaction; between them only the time goes on.
    bar.enable_steady_tick(REDRAW);
    let task = tokio::spawn(async move {
        // The sender goes with the reader.
        while progress.changed().await.is_ok() {
            let now = progress.borrow_and_update().clone();
            bar.set_length(now.bytes_total);
            bar.set_position(now.bytes_done);
            bar.set_message(format!("{} of {} files", now.files_done, now.files_total));
            if matches!(now.phase, Phase::Following | Phase::Stopped) {
                bar.finish_and_clear();
            }
        }
        bar.finish_and_clear();
    });
    task.abort_handle()
}
