//! What changed and why: where cost rose and fell against the days compared with.

use std::collections::BTreeMap;

use futures::future::try_join;
use model::Money;
use serde::Serialize;
use store::{Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::breakdown::Part;
use crate::figures::SPENDING;
use crate::filter::Filter;
use crate::range::{Comparison, DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told};
use store::Dimension;

/// How many movers are named in each part.
pub const MOST_MOVERS: usize = 6;

/// What the change is looked for in. People are not among it: a change of one person's work is nobody's
/// headline.
const PARTS: [(Part, Dimension); 4] = [
    (Part::Project, Dimension::Project),
    (Part::Team, Dimension::Team),
    (Part::Model, Dimension::Model),
    (Part::Agent, Dimension::Agent),
];

/// Where cost rose and fell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Movers {
    /// The days.
    pub range: Range,
    /// The days compared with.
    pub compared: Range,
    /// Settled cost then, in micro-dollars.
    pub before: i64,
    /// Settled cost now.
    pub now: i64,
    /// Now less then.
    pub change: i64,
    /// The same change, told apart in several ways; each adds up to the whole.
    pub parts: Vec<MoversOfPart>,
}

/// The change, told apart in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoversOfPart {
    /// In which way.
    pub by: Part,
    /// Those that changed most, whichever way, the largest change first.
    pub movers: Vec<Mover>,
    /// The sum of all other changes.
    pub others: i64,
}

/// What changed, in micro-dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mover {
    /// Its name; `unknown` is what no source told.
    pub value: String,
    /// Settled cost then.
    pub before: i64,
    /// Settled cost now.
    pub now: i64,
    /// Now less then.
    pub change: i64,
}

/// Compares the range with the days that `comparison` names.
///
/// # Errors
/// [`ReportError::RangeTooLong`] when those would reach back before 1970, and [`ReportError::Store`].
pub async fn ask(
    store: &dyn Store,
    range: &DateRange,
    comparison: Comparison,
    filter: &Filter,
) -> Result<Movers, ReportError> {
    let boundary = store.boundary().await?;
    let compared = range.compared(comparison)?;
    let now = Scope::filtered(range, boundary, filter).of_kinds(&SPENDING);
    let then = Scope::filtered(&compared, boundary, filter).of_kinds(&SPENDING);
    let (before, now) = try_join(costs(store, &then), costs(store, &now)).await?;
    let [sum_before, sum_now] = [&before, &now].map(|rows| rows.iter().map(cost_of).sum());
    let parts = PARTS.into_iter().enumerate().map(|(place, (by, _))| {
        let mut costs: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        for row in &before {
            costs.entry(told(row.text(place))).or_default().0 += cost_of(row);
        }
        for row in &now {
            costs.entry(told(row.text(place))).or_default().1 += cost_of(row);
        }
        part(by, costs)
    });
    Ok(Movers {
        range: range.into(),
        compared: (&compared).into(),
        before: Money::to_micros(sum_before),
        now: Money::to_micros(sum_now),
        change: Money::to_micros(sum_now - sum_before),
        parts: parts.collect(),
    })
}

const COST: Figure = Figure::Sum(Measure::CostSettled);

/// Cost told apart in all ways at once: one look at the ledger tells more than one for each way would, and few things
/// differ in all of them.
async fn costs(store: &dyn Store, scope: &Scope) -> Result<Vec<Found>, ReportError> {
    let group_by = PARTS.map(|(_, dimension)| Group::Dimension(dimension)).to_vec();
    scope.rows(store, group_by, vec![COST]).await
}

fn cost_of(row: &Found) -> i128 {
    row.figures.exact(COST)
}

fn part(by: Part, costs: BTreeMap<String, (i128, i128)>) -> MoversOfPart {
    let mut moved: Vec<(String, i128, i128)> =
        costs.into_iter().map(|(value, (before, now))| (value, before, now)).collect();
    moved.retain(|(_, before, now)| before != now);
    moved.sort_by(|(name, before, now), (other, other_before, other_now)| {
        let sizes = (other_now - other_before).abs().cmp(&(now - before).abs());
        sizes.then_with(|| name.cmp(other))
    });
    let others = moved.iter().skip(MOST_MOVERS).map(|(_, before, now)| now - before).sum();
    let mover = |(value, before, now): (String, i128, i128)| Mover {
        value,
        before: Money::to_micros(before),
        now: Money::to_micros(now),
        change: Money::to_micros(now - before),
    };
    MoversOfPart {
        by,
        movers: moved.into_iter().take(MOST_MOVERS).map(mover).collect(),
        others: Money::to_micros(others),
    }
}
