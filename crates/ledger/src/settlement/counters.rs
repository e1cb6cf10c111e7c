//! Counters: from points as sent to what was added when.

use std::collections::BTreeMap;

use model::{Counter, CounterPoint, ItemKey, Record, SessionId, Temporality, Timestamp};

use super::family::Family;
use super::remainder::Step;

/// What one session's counter added up to, step by step.
pub(super) type Counted<'a> = BTreeMap<(&'a SessionId, &'a Counter), Vec<Step>>;

type Point<'a> = (&'a Record, &'a CounterPoint);

/// Picodollars, milliseconds or plain counts per unit of the counter.
fn scale(counter: &Counter) -> f64 {
    match counter {
        Counter::Cost { .. } => 1e12,
        Counter::ActiveUserSeconds | Counter::ActiveCliSeconds => 1e3,
        _ => 1.0,
    }
}

/// The steps of every counter, oldest first, in picodollars, milliseconds or counts.
pub(super) fn counted<'a>(family: &Family<'a>) -> Counted<'a> {
    let mut series: BTreeMap<(&SessionId, &Counter, ItemKey), Vec<Point<'_>>> = BTreeMap::new();
    for (record, point) in family.pick(point_of) {
        series.entry((&record.session, &point.counter, point.series)).or_default().push((record, point));
    }
    let mut counted = Counted::new();
    for ((session, counter, _), points) in series {
        let steps = counted.entry((session, counter)).or_default();
        steps.extend(steps_of(&points, scale(counter)));
    }
    for steps in counted.values_mut() {
        steps.sort_unstable();
    }
    counted
}

pub(super) fn point_of(record: &Record) -> Option<&CounterPoint> {
    match &record.observation {
        model::Observation::Counter(point) => Some(point),
        _ => None,
    }
}

/// The increments of one series, in whole units.
fn steps_of(points: &[Point<'_>], scale: f64) -> Vec<Step> {
    let mut increments: Vec<(Timestamp, f64)> = Vec::with_capacity(points.len());
    // A process counts from zero, so a cumulative series is followed per start of a process.
    let mut processes: BTreeMap<Option<Timestamp>, f64> = BTreeMap::new();
    for (record, point) in points {
        let increment = match point.temporality {
            Temporality::Delta => point.value,
            Temporality::Cumulative => {
                let before = processes.insert(point.start, point.value).unwrap_or(0.0);
                // Less than before with the same start: the process began again without saying so.
                if point.value < before { point.value } else { point.value - before }
            }
        };
        increments.push((record.at, increment));
    }
    // Fractions are carried along, so that the steps add up to the rounded whole.
    let mut running = 0.0;
    let mut posted = 0;
    let mut steps = Vec::with_capacity(increments.len());
    for (at, increment) in increments {
        running += increment.max(0.0);
        let whole = (running * scale).round() as i64;
        if whole != posted {
            steps.push((at, whole - posted));
            posted = whole;
        }
    }
    steps
}
