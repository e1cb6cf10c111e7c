//! Questions to the ledger, in its own words.

use std::sync::Arc;

use model::{Kind, Source, TeamBook, Timestamp};

use crate::schema::{Dimension, Measure, Value};

/// A question: which figures, of which lines, by what.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The boundary: lines posted later are not looked at. `None` asks for the newest state.
    pub as_of: Option<Timestamp>,
    /// Which postings.
    pub filter: Filter,
    /// What the figures are grouped by, in the order of [`Row::keys`].
    pub group_by: Vec<Group>,
    /// Which figures, in the order of [`Row::figures`].
    pub figures: Vec<Figure>,
    /// How rows are sorted; by their keys when `None`.
    pub order: Option<Order>,
    /// At most this many rows.
    pub limit: Option<usize>,
}

/// Which postings a question is about. Every condition must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these kinds; every kind when empty.
    pub kinds: Vec<Kind>,
    /// Only what happened at or after this instant.
    pub from: Option<Timestamp>,
    /// Only what happened before this instant.
    pub until: Option<Timestamp>,
    /// Only lines of transactions after this one: what has changed since a boundary.
    pub posted_after: Option<Timestamp>,
    /// Only postings whose dimension has one of the values.
    pub among: Vec<(Dimension, Vec<Value>)>,
    /// Only postings of which at least one of these measures is not zero; whatever they are when empty.
    pub any_of: Vec<Measure>,
    /// Only postings of sessions that at least one of these sources told of, up to the boundary; every
    /// session's when empty.
    pub told_by: Vec<Source>,
    /// Teams that go before those of senders: [`Dimension::Team`] of everybody in the book is the book's, in
    /// what is filtered by, grouped by, counted and read. [`crate::InTeams`] sets it for every question.
    pub teams: Option<Arc<TeamBook>>,
}

/// One part of a row's key.
#[derive(Clone, Debug, PartialEq)]
pub enum Group {
    /// A dimension's value.
    Dimension(Dimension),
    /// The local day or hour, as [`Value::Integer`]: whole days or hours since 1970-01-01 local time.
    Time(TimeBucket),
}

/// Cuts time into days or hours of a zone.
///
/// The zone is given as its offsets, so that every engine cuts alike and none needs zone data.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeBucket {
    /// Offset from UTC in seconds, from each instant on; sorted, and the first applies to all before it.
    pub offsets: Vec<(Timestamp, i32)>,
    /// Days or hours.
    pub width: Width,
}

/// How wide a time bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Calendar days.
    Day,
    /// Hours of the clock.
    Hour,
}

impl Width {
    /// Microseconds in one bucket.
    pub const fn micros(self) -> i64 {
        match self {
            Self::Day => 86_400_000_000,
            Self::Hour => 3_600_000_000,
        }
    }
}

impl TimeBucket {
    /// Buckets of UTC.
    pub fn utc(width: Width) -> Self {
        Self { offsets: vec![(Timestamp::MIN, 0)], width }
    }

    /// The bucket that an instant falls into.
    pub fn bucket_of(&self, at: Timestamp) -> i64 {
        let offset = self
            .offsets
            .iter()
            .rev()
            .find(|(from, _)| *from <= at)
            .or(self.offsets.first())
            .map_or(0, |(_, seconds)| *seconds);
        at.plus_seconds(i64::from(offset)).as_micros().div_euclid(self.width.micros())
    }
}

/// One figure of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// `sum(sign * measure)`.
    Sum(Measure),
    /// How many values of the dimension have at least one line left after reversals, among postings of
    /// the kind (of every kind when `None`).
    Distinct(Dimension, Option<Kind>),
    /// The smallest value of the measure that at least so many of a thousand of its values do not exceed (the
    /// nearest rank), among values that have more entries than reversals. Zeros, which say "not told", are not
    /// counted; zero when there is nothing else.
    Percentile(Measure, u16),
    /// The earliest instant with a line left after reversals, in microseconds; zero when there is none.
    Earliest,
    /// The latest such instant.
    Latest,
    /// How many lines there are, entries and reversals alike: zero only where nothing was posted.
    /// Folding makes it less, see [`crate::folded`].
    Lines,
}

/// How rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By a figure (its place in [`Query::figures`]), largest first; equal ones by key.
    LargestFirst(usize),
}

/// One row of an answer. Rows whose figures are all zero are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values grouped by.
    pub keys: Vec<Value>,
    /// The figures asked for. 128 bits, since money is kept in picodollars.
    pub figures: Vec<i128>,
}

/// Which lines to read one by one.
#[derive(Clone, Debug, Default)]
pub struct LineQuery {
    /// The boundary, as in [`Query::as_of`].
    pub as_of: Option<Timestamp>,
    /// Which postings.
    pub filter: Filter,
    /// At most this many lines, newest first by the instant they belong to.
    pub limit: usize,
}
