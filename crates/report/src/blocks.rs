//! The client's five-hour windows: what `pitwall report blocks` shows.
//!
//! A plan's short limit runs over windows of five hours. One begins with the first request after the last
//! one ended, at the full hour (UTC) before it. Both ends are full hours, so the hours' sums are all that is
//! needed to fill them.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join;
use model::{Kind, Money, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Filter, Group, Measure, Store, TimeBucket, Width};
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::{Cost, Figures, ModelFigures, Tokens};
use crate::models::ModelSums;
use crate::period::PeriodFigures;
use crate::scope::Scope;
use crate::{ReportError, sessions};

/// How long a window is, in hours.
pub const BLOCK_HOURS: i64 = 5;

const MICROS_PER_MINUTE: i128 = 60_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Windows with anything in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BlockReport {
    /// What it is about: the windows that begin on these days, each of them whole.
    #[serde(flatten)]
    pub heading: Heading,
    /// Oldest first, unless asked otherwise.
    pub rows: Vec<Block>,
    /// All of these windows, those beyond the limit included.
    pub totals: PeriodFigures,
}

/// One window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// When it began: a full hour.
    pub started_at: jiff::Timestamp,
    /// When it ends or ended: five hours later.
    pub ends_at: jiff::Timestamp,
    /// First activity.
    pub first_activity_at: jiff::Timestamp,
    /// Last activity so far.
    pub last_activity_at: jiff::Timestamp,
    /// Whether it is running.
    pub active: bool,
    /// Sessions with a request in it.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Models with tokens that the price book has no price for, by name.
    pub unpriced_models: Vec<String>,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// How fast it is used, from first to last activity; null when it is over, or too short to tell.
    #[schema(required)]
    pub burn_rate: Option<BurnRate>,
    /// What it comes to when it goes on like this; null when there is no burn rate.
    #[schema(required)]
    pub projection: Option<Projection>,
}

/// How fast a window is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BurnRate {
    /// All tokens a minute, cached ones included.
    pub tokens_per_minute: i64,
    /// Input and output a minute, without the cache.
    pub uncached_tokens_per_minute: i64,
    /// Settled cost in micro-dollars an hour.
    pub cost_micros_per_hour: i64,
}

/// What a window comes to at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Projection {
    /// All tokens.
    pub tokens: i64,
    /// Settled cost in micro-dollars.
    pub cost_micros: i64,
    /// Minutes until the end.
    pub remaining_minutes: i64,
}

/// What one hour holds.
#[derive(Clone, Default)]
struct Hour {
    models: ModelSums,
    requests: i64,
    sessions: BTreeSet<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Answers the question; `now` tells the active window. `priced_now` is told of the totals only.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, asked: &Asked, now: Timestamp) -> Result<BlockReport, ReportError> {
    let nothing = || BlockReport {
        heading: Heading::new(asked, None),
        rows: Vec::new(),
        totals: PeriodFigures::default(),
    };
    let Some(mut opened) = Opened::new(store, asked).await? else { return Ok(nothing()) };
    let (from, until) = (opened.range.from(), opened.range.until());
    // Where a window begins depends on those before it.
    opened.scope.filter.from = None;
    opened.scope.filter.until = Some(until.plus_micros(BLOCK_HOURS * MICROS_PER_HOUR));
    let windows = windows(&hours(store, &opened.scope).await?);
    let begins_in_range = |window: &&Window| from <= window.starts_at() && window.starts_at() < until;
    let in_range: Vec<&Window> = windows.iter().filter(begins_in_range).collect();
    let Some(first) = in_range.first() else {
        return Ok(BlockReport { heading: opened.heading(), ..nothing() });
    };
    let after = windows.iter().map(Window::starts_at).find(|start| *start >= until);
    opened.scope.filter.from = Some(first.starts_at());
    opened.scope.filter.until = after.or(opened.scope.filter.until);
    let rows = in_range.iter().rev().map(|window| window.block(now)).collect();
    Ok(BlockReport {
        heading: opened.heading(),
        rows: arrange(rows, asked, RowOrder::Ascending),
        totals: match asked.price_now {
            Some(_) => sessions::totals(store, &opened).await?,
            // The windows hold all that was spent between the first one's start and the next one's.
            None => sessions::totals_of(store, &opened, async { Ok(spent_in(&in_range)) }).await?,
        },
    })
}

fn spent_in(windows: &[&Window]) -> ModelSums {
    let mut models = ModelSums::default();
    windows.iter().for_each(|window| models.add_all(&window.content.models));
    models
}

/// The window that runs at `now`, over all projects and models; `None` when none does.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn active(store: &dyn Store, now: Timestamp) -> Result<Option<Block>, ReportError> {
    // Windows depend on those before them, back to a pause of a whole window. Few people work for longer.
    const HOURS_BACK: i64 = 14 * 24;
    let from = now.plus_micros(-HOURS_BACK * MICROS_PER_HOUR);
    let filter = Filter { from: Some(from), until: Some(now.plus_micros(1)), ..Filter::default() };
    let scope = Scope { as_of: store.boundary().await?, filter };
    let windows = windows(&hours(store, &scope).await?);
    Ok(windows.last().map(|window| window.block(now)).filter(|block| block.active))
}

/// The sums of every hour of UTC that has any.
async fn hours(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<i64, Hour>, ReportError> {
    let by_hour_and =
        |dimension| vec![Group::Time(TimeBucket::utc(Width::Hour)), Group::Dimension(dimension)];
    let spending = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    let requests = scope.of_kinds(&[Kind::Request]);
    let figures = [ModelSums::figures(), vec![Figure::Earliest, Figure::Latest]].concat();
    let (models, sessions) = try_join(
        spending.rows(store, by_hour_and(Dimension::Model), figures),
        requests.rows(store, by_hour_and(Dimension::Session), vec![Figure::Sum(Measure::Requests)]),
    )
    .await?;
    let mut hours: BTreeMap<i64, Hour> = BTreeMap::new();
    for row in models {
        let hour = hours.entry(row.integer(0)).or_default();
        hour.models.add(row.text(1), &row.figures);
        let instant = |figure| Some(row.figures.count(figure)).filter(|micros| *micros != 0);
        let instant = |figure| instant(figure).map(Timestamp::from_micros);
        hour.first = [hour.first, instant(Figure::Earliest)].into_iter().flatten().min();
        hour.last = hour.last.max(instant(Figure::Latest));
    }
    for row in sessions {
        let hour = hours.entry(row.integer(0)).or_default();
        hour.requests += row.figures.sum(Measure::Requests);
        hour.sessions.insert(row.text(1).to_owned());
    }
    Ok(hours)
}

/// A window being filled.
struct Window {
    /// Its first hour.
    start: i64,
    content: Hour,
}

/// Puts the hours into windows.
///
/// Only requests begin a window where there are any near: what a running total tells may have happened
/// hours before it was told. It is added to the window it was told in, else to one that ended less than a
/// window's length before, else it begins one.
fn windows(hours: &BTreeMap<i64, Hour>) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for (start, hour) in hours {
        let since_last = windows.last().map(|window| start - window.start);
        let reach = if hour.requests > 0 { BLOCK_HOURS } else { 2 * BLOCK_HOURS };
        match windows.last_mut().zip(since_last) {
            Some((window, since)) if since < reach => window.content.add(hour, since < BLOCK_HOURS),
            _ => windows.push(Window { start: *start, content: hour.clone() }),
        }
    }
    windows
}

impl Hour {
    /// Adds an hour; one after the window's end says nothing of when the window was active.
    fn add(&mut self, other: &Self, is_inside: bool) {
        self.models.add_all(&other.models);
        self.requests += other.requests;
        self.sessions.extend(other.sessions.iter().cloned());
        if is_inside {
            self.last = self.last.max(other.last);
        }
    }
}

impl Window {
    fn starts_at(&self) -> Timestamp {
        Timestamp::from_micros(self.start.saturating_mul(MICROS_PER_HOUR))
    }

    fn ends_at(&self) -> Timestamp {
        self.starts_at().plus_micros(BLOCK_HOURS * MICROS_PER_HOUR)
    }

    fn block(&self, now: Timestamp) -> Block {
        let Hour { models, requests, sessions, first, last } = &self.content;
        let (first, last) = (first.unwrap_or(self.starts_at()), last.unwrap_or(self.starts_at()));
        let total = models.total();
        let (tokens, cost_micros) = (Tokens::from(&total), Cost::from(&total));
        let active = self.starts_at() <= now && now < self.ends_at();
        let burn_rate = active.then(|| BurnRate::new(&total, last.micros_since(first))).flatten();
        let remaining = self.ends_at().micros_since(now);
        let projection = burn_rate.map(|_| Projection::new(&total, last.micros_since(first), remaining));
        Block {
            started_at: self.starts_at().to_jiff(),
            ends_at: self.ends_at().to_jiff(),
            first_activity_at: first.to_jiff(),
            last_activity_at: last.to_jiff(),
            active,
            sessions: sessions.len() as i64,
            requests: *requests,
            tokens,
            cost_micros,
            unpriced_models: models.unpriced(),
            models: models.rows(),
            burn_rate,
            projection,
        }
    }
}

/// All tokens of some figures.
fn all_tokens(figures: &Figures) -> i128 {
    let kinds = [Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation];
    kinds.into_iter().map(|kind| figures.exact(Figure::Sum(kind))).sum()
}

fn settled(figures: &Figures) -> i128 {
    figures.exact(Figure::Sum(Measure::CostSettled))
}

fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl BurnRate {
    /// `None` for less than a minute of activity.
    fn new(figures: &Figures, active_micros: i64) -> Option<Self> {
        let active = i128::from(active_micros);
        if active < MICROS_PER_MINUTE {
            return None;
        }
        let uncached =
            figures.exact(Figure::Sum(Measure::Input)) + figures.exact(Figure::Sum(Measure::Output));
        Some(Self {
            tokens_per_minute: saturated(all_tokens(figures) * MICROS_PER_MINUTE / active),
            uncached_tokens_per_minute: saturated(uncached * MICROS_PER_MINUTE / active),
            cost_micros_per_hour: Money::to_micros(settled(figures) * i128::from(MICROS_PER_HOUR) / active),
        })
    }
}

impl Projection {
    fn new(figures: &Figures, active_micros: i64, remaining_micros: i64) -> Self {
        let (active, remaining) = (i128::from(active_micros), i128::from(remaining_micros));
        let going_on = |amount: i128| amount + amount * remaining / active.max(1);
        Self {
            tokens: saturated(going_on(all_tokens(figures))),
            cost_micros: Money::to_micros(going_on(settled(figures))),
            remaining_minutes: saturated(remaining / MICROS_PER_MINUTE),
        }
    }
}
