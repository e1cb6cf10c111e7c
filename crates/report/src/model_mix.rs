//! Models: which did how much, what a request cost and how long it took, and how often it failed.

use std::collections::BTreeMap;

use futures::future::{try_join, try_join3};
use jiff::civil::Date;
use model::{Kind, Timestamp};
use serde::Serialize;
use store::{Dimension, Figure, Group, Measure, Store};
use utoipa::ToSchema;

use crate::figures::{Cost, Figures, ModelFigures, SPENDING, Spread, Tokens, quotient, share};
use crate::filter::Filter;
use crate::models::ModelSums;
use crate::range::{DateRange, Range};
use crate::scope::Scope;
use crate::{ReportError, told};

/// How the client counts a request that it gave up on after several tries.
const GAVE_UP: &str = "api_retries_exhausted";
/// Most kinds of error that are listed.
const MAX_ERRORS: usize = 50;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The days.
    pub range: DateRange,
    /// Which part of the ledger.
    pub filter: Filter,
    /// The current time, which tells complete days from running ones.
    pub now: Timestamp,
}

/// Models over a range of days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelMix {
    /// The days.
    pub range: Range,
    /// Models by settled cost, most first.
    pub models: Vec<ModelUse>,
    /// All models together.
    pub all: ModelUse,
    /// Each day of the range, oldest first.
    pub days: Vec<ModelDay>,
    /// What went wrong, most often first.
    pub errors: Vec<ModelError>,
}

/// One model over the range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelUse {
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// Requests that were answered.
    pub requests: i64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in micro-dollars.
    pub cost_micros: Cost,
    /// Whether the price book has a price for all of its tokens.
    pub priced: bool,
    /// Settled cost of all models' settled cost, 0 to 1; null when there is none.
    #[schema(required)]
    pub cost_share: Option<f64>,
    /// Requests of all models' requests; null when there are none.
    #[schema(required)]
    pub request_share: Option<f64>,
    /// Settled cost of one request on average, in micro-dollars; of requests alone, without what only running
    /// totals know.
    #[schema(required)]
    pub cost_per_request: Option<i64>,
    /// Output tokens of one request on average.
    #[schema(required)]
    pub output_per_request: Option<i64>,
    /// Tokens read from the cache of all tokens sent, 0 to 1.
    #[schema(required)]
    pub cache_hit_rate: Option<f64>,
    /// Milliseconds from request to end of answer.
    pub duration_ms: Spread,
    /// Milliseconds to the first token.
    pub first_token_ms: Spread,
    /// Requests that failed for good.
    pub errors: i64,
    /// Requests that failed of all requests, answered or not; null when there were none.
    #[schema(required)]
    pub error_rate: Option<f64>,
    /// Requests that the client gave up on after several tries.
    pub gave_up: i64,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelDay {
    /// The day.
    pub date: Date,
    /// Whether it is over.
    pub complete: bool,
    /// Models by settled cost, most first.
    pub models: Vec<ModelFigures>,
    /// Milliseconds from request to end of answer, of all models together.
    pub duration_ms: Spread,
    /// Requests that failed for good.
    pub errors: i64,
}

/// A kind of error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelError {
    /// Model id, or `unknown` where the source did not tell.
    pub model: String,
    /// HTTP status, where told.
    #[schema(required)]
    pub status: Option<String>,
    /// What the client says went wrong, where it does.
    #[schema(required)]
    pub error: Option<String>,
    /// How often.
    pub count: i64,
}

/// Answers the question.
///
/// # Errors
/// [`ReportError::Store`].
pub async fn ask(store: &dyn Store, parameters: &Parameters) -> Result<ModelMix, ReportError> {
    let Parameters { range, filter, .. } = parameters;
    let scope = Scope::filtered(range, store.boundary().await?, filter);
    let (asked, measured, errors) = try_join3(
        Asked::ask(store, &scope, range),
        MeasuredDays::ask(store, &scope, range),
        errors(store, &scope),
    )
    .await?;
    let names = asked.spending.by_cost();
    let whole = asked.spending.total();
    let row = |(figures, priced): (ModelFigures, bool)| asked.row(&figures.model, &whole, priced);
    Ok(ModelMix {
        range: range.into(),
        models: names.into_iter().map(row).collect(),
        all: asked.all(&whole),
        days: days(parameters, &asked, &measured),
        errors,
    })
}

/// What the store was asked, by model.
struct Asked {
    spending: ModelSums,
    sums: BTreeMap<String, Figures>,
    /// Of requests alone: their cost, their number, and how long they took.
    requests: BTreeMap<String, Figures>,
    /// The same of all models together.
    all_requests: Figures,
    by_day: BTreeMap<Date, ModelSums>,
    errors: BTreeMap<String, i64>,
    gave_up: BTreeMap<String, i64>,
}

fn request_figures() -> Vec<Figure> {
    let mut figures =
        vec![Figure::Sum(Measure::CostSettled), Figure::Sum(Measure::Requests), Figure::Sum(Measure::Output)];
    figures.extend(Spread::figures(Measure::Duration));
    figures.extend(Spread::figures(Measure::TimeToFirstToken));
    figures
}

impl Asked {
    async fn ask(store: &dyn Store, scope: &Scope, range: &DateRange) -> Result<Self, ReportError> {
        let by_model = || vec![Group::Dimension(Dimension::Model)];
        let day_and_model = vec![Group::Time(range.by_day()), Group::Dimension(Dimension::Model)];
        let mut asked = Self {
            spending: ModelSums::default(),
            sums: BTreeMap::new(),
            requests: BTreeMap::new(),
            all_requests: Figures::default(),
            by_day: BTreeMap::new(),
            errors: BTreeMap::new(),
            gave_up: BTreeMap::new(),
        };
        let requests = scope.of_kinds(&[Kind::Request]);
        let errors = scope.of_kinds(&[Kind::ApiError]);
        let spending = scope.of_kinds(&SPENDING);
        let ((spent, requests_by_model, all_requests), (errors, gave_up)) = try_join(
            try_join3(
                spending.rows(store, day_and_model, ModelSums::figures()),
                requests.rows(store, by_model(), request_figures()),
                requests.total(store, request_figures()),
            ),
            try_join(
                errors.rows(store, by_model(), vec![Figure::Sum(Measure::ApiErrors)]),
                gave_up(store, scope),
            ),
        )
        .await?;
        for row in spent {
            let day = range.day_of_bucket(row.integer(0));
            asked.by_day.entry(day).or_default().add(row.text(1), &row.figures);
            asked.spending.add(row.text(1), &row.figures);
            asked.sums.entry(told(row.text(1))).or_default().add(&row.figures);
        }
        for row in requests_by_model {
            asked.requests.insert(told(row.text(0)), row.figures);
        }
        for row in errors {
            asked.errors.insert(told(row.text(0)), row.figures.sum(Measure::ApiErrors));
        }
        asked.all_requests = all_requests;
        asked.gave_up = gave_up;
        Ok(asked)
    }

    fn row(&self, model: &str, whole: &Figures, priced: bool) -> ModelUse {
        let nothing = Figures::default();
        let sums = self.sums.get(model).unwrap_or(&nothing);
        let requests = self.requests.get(model).unwrap_or(&nothing);
        let errors = self.errors.get(model).copied().unwrap_or(0);
        let gave_up = self.gave_up.get(model).copied().unwrap_or(0);
        use_of(model, sums, requests, whole, Failures { errors, gave_up }, priced)
    }

    fn all(&self, whole: &Figures) -> ModelUse {
        let errors = self.errors.values().sum();
        let gave_up = self.gave_up.values().sum();
        let priced = self.spending.unpriced().is_empty();
        use_of("all", whole, &self.all_requests, whole, Failures { errors, gave_up }, priced)
    }
}

struct Failures {
    errors: i64,
    gave_up: i64,
}

fn use_of(
    model: &str,
    sums: &Figures,
    requests: &Figures,
    whole: &Figures,
    Failures { errors, gave_up }: Failures,
    priced: bool,
) -> ModelUse {
    const PICOS_PER_MICRO: i64 = model::Money::PICOS_PER_MICRO;
    let exact = |figures: &Figures, measure| figures.exact(Figure::Sum(measure));
    let answered = sums.sum(Measure::Requests);
    let read = exact(sums, Measure::CacheRead);
    let sent = exact(sums, Measure::Input) + read + exact(sums, Measure::CacheCreation);
    ModelUse {
        model: model.to_owned(),
        requests: answered,
        tokens: sums.into(),
        cost_micros: sums.into(),
        priced,
        cost_share: share(exact(sums, Measure::CostSettled), exact(whole, Measure::CostSettled)),
        request_share: share(answered.into(), exact(whole, Measure::Requests)),
        cost_per_request: quotient(
            exact(requests, Measure::CostSettled),
            answered.saturating_mul(PICOS_PER_MICRO),
        ),
        output_per_request: quotient(exact(requests, Measure::Output), answered),
        cache_hit_rate: share(read, sent),
        duration_ms: Spread::new(requests, Measure::Duration),
        first_token_ms: Spread::new(requests, Measure::TimeToFirstToken),
        errors,
        error_rate: share(errors.into(), answered.saturating_add(errors).into()),
        gave_up,
    }
}

/// Requests given up on, by model; the client tells them by name, and the model as what they were about.
async fn gave_up(store: &dyn Store, scope: &Scope) -> Result<BTreeMap<String, i64>, ReportError> {
    let mut occurrences = scope.of_kinds(&[Kind::Occurrence]);
    occurrences.filter.among.push((Dimension::Subject, vec![GAVE_UP.into()]));
    let group_by = vec![Group::Dimension(Dimension::Agent)];
    let rows = occurrences.rows(store, group_by, vec![Figure::Sum(Measure::Occurrences)]).await?;
    let count = |row: &crate::scope::Found| {
        (told(model::displayed_model(row.text(0)).as_str()), row.figures.sum(Measure::Occurrences))
    };
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (name, times) in rows.iter().map(count) {
        *counts.entry(name).or_default() += times;
    }
    Ok(counts)
}

/// What each day shows beside its models.
struct MeasuredDays {
    latency: BTreeMap<Date, Figures>,
    errors: BTreeMap<Date, Figures>,
}

impl MeasuredDays {
    async fn ask(store: &dyn Store, scope: &Scope, range: &DateRange) -> Result<Self, ReportError> {
        let [requests, failed] = [Kind::Request, Kind::ApiError].map(|kind| scope.of_kinds(&[kind]));
        let (latency, errors) = try_join(
            requests.by_day(store, range, Spread::figures(Measure::Duration).to_vec()),
            failed.by_day(store, range, vec![Figure::Sum(Measure::ApiErrors)]),
        )
        .await?;
        Ok(Self { latency, errors })
    }
}

fn days(parameters: &Parameters, asked: &Asked, measured: &MeasuredDays) -> Vec<ModelDay> {
    let range = &parameters.range;
    let nothing = Figures::default();
    let day = |date: Date| ModelDay {
        date,
        complete: range.is_complete(date, parameters.now),
        models: asked.by_day.get(&date).map(ModelSums::rows).unwrap_or_default(),
        duration_ms: Spread::new(measured.latency.get(&date).unwrap_or(&nothing), Measure::Duration),
        errors: measured.errors.get(&date).map_or(0, |figures| figures.sum(Measure::ApiErrors)),
    };
    range.days().map(day).collect()
}

async fn errors(store: &dyn Store, scope: &Scope) -> Result<Vec<ModelError>, ReportError> {
    let group_by = [Dimension::Model, Dimension::Subject, Dimension::Outcome].map(Group::Dimension).to_vec();
    let figures = vec![Figure::Sum(Measure::ApiErrors)];
    let rows =
        scope.of_kinds(&[Kind::ApiError]).largest_rows(store, group_by, figures, Some(MAX_ERRORS)).await?;
    let error = |row: &crate::scope::Found| ModelError {
        model: told(row.text(0)),
        status: crate::when_told(row.text(1)),
        error: crate::when_told(row.text(2)),
        count: row.figures.sum(Measure::ApiErrors),
    };
    Ok(rows.iter().map(error).collect())
}
