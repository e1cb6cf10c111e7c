//! What a prompt sets going: requests and tool calls by turns, subagents, compactions, commits.

use model::ApiError;

use super::calendar::Kind;
use super::chance::{Spread, api_id, happens, pick};
use super::company::Language;
use super::conversation::{Asker, Conversation};
use super::facts::Fact;
use super::models::{Family, newest};
use super::people::plus_days;
use super::session::{Course, SYSTEM_PROMPT_TOKENS, occurrence};
use super::tools::{self, Caller, Tool};

/// Tokens of the instructions that a subagent begins with.
const AGENT_PROMPT_TOKENS: i64 = 7_200;

const REQUESTS_A_PROMPT: Spread = Spread([1, 1, 4, 11, 28]);
const LOOP_REQUESTS_A_PROMPT: Spread = Spread([2, 2, 3, 5, 8]);
const REQUESTS_A_SUBAGENT: Spread = Spread([2, 3, 6, 13, 26]);
const OUTPUT_TOKENS: Spread = Spread([12, 70, 240, 1_300, 7_500]);
const COMPACTION_OUTPUT_TOKENS: Spread = Spread([1_400, 2_000, 3_100, 4_600, 7_000]);

/// Requests that fail for good, of a thousand: as a rule, and while the API is overloaded.
const ERROR_PERMILLE: u32 = 4;
const OUTAGE_ERROR_PERMILLE: u32 = 190;
/// HTTP status (none when the connection broke), kind, and how often.
const ERRORS: [((Option<i64>, &str), u32); 4] = [
    ((Some(529), "overloaded_error"), 45),
    ((Some(429), "rate_limit_error"), 30),
    ((Some(500), "api_error"), 10),
    ((None, "connection"), 15),
];
const OVERLOADED: (Option<i64>, &str) = ERRORS[0].0;
const ATTEMPTS: Spread = Spread([1, 3, 5, 10, 11]);
const RETRIED_MS: Spread = Spread([500, 4_000, 21_000, 90_000, 200_000]);

/// Of a thousand: answers that call a second tool; turns with edits that end in a commit; commits that are
/// followed by a pull request.
const SECOND_CALL_PERMILLE: u32 = 190;
const COMMIT_PERMILLE: u32 = 330;
const PULL_REQUEST_PERMILLE: u32 = 360;

/// Subagents: name, query source, and how often.
const AGENTS: [((&str, &str), u32); 3] = [
    (("Explore", "agent:builtin:Explore"), 55),
    (("general-purpose", "agent:builtin:general-purpose"), 30),
    (("code-reviewer", "agent:custom"), 15),
];

impl Course<'_> {
    /// Requests and tool calls by turns, until the model is done or somebody stops it.
    pub(super) fn work(&mut self) {
        let is_loop = self.session.kind == Kind::RunawayLoop;
        let requests = if is_loop { LOOP_REQUESTS_A_PROMPT } else { REQUESTS_A_PROMPT }.draw(&mut self.dice);
        for left in (0..requests).rev() {
            if self.fails() {
                return;
            }
            self.request();
            if left == 0 {
                return;
            }
            let calls = 1 + u32::from(happens(&mut self.dice, SECOND_CALL_PERMILLE));
            for _ in 0..calls {
                let language = self.language();
                let tool = tools::main_tool(&mut self.dice, language);
                if !self.call(tool, language) {
                    return;
                }
            }
            if self.talk.is_full() {
                self.compact("auto");
            }
        }
    }

    fn request(&mut self) {
        let output = OUTPUT_TOKENS.draw(&mut self.dice);
        let answer = self.talk.ask(&mut self.dice, &self.company.prices, self.now, self.asker, output);
        self.asker.mcp_server = None;
        self.now = answer.ended_at;
        self.say(Fact::Answered(answer.request));
    }

    /// Whether the next request fails for good.
    fn fails(&mut self) -> bool {
        let outage = self.company.calendar.is_outage(self.now);
        if !happens(&mut self.dice, if outage { OUTAGE_ERROR_PERMILLE } else { ERROR_PERMILLE }) {
            return false;
        }
        let (status, error) = if outage { OVERLOADED } else { *pick(&mut self.dice, &ERRORS) };
        let attempts = ATTEMPTS.draw(&mut self.dice);
        let retried_ms = RETRIED_MS.draw(&mut self.dice);
        self.pass(retried_ms);
        let model = self.talk.model.id;
        let request_id = Some(api_id(&mut self.dice, "req"));
        self.say(Fact::Failed(ApiError {
            request_id,
            model: Some(model.into()),
            status,
            error: Some(error.into()),
            attempts: Some(attempts),
        }));
        if attempts > 1 {
            let status = status.map(|status| status.to_string());
            let exhausted =
                occurrence("api_retries_exhausted", Some(model), status.as_deref(), Some(retried_ms));
            self.say(exhausted);
        }
        true
    }

    /// Calls a tool; `false` when it was refused and the turn is over.
    fn call(&mut self, tool: &'static Tool, language: Language) -> bool {
        if tool.name == tools::AGENT.name {
            self.subagent(language);
            return true;
        }
        let caller = self.caller(language);
        let call = tools::call(&mut self.dice, tool, caller, self.now);
        let accepted = call.accepted;
        if tools::is_mcp(tool) && call.succeeded {
            self.asker.mcp_server = Some(self.server.unwrap_or("custom"));
        }
        self.edits += u32::from(call.edited);
        self.take(call);
        accepted || !self.attended()
    }

    fn take(&mut self, call: tools::Call) {
        self.talk.add(call.result_tokens);
        self.now = call.ended_at;
        self.asked_ms += call.asked_ms;
        self.happenings.extend(call.happenings);
    }

    /// Another conversation does a part of the work, and hands over what it found.
    fn subagent(&mut self, language: Language) {
        let (agent, query_source) = *pick(&mut self.dice, &AGENTS);
        let date = plus_days(self.date_at_utc(), -self.person.hesitates_days);
        let model = match agent {
            "Explore" => newest(Family::Haiku, date),
            "code-reviewer" => newest(Family::Sonnet, date),
            _ => self.talk.model,
        };
        let asker = Asker { query_source, agent: Some(agent), ..self.asker };
        let caller = Caller { attended: false, model: model.id, ..self.caller(language) };
        let mut handing_over = tools::call_allowed(&mut self.dice, &tools::AGENT, caller, self.now);
        let began = self.now;
        let mut talk =
            Conversation::new(model, self.person.effort, self.person.hour_cache, AGENT_PROMPT_TOKENS);
        for left in (0..REQUESTS_A_SUBAGENT.draw(&mut self.dice)).rev() {
            let output = OUTPUT_TOKENS.draw(&mut self.dice);
            let answer = talk.ask(&mut self.dice, &self.company.prices, self.now, asker, output);
            self.now = answer.ended_at;
            self.say(Fact::Answered(answer.request));
            if left > 0 {
                let tool = tools::agent_tool(&mut self.dice);
                let call = tools::call(&mut self.dice, tool, caller, self.now);
                talk.add(call.result_tokens);
                self.now = call.ended_at;
                self.happenings.extend(call.happenings);
            }
        }
        let duration_ms = self.now.micros_since(began) / 1_000;
        self.say(occurrence("subagent_completed", Some(agent), None, Some(duration_ms)));
        for happening in &mut handing_over.happenings {
            if let Fact::ToolEnded(outcome) = &mut happening.fact {
                outcome.duration_ms = Some(duration_ms);
                happening.at = self.now;
            }
        }
        handing_over.ended_at = self.now;
        self.take(handing_over);
    }

    /// Commits what was edited, and opens a pull request when it is time.
    pub(super) fn hand_in(&mut self) {
        if self.edits == 0 || !happens(&mut self.dice, COMMIT_PERMILLE) {
            return;
        }
        if self.run_command() {
            self.edits = 0;
            self.commits += 1;
            self.say(Fact::Committed);
            if happens(&mut self.dice, PULL_REQUEST_PERMILLE) && self.run_command() {
                self.commits = 0;
                self.say(Fact::OpenedPullRequest);
            }
        }
    }

    fn run_command(&mut self) -> bool {
        self.request();
        let language = self.language();
        let caller = self.caller(language);
        let call = tools::call_allowed(&mut self.dice, &tools::BASH, caller, self.now);
        let succeeded = call.succeeded;
        self.take(call);
        succeeded
    }

    pub(super) fn compact(&mut self, trigger: &str) {
        let began = self.now;
        let asker = Asker { query_source: "compact", ..Asker::default() };
        let output = COMPACTION_OUTPUT_TOKENS.draw(&mut self.dice);
        let answer = self.talk.ask(&mut self.dice, &self.company.prices, self.now, asker, output);
        self.now = answer.ended_at;
        self.say(Fact::Answered(answer.request));
        let duration_ms = self.now.micros_since(began) / 1_000;
        self.say(occurrence("compaction", Some(trigger), Some("succeeded"), Some(duration_ms)));
        self.talk.become_summary(&mut self.dice, SYSTEM_PROMPT_TOKENS);
    }
}
