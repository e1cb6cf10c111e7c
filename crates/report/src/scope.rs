//! Which part of the ledger a question is about, and how it is put to the store.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Kind, LedgerLine, Timestamp};
use store::{Figure, Group, LineQuery, Order, Query, Store, Value, Width};

use crate::ReportError;
use crate::figures::Figures;
use crate::filter::Filter;
use crate::range::DateRange;

/// How many lines are read at a time.
const PAGE: usize = 16_384;

/// A state of the ledger and a span of time. All parts of one answer share it, so that they agree while
/// data streams in.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) as_of: Timestamp,
    pub(crate) filter: store::Filter,
}

/// One row: what it is grouped by, and its figures.
pub(crate) struct Found {
    pub(crate) keys: Vec<Value>,
    pub(crate) figures: Figures,
}

impl Found {
    /// The text of a grouping dimension, by its place.
    pub(crate) fn text(&self, place: usize) -> &str {
        self.keys.get(place).map_or("", Value::as_text)
    }

    /// The number of a grouping dimension, by its place.
    pub(crate) fn integer(&self, place: usize) -> i64 {
        self.keys.get(place).map_or(0, Value::as_integer)
    }
}

impl Scope {
    /// What happened in the range, as the ledger stood at `as_of`.
    pub(crate) fn of_range(range: &DateRange, as_of: Timestamp) -> Self {
        let (from, until) = (Some(range.from()), Some(range.until()));
        Self { as_of, filter: store::Filter { from, until, ..store::Filter::default() } }
    }

    /// What the filter lets through of it.
    pub(crate) fn filtered(range: &DateRange, as_of: Timestamp, filter: &Filter) -> Self {
        let mut scope = Self::of_range(range, as_of);
        filter.narrow(&mut scope.filter);
        scope
    }

    /// Only these kinds of postings.
    pub(crate) fn of_kinds(&self, kinds: &[Kind]) -> Self {
        let mut scope = self.clone();
        scope.filter.kinds = kinds.to_vec();
        scope
    }

    /// Only the hours from one instant to another, of which it is known that they hold all that is asked about: what
    /// lies outside need not be looked through. Whole hours, because those are added up.
    pub(crate) fn around(&self, first: Timestamp, last: Timestamp) -> Self {
        let hour_of = |at: Timestamp| at.as_micros().div_euclid(Width::Hour.micros());
        let hour = |number: i64| Timestamp::from_micros(number.saturating_mul(Width::Hour.micros()));
        let (from, until) = (hour(hour_of(first)), hour(hour_of(last).saturating_add(1)));
        let mut scope = self.clone();
        let filter = &mut scope.filter;
        filter.from = Some(filter.from.map_or(from, |known| known.max(from)));
        // The last hour that there is has no end.
        if until > last {
            filter.until = Some(filter.until.map_or(until, |known| known.min(until)));
        }
        scope
    }

    /// Rows of the figures by the groups, sorted by key.
    pub(crate) async fn rows(
        &self,
        store: &dyn Store,
        group_by: Vec<Group>,
        figures: Vec<Figure>,
    ) -> Result<Vec<Found>, ReportError> {
        self.ordered_rows(store, group_by, figures, None, None).await
    }

    /// Rows with the largest value of the first figure first; at most `limit`.
    pub(crate) async fn largest_rows(
        &self,
        store: &dyn Store,
        group_by: Vec<Group>,
        figures: Vec<Figure>,
        limit: Option<usize>,
    ) -> Result<Vec<Found>, ReportError> {
        self.ordered_rows(store, group_by, figures, Some(Order::LargestFirst(0)), limit).await
    }

    async fn ordered_rows(
        &self,
        store: &dyn Store,
        group_by: Vec<Group>,
        figures: Vec<Figure>,
        order: Option<Order>,
        limit: Option<usize>,
    ) -> Result<Vec<Found>, ReportError> {
        let query =
            Query { as_of: Some(self.as_of), filter: self.filter.clone(), group_by, figures, order, limit };
        let rows = store.aggregate(&query).await?;
        let found = rows
            .into_iter()
            .map(|row| Found { figures: Figures::new(&query.figures, &row.figures), keys: row.keys });
        Ok(found.collect())
    }

    /// Looks at every line, reversals included, newest first, without holding more than a page of them.
    pub(crate) async fn for_each_line(
        &self,
        store: &dyn Store,
        mut look: impl FnMut(&LedgerLine),
    ) -> Result<(), ReportError> {
        let mut filter = self.filter.clone();
        let mut limit = PAGE;
        loop {
            let query = LineQuery { as_of: Some(self.as_of), filter: filter.clone(), limit };
            let lines = store.lines(&query).await?;
            let is_last = lines.len() < limit;
            let oldest = lines.last().map_or(Timestamp::MIN, |line| line.posting.at);
            let newest = lines.first().map_or(Timestamp::MIN, |line| line.posting.at);
            if !is_last && oldest == newest {
                // More lines of one instant than a page holds: they have to be read together.
                limit *= 2;
                continue;
            }
            lines.iter().filter(|line| is_last || line.posting.at > oldest).for_each(&mut look);
            if is_last {
                return Ok(());
            }
            filter.until = Some(oldest.plus_micros(1));
        }
    }

    /// The figures by day of the range; days without any are left out.
    pub(crate) async fn by_day(
        &self,
        store: &dyn Store,
        range: &DateRange,
        figures: Vec<Figure>,
    ) -> Result<BTreeMap<Date, Figures>, ReportError> {
        let mut days: BTreeMap<Date, Figures> = BTreeMap::new();
        for row in self.rows(store, vec![Group::Time(range.by_day())], figures).await? {
            days.entry(range.day_of_bucket(row.integer(0))).or_default().add(&row.figures);
        }
        Ok(days)
    }

    /// The figures over the whole scope; all zero when there is nothing in it.
    pub(crate) async fn total(
        &self,
        store: &dyn Store,
        figures: Vec<Figure>,
    ) -> Result<Figures, ReportError> {
        let rows = self.rows(store, Vec::new(), figures).await?;
        Ok(rows.into_iter().next().map(|row| row.figures).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn around(first: i64, last: i64) -> (Option<i64>, Option<i64>) {
        let everything = Scope { as_of: Timestamp::MIN, filter: store::Filter::default() };
        let scope = everything.around(Timestamp::from_micros(first), Timestamp::from_micros(last));
        (scope.filter.from.map(Timestamp::as_micros), scope.filter.until.map(Timestamp::as_micros))
    }

    #[test]
    fn whole_hours_hold_the_first_and_the_last_instant() {
        assert_eq!(around(5, 6), (Some(0), Some(HOUR)));
        assert_eq!(around(HOUR, 2 * HOUR), (Some(HOUR), Some(3 * HOUR)));
        assert_eq!(around(-1, HOUR - 1), (Some(-HOUR), Some(HOUR)));
    }

    #[test]
    fn the_ends_of_time_are_not_left_out() {
        let (from, until) = around(i64::MIN, i64::MAX);
        assert_eq!((from, until), (Some(i64::MIN), None));
    }

    #[test]
    fn an_end_that_was_asked_for_stays() {
        let filter = store::Filter {
            from: Some(Timestamp::from_micros(7)),
            until: Some(Timestamp::from_micros(9)),
            ..store::Filter::default()
        };
        let scope = Scope { as_of: Timestamp::MIN, filter };
        let scope = scope.around(Timestamp::from_micros(5), Timestamp::from_micros(8));
        assert_eq!(scope.filter.from, Some(Timestamp::from_micros(7)));
        assert_eq!(scope.filter.until, Some(Timestamp::from_micros(9)));
    }
}
