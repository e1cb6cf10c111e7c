//! Instants, as whole microseconds since the Unix epoch.

use serde::{Deserialize, Serialize};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant in UTC: microseconds since 1970-01-01T00:00:00Z.
///
/// Integer and eight bytes wide, so that it is stored, compared and bucketed alike on every engine.
/// Serialises as the integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant that can be expressed; before every record.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest instant that can be expressed; after every record.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// From seconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// From nanoseconds since the Unix epoch, as OTLP gives them; the part below a microsecond is dropped.
    pub const fn from_unix_nanos(nanos: u64) -> Self {
        // u64::MAX / 1000 fits an i64, so the cast cannot wrap.
        Self((nanos / 1_000) as i64)
    }

    /// Parses RFC 3339, as in `2026-11-22T08:08:09.326Z`; `None` when it is not one.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(Self::from)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, rounded towards the past.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This instant moved by a number of microseconds; saturates at the ends of the range.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This instant moved by a number of seconds; saturates at the ends of the range.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds from `earlier` to this instant; negative when this one is earlier.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant as the calendar library's type; clamped to the years it knows (-9999 to 9999).
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// RFC 3339 in UTC, with as many decimals as needed.
    pub fn to_rfc3339(self) -> String {
        self.to_jiff().to_string()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(value: jiff::Timestamp) -> Self {
        Self(value.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc3339() {
        let timestamp = Timestamp::parse_rfc3339("2026-11-22T08:08:09.326Z").unwrap();
        assert_eq!(timestamp.as_millis(), 1_795_334_889_326);
        assert_eq!(timestamp.to_rfc3339(), "2026-11-22T08:08:09.326Z");
        assert_eq!(Timestamp::parse_rfc3339("yesterday"), None);
    }

    #[test]
    fn the_extremes_do_not_panic() {
        assert_eq!(Timestamp::MAX.plus_seconds(1), Timestamp::MAX);
        assert!(Timestamp::MAX.to_rfc3339().starts_with("9999"));
        assert_eq!(Timestamp::from_unix_nanos(u64::MAX).as_micros(), 18_446_744_073_709_551);
    }
}
