//! Models: when each came out, who takes which, and what the client says a request costs.

use jiff::civil::{Date, date};
use ledger::{Conditions, PriceBook};
use model::{Money, Timestamp, TokenUsage, canonical_model};

/// A line of models, one of which is the newest on any day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Haiku,
    Sonnet,
    Opus,
    Fable,
}

/// A model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Release {
    /// Its id, as the client sends it.
    pub(super) id: &'static str,
    family: Family,
    /// Its first day (UTC).
    released: Date,
    /// Whether it takes an effort level.
    pub(super) has_effort: bool,
}

const fn release(family: Family, id: &'static str, released: Date) -> Release {
    Release { id, family, released, has_effort: true }
}

const fn without_effort(release: Release) -> Release {
    Release { has_effort: false, ..release }
}

/// Anthropic's releases, oldest first within a family; of old ones only what the family needs.
const RELEASES: [Release; 15] = [
    without_effort(release(Family::Haiku, "claude-3-5-haiku-20241022", date(2024, 10, 22))),
    without_effort(release(Family::Haiku, "claude-haiku-4-5-20251001", date(2025, 10, 1))),
    release(Family::Haiku, "claude-haiku-5-5", date(2026, 10, 7)),
    without_effort(release(Family::Sonnet, "claude-sonnet-4-20250514", date(2025, 5, 14))),
    without_effort(release(Family::Sonnet, "claude-sonnet-4-5-20250929", date(2025, 9, 29))),
    release(Family::Sonnet, "claude-sonnet-5", date(2026, 6, 30)),
    release(Family::Sonnet, "claude-sonnet-5-5", date(2026, 9, 28)),
    without_effort(release(Family::Opus, "claude-opus-4-20250514", date(2025, 5, 14))),
    release(Family::Opus, "claude-opus-4-6", date(2026, 2, 5)),
    release(Family::Opus, "claude-opus-4-8", date(2026, 5, 28)),
    release(Family::Opus, "claude-opus-5", date(2026, 7, 24)),
    release(Family::Opus, "claude-opus-5-5", date(2026, 9, 21)),
    release(Family::Fable, "claude-fable-5", date(2026, 6, 9)),
    release(Family::Fable, "claude-fable-5-1", date(2026, 9, 1)),
    release(Family::Fable, "claude-fable-5-2", date(2026, 11, 9)),
];

/// A model that the price book does not know: a preview that some had access to.
pub(super) const PREVIEW: Release =
    Release { id: "claude-opus-6-preview", family: Family::Opus, released: Date::MIN, has_effort: true };

/// What the client prices a model as that it does not know.
const PRICED_AS_WHEN_UNKNOWN: &str = "claude-opus-5-5";

/// The newest model of a family that was out on the day. A family that was not out yet is stood in for by
/// Opus; before the first of those, by the oldest model of the family asked for.
pub(super) fn newest(family: Family, on: Date) -> &'static Release {
    let of = |family: Family| RELEASES.iter().filter(move |release| release.family == family);
    let out = |family: Family| of(family).rfind(|release| release.released <= on);
    out(family).or_else(|| out(Family::Opus)).or_else(|| of(family).next()).unwrap_or(&RELEASES[0])
}

/// What the client says a request costs: list price, unknown models as the client guesses them.
pub(super) fn client_price(
    prices: &PriceBook,
    model: &str,
    at: Timestamp,
    usage: &TokenUsage,
    fast: bool,
) -> Money {
    let conditions = Conditions { fast, ..Conditions::default() };
    let price = |model| prices.price(&canonical_model(model), at, usage, conditions);
    price(model).or_else(|| price(PRICED_AS_WHEN_UNKNOWN)).unwrap_or(Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_uses_a_model_before_it_is_out() {
        for (family, day, id) in [
            (Family::Fable, date(2026, 11, 8), "claude-fable-5-1"),
            (Family::Fable, date(2026, 11, 9), "claude-fable-5-2"),
            (Family::Opus, date(2026, 9, 20), "claude-opus-5"),
            (Family::Opus, date(2026, 9, 21), "claude-opus-5-5"),
            (Family::Fable, date(2026, 6, 8), "claude-opus-4-8"),
            (Family::Haiku, date(2026, 10, 6), "claude-haiku-4-5-20251001"),
        ] {
            assert_eq!(newest(family, day).id, id, "{day}");
        }
    }

    #[test]
    fn every_model_has_a_price_but_the_preview() {
        let prices = PriceBook::embedded().unwrap();
        for release in &RELEASES {
            assert!(prices.knows(&canonical_model(release.id)), "{}", release.id);
        }
        assert!(!prices.knows(&canonical_model(PREVIEW.id)));
        let usage = TokenUsage { output: 1_000_000, ..TokenUsage::default() };
        let price = client_price(&prices, PREVIEW.id, Timestamp::from_seconds(1_795_000_000), &usage, false);
        assert_eq!(price, Money::from_micros(20_000_000));
    }
}
