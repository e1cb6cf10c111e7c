//! Made-up sessions, and what was truly done in them.

use model::{Money, TokenUsage};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Seconds; every time of a life is one of these since its start.
pub(crate) type Seconds = i64;

pub(crate) const OPUS: &str = "claude-opus-5-5";
pub(crate) const HAIKU: &str = "claude-haiku-5-5";
const MODELS: [&str; 3] = [OPUS, "claude-sonnet-5-5", HAIKU];
/// A resume or fork comes at least so long after the process before it ended.
const PAUSE: Seconds = 3_600;
/// From the last thing a process does to its end.
const TO_EXIT: Seconds = 10;

/// A family of sessions.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) sessions: Vec<Session>,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) origin: Option<Origin>,
    /// In order of time, with [`PAUSE`] between them.
    pub(crate) processes: Vec<Process>,
}

/// Where a fork's file begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The session it was forked from, by place.
    pub(crate) session: usize,
    /// How many of that session's processes had ended by then.
    pub(crate) processes: usize,
    /// Whether copied answers say who made them.
    pub(crate) marked: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) start: Seconds,
    pub(crate) end: Seconds,
    /// Whether its metrics are running values.
    pub(crate) cumulative: bool,
    pub(crate) deeds: Vec<Deed>,
}

#[derive(Clone, Debug)]
pub(crate) struct Deed {
    /// Unlike any other's.
    pub(crate) id: String,
    pub(crate) at: Seconds,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Prompt,
    Command,
    Ask(Ask),
}

/// A request, and the tool call in its answer.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) model: &'static str,
    pub(crate) usage: TokenUsage,
    pub(crate) fast: bool,
    /// A title or a compaction, which no line tells of.
    pub(crate) beside: bool,
    /// Lines the answer is written as; all but the last know only some of the output.
    pub(crate) lines: i64,
    pub(crate) named: Named,
    pub(crate) call: Option<Call>,
}

/// Who carries the API's request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Both,
    LinesOnly,
    EventOnly,
    Neither,
    /// Both, but all requests through a proxy carry the same.
    ByProxy,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) tool: &'static str,
    pub(crate) accepted: bool,
    pub(crate) lines_added: i64,
    pub(crate) lines_removed: i64,
    pub(crate) commits: bool,
    pub(crate) opens_pull_request: bool,
    /// Whether events carry the call's id.
    pub(crate) named: bool,
}

impl Call {
    /// Whether metrics count decisions on it.
    pub(crate) fn is_edit(&self) -> bool {
        self.tool != "Bash"
    }
}

impl Ask {
    /// By the published lists of November 2026, worked out apart from the price book.
    pub(crate) fn list_price(&self) -> Money {
        // Thousandths of a micro-dollar per token: input, output, read, five-minute and one-hour write.
        let [input, output, read, five_minutes, one_hour] = match self.model {
            OPUS if self.fast => [8_000, 40_000, 400, 10_000, 16_000],
            OPUS => [4_000, 20_000, 200, 5_000, 8_000],
            HAIKU if self.usage.prompt() > 100_000 => [500, 2_500, 50, 625, 1_000],
            HAIKU => [100, 500, 10, 125, 200],
            _ => [2_000, 10_000, 100, 2_500, 4_000],
        };
        let usage = &self.usage;
        let sum = usage.input * input
            + usage.output * output
            + usage.cache_read * read
            + usage.cache_creation_5m * five_minutes
            + usage.cache_creation_1h * one_hour;
        Money::from_picos(sum * 1_000)
    }
}

/// Lives of one to three sessions, each forked from one before it or not.
pub(crate) fn lives() -> impl Strategy<Value = Life> {
    prop::collection::vec(session(), 1..=3).prop_map(Life::of)
}

/// Lives whose records say of themselves what they belong to: forks mark what they copy, no proxy repeats
/// ids. In others it is told by what else there is, so nothing of that may be missing.
pub(crate) fn clear_lives() -> impl Strategy<Value = Life> {
    prop::collection::vec(session(), 1..=3).prop_map(|mut plans| {
        for plan in &mut plans {
            plan.fork.iter_mut().for_each(|(_, _, marked)| *marked = true);
            for ask in plan.asks().filter(|ask| ask.named == Named::ByProxy) {
                ask.named = Named::Both;
            }
        }
        Life::of(plans)
    })
}

#[derive(Clone, Debug)]
struct SessionPlan {
    fork: Option<(Index, Index, bool)>,
    pause: Seconds,
    processes: Vec<ProcessPlan>,
}

#[derive(Clone, Debug)]
struct ProcessPlan {
    cumulative: bool,
    deeds: Vec<(Seconds, What)>,
}

impl SessionPlan {
    fn asks(&mut self) -> impl Iterator<Item = &mut Ask> {
        let deeds = self.processes.iter_mut().flat_map(|process| &mut process.deeds);
        deeds.filter_map(|(_, what)| match what {
            What::Ask(ask) => Some(ask),
            _ => None,
        })
    }
}

fn session() -> impl Strategy<Value = SessionPlan> {
    let fork = prop::option::weighted(0.7, any::<(Index, Index, bool)>());
    let process = || (any::<bool>(), prop::collection::vec((5..200i64, what()), 0..=4));
    // What is seen of a first process is seen of the session, so that a fork of it can be told.
    let first = (seen(), process()).prop_map(|(ask, (cumulative, mut deeds))| {
        deeds.insert(0, (5, What::Ask(ask)));
        ProcessPlan { cumulative, deeds }
    });
    let more = process().prop_map(|(cumulative, deeds)| ProcessPlan { cumulative, deeds });
    let more = prop::collection::vec(more, 0..=1);
    // One client, one way to name requests.
    let named = prop::option::of(select(&[Named::LinesOnly, Named::EventOnly, Named::Neither][..]));
    (named, fork, 0..2_000i64, first, more).prop_map(|(named, fork, pause, first, more)| {
        let mut plan = SessionPlan { fork, pause, processes: [vec![first], more].concat() };
        if let Some(named) = named {
            plan.asks().for_each(|ask| {
                ask.named = named;
                // Where only its figures tell which request it is, an answer has no half-written lines.
                ask.lines = 1;
            });
        }
        plan
    })
}

fn what() -> impl Strategy<Value = What> {
    let ask = (any::<bool>(), seen()).prop_map(|(beside, ask)| {
        let call = ask.call.filter(|_| !beside);
        What::Ask(Ask { beside, call, ..ask })
    });
    prop_oneof![1 => Just(What::Prompt), 1 => Just(What::Command), 6 => ask]
}

/// A request whose answer stands in the transcript. Few different figures, so that some are alike.
fn seen() -> impl Strategy<Value = Ask> {
    let usage = (select(&[0, 3][..]), 1..=4i64, select(&[0, 5_000, 99_000, 100_001][..]), 0..=1i64, 0..=1i64);
    let usage = usage.prop_map(|(input, output, cache_read, five_minutes, one_hour)| TokenUsage {
        input,
        output: output * 100,
        cache_read,
        cache_creation: 700 * five_minutes + 900 * one_hour,
        cache_creation_5m: 700 * five_minutes,
        cache_creation_1h: 900 * one_hour,
    });
    let named = prop_oneof![6 => Just(Named::Both), 1 => Just(Named::ByProxy)];
    let call = prop::option::of(call());
    (select(&MODELS[..]), usage, any::<bool>(), 1..=3i64, named, call).prop_map(
        |(model, usage, fast, lines, named, call)| {
            let fast = fast && model == OPUS;
            Ask { model, usage, fast, beside: false, lines, named, call }
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let tool = select(&["Edit", "Write", "Bash"][..]);
    (tool, any::<[bool; 4]>(), 0..9i64, 0..9i64).prop_map(
        |(tool, [accepted, commits, opens, named], lines_added, lines_removed)| {
            let edits = i64::from(accepted && tool != "Bash");
            let runs = accepted && tool == "Bash";
            Call {
                tool,
                accepted,
                lines_added: lines_added * edits,
                lines_removed: lines_removed * edits,
                commits: commits && runs,
                opens_pull_request: opens && runs,
                named,
            }
        },
    )
}

impl Life {
    fn of(plans: Vec<SessionPlan>) -> Self {
        let mut sessions: Vec<Session> = Vec::new();
        for (place, plan) in plans.into_iter().enumerate() {
            let fork = plan.fork.filter(|_| place > 0);
            let origin =
                fork.map(|(session, processes, marked)| Self::origin(&sessions, session, processes, marked));
            let start = match &origin {
                None => plan.pause,
                // Without a mark the copy is told by going on later than everybody else.
                Some(Origin { marked: false, .. }) => {
                    sessions.iter().map(Session::end).max().unwrap() + PAUSE + plan.pause
                }
                Some(Origin { session, processes, .. }) => {
                    sessions[*session].processes[processes - 1].end + plan.pause
                }
            };
            let name = format!("session-{place}");
            let processes = processes_from(start, &name, plan.processes);
            sessions.push(Session { name, origin, processes });
        }
        Self { sessions }
    }

    fn origin(sessions: &[Session], session: Index, processes: Index, marked: bool) -> Origin {
        let session = session.index(sessions.len());
        let all = sessions[session].processes.len();
        let processes = if marked { 1 + processes.index(all) } else { all };
        Origin { session, processes, marked }
    }

    /// The same life, told by clients that name every request and call.
    pub(crate) fn with_every_id(mut self) -> Self {
        let processes = self.sessions.iter_mut().flat_map(|session| &mut session.processes);
        for deed in processes.flat_map(|process| &mut process.deeds) {
            if let What::Ask(ask) = &mut deed.what {
                ask.named = Named::Both;
                ask.call.iter_mut().for_each(|call| call.named = true);
            }
        }
        self
    }

    /// Every request, with the session that made it.
    pub(crate) fn asks(&self) -> impl Iterator<Item = (&Session, &Deed, &Ask)> {
        self.deeds().filter_map(|(session, deed)| match &deed.what {
            What::Ask(ask) => Some((session, deed, ask)),
            _ => None,
        })
    }

    pub(crate) fn deeds(&self) -> impl Iterator<Item = (&Session, &Deed)> {
        let deeds = |session| Session::deeds(session).map(move |deed| (session, deed));
        self.sessions.iter().flat_map(deeds)
    }
}

impl Session {
    /// What was done in it, without what it copied.
    pub(crate) fn deeds(&self) -> impl Iterator<Item = &Deed> {
        self.processes.iter().flat_map(|process| &process.deeds)
    }

    fn end(&self) -> Seconds {
        self.processes.last().unwrap().end
    }
}

/// Each process begins with a prompt.
fn processes_from(start: Seconds, session: &str, plans: Vec<ProcessPlan>) -> Vec<Process> {
    let mut processes = Vec::new();
    let mut start = start;
    let mut number = 0;
    for plan in plans {
        let mut at = start;
        let mut deeds = Vec::new();
        for (gap, what) in [vec![(0, What::Prompt)], plan.deeds].concat() {
            at += gap;
            number += 1;
            deeds.push(Deed { id: format!("{session} {number}"), at, what });
        }
        let end = at + TO_EXIT;
        processes.push(Process { start, end, cumulative: plan.cumulative, deeds });
        start = end + PAUSE;
    }
    processes
}
