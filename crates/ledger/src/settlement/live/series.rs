//! The counters of a session while they grow: from points as they come to what each added.

use std::collections::HashMap;

use model::{Counter, CounterPoint, ItemKey, Record, Temporality, Timestamp};
use serde::{Deserialize, Serialize};

use super::WholeNeeded;
use crate::settlement::counters::scale;

/// Every series of a session, as [`crate::settlement::counters`] follows them, but without their points.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct AllSeries(HashMap<ItemKey, Vec<(Counter, Series)>>);

/// One series: what it has added up to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Series {
    /// When its newest point was recorded, and the record's key.
    newest: (Timestamp, u128),
    running: f64,
    /// The whole units of `running` that steps were made of.
    whole: i64,
    /// The newest value of each process, where series are cumulative.
    processes: Vec<(Option<Timestamp>, f64)>,
}

impl AllSeries {
    /// Takes a point in and returns what it adds, in whole units; zero for nothing. Points of one series have
    /// to come in order.
    pub(super) fn add(&mut self, record: &Record, point: &CounterPoint) -> Result<i64, WholeNeeded> {
        // There is one, but for hashes that are equal by chance.
        let alike = self.0.entry(point.series).or_insert_with(|| Vec::with_capacity(1));
        let newest = (record.at, record.key.as_u128());
        let known = alike.iter_mut().find(|(counter, _)| *counter == point.counter);
        if let Some((_, series)) = known {
            if series.newest >= newest {
                return Err(WholeNeeded);
            }
            series.newest = newest;
            return Ok(series.add(point));
        }
        let mut series = Series { newest, running: 0.0, whole: 0, processes: Vec::new() };
        let added = series.add(point);
        alike.push((point.counter.clone(), series));
        Ok(added)
    }

    /// The counters that there are series of.
    pub(super) fn counters(&self) -> impl Iterator<Item = &Counter> {
        self.0.values().flatten().map(|(counter, _)| counter)
    }

    /// About how many bytes they take up.
    pub(super) fn bytes(&self) -> usize {
        /// A name, an empty place in the table, and a process.
        const BESIDE: usize = 160;
        self.counters().count() * (size_of::<(Counter, Series)>() + BESIDE)
    }
}

impl Series {
    fn add(&mut self, point: &CounterPoint) -> i64 {
        let increment = match point.temporality {
            Temporality::Delta => point.value,
            Temporality::Cumulative => point.value - self.value_before(point),
        };
        self.running += if increment.is_finite() { increment.max(0.0) } else { 0.0 };
        let whole = (self.running * scale(&point.counter)).round() as i64;
        whole - std::mem::replace(&mut self.whole, whole)
    }

    /// The value that a process's point counts on from; zero also where it began again without saying so.
    fn value_before(&mut self, point: &CounterPoint) -> f64 {
        let before = match self.processes.iter_mut().find(|(start, _)| *start == point.start) {
            Some((_, value)) => std::mem::replace(value, point.value),
            None => {
                self.processes.reserve_exact(1);
                self.processes.push((point.start, point.value));
                0.0
            }
        };
        if point.value < before { 0.0 } else { before }
    }
}
