//! Which sources told of whose work on which day: where telemetry has stopped, or never began.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{Kind, SessionId, Source, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::coverage::SourceName;
use crate::figures::{SESSIONS_SEEN, share};
use crate::filter::Filter;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};

/// The most people on one page.
pub const MAX_LIMIT: usize = 100;
/// The most days that are cut, the last of the range.
pub const MAX_DAYS: u32 = 92;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days; of more than [`MAX_DAYS`], the last.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// How many people to pass over.
    pub offset: usize,
    /// How many people to list; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// A page of people with anything in the range, by name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SourceDays {
    /// The days that are cut.
    pub range: Range,
    /// People found, on all pages.
    pub found: i64,
    /// How many come before this page.
    pub offset: i64,
    /// The page.
    pub people: Vec<PersonSources>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PersonSources {
    /// E-mail address or name.
    pub actor: String,
    /// Sources that told of the person's sessions, with their newest record.
    pub newest: Vec<NewestRecord>,
    /// Settled cost that no request accounts for, of all settled cost, 0 to 1; null when there is no cost.
    #[schema(required)]
    pub unattributed_share: Option<f64>,
    /// Days with any activity, oldest first.
    pub days: Vec<PersonDay>,
}

/// The newest record of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewestRecord {
    /// The source.
    pub source: SourceName,
    /// Its time.
    pub at: jiff::Timestamp,
}

/// One day of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonDay {
    /// The day, in the range's zone.
    pub date: Date,
    /// Sessions with anything on it.
    pub sessions: i64,
    /// Those of them that events told of.
    pub events: i64,
    /// Those that metrics told of.
    pub metrics: i64,
    /// Those that spans told of.
    pub traces: i64,
    /// Those that transcripts told of.
    pub transcripts: i64,
}

impl PersonDay {
    fn new(date: Date) -> Self {
        Self { date, sessions: 0, events: 0, metrics: 0, traces: 0, transcripts: 0 }
    }

    fn count(&mut self, told_by: &BTreeSet<Source>) {
        self.sessions += 1;
        let told = |source| i64::from(told_by.contains(&source));
        self.events += told(Source::Events);
        self.metrics += told(Source::Metrics);
        self.traces += told(Source::Traces);
        self.transcripts += told(Source::Transcripts);
    }
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<SourceDays, ReportError> {
    let as_of = store.boundary().await?;
    let range = cut(&parameters.range)?;
    let mut scope = Scope::filtered(&range, as_of, &parameters.filter);
    let actor = || Group::Dimension(Dimension::ActorName);
    let everybody = scope.rows(store, vec![actor()], vec![SESSIONS_SEEN]).await?;
    let page = everybody.iter().skip(parameters.offset).take(parameters.limit.min(MAX_LIMIT));
    let names: Vec<String> = page.map(|row| row.text(0).to_owned()).collect();
    scope
        .filter
        .among
        .push((Dimension::ActorName, names.iter().map(|name| Value::from(name.as_str())).collect()));
    let people = if names.is_empty() { Vec::new() } else { people(store, &scope, &range, &names).await? };
    Ok(SourceDays {
        range: (&range).into(),
        found: i64::try_from(everybody.len()).unwrap_or(i64::MAX),
        offset: i64::try_from(parameters.offset).unwrap_or(i64::MAX),
        people,
    })
}

/// The last days of the range.
fn cut(range: &DateRange) -> Result<DateRange, ReportError> {
    if range.length() <= i64::from(MAX_DAYS) {
        return Ok(range.clone());
    }
    DateRange::days_until(range.end(), MAX_DAYS, range.zone().clone())
}

async fn people(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    names: &[String],
) -> Result<Vec<PersonSources>, ReportError> {
    let group_by = vec![
        Group::Dimension(Dimension::ActorName),
        Group::Time(range.by_day()),
        Group::Dimension(Dimension::Session),
    ];
    let worked = scope.rows(store, group_by, vec![SESSIONS_SEEN]).await?;
    let sessions: BTreeSet<&str> = worked.iter().map(|row| row.text(2)).collect();
    let ids: Vec<SessionId> = sessions.into_iter().map(SessionId::new).collect();
    let mut told_of: BTreeMap<String, BTreeMap<Source, Timestamp>> = BTreeMap::new();
    for told in store.session_sources(&ids).await? {
        told_of.entry(told.session.as_str().to_owned()).or_default().insert(told.source, told.newest_at);
    }
    let mut gathered: BTreeMap<&str, Gathered> = BTreeMap::new();
    let nothing = BTreeMap::new();
    for row in &worked {
        let person = gathered.entry(row.text(0)).or_default();
        person.count(range.day_of_bucket(row.integer(1)), told_of.get(row.text(2)).unwrap_or(&nothing));
    }
    let shares = unattributed_shares(store, scope).await?;
    let row = |name: &String| {
        let person = gathered.remove(name.as_str()).unwrap_or_default();
        let newest = person.newest.into_iter();
        PersonSources {
            actor: told(name),
            newest: newest
                .map(|(source, at)| NewestRecord { source: source.into(), at: at.to_jiff() })
                .collect(),
            unattributed_share: shares.get(name).copied().flatten(),
            days: person.days.into_values().collect(),
        }
    };
    Ok(names.iter().map(row).collect())
}

#[derive(Default)]
struct Gathered {
    newest: BTreeMap<Source, Timestamp>,
    days: BTreeMap<Date, PersonDay>,
}

impl Gathered {
    fn count(&mut self, date: Date, told_by: &BTreeMap<Source, Timestamp>) {
        let sources = told_by.keys().copied().collect();
        self.days.entry(date).or_insert_with(|| PersonDay::new(date)).count(&sources);
        for (source, at) in told_by {
            let newest = self.newest.entry(*source).or_insert(*at);
            *newest = (*at).max(*newest);
        }
    }
}

/// By person, how much of the settled cost no request accounts for.
async fn unattributed_shares(
    store: &dyn Store,
    scope: &Scope,
) -> Result<BTreeMap<String, Option<f64>>, ReportError> {
    let settled = Figure::Sum(Measure::CostSettled);
    let group_by = vec![Group::Dimension(Dimension::ActorName), Group::Dimension(Dimension::Kind)];
    let scope = scope.of_kinds(&[Kind::Request, Kind::Unattributed]);
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    let is_unattributed = |row: &Found| row.text(1) == Kind::Unattributed.as_str();
    for row in scope.rows(store, group_by, vec![settled]).await? {
        let (missing, all) = sums.entry(row.text(0).to_owned()).or_default();
        *all += row.figures.exact(settled);
        if is_unattributed(&row) {
            *missing += row.figures.exact(settled);
        }
    }
    Ok(sums.into_iter().map(|(actor, (missing, all))| (actor, share(missing, all))).collect())
}
