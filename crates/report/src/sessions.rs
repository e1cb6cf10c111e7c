//! Sessions, one by one: what each took and gave.

use std::collections::BTreeMap;

use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::figures::{COST, Cost, Figures, LINES, Lines, ModelFigures, TOKENS, Tokens, sums_of};
use crate::models::ModelSums;
use crate::range::DateRange;
use crate::scope::{Found, Scope};
use crate::{ReportError, told, when_told};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Only what happened on these days; everything when `None`.
    pub range: Option<DateRange>,
    /// At most this many sessions, those with the newest activity.
    pub limit: Option<usize>,
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
}

/// Sessions with anything in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionReport {
    /// Version of the price book.
    pub price_book: String,
    /// The session with the newest activity first.
    pub sessions: Vec<SessionRow>,
}

/// One session. Figures and times are of what happened in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<SessionReport, ReportError> {
    let as_of = store.boundary().await?;
    let mut scope = match &parameters.range {
        Some(range) => Scope::of_range(range, as_of),
        None => Scope { as_of, filter: Filter::default() },
    };
    let sessions = newest(store, &scope, parameters.limit).await?;
    if parameters.limit.is_some() {
        let ids = sessions.iter().map(|session| Value::from(session.text(0))).collect();
        scope.filter.among.push((Dimension::Session, ids));
    }
    let mut people = people(store, &scope).await?;
    let mut models = models(store, &scope).await?;
    let row = |session: &Found| {
        let id = session.text(0);
        session_row(session, &people.remove(id).unwrap_or_default(), &models.remove(id).unwrap_or_default())
    };
    let sessions = sessions.iter().map(row).collect();
    Ok(SessionReport { price_book: parameters.price_book.clone(), sessions })
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
    let actors = scope.rows(store, by(Dimension::ActorName), vec![Figure::Latest]).await?;
    let projects = scope.rows(store, by(Dimension::Project), vec![Figure::Latest]).await?;
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

async fn models(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, ModelSums>, ReportError> {
    let group_by = vec![Group::Dimension(Dimension::Session), Group::Dimension(Dimension::Model)];
    let scope = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    let mut models: BTreeMap<String, ModelSums> = BTreeMap::new();
    for row in scope.rows(store, group_by, ModelSums::figures()).await? {
        models.entry(row.text(0).to_owned()).or_default().add(row.text(1), &row.figures);
    }
    Ok(models)
}

fn session_row(session: &Found, people: &People, models: &ModelSums) -> SessionRow {
    let figures: &Figures = &session.figures;
    let instant = |figure| Timestamp::from_micros(figures.count(figure)).to_jiff();
    SessionRow {
        session_id: session.text(0).to_owned(),
        actor: told(&people.actor),
        project: when_told(&people.project),
        started_at: instant(Figure::Earliest),
        ended_at: instant(Figure::Latest),
        requests: figures.sum(Measure::Requests),
        prompts: figures.sum(Measure::Prompts),
        tokens: figures.into(),
        cost_micros: figures.into(),
        unpriced_models: models.unpriced(),
        lines: figures.into(),
        commits: figures.sum(Measure::Commits),
        pull_requests: figures.sum(Measure::PullRequests),
        models: models.rows(),
    }
}
