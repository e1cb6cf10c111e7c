//! The entries of a session's timeline: postings, with what its records add to them.

use std::collections::{BTreeMap, BTreeSet};

use model::{EvidenceBatch, ItemKey, Kind, Observation, Posting, Record, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::subagents::{Subagents, started_at};
use crate::figures::{Cost, Lines, Tokens};
use crate::gaps::Gap;
use crate::meaning::Meaning;
use crate::{told, when_told};

/// What an entry tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// The session was started or taken up again.
    Start,
    /// A prompt.
    Prompt,
    /// A slash command.
    Command,
    /// A request to a model.
    Request,
    /// A tool call, decided or ended.
    Tool,
    /// A request that failed for good.
    Error,
    /// The context was replaced by a summary.
    Compaction,
    /// A commit was made.
    Commit,
    /// A pull request was opened.
    PullRequest,
    /// Anything else that is counted by name.
    Event,
    /// Events are missing here.
    Gap,
}

/// One thing that happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// What it tells of.
    pub kind: TimelineKind,
    /// When it ended, or simply happened.
    pub at: jiff::Timestamp,
    /// When it began; the same where no duration is known.
    pub started_at: jiff::Timestamp,
    /// Milliseconds it took, where known.
    #[schema(required)]
    pub duration_ms: Option<i64>,
    /// The model, tool, command, type of start, HTTP status or event.
    pub title: String,
    /// How it went or what it was about, in the source's words, where known.
    #[schema(required)]
    pub detail: Option<String>,
    /// The subagent that did it, by its place in `subagents`; null for the conversation itself.
    #[schema(required)]
    pub subagent: Option<i64>,
    /// Tokens of a request.
    #[schema(required)]
    pub tokens: Option<Tokens>,
    /// Cost of a request in micro-dollars.
    #[schema(required)]
    pub cost_micros: Option<Cost>,
    /// Whether a tool call was accepted, where known.
    #[schema(required)]
    pub accepted: Option<bool>,
    /// Who or what decided about a tool call, where known.
    #[schema(required)]
    pub decided_by: Option<String>,
    /// Whether a tool call succeeded; null while only the decision is known.
    #[schema(required)]
    pub succeeded: Option<bool>,
    /// Lines that a tool call provably changed.
    #[schema(required)]
    pub lines: Option<Lines>,
    /// Characters of a prompt, where known.
    #[schema(required)]
    pub length: Option<i64>,
    /// Attempts made before a request failed for good, where known.
    #[schema(required)]
    pub attempts: Option<i64>,
    /// Events that are missing in a gap.
    #[schema(required)]
    pub missing: Option<i64>,
}

impl TimelineEntry {
    fn new(kind: TimelineKind, posting: &Posting, title: &str, detail: &str) -> Self {
        let took = posting.measures.duration_ms;
        Self {
            kind,
            at: posting.at.to_jiff(),
            started_at: started_at(posting).to_jiff(),
            duration_ms: (took > 0).then_some(took),
            title: told(title),
            detail: when_told(detail),
            subagent: None,
            tokens: None,
            cost_micros: None,
            accepted: None,
            decided_by: None,
            succeeded: None,
            lines: None,
            length: None,
            attempts: None,
            missing: None,
        }
    }

    /// Events are missing.
    pub(super) fn gap(gap: &Gap) -> Self {
        let nothing = Posting::new(Kind::Occurrence, gap.before, "".into(), ItemKey::of("", ""));
        Self {
            started_at: gap.after.to_jiff(),
            missing: Some(gap.missing),
            ..Self::new(TimelineKind::Gap, &nothing, "missing events", "")
        }
    }
}

/// Who did something: a subagent's id and kind, as far as they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doer {
    pub(super) id: Option<String>,
    pub(super) kind: Option<String>,
}

/// What records tell beyond postings.
#[derive(Default)]
pub(super) struct Details {
    /// The tool call that a posting is about.
    call_of: BTreeMap<ItemKey, String>,
    /// Doers of tool calls, by the call.
    doers_of_calls: BTreeMap<String, Doer>,
    /// Doers of requests, by when they ended and how much they wrote.
    doers_of_requests: BTreeMap<(Timestamp, i64), Doer>,
    /// Characters of prompts.
    lengths: BTreeMap<ItemKey, i64>,
    /// Attempts before errors.
    attempts: BTreeMap<ItemKey, i64>,
}

/// The kinds of postings that settlement makes of a tool call, each with an item named after the call.
const OF_CALLS: [Kind; 5] = [Kind::Decision, Kind::ToolResult, Kind::Lines, Kind::Commit, Kind::PullRequest];

impl Details {
    pub(super) fn of(evidence: &[EvidenceBatch], meaning: Meaning) -> Self {
        let mut details = Self::default();
        for record in evidence.iter().flat_map(|batch| &batch.records) {
            details.read(record, meaning);
        }
        details
    }

    fn read(&mut self, record: &Record, meaning: Meaning) {
        let id = (meaning.subagent)(record).map(str::to_owned);
        match &record.observation {
            Observation::Request(request) => {
                let doer = Doer { id, kind: request.agent.as_deref().map(str::to_owned) };
                for call in &request.tool_uses {
                    self.note_call(call, &doer);
                }
                if doer.id.is_some() {
                    self.doers_of_requests.insert((record.at, request.usage.output), doer);
                }
            }
            Observation::Decision(decision) => self.note(decision.tool_use_id.as_deref(), id),
            Observation::ToolResult(outcome) => self.note(outcome.tool_use_id.as_deref(), id),
            Observation::Prompt(prompt) => {
                if let (Some(id), Some(length)) = (&prompt.prompt_id, prompt.length) {
                    self.lengths.insert(ItemKey::of(Kind::Prompt.as_str(), id), length);
                }
            }
            Observation::ApiError(error) => {
                if let (Some(id), Some(attempts)) = (&error.request_id, error.attempts) {
                    self.attempts.insert(ItemKey::of(Kind::ApiError.as_str(), id), attempts);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, call: Option<&str>, id: Option<String>) {
        if let Some(call) = call {
            self.note_call(call, &Doer { id, kind: None });
        }
    }

    fn note_call(&mut self, call: &str, doer: &Doer) {
        for kind in OF_CALLS {
            self.call_of.insert(ItemKey::of(kind.as_str(), call), call.to_owned());
        }
        let known = self.doers_of_calls.entry(call.to_owned()).or_default();
        known.id = known.id.take().or_else(|| doer.id.clone());
        known.kind = known.kind.take().or_else(|| doer.kind.clone());
    }

    pub(super) fn doer_of(&self, posting: &Posting) -> Option<&Doer> {
        match posting.kind {
            Kind::Request => self.doers_of_requests.get(&(posting.at, posting.measures.tokens.output)),
            _ => self.doers_of_calls.get(self.call_of.get(&posting.item)?),
        }
    }
}

/// The entries, in the order of the postings. What is told of one tool call is one entry, where records tell
/// which call it was.
pub(super) fn entries(postings: &[Posting], known: &Details, subagents: &Subagents) -> Vec<TimelineEntry> {
    let mut entries: Vec<TimelineEntry> = Vec::new();
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    let ended: BTreeSet<&str> = postings
        .iter()
        .filter(|posting| posting.kind == Kind::ToolResult)
        .filter_map(|posting| known.call_of.get(&posting.item).map(String::as_str))
        .collect();
    for posting in postings {
        let call = known.call_of.get(&posting.item).map(String::as_str);
        if let (Some(call), Kind::Decision | Kind::ToolResult | Kind::Lines) = (call, posting.kind) {
            let place = *calls.entry(call).or_insert_with(|| {
                entries.push(TimelineEntry::new(TimelineKind::Tool, posting, &posting.subject, ""));
                entries.len() - 1
            });
            if let Some(entry) = entries.get_mut(place) {
                add_to_call(entry, posting, ended.contains(call));
                entry.subagent = entry.subagent.or_else(|| subagents.doer_of(posting));
            }
        } else if let Some(entry) = entry_of(posting, known) {
            entries.push(TimelineEntry { subagent: subagents.doer_of(posting), ..entry });
        }
    }
    entries
}

/// Adds what one posting tells of a tool call.
fn add_to_call(entry: &mut TimelineEntry, posting: &Posting, has_ended: bool) {
    let measures = &posting.measures;
    match posting.kind {
        Kind::Decision => {
            entry.accepted = Some(measures.accepted > 0);
            entry.decided_by = when_told(&posting.decided_by);
            // A decision is the beginning of a call that is known to have ended.
            if has_ended {
                entry.started_at = entry.started_at.min(posting.at.to_jiff());
            }
        }
        Kind::ToolResult => {
            let ended = TimelineEntry::new(TimelineKind::Tool, posting, &posting.subject, &posting.outcome);
            entry.at = ended.at;
            entry.started_at = if ended.duration_ms.is_some() { ended.started_at } else { entry.started_at };
            entry.duration_ms = ended.duration_ms;
            entry.detail = ended.detail;
            entry.succeeded = Some(measures.succeeded > 0);
        }
        _ => {
            entry.lines = Some(Lines { added: measures.lines_added, removed: measures.lines_removed });
        }
    }
}

/// The entry of a posting that stands for itself; `None` for what is no moment of its own.
fn entry_of(posting: &Posting, known: &Details) -> Option<TimelineEntry> {
    let measures = &posting.measures;
    let subject = posting.subject.as_str();
    let entry = |kind, title: &str, detail: &str| TimelineEntry::new(kind, posting, title, detail);
    Some(match posting.kind {
        Kind::Request => TimelineEntry {
            tokens: Some((&measures.tokens).into()),
            cost_micros: Some(measures.into()),
            ..entry(TimelineKind::Request, &posting.model, &posting.query_source)
        },
        Kind::SessionStart => entry(TimelineKind::Start, subject, ""),
        Kind::Prompt if measures.commands > 0 => entry(TimelineKind::Command, subject, ""),
        Kind::Prompt => {
            let length = known.lengths.get(&posting.item).copied();
            TimelineEntry { length, ..entry(TimelineKind::Prompt, "prompt", "") }
        }
        Kind::ApiError => {
            let attempts = known.attempts.get(&posting.item).copied();
            TimelineEntry { attempts, ..entry(TimelineKind::Error, subject, &posting.outcome) }
        }
        Kind::Commit => entry(TimelineKind::Commit, "commit", ""),
        Kind::PullRequest => entry(TimelineKind::PullRequest, "pull request", ""),
        // A counter's point tells of several decisions at once.
        Kind::Decision if measures.accepted + measures.rejected != 1 => return None,
        Kind::Decision => TimelineEntry {
            accepted: Some(measures.accepted > 0),
            decided_by: when_told(&posting.decided_by),
            ..entry(TimelineKind::Tool, subject, "")
        },
        Kind::ToolResult => TimelineEntry {
            succeeded: Some(measures.succeeded > 0),
            ..entry(TimelineKind::Tool, subject, &posting.outcome)
        },
        Kind::Occurrence if subject == COMPACTION => entry(TimelineKind::Compaction, subject, &posting.agent),
        Kind::Occurrence => {
            let about = [posting.agent.as_str(), posting.outcome.as_str()];
            let about: Vec<&str> = about.into_iter().filter(|text| !text.is_empty()).collect();
            entry(TimelineKind::Event, subject, &about.join(", "))
        }
        // Running totals and sums are no moments.
        Kind::Lines | Kind::ActiveTime | Kind::Unattributed => return None,
    })
}

/// The subject of postings of compactions.
const COMPACTION: &str = "compaction";
