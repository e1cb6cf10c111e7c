//! Sessions, one by one: what each took and gave.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use model::{Kind, Posting, SessionId, Timestamp};
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
    let beyond_limit = match asked.limit {
        Some(limit) => {
            let (totals, newest) =
                try_join(totals(store, &opened), newest(store, &opened.scope, limit)).await?;
            opened.scope.filter.among.push((Dimension::Session, newest));
            Some(totals)
        }
        None => None,
    };
    let counted = async {
        match &beyond_limit {
            Some(_) => Ok(0),
            None => count(store, &opened).await,
        }
    };
    let (own, spent, counted) =
        try_join3(own_figures(store, &opened.scope), spent(store, &opened), counted).await?;
    let totals = match beyond_limit {
        Some(totals) => totals,
        // All sessions are there, so what they add up to need not be asked for.
        None => {
            let (mut all, mut models) = (Figures::default(), ModelSums::default());
            own.values().for_each(|session| all.add(&session.figures));
            spent.values().for_each(|spent| models.add_all(&spent.models));
            PeriodFigures::new(&all, counted, &models)
        }
    };
    let sessions = arrange(rows(own, spent), asked, RowOrder::Descending);
    Ok(SessionReport { heading: opened.heading(), sessions, totals })
}

/// The figures of the whole range.
pub(crate) async fn totals(store: &dyn Store, opened: &Opened<'_>) -> Result<PeriodFigures, ReportError> {
    let models =
        async { Ok(spending::total(&spending::by(store, opened, Vec::new(), |_| (), |_| ()).await?)) };
    totals_of(store, opened, models).await
}

/// The same with the models' figures from elsewhere.
pub(crate) async fn totals_of(
    store: &dyn Store,
    opened: &Opened<'_>,
    models: impl Future<Output = Result<ModelSums, ReportError>>,
) -> Result<PeriodFigures, ReportError> {
    let (models, all, sessions) =
        try_join3(models, opened.scope.total(store, PeriodFigures::sums()), count(store, opened)).await?;
    Ok(PeriodFigures::new(&all, sessions, &models))
}

/// How many sessions there are in the whole range.
pub(crate) async fn count(store: &dyn Store, opened: &Opened<'_>) -> Result<i64, ReportError> {
    let sessions = opened.sessions();
    Ok(opened.sessions_scope().total(store, vec![sessions]).await?.count(sessions))
}

/// What a session tells of itself, of everything in it.
#[derive(Default)]
struct Own {
    figures: Figures,
    /// Who worked in it, with the latest activity of theirs.
    actor: (i64, String),
    /// Where, likewise.
    project: (i64, String),
}

/// What was spent in a session.
#[derive(Default)]
struct Spent {
    models: ModelSums,
    /// Of its subagents alone.
    agents: BTreeMap<String, Figures>,
}

/// The ids of sessions with the newest activity.
async fn newest(store: &dyn Store, scope: &Scope, limit: usize) -> Result<Vec<Value>, ReportError> {
    let by_session = vec![Group::Dimension(Dimension::Session)];
    let found = scope.largest_rows(store, by_session, vec![Figure::Latest], Some(limit)).await?;
    Ok(found.iter().map(|session| Value::from(session.text(0))).collect())
}

/// Sessions by id. One that tells of several actors or projects is shown under the one with the latest activity that
/// is told at all.
async fn own_figures(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, Own>, ReportError> {
    let by_place = [Dimension::Session, Dimension::ActorName, Dimension::Project].map(Group::Dimension);
    let counts = [Measure::Requests, Measure::Prompts, Measure::Commits, Measure::PullRequests];
    let figures =
        [vec![Figure::Latest, Figure::Earliest], sums_of(&[&counts, &TOKENS, &COST, &LINES])].concat();
    let mut sessions: BTreeMap<String, Own> = BTreeMap::new();
    for row in scope.rows(store, by_place.to_vec(), figures).await? {
        let session = sessions.entry(row.text(0).to_owned()).or_default();
        let latest = row.figures.count(Figure::Latest);
        for (text, shown) in [(row.text(1), &mut session.actor), (row.text(2), &mut session.project)] {
            if !text.is_empty() && (latest, text) > (shown.0, shown.1.as_str()) {
                *shown = (latest, text.to_owned());
            }
        }
        session.figures.add(&row.figures);
    }
    Ok(sessions)
}

/// What was spent in sessions, by their ids.
async fn spent(store: &dyn Store, opened: &Opened<'_>) -> Result<BTreeMap<String, Spent>, ReportError> {
    let groups = [Dimension::Session, Dimension::Agent, Dimension::Kind].map(Group::Dimension).to_vec();
    let of_row = |row: &Found| [0, 1, 2].map(|place| row.text(place).to_owned());
    let of_posting = |posting: &Posting| {
        [posting.session.as_str(), posting.agent.as_str(), posting.kind.as_str()].map(str::to_owned)
    };
    let mut sessions: BTreeMap<String, Spent> = BTreeMap::new();
    for ([session, agent, kind], models) in spending::by(store, opened, groups, of_row, of_posting).await? {
        let session = sessions.entry(session).or_default();
        session.models.add_all(&models);
        if !agent.is_empty() && kind == Kind::Request.as_str() {
            session.agents.entry(agent).or_default().add(&models.total());
        }
    }
    Ok(sessions)
}

/// The rows, the newest activity first.
fn rows(own: BTreeMap<String, Own>, mut spent: BTreeMap<String, Spent>) -> Vec<SessionRow> {
    let mut sessions: Vec<(String, Own)> = own.into_iter().collect();
    sessions.sort_by_key(|(_, own)| Reverse(own.figures.count(Figure::Latest)));
    let row = |(id, own): (String, Own)| row(&id, own, spent.remove(&id).unwrap_or_default());
    sessions.into_iter().map(row).collect()
}

fn row(id: &str, own: Own, spent: Spent) -> SessionRow {
    let Own { mut figures, actor: (_, actor), project: (_, project) } = own;
    figures.price_now_like(&spent.models.total());
    let instant = |figure| Timestamp::from_micros(figures.count(figure)).to_jiff();
    SessionRow {
        session_id: SessionId::new(id).told().to_owned(),
        actor: told(&actor),
        project: when_told(&project),
        started_at: instant(Figure::Earliest),
        ended_at: instant(Figure::Latest),
        requests: figures.sum(Measure::Requests),
        prompts: figures.sum(Measure::Prompts),
        tokens: (&figures).into(),
        cost_micros: (&figures).into(),
        unpriced_models: spent.models.unpriced(),
        lines: (&figures).into(),
        commits: figures.sum(Measure::Commits),
        pull_requests: figures.sum(Measure::PullRequests),
        models: spent.models.rows(),
        agents: by_cost(spent.agents),
    }
}

/// The subagents that cost most first, equal ones by name.
fn by_cost(agents: BTreeMap<String, Figures>) -> Vec<AgentFigures> {
    let mut agents: Vec<(String, Figures)> = agents.into_iter().collect();
    agents.sort_by_key(|(_, figures)| Reverse(figures.exact(Figure::Sum(Measure::CostSettled))));
    let row = |(agent, figures): (String, Figures)| AgentFigures {
        agent,
        requests: figures.sum(Measure::Requests),
        tokens: (&figures).into(),
        cost_micros: (&figures).into(),
    };
    agents.into_iter().map(row).collect()
}
