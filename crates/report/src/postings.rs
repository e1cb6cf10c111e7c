//! What a figure is made of: the postings behind it, the newest one by one and all of them counted.

use model::{Kind, Posting};
use serde::Serialize;
use store::{Dimension, Figure, Measure, Store};
use utoipa::ToSchema;

use crate::figures::{ACTIVE_PEOPLE, Cost, Figures, SESSIONS, Tokens};
use crate::filter::{Filter, stored};
use crate::range::{DateRange, Range};
use crate::scope::Scope;
use crate::{ReportError, told, when_told};

/// The most postings that are listed.
pub const MAX_LIMIT: usize = 500;

/// A figure that can be asked for its postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the figure of its name in report::figures")]
pub enum FigureName {
    Cost,
    Tokens,
    Input,
    Output,
    CacheRead,
    CacheCreation,
    Requests,
    Sessions,
    People,
    Prompts,
    LinesAdded,
    LinesRemoved,
    Commits,
    PullRequests,
    Accepted,
    Rejected,
    Succeeded,
    Failed,
    ApiErrors,
    ActiveUser,
    ActiveCli,
}

impl FigureName {
    /// Every figure with its name in questions.
    pub const ALL: [(&'static str, Self); 21] = [
        ("cost", Self::Cost),
        ("tokens", Self::Tokens),
        ("input", Self::Input),
        ("output", Self::Output),
        ("cache_read", Self::CacheRead),
        ("cache_creation", Self::CacheCreation),
        ("requests", Self::Requests),
        ("sessions", Self::Sessions),
        ("people", Self::People),
        ("prompts", Self::Prompts),
        ("lines_added", Self::LinesAdded),
        ("lines_removed", Self::LinesRemoved),
        ("commits", Self::Commits),
        ("pull_requests", Self::PullRequests),
        ("accepted", Self::Accepted),
        ("rejected", Self::Rejected),
        ("succeeded", Self::Succeeded),
        ("failed", Self::Failed),
        ("api_errors", Self::ApiErrors),
        ("active_user", Self::ActiveUser),
        ("active_cli", Self::ActiveCli),
    ];

    /// The figure of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, figure)| figure)
    }

    /// What is added up; nothing for figures that count distinct things.
    const fn measures(self) -> &'static [Measure] {
        match self {
            Self::Cost => &[Measure::CostSettled],
            Self::Tokens => &[Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation],
            Self::Input => &[Measure::Input],
            Self::Output => &[Measure::Output],
            Self::CacheRead => &[Measure::CacheRead],
            Self::CacheCreation => &[Measure::CacheCreation],
            Self::Requests => &[Measure::Requests],
            Self::Sessions | Self::People => &[],
            Self::Prompts => &[Measure::Prompts],
            Self::LinesAdded => &[Measure::LinesAdded],
            Self::LinesRemoved => &[Measure::LinesRemoved],
            Self::Commits => &[Measure::Commits],
            Self::PullRequests => &[Measure::PullRequests],
            Self::Accepted => &[Measure::Accepted],
            Self::Rejected => &[Measure::Rejected],
            Self::Succeeded => &[Measure::Succeeded],
            Self::Failed => &[Measure::Failed],
            Self::ApiErrors => &[Measure::ApiErrors],
            Self::ActiveUser => &[Measure::ActiveUser],
            Self::ActiveCli => &[Measure::ActiveCli],
        }
    }

    /// The figures that have to be asked for.
    fn figures(self) -> Vec<Figure> {
        match self {
            Self::Sessions => vec![SESSIONS],
            Self::People => vec![ACTIVE_PEOPLE],
            _ => self.measures().iter().copied().map(Figure::Sum).collect(),
        }
    }

    /// The kinds of postings that it counts; all when it adds up what they measure.
    fn kinds(self) -> Vec<Kind> {
        match self {
            Self::Sessions => vec![Kind::SessionStart],
            Self::People => vec![Kind::Request],
            _ => Vec::new(),
        }
    }

    /// The figure itself: micro-dollars, tokens, milliseconds, or a count.
    fn read(self, figures: &Figures) -> i64 {
        match self {
            Self::Cost => figures.micros(Measure::CostSettled),
            _ => self.figures().into_iter().map(|figure| figures.count(figure)).fold(0, i64::saturating_add),
        }
    }

    /// What one posting adds to it; one for figures that count distinct things.
    fn read_posting(self, posting: &Posting) -> i64 {
        match self {
            Self::Cost => Cost::from(&posting.measures).settled,
            Self::Sessions | Self::People => 1,
            _ => {
                let value = |measure: &Measure| (measure.column().get)(posting).to_value().as_integer();
                self.measures().iter().map(value).fold(0, i64::saturating_add)
            }
        }
    }
}

/// What postings can be chosen by besides the filters of every question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in questions.
    pub name: &'static str,
    dimension: Dimension,
}

impl Attribute {
    /// Whether its values are ids of sessions, given as they are filed in the ledger.
    pub fn names_sessions(self) -> bool {
        self.dimension == Dimension::Session
    }
}

const fn attribute(name: &'static str, dimension: Dimension) -> Attribute {
    Attribute { name, dimension }
}

/// Every attribute.
pub const ATTRIBUTES: [Attribute; 11] = [
    attribute("kind", Dimension::Kind),
    attribute("session", Dimension::Session),
    attribute("branch", Dimension::Branch),
    attribute("query_source", Dimension::QuerySource),
    attribute("agent", Dimension::Agent),
    attribute("skill", Dimension::Skill),
    attribute("mcp_server", Dimension::McpServer),
    attribute("tool", Dimension::Subject),
    attribute("outcome", Dimension::Outcome),
    attribute("decided_by", Dimension::DecidedBy),
    attribute("language", Dimension::Language),
];

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// Further conditions: the attribute has one of the values.
    pub conditions: Vec<(Attribute, Vec<String>)>,
    /// The figure.
    pub figure: FigureName,
    /// At most this many postings, and no more than [`MAX_LIMIT`].
    pub limit: usize,
}

/// What a figure is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostingList {
    /// The days.
    pub range: Range,
    /// The figure.
    pub figure: FigureName,
    /// The figure: micro-dollars, tokens, milliseconds, or a count.
    pub total: i64,
    /// How many things its postings are of: requests, calls, commits and the like.
    pub count: i64,
    /// The newest of its postings, newest first.
    pub postings: Vec<PostingRow>,
}

/// One posting of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostingRow {
    /// The instant it belongs to.
    pub at: jiff::Timestamp,
    /// What it counts.
    #[schema(example = "request")]
    pub kind: &'static str,
    /// What it adds to the figure, in the figure's unit.
    pub value: i64,
    /// Session.
    pub session_id: String,
    /// E-mail address or name of who did it.
    pub actor: String,
    /// Team, where told.
    #[schema(required)]
    pub team: Option<String>,
    /// Project, where told.
    #[schema(required)]
    pub project: Option<String>,
    /// Model, where told.
    #[schema(required)]
    pub model: Option<String>,
    /// Tool, event or command that it is about, where told.
    #[schema(required)]
    pub subject: Option<String>,
    /// How it went, where told.
    #[schema(required)]
    pub outcome: Option<String>,
    /// What in the client asked, where told.
    #[schema(required)]
    pub query_source: Option<String>,
    /// Kind of the subagent, for what one did.
    #[schema(required)]
    pub agent: Option<String>,
    /// Its tokens.
    pub tokens: Tokens,
    /// Its cost in micro-dollars.
    pub cost_micros: Cost,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<PostingList, ReportError> {
    let figure = parameters.figure;
    let boundary = store.boundary().await?;
    let mut scope =
        Scope::filtered(&parameters.range, boundary, &parameters.filter).of_kinds(&figure.kinds());
    scope.filter.any_of = figure.measures().to_vec();
    for (attribute, values) in parameters.conditions.iter().filter(|(_, values)| !values.is_empty()) {
        scope.filter.among.push((attribute.dimension, stored(values)));
    }
    let things = Figure::Distinct(Dimension::Item, None);
    let mut figures = figure.figures();
    figures.push(things);
    let whole = scope.total(store, figures).await?;
    let newest = scope.newest(store, parameters.limit.min(MAX_LIMIT)).await?;
    Ok(PostingList {
        range: (&parameters.range).into(),
        figure,
        total: figure.read(&whole),
        count: whole.count(things),
        postings: newest.iter().map(|posting| row(figure, posting)).collect(),
    })
}

fn row(figure: FigureName, posting: &Posting) -> PostingRow {
    PostingRow {
        at: posting.at.to_jiff(),
        kind: posting.kind.as_str(),
        value: figure.read_posting(posting),
        session_id: posting.session.told().to_owned(),
        actor: told(posting.actor.name()),
        team: when_told(&posting.team),
        project: when_told(&posting.project),
        model: when_told(&posting.model),
        subject: when_told(&posting.subject),
        outcome: when_told(&posting.outcome),
        query_source: when_told(&posting.query_source),
        agent: when_told(&posting.agent),
        tokens: (&posting.measures.tokens).into(),
        cost_micros: (&posting.measures).into(),
    }
}
