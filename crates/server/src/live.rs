//! Requests to models as they are committed, to everybody who watches.

use std::sync::Arc;

use futures::future::ready;
use futures::{Stream, StreamExt};
use model::{Clock, Kind, OrganizationId, Posting, Sign};
use report::recent_requests::RecentRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use crate::organizations::View;

/// How many requests a slow watcher may be behind before it is told that it missed some.
const BUFFER: usize = 256;
/// How many may watch at once.
const MAX_WATCHERS: usize = 256;
/// What happened longer ago than this is history being imported, not life.
const LIVE_SECONDS: i64 = 15 * 60;

/// The feed. Clones are the same feed.
#[derive(Clone)]
pub struct LiveFeed {
    sender: broadcast::Sender<Arc<Committed>>,
    watchers: Arc<Semaphore>,
    closed: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
}

/// A request that was committed, and for whom.
#[derive(Debug)]
struct Committed {
    tenant: OrganizationId,
    request: Arc<RecentRequest>,
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
                let request = Arc::new(RecentRequest::from(posting));
                let _ = self.sender.send(Arc::new(Committed { tenant: posting.tenant.clone(), request }));
            }
        }
    }

    /// Ends every watcher's stream, for a shutdown that does not wait for them; there are none after it.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// What is committed from now on and may be seen.
    pub(crate) fn watch(&self, view: View) -> Result<impl Stream<Item = LiveEvent> + use<>, TooManyWatchers> {
        let permit = Arc::clone(&self.watchers).try_acquire_owned().map_err(|_| TooManyWatchers)?;
        let mut closed = self.closed.subscribe();
        let end = async move {
            // An error says that the feed itself is gone, which is an end as well.
            let _ = closed.wait_for(|closed| *closed).await;
        };
        let events = BroadcastStream::new(self.sender.subscribe()).filter_map(move |event| {
            let _held_while_watching: &OwnedSemaphorePermit = &permit;
            ready(match event {
                Ok(committed) if view.shows(&committed.tenant) => {
                    Some(LiveEvent::Request(Arc::clone(&committed.request)))
                }
                Ok(_) => None,
                Err(BroadcastStreamRecvError::Lagged(skipped)) => Some(LiveEvent::Lagged(skipped)),
            })
        });
        Ok(events.take_until(Box::pin(end)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::FutureExt;
    use model::{ItemKey, Timestamp};
    use store::{MemoryStore, Store};

    use super::*;
    use crate::organizations::Organizations;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(43_200)
        }
    }

    fn feed() -> LiveFeed {
        LiveFeed::new(Arc::new(Noon))
    }

    /// What somebody of the default organization sees.
    fn watch(feed: &LiveFeed) -> Result<impl Stream<Item = LiveEvent> + use<>, TooManyWatchers> {
        feed.watch(view("default"))
    }

    fn view(organization: &str) -> View {
        let organizations = Organizations::new("default".into(), BTreeMap::new());
        View::of(&organizations, organization.into(), &(Arc::new(MemoryStore::new()) as Arc<dyn Store>))
    }

    #[test]
    fn a_watcher_sees_its_own_organization_only() {
        let feed = feed();
        let (mut own, mut others) = (watch(&feed).unwrap(), feed.watch(view("acme")).unwrap());
        let theirs = Posting { tenant: "acme".into(), ..request("theirs", 0) };
        feed.publish(&[(Sign::Entry, request("ours", 0)), (Sign::Entry, theirs)]);
        assert_eq!(drain(&mut own), ["ours"]);
        assert_eq!(drain(&mut others), ["theirs"]);
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
        let mut stream = watch(&feed).unwrap();
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
        let mut stream = watch(&feed).unwrap();
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
        let watchers: Vec<_> = (0..MAX_WATCHERS).map(|_| watch(&feed).unwrap()).collect();
        assert!(watch(&feed).is_err());
        drop(watchers);
        assert!(watch(&feed).is_ok());
    }

    #[test]
    fn closing_ends_the_stream() {
        let feed = feed();
        let mut stream = watch(&feed).unwrap();
        feed.close();
        assert_eq!(stream.next().now_or_never(), Some(None));
        assert_eq!(watch(&feed).unwrap().next().now_or_never(), Some(None));
    }
}
