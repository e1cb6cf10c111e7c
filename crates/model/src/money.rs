//! Amounts of money, exact.

use serde::{Deserialize, Serialize};

/// An amount in US dollars, as whole picodollars (10⁻¹² USD).
///
/// A published price has at most six decimals per million tokens, so the price of one token is a whole
/// number of picodollars and every product and sum is exact. Rounding happens once, where a figure leaves
/// the program ([`Money::to_micros`], [`Money::to_cents`]): a total of a million requests is then right to
/// the micro-dollar, which a sum of rounded requests is not.
///
/// 64 bits hold 9.2 million dollars, enough for a posting; sums over postings are `i128`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);
    /// Picodollars in one micro-dollar.
    pub const PICOS_PER_MICRO: i64 = 1_000_000;
    /// Picodollars in one cent.
    pub const PICOS_PER_CENT: i64 = 10_000_000_000;
    /// Picodollars in one dollar.
    pub const PICOS_PER_DOLLAR: i64 = 1_000_000_000_000;

    /// From whole picodollars.
    pub const fn from_picos(picos: i64) -> Self {
        Self(picos)
    }

    /// From whole micro-dollars; saturates.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(Self::PICOS_PER_MICRO))
    }

    /// From a floating-point number of dollars, as clients report it, to the nearest picodollar.
    ///
    /// `None` when it is not finite, negative, or too large for this type.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let picos = (dollars * Self::PICOS_PER_DOLLAR as f64).round();
        (picos.is_finite() && (0.0..9.2e18).contains(&picos)).then_some(Self(picos as i64))
    }

    /// Whole picodollars.
    pub const fn as_picos(self) -> i64 {
        self.0
    }

    /// Sum; saturates.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference; saturates. May be negative.
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// A sum of picodollars in whole micro-dollars, half away from zero.
    pub fn to_micros(picos: i128) -> i64 {
        divide_half_up(picos, i128::from(Self::PICOS_PER_MICRO))
    }

    /// A sum of picodollars in whole cents, half away from zero.
    pub fn to_cents(picos: i128) -> i64 {
        divide_half_up(picos, i128::from(Self::PICOS_PER_CENT))
    }
}

fn divide_half_up(value: i128, unit: i128) -> i64 {
    let half = if value < 0 { -unit / 2 } else { unit / 2 };
    let quotient = (value + half) / unit;
    quotient.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_of_a_client_become_exact() {
        assert_eq!(Money::from_dollars(0.153_947_999_999_999_97), Some(Money::from_micros(153_948)));
        assert_eq!(Money::from_dollars(f64::NAN), None);
        assert_eq!(Money::from_dollars(-1.0), None);
        assert_eq!(Money::from_dollars(1e12), None);
    }

    #[test]
    fn sums_round_once_and_half_up() {
        assert_eq!(Money::to_micros(1_499_999), 1);
        assert_eq!(Money::to_micros(1_500_000), 2);
        assert_eq!(Money::to_micros(-1_500_000), -2);
        assert_eq!(Money::to_cents(141_125_000_000 * 10), 141);
        assert_eq!(Money::to_cents(5_000_000_000), 1);
    }
}
