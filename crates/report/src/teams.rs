//! Teams, as senders name them: how many work in each, and what they used and made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::figures::{ACTIVE_PEOPLE, COST, Cost, Figures, LINES, Lines, SESSIONS, TOKENS, Tokens, sums_of};
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, when_told};

/// The most teams that are listed.
pub const MAX_TEAMS: usize = 500;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
}

/// Teams with anything in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Teams {
    /// The days.
    pub range: Range,
    /// By name, at most 500; work of which no team is told comes last.
    pub teams: Vec<TeamRow>,
}

/// One team, over the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamRow {
    /// The team; null for work of which none is told.
    #[schema(required)]
    pub team: Option<String>,
    /// People with at least one request.
    pub active_people: i64,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Settled cost for each active person, in micro-dollars; null without any.
    #[schema(required)]
    pub cost_per_person_micros: Option<i64>,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Settled cost of each day of the range in micro-dollars, oldest first.
    pub daily_cost_micros: Vec<i64>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Teams, ReportError> {
    let boundary = store.boundary().await?;
    let scope = &Scope::filtered(&parameters.range, boundary, &parameters.filter);
    let range = &parameters.range;
    let by_team = || vec![Group::Dimension(Dimension::Team)];
    let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
    let mut figures = sums_of(&[&counts, &TOKENS, &COST, &LINES]);
    figures.extend([SESSIONS, ACTIVE_PEOPLE]);
    let mut rows = scope.rows(store, by_team(), figures).await?;
    rows.sort_by_key(|row| row.text(0).is_empty());
    rows.truncate(MAX_TEAMS);

    let mut by_day = by_team();
    by_day.push(Group::Time(range.by_day()));
    let mut days: BTreeMap<String, BTreeMap<Date, Figures>> = BTreeMap::new();
    for row in scope.rows(store, by_day, sums_of(&[&COST])).await? {
        let team = days.entry(row.text(0).to_owned()).or_default();
        team.entry(range.day_of_bucket(row.integer(1))).or_default().add(&row.figures);
    }
    let nothing = BTreeMap::new();
    let row = |found: &Found| team_row(found, days.get(found.text(0)).unwrap_or(&nothing), range);
    Ok(Teams { range: range.into(), teams: rows.iter().map(row).collect() })
}

fn team_row(found: &Found, days: &BTreeMap<Date, Figures>, range: &DateRange) -> TeamRow {
    let figures = &found.figures;
    let active_people = figures.count(ACTIVE_PEOPLE);
    let settled = figures.exact(Figure::Sum(Measure::CostSettled));
    let per_person =
        (active_people > 0).then(|| model::Money::to_micros(settled / i128::from(active_people)));
    let cost_of = |day: Date| days.get(&day).map_or(0, |figures| Cost::from(figures).settled);
    TeamRow {
        team: when_told(found.text(0)),
        active_people,
        sessions: figures.count(SESSIONS),
        requests: figures.sum(Measure::Requests),
        tokens: figures.into(),
        cost_micros: figures.into(),
        cost_per_person_micros: per_person,
        lines: figures.into(),
        commits: figures.sum(Measure::Commits),
        pull_requests: figures.sum(Measure::PullRequests),
        daily_cost_micros: range.days().map(cost_of).collect(),
    }
}
