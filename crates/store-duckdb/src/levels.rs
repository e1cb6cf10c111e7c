//! Which tables of sums there are, and what each of them tells.
//!
//! A table of sums tells what the lines tell but for some dimensions. The more it leaves out, the fewer rows it has:
//! each figure of a question is read from the smallest table that tells all it needs.

use model::{Kind, Timestamp};
use store::schema::{Dimension, Measure};
use store::{Figure, Filter, Group, Query, TimeBucket};

use crate::ddl::{SUMS, SUMS_OF_SESSIONS, SUMS_OF_WORK};
use crate::teams;

/// How much time a row spans, in microseconds. Whole hours would not do for the zones that are half an hour off.
pub(crate) const SPAN_MICROS: i64 = 1_800_000_000;

/// The kind of which [`FINEST`] does tell the single thing: how many sessions were started is asked everywhere, and
/// there are few.
pub(crate) const TOLD: Kind = Kind::SessionStart;

/// The kind of which every table tells how many lines of it there are: who was active and where, by their requests, is
/// asked everywhere too.
pub(crate) const NUMBERED: Kind = Kind::Request;

/// The measure of which the tables that tell kinds keep lines with and without it apart: what clients reported is shown
/// beside what the price book says of the same. Lines of which both come together are few.
pub(crate) const TOLD_APART: Measure = Measure::CostReported;

/// A table of sums.
#[derive(Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) table: &'static str,
    /// Dimensions that it does not tell.
    untold: &'static [Dimension],
    /// What its rows lie sorted by, so that columns are the same over long stretches and are skipped.
    pub(crate) order: &'static [Dimension],
}

/// What was done, not by whom and in which session: much the same for an hour of ten people and of a thousand.
const OF_WORK: Level = Level {
    table: SUMS_OF_WORK,
    untold: &[
        Dimension::Session,
        Dimension::ActorKind,
        Dimension::ActorName,
        Dimension::Branch,
        Dimension::Item,
        Dimension::Request,
        Dimension::Message,
    ],
    order: &[Dimension::Kind, Dimension::Tenant, Dimension::Project, Dimension::At],
};

/// Who worked and where, session by session, not on what: a row or two for a session's half hour, and one more where a
/// session started.
const OF_SESSIONS: Level = Level {
    table: SUMS_OF_SESSIONS,
    untold: &[
        Dimension::Kind,
        Dimension::Model,
        Dimension::Subject,
        Dimension::Outcome,
        Dimension::DecidedBy,
        Dimension::Language,
        Dimension::QuerySource,
        Dimension::Agent,
        Dimension::Skill,
        Dimension::McpServer,
        Dimension::Effort,
        Dimension::Fast,
        Dimension::Request,
        Dimension::Message,
    ],
    order: &[Dimension::Tenant, Dimension::ActorName, Dimension::Session, Dimension::At],
};

/// Everything but single things, those of [`TOLD`] excepted.
pub(crate) const FINEST: Level = Level {
    table: SUMS,
    untold: &[Dimension::Request, Dimension::Message],
    order: &[Dimension::Kind, Dimension::Tenant, Dimension::ActorName, Dimension::Session, Dimension::At],
};

/// Every table of sums. Of many people the first has the fewest rows, of few people the second.
pub(crate) const LEVELS: [&Level; 3] = [&OF_WORK, &OF_SESSIONS, &FINEST];

impl Level {
    /// Dimensions of the table. Of an item [`TOLD`] ones, else zero.
    pub(crate) fn told(&self) -> impl Iterator<Item = Dimension> {
        Dimension::ALL.iter().copied().filter(|dimension| self.has(*dimension))
    }

    /// Whether there is a column for the dimension.
    pub(crate) fn has(&self, dimension: Dimension) -> bool {
        !self.untold.contains(&dimension)
    }

    /// Whether it tells of a line of the kind which values of other dimensions it has.
    fn tells_kind(&self, kind: Kind) -> bool {
        self.has(Dimension::Kind) || kind == NUMBERED || (kind == TOLD && self.has(Dimension::Item))
    }

    /// Whether its rows can be told apart by the dimension as the lines can.
    fn tells_dimension(&self, dimension: Dimension) -> bool {
        self.has(dimension) && !matches!(dimension, Dimension::At | Dimension::Item)
    }

    /// Whether the table, with the lines of transactions after `until`, tells which lines a question chooses and what
    /// they are grouped by.
    pub(crate) fn tells(&self, query: &Query, until: Timestamp) -> bool {
        query.as_of.is_none_or(|as_of| as_of >= until)
            && self.tells_filter(&query.filter)
            && (self.has(Dimension::ActorName) || !teams::are_of_a_book(query))
            && query.group_by.iter().all(|group| match group {
                Group::Dimension(dimension) => self.tells_dimension(*dimension),
                Group::Time(bucket) => tell_bucket(bucket),
            })
    }

    /// Whether it tells the figure. What looks at single values of lines is read from the lines.
    pub(crate) fn tells_figure(&self, figure: Figure) -> bool {
        match figure {
            Figure::Sum(_) | Figure::Earliest | Figure::Latest | Figure::Lines => true,
            Figure::Distinct(Dimension::Item, kind) => self.has(Dimension::Item) && kind == Some(TOLD),
            Figure::Distinct(dimension, kind) => {
                self.tells_dimension(dimension) && kind.is_none_or(|kind| self.tells_kind(kind))
            }
            Figure::Percentile(..) => false,
        }
    }

    fn tells_filter(&self, filter: &Filter) -> bool {
        filter.posted_after.is_none()
            && (filter.any_of.is_empty() || (filter.any_of == [TOLD_APART] && self.has(Dimension::Kind)))
            && (filter.kinds.is_empty() || self.has(Dimension::Kind))
            && (filter.told_by.is_empty() || self.has(Dimension::Session))
            && [filter.from, filter.until].into_iter().flatten().all(begins_a_span)
            && filter.among.iter().all(|(dimension, _)| self.tells_dimension(*dimension))
    }
}

fn tell_bucket(bucket: &TimeBucket) -> bool {
    bucket.offsets.iter().enumerate().all(|(index, (from, seconds))| {
        let is_whole = i64::from(*seconds) * 1_000_000 % SPAN_MICROS == 0;
        is_whole && (index == 0 || begins_a_span(*from))
    })
}

fn begins_a_span(at: Timestamp) -> bool {
    at.as_micros() % SPAN_MICROS == 0
}
