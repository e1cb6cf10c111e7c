//! Who works when: from a person and a day to the sessions begun on it.

use std::ops::Range;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use model::Timestamp;
use rand::Rng;

use super::chance::{Dice, Purpose, Spread, dice, happens, pick, uuid};
use super::company::Repository;
use super::people::{Habit, Person, days_between, plus_days};

/// A session that somebody begins or takes up again.
#[derive(Clone, Debug)]
pub(super) struct SessionPlan {
    /// Place of its person in the list of people.
    pub(super) person: usize,
    /// Its id.
    pub(super) id: String,
    /// `fresh`, or how an earlier one is taken up: `resume`, `continue`.
    pub(super) start_type: &'static str,
    /// What dice its course is thrown with.
    pub(super) course: [u64; 2],
    pub(super) starts_at: Timestamp,
    /// Its day where the person is.
    pub(super) date: Date,
    pub(super) kind: Kind,
    pub(super) repository: &'static Repository,
    /// How many prompts.
    pub(super) prompts: i64,
}

/// What kind of session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody sits before it.
    Interactive,
    /// Handed to the cloud.
    Remote,
    /// One prompt from a script.
    Script,
    /// A script that nobody stopped: looks again every few minutes, all night.
    RunawayLoop,
}

/// The days of the demo, and what is special about some of them.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    seed: u64,
    /// Every day, in UTC.
    pub(super) days: Range<Date>,
    /// Evening on which the first person leaves a loop running.
    expensive_evening: Date,
    /// Day on which the API is overloaded for some hours.
    outage: Date,
}

/// How long before the end of the range the special days are at most, in days.
const EXPENSIVE_DAYS_AGO: i64 = 23;
const OUTAGE_DAYS_AGO: i64 = 9;

/// When the outage begins and ends, in hours of the UTC day.
const OUTAGE_HOURS: Range<i64> = 13..16;

/// When the loop is left alone, in minutes of the local day, and how often it looks.
const LOOP_MINUTE: i64 = 18 * 60 + 41;
const LOOP_PROMPTS: i64 = 118;

/// Days on which somebody who is there uses Claude Code, of a thousand.
const ATTENDS_PERMILLE: [(Habit, u32); 4] =
    [(Habit::Heavy, 965), (Habit::Regular, 840), (Habit::Occasional, 330), (Habit::Pipeline, 1_000)];

/// The share of their later habit that people have on the first day, of a thousand: adoption grows.
const ADOPTION_AT_FIRST_PERMILLE: i64 = 600;

/// The share of weekend days on which a habit is kept, of a thousand.
const WEEKEND_PERMILLE: u32 = 90;

/// First sessions of a day that take the last one of the day before up again, of a thousand.
const RESUMES_PERMILLE: u32 = 220;
const RESUME_TYPES: [(&str, u32); 2] = [("resume", 6), ("continue", 4)];

/// Sessions of a person that are scripts, of a thousand.
const SCRIPT_PERMILLE: u32 = 35;

/// Sessions begun on a day.
const fn sessions_a_day(habit: Habit) -> Spread {
    match habit {
        Habit::Heavy => Spread([2, 3, 4, 6, 8]),
        Habit::Regular => Spread([1, 1, 2, 4, 5]),
        Habit::Occasional => Spread([1, 1, 1, 2, 3]),
        Habit::Pipeline => Spread([2, 3, 5, 9, 14]),
    }
}

/// Prompts in a session before which somebody sits.
const fn prompts_a_session(habit: Habit) -> Spread {
    match habit {
        Habit::Heavy => Spread([1, 2, 6, 13, 26]),
        Habit::Regular => Spread([1, 1, 4, 9, 18]),
        Habit::Occasional | Habit::Pipeline => Spread([1, 1, 3, 6, 12]),
    }
}

impl Calendar {
    /// The calendar of a range of days.
    pub(super) fn new(seed: u64, days: Range<Date>) -> Self {
        let length = days_between(days.start, days.end);
        let last = plus_days(days.end, -1);
        let ago = |most: i64, share: i64| workday_before(plus_days(last, -(length / share).clamp(1, most)));
        let expensive_evening = ago(EXPENSIVE_DAYS_AGO, 4);
        let outage = ago(OUTAGE_DAYS_AGO, 8);
        Self { seed, days, expensive_evening, outage }
    }

    /// The start of a day in UTC.
    pub(super) fn midnight(date: Date) -> Timestamp {
        date.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |midnight| midnight.timestamp().into())
    }

    /// The earliest instant at which a local day begins anywhere.
    pub(super) fn earliest(date: Date) -> Timestamp {
        const FURTHEST_AHEAD_HOURS: i64 = 14;
        Self::midnight(date).plus_seconds(-FURTHEST_AHEAD_HOURS * 3_600)
    }

    /// Whether the API is overloaded.
    pub(super) fn is_outage(&self, at: Timestamp) -> bool {
        let hour = at.micros_since(Self::midnight(self.outage)).div_euclid(3_600_000_000);
        OUTAGE_HOURS.contains(&hour)
    }

    /// The sessions that a person begins on a day of theirs, by time.
    pub(super) fn sessions(&self, person: &Person, date: Date) -> Vec<SessionPlan> {
        let mut dice = dice(self.seed, Purpose::Day, [person.number, day_number(date)]);
        let mut sessions = self.usual_sessions(&mut dice, person, date);
        if happens(&mut dice, RESUMES_PERMILLE)
            && let Some(first) = sessions.first_mut()
            && first.kind == Kind::Interactive
            && plus_days(date, -1) >= self.days.start
            && let Some(before) = self.sessions(person, plus_days(date, -1)).pop()
            && before.kind == Kind::Interactive
        {
            first.id = before.id;
            first.repository = before.repository;
            first.start_type = *pick(&mut dice, &RESUME_TYPES);
        }
        if person.number == 0 && date == self.expensive_evening {
            let minutes = LOOP_MINUTE;
            let mut left_running =
                self.session(&mut dice, person, date, minutes, sessions.len() as u64, Kind::RunawayLoop);
            left_running.prompts = LOOP_PROMPTS;
            sessions.push(left_running);
        }
        let begins = Self::midnight(self.days.start);
        sessions.retain(|session| session.starts_at >= begins);
        sessions.sort_by_key(|session| session.starts_at);
        sessions
    }

    fn usual_sessions(&self, dice: &mut Dice, person: &Person, date: Date) -> Vec<SessionPlan> {
        let attends = happens(dice, self.attends_permille(person.habit, date));
        if !attends || !person.is_there(date) {
            return Vec::new();
        }
        let count = sessions_a_day(person.habit).draw(dice);
        let mut minutes: Vec<i64> = (0..count)
            .map(|_| person.arrives_minute + dice.random_range(0..person.stays_minutes.max(1)))
            .collect();
        minutes.sort_unstable();
        let mut sessions = Vec::with_capacity(minutes.len());
        for (number, minute) in minutes.into_iter().enumerate() {
            let kind = kind(dice, person);
            sessions.push(self.session(dice, person, date, minute, number as u64, kind));
        }
        sessions
    }

    fn session(
        &self,
        dice_of_day: &mut Dice,
        person: &Person,
        date: Date,
        minute: i64,
        number: u64,
        kind: Kind,
    ) -> SessionPlan {
        // Nobody begins more than a thousand sessions on a day.
        let course = [person.number, day_number(date) * 1_000 + number];
        let second = dice_of_day.random_range(0..60_000_i64);
        let local = Self::midnight(date).plus_micros(minute * 60_000_000 + second * 1_000);
        SessionPlan {
            person: person.number as usize,
            id: uuid(&mut dice(self.seed, Purpose::SessionId, course)),
            start_type: "fresh",
            course,
            starts_at: local.plus_seconds(-person.office.utc_offset_seconds()),
            date,
            kind,
            repository: pick(dice_of_day, person.team.repositories),
            prompts: if kind == Kind::Script { 1 } else { prompts_a_session(person.habit).draw(dice_of_day) },
        }
    }

    fn attends_permille(&self, habit: Habit, date: Date) -> u32 {
        let usual = ATTENDS_PERMILLE.iter().find(|(of, _)| *of == habit).map_or(0, |(_, permille)| *permille);
        if habit == Habit::Pipeline {
            return usual;
        }
        let passed = days_between(self.days.start, date).max(0) * 1_000;
        let passed = passed / days_between(self.days.start, self.days.end).max(1);
        let adopted =
            ADOPTION_AT_FIRST_PERMILLE + (1_000 - ADOPTION_AT_FIRST_PERMILLE) * passed.min(1_000) / 1_000;
        let grown = i64::from(usual) * adopted / 1_000;
        let permille = if is_weekend(date) { grown * i64::from(WEEKEND_PERMILLE) / 1_000 } else { grown };
        permille as u32
    }
}

fn kind(dice: &mut Dice, person: &Person) -> Kind {
    if person.habit == Habit::Pipeline || happens(dice, SCRIPT_PERMILLE) {
        Kind::Script
    } else if happens(dice, person.remote_permille) {
        Kind::Remote
    } else {
        Kind::Interactive
    }
}

/// Days since 1970, for telling dice apart.
fn day_number(date: Date) -> u64 {
    days_between(Date::constant(1970, 1, 1), date).unsigned_abs()
}

pub(super) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn workday_before(date: Date) -> Date {
    match date.weekday() {
        Weekday::Saturday => plus_days(date, -1),
        Weekday::Sunday => plus_days(date, -2),
        _ => date,
    }
}
