//! Sessions, one by one: what each took and gave.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use model::{Kind, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::{COST, Cost, Figures, LINES, Lines, ModelFigures, TOKENS, Tokens, sums_of};
use crate::models::ModelSums;
use crate::period::PeriodFigures;
use crate::scope::{Found, Scope};
use crate::{ReportError, spending, told, when_told};

/// Sessions with anything in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionReport {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// The session with the newest activity first, unless asked otherwise.
    pub sessions: Vec<SessionRow>,
    /// The whole range, rows beyond the limit included. A session that only runs into the range has a row,
    /// and is not counted as one.
    pub totals: PeriodFigures,
}

/// One session. Figures and times are of what happened in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionRow {
    /// Session id.
    pub session_id: String,
    /// E-mail address or name of who worked in it.
    pub actor: String,
    /// The project's directory or its repository, where known.
    #[schema(required)]
    pub project: Option<String>,
    /// First activity.
    pub started_at: jiff::Timestamp,
    /// Last activity.
    pub ended_at: jiff::Timestamp,
    /// Requests to models.
    pub requests: i64,
    /// Prompts typed or sent.
    pub prompts: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// Subagents by settled cost, most first; their figures are part of the session's.
    pub agents: Vec<AgentFigures>,
}

/// The requests of one kind of subagent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentFigures {
    /// The subagent's kind.
    #[schema(example = "Explore")]
    pub agent: String,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, asked: &Asked) -> Result<SessionReport, ReportError> {
    let Some(mut opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(SessionReport { heading, sessions: Vec::new(), totals: PeriodFigures::default() });
    };
    let (totals, found) = try_join(totals(store, &opened), newest(store, &opened.scope, asked.limit)).await?;
    if asked.limit.is_some() {
        let ids = found.iter().map(|session| Value::from(session.text(0))).collect();
        opened.scope.filter.among.push((Dimension::Session, ids));
    }
    let (people, models, agents) =
        try_join3(people(store, &opened.scope), models(store, &opened), agents(store, &opened.scope)).await?;
    let mut parts = Parts { people, models, agents };
    let rows = found.iter().map(|session| parts.row(session)).collect();
    let sessions = arrange(rows, asked, RowOrder::Descending);
    Ok(SessionReport { heading: opened.heading(), sessions, totals })
}

/// The figures of the whole range.
pub(crate) async fn totals(store: &dyn Store, opened: &Opened<'_>) -> Result<PeriodFigures, ReportError> {
    let models = spending::by(store, opened, Vec::new(), |_| (), |_| ());
    let (models, all, sessions) =
        try_join3(models, opened.scope.total(store, PeriodFigures::sums()), count(store, opened)).await?;
    Ok(PeriodFigures::new(&all, sessions, &spending::total(&models)))
}

/// How many sessions there are in the whole range.
pub(crate) async fn count(store: &dyn Store, opened: &Opened<'_>) -> Result<i64, ReportError> {
    let sessions = opened.sessions();
    Ok(opened.sessions_scope().total(store, vec![sessions]).await?.count(sessions))
}

/// What belongs to sessions, by their ids, until it is put into rows.
struct Parts {
    people: BTreeMap<String, People>,
    models: BTreeMap<String, ModelSums>,
    agents: BTreeMap<String, Vec<AgentFigures>>,
}

impl Parts {
    fn row(&mut self, session: &Found) -> SessionRow {
        let id = session.text(0);
        let people = self.people.remove(id).unwrap_or_default();
        let models = self.models.remove(id).unwrap_or_default();
        let mut figures = session.figures.clone();
        figures.price_now_like(&models.total());
        let instant = |figure| Timestamp::from_micros(figures.count(figure)).to_jiff();
        SessionRow {
            session_id: SessionId::new(id).told().to_owned(),
            actor: told(&people.actor),
            project: when_told(&people.project),
            started_at: instant(Figure::Earliest),
            ended_at: instant(Figure::Latest),
            requests: figures.sum(Measure::Requests),
            prompts: figures.sum(Measure::Prompts),
            tokens: (&figures).into(),
            cost_micros: (&figures).into(),
            unpriced_models: models.unpriced(),
            lines: (&figures).into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            models: models.rows(),
            agents: self.agents.remove(id).unwrap_or_default(),
        }
    }
}

/// The sessions' own figures, newest activity first.
async fn newest(store: &dyn Store, scope: &Scope, limit: Option<usize>) -> Result<Vec<Found>, ReportError> {
    let counts = [Measure::Requests, Measure::Prompts, Measure::Commits, Measure::PullRequests];
    let figures =
        [vec![Figure::Latest, Figure::Earliest], sums_of(&[&counts, &TOKENS, &COST, &LINES])].concat();
    let by_session = vec![Group::Dimension(Dimension::Session)];
    scope.largest_rows(store, by_session, figures, limit).await
}

/// Who worked in a session, and where.
#[derive(Default)]
struct People {
    actor: String,
    project: String,
}

/// One actor and project per session. A session that tells of several is shown under the one with the
/// latest activity that is told at all.
async fn people(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, People>, ReportError> {
    let by = |dimension| vec![Group::Dimension(Dimension::Session), Group::Dimension(dimension)];
    let (actors, projects) = try_join(
        scope.rows(store, by(Dimension::ActorName), vec![Figure::Latest]),
        scope.rows(store, by(Dimension::Project), vec![Figure::Latest]),
    )
    .await?;
    let mut people: BTreeMap<String, People> = BTreeMap::new();
    for (session, actor) in latest_told(&actors) {
        people.entry(session).or_default().actor = actor;
    }
    for (session, project) in latest_told(&projects) {
        people.entry(session).or_default().project = project;
    }
    Ok(people)
}

/// For rows of (session, text) with their latest activity: each session's latest text that is not empty.
fn latest_told(rows: &[Found]) -> BTreeMap<String, String> {
    let mut latest: BTreeMap<String, (i64, String)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.text(1).is_empty()) {
        let candidate = (row.figures.count(Figure::Latest), row.text(1).to_owned());
        let known = latest.entry(row.text(0).to_owned()).or_default();
        if candidate > *known {
            *known = candidate;
        }
    }
    latest.into_iter().map(|(session, (_, text))| (session, text)).collect()
}

async fn models(store: &dyn Store, opened: &Opened<'_>) -> Result<BTreeMap<String, ModelSums>, ReportError> {
    let by_session = vec![Group::Dimension(Dimension::Session)];
    let of_row = |row: &Found| row.text(0).to_owned();
    spending::by(store, opened, by_session, of_row, |posting| posting.session.as_str().to_owned()).await
}

async fn agents(
    store: &dyn Store,
    scope: &Scope,
) -> Result<BTreeMap<String, Vec<AgentFigures>>, ReportError> {
    let by_agent = vec![Group::Dimension(Dimension::Session), Group::Dimension(Dimension::Agent)];
    let figures = sums_of(&[&COST, &[Measure::Requests], &TOKENS]);
    let rows = scope.of_kinds(&[Kind::Request]).largest_rows(store, by_agent, figures, None).await?;
    let mut agents: BTreeMap<String, Vec<AgentFigures>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.text(1).is_empty()) {
        let figures: &Figures = &row.figures;
        agents.entry(row.text(0).to_owned()).or_default().push(AgentFigures {
            agent: row.text(1).to_owned(),
            requests: figures.sum(Measure::Requests),
            tokens: figures.into(),
            cost_micros: figures.into(),
        });
    }
    Ok(agents)
}
