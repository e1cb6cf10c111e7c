//! The course of a session: prompts, and what each sets going.

use jiff::civil::Date;
use model::{Occurrence, Prompt, Timestamp};

use super::calendar::{Kind, SessionPlan};
use super::chance::{Dice, Purpose, Spread, dice, happens, pick, uuid};
use super::company::Language;
use super::conversation::{Asker, Conversation, ask_aside};
use super::facts::{Fact, Happening};
use super::models::{Family, PREVIEW, Release, newest};
use super::people::{Person, plus_days};
use super::tools::Caller;
use super::{Company, date_of};

/// Tokens of the system prompt with its tools, with which every conversation begins.
pub(super) const SYSTEM_PROMPT_TOKENS: i64 = 19_400;

/// How long people type, and how long they think, read or do something else before that.
const TYPES_MS: Spread = Spread([2_500, 7_000, 24_000, 75_000, 240_000]);
const THINKS_MS: Spread = Spread([3_000, 14_000, 70_000, 480_000, 2_700_000]);
/// How long the loop waits: longer than the cache lives, which makes every look a dear one.
const LOOP_WAITS_MS: Spread = Spread([330_000, 345_000, 360_000, 380_000, 420_000]);

const PROMPT_LENGTH: Spread = Spread([3, 18, 95, 420, 4_000]);
/// Tokens of a title's request and of the title.
const TITLE_INPUT_TOKENS: Spread = Spread([180, 260, 420, 900, 2_200]);
const TITLE_OUTPUT_TOKENS: Spread = Spread([8, 12, 18, 27, 40]);

/// Prompts that are slash commands, mention a file, use a skill, of a thousand.
const COMMAND_PERMILLE: u32 = 45;
const MENTION_PERMILLE: u32 = 60;
const SKILL_PERMILLE: u32 = 35;
/// Sessions that begin in another permission mode, connect to a server.
const MODE_CHANGED_PERMILLE: u32 = 160;
const SERVER_PERMILLE: u32 = 300;

const COMMANDS: [(&str, u32); 5] =
    [("compact", 30), ("model", 20), ("cost", 15), ("review", 20), ("memory", 15)];
const SKILLS: [(&str, u32); 4] =
    [("code-review", 45), ("release-notes", 20), ("test-writer", 25), ("pdf", 10)];
const SERVERS: [(&str, u32); 4] = [("github", 50), ("linear", 25), ("sentry", 15), ("figma", 10)];
const MODES: [(&str, u32); 3] = [("plan", 45), ("acceptEdits", 40), ("auto", 15)];

/// How many days before the end of the range some had the preview model, and how many of their sessions
/// tried it, of a thousand.
const PREVIEW_DAYS: i64 = 12;
const PREVIEW_PERMILLE: u32 = 60;

const MAIN: Asker = Asker { query_source: "repl_main_thread", agent: None, skill: None, mcp_server: None };
const SCRIPTED: Asker = Asker { query_source: "sdk", ..MAIN };

/// Everything that happens in a session, by time.
pub(super) fn course(company: &Company, session: &SessionPlan) -> Vec<Happening> {
    let person = &company.people[session.person];
    let mut course = Course::new(company, session, person);
    course.run();
    let mut happenings = course.happenings;
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

pub(super) struct Course<'a> {
    pub(super) company: &'a Company,
    pub(super) session: &'a SessionPlan,
    pub(super) person: &'a Person,
    pub(super) dice: Dice,
    pub(super) now: Timestamp,
    pub(super) happenings: Vec<Happening>,
    pub(super) talk: Conversation,
    pub(super) asker: Asker,
    pub(super) server: Option<&'static str>,
    /// Since the last commit, and since the last pull request.
    pub(super) edits: u32,
    pub(super) commits: u32,
    /// Milliseconds of this turn in which the client waited for somebody.
    pub(super) asked_ms: i64,
}

impl<'a> Course<'a> {
    fn new(company: &'a Company, session: &'a SessionPlan, person: &'a Person) -> Self {
        let mut dice = dice(company.seed, Purpose::Session, session.course);
        let model = model(&mut dice, company, session, person);
        let mut talk = Conversation::new(model, person.effort, person.hour_cache, SYSTEM_PROMPT_TOKENS);
        talk.fast = happens(&mut dice, person.fast_permille);
        let is_script = matches!(session.kind, Kind::Script | Kind::RunawayLoop);
        Self {
            company,
            session,
            person,
            dice,
            now: session.starts_at,
            happenings: Vec::new(),
            talk,
            asker: if is_script { SCRIPTED } else { MAIN },
            server: None,
            edits: 0,
            commits: 0,
            asked_ms: 0,
        }
    }

    fn run(&mut self) {
        self.say(Fact::Started);
        self.begin();
        for number in 0..self.session.prompts {
            if number > 0 {
                self.pause();
            }
            self.turn(number == 0);
        }
    }

    fn begin(&mut self) {
        if happens(&mut self.dice, SERVER_PERMILLE) {
            self.server = Some(*pick(&mut self.dice, &SERVERS));
            let connected = occurrence("mcp_server_connection", self.server, Some("connected"), Some(240));
            self.say(connected);
        }
        if self.attended() && happens(&mut self.dice, MODE_CHANGED_PERMILLE) {
            let mode = *pick(&mut self.dice, &MODES);
            self.say(occurrence("permission_mode_changed", Some(mode), Some("shift_tab"), None));
        }
    }

    pub(super) fn attended(&self) -> bool {
        self.session.kind == Kind::Interactive
    }

    fn pause(&mut self) {
        let spread = if self.session.kind == Kind::RunawayLoop { LOOP_WAITS_MS } else { THINKS_MS };
        let pause_ms = spread.draw(&mut self.dice);
        self.pass(pause_ms);
    }

    /// A prompt and all that follows from it.
    fn turn(&mut self, first: bool) {
        let typed_ms = if self.attended() { TYPES_MS.draw(&mut self.dice) } else { 0 };
        self.pass(typed_ms);
        self.asked_ms = 0;
        let began = self.now;
        if self.attended() && !first && happens(&mut self.dice, COMMAND_PERMILLE) {
            self.command();
        } else {
            self.prompt(first);
            self.work();
            self.hand_in();
        }
        let cli_ms = self.now.micros_since(began) / 1_000 - self.asked_ms;
        self.say(Fact::Worked { user_ms: typed_ms, cli_ms });
    }

    fn command(&mut self) {
        let command = *pick(&mut self.dice, &COMMANDS);
        let prompt_id = Some(uuid(&mut self.dice));
        self.say(Fact::Prompted(Prompt { prompt_id, command: Some(command.into()), length: None }));
        if command == "compact" {
            self.compact("manual");
        }
    }

    fn prompt(&mut self, first: bool) {
        let length = PROMPT_LENGTH.draw(&mut self.dice);
        // About four characters are a token.
        self.talk.add(length / 4 + 8);
        let prompt_id = Some(uuid(&mut self.dice));
        self.say(Fact::Prompted(Prompt { prompt_id, command: None, length: Some(length) }));
        if first && self.session.start_type == "fresh" && self.asker.query_source == MAIN.query_source {
            self.title();
        }
        if self.attended() && happens(&mut self.dice, MENTION_PERMILLE) {
            self.say(occurrence("at_mention", Some("file"), Some("succeeded"), None));
        }
        self.asker.skill = None;
        if happens(&mut self.dice, SKILL_PERMILLE) {
            let skill = *pick(&mut self.dice, &SKILLS);
            self.asker.skill = Some(skill);
            self.say(occurrence("skill_activated", Some(skill), Some("claude-proactive"), None));
        }
    }

    /// The title of the session, which a small model finds while the large one works.
    fn title(&mut self) {
        let model = newest(Family::Haiku, self.date_at_utc());
        let tokens = (TITLE_INPUT_TOKENS.draw(&mut self.dice), TITLE_OUTPUT_TOKENS.draw(&mut self.dice));
        let prices = &self.company.prices;
        let title = ask_aside(&mut self.dice, prices, self.now, model, "generate_session_title", tokens);
        self.happenings.push(Happening { at: title.ended_at, fact: Fact::Answered(title.request) });
    }

    pub(super) fn language(&mut self) -> Language {
        *pick(&mut self.dice, self.session.repository.languages)
    }

    pub(super) fn caller(&self, language: Language) -> Caller {
        let attended = self.attended();
        Caller { attended, trusts_permille: self.person.trusts_permille, language, model: self.talk.model.id }
    }

    pub(super) fn say(&mut self, fact: Fact) {
        self.happenings.push(Happening { at: self.now, fact });
    }

    pub(super) fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_micros(ms * 1_000);
    }

    pub(super) fn date_at_utc(&self) -> Date {
        date_of(self.session.starts_at)
    }
}

/// The model that a person takes for a session.
fn model(dice: &mut Dice, company: &Company, session: &SessionPlan, person: &Person) -> &'static Release {
    let date = date_of(session.starts_at);
    let previewed = date >= plus_days(company.calendar.days.end, -PREVIEW_DAYS) && person.number % 9 == 5;
    if session.kind == Kind::RunawayLoop {
        return newest(Family::Fable, date);
    }
    if previewed && happens(dice, PREVIEW_PERMILLE) {
        return &PREVIEW;
    }
    newest(person.family, plus_days(date, -person.hesitates_days))
}

pub(super) fn occurrence(
    name: &str,
    subject: Option<&str>,
    outcome: Option<&str>,
    duration_ms: Option<i64>,
) -> Fact {
    Fact::Occurred(Occurrence {
        name: name.into(),
        subject: subject.map(Into::into),
        outcome: outcome.map(Into::into),
        duration_ms,
        identity: None,
    })
}
