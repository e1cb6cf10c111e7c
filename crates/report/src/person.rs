//! One person: since when, with what, and at which hours.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join3, try_join4};
use model::Timestamp;
use serde::Serialize;
use store::{Dimension, Figure, Filter, Group, Measure, Store, TimeBucket, Value, Width};
use utoipa::ToSchema;

use crate::ReportError;
use crate::range::{DateRange, Range};
use crate::scope::Scope;
use crate::standing::{Standing, standings};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// E-mail address or name.
    pub actor: String,
}

/// One person. Figures of the range are those of any other question that is asked of this person alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// The days.
    pub range: Range,
    /// E-mail address or name.
    pub actor: String,
    /// First activity ever.
    pub first_seen: jiff::Timestamp,
    /// Last activity ever.
    pub last_seen: jiff::Timestamp,
    /// How the person stands in the range; null for somebody active neither in it nor in as many days before.
    #[schema(required)]
    pub standing: Option<Standing>,
    /// Days of the range with at least one request.
    pub active_days: i64,
    /// Teams, in the range.
    pub teams: Vec<String>,
    /// Terminals, in the range.
    pub terminals: Vec<String>,
    /// Versions of the client, in the range.
    pub client_versions: Vec<String>,
    /// Subscriptions, in the range.
    pub subscriptions: Vec<String>,
    /// Requests by day of the week, from Monday on, and hour, from midnight on, in the range's zone.
    pub hours: Vec<Vec<i64>>,
}

/// Answers the question; `None` when the ledger has nothing of the person.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Option<Person>, ReportError> {
    let as_of = store.boundary().await?;
    let range = &parameters.range;
    let among = vec![(Dimension::ActorName, vec![Value::from(parameters.actor.as_str())])];
    let everything = Scope { as_of, filter: Filter { among: among.clone(), ..Filter::default() } };
    let ends = everything.total(store, vec![Figure::Earliest, Figure::Latest]).await?;
    if ends == crate::figures::Figures::default() {
        return Ok(None);
    }
    let mut scope = Scope::of_range(range, as_of);
    scope.filter.among = among;
    let ((hours, active_days), standings, teams, (terminals, client_versions, subscriptions)) = try_join4(
        hours(store, &scope, range),
        standings(store, &scope, range),
        values(store, &scope, Dimension::Team),
        try_join3(
            values(store, &scope, Dimension::Terminal),
            values(store, &scope, Dimension::ClientVersion),
            values(store, &scope, Dimension::SubscriptionType),
        ),
    )
    .await?;
    let instant = |figure| Timestamp::from_micros(ends.count(figure)).to_jiff();
    Ok(Some(Person {
        range: range.into(),
        actor: parameters.actor.clone(),
        first_seen: instant(Figure::Earliest),
        last_seen: instant(Figure::Latest),
        standing: standings.get(&parameters.actor).copied(),
        active_days,
        teams,
        terminals,
        client_versions,
        subscriptions,
        hours,
    }))
}

/// What is told under a dimension, sorted.
async fn values(store: &dyn Store, scope: &Scope, dimension: Dimension) -> Result<Vec<String>, ReportError> {
    let rows =
        scope.rows(store, vec![Group::Dimension(dimension)], vec![crate::figures::SESSIONS_SEEN]).await?;
    let told: BTreeSet<String> =
        rows.iter().map(|row| row.text(0).to_owned()).filter(|text| !text.is_empty()).collect();
    Ok(told.into_iter().collect())
}

const HOURS_OF_A_DAY: i64 = 24;
const DAYS_OF_A_WEEK: i64 = 7;
/// 1970-01-01 was a Thursday: the fourth day of its week, from Monday on.
const WEEKDAY_OF_THE_EPOCH: i64 = 3;

/// Requests by weekday and hour, and how many days had any.
async fn hours(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
) -> Result<(Vec<Vec<i64>>, i64), ReportError> {
    let by_hour = TimeBucket { width: Width::Hour, ..range.by_day() };
    // Nothing but requests counts as one, and without kinds sums of sessions tell it.
    let requests = vec![Figure::Sum(Measure::Requests)];
    let mut sums: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let mut days = BTreeSet::new();
    for row in scope.rows(store, vec![Group::Time(by_hour)], requests).await? {
        let (day, hour) =
            (row.integer(0).div_euclid(HOURS_OF_A_DAY), row.integer(0).rem_euclid(HOURS_OF_A_DAY));
        days.insert(day);
        let weekday = (day + WEEKDAY_OF_THE_EPOCH).rem_euclid(DAYS_OF_A_WEEK);
        *sums.entry((weekday, hour)).or_default() += row.figures.sum(Measure::Requests);
    }
    let of_day =
        |weekday| (0..HOURS_OF_A_DAY).map(|hour| sums.get(&(weekday, hour)).copied().unwrap_or(0)).collect();
    let hours = (0..DAYS_OF_A_WEEK).map(of_day).collect();
    Ok((hours, i64::try_from(days.len()).unwrap_or(i64::MAX)))
}
