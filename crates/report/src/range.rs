//! Days in a zone, as the instants and buckets that the store understands.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use model::Timestamp;
use serde::Serialize;
use store::{TimeBucket, Width};
use utoipa::ToSchema;

use crate::ReportError;

/// The most days that one report covers.
pub const MAX_DAYS: u32 = 3_660;

const EPOCH: Date = Date::constant(1970, 1, 1);
/// The last day that still has a following one and a report's length of days before the calendar's end.
const LAST_DAY: Date = Date::constant(9998, 12, 31);

/// A time zone by its IANA name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// The zone of this IANA name, in any case; fails with [`ReportError::UnknownTimeZone`].
    pub fn named(name: &str) -> Result<Self, ReportError> {
        let rules = TimeZone::get(name).map_err(|_| ReportError::UnknownTimeZone(name.to_owned()))?;
        let name = rules.iana_name().unwrap_or(name).to_owned();
        Ok(Self { name, rules })
    }

    /// This machine's zone; UTC where it has none with a name.
    pub fn of_this_machine() -> Self {
        let named = TimeZone::system().iana_name().and_then(|name| Self::named(name).ok());
        named.filter(|zone| zone.name != "Etc/UTC").unwrap_or_else(Self::utc)
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The calendar day of an instant.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.rules.to_datetime(at.to_jiff()).date()
    }

    /// The first instant of a day. Where midnight is skipped by a change of the clock, the first one after.
    pub fn start_of(&self, day: Date) -> Timestamp {
        // Fails only at the calendar's ends, which DateRange keeps away from.
        match day.to_zoned(self.rules.clone()) {
            Ok(midnight) => midnight.timestamp().into(),
            Err(_) if day < EPOCH => Timestamp::MIN,
            Err(_) => Timestamp::MAX,
        }
    }
}

/// What a range is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// As many days, ending on the day before.
    #[default]
    DaysBefore,
    /// As many days, beginning on the same date a year before.
    YearBefore,
}

/// Calendar days in a zone, both ends included.
#[derive(Clone, Debug)]
pub struct DateRange {
    start: Date,
    end: Date,
    zone: Zone,
}

impl DateRange {
    /// From `start` to `end`, both included.
    ///
    /// # Errors
    /// [`ReportError::EndBeforeStart`], and [`ReportError::RangeTooLong`] for more than [`MAX_DAYS`].
    pub fn new(start: Date, end: Date, zone: Zone) -> Result<Self, ReportError> {
        if end < start {
            return Err(ReportError::EndBeforeStart { start, end });
        }
        let range = Self { start, end, zone };
        if range.length() > i64::from(MAX_DAYS) || start < EPOCH || end > LAST_DAY {
            return Err(ReportError::RangeTooLong { start, end, limit: MAX_DAYS });
        }
        Ok(range)
    }

    /// The last `days` days up to the one of `now`.
    ///
    /// # Errors
    /// As [`DateRange::new`].
    pub fn last_days(days: u32, now: Timestamp, zone: Zone) -> Result<Self, ReportError> {
        let today = zone.day_of(now);
        Self::days_until(today, days, zone)
    }

    /// The `days` days up to `end`, included.
    ///
    /// # Errors
    /// As [`DateRange::new`].
    pub fn days_until(end: Date, days: u32, zone: Zone) -> Result<Self, ReportError> {
        let start = end.saturating_sub(days_span(i64::from(days) - 1));
        Self::new(start, end, zone)
    }

    /// First day.
    pub const fn start(&self) -> Date {
        self.start
    }

    /// Last day.
    pub const fn end(&self) -> Date {
        self.end
    }

    /// The zone that days are cut in.
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// How many days.
    pub fn length(&self) -> i64 {
        epoch_day(self.end) - epoch_day(self.start) + 1
    }

    /// The days, oldest first.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.start.series(1.day()).take(usize::try_from(self.length()).unwrap_or(0))
    }

    /// The first instant.
    pub fn from(&self) -> Timestamp {
        self.zone.start_of(self.start)
    }

    /// The first instant after the range.
    pub fn until(&self) -> Timestamp {
        self.zone.start_of(next_day(self.end))
    }

    /// As many days, ending on the day before.
    ///
    /// # Errors
    /// [`ReportError::RangeTooLong`] when that would reach back before 1970.
    pub fn previous(&self) -> Result<Self, ReportError> {
        let length = days_span(self.length());
        Self::new(self.start.saturating_sub(length), self.end.saturating_sub(length), self.zone.clone())
    }

    /// The days that this range is compared with.
    ///
    /// # Errors
    /// [`ReportError::RangeTooLong`] when they would reach back before 1970.
    pub fn compared(&self, with: Comparison) -> Result<Self, ReportError> {
        match with {
            Comparison::DaysBefore => self.previous(),
            Comparison::YearBefore => {
                let start = self.start.saturating_sub(1.year());
                let end = start.saturating_add(days_span(self.length() - 1));
                Self::new(start, end, self.zone.clone())
            }
        }
    }

    /// Cuts the range into days, whatever the clock does in it.
    pub fn by_day(&self) -> TimeBucket {
        let (from, until) = (self.from().to_jiff(), self.until().to_jiff());
        let rules = &self.zone.rules;
        let mut offsets = vec![(Timestamp::MIN, rules.to_offset(from).seconds())];
        let changes = rules.following(from).take_while(|change| change.timestamp() < until);
        offsets.extend(changes.map(|change| (change.timestamp().into(), change.offset().seconds())));
        TimeBucket { offsets, width: Width::Day }
    }

    /// The day of one of [`DateRange::by_day`]'s buckets. Where a clock that is set back over midnight
    /// returns to the day before the range, that is the first day of the range; likewise at its end.
    pub fn day_of_bucket(&self, bucket: i64) -> Date {
        let offset = bucket.clamp(epoch_day(self.start), epoch_day(self.end)) - epoch_day(self.start);
        self.start.saturating_add(days_span(offset))
    }

    /// The day of an instant of the range, as [`DateRange::by_day`] cuts it.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.day_of(at).clamp(self.start, self.end)
    }

    /// Whether the day was over at `now`.
    pub fn is_complete(&self, day: Date, now: Timestamp) -> bool {
        self.zone.start_of(next_day(day)) <= now
    }
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

fn days_span(days: i64) -> Span {
    Span::new().try_days(days).unwrap_or_default()
}

/// Whole days since 1970-01-01.
fn epoch_day(day: Date) -> i64 {
    i64::from(day.since(EPOCH).map_or(0, |span| span.get_days()))
}

/// The days that an answer is about, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Range {
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// IANA name of the zone that days are cut in.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
}

impl From<&DateRange> for Range {
    fn from(range: &DateRange) -> Self {
        Self { start: range.start, end: range.end, timezone: range.zone.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn range(start: Date, end: Date, zone: &str) -> DateRange {
        DateRange::new(start, end, Zone::named(zone).unwrap()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn days_start_where_the_zone_says() {
        for (zone, day, start) in [
            ("UTC", date(2026, 11, 20), "2026-11-20T00:00:00Z"),
            ("Europe/Berlin", date(2026, 7, 1), "2026-06-30T22:00:00Z"),
            ("Europe/Berlin", date(2026, 12, 1), "2026-11-30T23:00:00Z"),
            ("Asia/Kolkata", date(2026, 11, 20), "2026-11-19T18:30:00Z"),
            // Midnight did not exist here: the clock went from 23:59:59 to 01:00:00.
            ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00Z"),
        ] {
            assert_eq!(Zone::named(zone).unwrap().start_of(day), at(start), "{zone} {day}");
        }
    }

    #[test]
    fn a_day_with_a_change_of_the_clock_has_23_or_25_hours() {
        let hours = |day| {
            let range = range(day, day, "Europe/Berlin");
            range.until().micros_since(range.from()) / 3_600_000_000
        };
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 10, 25)), 25);
        assert_eq!(hours(date(2026, 10, 26)), 24);
    }

    #[test]
    fn every_instant_falls_into_its_own_day_over_changes_of_the_clock() {
        for zone in ["Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]
        {
            let range = range(date(2026, 1, 1), date(2026, 12, 31), zone);
            let bucket = range.by_day();
            let mut instant = range.from();
            while instant < range.until() {
                let day = range.day_of_bucket(bucket.bucket_of(instant));
                assert_eq!(day, range.zone().day_of(instant), "{zone} {}", instant.to_rfc3339());
                instant = instant.plus_seconds(1_733);
            }
        }
    }

    #[test]
    fn the_range_before_is_as_long() {
        let before = range(date(2026, 3, 1), date(2026, 3, 31), "Europe/Berlin").previous().unwrap();
        assert_eq!((before.start(), before.end()), (date(2026, 1, 29), date(2026, 2, 28)));
        assert_eq!(before.length(), 31);
    }

    #[test]
    fn the_year_before_begins_on_the_same_date_and_is_as_long() {
        let compared = |start, end| {
            let before = range(start, end, "UTC").compared(Comparison::YearBefore).unwrap();
            (before.start(), before.end())
        };
        let november = (date(2025, 11, 1), date(2025, 11, 30));
        assert_eq!(compared(date(2026, 11, 1), date(2026, 11, 30)), november);
        // There is no 29 February 2027.
        assert_eq!(compared(date(2028, 2, 29), date(2028, 3, 1)), (date(2027, 2, 28), date(2027, 3, 1)));
    }

    #[test]
    fn a_day_is_complete_when_the_next_begins() {
        let range = range(date(2026, 11, 20), date(2026, 11, 20), "Asia/Kolkata");
        assert!(!range.is_complete(range.end(), at("2026-11-20T18:29:59.999999Z")));
        assert!(range.is_complete(range.end(), at("2026-11-20T18:30:00Z")));
    }

    #[test]
    fn nonsense_is_refused() {
        let new = |start, end| DateRange::new(start, end, Zone::utc());
        assert!(matches!(new(date(2026, 1, 2), date(2026, 1, 1)), Err(ReportError::EndBeforeStart { .. })));
        assert!(matches!(new(date(1990, 1, 1), date(2026, 1, 1)), Err(ReportError::RangeTooLong { .. })));
        assert!(matches!(new(date(-9999, 1, 1), date(-9999, 1, 1)), Err(ReportError::RangeTooLong { .. })));
        assert!(matches!(new(date(9999, 12, 31), date(9999, 12, 31)), Err(ReportError::RangeTooLong { .. })));
        assert!(matches!(Zone::named("Mars/Base"), Err(ReportError::UnknownTimeZone(_))));
        assert_eq!(Zone::named("europe/berlin").unwrap().name(), "Europe/Berlin");
    }

    #[test]
    fn the_last_days_end_today_in_the_zone() {
        let now = at("2026-11-19T20:00:00Z");
        let range = DateRange::last_days(30, now, Zone::named("Asia/Kolkata").unwrap()).unwrap();
        assert_eq!((range.start(), range.end()), (date(2026, 10, 22), date(2026, 11, 20)));
        assert_eq!(range.days().count(), 30);
        assert_eq!(range.days().last(), Some(date(2026, 11, 20)));
    }
}
