//! Projects, with their worktrees folded in: what `pitwall report projects` shows.

pub(crate) mod folding;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join3};
use serde::{Deserialize, Serialize};
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::Figures;
use crate::models::ModelSums;
use crate::period::PeriodFigures;
use crate::scope::Found;
use crate::{ReportError, sessions, spending};
use folding::Folding;

/// Projects with anything in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectReport {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// The project with the highest settled cost first, unless asked otherwise.
    pub rows: Vec<ProjectUsage>,
    /// The whole range, rows beyond the limit included.
    pub totals: PeriodFigures,
}

/// One project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectUsage {
    /// Its directory; its repository where no directory is told; `unknown` where neither is.
    #[schema(example = "/home/mira/shop")]
    pub project: String,
    /// Repositories that its records name, as `owner/name`.
    pub repositories: Vec<String>,
    /// Directories folded into it: its worktrees.
    pub worktrees: Vec<String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: PeriodFigures,
}

/// What is gathered of a project.
#[derive(Default)]
struct Gathered {
    repositories: BTreeSet<String>,
    worktrees: BTreeSet<String>,
    figures: Figures,
    sessions: i64,
    models: ModelSums,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, asked: &Asked) -> Result<ProjectReport, ReportError> {
    let Some(opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(ProjectReport { heading, rows: Vec::new(), totals: PeriodFigures::default() });
    };
    let (projects, sessions) = try_join(gather(store, &opened), sessions::count(store, &opened)).await?;
    let (mut figures, mut models) = (Figures::default(), ModelSums::default());
    for gathered in projects.values() {
        figures.add(&gathered.figures);
        models.add_all(&gathered.models);
    }
    let totals = PeriodFigures::new(&figures, sessions, &models);
    let mut projects: Vec<(String, Gathered)> = projects.into_iter().collect();
    let cost = |gathered: &Gathered| gathered.figures.exact(Figure::Sum(Measure::CostSettled));
    projects.sort_by(|(name, a), (other, b)| cost(b).cmp(&cost(a)).then_with(|| name.cmp(other)));
    let row = |(project, gathered): (String, Gathered)| ProjectUsage {
        project,
        repositories: gathered.repositories.into_iter().collect(),
        worktrees: gathered.worktrees.into_iter().collect(),
        figures: PeriodFigures::new(&gathered.figures, gathered.sessions, &gathered.models),
    };
    let rows = projects.into_iter().map(row).collect();
    Ok(ProjectReport { heading: opened.heading(), rows: arrange(rows, asked, RowOrder::Descending), totals })
}

async fn gather(store: &dyn Store, opened: &Opened<'_>) -> Result<BTreeMap<String, Gathered>, ReportError> {
    let folding = Folding::ask(store, opened.scope.as_of).await?;
    let by_place = || vec![Group::Dimension(Dimension::Project), Group::Dimension(Dimension::Repository)];
    let sessions = opened.sessions();
    let project_of = |row: &Found| folding.project(row.text(0), row.text(1));
    let (places, places_of_sessions, models) = try_join3(
        opened.scope.rows(store, by_place(), PeriodFigures::sums()),
        opened.sessions_scope().rows(store, by_place(), vec![sessions]),
        spending::by(store, opened, by_place(), project_of, |posting| {
            folding.project(&posting.project, &posting.repository)
        }),
    )
    .await?;
    let mut projects: BTreeMap<String, Gathered> = BTreeMap::new();
    for row in places {
        let project = project_of(&row);
        let (path, repository) = (row.text(0).to_owned(), row.text(1).to_owned());
        let gathered = projects.entry(project.clone()).or_default();
        gathered.figures.add(&row.figures);
        if !repository.is_empty() {
            gathered.repositories.insert(repository);
        }
        if !path.is_empty() && path != project {
            gathered.worktrees.insert(path);
        }
    }
    // A session is in one place, so counts of places add up.
    for row in places_of_sessions {
        projects.entry(project_of(&row)).or_default().sessions += row.figures.count(sessions);
    }
    for (project, models) in models {
        projects.entry(project).or_default().models = models;
    }
    Ok(projects)
}
