//! Days of the Analytics API and of `/api/analytics` that were computed lately.
//!
//! Every page of a run is cut from the same day at the same state of the ledger, which never changes: the
//! later pages of a run need not ask the store again. Only speed depends on this; a page whose day is not
//! here any more, or was computed by another node, is computed again and is the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use model::{OrganizationId, Timestamp};
use report::claude_code_usage::UsageDay;

use super::cursor::Cursor;

/// Rows per page when nobody says how many.
pub(crate) const DEFAULT_LIMIT: usize = 20;
/// Most rows per page.
pub(crate) const MAX_LIMIT: usize = 1_000;

/// How many days are kept.
const MAX_DAYS: usize = 16;
/// How many rows they may have together; a row is about a kilobyte.
const MAX_ROWS: usize = 50_000;

/// The days, most lately used last.
#[derive(Debug, Default)]
pub struct UsageDays(Mutex<VecDeque<(Moment, Arc<UsageDay>)>>);

/// What a day's rows depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moment {
    organization: OrganizationId,
    question: String,
    day: Date,
    as_of: Timestamp,
    before: Timestamp,
}

impl Moment {
    fn precedes(&self, later: &Self) -> bool {
        (&self.organization, &self.question, self.day) == (&later.organization, &later.question, later.day)
            && self.as_of <= later.as_of
            && self.before <= later.before
    }
}

impl From<&Cursor> for Moment {
    fn from(cursor: &Cursor) -> Self {
        Self {
            organization: cursor.organization.clone(),
            question: cursor.question.clone(),
            day: cursor.day,
            as_of: cursor.as_of,
            before: cursor.before,
        }
    }
}

impl UsageDays {
    /// Lets go of all of them, after the ledger has been rewritten without somebody.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The day that a cursor's run is about, when it is still here.
    pub(crate) fn get(&self, cursor: &Cursor) -> Option<Arc<UsageDay>> {
        let moment = Moment::from(cursor);
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = days.iter().position(|(known, _)| *known == moment)?;
        let found = days.remove(place)?;
        let day = Arc::clone(&found.1);
        days.push_back(found);
        Some(day)
    }

    /// The newest day that the cursor's can be worked out from: the same question, asked at an earlier moment.
    pub(crate) fn before(&self, cursor: &Cursor) -> Option<Arc<UsageDay>> {
        let wanted = Moment::from(cursor);
        let days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = days.iter().filter(|(known, _)| known.precedes(&wanted));
        earlier.max_by_key(|(known, _)| known.as_of).map(|(_, day)| Arc::clone(day))
    }

    /// Keeps a day, in place of those not used for longest; not at all when it is larger than everything
    /// that may be kept.
    pub(crate) fn keep(&self, cursor: &Cursor, day: Arc<UsageDay>) {
        if day.len() > MAX_ROWS {
            return;
        }
        let moment = Moment::from(cursor);
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two pages of a run may be asked for at once; then both compute the day.
        days.retain(|(known, _)| *known != moment);
        days.push_back((moment, day));
        let rows =
            |days: &VecDeque<(Moment, Arc<UsageDay>)>| days.iter().map(|(_, day)| day.len()).sum::<usize>();
        while days.len() > MAX_DAYS || rows(&days) > MAX_ROWS {
            days.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Run;
    use super::*;

    fn cursor(as_of: i64) -> Cursor {
        let (day, at) = (Date::constant(2026, 11, 20), Timestamp::from_seconds);
        let run = Run { organization: "org".into(), question: String::new(), day };
        Cursor::start(run, at(0), at(as_of), Timestamp::MAX)
    }

    #[test]
    fn the_day_not_used_for_longest_goes_first() {
        let days = UsageDays::default();
        for as_of in 0..MAX_DAYS as i64 {
            days.keep(&cursor(as_of), Arc::default());
        }
        assert!(days.get(&cursor(0)).is_some());
        days.keep(&cursor(99), Arc::default());
        assert!(days.get(&cursor(0)).is_some());
        assert!(days.get(&cursor(1)).is_none());
        assert!(days.get(&cursor(99)).is_some());
        days.clear();
        assert!(days.get(&cursor(99)).is_none());
    }

    #[test]
    fn a_later_day_is_worked_out_from_the_newest_before_it() {
        let days = UsageDays::default();
        let [first, second] = [(); 2].map(|()| Arc::<UsageDay>::default());
        days.keep(&cursor(3), Arc::clone(&second));
        days.keep(&cursor(1), Arc::clone(&first));
        let found = |as_of| days.before(&cursor(as_of));
        assert!(found(0).is_none());
        assert!(found(2).is_some_and(|day| Arc::ptr_eq(&day, &first)));
        assert!(found(4).is_some_and(|day| Arc::ptr_eq(&day, &second)));
    }

    #[test]
    fn a_day_is_found_by_everything_that_its_rows_depend_on() {
        let days = UsageDays::default();
        let kept = cursor(1);
        days.keep(&kept, Arc::default());
        let changes: [fn(&mut Cursor); 5] = [
            |cursor| cursor.organization = "other".into(),
            |cursor| cursor.question = "of a team".into(),
            |cursor| cursor.day = Date::constant(2026, 11, 21),
            |cursor| cursor.as_of = Timestamp::from_seconds(2),
            |cursor| cursor.before = Timestamp::from_seconds(1),
        ];
        for change in changes {
            let mut other = kept.clone();
            change(&mut other);
            assert!(days.get(&other).is_none(), "{other:?}");
        }
        assert!(days.get(&kept).is_some());
    }
}
