//! What the program measures of itself: counts, levels and how long things take.
//!
//! Each part keeps its own and hands them to an [`Exposition`] when somebody asks; nothing is global. The text
//! is Prometheus' exposition format, version 0.0.4.

mod exposition;
mod histogram;

use std::sync::atomic::{AtomicU64, Ordering};

pub use exposition::{CONTENT_TYPE, Exposition};
pub use histogram::Histogram;

/// A part of the program that measures itself.
pub trait Gauged: Send + Sync {
    /// Tells its figures.
    fn expose(&self, to: &mut Exposition);
}

/// A count that only rises.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A level that rises and falls.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// Sets the level.
    pub fn set(&self, level: u64) {
        self.0.store(level, Ordering::Relaxed);
    }

    /// The level.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
