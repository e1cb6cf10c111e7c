//! Server-sent events, as both live lists send them.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt, future, stream};
use serde::Serialize;
use serde_json::json;

use super::error::ApiError;
use crate::live::{LiveEvent, TooManyWatchers};

/// A comment is sent this often, so that neither proxies nor the page take a quiet stream for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A stream of server-sent events under a name.
pub(super) fn stream_of<T: Serialize + Send + Sync>(
    name: &'static str,
    events: impl Stream<Item = LiveEvent<T>> + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Something to send at once tells the page that the stream is open.
    let opened = stream::iter([Event::default().comment("open")]);
    let events = opened.chain(events.filter_map(move |event| future::ready(event_of(name, &event)))).map(Ok);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn event_of<T: Serialize>(name: &'static str, event: &LiveEvent<T>) -> Option<Event> {
    let (name, data) = match event {
        LiveEvent::New(new) => (name, serde_json::to_string(new.as_ref()).ok()?),
        LiveEvent::Lagged(skipped) => ("lagged", json!({ "skipped": skipped }).to_string()),
    };
    Some(Event::default().event(name).data(data))
}

impl From<TooManyWatchers> for ApiError {
    fn from(TooManyWatchers: TooManyWatchers) -> Self {
        Self::Unavailable("too many pages watch at once: close some, then try again".to_owned())
    }
}
