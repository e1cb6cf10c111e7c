//! What was sent, counted while it was made.

use model::{Money, TokenUsage};
use serde::{Deserialize, Serialize};

use super::facts::Fact;
use super::people::Signals;

/// What a ledger must hold that took everything in: each thing once, as far as the client that it happened
/// in tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Filled {
    /// Export requests.
    pub(crate) exports: u64,
    /// Sessions begun.
    pub(crate) sessions: i64,
    /// Processes that took up an earlier session.
    pub(crate) resumed: i64,
    /// Requests that events tell of.
    pub(crate) requests: i64,
    /// Tokens.
    pub(crate) tokens: TokenUsage,
    /// Cost in picodollars, as the clients said.
    pub(crate) cost_picos: i128,
    /// Prompts.
    pub(crate) prompts: i64,
    /// Slash commands.
    pub(crate) commands: i64,
    /// Tool calls accepted.
    pub(crate) accepted: i64,
    /// Tool calls rejected.
    pub(crate) rejected: i64,
    /// Tool calls that succeeded.
    pub(crate) succeeded: i64,
    /// Tool calls that failed.
    pub(crate) failed: i64,
    /// Requests that failed for good.
    pub(crate) api_errors: i64,
    /// Lines added.
    pub(crate) lines_added: i64,
    /// Lines removed.
    pub(crate) lines_removed: i64,
    /// Commits.
    pub(crate) commits: i64,
    /// Pull requests.
    pub(crate) pull_requests: i64,
    /// Milliseconds in which users typed.
    pub(crate) active_user_ms: i64,
    /// Milliseconds in which clients worked.
    pub(crate) active_cli_ms: i64,
    /// Other events.
    pub(crate) occurrences: i64,
}

impl Filled {
    /// Counts what happens where a client tells of it with these signals.
    pub(super) fn count(&mut self, fact: &Fact, signals: Signals) {
        match fact {
            // Both signals tell of these.
            Fact::Answered(request) => {
                self.requests += i64::from(signals.events());
                // Metrics do not split cache writes by how long they live.
                let usage = request.usage;
                self.tokens = self.tokens.plus(&if signals.events() {
                    usage
                } else {
                    TokenUsage { cache_creation_5m: 0, cache_creation_1h: 0, ..usage }
                });
                self.cost_picos += i128::from(request.cost.unwrap_or(Money::ZERO).as_picos());
            }
            // Metrics count decisions on edits, which have a language; events tell of all.
            Fact::Decided(decision) if signals.events() || decision.language.is_some() => {
                self.accepted += i64::from(decision.accepted);
                self.rejected += i64::from(!decision.accepted);
            }
            fact if signals.events() && self.count_event(fact) => {}
            fact if signals.metrics() => self.count_metric(fact),
            _ => {}
        }
    }

    /// Counts what only events tell of; `false` when this is no such thing.
    fn count_event(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Prompted(prompt) => {
                self.commands += i64::from(prompt.command.is_some());
                self.prompts += i64::from(prompt.command.is_none());
            }
            Fact::ToolEnded(outcome) => {
                self.succeeded += i64::from(outcome.succeeded);
                self.failed += i64::from(!outcome.succeeded);
            }
            Fact::Failed(_) => self.api_errors += 1,
            Fact::Occurred(_) => self.occurrences += 1,
            _ => return false,
        }
        true
    }

    /// Counts what only metrics tell of.
    fn count_metric(&mut self, fact: &Fact) {
        match fact {
            Fact::Edited { added, removed, .. } => {
                self.lines_added += i64::from(*added);
                self.lines_removed += i64::from(*removed);
            }
            Fact::Committed => self.commits += 1,
            Fact::OpenedPullRequest => self.pull_requests += 1,
            Fact::Worked { user_ms, cli_ms } => {
                self.active_user_ms += user_ms;
                self.active_cli_ms += cli_ms;
            }
            _ => {}
        }
    }

    /// Counts a process of which anything was exported.
    pub(super) fn count_process(&mut self, start_type: &str) {
        let is_fresh = start_type == "fresh";
        self.sessions += i64::from(is_fresh);
        self.resumed += i64::from(!is_fresh);
    }
}
