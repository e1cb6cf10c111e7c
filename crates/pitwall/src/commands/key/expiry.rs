//! When a key expires, as people write it.

use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan};
use model::Timestamp;

/// An instant, the end of a UTC day, or a time from now. Days and weeks from now are of 24 hours each.
pub(super) fn expiry(text: &str, now: Timestamp) -> Result<Timestamp> {
    let unreadable = || format!("--expires {text}: use 2027-01-31T12:00:00Z, 2027-01-31, or 90d");
    if let Some(instant) = Timestamp::parse_rfc3339(text) {
        return Ok(instant);
    }
    if let Ok(day) = text.parse::<Date>() {
        let end = day.checked_add(1.day()).and_then(|next| next.to_zoned(TimeZone::UTC));
        return Ok(end.with_context(unreadable)?.timestamp().into());
    }
    let span: Span = text.parse().with_context(unreadable)?;
    let duration: SignedDuration =
        span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).with_context(unreadable)?;
    Ok(now.plus_micros(i64::try_from(duration.as_micros()).with_context(unreadable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_it() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let now = at("2026-11-22T12:00:00Z");
        for (text, instant) in [
            ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"),
            ("2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"),
            ("2027-01-31", "2027-02-01T00:00:00Z"),
            ("90d", "2027-02-20T12:00:00Z"),
            ("1w", "2026-11-29T12:00:00Z"),
            ("36h", "2026-11-24T00:00:00Z"),
        ] {
            assert_eq!(expiry(text, now).unwrap(), at(instant), "{text}");
        }
        for text in ["", "soon", "90", "2027-02-30", "99999999y", "1 month"] {
            let error = expiry(text, now).unwrap_err();
            assert!(error.to_string().starts_with("--expires"), "{text}: {error}");
        }
    }
}
