//! What every report can be asked: which days, of which projects and models, how many rows, in what order.

use std::sync::Arc;

use jiff::civil::Date;
use ledger::PriceBook;
use model::{Kind, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Filter, Store};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::{Figures, SESSIONS};
use crate::range::{DateRange, MAX_DAYS, Zone};
use crate::scope::Scope;
use crate::selection::Selection;

/// A question's common part.
#[derive(Clone, Debug)]
pub struct Asked {
    /// First day; the first with data when `None`.
    pub since: Option<Date>,
    /// Last day; the last with data when `None`.
    pub until: Option<Date>,
    /// The zone that days are cut in.
    pub zone: Zone,
    /// Only some projects or models.
    pub selection: Selection,
    /// How rows are sorted; as the report does it by itself when `None`.
    pub order: Option<RowOrder>,
    /// At most this many rows: those that matter most to the report, the newest or the most costly.
    pub limit: Option<usize>,
    /// The prices that the ledger is settled with.
    pub prices: Arc<PriceBook>,
    /// Price the tokens as of this moment too ([`crate::figures::Cost::priced_now`]).
    pub price_now: Option<Timestamp>,
}

impl Asked {
    /// Everything there is, with days in this zone.
    pub fn everything(zone: Zone, prices: Arc<PriceBook>) -> Self {
        Self {
            since: None,
            until: None,
            zone,
            selection: Selection::default(),
            order: None,
            limit: None,
            prices,
            price_now: None,
        }
    }
}

/// How rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrder {
    /// Oldest, or least costly, first.
    Ascending,
    /// Newest, or most costly, first.
    Descending,
}

/// What every report says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heading {
    /// IANA name of the zone that days are cut in.
    pub timezone: String,
    /// First day; null when there is no data and none was asked for.
    #[schema(required)]
    pub since: Option<Date>,
    /// Last day; null when there is no data and none was asked for.
    #[schema(required)]
    pub until: Option<Date>,
    /// Version of the price book.
    #[schema(example = "2026-11-22")]
    pub price_book: String,
}

impl Heading {
    /// The heading of a report on a range, or on nothing at all.
    pub(crate) fn new(asked: &Asked, range: Option<&DateRange>) -> Self {
        Self {
            timezone: asked.zone.name().to_owned(),
            since: range.map(DateRange::start).or(asked.since),
            until: range.map(DateRange::end).or(asked.until),
            price_book: asked.prices.version().to_owned(),
        }
    }
}

/// A question with its days and its part of the ledger found.
pub(crate) struct Opened<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) range: DateRange,
    /// The range, of the projects and models selected.
    pub(crate) scope: Scope,
}

impl<'a> Opened<'a> {
    /// Finds out what is asked about; `None` when there are neither data nor days.
    pub(crate) async fn new(store: &dyn Store, asked: &'a Asked) -> Result<Option<Self>, ReportError> {
        let as_of = store.boundary().await?;
        let Some(range) = range_of(store, asked, as_of).await? else { return Ok(None) };
        let scope = Scope::of_range(&range, as_of);
        let scope = asked.selection.apply(store, scope).await?;
        Ok(Some(Self { asked, range, scope }))
    }

    pub(crate) fn heading(&self) -> Heading {
        Heading::new(self.asked, Some(&self.range))
    }

    /// The figure that counts sessions. Starts of sessions belong to no model, so where models are
    /// selected it is the sessions with a request to one of them.
    pub(crate) fn sessions(&self) -> Figure {
        if self.asked.selection.models.is_empty() {
            SESSIONS
        } else {
            Figure::Distinct(Dimension::Session, Some(Kind::Request))
        }
    }

    /// The part of the ledger that [`Opened::sessions`] is counted in.
    pub(crate) fn sessions_scope(&self) -> Scope {
        let kind = if self.asked.selection.models.is_empty() { Kind::SessionStart } else { Kind::Request };
        self.scope.of_kinds(&[kind])
    }

    /// The part of the ledger with tokens and cost.
    pub(crate) fn spending(&self) -> Scope {
        self.scope.of_kinds(&[Kind::Request, Kind::Unattributed])
    }
}

/// Cuts rows that are sorted by how much they matter, most first, and sorts what is left as asked.
pub(crate) fn arrange<T>(mut rows: Vec<T>, asked: &Asked, by_itself: RowOrder) -> Vec<T> {
    rows.truncate(asked.limit.unwrap_or(usize::MAX));
    if asked.order.unwrap_or(by_itself) == RowOrder::Ascending {
        rows.reverse();
    }
    rows
}

/// The days asked for, filled up with where the ledger begins and ends; `None` when that is nowhere.
async fn range_of(
    store: &dyn Store,
    asked: &Asked,
    as_of: Timestamp,
) -> Result<Option<DateRange>, ReportError> {
    let (since, until) = match (asked.since, asked.until) {
        (Some(since), Some(until)) => (since, until),
        (since, until) => {
            let everything = Scope { as_of, filter: Filter::default() };
            let ends = everything.total(store, vec![Figure::Earliest, Figure::Latest]).await?;
            if ends == Figures::default() {
                return Ok(None);
            }
            let day = |figure| asked.zone.day_of(Timestamp::from_micros(ends.count(figure)));
            // Asking from a day after the last one with data is no mistake: it has no rows.
            let first = since.unwrap_or_else(|| {
                until.map_or(day(Figure::Earliest), |until| until.min(day(Figure::Earliest)))
            });
            let last = until.unwrap_or_else(|| first.max(day(Figure::Latest)));
            // A single record with a clock far off must not make everything else unanswerable.
            let longest = DateRange::days_until(last, MAX_DAYS, asked.zone.clone());
            let first = since.unwrap_or_else(|| longest.map_or(first, |longest| first.max(longest.start())));
            (first, last)
        }
    };
    DateRange::new(since, until, asked.zone.clone()).map(Some)
}
