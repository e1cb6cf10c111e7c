//! The past: every export of the company's clients, in the order they were sent.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::Timestamp;

use super::Company;
use super::calendar::{Calendar, SessionPlan};
use super::exports::{Client, Export};
use super::filled::Filled;
use super::people::plus_days;

/// Makes the exports one after the other. At hand are only the plans of a day or two, and the exports of
/// the sessions that run at the time.
pub(super) struct History<'a> {
    company: &'a Company,
    /// The first local day that is not planned yet.
    next_date: Date,
    /// Sessions that have not begun, by time, person and course.
    planned: BTreeMap<(Timestamp, [u64; 2]), SessionPlan>,
    /// Exports of sessions that have begun, by time and in the order they were made.
    exports: BTreeMap<(Timestamp, u64), Export>,
    made: u64,
    filled: Filled,
}

impl<'a> History<'a> {
    /// The history of a company, from the first day of its plan to its end.
    pub(super) fn new(company: &'a Company) -> Self {
        Self {
            company,
            // The first day of the range is the day before where clocks are behind.
            next_date: plus_days(company.calendar.days.start, -1),
            planned: BTreeMap::new(),
            exports: BTreeMap::new(),
            made: 0,
            filled: Filled::default(),
        }
    }

    /// What was counted in the exports made so far.
    pub(super) const fn filled(&self) -> Filled {
        self.filled
    }

    /// Before this instant begins no session that is not planned yet.
    fn planned_until(&self) -> Timestamp {
        // Where clocks are ahead, it is the day after when the range ends.
        let last_date = self.company.calendar.days.end;
        if self.next_date > last_date { Timestamp::MAX } else { Calendar::earliest(self.next_date) }
    }

    fn plan_next_date(&mut self) {
        let date = self.next_date;
        self.next_date = plus_days(date, 1);
        for person in &self.company.people {
            for session in self.company.calendar.sessions(person, date) {
                if session.starts_at <= self.company.end {
                    self.planned.insert((session.starts_at, session.course), session);
                }
            }
        }
    }

    fn begin(&mut self, session: &SessionPlan) {
        let client = Client::new(self.company, session);
        for export in client.run(self.company.end, &mut self.filled) {
            self.exports.insert((export.at, self.made), export);
            self.made += 1;
        }
    }
}

impl Iterator for History<'_> {
    type Item = Export;

    fn next(&mut self) -> Option<Export> {
        loop {
            let planned_until = self.planned_until();
            let next_session = self.planned.first_key_value().map_or(Timestamp::MAX, |((at, _), _)| *at);
            let complete_until = next_session.min(planned_until);
            if let Some(first) = self.exports.first_entry().filter(|first| first.key().0 < complete_until) {
                return Some(first.remove());
            }
            if next_session < planned_until {
                if let Some((_, session)) = self.planned.pop_first() {
                    self.begin(&session);
                }
            } else if planned_until < Timestamp::MAX {
                self.plan_next_date();
            } else {
                return self.exports.pop_first().map(|(_, export)| export);
            }
        }
    }
}
