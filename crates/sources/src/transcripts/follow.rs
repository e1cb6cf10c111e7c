//! Waiting for more to be written.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::discover::is_transcript;
use super::import::{TranscriptError, Transcripts};
use super::progress::Phase;
use crate::intake::IntakeError;

/// Lines come in bursts; this long after the first change everything that changed is read together.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// How soon everything is looked through where the platform gives no notifications, or storing failed.
const RESCAN_SOON: Duration = Duration::from_secs(5);
/// Above this many changed paths everything is looked through instead.
const MAX_CHANGED: usize = 1_000;

impl Transcripts {
    /// Reads everything that is new, then follows the directories until `cancel` is triggered. A failure
    /// to store is shown in the progress and tried again.
    ///
    /// # Errors
    /// [`IntakeError::Stopped`]: nobody takes records any more.
    pub async fn run(mut self, cancel: CancellationToken) -> Result<(), TranscriptError> {
        let changes = Arc::new(Changes::default());
        let mut watched = Watched::new(Arc::clone(&changes));
        let mut due = Due::Everything;
        let mut looked_at = Instant::now();
        let result = loop {
            let result = match due {
                Due::Everything => {
                    looked_at = Instant::now();
                    self.scan_once(&cancel).await
                }
                Due::Paths(paths) => self.scan_paths(paths, &cancel).await,
            };
            let newly_watched = watched.watch(self.roots.iter().map(|root| root.projects.clone()));
            let failed = result.is_err();
            if let Err(error) = result {
                if matches!(error, TranscriptError::Intake(IntakeError::Stopped)) {
                    break Err(error);
                }
                tracing::warn!(%error, "could not read all transcripts; trying again later");
                self.progress.send_modify(|progress| progress.last_error = Some(error.to_string()));
            } else {
                self.progress.send_modify(|progress| progress.last_error = None);
            }
            self.enter(Phase::Following);
            if newly_watched && !failed && !cancel.is_cancelled() {
                // What changed between the look and the watch would be told of by nobody.
                due = Due::Everything;
                continue;
            }
            let unreliable = failed || !watched.complete;
            let pause = if unreliable { RESCAN_SOON.min(self.settings.rescan) } else { self.settings.rescan };
            due = tokio::select! {
                () = cancel.cancelled() => break Ok(()),
                () = tokio::time::sleep_until(looked_at + pause) => Due::Everything,
                due = changes.next() => due,
            };
            if failed {
                due = Due::Everything;
            }
        };
        self.enter(Phase::Stopped);
        result
    }
}

/// What to look at next.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    Everything,
    Paths(HashSet<PathBuf>),
}

/// Changes told of and not yet looked at.
#[derive(Debug, Default)]
struct Changes {
    pending: Mutex<Pending>,
    some: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    paths: HashSet<PathBuf>,
    everything: bool,
}

impl Changes {
    /// Waits for a change, then a moment for the rest of its burst.
    async fn next(&self) -> Due {
        self.some.notified().await;
        tokio::time::sleep(DEBOUNCE).await;
        self.take()
    }

    fn take(&self) -> Due {
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.everything { Due::Everything } else { Due::Paths(pending.paths) }
    }

    fn note(&self, event: notify::Result<notify::Event>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            // Reading is no change, also our own.
            Ok(event) if event.kind.is_access() => return,
            Ok(event) => {
                let structure = matches!(
                    event.kind,
                    EventKind::Create(_) | EventKind::Modify(notify::event::ModifyKind::Name(_))
                );
                // A new directory may hold files that were written before anybody watched it.
                pending.everything |=
                    event.need_rescan() || structure && event.paths.iter().any(|path| !path.is_file());
                pending.paths.extend(event.paths.into_iter().filter(|path| is_transcript(path)));
            }
            Err(_) => pending.everything = true,
        }
        if pending.paths.len() > MAX_CHANGED {
            pending.everything = true;
            pending.paths.clear();
        }
        if pending.everything || !pending.paths.is_empty() {
            self.some.notify_one();
        }
    }
}

/// The directories that the platform tells about.
struct Watched {
    watcher: Option<RecommendedWatcher>,
    directories: HashSet<PathBuf>,
    /// Whether all directories are watched, below them too.
    complete: bool,
}

impl Watched {
    fn new(changes: Arc<Changes>) -> Self {
        let watcher = notify::recommended_watcher(move |event| changes.note(event));
        let watcher = watcher
            .inspect_err(|error| tracing::warn!(%error, "no notifications of changed files; looking every few seconds"))
            .ok();
        Self { complete: watcher.is_some(), watcher, directories: HashSet::new() }
    }

    /// Watches these directories from now on; tells whether one was not watched before.
    fn watch(&mut self, directories: impl Iterator<Item = PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let before = self.directories.len();
        for directory in directories {
            if self.directories.contains(&directory) {
                continue;
            }
            if let Err(error) = watcher.watch(&directory, RecursiveMode::Recursive) {
                tracing::warn!(%error, directory = %directory.display(), "cannot watch; looking every few seconds");
                self.complete = false;
            }
            self.directories.insert(directory);
        }
        self.directories.len() > before
    }
}

#[cfg(test)]
mod tests {
    use notify::Event;
    use notify::event::{AccessKind, AccessMode, CreateKind, DataChange, ModifyKind};

    use super::*;

    fn noted(events: Vec<Event>) -> Due {
        let changes = Changes::default();
        for event in events {
            changes.note(Ok(event));
        }
        changes.take()
    }

    fn written(path: &str) -> Event {
        Event::new(EventKind::Modify(ModifyKind::Data(DataChange::Content))).add_path(path.into())
    }

    #[test]
    fn changed_transcripts_are_looked_at_once() {
        let due = noted(vec![written("/p/a.jsonl"), written("/p/a.jsonl"), written("/p/a.meta.json")]);
        assert_eq!(due, Due::Paths(HashSet::from(["/p/a.jsonl".into()])));
    }

    #[test]
    fn reading_is_no_change() {
        let read = EventKind::Access(AccessKind::Close(AccessMode::Read));
        assert_eq!(noted(vec![Event::new(read).add_path("/p/a.jsonl".into())]), Due::Paths(HashSet::new()));
    }

    #[test]
    fn a_new_directory_or_a_flood_means_everything() {
        let created = EventKind::Create(CreateKind::Folder);
        assert_eq!(noted(vec![Event::new(created).add_path("/p".into())]), Due::Everything);
        let flood = (0..=MAX_CHANGED).map(|number| written(&format!("/p/{number}.jsonl"))).collect();
        assert_eq!(noted(flood), Due::Everything);
    }
}
