//! One session, told from its beginning to its end: what happened, how its context and its cost grew, what
//! its subagents did, and how complete the picture is.

mod course;
mod details;
mod subagents;

use std::collections::BTreeSet;

use futures::future::{try_join, try_join4};
use model::{Kind, LedgerLine, Posting, SessionId, SessionSource, Text, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, LineQuery, Measure, Store, Value, net};
use utoipa::ToSchema;

use crate::ReportError;
use crate::coverage::{SourceName, Unattributed};
use crate::editing::ToolFigures;
use crate::figures::{ActiveTime, Cost, Decisions, Figures, ModelFigures, Tokens};
use crate::gaps::{self, EventCoverage, Numbered};
use crate::meaning::Meaning;
use crate::models::ModelSums;
use crate::scope::Scope;
use crate::session_list::{self, ListedSession};

pub use course::{ContextPoint, CostPoint};
pub use details::{TimelineEntry, TimelineKind};
pub use subagents::Subagent;

/// The most ledger lines of a session that are read one by one, the newest.
const MAX_LINES: usize = 60_000;
/// The most records of a session that are read for details; a longer one is told from postings alone.
const MAX_RECORDS: u64 = 60_000;
/// The most entries of the timeline that are told, the newest.
pub const MAX_ENTRIES: usize = 2_000;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The session.
    pub session: SessionId,
    /// How to read its records.
    pub meaning: Meaning,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionStory {
    /// The state of the ledger that it is told from.
    pub boundary: jiff::Timestamp,
    /// Its figures, over its whole life.
    pub session: ListedSession,
    /// Slash commands.
    pub commands: i64,
    /// Decisions on calls of the tools that edit files.
    pub decisions: Decisions,
    /// Active time in milliseconds.
    pub active_time_ms: ActiveTime,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// Entry points of the client, such as `cli`.
    pub entrypoints: Vec<String>,
    /// Versions of the client.
    pub client_versions: Vec<String>,
    /// Sessions that it shares requests with: forks, and those it was forked from.
    pub relatives: Vec<String>,
    /// What happened, oldest first; at most the newest 2,000.
    pub entries: Vec<TimelineEntry>,
    /// How many entries before those are not told.
    pub entries_before: i64,
    /// What its subagents did, in the order of their first request or call.
    pub subagents: Vec<Subagent>,
    /// The size of the conversation's context with each request.
    pub context: Vec<ContextPoint>,
    /// The session's cost after each request.
    pub spending: Vec<CostPoint>,
    /// How complete the picture is.
    pub coverage: SessionCoverage,
}

/// What is known of a session from where.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionCoverage {
    /// Sources that told of it.
    pub sources: Vec<ToldBy>,
    /// How complete its events are.
    pub events: EventCoverage,
    /// What only running totals know.
    pub unattributed: Unattributed,
    /// Whether its records were read for details: ids of calls, subagents, lengths of prompts. A session of
    /// very many records is told without.
    pub records_read: bool,
}

/// What one source told of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToldBy {
    /// The source.
    pub source: SourceName,
    /// Records kept from it.
    pub records: i64,
    /// Time of its newest record.
    pub newest_at: jiff::Timestamp,
}

impl From<&SessionSource> for ToldBy {
    fn from(told: &SessionSource) -> Self {
        Self {
            source: told.source.into(),
            records: i64::try_from(told.records).unwrap_or(i64::MAX),
            newest_at: told.newest_at.to_jiff(),
        }
    }
}

/// Answers the question; `None` when the ledger has nothing of the session.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Option<SessionStory>, ReportError> {
    let as_of = store.boundary().await?;
    let session = &parameters.session;
    let scope = Scope { as_of, filter: only(session) };
    let Some((listed, scope)) = session_list::one(store, &scope, session).await? else { return Ok(None) };

    let sources = async { Ok(store.session_sources(std::slice::from_ref(session)).await?) };
    let (((postings, is_whole), sources), (figures, (models, unattributed), tools, relatives)) = try_join(
        try_join(postings(store, &scope), sources),
        try_join4(
            scope.total(store, counts()),
            spending(store, &scope),
            ToolFigures::ask(store, &scope),
            relatives(store, session),
        ),
    )
    .await?;
    let records_read = sources.iter().map(|told| told.records).sum::<u64>() <= MAX_RECORDS;
    let evidence =
        if records_read { store.evidence(std::slice::from_ref(session)).await? } else { Vec::new() };
    let numbered = gaps::by_session(&evidence, parameters.meaning).remove(session).unwrap_or_default();
    let known = details::Details::of(&evidence, parameters.meaning);
    let subagents = subagents::Subagents::of(&postings, &known);
    let (entries, entries_before) = entries(&postings, &known, &subagents, &numbered);

    let spent_before = if is_whole { 0 } else { before(&models, &postings) };
    Ok(Some(SessionStory {
        boundary: as_of.max(Timestamp::default()).to_jiff(),
        commands: figures.sum(Measure::Commands),
        decisions: tools.edits,
        active_time_ms: ActiveTime {
            user: figures.sum(Measure::ActiveUser),
            cli: figures.sum(Measure::ActiveCli),
        },
        models: models.rows(),
        entrypoints: texts(&postings, |posting| &posting.entrypoint),
        client_versions: texts(&postings, |posting| &posting.client_version),
        relatives,
        entries,
        entries_before,
        context: course::context(&postings),
        spending: course::spending(&postings, spent_before),
        subagents: subagents.into_rows(),
        coverage: SessionCoverage {
            sources: sources.iter().map(ToldBy::from).collect(),
            events: numbered.coverage,
            unattributed: Unattributed::new(&unattributed, &models.total()),
            records_read,
        },
        session: listed,
    }))
}

fn only(session: &SessionId) -> Filter {
    let among = vec![(Dimension::Session, vec![Value::from(session.as_str())])];
    Filter { among, ..Filter::default() }
}

fn counts() -> Vec<Figure> {
    [Measure::Commands, Measure::ActiveUser, Measure::ActiveCli].map(Figure::Sum).to_vec()
}

/// The newest postings, oldest first, and whether these are all.
async fn postings(store: &dyn Store, scope: &Scope) -> Result<(Vec<Posting>, bool), ReportError> {
    let query = LineQuery { as_of: Some(scope.as_of), filter: scope.filter.clone(), limit: MAX_LINES };
    let mut lines: Vec<LedgerLine> = store.lines(&query).await?;
    let is_whole = lines.len() < MAX_LINES;
    if !is_whole {
        // The oldest instant may have been cut in the middle, a reversal without its entry.
        let oldest = lines.last().map_or(Timestamp::MIN, |line| line.posting.at);
        lines.retain(|line| line.posting.at > oldest);
    }
    let mut postings = net(lines);
    postings.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.cmp(b)));
    Ok((postings, is_whole))
}

/// Models, and what only totals know.
async fn spending(store: &dyn Store, scope: &Scope) -> Result<(ModelSums, Figures), ReportError> {
    let group_by = vec![Group::Dimension(Dimension::Model), Group::Dimension(Dimension::Kind)];
    let (mut models, mut unattributed) = (ModelSums::default(), Figures::default());
    let scope = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    for row in scope.rows(store, group_by, ModelSums::figures()).await? {
        models.add(row.text(0), &row.figures);
        if row.text(1) == Kind::Unattributed.as_str() {
            unattributed.add(&row.figures);
        }
    }
    Ok((models, unattributed))
}

/// Cost, in picodollars, of what is older than the postings at hand.
fn before(models: &ModelSums, postings: &[Posting]) -> i128 {
    let all = models.total().exact(Figure::Sum(Measure::CostSettled));
    let told: i128 = postings.iter().map(|posting| i128::from(posting.measures.cost_settled)).sum();
    all - told
}

async fn relatives(store: &dyn Store, session: &SessionId) -> Result<Vec<String>, ReportError> {
    let kin = store.kin(std::slice::from_ref(session)).await?;
    let relatives: BTreeSet<String> =
        kin.into_iter().map(|(_, relative)| relative.as_str().to_owned()).collect();
    Ok(relatives.into_iter().collect())
}

/// What postings tell under a dimension, sorted.
fn texts(postings: &[Posting], text: impl Fn(&Posting) -> &Text) -> Vec<String> {
    let told: BTreeSet<&Text> = postings.iter().map(text).filter(|text| !text.is_empty()).collect();
    told.into_iter().map(Text::to_string).collect()
}

/// The timeline, and how many older entries it leaves out.
fn entries(
    postings: &[Posting],
    known: &details::Details,
    subagents: &subagents::Subagents,
    numbered: &Numbered,
) -> (Vec<TimelineEntry>, i64) {
    let mut entries = details::entries(postings, known, subagents);
    entries.extend(numbered.gaps.iter().map(TimelineEntry::gap));
    entries.sort_by_key(|entry| (entry.started_at, entry.at));
    let left_out = entries.len().saturating_sub(MAX_ENTRIES);
    (entries.split_off(left_out), i64::try_from(left_out).unwrap_or(i64::MAX))
}

/// Sums of requests, exact until they are read out.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    tokens: model::TokenUsage,
    picos: [i128; 3],
}

impl Spent {
    fn add(&mut self, measures: &model::Measures) {
        self.tokens = self.tokens.plus(&measures.tokens);
        let costs = [measures.cost_settled, measures.cost_reported, measures.cost_priced];
        for (sum, cost) in self.picos.iter_mut().zip(costs) {
            *sum += i128::from(cost);
        }
    }

    fn tokens(&self) -> Tokens {
        (&self.tokens).into()
    }

    fn cost(&self) -> Cost {
        let [settled, reported, priced] = self.picos.map(model::Money::to_micros);
        Cost { settled, reported, priced, priced_now: None }
    }
}
