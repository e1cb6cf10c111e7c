//! One measure of a session while it grows: what the items and the running total add up to, step by step.

use std::collections::VecDeque;

use model::Timestamp;

use super::WholeNeeded;
use crate::settlement::remainder::Step;
use crate::settlement::totals::COUNTER_LAG_MICROS;

/// How long an item is kept one by one for steps that may come late, in microseconds before the newest: far
/// more than clients wait between two exports.
const KEPT_MICROS: i64 = 15 * 60 * 1_000_000;

/// Items that are kept one by one at most.
const MAX_KEPT: usize = 2_000;

/// Larger amounts are left to sums that saturate.
const MAX_AMOUNT: i64 = 1 << 50;

/// Compares items with one running total as [`crate::settlement::remainder`] does, but keeps of what was
/// compared only the sums and where the excess grew.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    /// What the compared steps add up to.
    counted: i64,
    /// What the items add up to that are not in `later`.
    items: i64,
    /// How many items there are.
    pub(super) item_count: usize,
    /// The items that no compared step may count, oldest first.
    later: VecDeque<Step>,
    /// Steps that count nothing before this were to come would be compared wrongly.
    merged_until: Option<Timestamp>,
    /// The steps that are too young to be compared, oldest first, at most one per instant.
    waiting: VecDeque<Step>,
    /// The newest step that was compared.
    pub(super) compared_until: Option<Timestamp>,
    /// Where the excess that no later step has taken back grew, and to what; rising.
    rises: Vec<Step>,
}

impl Curve {
    /// An item that adds to the measure. One that is dated before a compared step can be taken in as long as
    /// nothing was missing by then: the excess there was none and stays none.
    pub(super) fn add_item(&mut self, at: Timestamp, amount: i64) -> Result<(), WholeNeeded> {
        if !(0..=MAX_AMOUNT).contains(&amount) {
            return Err(WholeNeeded);
        }
        self.item_count += 1;
        let is_late = self.compared_until.is_some_and(|until| at <= reach(until));
        if is_late || self.merged_until.is_some_and(|until| at <= until) {
            if is_late && !self.rises.is_empty() {
                return Err(WholeNeeded);
            }
            self.items += amount;
            return Ok(());
        }
        let place = self.later.partition_point(|(earlier, _)| *earlier <= at);
        self.later.insert(place, (at, amount));
        self.merge_old();
        Ok(())
    }

    /// Where no total tells of the measure, its items need not be kept one by one for ever.
    fn merge_old(&mut self) {
        let Some((newest, _)) = self.later.back().copied() else { return };
        let oldest_kept = newest.plus_micros(-KEPT_MICROS);
        while let Some((at, amount)) = self.later.front().copied()
            && (at < oldest_kept || self.later.len() > MAX_KEPT)
        {
            self.later.pop_front();
            self.items += amount;
            self.merged_until = self.merged_until.max(Some(at));
        }
    }

    /// A step of the total that waits to be compared.
    pub(super) fn add_step(&mut self, at: Timestamp, amount: i64) -> Result<(), WholeNeeded> {
        let is_late = self.compared_until.is_some_and(|until| at <= until)
            || self.merged_until.is_some_and(|until| reach(at) < until);
        if is_late || !(0..=MAX_AMOUNT).contains(&amount) {
            return Err(WholeNeeded);
        }
        let place = self.waiting.partition_point(|(earlier, _)| *earlier < at);
        match self.waiting.get_mut(place) {
            Some((same, sum)) if *same == at => *sum += amount,
            _ => self.waiting.insert(place, (at, amount)),
        }
        Ok(())
    }

    /// Whether there are steps to compare up to an instant.
    pub(super) fn has_step_until(&self, until: Timestamp) -> bool {
        self.waits_since().is_some_and(|at| at <= until)
    }

    /// Compares the steps up to an instant.
    pub(super) fn compare_until(&mut self, until: Timestamp) {
        while let Some((at, amount)) = self.waiting.pop_front_if(|(at, _)| *at <= until) {
            self.counted += amount;
            while let Some((_, amount)) = self.later.pop_front_if(|(item_at, _)| *item_at <= reach(at)) {
                self.items += amount;
            }
            self.compared_until = Some(at);
            self.note((self.counted - self.items).max(0), at);
        }
    }

    /// At each step no more is missing than at every later one.
    fn note(&mut self, excess: i64, at: Timestamp) {
        if excess > self.level() {
            self.rises.push((at, excess));
        }
        while self.level() > excess {
            let below = self.rises.len().checked_sub(2).and_then(|below| self.rises.get(below));
            if below.map_or(0, |(_, level)| *level) >= excess {
                self.rises.pop();
            } else if let Some((_, level)) = self.rises.last_mut() {
                *level = excess;
            }
        }
    }

    /// What is missing in all.
    pub(super) fn level(&self) -> i64 {
        self.rises.last().map_or(0, |(_, level)| *level)
    }

    /// What is missing, at its instants.
    pub(super) fn missing(&self) -> Vec<Step> {
        let mut before = 0;
        let steps =
            self.rises.iter().map(|(at, level)| (*at, level - std::mem::replace(&mut before, *level)));
        steps.collect()
    }

    /// Whether anything is missing at an instant.
    pub(super) fn rises_at(&self, at: Timestamp) -> bool {
        self.rises.iter().any(|(rise, _)| *rise == at)
    }

    /// The first step that waits.
    pub(super) fn waits_since(&self) -> Option<Timestamp> {
        self.waiting.front().map(|(at, _)| *at)
    }

    /// About how many bytes it takes up.
    pub(super) fn bytes(&self) -> usize {
        let steps = self.later.capacity() + self.waiting.capacity() + self.rises.capacity();
        size_of::<Self>() + steps * size_of::<Step>()
    }
}

/// The date of the latest item that a step may count.
fn reach(step: Timestamp) -> Timestamp {
    step.plus_micros(COUNTER_LAG_MICROS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settlement::remainder::{RunningTotal, TotalStep, remainder};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// What [`remainder`] makes of the items and of the steps up to an instant.
    fn whole(items: &[Step], steps: &[Step], until: Timestamp) -> Vec<Step> {
        let steps = steps.iter().filter(|(at, _)| *at <= until);
        let steps = steps.map(|(at, amount)| TotalStep { at: *at, reach: reach(*at), amount: *amount });
        remainder(items, &[RunningTotal::new(steps.collect())])
    }

    proptest! {
        #[test]
        fn a_curve_follows_the_whole(
            moments in prop::collection::vec((any::<bool>(), 0..6i64, 0..4i64, 0..30i64), 1..40),
        ) {
            let (mut items, mut steps) = (Vec::new(), Vec::new());
            let mut curve = Curve::default();
            let mut now = 0;
            for (is_item, later, amount, back) in moments {
                now += later;
                let taken = if is_item {
                    items.push((at(now - back), amount));
                    curve.add_item(at(now - back), amount)
                } else {
                    steps.push((at(now), amount));
                    curve.add_step(at(now), amount)
                };
                if taken.is_err() {
                    return Ok(());
                }
                curve.compare_until(at(now - 5));
                prop_assert_eq!(curve.missing(), whole(&items, &steps, at(now - 5)));
            }
            curve.compare_until(Timestamp::MAX);
            prop_assert_eq!(curve.missing(), whole(&items, &steps, Timestamp::MAX));
        }
    }

    #[test]
    fn an_excess_that_falls_back_to_an_earlier_one_leaves_that_one() {
        let mut curve = Curve::default();
        for (second, amount) in [(0, 3), (10, 5)] {
            curve.add_step(at(second), amount).unwrap();
        }
        curve.compare_until(at(10));
        assert_eq!(curve.missing(), [(at(0), 3), (at(10), 5)]);
        curve.add_item(at(15), 6).unwrap();
        curve.add_step(at(20), 1).unwrap();
        curve.compare_until(at(20));
        assert_eq!(curve.missing(), [(at(0), 3)]);
    }

    #[test]
    fn what_is_too_late_to_be_compared_rightly_is_refused() {
        let mut curve = Curve::default();
        curve.add_step(at(10), 3).unwrap();
        curve.compare_until(at(10));
        assert_eq!(curve.add_step(at(9), 1), Err(WholeNeeded));
        assert_eq!(curve.add_item(at(9), 1), Err(WholeNeeded), "three were missing by then");
        curve.add_item(at(20), 5).unwrap();
        curve.add_step(at(30), 1).unwrap();
        curve.compare_until(at(30));
        assert_eq!(curve.missing(), []);
        curve.add_item(at(9), 1).unwrap();
        curve.add_item(at(30 + 16 * 60), 1).unwrap();
        curve.add_item(at(30 + 48 * 60), 1).unwrap();
        assert_eq!(curve.later.len(), 1, "items without a total are not kept for ever");
        assert_eq!(curve.add_step(at(40), 1), Err(WholeNeeded));
    }
}
