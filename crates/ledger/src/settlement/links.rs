//! How sessions are found to belong to one family.

use model::{ItemKey, Observation, Record, SessionId};

/// What a record offers for finding the other sessions that hold the same request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Hash of the API's request id.
    pub request: Option<ItemKey>,
    /// Hash of the API's message id.
    pub message: Option<ItemKey>,
    /// The session the record says it was copied from.
    pub origin: Option<SessionId>,
}

/// The links of a record; all empty for anything but requests.
pub fn links(record: &Record) -> Links {
    let Observation::Request(request) = &record.observation else {
        return Links::default();
    };
    Links {
        request: request.request_id.as_deref().map(request_key),
        message: request.message_id.as_deref().map(message_key),
        origin: request.origin_session.clone().filter(|origin| *origin != record.session),
    }
}

pub(super) fn request_key(id: &str) -> ItemKey {
    ItemKey::of("request-id", id)
}

pub(super) fn message_key(id: &str) -> ItemKey {
    ItemKey::of("message-id", id)
}
