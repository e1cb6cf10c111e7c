//! What is going on at this moment: sessions that are running, and how fast money is spent.

use std::collections::BTreeMap;

use model::{SessionId, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{COST, Cost, Figures, SESSIONS_SEEN, TOKENS, Tokens, sums_of};
use crate::scope::{Found, Scope};
use crate::session_list::{self, SessionPlace};

/// A session runs while its last activity is no longer ago than this, in minutes.
pub const RUNNING_MINUTES: i64 = 15;
/// The most running sessions that are listed, those with the newest activity.
pub const MAX_RUNNING: usize = 200;
/// The course of the last hour is told in steps of so many minutes.
const STEP_MINUTES: i64 = 5;
const HOUR_MINUTES: i64 = 60;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The current time.
    pub now: Timestamp,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveNow {
    /// The time it is told of.
    pub now: jiff::Timestamp,
    /// How many sessions had any activity in the last 15 minutes.
    pub running: i64,
    /// Those with the newest activity, newest first; at most 200.
    pub sessions: Vec<RunningSession>,
    /// How fast money is spent: the settled cost of the last 15 minutes, as micro-dollars per hour.
    pub burn_micros_per_hour: i64,
    /// The last hour together.
    pub last_hour: LiveStep,
    /// The last hour in steps of five minutes, oldest first.
    pub steps: Vec<LiveStep>,
}

/// A running session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunningSession {
    /// Session id.
    pub session_id: String,
    /// Where and by whom.
    #[serde(flatten)]
    pub place: SessionPlace,
    /// Its first activity ever.
    pub started_at: jiff::Timestamp,
    /// Its last activity.
    pub last_at: jiff::Timestamp,
    /// Requests since it began.
    pub requests: i64,
    /// Tokens since it began.
    pub tokens: Tokens,
    /// Cost since it began, in micro-dollars.
    pub cost_micros: Cost,
    /// Settled cost of the last 15 minutes, as micro-dollars per hour.
    pub burn_micros_per_hour: i64,
    /// Requests that failed for good in the last 15 minutes.
    pub api_errors: i64,
}

/// What happened in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveStep {
    /// Its beginning.
    pub from: jiff::Timestamp,
    /// Its end.
    pub until: jiff::Timestamp,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Tool calls that ended.
    pub tool_calls: i64,
    /// Tool calls that failed.
    pub tool_failures: i64,
    /// Requests that failed for good.
    pub api_errors: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<LiveNow, ReportError> {
    let as_of = store.boundary().await?;
    let scope = &Scope { as_of, filter: Filter::default() };
    let now = parameters.now;
    // What a client's clock dates into the future is told when its time has come.
    let until = now.plus_micros(1);
    let recent = span(scope, minutes_before(now, RUNNING_MINUTES), until);
    let mut steps = Vec::new();
    for step in (0..HOUR_MINUTES / STEP_MINUTES).rev() {
        let from = minutes_before(now, (step + 1) * STEP_MINUTES);
        let until = if step == 0 { until } else { minutes_before(now, step * STEP_MINUTES) };
        steps.push(step_of(store, scope, from, until).await?);
    }
    let spent = recent.total(store, sums_of(&[&COST])).await?;
    Ok(LiveNow {
        now: now.to_jiff(),
        running: recent.total(store, vec![SESSIONS_SEEN]).await?.count(SESSIONS_SEEN),
        sessions: running(store, scope, &recent).await?,
        burn_micros_per_hour: per_hour(&spent),
        last_hour: step_of(store, scope, minutes_before(now, HOUR_MINUTES), until).await?,
        steps,
    })
}

fn minutes_before(now: Timestamp, minutes: i64) -> Timestamp {
    now.plus_seconds(-minutes * 60)
}

fn span(scope: &Scope, from: Timestamp, until: Timestamp) -> Scope {
    let mut span = scope.clone();
    span.filter.from = Some(from);
    span.filter.until = Some(until);
    span
}

/// The settled cost of the running minutes, as micro-dollars per hour.
fn per_hour(figures: &Figures) -> i64 {
    let settled = figures.exact(Figure::Sum(Measure::CostSettled));
    model::Money::to_micros(settled * i128::from(HOUR_MINUTES) / i128::from(RUNNING_MINUTES))
}

async fn step_of(
    store: &dyn Store,
    scope: &Scope,
    from: Timestamp,
    until: Timestamp,
) -> Result<LiveStep, ReportError> {
    let counts = [Measure::Requests, Measure::Succeeded, Measure::Failed, Measure::ApiErrors];
    let figures = span(scope, from, until).total(store, sums_of(&[&counts, &TOKENS, &COST])).await?;
    let failed = figures.sum(Measure::Failed);
    Ok(LiveStep {
        from: from.to_jiff(),
        until: until.to_jiff(),
        requests: figures.sum(Measure::Requests),
        tokens: (&figures).into(),
        cost_micros: (&figures).into(),
        tool_calls: figures.sum(Measure::Succeeded).saturating_add(failed),
        tool_failures: failed,
        api_errors: figures.sum(Measure::ApiErrors),
    })
}

async fn running(
    store: &dyn Store,
    scope: &Scope,
    recent: &Scope,
) -> Result<Vec<RunningSession>, ReportError> {
    let by_session = || vec![Group::Dimension(Dimension::Session)];
    let figures = [vec![Figure::Latest], sums_of(&[&[Measure::ApiErrors], &COST])].concat();
    let newest = recent.largest_rows(store, by_session(), figures, Some(MAX_RUNNING)).await?;
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    let mut whole = scope.clone();
    let ids = newest.iter().map(|row| Value::from(row.text(0))).collect();
    whole.filter.among.push((Dimension::Session, ids));
    let mut places = session_list::places(store, &whole).await?;
    let figures = [vec![Figure::Earliest], sums_of(&[&[Measure::Requests], &TOKENS, &COST])].concat();
    let lives = whole.rows(store, by_session(), figures).await?;
    let mut lives: BTreeMap<String, Figures> =
        lives.into_iter().map(|row| (row.text(0).to_owned(), row.figures)).collect();
    let session = |row: &Found| {
        let id = row.text(0);
        let life = lives.remove(id).unwrap_or_default();
        let instant = |micros: i64| Timestamp::from_micros(micros).to_jiff();
        RunningSession {
            session_id: SessionId::new(id).told().to_owned(),
            place: places.remove(id).unwrap_or_default(),
            started_at: instant(life.count(Figure::Earliest)),
            last_at: instant(row.figures.count(Figure::Latest)),
            requests: life.sum(Measure::Requests),
            tokens: (&life).into(),
            cost_micros: (&life).into(),
            burn_micros_per_hour: per_hour(&row.figures),
            api_errors: row.figures.sum(Measure::ApiErrors),
        }
    };
    Ok(newest.iter().map(session).collect())
}
