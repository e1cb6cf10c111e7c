//! What events and transcripts tell of a life.

use std::sync::Arc;

use model::{
    ClientTotals, Context, Decision, Observation, ProcessStart, Prompt, Record, RecordKey, RequestSeen,
    Source, Timestamp, TokenUsage, ToolOutcome,
};

use crate::life::{Ask, Call, Deed, Life, Named, Origin, Seconds, Session, What};
use crate::metering::metrics;

/// 2026-11-20T10:00:00Z: everything is dated after the last change of prices that lives know of.
const START: Seconds = 1_795_168_800;
const PROXY_ID: &str = "proxy";

pub(crate) fn time(seconds: Seconds) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

/// Who tells of a life. The client's own totals stand in transcripts, so they never come alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tellers {
    pub(crate) events: bool,
    pub(crate) lines: bool,
    pub(crate) totals: bool,
    pub(crate) metrics: bool,
}

impl Tellers {
    pub(crate) const ALL: Self = Self { events: true, lines: true, totals: true, metrics: true };

    /// All combinations there are, the empty one left out.
    pub(crate) fn combinations() -> Vec<Self> {
        let numbered = (1..16u8).map(|bits| {
            let [events, lines, totals, metrics] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            Self { events, lines, totals, metrics }
        });
        numbered.filter(|tellers| tellers.lines || !tellers.totals).collect()
    }
}

/// All that the tellers know, in order of time for each session and source.
pub(crate) fn told(life: &Life, tellers: Tellers) -> Vec<Record> {
    let mut records = Vec::new();
    for place in 0..life.sessions.len() {
        if tellers.events {
            records.extend(events(&life.sessions[place]));
        }
        if tellers.lines {
            records.extend(file(life, place, tellers.totals));
        }
        if tellers.metrics {
            records.extend(metrics(&life.sessions[place]));
        }
    }
    records
}

pub(crate) fn record(
    source: Source,
    session: &str,
    at: Timestamp,
    identity: &[&str],
    observation: Observation,
) -> Record {
    let parts: Vec<&[u8]> = identity.iter().map(|part| part.as_bytes()).collect();
    Record {
        key: RecordKey::of(&[&[source.as_str().as_bytes()], parts.as_slice()].concat()),
        session: session.into(),
        at,
        source,
        context: Arc::new(Context::default()),
        observation,
        extra: Vec::new(),
    }
}

fn events(session: &Session) -> Vec<Record> {
    session.deeds().flat_map(|deed| events_of(session, deed)).collect()
}

fn events_of(session: &Session, deed: &Deed) -> Vec<Record> {
    let tell = |seconds: Seconds, what: &str, observation| {
        // An event is dated a little after what it tells of.
        let at = time(deed.at + seconds).plus_micros(400_000);
        record(Source::Events, &session.name, at, &[&deed.id, what], observation)
    };
    match &deed.what {
        What::Prompt => vec![tell(0, "prompt", prompt(Some(&deed.id)))],
        What::Command => vec![tell(0, "command", command())],
        What::Ask(ask) => {
            let request_id = match ask.named {
                Named::Both | Named::EventOnly => Some(deed.id.clone()),
                Named::ByProxy => Some(PROXY_ID.to_owned()),
                Named::LinesOnly | Named::Neither => None,
            };
            let seen = RequestSeen { request_id, cost: Some(ask.list_price()), ..seen(ask) };
            let mut events = vec![tell(0, "request", Observation::Request(seen))];
            if let Some(call) = &ask.call {
                let id = call.named.then(|| call_id(deed));
                events.push(tell(1, "decision", decision(call, id.clone())));
                if call.accepted {
                    let bare = ToolOutcome {
                        lines_added: 0,
                        lines_removed: 0,
                        committed: false,
                        opened_pull_request: false,
                        ..outcome(call, id)
                    };
                    events.push(tell(2, "result", Observation::ToolResult(bare)));
                }
            }
            events
        }
    }
}

/// The transcript of a session: first what it copied, then its own lines.
fn file(life: &Life, place: usize, with_totals: bool) -> Vec<Record> {
    let session = &life.sessions[place];
    let mut lines = copied(life, session);
    let mut starts_at = None;
    if session.origin.is_some_and(|origin| !origin.marked) {
        // Where copies are not marked, the reader takes the first line for the start.
        starts_at = lines.first().map(|line| line.at);
    }
    for (number, process) in session.processes.iter().enumerate() {
        let start_type = if number > 0 { "resume" } else { "fresh" };
        let at = starts_at.take().unwrap_or(time(process.start));
        let start = Observation::ProcessStart(ProcessStart { start_type: start_type.into() });
        let name = number.to_string();
        lines.push(record(Source::Transcripts, &session.name, at, &[&session.name, "start", &name], start));
        let from_here = lines.len();
        lines.extend(process.deeds.iter().flat_map(|deed| lines_of(session, deed)));
        if with_totals {
            let at = lines[from_here..].iter().map(|line| line.at).max().unwrap();
            let totals = Observation::Totals(totals_until(life, place, number + 1));
            lines.push(record(
                Source::Transcripts,
                &session.name,
                at,
                &[&session.name, "totals", &name],
                totals,
            ));
        }
    }
    lines
}

/// The lines of its origin that a session's file begins with; starts and totals are not copied.
fn copied(life: &Life, session: &Session) -> Vec<Record> {
    let Some(Origin { session: place, processes, marked }) = session.origin else { return Vec::new() };
    let origin = &life.sessions[place];
    let mut lines = copied(life, origin);
    let own = origin.processes[..processes].iter().flat_map(|process| &process.deeds);
    lines.extend(own.flat_map(|deed| lines_of(origin, deed)));
    let own_first_prompt = &session.processes[0].deeds[0].id;
    let mut first = true;
    for line in &mut lines {
        let came_from = std::mem::replace(&mut line.session, session.name.as_str().into());
        match &mut line.observation {
            Observation::Request(seen) if marked => {
                seen.origin_session.get_or_insert(came_from);
            }
            // Copied prompts get the id of the fork's own first one, and the reader keeps it once.
            Observation::Prompt(prompt) if marked && prompt.command.is_none() => {
                prompt.prompt_id = std::mem::take(&mut first).then(|| own_first_prompt.clone());
            }
            _ => {}
        }
    }
    lines
}

fn lines_of(session: &Session, deed: &Deed) -> Vec<Record> {
    let tell = |at, what: &str, observation| {
        record(Source::Transcripts, &session.name, at, &[&deed.id, what], observation)
    };
    let at = time(deed.at);
    match &deed.what {
        What::Prompt => {
            let first_of_fork = session.origin.is_some_and(|origin| origin.marked)
                && deed.id == session.processes[0].deeds[0].id;
            vec![tell(at, "prompt", prompt((!first_of_fork).then_some(&deed.id)))]
        }
        What::Command => vec![tell(at, "command", command())],
        What::Ask(ask) if ask.beside => Vec::new(),
        What::Ask(ask) => {
            let mut lines = answer(ask, deed, tell);
            if let Some(call) = &ask.call {
                let id = Some(call_id(deed));
                lines.push(tell(time(deed.at + 1), "decision", decision(call, id.clone())));
                if call.accepted {
                    lines.push(tell(time(deed.at + 2), "result", Observation::ToolResult(outcome(call, id))));
                }
            }
            lines
        }
    }
}

fn answer(ask: &Ask, deed: &Deed, tell: impl Fn(Timestamp, &str, Observation) -> Record) -> Vec<Record> {
    let request_id = match ask.named {
        Named::Both | Named::LinesOnly => Some(deed.id.clone()),
        Named::ByProxy => Some(PROXY_ID.to_owned()),
        Named::EventOnly | Named::Neither => None,
    };
    let tool_uses = ask.call.iter().map(|_| call_id(deed)).collect();
    let last = RequestSeen { request_id, message_id: Some(deed.id.clone()), tool_uses, ..seen(ask) };
    let part = |number: i64| {
        let finished = number == ask.lines;
        let output = last.usage.output * number / ask.lines;
        let seen = RequestSeen { usage: TokenUsage { output, ..last.usage }, finished, ..last.clone() };
        let at = time(deed.at).plus_micros(-100_000 * (ask.lines - number));
        tell(at, &format!("part {number}"), Observation::Request(seen))
    };
    (1..=ask.lines).map(part).collect()
}

fn seen(ask: &Ask) -> RequestSeen {
    RequestSeen {
        model: ask.model.into(),
        usage: ask.usage,
        fast: ask.fast,
        finished: true,
        ..RequestSeen::default()
    }
}

fn call_id(deed: &Deed) -> String {
    format!("call {}", deed.id)
}

fn prompt(id: Option<&String>) -> Observation {
    Observation::Prompt(Prompt { prompt_id: id.cloned(), ..Prompt::default() })
}

fn command() -> Observation {
    Observation::Prompt(Prompt { command: Some("compact".into()), ..Prompt::default() })
}

fn decision(call: &Call, tool_use_id: Option<String>) -> Observation {
    let (tool, accepted) = (call.tool.into(), call.accepted);
    Observation::Decision(Decision { tool_use_id, tool, accepted, ..Decision::default() })
}

fn outcome(call: &Call, tool_use_id: Option<String>) -> ToolOutcome {
    ToolOutcome {
        tool_use_id,
        tool: call.tool.into(),
        succeeded: true,
        lines_added: call.lines_added,
        lines_removed: call.lines_removed,
        committed: call.commits,
        opened_pull_request: call.opens_pull_request,
        ..ToolOutcome::default()
    }
}

/// What the client says at the end of a session's process: all that was done so far, from the first of
/// its origins on.
fn totals_until(life: &Life, place: usize, processes: usize) -> ClientTotals {
    let session = &life.sessions[place];
    let mut totals = match session.origin {
        Some(origin) => totals_until(life, origin.session, origin.processes),
        None => ClientTotals::default(),
    };
    for deed in session.processes[..processes].iter().flat_map(|process| &process.deeds) {
        let What::Ask(ask) = &deed.what else { continue };
        // The client names the model with its context size.
        let model = format!("{}[1m]", ask.model);
        match totals.models.iter_mut().find(|(known, _, _)| *known == model) {
            Some((_, usage, cost)) => {
                *usage = usage.plus(&ask.usage);
                *cost = cost.plus(ask.list_price());
            }
            None => totals.models.push((model.into(), ask.usage, ask.list_price())),
        }
        if let Some(call) = &ask.call {
            totals.lines_added += call.lines_added;
            totals.lines_removed += call.lines_removed;
        }
    }
    totals
}
