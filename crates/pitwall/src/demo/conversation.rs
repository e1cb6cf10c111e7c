//! One conversation with a model: how its context grows, what of it the cache knows, what each request
//! takes and costs.

use ledger::PriceBook;
use model::{RequestSeen, Timestamp, TokenUsage};

use super::chance::{Dice, Spread, api_id};
use super::models::{Release, client_price};

/// The state of a conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) model: &'static Release,
    pub(super) fast: bool,
    effort: &'static str,
    /// Whether what is cached lives an hour rather than five minutes.
    hour_cache: bool,
    /// Tokens of the context that have been sent before, and so are cached while the cache lives.
    sent: i64,
    /// Tokens that the next request sends for the first time.
    unsent: i64,
    cached_until: Timestamp,
}

/// What in the client asks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asker {
    pub(super) query_source: &'static str,
    pub(super) agent: Option<&'static str>,
    pub(super) skill: Option<&'static str>,
    pub(super) mcp_server: Option<&'static str>,
}

/// A finished request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) ended_at: Timestamp,
    pub(super) request: RequestSeen,
}

/// Tokens of a context that a compaction leaves.
const SUMMARY_TOKENS: Spread = Spread([6_000, 9_000, 14_000, 22_000, 30_000]);

/// The client compacts a conversation that has grown to this many tokens.
const COMPACTED_FROM_TOKENS: i64 = 155_000;

/// Tokens that are never cached, because they come after the last point of caching.
const UNCACHED_TOKENS: Spread = Spread([2, 3, 5, 12, 60]);

const FIRST_TOKEN_MS: Spread = Spread([380, 620, 1_150, 2_600, 9_000]);
/// Milliseconds for a hundred tokens of output.
const HUNDRED_TOKENS_MS: Spread = Spread([700, 1_000, 1_500, 2_200, 3_800]);
/// How much faster fast mode writes.
const FAST_MODE_FACTOR: i64 = 3;

const FIVE_MINUTES_SECONDS: i64 = 5 * 60;
const HOUR_SECONDS: i64 = 60 * 60;

impl Conversation {
    /// A conversation that begins with a system prompt of some tokens.
    pub(super) fn new(model: &'static Release, effort: &'static str, hour_cache: bool, tokens: i64) -> Self {
        let cached_until = Timestamp::MIN;
        Self { model, fast: false, effort, hour_cache, sent: 0, unsent: tokens, cached_until }
    }

    /// Adds tokens to the context: a prompt, a tool's result.
    pub(super) const fn add(&mut self, tokens: i64) {
        self.unsent += tokens;
    }

    /// Tokens in the context.
    pub(super) const fn tokens(&self) -> i64 {
        self.sent + self.unsent
    }

    /// Whether it has grown so much that the client compacts it.
    pub(super) const fn is_full(&self) -> bool {
        self.tokens() >= COMPACTED_FROM_TOKENS
    }

    /// Replaces the context by a summary, the request for which has been answered.
    pub(super) fn become_summary(&mut self, dice: &mut Dice, system_prompt: i64) {
        self.sent = 0;
        self.unsent = system_prompt + SUMMARY_TOKENS.draw(dice);
    }

    /// Asks the model at an instant; it answers with some tokens of output, which become context.
    pub(super) fn ask(
        &mut self,
        dice: &mut Dice,
        prices: &PriceBook,
        at: Timestamp,
        asker: Asker,
        output: i64,
    ) -> Answer {
        let read = if at <= self.cached_until { self.sent } else { 0 };
        let written = self.tokens() - read;
        let (five_minutes, hour) = if self.hour_cache { (0, written) } else { (written, 0) };
        let usage = TokenUsage {
            input: UNCACHED_TOKENS.draw(dice),
            output,
            cache_read: read,
            cache_creation: written,
            cache_creation_5m: five_minutes,
            cache_creation_1h: hour,
        };
        self.sent += self.unsent;
        self.unsent = output;
        let answer = answer(dice, prices, at, self.model, self.fast, asker, usage);
        let lives_seconds = if self.hour_cache { HOUR_SECONDS } else { FIVE_MINUTES_SECONDS };
        self.cached_until = answer.ended_at.plus_seconds(lives_seconds);
        let effort = self.model.has_effort.then(|| self.effort.into());
        Answer { request: RequestSeen { effort, ..answer.request }, ..answer }
    }
}

/// A request of its own, with nothing cached: titles and the like.
pub(super) fn ask_aside(
    dice: &mut Dice,
    prices: &PriceBook,
    at: Timestamp,
    model: &'static Release,
    query_source: &'static str,
    (input, output): (i64, i64),
) -> Answer {
    let asker = Asker { query_source, ..Asker::default() };
    answer(dice, prices, at, model, false, asker, TokenUsage { input, output, ..TokenUsage::default() })
}

fn answer(
    dice: &mut Dice,
    prices: &PriceBook,
    at: Timestamp,
    model: &'static Release,
    fast: bool,
    asker: Asker,
    usage: TokenUsage,
) -> Answer {
    let first_token_ms = FIRST_TOKEN_MS.draw(dice);
    let writing_ms = HUNDRED_TOKENS_MS.draw(dice) * usage.output / 100;
    let duration_ms = first_token_ms + if fast { writing_ms / FAST_MODE_FACTOR } else { writing_ms };
    let ended_at = at.plus_micros(duration_ms * 1_000);
    let request = RequestSeen {
        request_id: Some(api_id(dice, "req")),
        model: model.id.into(),
        usage,
        finished: true,
        cost: Some(client_price(prices, model.id, ended_at, &usage, fast)),
        fast,
        query_source: Some(asker.query_source.into()),
        agent: asker.agent.map(Into::into),
        skill: asker.skill.map(Into::into),
        mcp_server: asker.mcp_server.map(Into::into),
        duration_ms: Some(duration_ms),
        ttft_ms: Some(first_token_ms),
        ..RequestSeen::default()
    };
    Answer { ended_at, request }
}
