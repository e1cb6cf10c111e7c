//! Who works at the company, and how.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Timestamp;
use rand::Rng;

use super::chance::{Dice, Purpose, Spread, dice, happens, hex_id, pick, uuid};
use super::company::{OFFICES, Office, PIPELINE_TEAM, TEAMS, Team};
use super::models::Family;
use super::names;

/// Somebody who uses Claude Code.
#[derive(Debug)]
pub(super) struct Person {
    /// Place in the list of people.
    pub(super) number: u64,
    /// E-mail address; `None` for the build pipeline, which is not signed in.
    pub(super) email: Option<String>,
    /// Account UUID of the sign-in.
    pub(super) account: Option<String>,
    /// Id of the installation.
    pub(super) installation: String,
    pub(super) team: &'static Team,
    pub(super) office: &'static Office,
    /// Terminal; `None` where there is none.
    pub(super) terminal: Option<&'static str>,
    /// How the client is started when a person sits before it.
    pub(super) entrypoint: &'static str,
    pub(super) habit: Habit,
    pub(super) signals: Signals,
    /// From the first to before the last day with Claude Code.
    pub(super) active: Range<Date>,
    /// Days off in a row.
    vacation: Range<Date>,
    /// The models preferred.
    pub(super) family: Family,
    /// Days until a new model is taken up.
    pub(super) hesitates_days: i64,
    /// Effort level preferred.
    pub(super) effort: &'static str,
    /// Edits that are let through without a question, of a thousand.
    pub(super) trusts_permille: u32,
    /// Sessions run in fast mode, of a thousand.
    pub(super) fast_permille: u32,
    /// Sessions handed to the cloud, of a thousand.
    pub(super) remote_permille: u32,
    /// Whether prompts are cached for an hour rather than five minutes.
    pub(super) hour_cache: bool,
    /// Days between a client's release and its installation here.
    pub(super) updates_after_days: i64,
    /// Minute of the local day at which work begins.
    pub(super) arrives_minute: i64,
    /// Minutes until it ends.
    pub(super) stays_minutes: i64,
}

/// How much somebody uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    Heavy,
    Regular,
    Occasional,
    /// Not a person: the build pipeline.
    Pipeline,
}

/// What a client is set to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signals {
    Both,
    MetricsOnly,
    EventsOnly,
}

impl Signals {
    pub(super) const fn events(self) -> bool {
        !matches!(self, Self::MetricsOnly)
    }

    pub(super) const fn metrics(self) -> bool {
        !matches!(self, Self::EventsOnly)
    }
}

/// What part somebody plays; from which to which thousandth of the range they are there.
type Part = (Habit, Signals, Range<i64>);

/// There all along.
const ALWAYS: Range<i64> = 0..1_000;

/// The cast, repeated for as many people as there are. The first five cover what a small company needs.
const CAST: [Part; 20] = [
    (Habit::Heavy, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::MetricsOnly, ALWAYS),
    (Habit::Regular, Signals::EventsOnly, ALWAYS),
    (Habit::Occasional, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Heavy, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, 350..1_000),
    (Habit::Occasional, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Heavy, Signals::Both, 0..600),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Occasional, Signals::MetricsOnly, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, 700..1_000),
    (Habit::Occasional, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
    (Habit::Heavy, Signals::Both, 120..1_000),
    (Habit::Occasional, Signals::Both, ALWAYS),
    (Habit::Regular, Signals::Both, ALWAYS),
];

/// A company from this size on has a build pipeline that uses Claude Code, too.
const PIPELINE_FROM_DEVELOPERS: u32 = 10;

/// Days of vacation within the range.
const VACATION_DAYS: Spread = Spread([0, 0, 7, 14, 21]);

const TERMINALS: [(&str, u32); 8] = [
    ("vscode", 30),
    ("iTerm.app", 18),
    ("cursor", 12),
    ("tmux", 12),
    ("ghostty", 9),
    ("WezTerm", 7),
    ("WarpTerminal", 6),
    ("xterm-256color", 6),
];

const FAMILIES: [(Family, u32); 4] =
    [(Family::Opus, 50), (Family::Sonnet, 34), (Family::Fable, 12), (Family::Haiku, 4)];

const EFFORTS: [(&str, u32); 5] = [("low", 8), ("medium", 40), ("high", 38), ("xhigh", 10), ("max", 4)];

const HESITATES_DAYS: Spread = Spread([0, 0, 3, 16, 45]);
const UPDATES_AFTER_DAYS: Spread = Spread([0, 0, 2, 9, 30]);
const TRUSTS_PERMILLE: Spread = Spread([0, 150, 550, 900, 1_000]);
/// From seven in the morning to noon.
const ARRIVES_MINUTE: Spread = Spread([420, 490, 550, 620, 720]);
const STAYS_MINUTES: Spread = Spread([330, 430, 500, 560, 660]);

/// Everybody, over a range of days: the developers, and in a larger company the build pipeline.
pub(super) fn everybody(seed: u64, developers: u32, days: Range<Date>) -> Vec<Person> {
    let offset = dice(seed, Purpose::Company, [0, 0]).random_range(0..names::COMBINATIONS);
    let mut people: Vec<Person> = (0..u64::from(developers))
        .map(|number| {
            let mut dice = dice(seed, Purpose::Person, [number, 0]);
            let email = names::email(offset, number);
            developer(&mut dice, number, email, &days)
        })
        .collect();
    if developers >= PIPELINE_FROM_DEVELOPERS {
        let number = u64::from(developers);
        people.push(pipeline(&mut dice(seed, Purpose::Person, [number, 0]), number, days));
    }
    people
}

fn developer(dice: &mut Dice, number: u64, email: String, days: &Range<Date>) -> Person {
    let (habit, signals, active) = CAST[(number % CAST.len() as u64) as usize].clone();
    let terminal = *pick(dice, &TERMINALS);
    let in_editor = terminal == "vscode" && happens(dice, 500);
    Person {
        number,
        email: Some(email),
        account: Some(uuid(dice)),
        installation: hex_id(dice),
        team: pick(dice, &TEAMS),
        office: pick(dice, &OFFICES),
        terminal: Some(terminal),
        entrypoint: if in_editor { "claude-vscode" } else { "cli" },
        habit,
        signals,
        active: part_of(days, active.start)..part_of(days, active.end),
        vacation: vacation(dice, days),
        family: *pick(dice, &FAMILIES),
        hesitates_days: HESITATES_DAYS.draw(dice),
        effort: pick::<&str>(dice, &EFFORTS),
        trusts_permille: TRUSTS_PERMILLE.draw(dice) as u32,
        fast_permille: if habit == Habit::Heavy && happens(dice, 400) { 150 } else { 0 },
        remote_permille: if happens(dice, 300) { 180 } else { 10 },
        // The person whose loop runs away caches for five minutes: that is what makes it dear.
        hour_cache: happens(dice, 350) && number != 0,
        updates_after_days: UPDATES_AFTER_DAYS.draw(dice),
        arrives_minute: ARRIVES_MINUTE.draw(dice),
        stays_minutes: STAYS_MINUTES.draw(dice),
    }
}

fn pipeline(dice: &mut Dice, number: u64, days: Range<Date>) -> Person {
    Person {
        number,
        email: None,
        account: None,
        installation: hex_id(dice),
        team: PIPELINE_TEAM,
        office: &OFFICES[1].0,
        terminal: None,
        entrypoint: "sdk-cli",
        habit: Habit::Pipeline,
        signals: Signals::Both,
        vacation: days.start..days.start,
        active: days,
        family: Family::Sonnet,
        hesitates_days: 10,
        effort: "medium",
        trusts_permille: 1_000,
        fast_permille: 0,
        remote_permille: 0,
        hour_cache: false,
        updates_after_days: 14,
        arrives_minute: 0,
        stays_minutes: 24 * 60 - 1,
    }
}

impl Person {
    /// Whether the person has Claude Code on a day and is not away.
    pub(super) fn is_there(&self, date: Date) -> bool {
        let off = self.habit != Habit::Pipeline && self.office.has_holiday(date);
        self.active.contains(&date) && !self.vacation.contains(&date) && !off
    }

    /// The date and the minute of the day where the person is.
    pub(super) fn local(&self, at: Timestamp) -> (Date, i64) {
        let local = at.plus_seconds(self.office.utc_offset_seconds()).to_jiff().to_zoned(TimeZone::UTC);
        (local.date(), i64::from(local.hour()) * 60 + i64::from(local.minute()))
    }

    /// The key that the telemetry comes with, where nobody is signed in.
    pub(super) fn ingest_key(&self) -> Option<&'static str> {
        self.email.is_none().then_some(super::company::PIPELINE_KEY)
    }
}

/// The date a number of thousandths into a range.
fn part_of(days: &Range<Date>, permille: i64) -> Date {
    plus_days(days.start, days_between(days.start, days.end) * permille / 1_000)
}

fn vacation(dice: &mut Dice, days: &Range<Date>) -> Range<Date> {
    let length = VACATION_DAYS.draw(dice);
    let begins = dice.random_range(0..days_between(days.start, days.end).max(1));
    let first = plus_days(days.start, begins);
    first..plus_days(first, length)
}

/// A date some days later, or earlier for negative numbers.
pub(super) fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// Days from one date to another.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
