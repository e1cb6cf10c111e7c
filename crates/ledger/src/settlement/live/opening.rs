//! How a session began and was taken up again, from the few records that tell of it.

use std::sync::Arc;

use model::{Counter, Observation, Posting, Record, SessionId, Sign};

use super::Told;
use crate::amend;
use crate::settlement::counters::point_of;
use crate::settlement::family::Family;
use crate::settlement::profile::Profile;
use crate::settlement::starts;

/// The records that starts are settled from.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    /// The oldest record.
    first: Option<Record>,
    /// Those that tell of a start, without repetitions of what a counter said before.
    starts: Vec<Record>,
    /// One that shows that something was done.
    deed: Option<Record>,
}

impl Opening {
    /// Takes a family's records in and returns what changes by them.
    pub(super) fn take_in(
        &mut self,
        fresh: &Family<'_>,
        session: &SessionId,
        profile: &Profile,
    ) -> Vec<(Sign, Posting)> {
        let before = self.clone_if_changed_by(&fresh.records);
        let Some(before) = before else { return Vec::new() };
        for record in &fresh.records {
            self.add(record);
        }
        amend(&before.postings(session, profile), &self.postings(session, profile))
    }

    /// What there was before, if the records change it.
    fn clone_if_changed_by(&self, records: &[&Record]) -> Option<Self> {
        let changes = records.iter().any(|record| {
            self.is_first(record) || self.tells_of_start(record) || (self.deed.is_none() && is_deed(record))
        });
        changes.then(|| self.clone())
    }

    fn add(&mut self, record: &Record) {
        if self.is_first(record) {
            self.first = Some(record.clone());
        }
        if self.tells_of_start(record) {
            self.starts.push(record.clone());
        }
        if self.deed.is_none() && is_deed(record) {
            self.deed = Some(record.clone());
        }
    }

    fn is_first(&self, record: &Record) -> bool {
        self.first.as_ref().is_none_or(|first| (record.at, record.key) < (first.at, first.key))
    }

    /// Whether a record counts a process, and not only says again what the counter stood at. Points of one
    /// series come in order.
    fn tells_of_start(&self, record: &Record) -> bool {
        let Some(point) = point_of(record).filter(|point| matches!(point.counter, Counter::Sessions(_)))
        else {
            return false;
        };
        let newest = self.starts.iter().rev().filter_map(point_of).find(|earlier| {
            (earlier.series, earlier.start, earlier.temporality)
                == (point.series, point.start, point.temporality)
        });
        let repeats = point.temporality == model::Temporality::Cumulative
            && newest.is_some_and(|newest| newest.value == point.value);
        !repeats
    }

    /// Has its records refer to equal contexts that are kept anyway.
    pub(super) fn share(&mut self, contexts: &[Told]) {
        for record in self.first.iter_mut().chain(&mut self.starts).chain(&mut self.deed) {
            if let Some(told) = contexts.iter().find(|told| told.is(&record.context)) {
                record.context = Arc::clone(&told.context);
            }
        }
    }

    fn postings(&self, session: &SessionId, profile: &Profile) -> Vec<Posting> {
        let records = self.first.iter().chain(&self.starts).chain(&self.deed).collect();
        starts::settle(&Family::of_one(session, profile.clone(), records))
    }

    /// About how many bytes it takes up.
    pub(super) fn bytes(&self) -> usize {
        const TEXTS: usize = 300;
        (2 + self.starts.len()) * (size_of::<Record>() + TEXTS)
    }
}

fn is_deed(record: &Record) -> bool {
    matches!(record.observation, Observation::Request(_) | Observation::Prompt(_))
}
