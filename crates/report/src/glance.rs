//! Today, this week and this month at a glance: what a small card on somebody's own page shows.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use model::Timestamp;
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{COST, Cost, Figures, LINES, Lines, SESSIONS, TOKENS, Tokens, sums_of};
use crate::range::{DateRange, Zone};
use crate::scope::Scope;

/// How many days the course of the cost is told of.
pub const COURSE_DAYS: u32 = 30;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The current time.
    pub now: Timestamp,
    /// The zone that days are cut in.
    pub zone: Zone,
    /// Only this person's work, by e-mail address or name.
    pub actor: Option<String>,
}

/// Today, this week and this month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Glance {
    /// The person whose work it is; null for everybody's.
    #[schema(required)]
    pub actor: Option<String>,
    /// IANA name of the zone that days are cut in.
    pub timezone: String,
    /// Today so far.
    pub today: GlanceSpan,
    /// The week so far, from Monday on.
    pub week: GlanceSpan,
    /// The month so far.
    pub month: GlanceSpan,
    /// Settled cost of each of the last thirty days in micro-dollars, oldest first, today last.
    pub daily_cost_micros: Vec<i64>,
    /// Tokens of each of them, of all kinds together.
    pub daily_tokens: Vec<i64>,
}

/// A span of days up to today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GlanceSpan {
    /// First day; the last is today.
    pub since: Date,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Tokens by kind.
    pub tokens: Tokens,
    /// Tokens of all kinds together.
    pub all_tokens: i64,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
}

impl GlanceSpan {
    fn new(since: Date, figures: &Figures) -> Self {
        Self {
            since,
            cost_micros: figures.into(),
            tokens: figures.into(),
            all_tokens: all_tokens(figures),
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
        }
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Glance, ReportError> {
    let as_of = store.boundary().await?;
    let zone = &parameters.zone;
    let today = zone.day_of(parameters.now);
    let monday = today.saturating_sub(i32::from(today.weekday().since(Weekday::Monday)).days());
    let scope = |range: &DateRange| {
        let mut scope = Scope::of_range(range, as_of);
        let actor = parameters.actor.iter().map(|actor| Value::from(actor.as_str()));
        scope.filter.among.extend(actor.map(|actor| (Dimension::ActorName, vec![actor])));
        scope
    };
    let span = async |since: Date| {
        let range = DateRange::new(since, today, zone.clone())?;
        let figures = scope(&range).total(store, figures()).await?;
        Ok::<_, ReportError>(GlanceSpan::new(since, &figures))
    };
    let course = DateRange::days_until(today, COURSE_DAYS, zone.clone())?;
    let mut days = vec![Figures::default(); course.days().count()];
    let by_day = vec![Group::Time(course.by_day())];
    for row in scope(&course).rows(store, by_day, sums_of(&[&TOKENS, &COST])).await? {
        let date = course.day_of_bucket(row.integer(0));
        if let Some(day) = course.days().position(|day| day == date).and_then(|place| days.get_mut(place)) {
            day.add(&row.figures);
        }
    }
    Ok(Glance {
        actor: parameters.actor.clone(),
        timezone: zone.name().to_owned(),
        today: span(today).await?,
        week: span(monday).await?,
        month: span(today.first_of_month()).await?,
        daily_cost_micros: days.iter().map(|day| Cost::from(day).settled).collect(),
        daily_tokens: days.iter().map(all_tokens).collect(),
    })
}

fn figures() -> Vec<Figure> {
    let counts = [Measure::Requests, Measure::Commits];
    let mut figures = sums_of(&[&counts, &TOKENS, &COST, &LINES]);
    figures.push(SESSIONS);
    figures
}

fn all_tokens(figures: &Figures) -> i64 {
    let kinds = [Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation];
    kinds.into_iter().map(|kind| figures.sum(kind)).fold(0, i64::saturating_add)
}
