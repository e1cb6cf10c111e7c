//! How often a key may ask: a token bucket for each, as Anthropic's API documentation describes its limits.
//!
//! A bucket is kept as the instant at which it will be full again, which says everything about it: each
//! request moves that instant on by the time one token takes to come back, and is refused when it would lie
//! further ahead than a whole bucket takes to fill.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use model::Timestamp;
use state::KeyId;

/// Default of [`RateLimit::requests_per_minute`]: generous, since the server is the user's own.
pub const DEFAULT_REQUESTS_PER_MINUTE: u32 = 6_000;
/// Default of [`RateLimit::burst`].
pub const DEFAULT_BURST: u32 = 2_000;

/// How many keys are remembered. Of more, those that asked for the longest time go, as if they had not asked.
const MAX_KEYS: usize = 10_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// How often a key may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// In the long run.
    pub requests_per_minute: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

impl RateLimit {
    /// `None` for no limit, which is what 0 a minute stands for.
    pub const fn new(requests_per_minute: u32, burst: u32) -> Option<Self> {
        match (NonZeroU32::new(requests_per_minute), NonZeroU32::new(burst)) {
            (Some(requests_per_minute), Some(burst)) => Some(Self { requests_per_minute, burst }),
            _ => None,
        }
    }

    /// Microseconds until one token comes back.
    fn token_micros(self) -> i64 {
        (MICROS_PER_MINUTE / i64::from(self.requests_per_minute.get())).max(1)
    }

    /// Microseconds until an empty bucket is full.
    fn bucket_micros(self) -> i64 {
        self.token_micros() * i64::from(self.burst.get())
    }
}

/// How a key stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests a minute, in the long run.
    pub(crate) limit: u32,
    /// Requests that may follow at once.
    pub(crate) remaining: u32,
    /// When all of a burst may follow again.
    pub(crate) full_at: Timestamp,
    /// Whole seconds to wait, for a request that is refused.
    pub(crate) retry_after_seconds: Option<i64>,
}

/// The buckets of all keys that asked lately.
#[derive(Debug, Default)]
pub struct RateLimits(Mutex<HashMap<KeyId, Timestamp>>);

impl RateLimits {
    /// Takes a token out of the key's bucket, when there is one.
    pub(crate) fn take(&self, key: &KeyId, limit: RateLimit, now: Timestamp) -> Allowance {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = now.plus_micros(limit.bucket_micros());
        // A clock that was set back makes nobody wait for longer than an empty bucket would.
        let full_at = buckets.get(key).map_or(now, |full_at| (*full_at).clamp(now, latest));
        let after = full_at.plus_micros(limit.token_micros());
        let is_refused = after > latest;
        let full_at = if is_refused { full_at } else { after };
        if !buckets.contains_key(key) {
            make_room(&mut buckets, now);
        }
        buckets.insert(key.clone(), full_at);
        let remaining = latest.micros_since(full_at) / limit.token_micros();
        Allowance {
            limit: limit.requests_per_minute.get(),
            remaining: u32::try_from(remaining).unwrap_or(0),
            full_at,
            retry_after_seconds: is_refused.then(|| whole_seconds(after.micros_since(latest))),
        }
    }
}

/// Full buckets say nothing; where that is not enough, the fullest goes.
fn make_room(buckets: &mut HashMap<KeyId, Timestamp>, now: Timestamp) {
    if buckets.len() < MAX_KEYS {
        return;
    }
    buckets.retain(|_, full_at| *full_at > now);
    while buckets.len() >= MAX_KEYS {
        let fullest = buckets.iter().min_by_key(|(_, full_at)| **full_at).map(|(key, _)| key.clone());
        let Some(fullest) = fullest else { return };
        buckets.remove(&fullest);
    }
}

/// At least one, so that a client that waits as told is not refused again.
fn whole_seconds(micros: i64) -> i64 {
    (micros.max(1) + 999_999) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_348_800);

    fn limit(requests_per_minute: u32, burst: u32) -> RateLimit {
        RateLimit::new(requests_per_minute, burst).unwrap()
    }

    fn key(name: &str) -> KeyId {
        KeyId::new(name)
    }

    /// Asks this often and counts what is let through.
    fn granted(limits: &RateLimits, limit: RateLimit, now: Timestamp, requests: u32) -> usize {
        let ask = |_| limits.take(&key("k"), limit, now);
        (0..requests).map(ask).filter(|allowance| allowance.retry_after_seconds.is_none()).count()
    }

    #[test]
    fn a_burst_then_as_often_as_tokens_come_back() {
        let (limits, limit) = (RateLimits::default(), limit(60, 5));
        assert_eq!(granted(&limits, limit, NOON, 9), 5);
        assert_eq!(granted(&limits, limit, NOON.plus_micros(999_999), 9), 0);
        assert_eq!(granted(&limits, limit, NOON.plus_seconds(1), 9), 1);
        assert_eq!(granted(&limits, limit, NOON.plus_seconds(4), 9), 3);
        assert_eq!(
            granted(&limits, limit, NOON.plus_seconds(1_000), 9),
            5,
            "never more than the bucket holds"
        );
    }

    #[test]
    fn the_long_run_is_what_was_set() {
        let (limits, limit) = (RateLimits::default(), limit(6_000, 2_000));
        let in_second = |second| granted(&limits, limit, NOON.plus_seconds(second), 1_000);
        let total: usize = (0..60).map(in_second).sum();
        // 2,000 at once and 100 more in each of the 59 seconds that follow.
        assert_eq!(total, 2_000 + 59 * 100);
    }

    #[test]
    fn a_client_is_told_how_it_stands() {
        let (limits, limit) = (RateLimits::default(), limit(30, 2));
        let ask = |seconds| limits.take(&key("k"), limit, NOON.plus_seconds(seconds));
        let stands = |remaining, full_after, retry_after_seconds| Allowance {
            limit: 30,
            remaining,
            full_at: NOON.plus_seconds(full_after),
            retry_after_seconds,
        };
        assert_eq!(ask(0), stands(1, 2, None));
        assert_eq!(ask(0), stands(0, 4, None));
        assert_eq!(ask(0), stands(0, 4, Some(2)));
        assert_eq!(ask(1), stands(0, 4, Some(1)));
        assert_eq!(ask(2), stands(0, 6, None));
        assert_eq!(ask(100), stands(1, 102, None));
    }

    #[test]
    fn who_waits_as_told_is_let_in() {
        for (per_minute, burst) in [(1, 1), (7, 3), (59, 10), (6_000, 2_000), (u32::MAX, 1)] {
            let (limits, limit) = (RateLimits::default(), limit(per_minute, burst));
            let mut now = NOON;
            for _ in 0..burst.min(50) + 50 {
                let allowance = limits.take(&key("k"), limit, now);
                if let Some(seconds) = allowance.retry_after_seconds {
                    now = now.plus_seconds(seconds);
                    let again = limits.take(&key("k"), limit, now);
                    assert_eq!(again.retry_after_seconds, None, "{per_minute} {burst}");
                }
            }
        }
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let (limits, limit) = (RateLimits::default(), limit(60, 5));
        granted(&limits, limit, NOON, 5);
        let earlier = NOON.plus_seconds(-86_400);
        assert_eq!(granted(&limits, limit, earlier, 1), 0);
        assert_eq!(granted(&limits, limit, earlier.plus_seconds(5), 9), 5);
    }

    #[test]
    fn keys_do_not_share_a_bucket_and_not_all_are_remembered() {
        let (limits, limit) = (RateLimits::default(), limit(1, 1));
        for number in 0..MAX_KEYS + 5 {
            let now = NOON.plus_micros(i64::try_from(number).unwrap());
            let allowance = limits.take(&key(&number.to_string()), limit, now);
            assert_eq!(allowance.retry_after_seconds, None, "{number}");
        }
        assert_eq!(limits.0.lock().unwrap().len(), MAX_KEYS);
        let last = MAX_KEYS + 4;
        assert!(limits.take(&key(&last.to_string()), limit, NOON).retry_after_seconds.is_some());
        // A minute later all buckets are full and forgotten.
        limits.take(&key("another"), limit, NOON.plus_seconds(61));
        assert_eq!(limits.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(RateLimit::new(0, 10), None);
    }
}
