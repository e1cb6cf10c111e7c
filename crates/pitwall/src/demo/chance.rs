//! Chance that repeats itself: everything that looks random in the demo comes from here.
//!
//! Whole numbers only, so that every machine throws the same dice.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of chance for one purpose.
pub(super) type Dice = ChaCha8Rng;

/// What dice are thrown for. Each purpose has its own, so that a change in one moves no other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// The company as a whole.
    Company = 1,
    /// Who a person is.
    Person,
    /// How a person spends a day.
    Day,
    /// The id of a session.
    SessionId,
    /// What happens in a session.
    Session,
    /// Who is seen working in the running demo.
    Live,
}

/// Dice of their own for a purpose and two numbers that tell what it is about.
pub(super) fn dice(seed: u64, purpose: Purpose, about: [u64; 2]) -> Dice {
    let mut dice = Dice::seed_from_u64(seed);
    dice.set_stream(about.into_iter().fold(mixed(purpose as u64), |stream, part| mixed(stream ^ part)));
    dice
}

/// Spreads the bits of a number (the finaliser of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// How a whole number is spread: the least; what a tenth, half and nine tenths are below; the most.
/// Between these it is even.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread(pub(super) [i64; 5]);

impl Spread {
    /// Shares, in thousandths, that lie between the five numbers.
    const SHARES: [i64; 4] = [100, 400, 400, 100];

    /// One number.
    pub(super) fn draw(&self, dice: &mut Dice) -> i64 {
        let mut place = dice.random_range(0..1_000_000_i64);
        for (bounds, share) in self.0.windows(2).zip(Self::SHARES) {
            let width = share * 1_000;
            if place < width {
                return bounds[0] + (bounds[1] - bounds[0]) * place / width;
            }
            place -= width;
        }
        self.0[4]
    }
}

/// Whether something happens that does so in this many of a thousand cases.
pub(super) fn happens(dice: &mut Dice, permille: u32) -> bool {
    dice.random_range(0..1_000_u32) < permille
}

/// One of several, each as likely as its weight says. The list is never empty.
pub(super) fn pick<'a, T>(dice: &mut Dice, choices: &'a [(T, u32)]) -> &'a T {
    let total: u32 = choices.iter().map(|(_, weight)| weight).sum();
    let mut place = dice.random_range(0..total.max(1));
    for (choice, weight) in choices {
        if place < *weight {
            return choice;
        }
        place -= weight;
    }
    &choices[0].0
}

/// A random UUID.
pub(super) fn uuid(dice: &mut Dice) -> String {
    let mut bytes = [0; 16];
    dice.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// An id as the API makes them: a prefix and 22 letters and digits.
pub(super) fn api_id(dice: &mut Dice, prefix: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = format!("{prefix}_01");
    id.extend((0..22).map(|_| char::from(DIGITS[dice.random_range(0..DIGITS.len())])));
    id
}

/// Lower-case hexadecimal digits, as installations name themselves.
pub(super) fn hex_id(dice: &mut Dice) -> String {
    (0..4).map(|_| format!("{:016x}", dice.next_u64())).collect()
}
