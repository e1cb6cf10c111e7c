//! Counters: from points as sent to what was added when.

use std::collections::{BTreeMap, HashMap};

use model::{Counter, CounterPoint, ItemKey, Record, SessionId, Temporality, Timestamp};

use super::family::Family;
use super::remainder::Step;

/// What each account's counters added up to, step by step.
pub(super) type Counted<'f> = BTreeMap<&'f SessionId, BTreeMap<&'f Counter, Vec<Step>>>;

type Point<'a> = (&'a Record, &'a CounterPoint);

/// Picodollars, milliseconds or plain counts per unit of the counter.
pub(super) fn scale(counter: &Counter) -> f64 {
    match counter {
        Counter::Cost { .. } => 1e12,
        Counter::ActiveUserSeconds | Counter::ActiveCliSeconds => 1e3,
        _ => 1.0,
    }
}

/// The steps of every counter, oldest first, in picodollars, milliseconds or counts.
pub(super) fn counted<'f>(family: &'f Family<'f>) -> Counted<'f> {
    let mut counted = Counted::new();
    for (session, records) in family.by_session() {
        for ((_, counter), points) in series_of(records) {
            let counters = counted.entry(family.account(session)).or_default();
            counters.entry(counter).or_default().extend(steps_of(&points, scale(counter)));
        }
    }
    for steps in counted.values_mut().flat_map(BTreeMap::values_mut) {
        steps.sort_unstable();
    }
    counted
}

/// The points of each of a session's series, oldest first.
fn series_of<'f>(records: &[&'f Record]) -> HashMap<(ItemKey, &'f Counter), Vec<Point<'f>>> {
    let mut series: HashMap<(ItemKey, &Counter), Vec<Point<'_>>> = HashMap::new();
    for record in records {
        if let Some(point) = point_of(record) {
            series.entry((point.series, &point.counter)).or_default().push((record, point));
        }
    }
    series
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
        running += if increment.is_finite() { increment.max(0.0) } else { 0.0 };
        let whole = (running * scale).round() as i64;
        if whole != posted {
            steps.push((at, whole - posted));
            posted = whole;
        }
    }
    steps
}
