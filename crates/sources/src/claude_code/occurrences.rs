//! Events that are counted by name: which of their attributes says what they were about, how they went and
//! how long they took. All other attributes stay with the record.

use model::{Occurrence, Text};

use super::names::{self, event};
use super::outcome_of;
use crate::otlp::{Attributes, Value};

/// How to read one event. The first attribute of a list that is there counts.
struct Reading {
    event: &'static str,
    subject: &'static [&'static str],
    outcome: &'static [&'static str],
    duration: Option<&'static str>,
    identity: Option<&'static str>,
}

const fn event(
    event: &'static str,
    subject: &'static [&'static str],
    outcome: &'static [&'static str],
) -> Reading {
    Reading { event, subject, outcome, duration: None, identity: None }
}

impl Reading {
    const fn timed(self, duration: &'static str) -> Self {
        Self { duration: Some(duration), ..self }
    }

    const fn identified(self, identity: &'static str) -> Self {
        Self { identity: Some(identity), ..self }
    }
}

const READINGS: [Reading; 24] = [
    event(event::ASSISTANT_RESPONSE, &[names::MODEL], &[]).identified(names::MESSAGE_UUID),
    event(event::API_RETRIES_EXHAUSTED, &[names::MODEL], &[names::STATUS_CODE])
        .timed(names::TOTAL_RETRY_DURATION_MS),
    event(event::API_REFUSAL, &[names::MODEL], &[names::CATEGORY]).identified(names::REQUEST_ID),
    event(event::API_REQUEST_BODY, &[names::MODEL], &[]),
    event(event::API_RESPONSE_BODY, &[names::MODEL], &[]),
    event(event::PERMISSION_MODE_CHANGED, &[names::TO_MODE], &[names::TRIGGER]),
    event(event::AUTH, &[names::ACTION], &[names::SUCCESS]),
    event(event::MCP_SERVER_CONNECTION, &[names::SERVER_NAME, names::PLUGIN_NAME], &[names::STATUS])
        .timed(names::DURATION_MS),
    event(event::PLUGIN_INSTALLED, &[names::PLUGIN_NAME], &[names::INSTALL_TRIGGER]),
    event(event::PLUGIN_LOADED, &[names::PLUGIN_NAME], &[names::ENABLED_VIA]),
    event(event::SKILL_ACTIVATED, &[names::SKILL_NAME], &[names::INVOCATION_TRIGGER]),
    event(event::AT_MENTION, &[names::MENTION_TYPE], &[names::SUCCESS]),
    event(event::HOOK_REGISTERED, &[names::HOOK_EVENT], &[names::HOOK_TYPE]),
    event(event::HOOK_EXECUTION_START, &[names::HOOK_NAME, names::HOOK_EVENT], &[]),
    event(event::HOOK_EXECUTION_COMPLETE, &[names::HOOK_NAME, names::HOOK_EVENT], &[])
        .timed(names::TOTAL_DURATION_MS),
    event(event::HOOK_PLUGIN_METRICS, &[names::PLUGIN_ID], &[]),
    event(event::COMPACTION, &[names::TRIGGER], &[names::SUCCESS]).timed(names::DURATION_MS),
    event(event::SUBAGENT_COMPLETED, &[names::AGENT_TYPE], &[]).timed(names::DURATION_MS),
    event(event::INTERNAL_ERROR, &[names::ERROR_NAME], &[names::ERROR_CODE]),
    event(event::FEEDBACK_SURVEY, &[names::EVENT_TYPE], &[names::RESPONSE]),
    event(event::RETENTION_SWEEP, &[], &[names::RESULT]),
    event(event::MANAGED_SETTINGS_RESOLVED, &[names::SETTINGS_TRIGGER], &[names::SETTINGS_ERROR]),
    event(event::SYSTEM_PROMPT, &[], &[]),
    event(event::SAFETY_EVENT, &[], &[]),
];

/// Reads an event by its name; `None` for one that is not known.
pub(super) fn read(name: &str, attributes: &mut Attributes) -> Option<Occurrence> {
    let reading = READINGS.iter().find(|reading| reading.event == name)?;
    let mut take_first = |names: &[&str]| names.iter().find_map(|name| take_words(attributes, name));
    let subject = take_first(reading.subject);
    let outcome = take_first(reading.outcome);
    let outcome =
        outcome.or_else(|| (name == event::HOOK_EXECUTION_COMPLETE).then(|| hook_outcome(attributes)));
    Some(Occurrence {
        name: name.into(),
        subject,
        outcome,
        duration_ms: reading.duration.and_then(|name| attributes.take_int(name)),
        identity: reading.identity.and_then(|name| attributes.take_text(name)),
    })
}

/// The attributes that an event is read from again.
pub(super) fn attributes_of(occurrence: &Occurrence) -> Attributes {
    let mut attributes = Attributes::default();
    let Some(reading) = READINGS.iter().find(|reading| reading.event == occurrence.name) else {
        return attributes;
    };
    for (names, told) in [(reading.subject, &occurrence.subject), (reading.outcome, &occurrence.outcome)] {
        if let (Some(&name), Some(told)) = (names.first(), told) {
            let succeeded = name == names::SUCCESS && *told == outcome_of(true);
            attributes
                .push(name, if name == names::SUCCESS { succeeded.to_string() } else { told.to_string() });
        }
    }
    if let (Some(name), Some(duration_ms)) = (reading.duration, occurrence.duration_ms) {
        attributes.push(name, duration_ms);
    }
    if let (Some(name), Some(identity)) = (reading.identity, &occurrence.identity) {
        attributes.push(name, identity.as_str());
    }
    attributes
}

fn take_words(attributes: &mut Attributes, name: &str) -> Option<Text> {
    if name == names::SUCCESS {
        return attributes.take_bool(name).map(outcome_of);
    }
    attributes.take_text(name)
}

/// Several hooks can run at once: the worst of them tells. The counts stay.
fn hook_outcome(attributes: &Attributes) -> Text {
    let some = |name| attributes.get(name).and_then(Value::as_int).is_some_and(|count| count > 0);
    let outcome = if some(names::NUM_BLOCKING) {
        "blocked"
    } else if some(names::NUM_NON_BLOCKING_ERROR) {
        "failed"
    } else if some(names::NUM_CANCELLED) {
        "cancelled"
    } else {
        "succeeded"
    };
    outcome.into()
}
