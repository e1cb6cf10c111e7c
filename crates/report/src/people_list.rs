//! People, one by one: what each used and made in a range.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join4;
use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::editing::analytics_name;
use crate::figures::{COST, Cost, Decisions, Figures, LINES, Lines, SESSIONS, TOKENS, Tokens, sums_of};
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::standing::{Standing, standings};
use crate::{ReportError, told, when_told};

/// The most people on one page.
pub const MAX_LIMIT: usize = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// Only people whose name or team contains the text, in any case.
    pub search: Option<String>,
    /// What comes first.
    pub order: PeopleOrder,
    /// How many to pass over.
    pub offset: usize,
    /// How many to list; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// What comes first. Names, unless somebody asks for something else: people are not ranked by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeopleOrder {
    /// Names, from A to Z.
    #[default]
    Name,
    /// The highest settled cost.
    Cost,
    /// Most tokens.
    Tokens,
    /// Most sessions.
    Sessions,
    /// Most requests to models.
    Requests,
    /// Most lines added.
    Lines,
    /// Most commits.
    Commits,
}

impl PeopleOrder {
    /// Every order, with its name in addresses.
    pub const ALL: [(&'static str, Self); 7] = [
        ("name", Self::Name),
        ("cost", Self::Cost),
        ("tokens", Self::Tokens),
        ("sessions", Self::Sessions),
        ("requests", Self::Requests),
        ("lines", Self::Lines),
        ("commits", Self::Commits),
    ];

    fn of(self, figures: &Figures) -> i128 {
        let sum = |measure| figures.exact(Figure::Sum(measure));
        match self {
            Self::Name => 0,
            Self::Cost => sum(Measure::CostSettled),
            Self::Tokens => TOKENS[..4].iter().map(|measure| sum(*measure)).sum(),
            Self::Sessions => figures.exact(SESSIONS),
            Self::Requests => sum(Measure::Requests),
            Self::Lines => sum(Measure::LinesAdded),
            Self::Commits => sum(Measure::Commits),
        }
    }
}

/// A page of people with anything in the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct People {
    /// The days.
    pub range: Range,
    /// People found, on all pages.
    pub found: i64,
    /// How many come before this page.
    pub offset: i64,
    /// The page.
    pub people: Vec<PersonRow>,
}

/// One person, over the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PersonRow {
    /// E-mail address or name.
    pub actor: String,
    /// The team with the newest activity, where known.
    #[schema(required)]
    pub team: Option<String>,
    /// How the person stands; null for somebody without a request in the range.
    #[schema(required)]
    pub standing: Option<Standing>,
    /// Days with at least one request.
    pub active_days: i64,
    /// Last activity.
    pub last_seen: jiff::Timestamp,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
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
    /// Decisions on calls of the tools that edit files.
    pub decisions: Decisions,
    /// Settled cost of each day of the range in micro-dollars, oldest first.
    pub daily_cost_micros: Vec<i64>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<People, ReportError> {
    let boundary = store.boundary().await?;
    let scope = &Scope::filtered(&parameters.range, boundary, &parameters.filter);
    let mut rows = everybody(store, scope).await?;
    if let Some(text) = parameters.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let found = matching(store, scope, &text.to_lowercase()).await?;
        rows.retain(|row| found.contains(row.text(0)));
    }
    let order = parameters.order;
    // Rows come by name, and equal ones keep their order.
    rows.sort_by_key(|row| std::cmp::Reverse(order.of(&row.figures)));
    let found = rows.len();
    let limit = parameters.limit.min(MAX_LIMIT);
    let page: Vec<Found> = rows.into_iter().skip(parameters.offset).take(limit).collect();
    let details = Details::ask(store, scope, &parameters.range, &page).await?;
    Ok(People {
        range: (&parameters.range).into(),
        found: i64::try_from(found).unwrap_or(i64::MAX),
        offset: i64::try_from(parameters.offset).unwrap_or(i64::MAX),
        people: page.iter().map(|row| details.row(row)).collect(),
    })
}

async fn everybody(store: &dyn Store, scope: &Scope) -> Result<Vec<Found>, ReportError> {
    let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
    let mut figures = sums_of(&[&counts, &TOKENS, &COST, &LINES]);
    figures.push(SESSIONS);
    scope.rows(store, vec![Group::Dimension(Dimension::ActorName)], figures).await
}

/// Everybody whose name or team contains the text, which is in lower case.
async fn matching(store: &dyn Store, scope: &Scope, text: &str) -> Result<BTreeSet<String>, ReportError> {
    let group_by = vec![Group::Dimension(Dimension::ActorName), Group::Dimension(Dimension::Team)];
    let rows = scope.rows(store, group_by, vec![crate::figures::SESSIONS_SEEN]).await?;
    let contains = |known: &str| known.to_lowercase().contains(text);
    let rows = rows.iter().filter(|row| contains(row.text(0)) || contains(row.text(1)));
    Ok(rows.map(|row| row.text(0).to_owned()).collect())
}

/// What is asked of a page's people only.
#[derive(Default)]
struct Details {
    standings: BTreeMap<String, Standing>,
    teams: BTreeMap<String, (i64, String)>,
    last_seen: BTreeMap<String, i64>,
    edits: BTreeMap<String, Figures>,
    days: BTreeMap<String, BTreeMap<Date, Figures>>,
    range: Vec<Date>,
}

impl Details {
    async fn ask(
        store: &dyn Store,
        scope: &Scope,
        range: &DateRange,
        page: &[Found],
    ) -> Result<Self, ReportError> {
        let mut details = Self { range: range.days().collect(), ..Self::default() };
        if page.is_empty() {
            return Ok(details);
        }
        let mut scope = scope.clone();
        let names = page.iter().map(|row| Value::from(row.text(0))).collect();
        scope.filter.among.push((Dimension::ActorName, names));
        let actor = || Group::Dimension(Dimension::ActorName);
        let by_team = vec![actor(), Group::Dimension(Dimension::Team)];
        let by_tool =
            vec![actor(), Group::Dimension(Dimension::Subject), Group::Dimension(Dimension::Language)];
        let decided = [Measure::Accepted, Measure::Rejected].map(Figure::Sum).to_vec();
        let decisions = scope.of_kinds(&[Kind::Decision]);
        let by_day = vec![actor(), Group::Time(range.by_day())];
        let spent = sums_of(&[&[Measure::Requests], &COST]);
        let (standings, teams, edits, days) = try_join4(
            standings(store, &scope, range),
            scope.rows(store, by_team, vec![Figure::Latest]),
            decisions.rows(store, by_tool, decided),
            scope.rows(store, by_day, spent),
        )
        .await?;
        details.standings = standings;
        for row in teams {
            details.note_team(row.text(0), row.text(1), row.figures.count(Figure::Latest));
        }
        for row in edits {
            if analytics_name(row.text(1), row.text(2)).is_some() {
                details.edits.entry(row.text(0).to_owned()).or_default().add(&row.figures);
            }
        }
        for row in days {
            let days = details.days.entry(row.text(0).to_owned()).or_default();
            days.entry(range.day_of_bucket(row.integer(1))).or_default().add(&row.figures);
        }
        Ok(details)
    }

    fn note_team(&mut self, actor: &str, team: &str, latest: i64) {
        let seen = self.last_seen.entry(actor.to_owned()).or_insert(latest);
        *seen = latest.max(*seen);
        let known = self.teams.entry(actor.to_owned()).or_default();
        if !team.is_empty() && latest >= known.0 {
            *known = (latest, team.to_owned());
        }
    }

    fn row(&self, found: &Found) -> PersonRow {
        let (actor, figures) = (found.text(0), &found.figures);
        let days = self.days.get(actor);
        let is_active = |day: &&Figures| day.sum(Measure::Requests) > 0;
        let active_days = days.map_or(0, |days| days.values().filter(is_active).count());
        let cost_of =
            |day: &Date| days.and_then(|days| days.get(day)).map_or(0, |figures| Cost::from(figures).settled);
        let last_seen = self.last_seen.get(actor).copied().unwrap_or_default();
        let standing = self.standings.get(actor).copied().filter(|standing| *standing != Standing::Silent);
        PersonRow {
            actor: told(actor),
            team: self.teams.get(actor).and_then(|(_, team)| when_told(team)),
            standing,
            active_days: i64::try_from(active_days).unwrap_or(i64::MAX),
            last_seen: Timestamp::from_micros(last_seen).to_jiff(),
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            tokens: figures.into(),
            cost_micros: figures.into(),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            decisions: self.edits.get(actor).map(Decisions::from).unwrap_or_default(),
            daily_cost_micros: self.range.iter().map(cost_of).collect(),
        }
    }
}
