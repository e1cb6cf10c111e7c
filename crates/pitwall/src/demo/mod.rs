//! The demo: a believable company that uses Claude Code, made from a seed.
//!
//! People with habits ([`people`]) work on their days ([`calendar`]); each of their sessions takes its course
//! ([`session`], [`work`], [`tools`], [`conversation`]), and their clients export what happens ([`exports`])
//! as real clients do, in order of time ([`history`]). All of it goes through the same intake as real
//! telemetry. What the exports amount to is counted on the way ([`filled`]), so that a test can compare.

mod calendar;
mod chance;
mod company;
mod conversation;
mod exports;
mod facts;
mod filled;
mod history;
mod live;
mod models;
mod names;
mod people;
mod session;
mod tools;
mod work;

#[cfg(test)]
mod tests;

use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::PriceBook;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use sources::otlp::{Encoding, Receiver, WhenFull};

use calendar::Calendar;
use exports::Export;
pub(crate) use filled::Filled;
use history::History;
pub(crate) use live::keep_going;
use people::{Person, plus_days};

/// What company, over which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Number of people. Larger companies also have a build pipeline that uses Claude Code.
    pub(crate) developers: u32,
    /// Number of days (UTC), the last of which is the day of `end`.
    pub(crate) days: u32,
    /// What the dice begin with: equal plans make equal bytes.
    pub(crate) seed: u64,
    /// The instant up to which everything has happened.
    pub(crate) end: Timestamp,
}

/// How long before now a history ends, in seconds. A point of a running total waits for the requests that it counts
/// (`settlement.quiet`, half a minute): with this, none does, and reports tell all that was made as soon as it is filled.
const SETTLED_SECONDS: i64 = 60;

impl Plan {
    /// Up to when everything has happened that is filled now.
    pub(crate) const fn end_before(now: Timestamp) -> Timestamp {
        now.plus_seconds(-SETTLED_SECONDS)
    }
}

/// The largest company and the longest history.
const MAX_DEVELOPERS: u32 = 100_000;
const MAX_DAYS: u32 = 3_660;

/// How many exports are under way at a time: enough that the writer finds groups to commit together.
const IN_FLIGHT: usize = 32;

/// The company of a plan.
struct Company {
    seed: u64,
    end: Timestamp,
    calendar: Calendar,
    people: Vec<Person>,
    prices: PriceBook,
}

impl Company {
    fn new(plan: &Plan) -> anyhow::Result<Self> {
        ensure!(
            (1..=MAX_DEVELOPERS).contains(&plan.developers),
            "the demo has 1 to {MAX_DEVELOPERS} developers"
        );
        ensure!((1..=MAX_DAYS).contains(&plan.days), "the demo has 1 to {MAX_DAYS} days");
        let last = date_of(plan.end);
        let days = plus_days(last, 1 - i64::from(plan.days))..plus_days(last, 1);
        Ok(Self {
            seed: plan.seed,
            end: plan.end,
            calendar: Calendar::new(plan.seed, days.clone()),
            people: people::everybody(plan.seed, plan.developers, days),
            prices: PriceBook::embedded()?,
        })
    }
}

/// The date of an instant in UTC.
fn date_of(at: Timestamp) -> Date {
    at.to_jiff().to_zoned(TimeZone::UTC).date()
}

/// Sends the whole history of a company to a receiver, in order of time, and tells what it amounts to.
/// `progress` is called with the part of the time that has passed, from 0 to 1.
///
/// # Errors
/// When the plan is too large, or the receiver does not take everything.
pub(crate) async fn fill(
    receiver: &Receiver,
    plan: &Plan,
    mut progress: impl FnMut(f64),
) -> anyhow::Result<Filled> {
    let company = Company::new(plan)?;
    let begins = Calendar::midnight(company.calendar.days.start);
    let length = plan.end.micros_since(begins).max(1);
    let mut history = History::new(&company);
    let mut sending = futures::stream::iter(history.by_ref())
        .map(|export| {
            let at = export.at;
            async move { send(receiver, export).await.map(|()| at) }
        })
        .buffer_unordered(IN_FLIGHT);
    let mut reached = 0.0;
    while let Some(at) = sending.next().await {
        let passed = at?.micros_since(begins) as f64 / length as f64;
        reached = passed.clamp(reached, 1.0);
        progress(reached);
    }
    drop(sending);
    Ok(history.filled())
}

/// Sends one export and waits until it is durable.
async fn send(receiver: &Receiver, export: Export) -> anyhow::Result<()> {
    let Export { signal, admission, body, .. } = export;
    let accepted = receiver
        .receive(signal, Encoding::Protobuf, body.into(), &admission, WhenFull::Wait)
        .await
        .context("could not take in the demo")?;
    let rejections = &accepted.rejections;
    ensure!(rejections.count() == 0, "the demo was not taken in whole: {}", rejections.message());
    Ok(())
}
