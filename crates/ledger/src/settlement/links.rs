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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{Context, Prompt, RecordKey, RequestSeen, Source, Timestamp};

    use super::*;

    fn record(observation: Observation) -> Record {
        Record {
            key: RecordKey::of(&[b"line"]),
            session: "fork".into(),
            at: Timestamp::from_seconds(1),
            source: Source::Transcripts,
            context: Arc::new(Context::default()),
            observation,
            extra: Vec::new(),
        }
    }

    fn copied_from(origin: &str) -> Record {
        record(Observation::Request(RequestSeen {
            request_id: Some("id".into()),
            message_id: Some("id".into()),
            origin_session: Some(origin.into()),
            ..RequestSeen::default()
        }))
    }

    #[test]
    fn a_request_is_linked_by_its_ids_and_its_origin() {
        let links = links(&copied_from("first"));
        assert_eq!(links.origin, Some("first".into()));
        assert!(links.request.is_some() && links.message.is_some());
        assert_ne!(links.request, links.message, "a message and a request may have the same id");
    }

    #[test]
    fn nothing_is_linked_to_its_own_session_or_without_an_id() {
        assert_eq!(links(&copied_from("fork")).origin, None);
        assert_eq!(links(&record(Observation::Request(RequestSeen::default()))), Links::default());
        assert_eq!(links(&record(Observation::Prompt(Prompt::default()))), Links::default());
    }
}
