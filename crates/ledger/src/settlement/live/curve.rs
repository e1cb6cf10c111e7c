//! One measure of a session while it grows: what the items and the running total add up to, step by step.

use std::collections::VecDeque;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{WholeNeeded, rising};
use crate::settlement::remainder::Step;
use crate::settlement::totals::COUNTER_LAG_MICROS;

/// How long items and steps are kept one by one for others that may come late, in microseconds before the newest.
/// A step is dated when it is exported, so this is about how late an export may arrive, not how seldom clients
/// export.
const KEPT_MICROS: i64 = 5 * 60 * 1_000_000;

/// Items that are kept one by one at most, except while a step waits that may count only some of them.
const MAX_KEPT: usize = 2_000;

/// Larger amounts are left to sums that saturate.
const MAX_AMOUNT: i64 = 1 << 50;

/// Compares items with one running total as [`crate::settlement::remainder`] does, but keeps of what is older
/// than a while only the sums and where the excess grew.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Curve {
    /// What the old items and steps came to.
    old: Course,
    /// The newest old step.
    old_until: Option<Timestamp>,
    /// The newest item that is old although no step counts it.
    merged_until: Option<Timestamp>,
    /// How many items there are, old ones included.
    pub(super) item_count: usize,
    /// The items that are not old, oldest first.
    #[serde(with = "rising::steps")]
    items: VecDeque<Step>,
    /// The steps that are not old, oldest first, at most one per instant.
    #[serde(with = "rising::steps")]
    steps: VecDeque<Step>,
    /// The newest step that was compared.
    pub(super) compared_until: Option<Timestamp>,
    /// The first step that waits. A session has dozens of curves, and of nearly all of them no more is asked each time
    /// something comes: so they should not be searched.
    waits_since: Option<Timestamp>,
    /// Whether anything came or was compared since the curve was aged.
    has_grown: bool,
    /// Whether something came that changes what was compared.
    is_stale: bool,
    /// What all steps that were compared came to.
    now: Course,
}

/// What items and steps came to by one step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Course {
    /// What the steps add up to.
    counted: i64,
    /// What the items add up to that the steps may count.
    items: i64,
    /// Where the excess that no later step has taken back grew, and to what; rising.
    #[serde(with = "rising::steps")]
    rises: Vec<Step>,
}

impl Course {
    /// The next step, and the items that it may count beyond the step before.
    fn go_on(&mut self, (at, amount): Step, items: impl Iterator<Item = Step>) {
        self.counted += amount;
        self.items += items.map(|(_, amount)| amount).sum::<i64>();
        self.note((self.counted - self.items).max(0), at);
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

    fn level(&self) -> i64 {
        self.rises.last().map_or(0, |(_, level)| *level)
    }
}

impl Curve {
    /// An item that adds to the measure. One that is dated before an old step can be taken in as long as nothing
    /// was missing by then: the excess there was none and stays none.
    pub(super) fn add_item(&mut self, at: Timestamp, amount: i64) -> Result<(), WholeNeeded> {
        if !(0..=MAX_AMOUNT).contains(&amount) {
            return Err(WholeNeeded);
        }
        let is_late = self.old_until.is_some_and(|until| at <= reach(until));
        if is_late && !self.old.rises.is_empty() {
            return Err(WholeNeeded);
        }
        self.item_count += 1;
        self.has_grown = true;
        self.is_stale |= self.compared_until.is_some_and(|until| at <= reach(until));
        if is_late || self.merged_until.is_some_and(|until| at <= until) {
            self.old.items += amount;
        } else {
            let place = self.items.partition_point(|(earlier, _)| *earlier <= at);
            self.items.insert(place, (at, amount));
        }
        Ok(())
    }

    /// A step of the total that waits to be compared.
    pub(super) fn add_step(&mut self, at: Timestamp, amount: i64) -> Result<(), WholeNeeded> {
        let is_late = self.old_until.is_some_and(|until| at <= until)
            || self.merged_until.is_some_and(|until| reach(at) < until);
        if is_late || !(0..=MAX_AMOUNT).contains(&amount) {
            return Err(WholeNeeded);
        }
        self.has_grown = true;
        let is_compared = self.compared_until.is_some_and(|until| at <= until);
        self.is_stale |= is_compared;
        if !is_compared && self.waits_since.is_none_or(|since| at < since) {
            self.waits_since = Some(at);
        }
        let place = self.steps.partition_point(|(earlier, _)| *earlier < at);
        match self.steps.get_mut(place) {
            Some((same, sum)) if *same == at => *sum += amount,
            _ => self.steps.insert(place, (at, amount)),
        }
        Ok(())
    }

    /// Whether comparing the steps up to an instant may change anything.
    pub(super) fn is_due(&self, until: Timestamp) -> bool {
        self.is_stale || self.waits_since.is_some_and(|at| at <= until)
    }

    /// Compares the steps up to an instant.
    pub(super) fn compare_until(&mut self, until: Timestamp) {
        if self.is_due(until) {
            let until = self.compared_until.map_or(until, |compared| compared.max(until));
            self.now.clone_from(&self.old);
            let mut items = self.items.iter().copied().peekable();
            for step in self.steps.iter().take_while(|(at, _)| *at <= until) {
                let counted = std::iter::from_fn(|| items.next_if(|(at, _)| *at <= reach(step.0)));
                self.now.go_on(*step, counted);
                self.compared_until = Some(step.0);
            }
            self.is_stale = false;
            self.waits_since = self.first_waiting();
            self.has_grown = true;
        }
        if std::mem::take(&mut self.has_grown) {
            self.age();
        }
    }

    /// Keeps sums of what has grown old. Steps that wait keep what they may count.
    fn age(&mut self) {
        let newest = self.items.back().max(self.steps.back()).map(|(at, _)| *at);
        let Some(oldest_kept) = newest.map(|newest| newest.plus_micros(-KEPT_MICROS)) else { return };
        let is_old = |at, items: &VecDeque<Step>| at < oldest_kept || items.len() > MAX_KEPT;
        let compared_until = self.compared_until;
        while let Some(step) =
            self.steps.pop_front_if(|(at, _)| Some(*at) <= compared_until && is_old(*at, &self.items))
        {
            let counted = std::iter::from_fn(|| self.items.pop_front_if(|(at, _)| *at <= reach(step.0)));
            self.old.go_on(step, counted);
            self.old_until = Some(step.0);
        }
        if !self.steps.is_empty() {
            return;
        }
        // Where no total tells of the measure, its items need not be kept one by one for ever.
        while let Some((at, amount)) = self.items.front().copied()
            && is_old(at, &self.items)
        {
            self.items.pop_front();
            self.old.items += amount;
            self.merged_until = self.merged_until.max(Some(at));
        }
    }

    /// What is missing in all.
    pub(super) fn level(&self) -> i64 {
        self.now.level()
    }

    /// What is missing, at its instants.
    pub(super) fn missing(&self) -> Vec<Step> {
        let mut before = 0;
        let rises = self.now.rises.iter();
        rises.map(|(at, level)| (*at, level - std::mem::replace(&mut before, *level))).collect()
    }

    /// Whether anything is missing at an instant.
    pub(super) fn rises_at(&self, at: Timestamp) -> bool {
        self.now.rises.iter().any(|(rise, _)| *rise == at)
    }

    /// The first step that waits.
    pub(super) const fn waits_since(&self) -> Option<Timestamp> {
        self.waits_since
    }

    fn first_waiting(&self) -> Option<Timestamp> {
        let waits = self.steps.partition_point(|(at, _)| Some(*at) <= self.compared_until);
        self.steps.get(waits).map(|(at, _)| *at)
    }

    /// About how many bytes it takes up beside itself.
    pub(super) fn bytes(&self) -> usize {
        let kept = self.items.capacity() + self.steps.capacity();
        let rises = self.old.rises.capacity() + self.now.rises.capacity();
        (kept + rises) * size_of::<Step>()
    }
}

/// The date of the latest item that a step may count.
fn reach(step: Timestamp) -> Timestamp {
    step.plus_micros(COUNTER_LAG_MICROS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

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
            moments in prop::collection::vec((any::<bool>(), 0..6i64, 0..4i64, 0..30i64), 1..40), pace in select(vec![1, 60]),
        ) {
            let (mut items, mut steps) = (Vec::new(), Vec::new());
            let mut curve = Curve::default();
            let mut now = 0;
            for (is_item, later, amount, back) in moments {
                now += later * pace;
                let taken = if is_item {
                    items.push((at(now - back), amount));
                    curve.add_item(at(now - back), amount)
                } else {
                    steps.push((at(now - back / 2), amount));
                    curve.add_step(at(now - back / 2), amount)
                };
                if taken.is_err() {
                    return Ok(());
                }
                curve.compare_until(at(now - 5));
                prop_assert_eq!(curve.missing(), whole(&items, &steps, at(now - 5)));
                prop_assert_eq!(curve.waits_since(), curve.first_waiting());
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
    fn what_comes_late_is_compared_as_if_it_had_not() {
        let mut curve = Curve::default();
        curve.add_step(at(10), 3).unwrap();
        curve.add_step(at(30), 1).unwrap();
        curve.compare_until(at(30));
        assert_eq!(curve.missing(), [(at(10), 3), (at(30), 1)]);
        curve.add_item(at(9), 3).unwrap();
        assert!(curve.is_due(at(30)));
        curve.compare_until(at(30));
        assert_eq!(curve.missing(), [(at(30), 1)]);
        curve.add_step(at(20), 2).unwrap();
        curve.compare_until(at(30));
        assert_eq!(curve.missing(), [(at(20), 2), (at(30), 1)]);
    }

    #[test]
    fn what_is_too_late_to_be_compared_rightly_is_refused() {
        let mut curve = Curve::default();
        curve.add_step(at(10), 3).unwrap();
        curve.add_item(at(10 + 6 * 60), 3).unwrap();
        curve.compare_until(at(10));
        assert_eq!(curve.add_step(at(9), 1), Err(WholeNeeded));
        assert_eq!(curve.add_item(at(9), 1), Err(WholeNeeded), "three were missing by then");
        curve.add_step(at(11 + 6 * 60), 0).unwrap();
        curve.compare_until(at(11 + 6 * 60));
        assert_eq!(curve.missing(), []);
        curve.add_step(at(20 + 12 * 60), 0).unwrap();
        curve.compare_until(at(20 + 12 * 60));
        assert!(curve.items.is_empty() && curve.steps.len() == 1, "old ones are not kept");
    }

    #[test]
    fn items_without_a_total_are_not_kept_for_ever() {
        let mut curve = Curve::default();
        for minute in [0, 1, 16, 48] {
            curve.add_item(at(60 * minute), 1).unwrap();
        }
        curve.compare_until(at(0));
        assert_eq!(curve.items.len(), 1);
        assert_eq!(curve.add_step(at(40), 1), Err(WholeNeeded));
        curve.add_step(at(60 * 50), 5).unwrap();
        curve.compare_until(at(60 * 50));
        assert_eq!(curve.missing(), [(at(60 * 50), 1)]);
    }
}
