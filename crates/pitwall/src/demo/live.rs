//! The present: people at work now, so that the running demo moves.

use std::time::Duration;

use model::{Clock, Timestamp};
use rand::Rng;
use sources::otlp::Receiver;
use tokio_util::sync::CancellationToken;

use super::calendar::{Kind, SessionPlan};
use super::chance::{Dice, Purpose, dice, pick, uuid};
use super::exports::{Client, Export};
use super::filled::Filled;
use super::people::{Habit, Person, Signals};
use super::{Company, Plan, send};

/// How many sessions run at a time: a few requests a minute together.
const AT_WORK: usize = 4;

/// Prompts in a session.
const PROMPTS: std::ops::Range<i64> = 3..12;

/// How often clients export, in microseconds: by default events every five seconds, metrics every minute.
const EVENTS_INTERVAL_MICROS: i64 = 5 * 1_000_000;
const METRICS_INTERVAL_MICROS: i64 = 60 * 1_000_000;

/// The longest pause of somebody who is watched, in microseconds: who stays away longer goes home.
const LONGEST_PAUSE_MICROS: i64 = 4 * 60 * 1_000_000;

/// Goes on where [`super::fill`] stopped: people come to work, use Claude Code and leave, until `stop` is
/// cancelled. Exports that the receiver refuses are dropped, as clients do.
///
/// # Errors
/// When the plan cannot be followed; see [`super::fill`].
pub(crate) async fn keep_going(
    receiver: &Receiver,
    plan: &Plan,
    clock: &dyn Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let company = Company::new(plan)?;
    let mut live = Live::new(&company, clock.now().max(plan.end));
    loop {
        let now = clock.now();
        for export in live.exports_until(now) {
            if let Err(error) = send(receiver, export).await {
                tracing::warn!(%error, "dropped an export of the demo");
            }
        }
        // Looked at again: sending took time too.
        let wait = live.next_export_at().micros_since(clock.now()).max(0).unsigned_abs();
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(Duration::from_micros(wait)) => {}
        }
    }
}

/// The people at work.
struct Live<'a> {
    company: &'a Company,
    dice: Dice,
    begun: u64,
    at_work: Vec<AtWork>,
    /// What the exports amount to.
    filled: Filled,
}

struct AtWork {
    person: usize,
    client: Client,
    events_due: Timestamp,
    metrics_due: Timestamp,
}

impl<'a> Live<'a> {
    fn new(company: &'a Company, now: Timestamp) -> Self {
        // Another start, other people: they must not repeat sessions of an earlier run.
        let dice = dice(company.seed, Purpose::Live, [now.as_micros().unsigned_abs(), 0]);
        let mut live = Self { company, dice, begun: 0, at_work: Vec::new(), filled: Filled::default() };
        live.fill_up(now);
        live
    }

    /// When there is something to export next.
    fn next_export_at(&self) -> Timestamp {
        self.at_work.iter().map(AtWork::due).min().unwrap_or(Timestamp::MAX)
    }

    /// Lives through everything up to an instant; others take the places of those who leave.
    fn exports_until(&mut self, now: Timestamp) -> Vec<Export> {
        let mut exports = Vec::new();
        let filled = &mut self.filled;
        self.at_work.retain_mut(|somebody| somebody.work_until(now, filled, &mut exports));
        self.fill_up(now);
        exports
    }

    fn fill_up(&mut self, now: Timestamp) {
        while self.at_work.len() < AT_WORK.min(self.company.people.len()) {
            let plan = self.somebody(now);
            let mut client = Client::new(self.company, &plan);
            client.shorten_pauses(LONGEST_PAUSE_MICROS);
            self.at_work.push(AtWork {
                person: plan.person,
                client,
                events_due: now.plus_micros(EVENTS_INTERVAL_MICROS),
                metrics_due: now.plus_micros(METRICS_INTERVAL_MICROS),
            });
        }
    }

    /// Who comes to work now: rather somebody whose office is open.
    fn somebody(&mut self, now: Timestamp) -> SessionPlan {
        let free = |person: &&Person| self.at_work.iter().all(|other| other.person as u64 != person.number);
        let company = self.company;
        let candidates: Vec<(&Person, u32)> =
            company.people.iter().filter(free).map(|person| (person, readiness(person, now))).collect();
        let person = *pick(&mut self.dice, &candidates);
        self.begun += 1;
        let dice = &mut self.dice;
        SessionPlan {
            person: person.number as usize,
            id: uuid(dice),
            start_type: "fresh",
            course: [dice.random(), self.begun],
            starts_at: now,
            date: person.local(now).0,
            kind: if person.habit == Habit::Pipeline { Kind::Script } else { Kind::Interactive },
            repository: pick(dice, person.team.repositories),
            prompts: dice.random_range(PROMPTS),
        }
    }
}

/// How likely somebody is to be the next to begin. Never zero, since the demo runs at night, too.
fn readiness(person: &Person, now: Timestamp) -> u32 {
    const AT_HOME: u32 = 1;
    const IN_THE_OFFICE: u32 = 60;
    // One sees more where events are told one by one.
    let told = if person.signals == Signals::MetricsOnly { 1 } else { 3 };
    let (date, minute) = person.local(now);
    let works = (person.arrives_minute..person.arrives_minute + person.stays_minutes).contains(&minute);
    let keen = match person.habit {
        Habit::Heavy => 3,
        Habit::Regular => 2,
        Habit::Occasional | Habit::Pipeline => 1,
    };
    told * keen * if works && person.is_there(date) { IN_THE_OFFICE } else { AT_HOME }
}

impl AtWork {
    fn due(&self) -> Timestamp {
        self.events_due.min(self.metrics_due)
    }

    /// Works on, and exports what is due; `false` when the session is over and everything is exported.
    fn work_until(&mut self, now: Timestamp, filled: &mut Filled, exports: &mut Vec<Export>) -> bool {
        while self.due() <= now {
            let at = self.due();
            self.client.live_until(at, filled);
            let is_over = self.client.next_at().is_none();
            if self.events_due <= at || is_over {
                exports.extend(self.client.export_events(at, filled));
                self.events_due = at.plus_micros(EVENTS_INTERVAL_MICROS);
            }
            if self.metrics_due <= at || is_over {
                exports.extend(self.client.export_metrics(at, filled));
                self.metrics_due = at.plus_micros(METRICS_INTERVAL_MICROS);
            }
            if is_over {
                return false;
            }
        }
        true
    }
}
