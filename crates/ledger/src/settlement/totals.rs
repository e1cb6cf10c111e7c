//! What running totals hold beyond the items: side requests, compaction, and everything that a session
//! with metrics alone did.

use std::collections::BTreeMap;

use model::{ClientTotals, Observation, Posting, Record, SessionId, Source, Timestamp};

use super::Rules;
use super::counters::counted;
use super::family::Family;
use super::inheritance::{Amounts, Inheritance, Item};
use super::measured::{Measured, Steps, figures_of, measured_as, measured_by};
use super::missing::{Account, FromRecords};
use super::remainder::{RunningTotal, TotalStep, remainder};
use super::requests::Request;
use super::tools::Call;

/// A point is collected at once, but the event of what it counts may be dated just after.
pub(super) const COUNTER_LAG_MICROS: i64 = 1_000_000;

/// The client writes its totals when it ends, without a date: they are dated by the line before, and what
/// was still done then is dated near.
const CLIENT_TOTALS_LAG_MICROS: i64 = 60 * 1_000_000;

pub(super) struct Totals {
    pub postings: Vec<Posting>,
    pub matures_at: Option<Timestamp>,
}

/// The running totals of each measure, one per source that keeps one.
pub(super) type Running<'f> = BTreeMap<Measured<'f>, Vec<RunningTotal>>;

pub(super) fn settle(
    family: &Family<'_>,
    requests: &[Request<'_>],
    calls: &[Call<'_>],
    rules: Rules<'_>,
) -> Totals {
    let items = items(requests, calls);
    let items_of = items_by_account(family, &items);
    let counted = counted(family);
    let mut inheritance = Inheritance::of(&items);
    let mut totals = Totals { postings: Vec::new(), matures_at: None };
    for (account, sessions) in accounts(family) {
        let nothing = (Steps::new(), BTreeMap::new());
        let items = items_of.get(account).unwrap_or(&nothing.0);
        let counters = counted.get(account).unwrap_or(&nothing.1);
        let mut steps: BTreeMap<Measured<'_>, Vec<TotalStep>> = BTreeMap::new();
        for (counter, added) in counters {
            let lagging = added.iter().map(|(at, amount)| TotalStep {
                at: *at,
                reach: at.plus_micros(COUNTER_LAG_MICROS),
                amount: *amount,
            });
            for measured in measured_as(family, counter) {
                steps.entry(measured).or_default().extend(lagging.clone());
            }
        }
        let mut running = Running::new();
        add_to(&mut running, steps);
        add_to(&mut running, client_totals(family, &sessions, &inheritance));
        if !items.is_empty() {
            hold_back(&mut running, rules, &mut totals.matures_at);
        }
        let missing = missing(items, &running);
        inheritance.note(account, [items, &missing].into_iter());
        let known = FromRecords { family, session: account, items, counters, running: &running };
        let account = Account { family, session: account, known };
        totals.postings.extend(account.postings(&missing, rules));
    }
    totals
}

fn items<'f>(requests: &'f [Request<'_>], calls: &'f [Call<'_>]) -> Vec<Item<'f>> {
    let requests = requests.iter().map(|request| Item {
        posting: &request.posting,
        model: Some(request.model),
        held_by: &request.held_by,
    });
    let calls = calls.iter().flat_map(|call| {
        call.postings.iter().map(|posting| Item { posting, model: None, held_by: &call.held_by })
    });
    requests.chain(calls).collect()
}

fn items_by_account<'f>(family: &'f Family<'f>, items: &[Item<'f>]) -> BTreeMap<&'f SessionId, Steps<'f>> {
    let mut by_account: BTreeMap<&SessionId, Steps<'_>> = BTreeMap::new();
    for item in items {
        let steps = by_account.entry(family.account(&item.posting.session)).or_default();
        measured_by(item.posting, item.model, |measured, amount| {
            steps.entry(measured).or_default().push((item.posting.at, amount));
        });
    }
    by_account
}

/// Every account with the sessions it stands for, origins before their forks.
fn accounts<'f>(family: &'f Family<'f>) -> Vec<(&'f SessionId, Vec<&'f SessionId>)> {
    let mut accounts: BTreeMap<&SessionId, Vec<&SessionId>> = BTreeMap::new();
    for (session, _) in family.by_session() {
        accounts.entry(family.account(session)).or_default().push(session);
    }
    let mut accounts: Vec<_> = accounts.into_iter().collect();
    accounts.sort_by_key(|(account, _)| family.rank(account));
    accounts
}

fn add_to<'f>(running: &mut Running<'f>, steps: BTreeMap<Measured<'f>, Vec<TotalStep>>) {
    for (measured, steps) in steps {
        running.entry(measured).or_default().push(RunningTotal::new(steps));
    }
}

/// What the client's own totals grew by in these sessions, beyond what forks began with.
fn client_totals<'f>(
    family: &'f Family<'f>,
    sessions: &[&'f SessionId],
    inheritance: &Inheritance<'f>,
) -> BTreeMap<Measured<'f>, Vec<TotalStep>> {
    let mut steps: BTreeMap<Measured<'_>, Vec<TotalStep>> = BTreeMap::new();
    for session in sessions {
        let records = family.records_of(session);
        let told: Vec<(&Record, &ClientTotals)> = records.iter().copied().filter_map(totals_in).collect();
        if told.is_empty() {
            continue;
        }
        let mut highest: Amounts<'_> = inheritance.inherited(family, session);
        for (record, totals) in told {
            let reach = reach_of_client_totals(records, record.at);
            for (measured, value) in figures_of(family, totals) {
                let before = highest.entry(measured).or_default();
                if value > *before {
                    let amount = value.saturating_sub(*before);
                    steps.entry(measured).or_default().push(TotalStep { at: record.at, reach, amount });
                    *before = value;
                }
            }
        }
    }
    steps
}

fn totals_in(record: &Record) -> Option<(&Record, &ClientTotals)> {
    match &record.observation {
        Observation::Totals(totals) => Some((record, totals)),
        _ => None,
    }
}

/// Totals may have been written any time until the session's transcript goes on; a process that waits
/// for its user makes side requests, too.
fn reach_of_client_totals(records: &[&Record], at: Timestamp) -> Timestamp {
    let near = at.plus_micros(CLIENT_TOTALS_LAG_MICROS);
    let after = records.partition_point(|record| record.at <= near);
    let later = records.get(after..).unwrap_or_default();
    let next = later.iter().find(|record| {
        record.source == Source::Transcripts && !matches!(record.observation, Observation::Totals(_))
    });
    next.map_or(Timestamp::MAX, |record| record.at.plus_micros(-1))
}

/// Leaves out what is too young to be compared, and notes when it will be old enough.
fn hold_back(running: &mut Running<'_>, rules: Rules<'_>, matures_at: &mut Option<Timestamp>) {
    let youngest = rules.now.plus_micros(-rules.quiet_micros);
    // A clock that runs far ahead is no reason to wait for it.
    let absurd = rules.now.plus_micros(rules.quiet_micros);
    for total in running.values_mut().flatten() {
        let Some(first_waiting) = total.first_within(youngest, absurd) else { continue };
        total.cut_from(first_waiting);
        let due = first_waiting.plus_micros(rules.quiet_micros);
        *matures_at = Some(matures_at.map_or(due, |earlier| earlier.min(due)));
    }
}

fn missing<'f>(items: &Steps<'f>, running: &Running<'f>) -> Steps<'f> {
    let missing = running.iter().map(|(measured, totals)| {
        let items = items.get(measured).map_or(&[][..], Vec::as_slice);
        (*measured, remainder(items, totals))
    });
    missing.filter(|(_, steps)| !steps.is_empty()).collect()
}
