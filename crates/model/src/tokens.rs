//! Token counts of requests.

use serde::{Deserialize, Serialize};

/// The kinds of tokens that counters tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Uncached input.
    Input,
    /// Output.
    Output,
    /// Read from the cache.
    CacheRead,
    /// Written to the cache.
    CacheCreation,
}

/// Tokens by the kinds that are priced differently. Counts, never negative in evidence.
///
/// Names follow the Analytics API. `cache_creation` is the whole of what was written to the cache; the two
/// lifetimes are parts of it and may be unknown (both zero), since metrics do not split it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// Input tokens that came neither from nor went into the cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub input: i64,
    /// Output tokens, thinking included.
    #[serde(skip_serializing_if = "is_zero")]
    pub output: i64,
    /// Input tokens read from the cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read: i64,
    /// Input tokens written to the cache, whatever their lifetime.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_creation: i64,
    /// The part of `cache_creation` that lives five minutes.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_creation_5m: i64,
    /// The part of `cache_creation` that lives one hour.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_creation_1h: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

impl TokenUsage {
    /// All tokens of the request: input, output, cache reads and cache writes. Saturates.
    pub const fn total(&self) -> i64 {
        self.prompt().saturating_add(self.output)
    }

    /// What a tiered price looks at: uncached input, cache reads and cache writes together. Saturates.
    pub const fn prompt(&self) -> i64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_creation)
    }

    /// Whether every count is zero.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Sum of two counts, kind by kind. Saturates.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_creation: self.cache_creation.saturating_add(other.cache_creation),
            cache_creation_5m: self.cache_creation_5m.saturating_add(other.cache_creation_5m),
            cache_creation_1h: self.cache_creation_1h.saturating_add(other.cache_creation_1h),
        }
    }

    /// Whether the two lifetimes account for all of `cache_creation`.
    pub const fn is_split(&self) -> bool {
        self.cache_creation_5m.saturating_add(self.cache_creation_1h) == self.cache_creation
    }
}
