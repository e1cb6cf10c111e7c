//! What running totals hold beyond the items: side requests, compaction, and everything that a session
//! with metrics alone did.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ClientTotals, Counter, ItemKey, Kind, Measures, Observation, Posting, Record, SessionId, Timestamp,
    TokenKind, TokenUsage, canonical_model,
};

use super::Rules;
use super::counters::{Counted, counted};
use super::family::Family;
use super::profile::best_spelling;
use super::remainder::{RunningTotal, Step, remainder};
use super::requests::Request;

/// A point is collected at once, but the event of what it counts may be dated just after.
const COUNTER_LAG_MICROS: i64 = 1_000_000;

/// The client writes its totals when it ends, without a date; what it still did is dated near.
const CLIENT_TOTALS_LAG_MICROS: i64 = 60 * 1_000_000;

/// A cost beyond the items that is no more than this per item, without tokens beyond them, is rounding.
const ROUNDING_PICOS_PER_ITEM: i64 = 1_000_000;

pub(super) struct Totals {
    pub postings: Vec<Posting>,
    pub matures_at: Option<Timestamp>,
}

/// One measure that items and totals both tell of. Models are canonical ids.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Measured {
    Tokens(String, TokenKind),
    CostSettled(String),
    CostReported(String),
    LinesAdded,
    LinesRemoved,
    Commits,
    PullRequests,
    Decisions(String, bool),
    ActiveUser,
    ActiveCli,
}

type Items = BTreeMap<Measured, Vec<Step>>;
type Running = BTreeMap<Measured, Vec<RunningTotal>>;

pub(super) fn settle(
    family: &Family<'_>,
    requests: &[Request<'_>],
    tools: &[Posting],
    rules: Rules<'_>,
) -> Totals {
    let counted = counted(family);
    let mut totals = Totals { postings: Vec::new(), matures_at: None };
    let items = items_by_session(requests, tools);
    for session in family.sessions() {
        let nothing = Items::new();
        let items = items.get(session).unwrap_or(&nothing);
        let mut running = running_totals(&counted, session);
        add_client_totals(&mut running, family, session, requests);
        if !items.is_empty() {
            hold_back(&mut running, rules, &mut totals.matures_at);
        }
        let missing = missing(items, &running);
        totals.postings.extend(unattributed(family, session, &missing, items, rules));
        totals.postings.extend(activity(family, session, &missing, &counted));
    }
    totals
}

fn items_by_session(requests: &[Request<'_>], tools: &[Posting]) -> BTreeMap<SessionId, Items> {
    let mut by_session: BTreeMap<SessionId, Items> = BTreeMap::new();
    for posting in requests.iter().map(|request| &request.posting).chain(tools) {
        let items = by_session.entry(posting.session.clone()).or_default();
        for (measured, amount) in measured_by(posting) {
            items.entry(measured).or_default().push((posting.at, amount));
        }
    }
    by_session
}

/// What an item's posting adds to each measure.
fn measured_by(posting: &Posting) -> Vec<(Measured, i64)> {
    let measures = &posting.measures;
    let tokens = &measures.tokens;
    let model = || canonical_model(&posting.model).as_str().to_owned();
    let mut measured = match posting.kind {
        Kind::Request => vec![
            (Measured::Tokens(model(), TokenKind::Input), tokens.input),
            (Measured::Tokens(model(), TokenKind::Output), tokens.output),
            (Measured::Tokens(model(), TokenKind::CacheRead), tokens.cache_read),
            (Measured::Tokens(model(), TokenKind::CacheCreation), tokens.cache_creation),
            (Measured::CostSettled(model()), measures.cost_settled),
            (Measured::CostReported(model()), measures.cost_reported),
        ],
        Kind::Decision => vec![
            (Measured::Decisions(posting.subject.clone(), true), measures.accepted),
            (Measured::Decisions(posting.subject.clone(), false), measures.rejected),
        ],
        Kind::Lines => {
            vec![
                (Measured::LinesAdded, measures.lines_added),
                (Measured::LinesRemoved, measures.lines_removed),
            ]
        }
        Kind::Commit => vec![(Measured::Commits, measures.commits)],
        Kind::PullRequest => vec![(Measured::PullRequests, measures.pull_requests)],
        _ => Vec::new(),
    };
    measured.retain(|(_, amount)| *amount != 0);
    measured
}

fn running_totals(counted: &Counted<'_>, session: &SessionId) -> Running {
    let mut merged: BTreeMap<Measured, Vec<Step>> = BTreeMap::new();
    for ((_, counter), steps) in counted.iter().filter(|((of, _), _)| *of == session) {
        for measured in measured_as(counter) {
            merged.entry(measured).or_default().extend(steps);
        }
    }
    let running = merged.into_iter().map(|(measured, mut steps)| {
        steps.sort_unstable();
        (measured, vec![RunningTotal { steps, lag_micros: COUNTER_LAG_MICROS }])
    });
    running.collect()
}

fn measured_as(counter: &Counter) -> Vec<Measured> {
    let canonical = |model: &String| canonical_model(model).as_str().to_owned();
    match counter {
        Counter::Tokens { model, kind } => vec![Measured::Tokens(canonical(model), *kind)],
        Counter::Cost { model } => {
            vec![Measured::CostSettled(canonical(model)), Measured::CostReported(canonical(model))]
        }
        Counter::LinesAdded => vec![Measured::LinesAdded],
        Counter::LinesRemoved => vec![Measured::LinesRemoved],
        Counter::Commits => vec![Measured::Commits],
        Counter::PullRequests => vec![Measured::PullRequests],
        Counter::EditDecisions { tool, accepted, .. } => vec![Measured::Decisions(tool.clone(), *accepted)],
        Counter::ActiveUserSeconds => vec![Measured::ActiveUser],
        Counter::ActiveCliSeconds => vec![Measured::ActiveCli],
        Counter::Sessions(_) | Counter::Unknown(_) => Vec::new(),
    }
}

/// Adds the client's own totals as one more running total of each measure they tell.
fn add_client_totals(
    running: &mut Running,
    family: &Family<'_>,
    session: &SessionId,
    requests: &[Request<'_>],
) {
    let told = client_totals(family, session);
    let Some((first, _)) = told.first() else { return };
    let inherited = inherited_totals(family, session, first.at, requests);
    let mut highest = inherited;
    let mut steps: BTreeMap<Measured, Vec<Step>> = BTreeMap::new();
    for (record, totals) in told {
        for (measured, value) in figures_of(totals) {
            let before = highest.entry(measured.clone()).or_default();
            if value > *before {
                steps.entry(measured).or_default().push((record.at, value - *before));
                *before = value;
            }
        }
    }
    for (measured, steps) in steps {
        let total = RunningTotal { steps, lag_micros: CLIENT_TOTALS_LAG_MICROS };
        running.entry(measured).or_default().push(total);
    }
}

fn client_totals<'a>(family: &Family<'a>, session: &SessionId) -> Vec<(&'a Record, &'a ClientTotals)> {
    family.pick(|record| match &record.observation {
        Observation::Totals(totals) if record.session == *session => Some(totals),
        _ => None,
    })
}

fn figures_of(totals: &ClientTotals) -> BTreeMap<Measured, i64> {
    let mut figures = BTreeMap::new();
    for (model, usage, cost) in &totals.models {
        let model = canonical_model(model).as_str().to_owned();
        for (measured, amount) in [
            (Measured::Tokens(model.clone(), TokenKind::Input), usage.input),
            (Measured::Tokens(model.clone(), TokenKind::Output), usage.output),
            (Measured::Tokens(model.clone(), TokenKind::CacheRead), usage.cache_read),
            (Measured::Tokens(model.clone(), TokenKind::CacheCreation), usage.cache_creation),
            (Measured::CostSettled(model.clone()), cost.as_picos()),
            (Measured::CostReported(model.clone()), cost.as_picos()),
        ] {
            *figures.entry(measured).or_default() += amount;
        }
    }
    figures.insert(Measured::LinesAdded, totals.lines_added);
    figures.insert(Measured::LinesRemoved, totals.lines_removed);
    figures
}

/// What a fork's totals began with: its parent's last totals before the fork; without them, the sum of
/// the requests it copied.
fn inherited_totals(
    family: &Family<'_>,
    session: &SessionId,
    first_totals_at: Timestamp,
    requests: &[Request<'_>],
) -> BTreeMap<Measured, i64> {
    let copied: BTreeSet<&SessionId> = family
        .observed
        .iter()
        .filter(|record| record.session == *session)
        .filter_map(|record| match &record.observation {
            Observation::Request(request) => request.origin_session.as_ref(),
            _ => None,
        })
        .filter(|origin| *origin != session)
        .collect();
    let Some(parent) = copied.into_iter().max_by_key(|origin| family.precedence(origin)) else {
        return BTreeMap::new();
    };
    let own = family.records.iter().filter(|record| record.session == *session && Family::is_own(record));
    let forked_at = own.map(|record| record.at).min().unwrap_or(first_totals_at);
    let parents = client_totals(family, parent);
    let before = parents.iter().rev().find(|(record, _)| record.at <= forked_at);
    match before {
        Some((_, totals)) => figures_of(totals),
        None => sum_of_copies(family, session, requests),
    }
}

fn sum_of_copies(
    family: &Family<'_>,
    session: &SessionId,
    requests: &[Request<'_>],
) -> BTreeMap<Measured, i64> {
    let copies = family.observed.iter().filter(|record| record.session == *session);
    let copied: BTreeSet<ItemKey> = copies.filter_map(|record| super::links(record).message).collect();
    let mut sums = BTreeMap::new();
    for request in requests {
        let posting = &request.posting;
        if posting.session != *session && posting.message.is_some_and(|message| copied.contains(&message)) {
            for (measured, amount) in measured_by(posting) {
                *sums.entry(measured).or_default() += amount;
            }
        }
    }
    sums
}

/// Leaves out what is too young to be compared, and notes when it will be old enough.
fn hold_back(running: &mut Running, rules: Rules<'_>, matures_at: &mut Option<Timestamp>) {
    let youngest = rules.now.plus_micros(-rules.quiet_micros);
    // A clock that runs far ahead is no reason to wait for it.
    let absurd = rules.now.plus_micros(rules.quiet_micros);
    for total in running.values_mut().flatten() {
        let waiting = total.steps.iter().find(|(at, _)| *at > youngest && *at <= absurd);
        let Some((first_waiting, _)) = waiting.copied() else { continue };
        total.steps.retain(|(at, _)| *at < first_waiting);
        let due = first_waiting.plus_micros(rules.quiet_micros);
        *matures_at = Some(matures_at.map_or(due, |earlier| earlier.min(due)));
    }
}

fn missing(items: &Items, running: &Running) -> BTreeMap<Measured, Vec<Step>> {
    let missing = running.iter().map(|(measured, totals)| {
        let items = items.get(measured).map_or(&[][..], Vec::as_slice);
        (measured.clone(), remainder(items, totals))
    });
    missing.filter(|(_, steps)| !steps.is_empty()).collect()
}

/// Tokens and cost without requests, one posting per model and step.
fn unattributed(
    family: &Family<'_>,
    session: &SessionId,
    missing: &BTreeMap<Measured, Vec<Step>>,
    items: &Items,
    rules: Rules<'_>,
) -> Vec<Posting> {
    let mut rows: BTreeMap<(String, Timestamp), Measures> = BTreeMap::new();
    for (measured, steps) in missing {
        for (at, amount) in steps {
            let (model, field): (_, fn(&mut Measures) -> &mut i64) = match measured {
                Measured::Tokens(model, TokenKind::Input) => (model, |row| &mut row.tokens.input),
                Measured::Tokens(model, TokenKind::Output) => (model, |row| &mut row.tokens.output),
                Measured::Tokens(model, TokenKind::CacheRead) => (model, |row| &mut row.tokens.cache_read),
                Measured::Tokens(model, TokenKind::CacheCreation) => {
                    (model, |row| &mut row.tokens.cache_creation)
                }
                Measured::CostSettled(model) => (model, |row| &mut row.cost_settled),
                Measured::CostReported(model) => (model, |row| &mut row.cost_reported),
                _ => continue,
            };
            *field(rows.entry((model.clone(), *at)).or_default()) += amount;
        }
    }
    drop_rounding(&mut rows, items);
    let spellings = spellings(family, session);
    let postings = rows.into_iter().map(|((model, at), mut measures)| {
        price(&mut measures, &model, at, missing, rules);
        let item = ItemKey::of("unattributed", &format!("{session} {model} {}", at.as_micros()));
        let mut posting = family.posting(Kind::Unattributed, at, session, item, &[]);
        posting.model = spellings.get(&model).cloned().unwrap_or(model);
        posting.measures = measures;
        posting
    });
    postings.collect()
}

/// Drops a cost that is only what rounding each request left over.
fn drop_rounding(rows: &mut BTreeMap<(String, Timestamp), Measures>, items: &Items) {
    let with_tokens: BTreeSet<String> =
        rows.iter().filter(|(_, row)| !row.tokens.is_empty()).map(|((model, _), _)| model.clone()).collect();
    for ((model, _), row) in rows.iter_mut().filter(|((model, _), _)| !with_tokens.contains(model)) {
        let rounding = |measured| items.get(&measured).map_or(0, Vec::len) as i64 * ROUNDING_PICOS_PER_ITEM;
        if row.cost_settled <= rounding(Measured::CostSettled(model.clone())) {
            row.cost_settled = 0;
        }
        if row.cost_reported <= rounding(Measured::CostReported(model.clone())) {
            row.cost_reported = 0;
        }
    }
    rows.retain(|_, row| *row != Measures::default());
}

/// Prices tokens by the book; the client's own cost stands where it told one for the model.
fn price(
    measures: &mut Measures,
    model: &str,
    at: Timestamp,
    missing: &BTreeMap<Measured, Vec<Step>>,
    rules: Rules<'_>,
) {
    let usage: TokenUsage = measures.tokens;
    let priced = rules.prices.price(&canonical_model(model), at, &usage, crate::Conditions::default());
    match priced {
        Some(price) => measures.cost_priced = price.as_picos(),
        None => measures.unpriced_tokens = usage.total(),
    }
    let told = missing.contains_key(&Measured::CostReported(model.to_owned()));
    if !told {
        measures.cost_settled = measures.cost_priced;
    }
}

/// For each canonical model of the session, the spelling that tells most.
fn spellings(family: &Family<'_>, session: &SessionId) -> BTreeMap<String, String> {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut note = |model| {
        seen.entry(canonical_model(model).as_str().to_owned()).or_default().insert(model);
    };
    for record in family.records.iter().filter(|record| record.session == *session) {
        match &record.observation {
            Observation::Request(request) => note(&request.model),
            Observation::Totals(totals) => totals.models.iter().for_each(|(model, _, _)| note(model)),
            Observation::Counter(point) => match &point.counter {
                Counter::Tokens { model, .. } | Counter::Cost { model } => note(model),
                _ => {}
            },
            _ => {}
        }
    }
    seen.into_iter().map(|(canonical, seen)| (canonical, best_spelling(seen.into_iter()))).collect()
}

/// Lines, commits, pull requests, edit decisions and active time that only totals know.
fn activity(
    family: &Family<'_>,
    session: &SessionId,
    missing: &BTreeMap<Measured, Vec<Step>>,
    counted: &Counted<'_>,
) -> Vec<Posting> {
    let mut postings = Vec::new();
    for (measured, steps) in missing {
        let (kind, field): (_, fn(&mut Measures) -> &mut i64) = match measured {
            Measured::LinesAdded => (Kind::Lines, |row| &mut row.lines_added),
            Measured::LinesRemoved => (Kind::Lines, |row| &mut row.lines_removed),
            Measured::Commits => (Kind::Commit, |row| &mut row.commits),
            Measured::PullRequests => (Kind::PullRequest, |row| &mut row.pull_requests),
            Measured::Decisions(_, true) => (Kind::Decision, |row| &mut row.accepted),
            Measured::Decisions(_, false) => (Kind::Decision, |row| &mut row.rejected),
            Measured::ActiveUser => (Kind::ActiveTime, |row| &mut row.active_user_ms),
            Measured::ActiveCli => (Kind::ActiveTime, |row| &mut row.active_cli_ms),
            Measured::Tokens(..) | Measured::CostSettled(_) | Measured::CostReported(_) => continue,
        };
        for (at, amount) in steps {
            let name = format!("{session} {} {}", measured.name(), at.as_micros());
            let item = ItemKey::of("total", &name);
            let mut posting = family.posting(kind, *at, session, item, &[]);
            *field(&mut posting.measures) = *amount;
            if let Measured::Decisions(tool, accepted) = measured {
                posting.subject.clone_from(tool);
                let (decided_by, language) = decided(counted, session, tool, *accepted, *at);
                posting.decided_by = decided_by;
                posting.language = language;
            }
            postings.push(posting);
        }
    }
    postings
}

impl Measured {
    /// Tells the measures that [`activity`] posts apart.
    fn name(&self) -> String {
        match self {
            Self::LinesAdded => "lines added".into(),
            Self::LinesRemoved => "lines removed".into(),
            Self::Commits => "commits".into(),
            Self::PullRequests => "pull requests".into(),
            Self::Decisions(tool, accepted) => format!("decisions {tool} {accepted}"),
            Self::ActiveUser => "active user".into(),
            Self::ActiveCli => "active cli".into(),
            Self::Tokens(model, _) | Self::CostSettled(model) | Self::CostReported(model) => model.clone(),
        }
    }
}

/// Who decided and in which language, where the step belongs to one series alone.
fn decided(
    counted: &Counted<'_>,
    session: &SessionId,
    tool: &str,
    accepted: bool,
    at: Timestamp,
) -> (String, String) {
    let mut tellers = counted.iter().filter_map(|((of, counter), steps)| match counter {
        Counter::EditDecisions { tool: of_tool, accepted: of_accepted, decided_by, language }
            if *of == session && of_tool == tool && *of_accepted == accepted =>
        {
            steps.iter().any(|(step, _)| *step == at).then(|| (decided_by.clone(), language.clone()))
        }
        _ => None,
    });
    match (tellers.next(), tellers.next()) {
        (Some(only), None) => only,
        _ => (String::new(), String::new()),
    }
}
