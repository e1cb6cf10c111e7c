//! What the subagents of a session did.

use std::collections::BTreeMap;

use model::{ItemKey, Kind, Posting, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::Spent;
use super::details::Details;
use crate::figures::{Cost, Tokens};

/// One subagent; where sources do not tell subagents of a kind apart, all of that kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subagent {
    /// Its kind.
    #[schema(example = "Explore")]
    pub kind: String,
    /// When its first request or call began.
    pub started_at: jiff::Timestamp,
    /// When its last one ended.
    pub ended_at: jiff::Timestamp,
    /// Milliseconds between the two.
    pub duration_ms: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tool calls that ended.
    pub tool_calls: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

/// What tells one subagent from another: its id where it is told, else its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Id(String),
    Kind(String),
}

struct Gathered {
    identity: Identity,
    kind: String,
    first: Timestamp,
    last: Timestamp,
    requests: i64,
    tool_calls: i64,
    spent: Spent,
}

/// The subagents of a session, and who did what.
pub(super) struct Subagents {
    rows: Vec<Gathered>,
    of_item: BTreeMap<(Kind, ItemKey), usize>,
}

impl Subagents {
    /// Gathers from postings, oldest first, with what the records add.
    pub(super) fn of(postings: &[Posting], known: &Details) -> Self {
        let mut subagents = Self { rows: Vec::new(), of_item: BTreeMap::new() };
        for posting in postings {
            if let Some((identity, kind)) = identity_of(posting, known) {
                subagents.add(posting, identity, kind);
            }
        }
        subagents
    }

    fn add(&mut self, posting: &Posting, identity: Identity, kind: String) {
        let started = started_at(posting);
        let place = self.rows.iter().position(|row| row.identity == identity).unwrap_or_else(|| {
            let (requests, tool_calls, spent) = (0, 0, Spent::default());
            let (first, last, kind) = (started, posting.at, String::new());
            self.rows.push(Gathered { identity, kind, first, last, requests, tool_calls, spent });
            self.rows.len() - 1
        });
        self.of_item.insert((posting.kind, posting.item), place);
        let Some(row) = self.rows.get_mut(place) else { return };
        row.first = row.first.min(started);
        row.last = row.last.max(posting.at);
        row.requests += posting.measures.requests;
        row.tool_calls += posting.measures.succeeded + posting.measures.failed;
        row.spent.add(&posting.measures);
        if row.kind.is_empty() {
            row.kind = kind;
        }
    }

    /// Which of the rows did it; `None` for the conversation itself.
    pub(super) fn doer_of(&self, posting: &Posting) -> Option<i64> {
        let place = self.of_item.get(&(posting.kind, posting.item))?;
        i64::try_from(*place).ok()
    }

    pub(super) fn into_rows(self) -> Vec<Subagent> {
        let row = |row: Gathered| Subagent {
            kind: if row.kind.is_empty() { UNNAMED.to_owned() } else { row.kind },
            started_at: row.first.to_jiff(),
            ended_at: row.last.to_jiff(),
            duration_ms: row.last.micros_since(row.first) / 1_000,
            requests: row.requests,
            tool_calls: row.tool_calls,
            tokens: row.spent.tokens(),
            cost_micros: row.spent.cost(),
        };
        self.rows.into_iter().map(row).collect()
    }
}

/// What a subagent is called of which only the id is told.
const UNNAMED: &str = "subagent";

/// When something began that was told of at its end.
pub(super) fn started_at(posting: &Posting) -> Timestamp {
    posting.at.plus_micros(posting.measures.duration_ms.max(0).saturating_mul(-1_000))
}

fn identity_of(posting: &Posting, known: &Details) -> Option<(Identity, String)> {
    let is_doing = matches!(posting.kind, Kind::Request | Kind::Decision | Kind::ToolResult | Kind::ApiError);
    if !is_doing {
        return None;
    }
    let doer = known.doer_of(posting);
    let kind = if posting.agent.is_empty() {
        doer.and_then(|doer| doer.kind.clone())
    } else {
        Some(posting.agent.to_string())
    };
    let id = doer.and_then(|doer| doer.id.clone());
    match (id, kind) {
        (Some(id), kind) => Some((Identity::Id(id), kind.unwrap_or_default())),
        (None, Some(kind)) => Some((Identity::Kind(kind.clone()), kind)),
        (None, None) => None,
    }
}
