//! Models, one by one: what `pitwall report models` shows.

use futures::future::try_join3;
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::asked::{Asked, Heading, Opened, RowOrder, arrange};
use crate::figures::{Cost, ModelFigures, Tokens, share};
use crate::period::PeriodFigures;
use crate::{ReportError, sessions, spending};

/// Models with anything in the range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelReport {
    /// What it is about.
    #[serde(flatten)]
    pub heading: Heading,
    /// The model with the highest settled cost first, unless asked otherwise.
    pub rows: Vec<ModelUsage>,
    /// The whole range, rows beyond the limit included.
    pub totals: PeriodFigures,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelUsage {
    /// Model id, or `unknown` where the source did not tell.
    #[schema(example = "claude-opus-5-5")]
    pub model: String,
    /// Requests.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Its part of the settled cost, 0 to 1; null when nothing cost anything.
    #[schema(required)]
    pub cost_share: Option<f64>,
    /// Whether the price book has a price for all of its tokens.
    pub priced: bool,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::EndBeforeStart`], [`ReportError::RangeTooLong`] and [`ReportError::Store`].
pub async fn ask(store: &dyn Store, asked: &Asked) -> Result<ModelReport, ReportError> {
    let Some(opened) = Opened::new(store, asked).await? else {
        let heading = Heading::new(asked, None);
        return Ok(ModelReport { heading, rows: Vec::new(), totals: PeriodFigures::default() });
    };
    let (models, all, sessions) = try_join3(
        spending::by(store, &opened, Vec::new(), |_| (), |_| ()),
        opened.scope.total(store, PeriodFigures::sums()),
        sessions::count(store, &opened),
    )
    .await?;
    let models = spending::total(&models);
    let totals = PeriodFigures::new(&all, sessions, &models);
    let all = i128::from(totals.cost_micros.settled);
    let row = |(figures, priced): (ModelFigures, bool)| ModelUsage {
        cost_share: share(i128::from(figures.cost_micros.settled), all),
        model: figures.model,
        requests: figures.requests,
        tokens: figures.tokens,
        cost_micros: figures.cost_micros,
        priced,
    };
    let rows = models.by_cost().into_iter().map(row).collect();
    Ok(ModelReport { heading: opened.heading(), rows: arrange(rows, asked, RowOrder::Descending), totals })
}
