//! How long things take.

use std::time::Duration;

use crate::Counter;

/// Upper ends of the buckets, in microseconds: a millisecond to ten seconds.
pub(crate) const BOUNDS_MICROS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// Durations by how long they were.
#[derive(Debug, Default)]
pub struct Histogram {
    /// One for each of [`BOUNDS_MICROS`], and one for what is longer.
    buckets: [Counter; BOUNDS_MICROS.len() + 1],
    sum_micros: Counter,
}

impl Histogram {
    /// Notes that something took so long.
    pub fn note(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.increment();
        }
        self.sum_micros.add(micros);
    }

    /// For each bound in seconds, how many took no longer; the last is how many there are.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (Option<f64>, u64)> + '_ {
        let bounds = BOUNDS_MICROS.iter().map(|micros| Some(*micros as f64 / 1e6)).chain([None]);
        let counts = self.buckets.iter().scan(0, |sum, bucket| {
            *sum += bucket.get();
            Some(*sum)
        });
        bounds.zip(counts)
    }

    pub(crate) fn sum_seconds(&self) -> f64 {
        self.sum_micros.get() as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        for micros in [0, 1_000, 1_001, 10_000_000, 10_000_001] {
            histogram.note(Duration::from_micros(micros));
        }
        let cumulative: Vec<_> = histogram.cumulative().collect();
        assert_eq!(cumulative[0], (Some(0.001), 2));
        assert_eq!(cumulative[1], (Some(0.0025), 3));
        assert_eq!(cumulative[12], (Some(10.0), 4));
        assert_eq!(cumulative[13], (None, 5));
        assert!((histogram.sum_seconds() - 20.002_002).abs() < 1e-9);
    }
}
