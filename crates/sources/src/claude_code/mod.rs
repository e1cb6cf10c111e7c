//! What Claude Code's metrics, events and spans mean. The only place that spells their attribute names.
//!
//! Everything becomes a [`Record`]: what is understood as a typed observation, what is not under its own
//! name. Nothing is summed or left out for counting's sake here; that is settlement's work. Content is
//! dropped unless [`Config::keep_content`] says otherwise.

mod content;
pub mod emit;
mod events;
mod identity;
mod kept;
mod keys;
mod metrics;
mod names;
mod occurrences;
mod spans;

use model::{Record, Text};
use thiserror::Error;

/// The resource attribute by which operators name a person whom the sign-in does not tell.
pub const PERSON_ATTRIBUTE: &str = names::END_USER_ID;

use crate::otlp::{Admission, Export, Group, Rejections, Translate, Value};
pub use content::drop_content;
use identity::Senders;
pub use kept::{sequence_of, subagent_of};

/// What an operator can set about the meaning of telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether prompts, answers, tool input and error texts are kept when clients send them.
    pub keep_content: bool,
    /// Attributes that name the team, the preferred one first.
    pub team_attributes: Vec<String>,
    /// Own attributes that say `true` or `false` about running in the cloud.
    pub remote_attributes: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            keep_content: false,
            team_attributes: owned(&names::DEFAULT_TEAM_ATTRIBUTES),
            remote_attributes: owned(&names::DEFAULT_REMOTE_ATTRIBUTES),
        }
    }
}

/// Reads exports as Claude Code's.
#[derive(Clone, Debug, Default)]
pub struct ClaudeCode {
    config: Config,
}

impl ClaudeCode {
    /// With the operator's settings.
    pub const fn new(config: Config) -> Self {
        Self { config }
    }

    fn each<T>(
        &self,
        groups: Vec<Group<T>>,
        admission: &Admission,
        mut read: impl FnMut(T, &mut Reading<'_>),
    ) {
        for group in groups {
            let from_claude_code = is_from_claude_code(&group);
            let senders = Senders::of_resource(group.resource, admission, &self.config);
            let mut reading = Reading { config: &self.config, from_claude_code, senders };
            for item in group.items {
                read(item, &mut reading);
            }
        }
    }
}

impl Translate for ClaudeCode {
    fn translate(&self, export: Export, admission: &Admission, rejections: &mut Rejections) -> Vec<Record> {
        let mut records = Vec::with_capacity(export.len());
        let mut keep = |outcome: Outcome| match outcome {
            Ok(record) => records.extend(record),
            Err((unusable, name)) => rejections.add(&unusable.to_string(), &name),
        };
        match export {
            Export::Logs(groups) => {
                self.each(groups, admission, |item, reading| keep(events::record(item, reading)));
            }
            Export::Metrics(groups) => {
                self.each(groups, admission, |item, reading| keep(metrics::record(item, reading)));
            }
            Export::Traces(groups) => {
                self.each(groups, admission, |item, reading| keep(spans::record(item, reading)));
            }
        }
        records
    }
}

/// What the items of one group are read with.
struct Reading<'a> {
    config: &'a Config,
    /// Whether resource or scope say that the items are Claude Code's; their names may say so, too.
    from_claude_code: bool,
    senders: Senders<'a>,
}

/// What becomes of an item: a record; nothing, when it says nothing; or a reason, with the item's name.
type Outcome = Result<Option<Record>, (Unusable, String)>;

/// Why an item is not kept.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
enum Unusable {
    #[error("not from Claude Code")]
    Foreign,
    #[error("neither {} nor {} to file it under", names::SESSION_ID, names::INSTALLATION_ID)]
    NoSession,
    #[error("without a time")]
    NoTime,
    #[error("{0} is not a count")]
    BadCount(&'static str),
    #[error("not a value that a counter can have")]
    BadValue,
    #[error("without a span id")]
    NoSpanId,
}

fn is_from_claude_code<T>(group: &Group<T>) -> bool {
    let service = match group.resource.get(names::SERVICE_NAME) {
        Some(Value::Text(name)) => name.as_str(),
        _ => "",
    };
    group.scope.starts_with(names::SCOPE_PREFIX) || service.starts_with(names::SERVICE_PREFIX)
}

/// A name without the prefix that all of Claude Code's have.
fn short_name(name: &str) -> &str {
    name.strip_prefix(names::PREFIX).unwrap_or(name)
}

/// How something went, from a boolean.
fn outcome_of(succeeded: bool) -> Text {
    if succeeded { "succeeded" } else { "failed" }.into()
}
