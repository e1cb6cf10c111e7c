//! What was sent, counted while it was made.

use std::fmt::Write as _;

use model::{Decision, Money, RequestSeen, TokenUsage, ToolOutcome};
use serde::Serialize;

/// The figures of some exports: what a ledger must hold that took each of them in once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Sessions begun.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Prompts.
    pub prompts: i64,
    /// Tokens that were neither read from nor written to the cache.
    pub input: i64,
    /// Output tokens.
    pub output: i64,
    /// Tokens read from the cache.
    pub cache_read: i64,
    /// Tokens written to the cache.
    pub cache_creation: i64,
    /// Cost as the clients reckon it, in micro-dollars.
    pub cost_micros: i64,
    /// Lines added.
    pub lines_added: i64,
    /// Lines removed.
    pub lines_removed: i64,
    /// Commits.
    pub commits: i64,
    /// Pull requests.
    pub pull_requests: i64,
    /// Calls accepted, of any tool.
    pub accepted: i64,
    /// Calls rejected, of any tool.
    pub rejected: i64,
    /// Calls that succeeded.
    pub succeeded: i64,
    /// Calls that failed.
    pub failed: i64,
    /// Requests that failed for good.
    pub api_errors: i64,
    /// Milliseconds in which users typed.
    pub active_user_ms: i64,
    /// Milliseconds in which clients worked.
    pub active_cli_ms: i64,
}

/// A figure: its name, how to read it, how to get at it.
type Field = (&'static str, fn(&Truth) -> i64, fn(&mut Truth) -> &mut i64);

macro_rules! fields {
    ($($name:ident),* $(,)?) => {
        /// Every figure, by name.
        pub const FIELDS: &[Field] =
            &[$((stringify!($name), |truth| truth.$name, |truth| &mut truth.$name)),*];
    };
}

fields!(
    sessions,
    requests,
    prompts,
    input,
    output,
    cache_read,
    cache_creation,
    cost_micros,
    lines_added,
    lines_removed,
    commits,
    pull_requests,
    accepted,
    rejected,
    succeeded,
    failed,
    api_errors,
    active_user_ms,
    active_cli_ms,
);

impl Truth {
    /// Both together.
    pub fn add(&mut self, other: &Self) {
        for (_, get, set) in FIELDS {
            *set(self) += get(other);
        }
    }

    /// These figures less the other's.
    pub fn less(mut self, other: &Self) -> Self {
        for (_, get, set) in FIELDS {
            *set(&mut self) -= get(other);
        }
        self
    }

    pub(crate) fn count_request(&mut self, request: &RequestSeen) {
        let TokenUsage { input, output, cache_read, cache_creation, .. } = request.usage;
        self.requests += 1;
        self.input += input;
        self.output += output;
        self.cache_read += cache_read;
        self.cache_creation += cache_creation;
        self.cost_micros += Money::to_micros(request.cost.unwrap_or(Money::ZERO).as_picos().into());
    }

    pub(crate) fn count_decision(&mut self, decision: &Decision) {
        self.accepted += i64::from(decision.accepted);
        self.rejected += i64::from(!decision.accepted);
    }

    pub(crate) fn count_result(&mut self, result: &ToolOutcome) {
        self.succeeded += i64::from(result.succeeded);
        self.failed += i64::from(!result.succeeded);
    }
}

/// Where a ledger's figures lie outside of `[at_least, at_most]`, a line for each; empty when they are right.
pub fn differences(found: &Truth, at_least: &Truth, at_most: &Truth) -> String {
    let mut text = String::new();
    for (name, get, _) in FIELDS {
        let (found, least, most) = (get(found), get(at_least), get(at_most));
        if (least..=most).contains(&found) {
            continue;
        }
        let expected = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let _infallible = writeln!(text, "{name}: the ledger has {found}, sent were {expected}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_compared() {
        let json = serde_json::to_value(Truth::default()).unwrap();
        assert_eq!(json.as_object().unwrap().len(), FIELDS.len());
        for (name, _, set) in FIELDS {
            let mut found = Truth::default();
            *set(&mut found) += 1;
            let told = differences(&found, &Truth::default(), &Truth::default());
            assert_eq!(told, format!("{name}: the ledger has 1, sent were 0\n"));
            assert_eq!(differences(&found, &Truth::default(), &found), "");
        }
    }
}
