//! One simulated developer: sessions one after the other, as their client tells of them.

use model::{
    ApiError, Decision, Money, Prompt, RequestSeen, Temporality, Timestamp, TokenUsage, ToolOutcome,
};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sources::claude_code::emit::{Emitter, Identity};
use sources::otlp::Signal;

use crate::request::Export;
use crate::truth::Truth;

/// How often clients export by default, in microseconds.
const EVENTS_EVERY_MICROS: i64 = 5_000_000;
const METRICS_EVERY_MICROS: i64 = 60_000_000;

const SECOND: i64 = 1_000_000;

/// What of the load is the same for all developers.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// What all dice begin with.
    pub seed: u64,
    /// Temporality of the clients' metrics.
    pub temporality: Temporality,
    /// How long a session lasts at least, in microseconds; it ends with the answer that comes then.
    pub session_micros: i64,
    /// By how much a developer's clock may be wrong, either way, in microseconds.
    pub skew_micros: i64,
}

/// What a developer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Start,
    Prompt,
    /// An answer; so many are still to come in this turn.
    Answer {
        left: u32,
    },
}

/// A developer and the client they use.
pub struct Developer {
    dice: ChaCha8Rng,
    emitter: Emitter,
    habits: Habits,
    /// By how much this developer's clock is wrong, in microseconds.
    skew_micros: i64,
    next: Next,
    next_at: Timestamp,
    session_ends: Timestamp,
    events_due: Timestamp,
    metrics_due: Timestamp,
    /// What the events that wait amount to, and what the counters that wait do.
    of_events: Truth,
    of_metrics: Truth,
    model: &'static str,
}

const MODELS: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001"];
const TERMINALS: [&str; 4] = ["vscode", "iTerm.app", "tmux", "WarpTerminal"];
const LANGUAGES: [&str; 4] = ["Rust", "TypeScript", "Python", "Go"];
/// Tools by how often they are called.
const TOOLS: [&str; 8] = ["Read", "Bash", "Edit", "Grep", "Edit", "Bash", "Write", "Read"];

impl Developer {
    /// The developer with this number, who begins to work some time within the first minute.
    pub fn new(number: u32, begin: Timestamp, habits: Habits) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(habits.seed ^ (u64::from(number) << 32));
        let first = begin.plus_micros(dice.random_range(0..METRICS_EVERY_MICROS));
        let skew_micros = if habits.skew_micros > 0 {
            dice.random_range(-habits.skew_micros..=habits.skew_micros)
        } else {
            0
        };
        let identity = identity(number, &mut dice);
        Self {
            emitter: Emitter::new(identity).with_temporality(habits.temporality),
            habits,
            skew_micros,
            next: Next::Start,
            next_at: first,
            session_ends: first,
            events_due: first.plus_micros(EVENTS_EVERY_MICROS),
            metrics_due: first.plus_micros(METRICS_EVERY_MICROS),
            of_events: Truth::default(),
            of_metrics: Truth::default(),
            model: MODELS[dice.random_range(0..MODELS.len())],
            dice,
        }
    }

    /// When the client exports next.
    pub fn due(&self) -> Timestamp {
        self.events_due.min(self.metrics_due)
    }

    /// Works until the client's next export and adds what it exports.
    pub fn work(&mut self, exports: &mut Vec<Export>) {
        let now = self.due();
        while self.next_at <= now {
            self.act(exports);
        }
        if self.events_due <= now {
            self.export_events(now, exports);
            self.events_due = now.plus_micros(EVENTS_EVERY_MICROS);
        }
        if self.metrics_due <= now {
            self.export_metrics(now, exports);
            self.metrics_due = now.plus_micros(METRICS_EVERY_MICROS);
        }
    }

    /// Ends whatever is under way and exports what is left.
    pub fn leave(&mut self, at: Timestamp, exports: &mut Vec<Export>) {
        self.export_events(at, exports);
        // A session that has no events yet is told of by its metrics alone.
        self.of_metrics.sessions += std::mem::take(&mut self.of_events.sessions);
        self.export_metrics(at, exports);
    }

    fn act(&mut self, exports: &mut Vec<Export>) {
        let at = self.next_at;
        match self.next {
            Next::Start => {
                // Whatever the session before left; a client exports it when it exits.
                self.leave(at, exports);
                self.start(at);
                self.then(Next::Prompt, 1..20);
            }
            Next::Prompt => {
                self.prompt(at);
                let left = self.dice.random_range(1..12);
                self.then(Next::Answer { left }, 3..9);
            }
            Next::Answer { left } => {
                self.answer(at);
                let is_over = left <= 1;
                match (is_over, at >= self.session_ends) {
                    (false, _) => self.then(Next::Answer { left: left - 1 }, 3..15),
                    (true, false) => self.then(Next::Prompt, 10..60),
                    (true, true) => self.then(Next::Start, 30..120),
                }
            }
        }
    }

    fn then(&mut self, next: Next, seconds: std::ops::Range<i64>) {
        self.next = next;
        let pause = self.dice.random_range(seconds.start * SECOND..seconds.end * SECOND);
        self.next_at = self.next_at.plus_micros(pause);
    }

    /// The time as this developer's machine has it.
    fn local(&self, at: Timestamp) -> Timestamp {
        at.plus_micros(self.skew_micros)
    }

    fn start(&mut self, at: Timestamp) {
        self.session_ends = at.plus_micros(self.habits.session_micros);
        let session = uuid(&mut self.dice);
        self.emitter.start_process(self.local(at), &session, "fresh");
        // Which of the two signals comes first does not matter: both tell of the session.
        self.of_events.sessions += 1;
    }

    fn prompt(&mut self, at: Timestamp) {
        let length = self.dice.random_range(10..400);
        let prompt = Prompt { prompt_id: Some(uuid(&mut self.dice)), command: None, length: Some(length) };
        self.emitter.prompt(self.local(at), &prompt);
        self.of_events.prompts += 1;
        let typed_ms = self.dice.random_range(1..20_i64) * 500;
        self.emitter.active_time(self.local(at), seconds(typed_ms), 0.0);
        self.of_metrics.active_user_ms += typed_ms;
    }

    fn answer(&mut self, at: Timestamp) {
        let local = self.local(at);
        if self.dice.random_ratio(1, 50) {
            let error = ApiError {
                request_id: Some(api_id(&mut self.dice, "req_")),
                model: Some(self.model.into()),
                status: Some(529),
                error: Some("overloaded_error".into()),
                attempts: Some(3),
            };
            self.emitter.api_error(local, &error);
            self.of_events.api_errors += 1;
            return;
        }
        let request = self.request();
        self.emitter.request(local, &request);
        self.of_events.count_request(&request);
        let worked_ms = request.duration_ms.unwrap_or(0) / 250 * 250;
        self.emitter.active_time(local, 0.0, seconds(worked_ms));
        self.of_metrics.active_cli_ms += worked_ms;
        if self.dice.random_ratio(7, 10) {
            self.call(local);
        }
    }

    fn request(&mut self) -> RequestSeen {
        let dice = &mut self.dice;
        let cache_creation = dice.random_range(0..4_000);
        let duration_ms = dice.random_range(900..14_000);
        RequestSeen {
            request_id: Some(api_id(dice, "req_")),
            model: self.model.into(),
            usage: TokenUsage {
                input: dice.random_range(1..60),
                output: dice.random_range(20..3_000),
                cache_read: dice.random_range(0..150_000),
                cache_creation,
                cache_creation_5m: cache_creation,
                cache_creation_1h: 0,
            },
            finished: true,
            // Whole micro-dollars, so that rounding at a surface does not blur the comparison.
            cost: Some(Money::from_micros(dice.random_range(500..900_000))),
            query_source: Some("repl_main_thread".into()),
            duration_ms: Some(duration_ms),
            ttft_ms: Some(duration_ms / 3),
            ..RequestSeen::default()
        }
    }

    /// A tool call: the decision on it, how it ended, and what it did.
    fn call(&mut self, at: Timestamp) {
        let tool = TOOLS[self.dice.random_range(0..TOOLS.len())];
        let edits = matches!(tool, "Edit" | "Write");
        let id = api_id(&mut self.dice, "toolu_");
        let decision = Decision {
            tool_use_id: Some(id.clone()),
            tool: tool.into(),
            accepted: self.dice.random_ratio(9, 10),
            decided_by: Some("user_temporary".into()),
            language: edits.then(|| LANGUAGES[self.dice.random_range(0..LANGUAGES.len())].into()),
        };
        self.emitter.decision(at, &decision);
        self.of_events.count_decision(&decision);
        if !decision.accepted {
            return;
        }
        let result = ToolOutcome {
            tool_use_id: Some(id),
            tool: tool.into(),
            succeeded: self.dice.random_ratio(19, 20),
            duration_ms: Some(self.dice.random_range(2..3_000)),
            ..ToolOutcome::default()
        };
        self.emitter.tool_result(at, &result);
        self.of_events.count_result(&result);
        if edits && result.succeeded {
            let (added, removed) = (self.dice.random_range(0..60), self.dice.random_range(0..20));
            self.emitter.lines(at, added, removed, self.model);
            self.of_metrics.lines_added += i64::from(added);
            self.of_metrics.lines_removed += i64::from(removed);
        }
        if tool == "Bash" && self.dice.random_ratio(1, 20) {
            self.emitter.commit(at);
            self.of_metrics.commits += 1;
        }
        if tool == "Bash" && self.dice.random_ratio(1, 80) {
            self.emitter.pull_request(at);
            self.of_metrics.pull_requests += 1;
        }
    }

    fn export_events(&mut self, at: Timestamp, exports: &mut Vec<Export>) {
        if let Some(body) = self.emitter.take_logs() {
            let truth = std::mem::take(&mut self.of_events);
            exports.push(Export { at, signal: Signal::Logs, body, truth });
        }
    }

    fn export_metrics(&mut self, at: Timestamp, exports: &mut Vec<Export>) {
        if let Some(body) = self.emitter.take_metrics(self.local(at)) {
            let truth = std::mem::take(&mut self.of_metrics);
            exports.push(Export { at, signal: Signal::Metrics, body, truth });
        }
    }
}

fn identity(number: u32, dice: &mut ChaCha8Rng) -> Identity {
    let mut installation = [0; 32];
    dice.fill_bytes(&mut installation);
    Identity {
        installation: installation.iter().map(|byte| format!("{byte:02x}")).collect(),
        email: Some(format!("developer-{number}@load.example")),
        account: Some(uuid(dice)),
        organization: Some("5f0c7a3e-0000-4000-8000-000000000001".to_owned()),
        terminal: Some(TERMINALS[dice.random_range(0..TERMINALS.len())].to_owned()),
        entrypoint: Some("cli".to_owned()),
        client_version: "2.1.330".to_owned(),
        repository: Some(("example".to_owned(), format!("repository-{}", number % 97))),
        resource_attributes: vec![("team.id".to_owned(), format!("team-{}", number % 31))],
    }
}

fn uuid(dice: &mut ChaCha8Rng) -> String {
    let mut bytes = [0; 16];
    dice.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// An id such as the API gives: a prefix and 24 letters and digits.
fn api_id(dice: &mut ChaCha8Rng, prefix: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefgh";
    let mut id = String::with_capacity(prefix.len() + 24);
    id.push_str(prefix);
    id.extend((0..24).map(|_| char::from(LETTERS[dice.random_range(0..LETTERS.len())])));
    id
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
