//! Who uses Claude Code: how many each day, week and month, who is new, who came back, who fell silent.

use std::collections::BTreeMap;

use futures::future::try_join;
use jiff::ToSpan;
use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::ACTIVE_PEOPLE;
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::Scope;
use crate::standing::{Standing, standings};

/// The days of a week and of a month, as adoption counts them: the day itself and those before.
const WEEK_DAYS: i64 = 7;
const MONTH_DAYS: i64 = 30;
/// How many silent people are named, those who were active last.
const MAX_SILENT: usize = 50;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
}

/// Who uses Claude Code. Somebody is active with at least one request to a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Adoption {
    /// The days.
    pub range: Range,
    /// People active in the range.
    pub active: i64,
    /// People active in as many days before.
    pub active_before: i64,
    /// Active for the first time.
    pub new: i64,
    /// Active, and in as many days before as well.
    pub steady: i64,
    /// Active, not in as many days before, but earlier.
    pub returning: i64,
    /// Not active, but in as many days before.
    pub silent: i64,
    /// Each day, oldest first.
    pub days: Vec<AdoptionDay>,
    /// Those who fell silent, the last active first; at most 50.
    pub silent_people: Vec<SilentPerson>,
}

/// How many people were active on a day, and in the days that end with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdoptionDay {
    /// The day, in the range's zone.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// People active on it.
    pub daily: i64,
    /// People active in the seven days that end with it.
    pub weekly: i64,
    /// People active in the thirty days that end with it.
    pub monthly: i64,
}

/// Somebody who was active in the days before the range, and not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SilentPerson {
    /// E-mail address or name.
    pub actor: String,
    /// Day of the last request.
    pub last_active: Date,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<Adoption, ReportError> {
    let boundary = store.boundary().await?;
    let scope = &Scope::filtered(&parameters.range, boundary, &parameters.filter);
    let range = &parameters.range;
    let (standings, days) = try_join(standings(store, scope, range), days(store, scope, parameters)).await?;
    let count = |wanted: &[Standing]| {
        let found = standings.values().filter(|standing| wanted.contains(standing)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    Ok(Adoption {
        range: range.into(),
        active: count(&[Standing::New, Standing::Steady, Standing::Returning]),
        active_before: count(&[Standing::Steady, Standing::Silent]),
        new: count(&[Standing::New]),
        steady: count(&[Standing::Steady]),
        returning: count(&[Standing::Returning]),
        silent: count(&[Standing::Silent]),
        days,
        silent_people: silent_people(store, scope, range, &standings).await?,
    })
}

/// Counts each day's people, and those of the days that end with it.
async fn days(
    store: &dyn Store,
    scope: &Scope,
    parameters: &Parameters,
) -> Result<Vec<AdoptionDay>, ReportError> {
    let range = &parameters.range;
    let first = range.start().saturating_sub((MONTH_DAYS - 1).days());
    // Near the calendar's beginning there is nothing before the range to look at.
    let seen = DateRange::new(first, range.end(), range.zone().clone()).unwrap_or_else(|_| range.clone());
    let mut scope = scope.clone();
    scope.filter.from = Some(seen.from());
    let group_by = vec![Group::Dimension(Dimension::ActorName), Group::Time(seen.by_day())];
    let rows = scope.rows(store, group_by, vec![ACTIVE_PEOPLE]).await?;

    let place_of: BTreeMap<Date, usize> = seen.days().enumerate().map(|(place, day)| (day, place)).collect();
    let mut active: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in &rows {
        let place = place_of.get(&seen.day_of_bucket(row.integer(1)));
        active.entry(row.text(0)).or_default().extend(place);
    }
    let windows = [1, WEEK_DAYS, MONTH_DAYS].map(|days| people_within(days, &active, place_of.len()));
    let [daily, weekly, monthly] = &windows;
    let count = |counts: &[i64], day: &Date| {
        place_of.get(day).and_then(|place| counts.get(*place)).copied().unwrap_or(0)
    };
    let day = |date: Date| AdoptionDay {
        date,
        complete: range.is_complete(date, parameters.now),
        daily: count(daily, &date),
        weekly: count(weekly, &date),
        monthly: count(monthly, &date),
    };
    Ok(range.days().map(day).collect())
}

/// For each day, the people active in the `length` days that end with it. Somebody active on a day counts
/// from it on for `length` days, once however often.
fn people_within(length: i64, active: &BTreeMap<&str, Vec<usize>>, days: usize) -> Vec<i64> {
    let length = usize::try_from(length).unwrap_or(1);
    let mut changes = vec![0_i64; days + 1];
    let mut change = |place: usize, by: i64| {
        if let Some(change) = changes.get_mut(place.min(days)) {
            *change += by;
        }
    };
    for places in active.values() {
        let mut places = places.clone();
        places.sort_unstable();
        let mut counted_until = 0;
        for place in places {
            let until = place + length;
            change(place.max(counted_until), 1);
            change(until.max(counted_until), -1);
            counted_until = until.max(counted_until);
        }
    }
    let mut people = 0;
    let sum = |change: i64| {
        people += change;
        people
    };
    let mut counts: Vec<i64> = changes.into_iter().map(sum).collect();
    counts.truncate(days);
    counts
}

async fn silent_people(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    standings: &BTreeMap<String, Standing>,
) -> Result<Vec<SilentPerson>, ReportError> {
    let silent = standings.iter().filter(|(_, standing)| **standing == Standing::Silent);
    let values: Vec<Value> = silent.map(|(actor, _)| Value::from(actor.as_str())).collect();
    let Some(previous) = range.previous().ok().filter(|_| !values.is_empty()) else { return Ok(Vec::new()) };
    let mut scope = scope.of_kinds(&[Kind::Request]);
    scope.filter.from = Some(previous.from());
    scope.filter.until = Some(previous.until());
    scope.filter.among.push((Dimension::ActorName, values));
    let by_actor = vec![Group::Dimension(Dimension::ActorName)];
    let rows = scope.largest_rows(store, by_actor, vec![Figure::Latest], Some(MAX_SILENT)).await?;
    let person = |row: &crate::scope::Found| SilentPerson {
        actor: row.text(0).to_owned(),
        last_active: range.zone().day_of(Timestamp::from_micros(row.figures.count(Figure::Latest))),
    };
    Ok(rows.iter().map(person).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_counts_for_the_days_of_the_window_once() {
        let active = BTreeMap::from([("ann", vec![0, 2, 2]), ("bob", vec![4])]);
        assert_eq!(people_within(1, &active, 6), [1, 0, 1, 0, 1, 0]);
        assert_eq!(people_within(3, &active, 6), [1, 1, 1, 1, 2, 1]);
        assert_eq!(people_within(30, &active, 6), [1, 1, 1, 1, 2, 2]);
    }
}
