//! A day worked out from how it stood a moment earlier.
//!
//! While telemetry streams in, a day of ten thousand people changes several times a second, but only a few
//! people's rows do. The ledger can tell whose: lines are only ever added, so a row differs only if a line of
//! its actor was posted since, or has become old enough to be shown.

use std::collections::BTreeSet;

use store::{Dimension, Figure, Group, Store};

use super::{Parameters, UsageDay, UsageSums, ask, rows_of, scope_of};
use crate::scope::Scope;
use crate::{NOT_TOLD, ReportError};

/// With more changed actors than this, the whole day is asked for instead.
const MOST_CHANGED: usize = 2_000;

/// The same answer as [`ask`], from an earlier one. Where that is of another question, or too much has
/// changed since, it is no quicker.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask_after(
    store: &dyn Store,
    parameters: &Parameters,
    earlier: &UsageDay,
) -> Result<UsageDay, ReportError> {
    let scope = scope_of(parameters).filter(|_| is_earlier(&earlier.asked, parameters));
    let Some(mut scope) = scope else { return ask(store, parameters).await };
    let Some(changed) = changed_actors(store, &scope, &earlier.asked).await? else {
        return ask(store, parameters).await;
    };
    let is_unchanged = |row: &&UsageSums| !changed.contains(&row.0.actor_name);
    let mut rows: Vec<UsageSums> = earlier.rows.iter().filter(is_unchanged).cloned().collect();
    if !changed.is_empty() {
        let names = changed.iter().map(|name| name.as_str().into()).collect();
        scope.filter.among.push((Dimension::ActorName, names));
        rows.extend(rows_of(store, parameters, &scope).await?);
        rows.sort_by(|one, other| one.0.cmp(&other.0));
    }
    Ok(UsageDay { asked: parameters.clone(), rows })
}

fn is_earlier(one: &Parameters, other: &Parameters) -> bool {
    let at_moment_of_other = Parameters { as_of: other.as_of, before: other.before, ..one.clone() };
    at_moment_of_other == *other && one.as_of <= other.as_of && one.before <= other.before
}

/// Names of the actors whose rows may differ from the earlier ones; `None` when they are too many.
async fn changed_actors(
    store: &dyn Store,
    scope: &Scope,
    earlier: &Parameters,
) -> Result<Option<BTreeSet<String>>, ReportError> {
    let mut posted = scope.clone();
    posted.filter.posted_after = Some(earlier.as_of);
    // Between the two instants that end what is shown: all of it was too new before.
    let mut of_age = scope.clone();
    of_age.filter.from = of_age.filter.from.max(Some(earlier.before));
    let mut names = BTreeSet::new();
    for scope in [posted, of_age] {
        if scope.filter.from < scope.filter.until {
            let by_name = vec![Group::Dimension(Dimension::ActorName)];
            let rows = scope.rows(store, by_name, vec![Figure::Lines]).await?;
            names.extend(rows.iter().map(|row| row.text(0).to_owned()));
        }
    }
    // Both stand for nobody in particular and share a row.
    if names.contains("") || names.contains(NOT_TOLD) {
        names.extend([String::new(), NOT_TOLD.to_owned()]);
    }
    Ok(Some(names).filter(|names| names.len() <= MOST_CHANGED))
}
