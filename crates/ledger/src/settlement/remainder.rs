//! What running totals hold beyond the items that are known one by one.

use model::Timestamp;

/// An amount that was added at an instant.
pub(super) type Step = (Timestamp, i64);

/// One source's running total: what it counted, as increments, oldest first, at most one per instant.
pub(super) struct RunningTotal {
    steps: Vec<TotalStep>,
}

/// An increment of a running total.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TotalStep {
    /// When it was told.
    pub at: Timestamp,
    /// The date of the latest item that it may count; not before `at`.
    pub reach: Timestamp,
    /// What was added.
    pub amount: i64,
}

impl RunningTotal {
    /// From increments in any order.
    pub(super) fn new(mut steps: Vec<TotalStep>) -> Self {
        steps.sort_unstable();
        let mut merged: Vec<TotalStep> = Vec::with_capacity(steps.len());
        let mut reach = Timestamp::MIN;
        for step in steps {
            // A later step counts whatever an earlier one may count.
            reach = reach.max(step.reach);
            match merged.last_mut() {
                // What was told at one instant is compared as a whole: parts of it would seem to lack.
                Some(last) if last.at == step.at => {
                    last.amount = last.amount.saturating_add(step.amount);
                    last.reach = reach;
                }
                _ => merged.push(TotalStep { reach, ..step }),
            }
        }
        Self { steps: merged }
    }

    /// The first increment within a span of time, both ends excluded and included respectively.
    pub(super) fn first_within(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        self.steps.iter().map(|step| step.at).find(|at| *at > after && *at <= until)
    }

    /// Forgets the increments from an instant on.
    pub(super) fn cut_from(&mut self, at: Timestamp) {
        self.steps.retain(|step| step.at < at);
    }
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
    let mut counted: i64 = 0;
    let mut sum_of_items: i64 = 0;
    let mut next_item = items.iter().peekable();
    let mut curve: Vec<Step> = Vec::with_capacity(total.steps.len());
    for step in &total.steps {
        counted = counted.saturating_add(step.amount);
        while let Some((_, amount)) = next_item.next_if(|(item_at, _)| *item_at <= step.reach) {
            sum_of_items = sum_of_items.saturating_add(*amount);
        }
        curve.push((step.at, counted.saturating_sub(sum_of_items).max(0)));
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
        reaching(0, pairs)
    }

    fn reaching(seconds: i64, pairs: &[(i64, i64)]) -> RunningTotal {
        let steps = steps(pairs).into_iter();
        let steps = steps.map(|(at, amount)| TotalStep { at, reach: at.plus_seconds(seconds), amount });
        RunningTotal::new(steps.collect())
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
        assert_eq!(remainder(&items, &[reaching(1, &[(60, 5)])]), vec![]);
        assert_eq!(remainder(&items, &[reaching(0, &[(60, 5)])]), steps(&[(60, 5)]));
    }

    #[test]
    fn the_series_of_one_interval_are_compared_together() {
        // At 30 three tokens had no item; at 60 two series of the same batch added one and five.
        let items = steps(&[(40, 5)]);
        let total = total(&[(30, 3), (60, 1), (60, 5)]);
        assert_eq!(remainder(&items, &[total]), steps(&[(30, 3), (60, 1)]));
    }

    #[test]
    fn sums_beyond_the_range_do_not_wrap() {
        let total = total(&[(1, i64::MAX), (2, i64::MAX)]);
        let items = steps(&[(1, i64::MAX), (2, i64::MAX)]);
        assert_eq!(remainder(&items, &[total]), vec![]);
    }
}
