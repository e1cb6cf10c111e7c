//! Sessions to choose from: searched, sorted and cut into pages by the ledger's store.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join3};
use model::{Kind, SessionId, SessionSource, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::coverage::SourceName;
use crate::figures::{COST, Cost, Figures, LINES, Lines, SESSIONS_SEEN, TOKENS, Tokens, sums_of};
use crate::filter::Filter;
use crate::models::ModelSums;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told, when_told};

/// The most sessions on one page.
pub const MAX_LIMIT: usize = 200;
/// The farthest into the list that a page may begin; who looks for more narrows the search.
pub const MAX_OFFSET: usize = 10_000;
/// The most sessions that a search looks at in each dimension, those with the newest activity.
const MAX_MATCHES: usize = 5_000;

/// Where a text is searched, besides the session's id, which must be given whole.
const SEARCHED: [Dimension; 6] = [
    Dimension::ActorName,
    Dimension::Project,
    Dimension::Repository,
    Dimension::Branch,
    Dimension::Team,
    Dimension::Model,
];

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Only what happened on these days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// Only sessions that the search finds.
    pub search: Option<Search>,
    /// What comes first.
    pub order: SessionOrder,
    /// How many to pass over; at most [`MAX_OFFSET`].
    pub offset: usize,
    /// How many to list; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// A person, team, project, repository, branch or model contains it, in any case.
    pub text: String,
    /// Or the session is one of these: those that go by the text, as they are filed in the ledger.
    pub sessions: Vec<SessionId>,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionOrder {
    /// The newest activity.
    #[default]
    Newest,
    /// The highest settled cost.
    Cost,
    /// Most requests to models.
    Requests,
    /// Most prompts.
    Prompts,
    /// Most lines added.
    Lines,
    /// Most failed tool calls.
    Failures,
    /// Most requests that failed for good.
    Errors,
}

impl SessionOrder {
    /// Every order, with its name in addresses.
    pub const ALL: [(&'static str, Self); 7] = [
        ("newest", Self::Newest),
        ("cost", Self::Cost),
        ("requests", Self::Requests),
        ("prompts", Self::Prompts),
        ("lines", Self::Lines),
        ("failures", Self::Failures),
        ("errors", Self::Errors),
    ];

    const fn figure(self) -> Figure {
        match self {
            Self::Newest => Figure::Latest,
            Self::Cost => Figure::Sum(Measure::CostSettled),
            Self::Requests => Figure::Sum(Measure::Requests),
            Self::Prompts => Figure::Sum(Measure::Prompts),
            Self::Lines => Figure::Sum(Measure::LinesAdded),
            Self::Failures => Figure::Sum(Measure::Failed),
            Self::Errors => Figure::Sum(Measure::ApiErrors),
        }
    }
}

/// A page of sessions with anything in the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionList {
    /// The days.
    pub range: Range,
    /// Sessions found, on all pages.
    pub found: i64,
    /// How many come before this page.
    pub offset: i64,
    /// The page.
    pub sessions: Vec<ListedSession>,
}

/// One session. Figures and times are of what happened in the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ListedSession {
    /// Session id.
    pub session_id: String,
    /// Where and by whom.
    #[serde(flatten)]
    pub place: SessionPlace,
    /// First activity.
    pub started_at: jiff::Timestamp,
    /// Last activity.
    pub ended_at: jiff::Timestamp,
    /// Milliseconds between the two.
    pub duration_ms: i64,
    /// Requests to models.
    pub requests: i64,
    /// Prompts typed or sent.
    pub prompts: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Tool calls that ended.
    pub tool_calls: i64,
    /// Those of them that failed.
    pub tool_failures: i64,
    /// Requests that failed for good.
    pub api_errors: i64,
    /// Models by settled cost, most first.
    pub models: Vec<String>,
    /// Sources that told of it.
    pub sources: Vec<SourceName>,
}

/// Who worked in a session, and where. Of several, the one with the newest activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionPlace {
    /// E-mail address or name.
    pub actor: String,
    /// Team, where known.
    #[schema(required)]
    pub team: Option<String>,
    /// The project's directory or its repository, where known.
    #[schema(required)]
    pub project: Option<String>,
    /// Repository, where known.
    #[schema(required)]
    pub repository: Option<String>,
    /// Git branch, where known.
    #[schema(required)]
    pub branch: Option<String>,
    /// Terminal, where known.
    #[schema(required)]
    pub terminal: Option<String>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<SessionList, ReportError> {
    let boundary = store.boundary().await?;
    let mut scope = Scope::filtered(&parameters.range, boundary, &parameters.filter);
    let offset = parameters.offset.min(MAX_OFFSET);
    let mut answer = SessionList {
        range: (&parameters.range).into(),
        found: 0,
        offset: i64::try_from(offset).unwrap_or(i64::MAX),
        sessions: Vec::new(),
    };
    if let Some(search) = parameters.search.as_ref().filter(|search| !search.text.trim().is_empty()) {
        let sessions = matching(store, &scope, search).await?;
        if sessions.is_empty() {
            return Ok(answer);
        }
        scope.filter.among.push((Dimension::Session, sessions.into_iter().collect()));
    }
    let wanted = offset + parameters.limit.min(MAX_LIMIT);
    let by_session = vec![Group::Dimension(Dimension::Session)];
    let (found, ordered) = try_join(
        scope.total(store, vec![SESSIONS_SEEN]),
        scope.largest_rows(store, by_session, figures(parameters.order), Some(wanted)),
    )
    .await?;
    answer.found = found.count(SESSIONS_SEEN);
    let page: Vec<Found> = ordered.into_iter().skip(offset).collect();
    if !page.is_empty() {
        answer.sessions = rows(store, &scope, &page).await?;
    }
    Ok(answer)
}

/// One session in a scope, with the hours of the scope that hold all of it; `None` when the scope has nothing of it.
pub(crate) async fn one(
    store: &dyn Store,
    scope: &Scope,
    session: &SessionId,
) -> Result<Option<(ListedSession, Scope)>, ReportError> {
    let mut scope = scope.clone();
    scope.filter.among.push((Dimension::Session, vec![Value::from(session.as_str())]));
    let by_session = vec![Group::Dimension(Dimension::Session)];
    let found = scope.rows(store, by_session, figures(SessionOrder::Newest)).await?;
    let Some(life) = found.first().map(|row| &row.figures) else { return Ok(None) };
    let instant = |figure| Timestamp::from_micros(life.count(figure));
    let scope = scope.around(instant(Figure::Earliest), instant(Figure::Latest));
    let listed = rows(store, &scope, &found).await?.into_iter().next();
    Ok(listed.map(|listed| (listed, scope)))
}

/// What is read of a session; the order's own figure comes first.
fn figures(order: SessionOrder) -> Vec<Figure> {
    let counts = [
        Measure::Requests,
        Measure::Prompts,
        Measure::Commits,
        Measure::PullRequests,
        Measure::Succeeded,
        Measure::Failed,
        Measure::ApiErrors,
    ];
    let mut figures = vec![order.figure()];
    let all = [vec![Figure::Latest, Figure::Earliest], sums_of(&[&counts, &TOKENS, &COST, &LINES])].concat();
    figures.extend(all.into_iter().filter(|figure| *figure != order.figure()));
    figures
}

/// The sessions that a search finds.
async fn matching(store: &dyn Store, scope: &Scope, search: &Search) -> Result<BTreeSet<Value>, ReportError> {
    let wanted = search.text.trim().to_lowercase();
    let mut sessions: BTreeSet<Value> = search.sessions.iter().map(|id| Value::from(id.as_str())).collect();
    for dimension in SEARCHED {
        let values = scope.rows(store, vec![Group::Dimension(dimension)], vec![SESSIONS_SEEN]).await?;
        let values = values.iter().map(|row| row.text(0));
        let values: Vec<Value> =
            values.filter(|value| value.to_lowercase().contains(&wanted)).map(Value::from).collect();
        if values.is_empty() {
            continue;
        }
        let mut scope = scope.clone();
        scope.filter.among.push((dimension, values));
        let by_session = vec![Group::Dimension(Dimension::Session)];
        let found = scope.largest_rows(store, by_session, vec![Figure::Latest], Some(MAX_MATCHES)).await?;
        sessions.extend(found.into_iter().map(|row| Value::from(row.text(0))));
    }
    Ok(sessions)
}

async fn rows(store: &dyn Store, scope: &Scope, page: &[Found]) -> Result<Vec<ListedSession>, ReportError> {
    let mut scope = within(scope, page);
    let ids: Vec<SessionId> = page.iter().map(|row| SessionId::new(row.text(0))).collect();
    scope.filter.among.retain(|(dimension, _)| *dimension != Dimension::Session);
    let values = ids.iter().map(|id| Value::from(id.as_str())).collect();
    scope.filter.among.push((Dimension::Session, values));
    let told = async { Ok(store.session_sources(&ids).await?) };
    let (mut places, mut models, sources) =
        try_join3(places(store, &scope), models(store, &scope), told).await?;
    let row = |found: &Found| {
        let id = found.text(0);
        let place = places.remove(id).unwrap_or_default();
        listed(found, place, &models.remove(id).unwrap_or_default(), &sources)
    };
    Ok(page.iter().map(row).collect())
}

/// The hours of the scope that hold all that it has of the page's sessions.
fn within(scope: &Scope, page: &[Found]) -> Scope {
    let instants = |figure| page.iter().map(move |row| Timestamp::from_micros(row.figures.count(figure)));
    match (instants(Figure::Earliest).min(), instants(Figure::Latest).max()) {
        (Some(first), Some(last)) => scope.around(first, last),
        _ => scope.clone(),
    }
}

/// Who and where, by session.
pub(crate) async fn places(
    store: &dyn Store,
    scope: &Scope,
) -> Result<BTreeMap<String, SessionPlace>, ReportError> {
    let dimensions = [
        Dimension::Session,
        Dimension::ActorName,
        Dimension::Team,
        Dimension::Project,
        Dimension::Repository,
        Dimension::Branch,
        Dimension::Terminal,
    ];
    let group_by = dimensions.map(Group::Dimension).to_vec();
    let mut found = scope.rows(store, group_by, vec![Figure::Latest]).await?;
    found.sort_by_key(|row| row.figures.count(Figure::Latest));
    let mut places: BTreeMap<String, SessionPlace> = BTreeMap::new();
    for row in &found {
        let place = places.entry(row.text(0).to_owned()).or_default();
        let later = |index: usize, known: &mut Option<String>| {
            if let Some(text) = when_told(row.text(index)) {
                *known = Some(text);
            }
        };
        if !row.text(1).is_empty() {
            row.text(1).clone_into(&mut place.actor);
        }
        later(2, &mut place.team);
        later(3, &mut place.project);
        later(4, &mut place.repository);
        later(5, &mut place.branch);
        later(6, &mut place.terminal);
    }
    for place in places.values_mut() {
        place.actor = told(&place.actor);
    }
    Ok(places)
}

async fn models(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, ModelSums>, ReportError> {
    let group_by = vec![Group::Dimension(Dimension::Session), Group::Dimension(Dimension::Model)];
    let scope = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    let mut models: BTreeMap<String, ModelSums> = BTreeMap::new();
    for row in scope.rows(store, group_by, ModelSums::figures()).await? {
        models.entry(row.text(0).to_owned()).or_default().add(row.text(1), &row.figures);
    }
    Ok(models)
}

fn listed(
    found: &Found,
    place: SessionPlace,
    models: &ModelSums,
    sources: &[SessionSource],
) -> ListedSession {
    let figures: &Figures = &found.figures;
    let id = found.text(0);
    let started_at = Timestamp::from_micros(figures.count(Figure::Earliest));
    let ended_at = Timestamp::from_micros(figures.count(Figure::Latest));
    let failed = figures.sum(Measure::Failed);
    ListedSession {
        session_id: SessionId::new(id).told().to_owned(),
        place,
        started_at: started_at.to_jiff(),
        ended_at: ended_at.to_jiff(),
        duration_ms: ended_at.micros_since(started_at) / 1_000,
        requests: figures.sum(Measure::Requests),
        prompts: figures.sum(Measure::Prompts),
        tokens: figures.into(),
        cost_micros: figures.into(),
        lines: figures.into(),
        commits: figures.sum(Measure::Commits),
        pull_requests: figures.sum(Measure::PullRequests),
        tool_calls: figures.sum(Measure::Succeeded).saturating_add(failed),
        tool_failures: failed,
        api_errors: figures.sum(Measure::ApiErrors),
        models: models.rows().into_iter().map(|row| row.model).collect(),
        sources: sources
            .iter()
            .filter(|told| told.session.as_str() == id)
            .map(|told| told.source.into())
            .collect(),
    }
}
