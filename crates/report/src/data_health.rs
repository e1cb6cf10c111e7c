//! How far the figures can be trusted: what each source told, what is missing, what has no price.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use jiff::civil::Date;
use model::{Kind, SessionId, Source, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::coverage::{self, Coverage, Unattributed};
use crate::figures::{COST, Figures, SESSIONS_SEEN, TOKENS, share, sums_of};
use crate::filter::Filter;
use crate::gaps::{self, EventCoverage, Numbered};
use crate::meaning::Meaning;
use crate::range::{DateRange, Range};
use crate::scope::Scope;
use crate::session_list;
use crate::{ReportError, told};

/// The most sessions whose events are looked through for gaps, those with the newest activity.
pub const MAX_SESSIONS_READ: usize = 300;
/// The most records that are read for it.
const MAX_RECORDS_READ: u64 = 60_000;
/// The most sessions with gaps that are named, those with most missing events.
const MAX_LOSSY_SESSIONS: usize = 50;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
    /// Version of the price book that the ledger is settled with.
    pub price_book: String,
    /// How to read records.
    pub meaning: Meaning,
}

/// How far the figures of a range can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DataHealth {
    /// The days.
    pub range: Range,
    /// Version of the price book.
    pub price_book: String,
    /// What each source told, and what no request accounts for.
    pub coverage: Coverage,
    /// Each day, oldest first.
    pub days: Vec<HealthDay>,
    /// Events that never arrived.
    pub events: EventHealth,
    /// Models with tokens that the price book has no price for, most tokens first.
    pub unpriced: Vec<UnpricedModel>,
}

/// What is missing on a day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HealthDay {
    /// The day, in the range's zone.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Sessions with anything on it.
    pub sessions: i64,
    /// People with anything on it.
    pub people: i64,
    /// Settled cost, in micro-dollars, that no request accounts for.
    pub unattributed_cost_micros: i64,
    /// That of all settled cost, 0 to 1; null when there is no cost.
    #[schema(required)]
    pub unattributed_share: Option<f64>,
    /// Tokens without a price.
    pub unpriced_tokens: i64,
}

/// How complete the events of the sessions with the newest activity are.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventHealth {
    /// Sessions whose events were looked through; at most 300.
    pub sessions_read: i64,
    /// All of them together.
    pub coverage: EventCoverage,
    /// Sessions with gaps, most missing events first; at most 50.
    pub sessions: Vec<LossySession>,
}

/// A session with missing events.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LossySession {
    /// Session id.
    pub session_id: String,
    /// E-mail address or name.
    pub actor: String,
    /// Its events.
    pub events: EventCoverage,
    /// The newest gap's end.
    pub last_gap_at: jiff::Timestamp,
}

/// A model without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnpricedModel {
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// Requests.
    pub requests: i64,
    /// Tokens without a price.
    pub tokens: i64,
    /// What the client said that these cost, in micro-dollars; zero where it said nothing.
    pub reported_micros: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<DataHealth, ReportError> {
    let boundary = store.boundary().await?;
    let scope = &Scope::filtered(&parameters.range, boundary, &parameters.filter);
    let range = &parameters.range;
    let sums = || sums_of(&[&TOKENS, &COST]);
    let of_totals = scope.of_kinds(&[Kind::Unattributed]);
    let figures = [sums(), vec![SESSIONS_SEEN]].concat();
    let ((unattributed, all, sources), (days, events, unpriced)) = try_join(
        try_join3(
            of_totals.total(store, sums()),
            scope.total(store, figures),
            coverage::sources(store, range),
        ),
        try_join3(
            days(store, scope, parameters),
            events(store, scope, parameters.meaning),
            unpriced(store, scope),
        ),
    )
    .await?;
    Ok(DataHealth {
        range: range.into(),
        price_book: parameters.price_book.clone(),
        coverage: Coverage {
            sources,
            sessions: all.count(SESSIONS_SEEN),
            unattributed: Unattributed::new(&unattributed, &all),
        },
        days,
        events,
        unpriced,
    })
}

async fn days(
    store: &dyn Store,
    scope: &Scope,
    parameters: &Parameters,
) -> Result<Vec<HealthDay>, ReportError> {
    const PEOPLE: Figure = Figure::Distinct(Dimension::ActorName, None);
    let range = &parameters.range;
    let settled = Figure::Sum(Measure::CostSettled);
    let by_day = || vec![Group::Time(range.by_day())];
    let (mut all, mut unattributed): (BTreeMap<Date, Figures>, BTreeMap<Date, Figures>) = Default::default();
    let asked = vec![SESSIONS_SEEN, PEOPLE, settled, Figure::Sum(Measure::UnpricedTokens)];
    for row in scope.rows(store, by_day(), asked).await? {
        all.entry(range.day_of_bucket(row.integer(0))).or_default().add(&row.figures);
    }
    for row in scope.of_kinds(&[Kind::Unattributed]).rows(store, by_day(), sums_of(&[&COST])).await? {
        unattributed.entry(range.day_of_bucket(row.integer(0))).or_default().add(&row.figures);
    }
    let day = |date: Date| {
        let all = all.remove(&date).unwrap_or_default();
        let missing = unattributed.remove(&date).unwrap_or_default();
        HealthDay {
            date,
            complete: range.is_complete(date, parameters.now),
            sessions: all.count(SESSIONS_SEEN),
            people: all.count(PEOPLE),
            unattributed_cost_micros: crate::figures::Cost::from(&missing).settled,
            unattributed_share: share(missing.exact(settled), all.exact(settled)),
            unpriced_tokens: all.sum(Measure::UnpricedTokens),
        }
    };
    Ok(range.days().map(day).collect())
}

/// Looks through the events of the sessions with the newest activity.
async fn events(store: &dyn Store, scope: &Scope, meaning: Meaning) -> Result<EventHealth, ReportError> {
    let by_session = vec![Group::Dimension(Dimension::Session)];
    let newest = scope.largest_rows(store, by_session, vec![Figure::Latest], Some(MAX_SESSIONS_READ)).await?;
    let ids: Vec<SessionId> = newest.iter().map(|row| SessionId::new(row.text(0))).collect();
    let told = store.session_sources(&ids).await?;
    let mut room = MAX_RECORDS_READ;
    let mut read = Vec::new();
    for id in ids {
        let own: u64 = told.iter().filter(|told| told.session == id).map(|told| told.records).sum();
        let has_events = told.iter().any(|told| told.session == id && told.source == Source::Events);
        if own > room {
            break;
        }
        if has_events {
            room -= own;
            read.push(id);
        }
    }
    // Reading records is the most of it, so two do that beside each other.
    let (some, others) = read.split_at(read.len().div_ceil(2));
    let (mut numbered, more) =
        try_join(numbered(store, some, meaning), numbered(store, others, meaning)).await?;
    numbered.extend(more);
    Ok(EventHealth {
        sessions_read: i64::try_from(read.len()).unwrap_or(i64::MAX),
        coverage: EventCoverage::sum(numbered.values().map(|numbered| numbered.coverage)),
        sessions: lossy(store, scope, &numbered).await?,
    })
}

/// How complete the events of these sessions are.
async fn numbered(
    store: &dyn Store,
    sessions: &[SessionId],
    meaning: Meaning,
) -> Result<BTreeMap<SessionId, Numbered>, ReportError> {
    Ok(gaps::by_session(&store.evidence_from(Source::Events, sessions).await?, meaning))
}

async fn lossy(
    store: &dyn Store,
    scope: &Scope,
    numbered: &BTreeMap<SessionId, Numbered>,
) -> Result<Vec<LossySession>, ReportError> {
    let mut lossy: Vec<_> = numbered.iter().filter(|(_, numbered)| numbered.coverage.missing > 0).collect();
    lossy.sort_by_key(|(_, numbered)| std::cmp::Reverse(numbered.coverage.missing));
    lossy.truncate(MAX_LOSSY_SESSIONS);
    if lossy.is_empty() {
        return Ok(Vec::new());
    }
    let mut scope = scope.clone();
    let ids = lossy.iter().map(|(id, _)| Value::from(id.as_str())).collect();
    scope.filter.among.push((Dimension::Session, ids));
    let mut places = session_list::places(store, &scope).await?;
    let session = |(id, numbered): (&SessionId, &Numbered)| LossySession {
        session_id: id.told().to_owned(),
        actor: places.remove(id.as_str()).map_or_else(|| told(""), |place| place.actor),
        events: numbered.coverage,
        last_gap_at: numbered.gaps.last().map_or(Timestamp::MIN, |gap| gap.before).to_jiff(),
    };
    Ok(lossy.into_iter().map(session).collect())
}

async fn unpriced(store: &dyn Store, scope: &Scope) -> Result<Vec<UnpricedModel>, ReportError> {
    let by_model = vec![Group::Dimension(Dimension::Model)];
    let figures = sums_of(&[&[Measure::UnpricedTokens, Measure::Requests], &COST]);
    let rows = scope.largest_rows(store, by_model, figures, None).await?;
    let without = rows.iter().filter(|row| row.figures.sum(Measure::UnpricedTokens) > 0);
    let row = |row: &crate::scope::Found| UnpricedModel {
        model: told(row.text(0)),
        requests: row.figures.sum(Measure::Requests),
        tokens: row.figures.sum(Measure::UnpricedTokens),
        reported_micros: crate::figures::Cost::from(&row.figures).reported,
    };
    Ok(without.map(row).collect())
}
