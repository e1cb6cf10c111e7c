//! Events that never arrived, told by the numbers that the client gives them.

use std::collections::BTreeMap;

use model::{EvidenceBatch, Record, SessionId, Source, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::figures::share;
use crate::meaning::Meaning;

/// How complete a client's events are. The client numbers them from zero in each of its processes, so a
/// number that is skipped is an event that was lost. What a process sent before its session began, or lost
/// at its end, cannot be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EventCoverage {
    /// Events received that carry a number.
    pub received: i64,
    /// Processes of the client that they came from.
    pub processes: i64,
    /// Numbers skipped.
    pub missing: i64,
    /// Received of received and missing, 0 to 1; null when no event carries a number.
    #[schema(required)]
    pub received_share: Option<f64>,
}

impl EventCoverage {
    /// Several together.
    pub(crate) fn sum(all: impl Iterator<Item = Self>) -> Self {
        let mut sum = Self::default();
        for coverage in all {
            sum.received += coverage.received;
            sum.processes += coverage.processes;
            sum.missing += coverage.missing;
        }
        Self { received_share: share(sum.received.into(), (sum.received + sum.missing).into()), ..sum }
    }
}

/// Numbers skipped between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Time of the event before.
    pub(crate) after: Timestamp,
    /// Time of the event behind.
    pub(crate) before: Timestamp,
    /// How many are missing.
    pub(crate) missing: i64,
}

/// The events of one session: how complete, and where not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbered {
    pub(crate) coverage: EventCoverage,
    pub(crate) gaps: Vec<Gap>,
}

/// Each session's events. Sessions without numbered events are left out.
pub(crate) fn by_session(evidence: &[EvidenceBatch], meaning: Meaning) -> BTreeMap<SessionId, Numbered> {
    let mut events: BTreeMap<SessionId, Vec<(Timestamp, i64)>> = BTreeMap::new();
    for batch in evidence.iter().filter(|batch| batch.source == Source::Events) {
        let numbered = |record: &Record| Some((record.at, (meaning.sequence)(record)?));
        events.entry(batch.session.clone()).or_default().extend(batch.records.iter().filter_map(numbered));
    }
    events.retain(|_, events| !events.is_empty());
    events.into_iter().map(|(session, events)| (session, numbered(events))).collect()
}

/// Cuts the events into processes and looks for numbers that are skipped in each.
fn numbered(mut events: Vec<(Timestamp, i64)>) -> Numbered {
    events.sort_unstable();
    events.dedup();
    let mut found = Numbered::default();
    let mut process: BTreeMap<i64, Timestamp> = BTreeMap::new();
    let mut coverages = Vec::new();
    let mut close = |process: &mut BTreeMap<i64, Timestamp>| {
        let gaps = gaps_of(process);
        let missing = gaps.iter().map(|gap| gap.missing).sum();
        let received = i64::try_from(process.len()).unwrap_or(i64::MAX);
        coverages.push(EventCoverage { received, processes: 1, missing, received_share: None });
        found.gaps.extend(gaps);
        process.clear();
    };
    for (at, number) in events {
        // A number comes once in a process, so one that comes again begins another.
        if process.contains_key(&number) {
            close(&mut process);
        }
        process.insert(number, at);
    }
    if !process.is_empty() {
        close(&mut process);
    }
    found.coverage = EventCoverage::sum(coverages.into_iter());
    found.gaps.sort_by_key(|gap| gap.before);
    found
}

fn gaps_of(process: &BTreeMap<i64, Timestamp>) -> Vec<Gap> {
    let next = process.iter().skip(1);
    let skipped = process.iter().zip(next).filter(|((number, _), (next, _))| **next - **number > 1);
    skipped
        .map(|((number, after), (next, before))| Gap {
            after: *after.min(before),
            before: *after.max(before),
            missing: next - number - 1,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(numbers: &[(i64, i64)]) -> Numbered {
        numbered(numbers.iter().map(|(second, number)| (Timestamp::from_seconds(*second), *number)).collect())
    }

    #[test]
    fn a_process_without_gaps_is_whole_whatever_it_begins_with() {
        let whole = events(&[(1, 4), (2, 5), (2, 6), (9, 7)]);
        assert_eq!((whole.coverage.received, whole.coverage.processes, whole.coverage.missing), (4, 1, 0));
        assert_eq!(whole.coverage.received_share, Some(1.0));
        assert!(whole.gaps.is_empty());
    }

    #[test]
    fn skipped_numbers_are_missing_events() {
        let lossy = events(&[(1, 0), (2, 1), (8, 5), (9, 6)]);
        assert_eq!((lossy.coverage.received, lossy.coverage.missing), (4, 3));
        assert_eq!(lossy.coverage.received_share, Some(4.0 / 7.0));
        let (after, before) = (Timestamp::from_seconds(2), Timestamp::from_seconds(8));
        assert_eq!(lossy.gaps, [Gap { after, before, missing: 3 }]);
    }

    #[test]
    fn a_number_that_comes_again_begins_another_process() {
        let resumed = events(&[(1, 0), (2, 1), (3, 2), (100, 0), (101, 2)]);
        assert_eq!((resumed.coverage.processes, resumed.coverage.missing), (2, 1));
        assert_eq!(resumed.gaps.len(), 1);
    }

    #[test]
    fn events_out_of_order_are_no_gap() {
        let mixed = events(&[(1, 0), (2, 2), (3, 1), (4, 3)]);
        assert_eq!((mixed.coverage.processes, mixed.coverage.missing), (1, 0));
    }
}
