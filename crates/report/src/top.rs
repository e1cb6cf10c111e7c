//! What is going on: the sessions at work, how fast they use tokens, their newest tool calls.

use std::collections::BTreeMap;

use model::{Kind, Posting, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Filter, Group, LineQuery, Store, net};
use utoipa::ToSchema;

use crate::figures::{Cost, ModelFigures, Tokens};
use crate::models::ModelSums;
use crate::projects::folding::Folding;
use crate::range::{DateRange, Zone};
use crate::scope::Scope;
use crate::status_line::{self, RunningBlock, Spent};
use crate::{ReportError, explain, told, when_told};

/// How far back "now" reaches, in minutes.
pub const MINUTES: i64 = 30;

/// The most ledger lines that are looked through for it.
const MAX_LINES: usize = 16_384;
/// How many tool calls are listed.
const TOOL_CALLS: usize = 20;

const MICROS_PER_MINUTE: i64 = 60_000_000;

/// What is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Top {
    /// The moment.
    pub now: jiff::Timestamp,
    /// IANA name of the zone that today is cut in.
    pub timezone: String,
    /// Today so far.
    pub today: Spent,
    /// The five-hour window that is running; null when none is.
    #[schema(required)]
    pub block: Option<RunningBlock>,
    /// Sessions with a request in the last half hour, the newest activity first.
    pub sessions: Vec<ActiveSession>,
    /// The last thirty minutes, oldest first.
    pub minutes: Vec<Minute>,
    /// Today's models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// The newest tool calls, newest first.
    pub tools: Vec<ToolCall>,
}

/// A session at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActiveSession {
    /// Session id.
    pub session_id: String,
    /// The project, worktrees folded into it; `unknown` where the source did not tell.
    pub project: String,
    /// E-mail address or name of who works in it.
    pub actor: String,
    /// The model of its newest request.
    pub model: String,
    /// Its newest request.
    pub last_request_at: jiff::Timestamp,
    /// What it took in the last half hour.
    #[serde(flatten)]
    pub spent: Spent,
}

/// One minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Minute {
    /// All tokens.
    pub tokens: i64,
    /// Settled cost in micro-dollars.
    pub cost_micros: i64,
}

/// The end of a tool call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToolCall {
    /// When it ended.
    pub at: jiff::Timestamp,
    /// Session.
    pub session_id: String,
    /// The tool.
    pub tool: String,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// Milliseconds it ran, where told.
    #[schema(required)]
    pub duration_ms: Option<i64>,
}

/// Answers the question for the moment `now`, with today cut in a zone.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, zone: &Zone, now: Timestamp) -> Result<Top, ReportError> {
    let parameters = status_line::Parameters { session: Vec::new(), zone: zone.clone(), now };
    let line = status_line::ask(store, &parameters).await?;
    let as_of = store.boundary().await?;
    let recent = recent(store, as_of, now).await?;
    let requests: Vec<&Posting> = recent.iter().filter(|posting| posting.kind != Kind::ToolResult).collect();
    let folding = Folding::ask(store, as_of).await?;
    Ok(Top {
        now: now.to_jiff(),
        timezone: zone.name().to_owned(),
        today: line.today,
        block: line.block,
        sessions: sessions(&requests, &folding),
        minutes: minutes(&requests, now),
        models: models(store, zone, as_of, now).await?,
        tools: tool_calls(&recent),
    })
}

/// What stands of the last minutes.
async fn recent(store: &dyn Store, as_of: Timestamp, now: Timestamp) -> Result<Vec<Posting>, ReportError> {
    let filter = Filter {
        kinds: vec![Kind::Request, Kind::Unattributed, Kind::ToolResult],
        from: Some(now.plus_micros(-MINUTES * MICROS_PER_MINUTE)),
        until: Some(now.plus_micros(1)),
        ..Filter::default()
    };
    let lines = store.lines(&LineQuery { as_of: Some(as_of), filter, limit: MAX_LINES }).await?;
    Ok(net(lines))
}

fn sessions(requests: &[&Posting], folding: &Folding) -> Vec<ActiveSession> {
    let mut by_session: BTreeMap<&str, Vec<&Posting>> = BTreeMap::new();
    for posting in requests {
        by_session.entry(posting.session.told()).or_default().push(posting);
    }
    let session = |(id, postings): (&str, Vec<&Posting>)| {
        let of_requests = postings.iter().filter(|posting| posting.kind == Kind::Request);
        let newest = of_requests.max_by_key(|posting| posting.at)?;
        let (tokens, cost_micros) = explain::sums(postings.iter().copied());
        Some(ActiveSession {
            session_id: id.to_owned(),
            project: folding.project(&newest.project, &newest.repository),
            actor: newest.actor.name().to_owned(),
            model: told(&newest.model),
            last_request_at: newest.at.to_jiff(),
            spent: Spent {
                requests: postings.iter().map(|posting| posting.measures.requests).sum(),
                tokens,
                cost_micros,
            },
        })
    };
    let mut sessions: Vec<ActiveSession> = by_session.into_iter().filter_map(session).collect();
    sessions.sort_by(|a, b| {
        b.last_request_at.cmp(&a.last_request_at).then_with(|| a.session_id.cmp(&b.session_id))
    });
    sessions
}

/// The last minutes up to the one of `now`, each of the clock.
fn minutes(requests: &[&Posting], now: Timestamp) -> Vec<Minute> {
    let minute_of = |at: Timestamp| at.as_micros().div_euclid(MICROS_PER_MINUTE);
    let first = minute_of(now) - MINUTES + 1;
    let mut by_minute: BTreeMap<i64, Vec<&Posting>> = BTreeMap::new();
    for posting in requests {
        by_minute.entry(minute_of(posting.at)).or_default().push(posting);
    }
    let minute = |number: i64| {
        let postings = by_minute.remove(&number).unwrap_or_default();
        let (tokens, cost): (Tokens, Cost) = explain::sums(postings.into_iter());
        Minute { tokens: tokens.all(), cost_micros: cost.settled }
    };
    (first..first + MINUTES).map(minute).collect()
}

async fn models(
    store: &dyn Store,
    zone: &Zone,
    as_of: Timestamp,
    now: Timestamp,
) -> Result<Vec<ModelFigures>, ReportError> {
    let today = DateRange::last_days(1, now, zone.clone())?;
    let scope = Scope::of_range(&today, as_of).of_kinds(&[Kind::Request, Kind::Unattributed]);
    let mut models = ModelSums::default();
    for row in scope.rows(store, vec![Group::Dimension(Dimension::Model)], ModelSums::figures()).await? {
        models.add(row.text(0), &row.figures);
    }
    Ok(models.rows())
}

fn tool_calls(recent: &[Posting]) -> Vec<ToolCall> {
    let mut calls: Vec<&Posting> = recent.iter().filter(|posting| posting.kind == Kind::ToolResult).collect();
    calls.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.cmp(b)));
    let call = |posting: &Posting| ToolCall {
        at: posting.at.to_jiff(),
        session_id: posting.session.told().to_owned(),
        tool: when_told(&posting.subject).unwrap_or_else(|| told("")),
        succeeded: posting.measures.failed == 0,
        duration_ms: (posting.measures.duration_ms != 0).then_some(posting.measures.duration_ms),
    };
    calls.into_iter().take(TOOL_CALLS).map(call).collect()
}
