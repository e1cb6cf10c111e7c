//! What happens, as it is committed, to everybody who watches: requests to models, or all activity.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::ready;
use futures::{Stream, StreamExt};
use model::{Clock, Kind, Lines, OrganizationId, Posting, Sign};
use report::live_activity::LiveActivity;
use report::recent_requests::RecentRequest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use crate::organizations::View;

/// How many requests a slow watcher may be behind before it is told that it missed some.
const BUFFER: usize = 256;
/// The same for all activity, of which there is several times as much.
const ACTIVITY_BUFFER: usize = 1_024;
/// How many may watch at once.
const MAX_WATCHERS: usize = 256;
/// What happened longer ago than this is history being imported, not life.
const LIVE_SECONDS: i64 = 15 * 60;

/// The feed. Clones are the same feed.
#[derive(Clone)]
pub struct LiveFeed {
    requests: broadcast::Sender<Committed<RecentRequest>>,
    activities: broadcast::Sender<Committed<LiveActivity>>,
    watchers: Arc<Semaphore>,
    closed: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
}

/// What was committed, and for whom.
#[derive(Debug)]
struct Committed<T> {
    tenant: OrganizationId,
    what: Arc<T>,
}

impl<T> Committed<T> {
    fn new(posting: &Posting, what: T) -> Self {
        Self { tenant: posting.tenant.clone(), what: Arc::new(what) }
    }
}

// Derived, it would ask the same of what it is about.
impl<T> Clone for Committed<T> {
    fn clone(&self) -> Self {
        Self { tenant: self.tenant.clone(), what: Arc::clone(&self.what) }
    }
}

/// What a watcher gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LiveEvent<T> {
    /// It was committed.
    New(Arc<T>),
    /// The watcher was too slow: so many were skipped.
    Lagged(u64),
}

/// There are as many watchers as there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyWatchers;

impl LiveFeed {
    /// A feed without watchers.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            requests: broadcast::Sender::new(BUFFER),
            activities: broadcast::Sender::new(ACTIVITY_BUFFER),
            watchers: Arc::new(Semaphore::new(MAX_WATCHERS)),
            closed: watch::Sender::new(false),
            clock,
        }
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.requests.receiver_count() > 0 || self.activities.receiver_count() > 0
    }

    /// Tells of what a committed transaction added; never waits. What it only corrects is not told again, and
    /// what happened long ago not at all.
    pub fn publish(&self, lines: &Lines) {
        if !self.is_watched() {
            return;
        }
        let since = self.clock.now().plus_seconds(-LIVE_SECONDS);
        let corrected: HashSet<_> = lines
            .iter()
            .filter(|(sign, _)| *sign == Sign::Reversal)
            .map(|(_, posting)| (posting.kind, posting.item))
            .collect();
        for (sign, posting) in lines.iter() {
            let is_new = sign == Sign::Entry && !corrected.contains(&(posting.kind, posting.item));
            if !is_new || posting.at < since {
                continue;
            }
            // An error says that the last watcher has just left.
            if posting.kind == Kind::Request {
                let _ = self.requests.send(Committed::new(posting, RecentRequest::from(posting)));
            }
            if let Some(activity) = LiveActivity::of(posting) {
                let _ = self.activities.send(Committed::new(posting, activity));
            }
        }
    }

    /// Ends every watcher's stream, for a shutdown that does not wait for them; there are none after it.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Requests that are committed from now on and may be seen.
    pub(crate) fn watch_requests(
        &self,
        view: View,
    ) -> Result<impl Stream<Item = LiveEvent<RecentRequest>> + use<>, TooManyWatchers> {
        self.watch(&self.requests, view)
    }

    /// Everything that is committed from now on, is told of one by one, and may be seen.
    pub(crate) fn watch_activities(
        &self,
        view: View,
    ) -> Result<impl Stream<Item = LiveEvent<LiveActivity>> + use<>, TooManyWatchers> {
        self.watch(&self.activities, view)
    }

    fn watch<T: Send + Sync + 'static>(
        &self,
        sender: &broadcast::Sender<Committed<T>>,
        view: View,
    ) -> Result<impl Stream<Item = LiveEvent<T>> + use<T>, TooManyWatchers> {
        let permit = Arc::clone(&self.watchers).try_acquire_owned().map_err(|_| TooManyWatchers)?;
        let mut closed = self.closed.subscribe();
        let end = async move {
            // An error says that the feed itself is gone, which is an end as well.
            let _ = closed.wait_for(|closed| *closed).await;
        };
        let events = BroadcastStream::new(sender.subscribe()).filter_map(move |event| {
            let _held_while_watching: &OwnedSemaphorePermit = &permit;
            ready(match event {
                Ok(committed) if view.shows(&committed.tenant) => Some(LiveEvent::New(committed.what)),
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
    fn watch(
        feed: &LiveFeed,
    ) -> Result<impl Stream<Item = LiveEvent<RecentRequest>> + use<>, TooManyWatchers> {
        feed.watch_requests(view("default"))
    }

    fn view(organization: &str) -> View {
        let organizations = Organizations::new("default".into(), BTreeMap::new());
        View::of(&organizations, organization.into(), &(Arc::new(MemoryStore::new()) as Arc<dyn Store>))
    }

    #[test]
    fn a_watcher_sees_its_own_organization_only() {
        let feed = feed();
        let (mut own, mut others) = (watch(&feed).unwrap(), feed.watch_requests(view("acme")).unwrap());
        let theirs = Posting { tenant: "acme".into(), ..request("theirs", 0) };
        feed.publish(&[(Sign::Entry, request("ours", 0)), (Sign::Entry, theirs)].into());
        assert_eq!(drain(&mut own), ["ours"]);
        assert_eq!(drain(&mut others), ["theirs"]);
    }

    fn request(name: &str, seconds_ago: i64) -> Posting {
        let at = Noon.now().plus_seconds(-seconds_ago);
        Posting::new(Kind::Request, at, name.into(), ItemKey::of("request", name))
    }

    fn drain(stream: &mut (impl Stream<Item = LiveEvent<RecentRequest>> + Unpin)) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(Some(event)) = stream.next().now_or_never() {
            seen.push(match event {
                LiveEvent::New(request) => request.session_id.clone(),
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
        feed.publish(
            &[
                (Sign::Entry, request("new", 1)),
                (Sign::Entry, prompt),
                (Sign::Entry, request("imported", 3_600)),
                (Sign::Reversal, request("corrected", 1)),
                (Sign::Entry, request("corrected", 2)),
            ]
            .into(),
        );
        assert_eq!(drain(&mut stream), ["new"]);
    }

    #[test]
    fn a_slow_watcher_is_told_how_much_it_missed() {
        let feed = feed();
        let mut stream = watch(&feed).unwrap();
        for number in 0..BUFFER + 3 {
            feed.publish(&[(Sign::Entry, request(&number.to_string(), 0))].into());
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

    #[test]
    fn activity_tells_of_tools_prompts_and_errors_and_of_nothing_that_is_no_moment() {
        let feed = feed();
        let mut stream = feed.watch_activities(view("default")).unwrap();
        let of_kind = |kind| (Sign::Entry, Posting { kind, ..request("s", 1) });
        feed.publish(
            &[
                of_kind(Kind::Request),
                of_kind(Kind::ToolResult),
                of_kind(Kind::Lines),
                of_kind(Kind::ApiError),
                of_kind(Kind::Prompt),
                of_kind(Kind::Unattributed),
                (Sign::Reversal, Posting { kind: Kind::SessionStart, ..request("s", 1) }),
                of_kind(Kind::SessionStart),
            ]
            .into(),
        );
        let mut kinds = Vec::new();
        while let Some(Some(LiveEvent::New(activity))) = stream.next().now_or_never() {
            kinds.push(activity.kind);
        }
        use report::live_activity::LiveActivityKind::{Error, Prompt, Request, Tool};
        assert_eq!(kinds, [Request, Tool, Error, Prompt]);
    }
}
