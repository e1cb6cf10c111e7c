//! Projects, with their worktrees folded in: what each took and gave, and one of them by branch.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join4};
use jiff::civil::Date;
use model::Timestamp;
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store, Value};
use utoipa::ToSchema;

use crate::figures::{COST, Cost, Figures, LINES, Lines, SESSIONS, SESSIONS_SEEN, TOKENS, Tokens, sums_of};
use crate::filter::Filter;
use crate::projects::folding::Folding;
use crate::range::{DateRange, Range};
use crate::scope::{Found, Scope};
use crate::{ReportError, told, when_told};

/// The most projects that are listed, those with the highest settled cost.
pub const MAX_PROJECTS: usize = 1_000;
/// The most branches and the most worktrees of a project that are listed, those with the newest activity.
pub const MAX_BRANCHES: usize = 500;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
}

/// Projects with anything in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectList {
    /// The days.
    pub range: Range,
    /// How many there are.
    pub found: i64,
    /// The highest settled cost first, equal ones by name; at most 1,000.
    pub projects: Vec<ListedProject>,
}

/// One project, over the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedProject {
    /// Its directory; its repository where no directory is told; `unknown` where neither is.
    #[schema(example = "/home/mira/shop")]
    pub project: String,
    /// What records call it: the project itself and what is folded into it, fit for a filter of projects.
    pub members: Vec<String>,
    /// Repositories that its records name, as `owner/name`.
    pub repositories: Vec<String>,
    /// Directories folded into it: its worktrees.
    pub worktrees: Vec<String>,
    /// Branches that were worked on, as far as they are told.
    pub branches: i64,
    /// People with anything in it.
    pub people: i64,
    /// Distinct sessions started or taken up again.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
    /// Settled cost of each day of the range in micro-dollars, oldest first.
    pub daily_cost_micros: Vec<i64>,
}

/// One project by branch and by directory, over the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectParts {
    /// The days.
    pub range: Range,
    /// The project.
    pub project: ListedProject,
    /// Branches, the newest activity first; at most 500.
    pub branches: Vec<BranchRow>,
    /// Directories, the newest activity first; at most 500.
    pub directories: Vec<DirectoryRow>,
}

/// One branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BranchRow {
    /// The branch; null for work of which none is told.
    #[schema(required)]
    pub branch: Option<String>,
    /// Last activity.
    pub last_seen: jiff::Timestamp,
    /// People with anything on it.
    pub people: i64,
    /// Sessions with anything on it.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Lines of code.
    pub lines: Lines,
    /// Commits made.
    pub commits: i64,
    /// Pull requests opened.
    pub pull_requests: i64,
}

/// One directory, or the repository where no directory is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectoryRow {
    /// The directory, as records tell it.
    pub directory: String,
    /// Whether it is folded into the project: one of its worktrees.
    pub is_worktree: bool,
    /// Last activity.
    pub last_seen: jiff::Timestamp,
    /// Sessions with anything in it.
    pub sessions: i64,
    /// Requests to models.
    pub requests: i64,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
}

/// Lists the projects.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<ProjectList, ReportError> {
    let boundary = store.boundary().await?;
    let range = &parameters.range;
    let scope = Scope::filtered(range, boundary, &parameters.filter);
    let folding = Folding::ask(store, boundary).await?;
    let gathered = gather(store, &scope, range, &folding).await?;
    let found = gathered.len();
    let mut projects: Vec<(String, Gathered)> = gathered.into_iter().collect();
    let cost = |gathered: &Gathered| gathered.figures.exact(Figure::Sum(Measure::CostSettled));
    projects.sort_by(|(name, a), (other, b)| cost(b).cmp(&cost(a)).then_with(|| name.cmp(other)));
    projects.truncate(MAX_PROJECTS);
    Ok(ProjectList {
        range: range.into(),
        found: i64::try_from(found).unwrap_or(i64::MAX),
        projects: projects.into_iter().map(|(name, gathered)| gathered.row(name, range)).collect(),
    })
}

/// Tells one project by its parts; `None` when the range has nothing of it.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask_one(
    store: &dyn Store,
    parameters: &Parameters,
    project: &str,
) -> Result<Option<ProjectParts>, ReportError> {
    let boundary = store.boundary().await?;
    let range = &parameters.range;
    let mut scope = Scope::filtered(range, boundary, &parameters.filter);
    let folding = Folding::ask(store, boundary).await?;
    // Conditions are of every project that goes by the name; what is folded elsewhere is sorted out below.
    scope.filter.among.extend(folding.conditions(&[project.to_owned()]));
    let mut gathered = gather(store, &scope, range, &folding).await?;
    let Some(gathered) = gathered.remove(project) else { return Ok(None) };
    let members = gathered.members.iter().map(|member| Value::from(member.as_str())).collect();
    scope.filter.among.push((Dimension::Project, members));
    let row = gathered.row(project.to_owned(), range);
    let (branches, directories) = try_join(branches(store, &scope), directories(store, &scope, &row)).await?;
    Ok(Some(ProjectParts { range: range.into(), branches, directories, project: row }))
}

/// What is gathered of a project.
#[derive(Default)]
struct Gathered {
    members: BTreeSet<String>,
    repositories: BTreeSet<String>,
    worktrees: BTreeSet<String>,
    branches: BTreeSet<String>,
    people: BTreeSet<String>,
    figures: Figures,
    days: BTreeMap<Date, Figures>,
}

impl Gathered {
    fn row(self, project: String, range: &DateRange) -> ListedProject {
        let figures = &self.figures;
        let count = |names: &BTreeSet<String>| i64::try_from(names.len()).unwrap_or(i64::MAX);
        let cost_of = |day: Date| self.days.get(&day).map_or(0, |figures| Cost::from(figures).settled);
        ListedProject {
            project,
            members: self.members.iter().map(|member| told(member)).collect(),
            branches: count(&self.branches),
            people: count(&self.people),
            sessions: figures.count(SESSIONS),
            requests: figures.sum(Measure::Requests),
            tokens: figures.into(),
            cost_micros: figures.into(),
            lines: figures.into(),
            commits: figures.sum(Measure::Commits),
            pull_requests: figures.sum(Measure::PullRequests),
            daily_cost_micros: range.days().map(cost_of).collect(),
            repositories: self.repositories.into_iter().collect(),
            worktrees: self.worktrees.into_iter().collect(),
        }
    }
}

async fn gather(
    store: &dyn Store,
    scope: &Scope,
    range: &DateRange,
    folding: &Folding,
) -> Result<BTreeMap<String, Gathered>, ReportError> {
    let place = || vec![Group::Dimension(Dimension::Project), Group::Dimension(Dimension::Repository)];
    let by = |more: Group| [place(), vec![more]].concat();
    let project_of = |row: &Found| folding.project(row.text(0), row.text(1));
    let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
    // A session is in one place, so counts of places add up. Sessions seen are there for every place, so
    // that none is left out.
    let figures = [sums_of(&[&counts, &TOKENS, &COST, &LINES]), vec![SESSIONS, SESSIONS_SEEN]].concat();
    let (places, people, branches, days) = try_join4(
        scope.rows(store, place(), figures),
        scope.rows(store, by(Group::Dimension(Dimension::ActorName)), vec![SESSIONS_SEEN]),
        scope.rows(store, by(Group::Dimension(Dimension::Branch)), vec![SESSIONS_SEEN]),
        scope.rows(store, by(Group::Time(range.by_day())), sums_of(&[&COST])),
    )
    .await?;
    let mut projects: BTreeMap<String, Gathered> = BTreeMap::new();
    for row in places {
        let project = project_of(&row);
        let gathered = projects.entry(project.clone()).or_default();
        gathered.figures.add(&row.figures);
        gathered.members.insert(row.text(0).to_owned());
        gathered.repositories.extend(when_told(row.text(1)));
        gathered.worktrees.extend(when_told(row.text(0)).filter(|path| *path != project));
    }
    for row in people {
        projects.entry(project_of(&row)).or_default().people.insert(row.text(2).to_owned());
    }
    for row in branches {
        projects.entry(project_of(&row)).or_default().branches.extend(when_told(row.text(2)));
    }
    for row in days {
        let days = &mut projects.entry(project_of(&row)).or_default().days;
        days.entry(range.day_of_bucket(row.integer(2))).or_default().add(&row.figures);
    }
    Ok(projects)
}

async fn branches(store: &dyn Store, scope: &Scope) -> Result<Vec<BranchRow>, ReportError> {
    const PEOPLE: Figure = Figure::Distinct(Dimension::ActorName, None);
    let counts = [Measure::Requests, Measure::Commits, Measure::PullRequests];
    let figures = [vec![Figure::Latest, PEOPLE, SESSIONS_SEEN], sums_of(&[&counts, &COST, &LINES])].concat();
    let by_branch = vec![Group::Dimension(Dimension::Branch)];
    let rows = scope.largest_rows(store, by_branch, figures, Some(MAX_BRANCHES)).await?;
    let row = |row: &Found| BranchRow {
        branch: when_told(row.text(0)),
        last_seen: last_seen(row),
        people: row.figures.count(PEOPLE),
        sessions: row.figures.count(SESSIONS_SEEN),
        requests: row.figures.sum(Measure::Requests),
        cost_micros: (&row.figures).into(),
        lines: (&row.figures).into(),
        commits: row.figures.sum(Measure::Commits),
        pull_requests: row.figures.sum(Measure::PullRequests),
    };
    Ok(rows.iter().map(row).collect())
}

async fn directories(
    store: &dyn Store,
    scope: &Scope,
    project: &ListedProject,
) -> Result<Vec<DirectoryRow>, ReportError> {
    let figures = [vec![Figure::Latest, SESSIONS_SEEN], sums_of(&[&[Measure::Requests], &COST])].concat();
    let by_directory = vec![Group::Dimension(Dimension::Project)];
    let rows = scope.largest_rows(store, by_directory, figures, Some(MAX_BRANCHES)).await?;
    let row = |row: &Found| DirectoryRow {
        directory: told(row.text(0)),
        is_worktree: project.worktrees.iter().any(|worktree| worktree == row.text(0)),
        last_seen: last_seen(row),
        sessions: row.figures.count(SESSIONS_SEEN),
        requests: row.figures.sum(Measure::Requests),
        cost_micros: (&row.figures).into(),
    };
    Ok(rows.iter().map(row).collect())
}

fn last_seen(row: &Found) -> jiff::Timestamp {
    Timestamp::from_micros(row.figures.count(Figure::Latest)).to_jiff()
}
