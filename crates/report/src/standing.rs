//! Who came, stayed, came back and left: people of a range, compared with as many days before.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join;
use serde::Serialize;
use store::{Dimension, Group, Store, Value};
use utoipa::ToSchema;

use crate::ReportError;
use crate::figures::ACTIVE_PEOPLE;
use crate::range::DateRange;
use crate::scope::Scope;

/// How somebody stands in a range. Somebody is active with at least one request to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Active for the first time.
    New,
    /// Active, and in as many days before as well.
    Steady,
    /// Active, not in as many days before, but earlier.
    Returning,
    /// Not active, but in as many days before.
    Silent,
}

/// How everybody stands who was active in the range or in as many days before; `scope` is of the range.
///
/// The days before are left out where they would reach back before the calendar's beginning.
pub(crate) async fn standings(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
) -> Result<BTreeMap<String, Standing>, ReportError> {
    let Ok(previous) = range.previous() else {
        let now = active(store, scope).await?;
        return Ok(now.into_iter().map(|actor| (actor, Standing::New)).collect());
    };
    let mut earlier = scope.clone();
    earlier.filter.from = Some(previous.from());
    earlier.filter.until = Some(previous.until());
    let (now, before) = try_join(active(store, scope), active(store, &earlier)).await?;
    let arrived: Vec<&String> = now.difference(&before).collect();
    let known = if arrived.is_empty() {
        BTreeSet::new()
    } else {
        earlier.filter.from = None;
        earlier.filter.until = Some(previous.from());
        let values = arrived.iter().map(|actor| Value::from(actor.as_str())).collect();
        earlier.filter.among.push((Dimension::ActorName, values));
        active(store, &earlier).await?
    };
    let standing = |actor: &String| match (now.contains(actor), before.contains(actor)) {
        (true, true) => Standing::Steady,
        (true, false) if known.contains(actor) => Standing::Returning,
        (true, false) => Standing::New,
        (false, _) => Standing::Silent,
    };
    Ok(now.union(&before).map(|actor| (actor.clone(), standing(actor))).collect())
}

/// Everybody with a request in the scope.
async fn active(store: &dyn Store, scope: &Scope) -> Result<BTreeSet<String>, ReportError> {
    let by_actor = vec![Group::Dimension(Dimension::ActorName)];
    let rows = scope.rows(store, by_actor, vec![ACTIVE_PEOPLE]).await?;
    Ok(rows.into_iter().map(|row| row.text(0).to_owned()).collect())
}
