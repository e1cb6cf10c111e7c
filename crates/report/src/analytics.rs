//! Days added up: each one, the whole range, and everybody in it. What `GET /api/analytics` answers.
//!
//! Days are UTC's, as in the Claude Code Analytics API. Active users are the distinct actors with any tokens
//! or cost in the range, also where only running totals tell of them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Kind, OrganizationId};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::claude_code_usage::UsageActor;
use crate::editing::{EDITING_TOOLS, analytics_name};
use crate::figures::{
    Cost, Decisions, Figures, LINES, Lines, ModelFigures, SESSIONS, SESSIONS_SEEN, Tokens, sums_of,
};
use crate::models::ModelSums;
use crate::narrowing::Narrowing;
use crate::range::{DateRange, Range, Zone};
use crate::scope::{Found, Scope};
use crate::told;

/// The most days that one answer covers.
pub const MAX_DAYS: u32 = 30;

/// Distinct actors, where only tokens and cost are looked at.
const ACTIVE_USERS: Figure = Figure::Distinct(Dimension::ActorName, None);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// First day, in UTC.
    pub start: Date,
    /// Last day, included.
    pub end: Date,
    /// The organization that the store holds the data of.
    pub organization: OrganizationId,
    /// Only a part of it.
    pub narrowing: Narrowing,
    /// Whether everybody is told of one by one.
    pub users: bool,
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
}

/// Days added up.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Analytics {
    /// Organization.
    pub organization_id: String,
    /// The days, in UTC.
    pub range: Range,
    /// The state of the ledger that everything here is computed from: the time of its newest transaction.
    pub boundary: jiff::Timestamp,
    /// Version of the price book.
    #[schema(example = "2026-11-22")]
    pub price_book: String,
    /// The whole range.
    pub totals: AnalyticsTotals,
    /// Each day of the range, oldest first, empty days included.
    pub days: Vec<AnalyticsDay>,
    /// Everybody with anything in the range, by settled cost, most first. Only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<AnalyticsUser>>,
}

/// Everybody's figures together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AnalyticsTotals {
    /// Distinct actors with any tokens or cost.
    pub active_users: i64,
    /// The figures.
    #[serde(flatten)]
    pub figures: AnalyticsFigures,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AnalyticsDay {
    /// The day, in UTC.
    pub date: Date,
    /// Everybody's figures together.
    #[serde(flatten)]
    pub totals: AnalyticsTotals,
    /// Everybody with anything on the day, by settled cost, most first. Only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<AnalyticsUser>>,
}

/// One user.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AnalyticsUser {
    /// Who.
    pub actor: UsageActor,
    /// The user's figures.
    #[serde(flatten)]
    pub figures: AnalyticsFigures,
}

/// What was done, and what it took. Where only some models are asked for, sessions are those with a request to
/// one of them, and what no model is known of is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AnalyticsFigures {
    /// Distinct sessions started or taken up again. A session taken up on several days counts on each, so days
    /// add up to more than the range.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Lines of code.
    #[schema(required)]
    pub lines: Option<Lines>,
    /// Commits made.
    #[schema(required)]
    pub commits: Option<i64>,
    /// Pull requests opened.
    #[schema(required)]
    pub pull_requests: Option<i64>,
    /// Decisions on calls of the editing tools, by tool. `edit_tool`, `multi_edit_tool`,
    /// `notebook_edit_tool` and `write_tool` are always there; other editing tools may be.
    #[schema(required)]
    pub tool_actions: Option<BTreeMap<String, Decisions>>,
    /// Decisions on calls of the editing tools together.
    #[schema(required)]
    pub decisions: Option<Decisions>,
    /// Tokens of all models.
    pub tokens: Tokens,
    /// Cost of all models in micro-dollars.
    pub cost_micros: Cost,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] for more than [`MAX_DAYS`], and
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Analytics, ReportError> {
    let range = range_of(parameters)?;
    let boundary = store.boundary().await?;
    let scope = parameters.narrowing.of_people(&Scope::of_range(&range, boundary));
    let question = Question { store, scope, narrowing: &parameters.narrowing };

    let by_day = [Group::Time(range.by_day())];
    let by_user = [Dimension::ActorKind, Dimension::ActorName].map(Group::Dimension);
    let whole = question.sums(&[]).await?.remove(&Vec::new()).unwrap_or_default();
    let mut days: BTreeMap<Date, Sums> = BTreeMap::new();
    for (key, sums) in question.sums(&by_day).await? {
        days.insert(range.day_of_bucket(integer(&key, 0)), sums);
    }
    let (mut users, mut users_of_days) = (None, BTreeMap::new());
    if parameters.users {
        users = Some(in_order(question.sums(&by_user).await?.into_iter()));
        users_of_days = by_date(question.sums(&[&by_day[..], &by_user].concat()).await?, &range);
    }
    let day = |date: Date| AnalyticsDay {
        date,
        totals: days.remove(&date).unwrap_or_default().totals(parameters),
        users: parameters.users.then(|| {
            let of_day = users_of_days.remove(&date).unwrap_or_default();
            as_users(in_order(of_day.into_iter()), parameters)
        }),
    };
    Ok(Analytics {
        organization_id: parameters.organization.as_str().to_owned(),
        range: (&range).into(),
        boundary: boundary.max(model::Timestamp::default()).to_jiff(),
        price_book: parameters.price_book.clone(),
        days: range.days().map(day).collect(),
        totals: whole.totals(parameters),
        users: users.map(|users| as_users(users, parameters)),
    })
}

fn range_of(parameters: &Parameters) -> Result<DateRange, ReportError> {
    let (start, end) = (parameters.start, parameters.end);
    let range = DateRange::new(start, end, Zone::utc())?;
    if range.length() > i64::from(MAX_DAYS) {
        return Err(ReportError::RangeTooLong { start, end, limit: MAX_DAYS });
    }
    Ok(range)
}

/// What the questions to the store have in common.
struct Question<'a> {
    store: &'a dyn Store,
    scope: Scope,
    narrowing: &'a Narrowing,
}

impl Question<'_> {
    /// Everything that is asked of each group, by its key.
    async fn sums(&self, cut: &[Group]) -> Result<BTreeMap<Vec<Value>, Sums>, ReportError> {
        let mut sums: BTreeMap<Vec<Value>, Sums> = BTreeMap::new();
        let spending = self.narrowing.of_models(&self.scope.of_kinds(&[Kind::Request, Kind::Unattributed]));
        for row in self.rows(&spending, cut, &[Dimension::Model], ModelSums::figures()).await? {
            sums.entry(key(&row, cut)).or_default().models.add(row.text(cut.len()), &row.figures);
        }
        for row in self.rows(&spending, cut, &[], vec![ACTIVE_USERS, SESSIONS_SEEN]).await? {
            let group = sums.entry(key(&row, cut)).or_default();
            group.people = row.figures;
        }
        if self.narrowing.is_of_models() {
            return Ok(sums);
        }
        let kinds = [Kind::SessionStart, Kind::Lines, Kind::Commit, Kind::PullRequest];
        let mut figures = sums_of(&[&LINES, &[Measure::Commits, Measure::PullRequests]]);
        figures.push(SESSIONS);
        for row in self.rows(&self.scope.of_kinds(&kinds), cut, &[], figures).await? {
            let group = sums.entry(key(&row, cut)).or_default();
            group.core = row.figures;
        }
        let decisions = sums_of(&[&[Measure::Accepted, Measure::Rejected]]);
        let by_tool = [Dimension::Subject, Dimension::Language];
        for row in self.rows(&self.scope.of_kinds(&[Kind::Decision]), cut, &by_tool, decisions).await? {
            if let Some(tool) = analytics_name(row.text(cut.len()), row.text(cut.len() + 1)) {
                let tools = &mut sums.entry(key(&row, cut)).or_default().tools;
                tools.entry(tool).or_default().add(&row.figures);
            }
        }
        Ok(sums)
    }

    async fn rows(
        &self,
        scope: &Scope,
        cut: &[Group],
        further: &[Dimension],
        figures: Vec<Figure>,
    ) -> Result<Vec<Found>, ReportError> {
        let further = further.iter().copied().map(Group::Dimension);
        let group_by = cut.iter().cloned().chain(further).collect();
        scope.rows(self.store, group_by, figures).await
    }
}

/// What a row is grouped by, without what comes after the cut.
fn key(row: &Found, cut: &[Group]) -> Vec<Value> {
    row.keys.iter().take(cut.len()).cloned().collect()
}

fn integer(key: &[Value], place: usize) -> i64 {
    key.get(place).map_or(0, Value::as_integer)
}

/// The sums of one group, exact.
#[derive(Default)]
struct Sums {
    core: Figures,
    tools: BTreeMap<String, Figures>,
    models: ModelSums,
    people: Figures,
}

impl Sums {
    fn totals(self, parameters: &Parameters) -> AnalyticsTotals {
        let active_users = self.people.count(ACTIVE_USERS);
        AnalyticsTotals { active_users, figures: self.figures(parameters) }
    }

    fn figures(self, parameters: &Parameters) -> AnalyticsFigures {
        let all = self.models.total();
        let known_without_model = !parameters.narrowing.is_of_models();
        let (tool_actions, decisions) = self.decisions();
        AnalyticsFigures {
            sessions: if known_without_model {
                self.core.count(SESSIONS)
            } else {
                self.people.count(SESSIONS_SEEN)
            },
            requests: all.sum(Measure::Requests),
            lines: known_without_model.then(|| (&self.core).into()),
            commits: known_without_model.then(|| self.core.sum(Measure::Commits)),
            pull_requests: known_without_model.then(|| self.core.sum(Measure::PullRequests)),
            tool_actions: known_without_model.then_some(tool_actions),
            decisions: known_without_model.then_some(decisions),
            tokens: (&all).into(),
            cost_micros: (&all).into(),
            models: self.models.rows(),
            unpriced_models: self.models.unpriced(),
        }
    }

    /// By tool, and all of them together.
    fn decisions(&self) -> (BTreeMap<String, Decisions>, Decisions) {
        let always = EDITING_TOOLS.iter().map(|(_, name)| ((*name).to_owned(), Decisions::default()));
        let mut by_tool: BTreeMap<_, _> = always.collect();
        let mut all = Figures::default();
        for (tool, figures) in &self.tools {
            by_tool.insert(tool.clone(), figures.into());
            all.add(figures);
        }
        (by_tool, (&all).into())
    }
}

/// Users with their sums; the key ends with the kind and name of an actor.
type Users = Vec<(UsageActor, Sums)>;

/// By settled cost, most first, equal ones by name.
fn in_order(sums: impl Iterator<Item = (Vec<Value>, Sums)>) -> Users {
    let actor = |key: &[Value]| {
        let text = |place: usize| key.len().checked_sub(place).and_then(|place| key.get(place));
        let (kind, name) = (text(2).map_or("", Value::as_text), text(1).map_or("", Value::as_text));
        UsageActor::new(kind, &told(name))
    };
    let mut users: Users = Vec::new();
    for (key, sums) in sums {
        users.push((actor(&key), sums));
    }
    let cost = |sums: &Sums| sums.models.total().exact(Figure::Sum(Measure::CostSettled));
    users.sort_by_cached_key(|(actor, sums)| (std::cmp::Reverse(cost(sums)), actor.name().to_owned()));
    users
}

fn by_date(sums: BTreeMap<Vec<Value>, Sums>, range: &DateRange) -> BTreeMap<Date, Vec<(Vec<Value>, Sums)>> {
    let mut dates: BTreeMap<Date, Vec<(Vec<Value>, Sums)>> = BTreeMap::new();
    for (key, sums) in sums {
        dates.entry(range.day_of_bucket(integer(&key, 0))).or_default().push((key, sums));
    }
    dates
}

fn as_users(users: Users, parameters: &Parameters) -> Vec<AnalyticsUser> {
    let user = |(actor, sums): (UsageActor, Sums)| AnalyticsUser { actor, figures: sums.figures(parameters) };
    users.into_iter().map(user).collect()
}
