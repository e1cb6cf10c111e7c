//! Requests to models as they are committed, to everybody who watches.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use model::{Clock, Kind, Posting, Sign};
use report::recent_requests::RecentRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// How many requests a slow watcher may be behind before it is told that it missed some.
const BUFFER: usize = 256;
/// How many may watch at once.
const MAX_WATCHERS: usize = 256;
/// What happened longer ago than this is history being imported, not life.
const LIVE_SECONDS: i64 = 15 * 60;

/// The feed. Clones are the same feed.
#[derive(Clone)]
pub struct LiveFeed {
    sender: broadcast::Sender<Arc<RecentRequest>>,
    watchers: Arc<Semaphore>,
    closed: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
}

/// What a watcher gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LiveEvent {
    /// A request was committed.
    Request(Arc<RecentRequest>),
    /// The watcher was too slow: so many requests were skipped.
    Lagged(u64),
}

/// There are as many watchers as there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyWatchers;

impl LiveFeed {
    /// A feed without watchers.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            sender: broadcast::Sender::new(BUFFER),
            watchers: Arc::new(Semaphore::new(MAX_WATCHERS)),
            closed: watch::Sender::new(false),
            clock,
        }
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Tells of the requests that a committed transaction added; never waits. Requests that it only
    /// corrects are not told again, and those of long ago not at all.
    pub fn publish(&self, lines: &[(Sign, Posting)]) {
        if !self.is_watched() {
            return;
        }
        let since = self.clock.now().plus_seconds(-LIVE_SECONDS);
        let requests = lines.iter().filter(|(_, posting)| posting.kind == Kind::Request);
        let corrected: Vec<_> = requests
            .clone()
            .filter(|(sign, _)| *sign == Sign::Reversal)
            .map(|(_, posting)| posting.item)
            .collect();
        for (sign, posting) in requests {
            if *sign == Sign::Entry && posting.at >= since && !corrected.contains(&posting.item) {
                // An error says that the last watcher has just left.
                let _ = self.sender.send(Arc::new(RecentRequest::from(posting)));
            }
        }
    }

    /// Ends every watcher's stream, for a shutdown that does not wait for them; there are none after it.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// What is committed from now on.
    pub(crate) fn watch(&self) -> Result<impl Stream<Item = LiveEvent> + use<>, TooManyWatchers> {
        let permit = Arc::clone(&self.watchers).try_acquire_owned().map_err(|_| TooManyWatchers)?;
        let mut closed = self.closed.subscribe();
        let end = async move {
            // An error says that the feed itself is gone, which is an end as well.
            let _ = closed.wait_for(|closed| *closed).await;
        };
        let events = BroadcastStream::new(self.sender.subscribe()).map(move |event| {
            let _held_while_watching: &OwnedSemaphorePermit = &permit;
            match event {
                Ok(request) => LiveEvent::Request(request),
                Err(BroadcastStreamRecvError::Lagged(skipped)) => LiveEvent::Lagged(skipped),
            }
        });
        Ok(events.take_until(Box::pin(end)))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use model::{ItemKey, Timestamp};

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(43_200)
        }
    }

    fn feed() -> LiveFeed {
        LiveFeed::new(Arc::new(Noon))
    }

    fn request(name: &str, seconds_ago: i64) -> Posting {
        let at = Noon.now().plus_seconds(-seconds_ago);
        Posting::new(Kind::Request, at, name.into(), ItemKey::of("request", name))
    }

    fn drain(stream: &mut (impl Stream<Item = LiveEvent> + Unpin)) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(Some(event)) = stream.next().now_or_never() {
            seen.push(match event {
                LiveEvent::Request(request) => request.session_id.clone(),
                LiveEvent::Lagged(skipped) => format!("lagged {skipped}"),
            });
        }
        seen
    }

    #[test]
    fn new_requests_are_told_once_and_old_ones_not() {
        let feed = feed();
        let mut stream = feed.watch().unwrap();
        let prompt = Posting { kind: Kind::Prompt, ..request("prompt", 0) };
        feed.publish(&[
            (Sign::Entry, request("new", 1)),
            (Sign::Entry, prompt),
            (Sign::Entry, request("imported", 3_600)),
            (Sign::Reversal, request("corrected", 1)),
            (Sign::Entry, request("corrected", 2)),
        ]);
        assert_eq!(drain(&mut stream), ["new"]);
    }

    #[test]
    fn a_slow_watcher_is_told_how_much_it_missed() {
        let feed = feed();
        let mut stream = feed.watch().unwrap();
        for number in 0..BUFFER + 3 {
            feed.publish(&[(Sign::Entry, request(&number.to_string(), 0))]);
        }
        let seen = drain(&mut stream);
        assert_eq!(seen[..2], ["lagged 3".to_owned(), "3".to_owned()]);
        assert_eq!(seen.len(), BUFFER + 1);
    }

    #[test]
    fn watchers_are_bounded_and_leave_room_when_they_go() {
        let feed = feed();
        let watchers: Vec<_> = (0..MAX_WATCHERS).map(|_| feed.watch().unwrap()).collect();
        assert!(feed.watch().is_err());
        drop(watchers);
        assert!(feed.watch().is_ok());
    }

    #[test]
    fn closing_ends_the_stream() {
        let feed = feed();
        let mut stream = feed.watch().unwrap();
        feed.close();
        assert_eq!(stream.next().now_or_never(), Some(None));
        assert_eq!(feed.watch().unwrap().next().now_or_never(), Some(None));
    }
}
