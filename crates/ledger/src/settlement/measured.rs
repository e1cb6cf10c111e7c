//! The measures that items and running totals both tell of, so that the two can be compared.

use std::collections::BTreeMap;

use model::{CanonicalModel, ClientTotals, Counter, Kind, Measures, Posting, Text, TokenKind};

use super::family::Family;
use super::remainder::Step;

/// One measure. Units are those of [`Measures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measured<'f> {
    Tokens(&'f CanonicalModel, TokenKind),
    CostSettled(&'f CanonicalModel),
    CostReported(&'f CanonicalModel),
    LinesAdded,
    LinesRemoved,
    Commits,
    PullRequests,
    Decisions(&'f str, bool),
    ActiveUser,
    ActiveCli,
}

/// Amounts of each measure, by when they were added.
pub(super) type Steps<'f> = BTreeMap<Measured<'f>, Vec<Step>>;

impl<'f> Measured<'f> {
    /// The field of a posting that it stands in.
    pub(super) fn field(self, measures: &mut Measures) -> &mut i64 {
        match self {
            Self::Tokens(_, TokenKind::Input) => &mut measures.tokens.input,
            Self::Tokens(_, TokenKind::Output) => &mut measures.tokens.output,
            Self::Tokens(_, TokenKind::CacheRead) => &mut measures.tokens.cache_read,
            Self::Tokens(_, TokenKind::CacheCreation) => &mut measures.tokens.cache_creation,
            Self::CostSettled(_) => &mut measures.cost_settled,
            Self::CostReported(_) => &mut measures.cost_reported,
            Self::LinesAdded => &mut measures.lines_added,
            Self::LinesRemoved => &mut measures.lines_removed,
            Self::Commits => &mut measures.commits,
            Self::PullRequests => &mut measures.pull_requests,
            Self::Decisions(_, true) => &mut measures.accepted,
            Self::Decisions(_, false) => &mut measures.rejected,
            Self::ActiveUser => &mut measures.active_user_ms,
            Self::ActiveCli => &mut measures.active_cli_ms,
        }
    }

    /// The kind of posting for what only totals tell of.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Tokens(..) | Self::CostSettled(_) | Self::CostReported(_) => Kind::Unattributed,
            Self::LinesAdded | Self::LinesRemoved => Kind::Lines,
            Self::Commits => Kind::Commit,
            Self::PullRequests => Kind::PullRequest,
            Self::Decisions(..) => Kind::Decision,
            Self::ActiveUser | Self::ActiveCli => Kind::ActiveTime,
        }
    }

    /// Part of the identity of such a posting.
    pub(super) fn name(self) -> String {
        match self {
            Self::Tokens(model, _) | Self::CostSettled(model) | Self::CostReported(model) => {
                model.as_str().to_owned()
            }
            Self::LinesAdded => "lines added".to_owned(),
            Self::LinesRemoved => "lines removed".to_owned(),
            Self::Commits => "commits".to_owned(),
            Self::PullRequests => "pull requests".to_owned(),
            Self::Decisions(tool, accepted) => format!("decisions {tool} {accepted}"),
            Self::ActiveUser => "active user".to_owned(),
            Self::ActiveCli => "active cli".to_owned(),
        }
    }

    pub(super) const fn model(self) -> Option<&'f CanonicalModel> {
        match self {
            Self::Tokens(model, _) | Self::CostSettled(model) | Self::CostReported(model) => Some(model),
            _ => None,
        }
    }
}

/// Calls `add` with what an item's posting adds to each measure. `model` is a request's.
pub(super) fn measured_by<'f>(
    posting: &'f Posting,
    model: Option<&'f CanonicalModel>,
    mut add: impl FnMut(Measured<'f>, i64),
) {
    let measures = &posting.measures;
    let tokens = &measures.tokens;
    let mut add = |measured, amount| {
        if amount != 0 {
            add(measured, amount);
        }
    };
    match (posting.kind, model) {
        (Kind::Request, Some(model)) => {
            add(Measured::Tokens(model, TokenKind::Input), tokens.input);
            add(Measured::Tokens(model, TokenKind::Output), tokens.output);
            add(Measured::Tokens(model, TokenKind::CacheRead), tokens.cache_read);
            add(Measured::Tokens(model, TokenKind::CacheCreation), tokens.cache_creation);
            add(Measured::CostSettled(model), measures.cost_settled);
            add(Measured::CostReported(model), measures.cost_reported);
        }
        (Kind::Decision, _) => {
            add(Measured::Decisions(&posting.subject, true), measures.accepted);
            add(Measured::Decisions(&posting.subject, false), measures.rejected);
        }
        (Kind::Lines, _) => {
            add(Measured::LinesAdded, measures.lines_added);
            add(Measured::LinesRemoved, measures.lines_removed);
        }
        (Kind::Commit, _) => add(Measured::Commits, measures.commits),
        (Kind::PullRequest, _) => add(Measured::PullRequests, measures.pull_requests),
        _ => {}
    }
}

/// The measures that a counter adds to. Dollars are both what the client said and what is settled.
pub(super) fn measured_as<'f>(family: &'f Family<'f>, counter: &'f Counter) -> Vec<Measured<'f>> {
    let canonical = |model: &'f Text| family.spellings.canonical(model);
    match counter {
        Counter::Tokens { model, kind } => vec![Measured::Tokens(canonical(model), *kind)],
        Counter::Cost { model } => {
            vec![Measured::CostSettled(canonical(model)), Measured::CostReported(canonical(model))]
        }
        Counter::LinesAdded => vec![Measured::LinesAdded],
        Counter::LinesRemoved => vec![Measured::LinesRemoved],
        Counter::Commits => vec![Measured::Commits],
        Counter::PullRequests => vec![Measured::PullRequests],
        Counter::EditDecisions { tool, accepted, .. } => vec![Measured::Decisions(tool, *accepted)],
        Counter::ActiveUserSeconds => vec![Measured::ActiveUser],
        Counter::ActiveCliSeconds => vec![Measured::ActiveCli],
        Counter::Sessions(_) | Counter::Unknown(_) => Vec::new(),
    }
}

/// The figures in the client's own totals.
pub(super) fn figures_of<'f>(family: &'f Family<'f>, totals: &ClientTotals) -> BTreeMap<Measured<'f>, i64> {
    let mut figures: BTreeMap<Measured<'_>, i64> = BTreeMap::new();
    for (model, usage, cost) in &totals.models {
        let model = family.spellings.canonical(model);
        for (measured, amount) in [
            (Measured::Tokens(model, TokenKind::Input), usage.input),
            (Measured::Tokens(model, TokenKind::Output), usage.output),
            (Measured::Tokens(model, TokenKind::CacheRead), usage.cache_read),
            (Measured::Tokens(model, TokenKind::CacheCreation), usage.cache_creation),
            (Measured::CostSettled(model), cost.as_picos()),
            (Measured::CostReported(model), cost.as_picos()),
        ] {
            let figure = figures.entry(measured).or_default();
            *figure = figure.saturating_add(amount);
        }
    }
    figures.insert(Measured::LinesAdded, totals.lines_added);
    figures.insert(Measured::LinesRemoved, totals.lines_removed);
    figures
}
