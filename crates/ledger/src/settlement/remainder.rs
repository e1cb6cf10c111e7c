//! What running totals hold beyond the items that are known one by one.

use model::Timestamp;

/// An amount that was added at an instant. Used for items and for the steps of running totals alike.
pub(super) type Step = (Timestamp, i64);

/// One source's running total.
pub(super) struct RunningTotal {
    /// What the source counted, as increments, oldest first.
    pub steps: Vec<Step>,
    /// How much later than a step an item it counts may be dated, in microseconds.
    pub lag_micros: i64,
}

/// The increments, each at its instant, that bring the items up to what the largest of the running
/// totals proves.
///
/// Items and totals are compared as running sums at each step of each total: not by calendar day, since a
/// step may count items of the day before. An excess that later steps take back was only a matter of
/// who reported first, so at each step no more is taken as missing than at every later one.
pub(super) fn remainder(items: &[Step], totals: &[RunningTotal]) -> Vec<Step> {
    let mut items = items.to_vec();
    items.sort_unstable();
    let curves: Vec<Vec<Step>> = totals.iter().map(|total| lasting_excess(&items, total)).collect();
    let mut instants: Vec<Timestamp> = curves.iter().flatten().map(|(at, _)| *at).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut missing = Vec::new();
    let mut known = 0;
    for at in instants {
        let highest = curves.iter().map(|curve| value_at(curve, at)).max().unwrap_or(0);
        if highest > known {
            missing.push((at, highest - known));
            known = highest;
        }
    }
    missing
}

/// At each step, the excess of the total over the items that no later step takes back.
fn lasting_excess(items: &[Step], total: &RunningTotal) -> Vec<Step> {
    let mut counted = 0;
    let mut sum_of_items = 0;
    let mut next_item = items.iter().peekable();
    let mut curve: Vec<Step> = Vec::with_capacity(total.steps.len());
    for (at, amount) in &total.steps {
        counted += amount;
        let reach = at.plus_micros(total.lag_micros);
        while let Some((_, amount)) = next_item.next_if(|(item_at, _)| *item_at <= reach) {
            sum_of_items += amount;
        }
        curve.push((*at, (counted - sum_of_items).max(0)));
    }
    let mut lowest = i64::MAX;
    for (_, excess) in curve.iter_mut().rev() {
        lowest = lowest.min(*excess);
        *excess = lowest;
    }
    curve
}

fn value_at(curve: &[Step], at: Timestamp) -> i64 {
    let after = curve.partition_point(|(step, _)| *step <= at);
    after.checked_sub(1).and_then(|last| curve.get(last)).map_or(0, |(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(pairs: &[(i64, i64)]) -> Vec<Step> {
        pairs.iter().map(|(second, amount)| (Timestamp::from_seconds(*second), *amount)).collect()
    }

    fn total(pairs: &[(i64, i64)]) -> RunningTotal {
        RunningTotal { steps: steps(pairs), lag_micros: 0 }
    }

    #[test]
    fn totals_alone_are_posted_where_they_were_counted() {
        let alone = remainder(&[], &[total(&[(60, 5), (120, 7)])]);
        assert_eq!(alone, steps(&[(60, 5), (120, 7)]));
    }

    #[test]
    fn nothing_remains_where_items_explain_the_total() {
        let items = steps(&[(10, 5), (70, 7)]);
        assert_eq!(remainder(&items, &[total(&[(60, 5), (120, 7)])]), vec![]);
    }

    #[test]
    fn what_items_lack_is_dated_by_its_interval() {
        let items = steps(&[(10, 5), (130, 1)]);
        let metered = total(&[(60, 5), (120, 7), (180, 1)]);
        assert_eq!(remainder(&items, &[metered]), steps(&[(120, 7)]));
    }

    #[test]
    fn an_item_reported_after_the_total_takes_the_excess_back() {
        // The total ran ahead at 60; by 120 the items had caught up.
        let items = steps(&[(61, 5), (70, 7)]);
        assert_eq!(remainder(&items, &[total(&[(60, 5), (120, 7)])]), vec![]);
    }

    #[test]
    fn of_two_totals_the_larger_counts_and_never_their_sum() {
        let items = steps(&[(10, 100)]);
        let metered = total(&[(60, 100), (120, 20)]);
        let told = total(&[(130, 150)]);
        assert_eq!(remainder(&items, &[metered, told]), steps(&[(120, 20), (130, 30)]));
    }

    #[test]
    fn items_beyond_a_total_that_stopped_change_nothing_before() {
        let items = steps(&[(10, 5), (500, 1_000)]);
        assert_eq!(remainder(&items, &[total(&[(60, 8)])]), steps(&[(60, 3)]));
    }

    #[test]
    fn a_lagging_item_is_within_reach() {
        let items = steps(&[(61, 5)]);
        let total = RunningTotal { steps: steps(&[(60, 5)]), lag_micros: 1_000_000 };
        assert_eq!(remainder(&items, &[total]), vec![]);
    }
}
